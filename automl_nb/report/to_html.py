"""A report's document as one HTML page. Every text is escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from automl_nb.core.show.parts import readable_box
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
from automl_nb.report.page import page
from automl_nb.report.picture import Picture


def as_html(document: Document) -> str:
    """The page, which fetches nothing, executes nothing and holds its pictures."""
    sections = [(name, html_of(blocks)) for name, blocks in document.filled()]
    return page(document.title, html_of(document.lead), sections)


def html_of(blocks: Iterable[Block]) -> str:
    """Some blocks as HTML."""
    return "".join(map(_block, blocks))


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figures):
        drawn = "".join(_figure(picture) for _, picture in block.pictures)
        return f'<div class="pictures">{drawn}</div>' if drawn else ""
    if isinstance(block, Folded):
        inner = html_of(block.blocks)
        title = f"<summary>{escape(block.title)}</summary>"
        own = f' lang="{escape(block.language)}"' if block.language else ""
        return f"<details{own}>{title}{inner}</details>" if inner else ""
    if isinstance(block, Items):
        items = "".join(f"<li>{_item(*item)}</li>" for item in block.items)
        return f"<ul>{items}</ul>" if items else ""
    if not block.text:
        return ""
    if isinstance(block, Heading):
        return f"<h3>{escape(block.text)}</h3>"
    if isinstance(block, Code):
        return f'<pre tabindex="0"><code>{escape(block.text)}</code></pre>'
    return _paragraph(block)


def _paragraph(block: Paragraph) -> str:
    kind = f' class="{block.kind}"' if block.kind else ""
    return f"<p{kind}>{escape(block.text)}</p>"


def _item(first: str, text: str) -> str:
    return f"<strong>{escape(first)}</strong> {escape(text)}" if first else escape(text)


def _figure(picture: Picture) -> str:
    said = f"<figcaption>{escape(picture.description)}</figcaption>"
    return f"<figure>{readable_box(picture.page_svg(), picture.least_width)}{said}</figure>"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    kept = table.kept()
    styles = dict.fromkeys(table.numbers, ' class="number"')
    styles |= dict.fromkeys(table.long, ' class="long"')
    top = "".join(f'<th scope="col"{styles.get(i, "")}>{escape(table.head[i])}</th>' for i in kept)
    body = "".join(
        ('<tr class="best">' if place == table.best else "<tr>")
        + "".join(f"<td{styles.get(i, '')}>{_cell(row[i])}</td>" for i in kept)
        + "</tr>"
        for place, row in enumerate(table.rows)
    )
    said = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    return (
        f'<div class="scroll" tabindex="0"><table>{said}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, Bar):
        style = f"margin-left:{cell.start:.1f}%;width:{cell.length:.1f}%"
        bar = f'<span class="bar" style="{style}"></span>'
        return f'<span class="track" aria-hidden="true">{bar}</span>'
    if isinstance(cell, Marked):
        if cell.kind == "strong":
            return f"<strong>{escape(cell.text)}</strong>"
        return f'<span class="{escape(cell.kind)}">{escape(cell.text)}</span>'
    return escape(cell)
