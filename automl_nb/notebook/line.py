"""A typed line to words: quotes, and `$name` or `{name}` for what stands in the namespace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from automl_nb.core.errors import SettingError, UnknownNameError

_PIECE = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\s'"]+)""")
_NAME = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[^\W\d]\w*))|(?<!\$)\{(?P<braced>[^\W\d]\w*)\}")


class Var(str):
    """A word that is exactly one `$name` or `{name}`; `value` is what the name stands for."""

    __slots__ = ("value",)
    value: Any

    def __new__(cls, word: str, value: Any) -> Self:
        """A text that carries a value along."""
        made = super().__new__(cls, word)
        made.value = value
        return made


def split(line: str, namespace: Mapping[str, Any]) -> list[str]:
    """The words of a line.

    Quotes of either kind hold spaces together; they may stand inside a word
    (``--label="my column"``). A backslash means itself, so that Windows paths work.
    `$name` is replaced everywhere but in single quotes; ``$$`` is one dollar sign. So is
    `{name}` where that is the name of something; elsewhere braces mean themselves.

    Raises:
        SettingError: A quote is never closed.
        UnknownNameError: A `$name` isn't defined.

    Example:
        >>> split('fit reviews --label "my column" --time ${}m', {})
        ['fit', 'reviews', '--label', 'my column', '--time', '${}m']
        >>> split("--seed $n", {"n": 7})[1].value
        7
        >>> split("--label {column} --out {there}", {"column": "price"})[1::2]
        ['{column}', '{there}']
        >>> split("--label {column}", {"column": "price"})[1].value
        'price'
    """
    words: list[str] = []
    place = 0
    while place < len(line):
        if line[place].isspace():
            place += 1
            continue
        word, place = _word(line, place, namespace)
        words.append(word)
    return words


def _word(line: str, place: int, namespace: Mapping[str, Any]) -> tuple[str, int]:
    pieces: list[str] = []
    while place < len(line) and not line[place].isspace():
        match = _PIECE.match(line, place)
        if match is None:
            raise SettingError(
                "A quoted name must end with the quote that it began with.",
                received=line[place:],
                hint="A name that holds one kind of quote can stand in the other kind.",
            )
        single = match["single"]
        text = (
            single
            if single is not None
            else expand(match["double"] or match["bare"] or "", namespace)
        )
        pieces.append(text)
        place = match.end()
    return (pieces[0] if len(pieces) == 1 else "".join(pieces)), place


def expand(text: str, namespace: Mapping[str, Any]) -> str:
    """Put the values of names into a text; a text that is one name becomes a `Var`."""
    whole = _NAME.fullmatch(text)
    if whole and (whole["name"] or whole["braced"] in namespace):
        return Var(text, _value(whole["name"] or whole["braced"], namespace))
    return _NAME.sub(lambda found: _put(found, namespace), text)


def _put(found: re.Match[str], namespace: Mapping[str, Any]) -> str:
    if found["escaped"]:
        return "$"
    if found["braced"] and found["braced"] not in namespace:
        return found[0]
    return str(_value(found["name"] or found["braced"], namespace))


def _value(name: str, namespace: Mapping[str, Any]) -> Any:
    if name not in namespace:
        raise UnknownNameError(
            "variable",
            f"${name}",
            [f"${known}" for known in namespace if not known.startswith("_")],
            hint=f"For the text itself write '${name}' in single quotes, or $${name}.",
        )
    return namespace[name]
