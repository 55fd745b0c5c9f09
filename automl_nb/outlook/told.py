"""An error in the words of a person who fills in fields."""

from __future__ import annotations

import re

from automl_nb.core.errors import AutoMLError
from automl_nb.core.options import FIT, as_typed
from automl_nb.core.show.messages import say

_FLAGS = {flag: option for option in FIT for flag in (option.flag, option.alias) if flag}
_FLAG = re.compile(
    rf"(?<![\w-])({'|'.join(sorted(_FLAGS, key=len, reverse=True))})(?![\w-])"
    r"(?P<value> (?!must|takes|is|are|can|and|or|needs)(?=\w))?"
)
_NAMES = "|".join(option.name for option in FIT)
_NAME = re.compile(rf"^({_NAMES})(?= (?:must|takes|is|can|needs) )")
_NETWORK = re.compile(r"(?<![\w'\"/.-])([Bb])ackbone(s?)(?![\w'\"/-])")


def told(error: AutoMLError) -> str:
    """The message with the names that fields have; what was typed stays as it was.

    Example:
        >>> from automl_nb.core.errors import SettingError
        >>> told(SettingError("A backbone is needed.", received="a", hint="Such as --seed 3."))
        "A network is needed. Received: 'a'. Such as Seed: 3."
    """
    parts = [_as_shown(error.rule)]
    parts += [] if error.received is None else [f"Received: {error.received}."]
    parts += [_as_shown(error.hint)] if error.hint else []
    return " ".join(parts)


def field_title(name: str) -> str:
    """What stands before the field of an option."""
    return say(f"form.field.{name}")


def _as_shown(text: str) -> str:
    named = _NAME.sub(lambda name: field_title(name[1]), text)
    named = _FLAG.sub(_titled, as_typed(named))
    return _NETWORK.sub(lambda b: ("N" if b[1] == "B" else "n") + f"etwork{b[2]}", named)


def _titled(found: re.Match[str]) -> str:
    return field_title(_FLAGS[found[1]].name) + (": " if found["value"] else "")
