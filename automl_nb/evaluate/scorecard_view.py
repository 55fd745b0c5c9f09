"""A scorecard as text for a terminal and as HTML for a notebook.

The HTML stands alone: no scripts, nothing fetched, colours taken from the page's theme.
Every text that comes from data is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

from automl_nb.core.show.words import count, number, size, speed
from automl_nb.core.show.words import interval as ends
from automl_nb.core.types import Interval
from automl_nb.evaluate.metrics import load_metric
from automl_nb.evaluate.scorecard import Confusion, Scorecard
from automl_nb.evaluate.words import label, metric_title, text_table

_CLASSES_IN_TEXT = 12
_CLASSES_IN_MATRIX = 12
STYLE = """
.automl-card{color:var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor));
font:13px/1.45 var(--jp-content-font-family,system-ui,sans-serif);max-width:860px}
.automl-card .score{font-size:1.5em;font-weight:600}
.automl-card .quiet{opacity:.75}
.automl-card table{border-collapse:collapse;margin:.5em 0;background:none;color:inherit;
font-size:1em}
.automl-card th,.automl-card td{padding:.2em .7em;text-align:right;background:none;color:inherit;
border:0;border-bottom:1px solid rgba(128,128,128,.3);white-space:nowrap}
.automl-card tr>:first-child{text-align:left;max-width:22em;overflow:hidden;text-overflow:ellipsis}
.automl-card th{font-weight:600}
.automl-card .track{display:inline-block;width:96px;height:.6em;background:rgba(128,128,128,.25)}
.automl-card .bar{display:block;height:100%;min-width:2px;background:#3987c9}
.automl-card summary{cursor:pointer;font-weight:600}
.automl-card .matrix td{text-align:right}
""".strip()


def as_text(card: Scorecard) -> str:
    """The scorecard for a terminal."""
    metrics = [(metric_title(name), number(i.value), _ends(i)) for name, i in card.metrics.items()]
    lines = [
        headline(card),
        *([facts] if (facts := circumstances(card)) else []),
        "",
        *text_table(("metric", "value", "95% interval"), metrics),
    ]
    if card.per_class:
        shown = card.per_class[:_CLASSES_IN_TEXT]
        rows = [
            (
                label(row.name, 30),
                *map(number, (row.precision, row.recall, row.f1)),
                f"{row.support:,}",
            )
            for row in shown
        ]
        lines += ["", *text_table(("class", "precision", "recall", "F1", "rows"), rows)]
        if len(shown) < len(card.per_class):
            lines.append(f"… and {len(card.per_class) - len(shown)} more classes")
    for of, head, rows in slice_tables(card):
        lines += ["", *text_table((label(of, 30), *head), rows)]
    if card.residuals is not None:
        lines += ["", residuals_sentence(card)]
    lines += [f"Note: {note}" for note in card.notes]
    return "\n".join(lines)


def as_html(card: Scorecard) -> str:
    """The scorecard for a notebook."""
    facts = circumstances(card)
    parts = [
        f"<style>{STYLE}</style>",
        f'<div class="score">{escape(headline(card))}</div>',
        f'<div class="quiet">{escape(facts)}</div>' if facts else "",
        metrics_html(card),
        slices_html(card),
        _folded("Each class", classes_html(card)) if card.per_class else "",
    ]
    if card.confusion and len(card.confusion.classes) <= _CLASSES_IN_MATRIX:
        parts.append(_folded("Confusion matrix", confusion_html(card.confusion)))
    if card.residuals is not None:
        parts.append(f"<p>{escape(residuals_sentence(card))}</p>")
    parts += [f'<p class="quiet">{escape(note)}</p>' for note in card.notes]
    return f'<div class="automl-card">{"".join(parts)}</div>'


def headline(card: Scorecard) -> str:
    """The score in one sentence."""
    score = f"{metric_title(card.objective.metric)} {number(card.score.value)}"
    between = f" (95% interval {_ends(card.score)})" if _ends(card.score) else ""
    return f"{score}{between} on {rows_judged(card)}"


def rows_judged(card: Scorecard) -> str:
    """How many rows of which part."""
    if card.part == "out of fold":
        return f"{count(card.n_rows, 'row')}, each out of fold"
    return count(card.n_rows, f"{card.part.removesuffix(' rows')} row")


def circumstances(card: Scorecard) -> str:
    """Use of the test part, speed and size, as far as known."""
    parts = []
    if card.part == "test" and card.test_openings:
        times = "once" if card.test_openings == 1 else f"{card.test_openings} times"
        parts.append(f"test part used {times}")
    if not math.isnan(card.latency_ms):
        parts.append(f"{speed(card.latency_ms)} ms a row")
    if card.size_bytes:
        parts.append(f"{size(card.size_bytes)} on disk")
    return " · ".join(parts)


def residuals_sentence(card: Scorecard) -> str:
    """How wrong predicted numbers usually are."""
    left = card.residuals
    if left is None or not left.true:
        return ""
    low, _, middle, _, high = left.quantiles
    lean = "too high" if left.mean > 0 else "too low"
    return (
        f"Predictions are {number(abs(left.mean))} {lean} on average (standard deviation "
        f"{number(left.sd)}); the median error is {number(middle)}, and nine in ten errors lie "
        f"between {number(low)} and {number(high)}."
    )


def metrics_html(card: Scorecard) -> str:
    """All metrics with their intervals."""
    rows = [
        (escape(metric_title(name)), number(i.value), _ends(i), _bar(name, i))
        for name, i in card.metrics.items()
    ]
    return html_table(("metric", "value", "95% interval", ""), rows)


def slices_html(card: Scorecard) -> str:
    """The objective's metric on each part of the rows; empty where there are none."""
    return "".join(
        html_table(
            (escape(label(of, 60)), *map(escape, head)),
            [tuple(map(escape, row)) for row in rows],
        )
        for of, head, rows in slice_tables(card)
    )


def slice_tables(
    card: Scorecard,
) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """What divides the rows, the other columns' heads, and a line a part."""
    head = (metric_title(card.objective.metric), "95% interval", "rows")
    return [
        (
            of,
            head,
            [
                (label(one.name, 30), number(one.score.value), _ends(one.score), f"{one.n_rows:,}")
                for one in card.slices
                if one.of == of
            ],
        )
        for of in dict.fromkeys(one.of for one in card.slices)
    ]


def classes_html(card: Scorecard) -> str:
    """Precision, recall, F1 and rows of each class."""
    rows = [
        (
            f'<span title="{escape(label(row.name, 200))}">{escape(label(row.name))}</span>',
            *map(number, (row.precision, row.recall, row.f1)),
            f"{row.support:,}",
        )
        for row in card.per_class
    ]
    return html_table(("class", "precision", "recall", "F1", "rows"), rows)


def confusion_html(confusion: Confusion) -> str:
    """True classes as rows, predicted ones as columns; the fuller a cell, the stronger its tint."""
    names = [escape(label(name, 14)) for name in confusion.classes]
    rows = []
    for name, counts in zip(names, confusion.counts, strict=True):
        whole = max(1, sum(counts))
        cells = [
            f'<td style="background:rgba(57,135,201,{0.65 * count / whole:.2f})">{count:,}</td>'
            for count in counts
        ]
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    caption = "<caption>Rows: true class. Columns: predicted class.</caption>"
    return f'<table class="matrix">{caption}<tr><td></td>{head}</tr>{"".join(rows)}</table>'


def _ends(interval: Interval) -> str:
    return ends(interval.low, interval.high)


def html_table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already; all but the first column stand right."""
    first, *others = head
    top = f'<th scope="col">{first}</th>' + "".join(
        f'<th scope="col" class="number">{cell}</th>' for cell in others
    )
    body = "".join(
        f"<tr><td>{first}</td>" + "".join(f'<td class="number">{c}</td>' for c in others) + "</tr>"
        for first, *others in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _folded(title: str, inner: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inner}</details>"


def _bar(name: str, interval: Interval) -> str:
    found = bar_of(name, interval)
    if found is None:
        return ""
    style = f"margin-left:{found[0]:.1f}%;width:{found[1]:.1f}%"
    return (
        f'<span class="track" aria-hidden="true"><span class="bar" style="{style}"></span></span>'
    )


def bar_of(name: str, interval: Interval) -> tuple[float, float] | None:
    """Where an interval begins between the metric's worst and best value, and its length.

    In percent; None where the metric has no ends or the interval isn't known.
    """
    low, high = load_metric(name).bounds
    if not math.isfinite(high - low) or math.isnan(interval.low):
        return None
    start = 100 * (interval.low - low) / (high - low)
    return start, 100 * (interval.high - interval.low) / (high - low)
