"""Values as they have to be typed on a magic's line, so that it reads the same."""

from __future__ import annotations

import re

from automl_nb.core.errors import SettingError

_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def with_flag(flag: str, text: str) -> list[str]:
    """An option with its value; joined where the value looks like an option itself."""
    return [f"{flag}={typed(text)}"] if text.startswith("-") else [flag, typed(text)]


def typed(text: str) -> str:
    """A value as it has to be typed.

    Raises:
        SettingError: It holds a line's end.

    Example:
        >>> typed("stars"), typed("my stars"), typed("price in $")
        ('stars', '"my stars"', "'price in $'")
    """
    if any(end in text for end in _ENDS):
        raise SettingError(
            "A name with a line's end can't be typed on a line.",
            received=text,
            hint="Rename the column, or start the run from the form.",
        )
    return quoted(text)


def quoted(text: str) -> str:
    r"""A value in the quotes that it needs; what holds both kinds is put together from pieces.

    Example:
        >>> print(quoted('say "it\'s"'))
        'say "it'"'"'s"'
    """
    if re.fullmatch(r"[\w.,:/=+%*|@-]+", text):
        return text
    if not re.search(r'["${]', text):
        return f'"{text}"'
    pieces = re.findall(r"'+|[^']+", text)
    return "".join(f'"{piece}"' if piece.startswith("'") else f"'{piece}'" for piece in pieces)
