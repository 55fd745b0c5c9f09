"""The report: a run as one HTML file that needs nothing else, or as Markdown with its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from automl_nb.core.errors import AutoMLError, RunError, SettingError
from automl_nb.core.state import RunState
from automl_nb.core.types import ColumnKind
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.pipeline.answered import Answered
from automl_nb.report import sections
from automl_nb.report.document import Block, Document, Figures
from automl_nb.report.picture import Picture
from automl_nb.report.plots import draw, drawable
from automl_nb.report.to_html import as_html
from automl_nb.report.to_markdown import as_markdown, pictures_of

_OF_RUNS = (
    *("timeline", "leaderboard", "pareto", "curves", "trials"),
    *("parallel", "importance", "architecture"),
)
_MARKDOWN = {".md", ".markdown"}
_HTML = {".html", ".htm"}


def write_report(
    path: str | Path,
    state: RunState,
    scorecard: Scorecard | None = None,
    *,
    model_facts: dict[str, Any] | None = None,
    title: str = "",
    rows: Answered | None = None,
    no_rows: str = "",
    explained: Sequence[Block] = (),
) -> Path:
    """Write a run as one HTML file, or as Markdown.

    It holds the data, what was tried, how good the model is, where it errs, pictures, settings,
    versions, and how to use it and train it again. The HTML file's pictures are part of it; it
    fetches and executes nothing, and follows the reader's light or dark setting. Pictures of a
    Markdown file lie beside it, in a folder named after it.

    Args:
        path: The file, or a folder in which to write ``report.html``. Markdown is written where the
            name ends in ``.md`` or ``.markdown``.
        state: The run.
        scorecard: Of the run's model, where one was made.
        model_facts: What the model says of itself; ``"path"`` is where it lies.
        title: The heading; the run's name otherwise.
        rows: That the model hadn't learnt from, with its answers, to show its errors.
        no_rows: Why there are none.
        explained: What the run took down of its steps, where it was asked to.

    Returns:
        Where it lies.

    Raises:
        SettingError: The name's end is that of another kind of file.
        RunError: The file cannot be written.
    """
    target = Path(path).expanduser()
    if target.is_dir():
        target /= "report.html"
    check_report_place(target)
    made = report_document(
        state, scorecard, model_facts or {}, title, rows=rows, no_rows=no_rows, explained=explained
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() in _MARKDOWN:
            folder = target.with_name(f"{target.stem}_pictures")
            for name, png in pictures_of(made).items():
                folder.mkdir(exist_ok=True)
                _write(folder / name, png)
            _write(target, as_markdown(made, folder.name))
        else:
            _write(target, as_html(made))
    except OSError as error:
        raise RunError(
            "A report must go to a file that can be written.",
            received=str(target),
            hint=f"The system says: {error.strerror or error}. Choose another path.",
        ) from error
    return target


def check_report_place(target: Path) -> None:
    """Refuse a name that says another kind of file.

    Raises:
        SettingError: It ends in ``.pdf``, say.
    """
    end = target.suffix.lower()
    if end and end not in _MARKDOWN | _HTML and end[1:].isalpha():
        raise SettingError(
            "A report is HTML or Markdown.",
            received=target.name,
            hint="End the name in .html or .md; a browser prints HTML as PDF.",
        )


def _write(target: Path, content: str | bytes) -> None:
    partial = target.with_name(f"{target.name}.partial")
    if isinstance(content, bytes):
        partial.write_bytes(content)
    else:
        partial.write_text(content, encoding="utf-8")
    partial.replace(target)


def report_html(
    state: RunState, card: Scorecard | None, facts: dict[str, Any], title: str = ""
) -> str:
    """The report's text as HTML, without single rows."""
    return as_html(report_document(state, card, facts, title))


def report_document(
    state: RunState,
    card: Scorecard | None,
    facts: dict[str, Any],
    title: str = "",
    *,
    rows: Answered | None = None,
    no_rows: str = "",
    explained: Sequence[Block] = (),
) -> Document:
    """The report's content; for the arguments see `write_report`."""
    kinds = drawable(state, card)
    drawn = {kind: draw(kind, state, card, theme="auto") for kind in kinds}
    of_run = [(kind, drawn[kind]) for kind in kinds if kind in _OF_RUNS]
    of_answers = [(kind, drawn[kind]) for kind in kinds if kind not in _OF_RUNS]
    return Document(
        title or (f"Run {state.run}" if state.run else "A run"),
        sections.lead(state, card),
        [
            ("Data", sections.data(state)),
            ("How good it is", [*sections.answers(card), Figures(of_answers)]),
            ("Where it errs", _errors(state, rows, no_rows)),
            ("What was tried", [Figures(of_run), *sections.tried(state)]),
            ("Steps explained", explained),
            ("Model", sections.model(facts)),
            ("Use it, train it again", sections.reproduce(state, facts)),
            ("Settings", sections.settings(state)),
            ("Versions and device", sections.environment(state)),
        ],
    )


def _errors(state: RunState, rows: Answered | None, no_rows: str) -> list[Block]:
    """Errors as a table, those of pictures as pictures, too, and the map of rows."""
    told: list[Block] = sections.errors(rows, no_rows)
    if rows is None:
        return told
    there = set(rows.frame.columns)
    pictured = any(name in there for name in rows.schema.of_kind(ColumnKind.IMAGE))
    kinds = ["errors", "embedding"] if pictured else ["embedding"]
    drawn: list[tuple[str, Picture]] = []
    for kind in kinds:
        try:
            drawn.append((kind, draw(kind, state, rows=lambda: rows)))
        except AutoMLError:  # too few rows for a map
            continue
    return [*told, Figures(drawn)]
