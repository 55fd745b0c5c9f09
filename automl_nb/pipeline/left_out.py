"""What there was no time for, told once and by name."""

from __future__ import annotations

from collections.abc import Mapping

from automl_nb.core.trials import TooSlow


def in_words(needs: Mapping[str, float], left_s: float) -> str:
    """A sentence on all of them.

    Args:
        needs: What is left out, with the seconds that it would take at least; 0 if nobody knows.
        left_s: Seconds that are left.

    Example:
        >>> in_words({"net: lora": 20.0}, 3.0)
        'net: lora is left out: it would take 20 s and 3.0 s are left.'
        >>> in_words({"net: bss": 26.0, "net: l2-sp": 20.0, "net: wise-ft": 0.0}, 3.0)
        'net: bss, l2-sp and wise-ft are left out: each would take 20 s or more and 3.0 s are left.'
    """
    known = [seconds for seconds in needs.values() if seconds > 0]
    why = str(TooSlow(min(known), left_s)) if known else "no time is left"
    names = [*needs]
    if len(names) == 1:
        return f"{names[0]} is left out: {why}."
    why = why.replace("it would take", "each would take").replace(" and", " or more and", 1)
    lead = {name.rpartition(": ")[0] for name in names}
    if len(lead) == 1 and "" not in lead:
        names = [names[0], *(name.rpartition(": ")[2] for name in names[1:])]
    return f"{', '.join(names[:-1])} and {names[-1]} are left out: {why}."


def reasons(why: Mapping[str, str]) -> str:
    """Names by the reason that they share.

    Example:
        >>> reasons({"bss": "too slow", "lora": "no such layers", "delta": "too slow"})
        'bss, delta (too slow); lora (no such layers)'
    """
    named: dict[str, list[str]] = {}
    for name, reason in why.items():
        named.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in named.items())
