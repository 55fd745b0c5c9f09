"""The words of the command `space`, and of a search written as lines, for all front ends alike."""

from __future__ import annotations

import argparse

from automl_nb.core.errors import SettingError
from automl_nb.core.parser import Parser


def space_words(parser: Parser) -> None:
    """Which strategy, and the ranges that are asked for."""
    parser.add_argument("strategy", metavar="STRATEGY", help="such as svm")
    parser.add_argument("--search", metavar="NAME=RANGE,..", help="other ranges than the usual")
    parser.add_argument("--loss", metavar="NAME", help="of networks: it may have settings too")


def space_asked(args: argparse.Namespace) -> dict[str, str]:
    """The arguments of `automl_nb.space`.

    Example:
        >>> parser = Parser("space")
        >>> space_words(parser)
        >>> sorted(space_asked(parser.parse(["svm", "--search", "C=1..2"])).items())
        [('search', 'C=1..2'), ('strategy', 'svm')]
    """
    return {name: str(value) for name, value in vars(args).items() if name != "output"}


def search_of(body: str) -> str:
    r"""Ranges that are written one a line, as `--search` has them; ``#`` begins a remark.

    Raises:
        SettingError: A line has no ``=``.

    Example:
        >>> search_of("C = 0.1 .. 10  # of svm\n\nk = 3..9")
        'C=0.1..10,k=3..9'
    """
    lines = [line.partition("#")[0].strip() for line in body.splitlines()]
    for line in filter(None, lines):
        if "=" not in line:
            raise SettingError(
                "Below '%%automl fit DATA' stand settings to search, one a line; "
                "below '%%automl fit URL' a query.",
                received=line,
                hint="Such as: C = 0.1..10",
            )
    return ",".join("".join(line.split()) for line in lines if line)
