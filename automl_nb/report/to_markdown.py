"""A report's document as Markdown, for GitHub, JupyterLab and whatever else reads CommonMark.

Every text is escaped here: in what is shown it stands as it was written, and is never a tag, a
link, a picture, mathematics or a cell's end. Pictures are files beside it, as GitHub shows none
that is part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from automl_nb.report.document import (
    Bar,
    Block,
    Cell,
    Code,
    Document,
    Figures,
    Folded,
    Heading,
    Items,
    Marked,
    Paragraph,
    Table,
)
from automl_nb.report.picture import Picture

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SIGNS = re.compile(r"[&<>]|[\\`*_{}\[\]|~$@^]")
# Addresses that are made links without any sign around them, and what begins a list or a heading.
_ADDRESS = re.compile(r"(?i)(:)(?=//)|(?<=\bwww)(\.)")
_BEGINNING = re.compile(r"^([#+=-])|^(\d+)([.)])(?= |$)")


def escaped(text: str) -> str:
    r"""A text as Markdown that shows it as it is, on one line.

    Example:
        >>> escaped("<b> a|b [x](http://y) `c` $d$")
        '&lt;b&gt; a\\|b \\[x\\](http\\://y) \\`c\\` \\$d\\$'
        >>> escaped("1. one"), escaped("- two"), escaped("minilm-l6(text)")
        ('1\\. one', '\\- two', 'minilm-l6(text)')
    """
    line = " ".join(text.split())
    line = _SIGNS.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), line)
    line = _ADDRESS.sub(lambda found: f"\\{found[0]}", line)
    return _BEGINNING.sub(lambda f: f"\\{f[1]}" if f[1] else f"{f[2]}\\{f[3]}", line)


def as_markdown(document: Document, folder: str) -> str:
    """The text; its pictures are ``<folder>/<name>.png``, see `pictures_of`.

    Args:
        document: What to write.
        folder: Of the pictures, relative to where the text will lie.
    """
    blocks: list[Block] = [*document.lead]
    made = [f"# {escaped(document.title)}", *_blocks(blocks, folder)]
    for name, inner in document.filled():
        made += [f"## {escaped(name)}", *_blocks(inner, folder)]
    return "\n\n".join(made) + "\n"


def pictures_of(document: Document) -> dict[str, bytes]:
    """PNG files by their names, that a document's Markdown shows."""
    shown = [pair for _, blocks in document.filled() for pair in _pictures(blocks)]
    return {f"{name}.png": picture.png() for name, picture in shown}


def _pictures(blocks: Iterable[Block]) -> Iterator[tuple[str, Picture]]:
    """Names and pictures, also of blocks within blocks."""
    for block in blocks:
        if isinstance(block, Figures):
            yield from block.pictures
        elif isinstance(block, Folded):
            yield from _pictures(block.blocks)


def _blocks(blocks: Iterable[Block], folder: str) -> list[str]:
    return [text for block in blocks if (text := _block(block, folder))]


def _block(block: Block, folder: str) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figures):
        return "\n\n".join(_picture(folder, *pair) for pair in block.pictures)
    if isinstance(block, Folded):
        inner = _blocks(block.blocks, folder)
        return "\n\n".join([f"### {escaped(block.title)}", *inner]) if inner else ""
    if isinstance(block, Items):
        return "\n".join(f"- {_item(*item)}" for item in block.items)
    if not block.text:
        return ""
    if isinstance(block, Heading):
        return f"### {escaped(block.text)}"
    if isinstance(block, Code):
        return _code(block)
    return _paragraph(block)


def _paragraph(block: Paragraph) -> str:
    text = escaped(block.text)
    if block.kind == "score":
        return f"> **{text}**"
    return f"> **Note:** {text}" if block.kind == "warning" else text


def _item(first: str, text: str) -> str:
    return f"**{escaped(first)}** {escaped(text)}" if first else escaped(text)


def _picture(folder: str, name: str, picture: object) -> str:
    said = escaped(getattr(picture, "description", ""))
    return f"![{said}]({quote(folder)}/{quote(name)}.png)\n\n*{said}*"


def _code(block: Code) -> str:
    """Between fences that are longer than any within."""
    longest = max((len(run) for run in re.findall(r"`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{block.language}\n{block.text.rstrip()}\n{fence}"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    kept = [i for i in table.kept() if not isinstance(table.rows[0][i], Bar)]
    head = [escaped(table.head[i]) for i in kept]
    rules = ["--:" if i in table.numbers else "---" for i in kept]
    body = [[_cell(row[i]) for i in kept] for row in table.rows]
    if 0 <= table.best < len(body):
        body[table.best] = [f"**{cell}**" if cell else "" for cell in body[table.best]]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, rules, *body)]
    said = f"{escaped(table.caption)}:\n\n" if table.caption else ""
    return said + "\n".join(lines)


def _cell(cell: Cell) -> str:
    if isinstance(cell, Bar):
        return ""
    if isinstance(cell, Marked):
        text = escaped(cell.text)
        return f"**{text}**" if cell.kind == "strong" and text else text
    return escaped(cell)
