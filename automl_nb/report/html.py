"""The report: a run as one HTML file that needs nothing else, online or offline."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from automl_nb.core.errors import RunError
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report import sections
from automl_nb.report.page import page
from automl_nb.report.plots import draw, drawable

_OF_RUNS = (
    *("timeline", "leaderboard", "pareto", "curves", "trials"),
    *("parallel", "importance", "architecture"),
)


def write_report(
    path: str | Path,
    state: RunState,
    scorecard: Scorecard | None = None,
    *,
    model_facts: dict[str, Any] | None = None,
    title: str = "",
) -> Path:
    """Write a run as one HTML file.

    It holds the data, what was tried, how good the model is, pictures, settings, versions,
    and the Python to use it. Its pictures are part of the file; it fetches and
    executes nothing, and follows the reader's light or dark setting.

    Args:
        path: The file, or a folder in which to write ``report.html``.
        state: The run.
        scorecard: Of the run's model, where one was made.
        model_facts: What the model says of itself; ``"path"`` is where it lies.
        title: The heading; the run's name otherwise.

    Returns:
        Where it lies.

    Raises:
        RunError: The file cannot be written.
    """
    target = Path(path).expanduser()
    if target.is_dir():
        target /= "report.html"
    text = report_html(state, scorecard, model_facts or {}, title)
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise RunError(
            "A report must go to a file that can be written.",
            received=str(target),
            hint=f"The system says: {error.strerror or error}. Choose another path.",
        ) from error
    return target


def report_html(
    state: RunState, card: Scorecard | None, facts: dict[str, Any], title: str = ""
) -> str:
    """The report's text."""
    heading = title or (f"Run {state.run}" if state.run else "A run")
    kinds = drawable(state, card)
    of_run = [kind for kind in kinds if kind in _OF_RUNS]
    of_answers = [kind for kind in kinds if kind not in _OF_RUNS]
    return page(
        heading,
        sections.lead(state, card),
        [
            ("Data", sections.data(state)),
            ("How good it is", sections.answers(card) + _pictures(of_answers, state, card)),
            ("What was tried", _pictures(of_run, state, card) + sections.tried(state)),
            ("Model", sections.model(facts)),
            ("Use it, train it again", sections.reproduce(state, facts)),
            ("Settings", sections.settings(state)),
            ("Versions", sections.environment(state)),
        ],
    )


def _pictures(kinds: list[str], state: RunState, card: Scorecard | None) -> str:
    figures = "".join(_figure(kind, state, card) for kind in kinds)
    return f'<div class="pictures">{figures}</div>' if figures else ""


def _figure(kind: str, state: RunState, card: Scorecard | None) -> str:
    picture = draw(kind, state, card, theme="auto")
    said = f"<figcaption>{escape(picture.description)}</figcaption>"
    return f"<figure>{picture.page_svg()}{said}</figure>"
