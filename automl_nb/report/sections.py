"""The parts of a report, each from a run's facts. What writes it escapes every text."""

from __future__ import annotations

import math
from typing import Any

from automl_nb.core.errors import shorten
from automl_nb.core.ledger import Entry, ledger, loss_title, written
from automl_nb.core.show.facts import best as best_of
from automl_nb.core.show.facts import device_line, forecast_check, ranks, score_words, tie_line
from automl_nb.core.show.words import count, duration, interval, number, size, speed
from automl_nb.core.state import RunState, StageView
from automl_nb.core.types import Column, Severity
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.scorecard_view import (
    bar_of,
    circumstances,
    headline,
    residuals_sentence,
    slice_tables,
)
from automl_nb.evaluate.words import label, labels_apart, metric_title
from automl_nb.pipeline.answered import Answered
from automl_nb.report.again import magic_of, python_of, unlike_default
from automl_nb.report.document import (
    Bar,
    Block,
    Cell,
    Code,
    Folded,
    Heading,
    Items,
    Marked,
    Paragraph,
    Table,
)
from automl_nb.report.mistakes import Mistakes, mistakes

_MOST_COLUMNS = 200
_MOST_TRIALS = 1000
_MOST_ERRORS = 20
_FACTS = {"size_bytes": "on disk", "path": "lies in"}  # as people read them
_ELSEWHERE = {"scorecard", "trained_on"}  # shown in a section of its own, or for nobody to read
_OPEN_CLASSES = 15  # so many are shown at once
Blocks = list[Block]


def lead(state: RunState, card: Scorecard | None) -> Blocks:
    """What was learnt, how it ended, and the score."""
    parts = [state.started_at, f"automl_nb {state.version}" if state.version else ""]
    task = ""
    if state.task is not None:
        why = f": {state.task.reason}" if state.task.reason else ""
        task = f"Learns '{label(state.task.label)}' ({state.task.kind.value}{why})."
    ended = ""
    if state.ended is not None:
        ended = f"{state.ended.status.capitalize()} after {duration(state.t)}. {state.ended.reason}"
    return [
        Paragraph(" · ".join(part for part in parts if part), "quiet"),
        Paragraph(task),
        Paragraph(headline(card), "score") if card else _validation(state),
        Paragraph(state.preferred.why if state.preferred else ""),
        Paragraph(circumstances(card) if card else "", "quiet"),
        *(Paragraph(note, "warning") for note in (card.notes if card else ())),
        Paragraph(ended),
    ]


def _validation(state: RunState) -> Paragraph:
    best = best_of(state)  # the one that is kept, which another may be tied with
    if best is None:
        return Paragraph("No model was trained.", "warning")
    title = metric_title(state.objective.metric) if state.objective else "score"
    said = f"{title} {number(best.score)} {interval(best.low, best.high)}"
    return Paragraph(f"{said} out of fold ({best.model}). The test part wasn't scored.", "score")


def data(state: RunState) -> Blocks:
    """Rows, columns with their kinds and reasons, the split, and what the checks found."""
    if state.schema is None:
        return []
    columns = state.schema.columns
    told = f"{count(state.schema.n_rows, 'row')}, {count(len(columns), 'column')}."
    rows = [_column(column) for column in columns[:_MOST_COLUMNS]]
    head = ("column", "kind", "why", "stored as", "missing", "distinct")
    more = len(columns) - _MOST_COLUMNS
    return [
        Paragraph(told),
        Paragraph(_split(state)),
        *_findings(state),
        Table(head, rows, numbers=(4, 5), caption="Columns and how they were read"),
        Paragraph(f"… and {more:,} more columns." if more > 0 else ""),
    ]


def _column(column: Column) -> tuple[str, ...]:
    texts = (label(column.name, 60), column.kind.value, label(column.reason, 120), column.dtype)
    return (*texts, f"{column.n_missing:,}", f"{column.n_unique:,}")


def _split(state: RunState) -> str:
    split = state.split
    if split is None:
        return ""
    parts = [
        ("training", split.n_train, "training rows are learnt from"),
        ("validation", split.n_valid, "validation rows choose among models"),
        ("test", split.n_test, "test rows are kept aside and judge the final model once"),
    ]
    there = [(name, n, use) for name, n, use in parts if n]
    sizes = ", ".join(f"{n:,} for {name}" for name, n, _ in there)
    uses = ", ".join(use for *_, use in there)
    total = count(sum(n for _, n, _ in there), "row")
    divided = f"Divided into rows {sizes} ({split.how}). {split.checks}"
    return f"{divided} Together they are {total}: {uses}."


def _findings(state: RunState) -> Blocks:
    items = [
        (
            "" if finding.severity is Severity.INFO else f"{finding.severity.value}:",
            f"{f'{label(finding.column)}: ' if finding.column else ''}{finding.message}",
        )
        for finding in state.findings
    ]
    return [Heading("What the checks found"), Items(items)] if items else []


def tried(state: RunState) -> Blocks:
    """The leaderboard, the steps with their times and outcomes, and what was said on the way."""
    said = [("", f"{duration(m.t)}: {m.text}") for m in state.messages if m.text.strip()]
    steps = [_step(stage, state) for stage in state.stages]
    return [
        _leaderboard(state),
        Paragraph(tie_line(state), "quiet"),
        Paragraph(forecast_check(state)),
        Table(("step", "outcome", "took", "note"), steps, numbers=(2,), caption="Steps"),
        Folded("Ledger: every trial", _ledger(state)),
        Folded("Messages", [Items(said)] if said else []),
    ]


def _leaderboard(state: RunState) -> Table:
    title = metric_title(state.objective.metric) if state.objective else "score"
    names = labels_apart([row.model for row in state.ranked()], 80)
    models = [
        (
            rank,
            name,
            score_words(row),
            interval(row.low, row.high),
            duration(row.fit_s),
            speed(row.predict_ms),
            size(row.size_bytes) if row.size_bytes else "",
            row.stage,
            duration(row.t),
            label(row.note, 160) if row.note else "",
        )
        for rank, name, row in zip(ranks(state), names, state.ranked(), strict=True)
    ]
    costs = ("to train", "ms a row", "on disk")
    return Table(
        ("#", "model", title, "95% interval", *costs, "step", "ready after", "note"),
        models,
        numbers=(0, 2, 3, 4, 5, 6, 8),
        long=(1, 9),
        caption="Models, best first",
        best=0,
    )


def _ledger(state: RunState) -> Blocks:
    """What each trial was, how it ended and what it cost."""
    title = metric_title(state.objective.metric) if state.objective else "score"
    entries = ledger(state)[:_MOST_TRIALS]
    losses = loss_title(entries)  # a column that is empty elsewhere
    rows = [_tried(entry, losses=bool(losses)) for entry in entries]
    judged = (title, losses) if losses else (title,)
    head = ("trial", "settings", "ended", "why", *judged, "took", "processor", "memory", "began")
    more = len(state.trials) - len(rows)
    return [
        Table(head, rows, numbers=tuple(range(4, len(head))), long=(0, 1, 3)),
        Paragraph(f"… and {more:,} more: run.ledger" if more else ""),
    ]


def _tried(entry: Entry, *, losses: bool) -> tuple[Cell, ...]:
    trial, loss = entry.trial, number(entry.loss) if entry.by_loss else ""
    return (
        label(trial.trial, 80),
        label(written(trial.config), 160) if trial.config else "",
        Marked(trial.status, trial.status),
        label(trial.note, 160) if trial.note else "",
        number(entry.score) if entry.scored else "",
        *((loss,) if losses else ()),
        duration(trial.elapsed_s),
        duration(trial.cpu_s) if trial.cpu_s else "",
        size(trial.peak_memory_bytes) if trial.peak_memory_bytes else "",
        duration(trial.started),
    )


def _step(stage: StageView, state: RunState) -> tuple[Cell, ...]:
    took = ""
    if stage.started is not None:
        took = duration((state.t if stage.ended is None else stage.ended) - stage.started)
    outcome = stage.outcome or ("unfinished" if stage.started is not None else "not reached")
    return stage.name, Marked(outcome, stage.outcome), took, stage.note or stage.why


def answers(card: Scorecard | None) -> Blocks:
    """All metrics with intervals, and each class."""
    if card is None:
        return []
    metrics: list[tuple[Cell, ...]] = []
    for name, found in card.metrics.items():
        bar = bar_of(name, found)
        ends = interval(found.low, found.high)
        metrics.append(
            (metric_title(name), number(found.value), ends, "" if bar is None else Bar(*bar))
        )
    parts: Blocks = [
        Paragraph(headline(card)),
        Table(("metric", "value", "95% interval", ""), metrics, numbers=(1, 2, 3)),
        *(
            Table((label(of, 60), *head), rows, numbers=(1, 2, 3))
            for of, head, rows in slice_tables(card)
        ),
        Paragraph(residuals_sentence(card)),
    ]
    return parts + (_classes(card) if card.per_class else [])


def _classes(card: Scorecard) -> Blocks:
    rows = [
        (label(row.name), *map(number, (row.precision, row.recall, row.f1)), f"{row.support:,}")
        for row in card.per_class
    ]
    table = Table(("class", "precision", "recall", "F1", "rows"), rows, numbers=(1, 2, 3, 4))
    if len(rows) > _OPEN_CLASSES:
        return [Folded(f"Each of {len(rows)} classes", [table])]
    return [Heading("Each class"), table]


def errors(rows: Answered | None, why_not: str = "") -> Blocks:
    """The rows that were answered wrongly with the greatest confidence, or why there are none."""
    if rows is None:
        return [Paragraph(why_not, "quiet")]
    found = mistakes(rows, _MOST_ERRORS)
    return [Paragraph(f"{found.told} {_advice(rows)}"), _mistakes(found)]


def _advice(rows: Answered) -> str:
    if rows.part != "test":
        return ""
    return "What is changed because of them makes the test score too good: judge it on new rows."


def _mistakes(found: Mistakes) -> Table:
    sure = "off by" if found.of_values else "how sure"
    shown = [
        (
            str(place),
            row.text or "(a picture)",
            label(row.said),
            label(row.right),
            number(row.sure) if found.of_values else f"{row.sure:.1%}",
        )
        for place, row in enumerate(found.rows, 1)
    ]
    return Table(
        ("#", "row", "said", "right", sure),
        shown,
        numbers=(0, 4),
        long=(1,),
        caption=found.title,
    )


def model(facts: dict[str, Any]) -> Blocks:
    """What the model says of itself; the scorecard has a section of its own."""
    rows = [
        (_FACTS.get(name, label(str(name))), size(value) if name == "size_bytes" else _plain(value))
        for name, value in facts.items()
        if name not in _ELSEWHERE and value not in (None, "")
    ]
    return [Table(("fact", "value"), rows)]


def settings(state: RunState) -> Blocks:
    """Every option of the run; those that differ from the defaults are stressed."""
    changed = unlike_default(state)
    rows = [
        (str(name), Marked(_plain(value)) if name in changed else _plain(value))
        for name, value in state.settings.items()
    ]
    return [Table(("option", "value"), rows, caption="Bold where it isn't the default")]


def environment(state: RunState) -> Blocks:
    """Versions and machine."""
    rows = [(str(name), str(value)) for name, value in state.environment.items()]
    return [Table(("what", "version"), rows), Paragraph(device_line(state))]


def reproduce(state: RunState, facts: dict[str, Any]) -> Blocks:
    """Python to load the model and to train it again, and the same training as a magic."""
    magic = magic_of(state)
    notebook: Blocks = [Paragraph("The same training in a notebook:"), Code(magic, "text")]
    return [Code(python_of(state, facts)), *(notebook if magic else [])]


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else "none"
    if isinstance(value, str):
        return label(value, 200)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(label(item, 80) for item in value)
    return shorten(value, 300)
