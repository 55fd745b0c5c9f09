"""The words of the command `cache`, for magics and command line alike."""

from __future__ import annotations

import argparse

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.parser import Parser

ACTIONS = ("list", "trim", "clear")


def cache_words(parser: Parser) -> None:
    """What to do with the cache, and the size that it is trimmed to."""
    parser.add_argument("action", metavar="ACTION", nargs="?", help="list, trim --to SIZE or clear")
    parser.add_argument("--to", metavar="SIZE", help="what is left at most, such as 2GB")


def cache_action(args: argparse.Namespace) -> tuple[str, str]:
    """The action and its size; listing without a word.

    Raises:
        UnknownNameError: There is no such action.
        SettingError: Trimming lacks its size, or another action has one.

    Example:
        >>> parser = Parser("cache")
        >>> cache_words(parser)
        >>> cache_action(parser.parse(["trim", "--to", "2GB"])), cache_action(parser.parse([]))
        (('trim', '2GB'), ('list', ''))
    """
    action, to = str(getattr(args, "action", "list")), str(getattr(args, "to", ""))
    if action not in ACTIONS:
        raise UnknownNameError("action on the cache", action, ACTIONS)
    if (action == "trim") != bool(to):
        raise SettingError(
            "The cache is trimmed to a size; list and clear take none.",
            received=" ".join(filter(None, (action, to))),
            hint="Write: cache trim --to 2GB",
        )
    return action, to
