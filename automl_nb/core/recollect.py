"""The words of the command `memory`, for magics and command line alike."""

from __future__ import annotations

import argparse

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.parser import Parser

ACTIONS = ("list", "export", "wipe")


def memory_words(parser: Parser) -> None:
    """What to do with the memory, and the file of an export."""
    parser.add_argument("action", metavar="ACTION", nargs="?", help="list, export PATH or wipe")
    parser.add_argument("path", metavar="PATH", nargs="?", help="the JSON file of an export")


def memory_action(args: argparse.Namespace) -> tuple[str, str]:
    """The action and its path; listing without a word.

    Raises:
        UnknownNameError: There is no such action.
        SettingError: An export lacks its file, or another action has one.

    Example:
        >>> parser = Parser("memory")
        >>> memory_words(parser)
        >>> memory_action(parser.parse(["export", "tasks.json"])), memory_action(parser.parse([]))
        (('export', 'tasks.json'), ('list', ''))
    """
    action, path = str(getattr(args, "action", "list")), str(getattr(args, "path", ""))
    if action not in ACTIONS:
        raise UnknownNameError("action on the memory", action, ACTIONS)
    if (action == "export") != bool(path):
        raise SettingError(
            "The memory is exported to a file; list and wipe take none.",
            received=" ".join(filter(None, (action, path))),
            hint="Write: memory export tasks.json",
        )
    return action, path
