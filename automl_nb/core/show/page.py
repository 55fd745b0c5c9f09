"""The HTML form of a run: one self-contained block."""

from __future__ import annotations

from automl_nb.core.show import parts
from automl_nb.core.show.charts import charts
from automl_nb.core.show.facts import Frame
from automl_nb.core.show.text import text
from automl_nb.core.state import RunState


def page(state: RunState, frame: Frame | None = None) -> str:
    """Draw a state as one block of HTML, less than 30 kB, without script or links.

    Example:
        >>> from automl_nb.core.state import RunState
        >>> 'role="status"' in page(RunState(run="brisk-heron"))
        True
    """
    frame = frame or Frame()
    body = [
        parts.header(state, frame),
        parts.status_line(state, frame),
        parts.time_bar(state, frame),
        parts.work_bar(state),
        parts.stages(state, frame),
        parts.best(state),
        parts.forecast(state, frame),
        charts(state, frame),
        parts.side_by_side(parts.leaderboard(state, frame), parts.test_part(state)),
        parts.notes(state, frame),
        parts.footer(state, frame),
    ]
    return (
        f'<div style="position:relative;max-width:900px;padding:2px 8px;color:{parts.INK};'
        'line-height:1.5;font-family:var(--jp-ui-font-family,inherit);font-size:13px">'
        f"{''.join(body)}</div>"
    )


def bundle(state: RunState, frame: Frame | None = None) -> dict[str, str]:
    """Both forms of a state by MIME type, as Jupyter front ends take them."""
    return {"text/plain": text(state, frame), "text/html": page(state, frame)}
