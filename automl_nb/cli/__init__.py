"""The command line: ``automl-nb fit reviews.csv --label sentiment --out model``.

| file | what it does |
|---|---|
| `entry` | from the typed words to a command, its errors and its exit status |
| `commands` | what each command understands, and does |
| `demo` | the whole way on embedded data, as an executed notebook |
| `tables` | data frames to files and to the terminal |
| `interrupts` | what is said to a Ctrl-C |

It imports only `automl_nb.api`, and that when a command first needs it, and `automl_nb.core`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from automl_nb.cli.interrupts import INTERRUPTED, beginning, tell_interrupt

__all__ = ["main", "script"]


def script() -> NoReturn:
    """Run the command of the process, and end the process with its exit status."""
    status = main()
    if status == INTERRUPTED:
        # The run's thread may still be inside a library. Python's own way out would end
        # that thread there, and a C++ library answers that by aborting the process.
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status."""
    try:
        with beginning():
            from automl_nb.cli import entry
        return entry.main(argv)
    except KeyboardInterrupt as error:
        return tell_interrupt(error)
