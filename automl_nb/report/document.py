"""A report's content as facts, before it is HTML or Markdown.

All texts are plain: what writes a document escapes them, so that nothing that comes from data can
act in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from automl_nb.report.picture import Picture


@dataclass(frozen=True)
class Marked:
    """A cell that stands out.

    Attributes:
        text: What it says.
        kind: ``"strong"``, or how something ended, such as ``"done"`` or ``"failed"``.
    """

    text: str
    kind: str = "strong"


@dataclass(frozen=True)
class Bar:
    """A cell that shows where an interval lies; a drawing alone, its ends stand beside it.

    Attributes:
        start: Of the bar, in percent of the cell.
        length: In percent.
    """

    start: float
    length: float


Cell: TypeAlias = str | Marked | Bar


@dataclass(frozen=True)
class Paragraph:
    """A few sentences, stressed as `kind` says: score, warning, quiet, or not at all."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Heading:
    """Over the blocks that follow, within a section."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list; each item may begin with a stressed word."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Lines of a program."""

    text: str
    language: str = "python"


@dataclass(frozen=True)
class Table:
    """Rows below heads; columns without any text are left out.

    Attributes:
        head: Of the columns.
        rows: One tuple a row, as long as `head`.
        numbers: Positions of the columns of numbers, which stand right.
        long: Positions of the columns of long texts, which get some room.
        caption: A sentence over it.
        best: The row to stress.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int] = ()
    long: Sequence[int] = ()
    caption: str = ""
    best: int = -1

    def kept(self) -> list[int]:
        """Positions of the columns that hold something."""
        return [i for i in range(len(self.head)) if any(row[i] != "" for row in self.rows)]


@dataclass(frozen=True)
class Figures:
    """Pictures by the names of their kinds."""

    pictures: Sequence[tuple[str, Picture]]


@dataclass(frozen=True)
class Folded:
    """Blocks that are shown when they are asked for, where that is possible.

    Attributes:
        language: The code of the language that they are in; "" for that of the report, English.
    """

    title: str
    blocks: Sequence[Block]
    language: str = ""


Block: TypeAlias = Paragraph | Heading | Items | Code | Table | Figures | Folded


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes:
        title: Its heading.
        lead: Before the sections.
        sections: Headings with their blocks; empty ones are left out.
    """

    title: str
    lead: Sequence[Block]
    sections: Sequence[tuple[str, Sequence[Block]]] = field(default_factory=tuple)

    def filled(self) -> list[tuple[str, Sequence[Block]]]:
        """The sections that say something."""
        return [(name, blocks) for name, blocks in self.sections if any(map(_says, blocks))]


def _says(block: Block) -> bool:
    if isinstance(block, Table):
        return bool(block.rows)
    if isinstance(block, Figures):
        return bool(block.pictures)
    if isinstance(block, Folded):
        return any(map(_says, block.blocks))
    if isinstance(block, Items):
        return bool(block.items)
    return bool(block.text) and not isinstance(block, Heading)
