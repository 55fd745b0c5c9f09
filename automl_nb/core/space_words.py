"""The words of the command `space`, for magics and command line alike."""

from __future__ import annotations

import argparse

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
