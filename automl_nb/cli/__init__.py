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

from collections.abc import Sequence

from automl_nb.cli.interrupts import beginning, tell_interrupt

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status."""
    try:
        with beginning():
            from automl_nb.cli import entry
        return entry.main(argv)
    except KeyboardInterrupt as error:
        return tell_interrupt(error)
