"""Ctrl-C while a command is still being loaded: one line says so, and that nothing was begun.

It imports next to nothing, as an interrupt may come during any import.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130  # the exit status, as shells expect it


class NothingBegun(KeyboardInterrupt):
    """An interrupt before a command did anything."""


@contextmanager
def beginning() -> Iterator[None]:
    """Nothing is begun inside: imports, and checks of what was asked for."""
    try:
        yield
    except KeyboardInterrupt:
        raise NothingBegun from None


def tell_interrupt(error: KeyboardInterrupt) -> int:
    """Say it; gives the exit status."""
    when = " before anything was begun" if isinstance(error, NothingBegun) else ""
    sys.stderr.write(f"automl-nb: Interrupted{when}.\n")
    return INTERRUPTED
