"""In words, why a process ended that wasn't asked to."""

from __future__ import annotations

import signal

from automl_nb.core.errors import TrialError
from automl_nb.core.show.words import count

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
    """A process ended for lack of memory: by itself, or killed from outside.

    Attributes:
        sure: Whether that is known. What is killed from outside, nobody knows why, is taken for it,
            so that something smaller comes next, but isn't told as it.
    """

    def __init__(self, told: str, *, sure: bool = True) -> None:
        super().__init__(told)
        self.sure = sure


def ended_by(code: int, last_words: str = "", *, ended_for_memory: int | None = None) -> Exception:
    """The error that tells how a process ended.

    Args:
        code: Its exit code; below zero the signal, as `subprocess` gives it.
        last_words: What it wrote last, or "".
        ended_for_memory: How many processes the system has ended meanwhile for lack of memory,
            see `automl_nb.control.memory.ended_for_memory`; None where it doesn't tell.

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
        return _killed(ended_for_memory)
    if name in _CRASHES:
        return TrialError(f"Its process crashed by {_CRASHES[name]}.{said}")
    return TrialError(f"Its process was ended from outside ({name}).")


def _killed(ended_for_memory: int | None) -> KilledError:
    """Killed by signal 9, of which no process can say why."""
    if ended_for_memory:
        return KilledError(
            "Its process was killed from outside (signal 9), and the system has ended "
            f"{count(ended_for_memory, 'process', 'processes')} meanwhile for lack of memory."
        )
    told = (
        "Its process was killed from outside (signal 9): often, but not always, for lack of memory."
    )
    if ended_for_memory == 0:
        told += " The system itself has ended none for that meanwhile."
    return KilledError(told, sure=False)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
