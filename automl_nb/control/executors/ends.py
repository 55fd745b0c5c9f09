"""In words, why a process ended that wasn't asked to."""

from __future__ import annotations

import signal

from automl_nb.core.errors import TrialError

_CRASHES = {
    "SIGSEGV": "a segmentation fault",
    "SIGBUS": "a bus error",
    "SIGFPE": "an arithmetic fault",
    "SIGILL": "an illegal instruction",
    "SIGABRT": "an abort",
}

# Some libraries end the process where they get no memory, and say so.
_MEMORY = ("memory alloc", "bad_alloc", "out of memory", "allocate memory")


class KilledError(MemoryError):
    """A process ended for lack of memory: by itself, or killed from outside."""


def ended_by(code: int, last_words: str = "") -> Exception:
    """The error that tells how a process ended.

    Args:
        code: Its exit code; below zero the signal, as `subprocess` gives it.
        last_words: What it wrote last, or "".

    Example:
        >>> str(ended_by(-11)), str(ended_by(3))
        ('Its process crashed by a segmentation fault.', 'Its process ended itself with code 3.')
    """
    said = f" It wrote: {last_words}" if last_words else ""
    if any(sign in last_words.casefold() for sign in _MEMORY):
        return KilledError(f"Its process ended for lack of memory.{said}")
    if code >= 0:
        return TrialError(f"Its process ended itself with code {code}.{said}")
    name = _signal(-code)
    if name == "SIGKILL":
        return KilledError(
            "Its process was killed from outside, as the system does when memory runs out."
        )
    if name in _CRASHES:
        return TrialError(f"Its process crashed by {_CRASHES[name]}.{said}")
    return TrialError(f"Its process was ended from outside ({name}).")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
