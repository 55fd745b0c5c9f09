"""Lines that are too long, broken inside their brackets as formatters do."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field

from automl_nb.report.code.layout import WIDTH

_OPENS, _CLOSES = "([{", ")]}"


def folded(script: str) -> str:
    """The script with no line that is too long and can be broken.

    Args:
        script: Python that compiles. One long word stays as it is, and so do comments.

    Example:
        >>> print(folded(f"total = added({'a' * 40}, {'b' * 44})").replace("a" * 39, ""))
        total = added(
            a, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        )
    """
    lines = script.splitlines()
    place = 0
    while place < len(lines):
        broken = _broken(lines[place], _seen(lines, place)) if len(lines[place]) > WIDTH else []
        if broken:
            lines[place : place + 1] = broken  # whose parts may still be too long
        else:
            place += 1
    return "\n".join(lines) + "\n" * script.endswith("\n")


@dataclass
class _Seen:
    """What isn't part of a text in a line.

    Attributes:
        enclosed: Whether it begins within brackets.
        commas: Columns of those that lie in none of the line's own brackets.
        pairs: Columns of its outermost brackets.
        whole: Whether its commas part it: nothing is closed that isn't opened, no comment
            follows, and no `for` or `lambda` has the commas for itself.
    """

    enclosed: bool = False
    commas: list[int] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    whole: bool = True


def _seen(lines: Sequence[str], place: int) -> _Seen:
    seen, depth = _Seen(), 0
    opened: list[int] = []
    script = io.StringIO("\n".join(lines))
    for token in tokenize.generate_tokens(script.readline):
        row, column = token.start
        if row > place + 1:
            break
        sign = token.string if token.type == tokenize.OP else ""
        if row <= place:
            depth += (sign != "" and sign in _OPENS) - (sign != "" and sign in _CLOSES)
            seen.enclosed = depth > 0
        elif token.type == tokenize.COMMENT or (sign and sign in _CLOSES and not opened):
            return _Seen(whole=False)
        elif sign and sign in _OPENS:
            opened.append(column)
        elif sign and sign in _CLOSES:
            start = opened.pop()
            seen.pairs += [(start, column)] if not opened else []
        elif not opened:
            seen.commas += [column] if sign == "," else []
            seen.whole &= token.string not in {"for", "lambda"}
    return seen


def _broken(line: str, seen: _Seen) -> list[str]:
    """At the commas of what brackets enclose already, else inside its longest brackets."""
    indent = line[: len(line) - len(line.lstrip())]
    between = zip([0, *seen.commas], [*seen.commas, len(line)], strict=True)
    parts = [part for a, b in between if (part := line[a:b].strip(", "))]
    if seen.enclosed and seen.whole and len(parts) > 1:
        return [f"{indent}{part}," for part in parts]
    filled = [(a, b) for a, b in seen.pairs if line[a + 1 : b].strip()]
    if not filled:
        return []
    a, b = max(filled, key=lambda pair: pair[1] - pair[0])
    return [line[: a + 1], f"{indent}    {line[a + 1 : b].strip()}", f"{indent}{line[b:]}"]
