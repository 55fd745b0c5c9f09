"""The parts of a report, each from facts to HTML. Every text from data is escaped here."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from automl_nb.core.errors import shorten
from automl_nb.core.ledger import Entry, ledger, loss_title, written
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.facts import best as best_of
from automl_nb.core.show.facts import forecast_check, ranks, score_words, tie_line
from automl_nb.core.show.words import count, duration, interval, number, size, speed
from automl_nb.core.state import RunState, StageView
from automl_nb.core.types import Column, Severity
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.scorecard_view import (
    circumstances,
    classes_html,
    headline,
    metrics_html,
    residuals_sentence,
    slices_html,
)
from automl_nb.evaluate.words import label, metric_title
from automl_nb.report.page import folded, paragraph, table

_MOST_COLUMNS = 200
_MOST_TRIALS = 1000
_OUTCOMES = {"": "not reached", "done": "done", "skipped": "skipped"}


def lead(state: RunState, card: Scorecard | None) -> str:
    """What was learnt, how it ended, and the score."""
    parts = [state.started_at, f"automl_nb {state.version}" if state.version else ""]
    task = ""
    if state.task is not None:
        why = f": {state.task.reason}" if state.task.reason else ""
        task = f"Learns '{label(state.task.label)}' ({state.task.kind.value}{why})."
    ended = ""
    if state.ended is not None:
        ended = f"{state.ended.status.capitalize()} after {duration(state.t)}. {state.ended.reason}"
    score = paragraph(headline(card), "score") if card else _validation(state)
    notes = "".join(paragraph(note, "warning") for note in card.notes) if card else ""
    facts = paragraph(circumstances(card), "quiet") if card else ""
    when = paragraph(" · ".join(part for part in parts if part), "quiet")
    kept = paragraph(state.preferred.why) if state.preferred else ""
    return f"{when}{paragraph(task)}{score}{kept}{facts}{notes}{paragraph(ended)}"


def _validation(state: RunState) -> str:
    best = best_of(state)  # the one that is kept, which another may be tied with
    if best is None:
        return paragraph("No model was trained.", "warning")
    title = metric_title(state.objective.metric) if state.objective else "score"
    said = f"{title} {number(best.score)} {interval(best.low, best.high)}"
    return paragraph(f"{said} out of fold ({best.model}). The test part wasn't scored.", "score")


def data(state: RunState) -> str:
    """Rows, columns with their kinds and reasons, the split, and what the checks found."""
    if state.schema is None:
        return ""
    columns = state.schema.columns
    told = f"{count(state.schema.n_rows, 'row')}, {count(len(columns), 'column')}."
    parts = [paragraph(told), paragraph(_split(state)), _findings(state)]
    rows = [_column(column) for column in columns[:_MOST_COLUMNS]]
    head = ("column", "kind", "why", "stored as", "missing", "distinct")
    parts.append(table(head, rows, numbers=(4, 5), caption="Columns and how they were read"))
    if len(columns) > _MOST_COLUMNS:
        parts.append(paragraph(f"… and {len(columns) - _MOST_COLUMNS:,} more columns."))
    return "".join(parts)


def _column(column: Column) -> tuple[str, ...]:
    texts = (label(column.name, 60), column.kind.value, label(column.reason, 120), column.dtype)
    return (*map(escape, texts), f"{column.n_missing:,}", f"{column.n_unique:,}")


def _split(state: RunState) -> str:
    split = state.split
    if split is None:
        return ""
    parts = [("training", split.n_train), ("validation", split.n_valid), ("test", split.n_test)]
    sizes = ", ".join(f"{n:,} for {name}" for name, n in parts if n)
    return f"Divided into rows {sizes} ({split.how}). {split.checks}"


def _findings(state: RunState) -> str:
    items = "".join(
        f"<li>{'' if f.severity is Severity.INFO else f'<strong>{f.severity.value}:</strong> '}"
        f"{escape(f'{label(f.column)}: ' if f.column else '')}{escape(f.message)}</li>"
        for f in state.findings
    )
    return f"<h3>What the checks found</h3><ul>{items}</ul>" if items else ""


def tried(state: RunState) -> str:
    """The leaderboard, the steps with their times and outcomes, and what was said on the way."""
    title = metric_title(state.objective.metric) if state.objective else "score"
    models = [
        (
            rank,
            escape(label(row.model, 80)),
            escape(score_words(row)),
            interval(row.low, row.high),
            duration(row.fit_s),
            speed(row.predict_ms),
            size(row.size_bytes) if row.size_bytes else "",
            escape(row.stage),
            duration(row.t),
            escape(label(row.note, 160)) if row.note else "",
        )
        for rank, row in zip(ranks(state), state.ranked(), strict=True)
    ]
    costs = ("to train", "ms a row", "on disk")
    head = ("#", "model", title, "95% interval", *costs, "step", "ready after", "note")
    board = table(
        head,
        models,
        numbers=(0, 2, 3, 4, 5, 6, 8),
        long=(1, 9),
        caption="Models, best first",
        best=0,
    ) + paragraph(tie_line(state), "quiet")
    steps = [_step(stage, state) for stage in state.stages]
    plan = table(("step", "outcome", "took", "note"), steps, numbers=(2,), caption="Steps")
    said = "".join(
        f"<li>{duration(m.t)}: {escape(m.text)}</li>" for m in state.messages if m.text.strip()
    )
    foretold = paragraph(forecast_check(state))
    spoken = folded("Messages", f"<ul>{said}</ul>" if said else "")
    return board + foretold + plan + folded("Ledger: every trial", _ledger(state)) + spoken


def _ledger(state: RunState) -> str:
    """What each trial was, how it ended and what it cost."""
    title = metric_title(state.objective.metric) if state.objective else "score"
    entries = ledger(state)[:_MOST_TRIALS]
    losses = loss_title(entries)  # a column that is empty elsewhere
    rows = [_tried(entry, losses=bool(losses)) for entry in entries]
    judged = (title, losses) if losses else (title,)
    head = ("trial", "settings", "ended", "why", *judged, "took", "processor", "memory", "began")
    told = table(head, rows, numbers=tuple(range(4, len(head))), long=(0, 1, 3))
    more = len(state.trials) - len(rows)
    return told + (paragraph(f"… and {more:,} more: run.ledger") if more else "")


def _tried(entry: Entry, *, losses: bool) -> tuple[str, ...]:
    trial, loss = entry.trial, number(entry.loss) if entry.by_loss else ""
    return (
        escape(label(trial.trial, 80)),
        escape(label(written(trial.config), 160)) if trial.config else "",
        f'<span class="{escape(trial.status)}">{escape(trial.status)}</span>',
        escape(label(trial.note, 160)) if trial.note else "",
        number(entry.score) if entry.scored else "",
        *((loss,) if losses else ()),
        duration(trial.elapsed_s),
        duration(trial.cpu_s) if trial.cpu_s else "",
        size(trial.peak_memory_bytes) if trial.peak_memory_bytes else "",
        duration(trial.started),
    )


def _step(stage: StageView, state: RunState) -> tuple[str, ...]:
    took = ""
    if stage.started is not None:
        took = duration((state.t if stage.ended is None else stage.ended) - stage.started)
    outcome = stage.outcome or ("unfinished" if stage.started is not None else "not reached")
    coloured = f'<span class="{escape(stage.outcome)}">{escape(outcome)}</span>'
    return escape(stage.name), coloured, took, escape(stage.note or stage.why)


def answers(card: Scorecard | None) -> str:
    """All metrics with intervals, and each class."""
    if card is None:
        return ""
    parts = [paragraph(headline(card)), metrics_html(card), slices_html(card)]
    if card.residuals is not None:
        parts.append(paragraph(residuals_sentence(card)))
    if card.per_class:
        rows = classes_html(card)
        many = len(card.per_class) > 15
        each = f"Each of {len(card.per_class)} classes"
        parts.append(folded(each, rows) if many else f"<h3>Each class</h3>{rows}")
    return f'<div class="scroll" tabindex="0">{"".join(parts)}</div>'


def model(facts: dict[str, Any]) -> str:
    """What the model says of itself; the scorecard has a section of its own."""
    rows = [
        (escape(label(str(name))), escape(_plain(value)))
        for name, value in facts.items()
        if name != "scorecard" and value not in (None, "")
    ]
    return table(("fact", "value"), rows)


def settings(state: RunState) -> str:
    """Every option of the run; those that differ from the defaults are stressed."""
    changed = _unlike_default(state)
    rows = []
    for name, value in state.settings.items():
        shown = escape(_plain(value))
        rows.append((escape(str(name)), f"<strong>{shown}</strong>" if name in changed else shown))
    return table(("option", "value"), rows, caption="Bold where it isn't the default")


def environment(state: RunState) -> str:
    """Versions and machine."""
    rows = [(escape(name), escape(value)) for name, value in state.environment.items()]
    return table(("what", "version"), rows)


def reproduce(state: RunState, facts: dict[str, Any]) -> str:
    """Python to load the model and to train it again."""
    folder = str(facts.get("path") or f"automl_runs/{state.run}")
    options = [
        f"{'time' if name == 'time_s' else name}={value!r}"
        for name, value in changed_settings(state).items()
        if name != "label"
    ]
    wanted = state.settings.get("label") or (state.task.label if state.task else "")
    call = ", ".join(["data", f"label={wanted!r}", *options])
    code = (
        "import automl_nb\n\n"
        "# load the model and use it\n"
        f"model = automl_nb.load({folder!r})\n"
        "model.predict(new_rows)\n\n"
        "# train it again\n"
        f"run = automl_nb.fit({call})\n"
    )
    return f'<pre tabindex="0"><code>{escape(code)}</code></pre>'


def changed_settings(state: RunState) -> dict[str, object]:
    """The options that differ from the defaults; time and seed always, as results hang on them."""
    stated = _unlike_default(state) | {"time_s", "seed"}
    return {name: _frozen(value) for name, value in state.settings.items() if name in stated}


def _unlike_default(state: RunState) -> set[str]:
    default = FitSettings()
    return {
        name
        for name, value in state.settings.items()
        if hasattr(default, name) and _frozen(value) != getattr(default, name)
    }


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else "none"
    if isinstance(value, str):
        return label(value, 200)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(label(item, 80) for item in value)
    return shorten(value, 300)
