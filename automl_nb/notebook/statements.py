r"""A cell's body divided into the statements of TOML, each with its place.

Python's reader of TOML gives values without places, and no errors by key; so that a mistake can
be shown where it stands, the body is divided here first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Strings may hold anything, over several lines too; brackets go on over lines.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|[\[{]|[\]}]|\n|[^\"'#\[\]{}\n]+|.",
    re.DOTALL,
)
_TABLE = re.compile(r"\s*\[\[?\s*(?P<name>[^\[\]]*?)\s*\]\]?\s*")
_ASSIGNED = re.compile(
    r"""\s*(?P<key>"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^\s"'=#\[\]{}]+)\s*=\s*(?P<value>.*?)\s*""",
    re.DOTALL,
)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        text: As it stands there, without a remark.
        table: The table that it stands in, or that it begins.
        key: What it sets, without quotes; "" where it sets nothing.
        value: The value's text.
        start: Where it begins in the body, in characters.
        line: Of its key in the body, from 1.
        column: Of its key, from 1.
        value_at: Line and column of the value; those of the key where it sets nothing.
    """

    text: str
    table: str
    key: str
    value: str
    start: int
    line: int
    column: int
    value_at: tuple[int, int]

    @property
    def end(self) -> int:
        """Where it ends in the body."""
        return self.start + len(self.text)


def statements(body: str) -> Iterator[Statement]:
    r"""The statements of a body, first to last.

    Example:
        >>> [(s.table, s.key, s.value, s.line) for s in statements("a = 1 # one\n[t]\nb = [2,\n3]")]
        [('', 'a', '1', 1), ('t', '', '', 2), ('t', 'b', '[2,\n3]', 3)]
    """
    table = ""
    for start, text in _logical_lines(body):
        stripped = text.strip()
        if not stripped:
            continue
        begins = start + text.index(stripped[0])
        line, column = place(body, begins)
        found, head = _ASSIGNED.fullmatch(text), _TABLE.fullmatch(text)
        if head:
            table = _plain(head["name"])
        key, value = (_plain(found["key"]), found["value"]) if found else ("", "")
        value_at = place(body, start + found.start("value")) if found else (line, column)
        yield Statement(stripped, table, key, value, begins, line, column, value_at)


def _plain(name: str) -> str:
    """A name without the quotes around it."""
    return name[1:-1] if name[:1] in {'"', "'"} and name[-1:] == name[:1] else name


def place(body: str, position: int) -> tuple[int, int]:
    r"""Line and column of a character, both from 1.

    Example:
        >>> place("one\ntwo", 5)
        (2, 2)
    """
    before = body[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _logical_lines(body: str) -> Iterator[tuple[int, str]]:
    """Where each begins, and its text without a remark."""
    start, depth, text = 0, 0, ""
    for token in _TOKEN.finditer(body):
        piece = token[0]
        depth = max(0, depth + (piece in "[{") - (piece in "]}"))
        if piece == "\n" and not depth:
            yield start, text
            start, text = token.end(), ""
        elif not piece.startswith("#"):
            text += piece
        elif depth:
            text += " " * len(piece)  # places behind it stay what they are
    yield start, text
