"""From the typed words to a command, its errors and its exit status.

Results go to standard output, complaints to standard error as two plain lines.
The exit status is 0 when all went well; 1 when the words were understood and it failed, as there is
no such run, file or column, or a run that is over can't be paused, stopped or extended; 2 when the
words themselves can't work; 130 after an interrupt (a first Ctrl-C still keeps the best model).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from automl_nb import __version__
from automl_nb.cli.commands import COMMANDS, DONE
from automl_nb.cli.tables import out
from automl_nb.core.errors import AutoMLError, SettingError, UnknownNameError
from automl_nb.core.options import as_typed
from automl_nb.core.parser import Parser
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip

FAILED, MISUSED = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status. An interrupt goes to the caller."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a sign shows another one
            stream.reconfigure(errors="replace")
    whole = "--traceback" in words
    try:
        return _dispatch([word for word in words if word != "--traceback"])
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  (for the flush at the end)
        return DONE
    except Exception as error:  # noqa: BLE001  (the last place that can tell the person)
        if whole:
            traceback.print_exception(error)
        complain(error)
        return MISUSED if isinstance(error, SettingError) else FAILED


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help", "help"}:
        out(overview())
        return DONE
    if words[0] == "--version":
        out(f"automl_nb {__version__}")
        return DONE
    verb, *rest = words
    if verb not in COMMANDS:
        raise UnknownNameError("command", verb, COMMANDS, hint="See: automl-nb --help")
    command = COMMANDS[verb]
    parser = Parser(f"automl-nb {verb}", command.summary)
    command.fill(parser)
    if {"-h", "--help"} & set(rest):
        out(parser.format_help())
        return DONE
    return command.run(parser.parse(rest))


def complain(error: Exception) -> None:
    """Say what went wrong in two plain lines."""
    if isinstance(error, AutoMLError):
        received = "" if error.received is None else f" Received: {error.received}."
        hint = as_typed(error.hint).replace("%automl ", "automl-nb ")
        lines = [f"{error.rule}{received}", hint]
    elif isinstance(error, OSError) and error.filename is not None:
        lines = [
            f"{error.strerror}: {error.filename}",
            "Choose another place, or change the permissions of this one.",
        ]
    else:
        lines = [f"{type(error).__name__}: {clip(str(error), 300)}", say("unexpected.cli")]
    for line in lines:
        if line:
            sys.stderr.write(f"automl-nb: {line}\n")


def overview() -> str:
    """All commands, a line each."""
    lines = [f"  automl-nb {made.name:<10} {made.summary}" for made in COMMANDS.values()]
    example = "automl-nb fit reviews.csv --label sentiment --time 3m --out model"
    head = "Train models by transfer learning.\n"
    rest = (
        f"\nFor example:\n  {example}\nOptions of one: automl-nb fit -h"
        "\nWays to train, and what --params may set of each: automl-nb list strategies"
        "\nExit status: 0 done; 1 it failed; 2 the command can't work as it is typed; "
        "130 interrupted"
    )
    return "\n".join([head, *lines, rest])
