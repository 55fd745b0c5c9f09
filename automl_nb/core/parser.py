"""argparse whose complaints are our own errors, for magics and command line alike."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from automl_nb.core.errors import SettingError, UnknownNameError


class Parser(argparse.ArgumentParser):
    """Raises `SettingError` instead of ending the process.

    What wasn't given is absent from the result, so that the engine's own defaults
    hold. A value may start with a dash (``--time -3m``), so that the engine can say
    what is wrong with it.

    Example:
        >>> parser = Parser("fit")
        >>> _ = parser.add_argument("data")
        >>> _ = parser.add_argument("--label")
        >>> parser.parse(["reviews", "--lable", "y"])
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.UnknownNameError: There is no option of this name. ...
    """

    def __init__(self, prog: str, description: str = "", epilog: str = "") -> None:
        super().__init__(
            prog,
            description=description,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The options in these words.

        Raises:
            SettingError: An option is unknown, lacks its value, or a word is too many.
        """
        known, rest = self.parse_known_intermixed_args(self._bind_values(words))
        for word in rest:
            if word.startswith("-"):
                raise UnknownNameError(
                    "option",
                    word.split("=")[0],
                    self.flags,
                    hint=f"See: {self.prog} -h",
                )
            raise SettingError(
                f"'{self.prog}' takes no further word here.",
                received=str(word),
                hint=f"Put names with spaces in quotes. See: {self.prog} -h",
            )
        return known

    @property
    def flags(self) -> list[str]:
        """Every option that the parser knows."""
        return list(self._option_string_actions)

    def _bind_values(self, words: Sequence[str]) -> list[str]:
        """Join options with a value that starts with a dash: ``--time=-3m``."""
        bound: list[str] = []
        for word in words:
            action = self._option_string_actions.get(bound[-1]) if bound else None
            takes_value = action is not None and action.nargs != 0
            if takes_value and word.startswith("-") and word not in self._option_string_actions:
                bound[-1] = f"{bound[-1]}={word}"
            else:
                bound.append(word)
        return bound

    def error(self, message: str) -> NoReturn:
        """Raise argparse's complaint in our words."""
        raise SettingError(_plain(message, self.prog), hint=f"See: {self.prog} -h")


def _plain(message: str, prog: str) -> str:
    if found := re.match(r"the following arguments are required: (.*)", message):
        return f"'{prog}' needs {found[1]}."
    if found := re.match(r"argument ([^:]*): expected (one|at least one) argument", message):
        return f"{found[1].split('/')[-1]} needs a value."
    if found := re.match(r"argument ([^:]*): (?:ignored explicit argument) (.*)", message):
        return f"{found[1].split('/')[-1]} takes no value."
    return message[:1].upper() + message[1:] + "."


def takes_nothing(parser: Parser) -> None:
    """For a command without words of its own: its parser stays as it is."""
    del parser
