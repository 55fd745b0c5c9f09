"""The pieces of the HTML form, each a function from facts to a string.

Only inline styles and no script, so that the block survives in a saved notebook and
in front ends that know nothing of it. Text keeps the front end's own colour in every
theme; colour alone never carries a meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from automl_nb.core.show import facts
from automl_nb.core.show.facts import Frame, StageFact
from automl_nb.core.show.messages import say
from automl_nb.core.show.svg import COLOURS, Series, chart
from automl_nb.core.show.words import clip, duration, interval, number
from automl_nb.core.state import Curve, RunState
from automl_nb.core.types import LeaderboardRow

INK = "var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor))"
ACCENT = "var(--jp-brand-color1,var(--vscode-charts-blue,#3b82f6))"
GOOD = "var(--jp-success-color1,var(--vscode-charts-green,#2c9c62))"
WARN = "var(--jp-warn-color1,var(--vscode-charts-orange,#d9730d))"
BAD = "var(--jp-error-color1,var(--vscode-charts-red,#d9486a))"
CODE_FONT = "var(--jp-code-font-family,var(--vscode-editor-font-family,monospace))"
VEIL = "rgba(127,127,127,.12)"
LINE = "1px solid rgba(127,127,127,.35)"

_STATUS_COLOUR = {"running": ACCENT, "finished": GOOD, "stopped": WARN, "stopping": WARN}
_STAGE_MARK = {
    "done": "✓",
    "now": "▸",
    "skipped": "–",
    "stopped": "◼",
    "failed": "✗",
    "to_come": "·",
}
_LEVEL_MARK = {"info": "·", "warning": "⚠", "error": "✗"}
MOST_ROWS, MOST_NOTES, MOST_CURVES = 8, 4, 5


def header(state: RunState, frame: Frame) -> str:
    """The run's name, a badge with its state in words, and the data in one line."""
    now = facts.status(state, frame)
    colour = _STATUS_COLOUR.get(now, BAD)
    badge = (
        f'<span style="border:1.5px solid {colour};border-radius:9px;padding:0 8px;'
        f'font-weight:600;white-space:nowrap">{say("status." + now)}</span>'
    )
    name = "" if frame.stable else f"<strong>{escape(clip(state.run, 60))}</strong>"
    data = f"<span>{escape(facts.data_line(state))}</span>"
    return _row(name + badge + data, "margin-bottom:6px")


def time_bar(state: RunState, frame: Frame) -> str:
    """Time used of the budget while the run goes on; what it took once it ended."""
    words = f"<span>{escape(facts.time_line(state, frame))}</span>"
    if state.ended is not None or frame.broken:
        return _row(words)
    budget = state.time_s or 0.0
    bar = _progress(say("time.label"), facts.elapsed(state, frame), budget)
    return _row(bar + words)


def work_bar(state: RunState) -> str:
    """The work at hand, with its own bar."""
    progress = state.progress
    if progress is None:
        return ""
    bar = _progress(say("work.label", what=progress.what), progress.done, progress.total)
    return _row(f"{bar}<span>{escape(facts.work_line(progress))}</span>")


def _progress(label: str, value: float, most: float) -> str:
    known = f' value="{min(value, most):.4g}" max="{most:.4g}"' if most > 0 else ""
    return (
        f'<progress aria-label="{escape(label)}"{known} style="flex:1 1 160px;max-width:260px;'
        f'height:10px;accent-color:{ACCENT}"></progress>'
    )


def best(state: RunState) -> str:
    """The best score so far in large type, its interval and its model."""
    row = facts.best(state)
    if row is None:
        return "" if state.ended else _row(f"<span>{say('best.none')}</span>")
    head = say("best.final" if state.ended else "best")
    span = interval(row.low, row.high)
    small = f"{facts.metric(state)} · {say('validation')}" + (f" {span}" if span else "")
    return _row(
        f"<span>{head}</span>"
        f'<strong style="font-size:1.6em;line-height:1.2">{number(row.score)}</strong>'
        f"<span>{escape(small)}</span><span>{_code(clip(row.model, 80))}</span>",
        "margin:4px 0",
    )


def stages(state: RunState, frame: Frame) -> str:
    """The recipe's steps: done, now, skipped (with the reason) and to come."""
    items = "".join(_stage(stage, frame) for stage in facts.stages(state, frame))
    if not items:
        return ""
    return (
        f'<ol aria-label="{say("stages")}" style="list-style:none;display:flex;flex-wrap:wrap;'
        f'gap:4px;margin:6px 0;padding:0">{items}</ol>'
    )


def _stage(stage: StageFact, frame: Frame) -> str:
    said = say(f"stage.{stage.outcome}")
    spent = stage.seconds is not None and not frame.stable
    took = f" {duration(stage.seconds or 0.0)}" if spent else ""
    reason = stage.outcome in {"skipped", "stopped", "failed"} and stage.note
    words = f" {said}: {clip(stage.note, 60)}" if reason else took
    ring = (
        f"border:1.5px solid {ACCENT};font-weight:600"
        if stage.outcome == "now"
        else f"border:{LINE}"
    )
    faint = "opacity:.7;" if stage.outcome in {"to_come", "skipped"} else ""
    return (
        f'<li title="{escape(clip(stage.note, 160))}" style="{faint}{ring};border-radius:4px;'
        f'padding:1px 7px;margin:0"><span aria-hidden="true">{_STAGE_MARK.get(stage.outcome, "·")}'
        f"</span> {escape(stage.name)}{escape(words)}"
        f"{'' if reason else _unseen(said)}</li>"
    )


def charts(state: RunState, frame: Frame) -> str:
    """The best score over time beside the learning curves."""
    if frame.stable:
        return ""
    drawn = [part for part in (_best_chart(state, frame), _curves_chart(state)) if part]
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:4px 20px">{"".join(drawn)}</div>'
        if drawn
        else ""
    )


def _best_chart(state: RunState, frame: Frame) -> str:
    rows = sorted(state.leaderboard, key=lambda row: row.t)
    if not rows:
        return ""
    steps = [(event.t, event.score) for event in state.incumbents]
    if steps:
        steps.append((facts.elapsed(state, frame), steps[-1][1]))
    held = Series(say("chart.incumbent"), tuple(steps), "step", 0)
    models = Series(say("chart.models"), tuple((r.t, r.score) for r in rows), "dots", 1)
    return _figure(say("chart.best"), [models, held], say("chart.seconds"), facts.metric(state))


def _curves_chart(state: RunState) -> str:
    grown = [c for c in state.curves.values() if len(c.resource) > 1][-MOST_CURVES:]
    if not grown:
        return ""
    shown = _shown_metric(grown)
    series = [
        Series(
            curve.trial, tuple(zip(curve.resource, curve.metrics[shown], strict=False)), "line", i
        )
        for i, curve in enumerate(grown)
        if shown in curve.metrics
    ]
    return _figure(say("chart.curves"), series, say("chart.resource"), shown)


def _shown_metric(curves: Sequence[Curve]) -> str:
    """The score if any trial reports one, else what the newest trial reports first."""
    if any("score" in curve.metrics for curve in curves):
        return "score"
    return next((name for curve in reversed(curves) for name in curve.metrics), "score")


def _figure(title: str, series: list[Series], x_label: str, y_label: str) -> str:
    label = f"{title}: {y_label}, " + "; ".join(_spoken(s) for s in series if s.points)
    drawn = chart(series, label=clip(label, 300), x_label=x_label, y_label=y_label)
    if not drawn:
        return ""
    keys = " ".join(_key(s) for s in series if s.points)
    return (
        '<figure style="flex:1 1 300px;max-width:420px;margin:6px 0;min-width:0">'
        f'<figcaption style="font-weight:600;margin:0 0 2px">{escape(title)}</figcaption>{drawn}'
        f'<div style="display:flex;flex-wrap:wrap;gap:0 12px">{keys}</div></figure>'
    )


def _spoken(series: Series) -> str:
    return f"{series.name} now {number(series.points[-1][1])}"


def _key(series: Series) -> str:
    colour = COLOURS[series.colour % len(COLOURS)]
    mark = "●" if series.shape == "dots" else "━"
    return (
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="color:{colour}">{mark}'
        f"</span> {escape(clip(series.name, 44))}</span>"
    )


def leaderboard(state: RunState, frame: Frame) -> str:
    """The best rows of the leaderboard."""
    ranked = state.ranked()
    if not ranked:
        return ""
    shown = ranked[:MOST_ROWS]
    heads = [say("column.rank"), say("column.model"), facts.metric(state), say("column.interval")]
    heads += [] if frame.stable else [say("column.fit"), say("column.speed")]
    rows = [_cells(i, row, frame) for i, row in enumerate(shown, 1)]
    drawn = table(say("leaderboard"), heads, rows, words=(1,))
    hidden = len(ranked) - len(shown)
    return drawn + (f"<div>{say('leaderboard.more', n=hidden)}</div>" if hidden else "")


def _cells(place: int, row: LeaderboardRow, frame: Frame) -> list[str]:
    cells = [str(place), clip(row.model, 80), number(row.score), interval(row.low, row.high)]
    return cells if frame.stable else [*cells, duration(row.fit_s), number(row.predict_ms)]


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: tuple[int, ...] = (0,),
) -> str:
    """A small table; the columns in `words` hold text, the others numbers."""

    def cell(tag: str, text: str, place: int, more: str = "") -> str:
        side = "left" if place in words else "right;white-space:nowrap"
        return (
            f'<{tag}{more} style="text-align:{side};padding:1px 8px 1px 0">{escape(text)}</{tag}>'
        )

    top = "".join(cell("th", text, i, ' scope="col"') for i, text in enumerate(heads))
    body = "".join(
        f'<tr style="border-top:{LINE};background:none">'
        + "".join(cell("td", text, i) for i, text in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:6px 0;'
        f'color:inherit;font-size:inherit;font-variant-numeric:tabular-nums">'
        f'<caption style="text-align:left;font-weight:600;color:inherit;caption-side:top;padding:0">'
        f"{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def test(state: RunState) -> str:
    """The sealed test part's measures with their intervals."""
    scores = facts.test_scores(state)
    if not scores:
        return ""
    heads = [say("column.metric"), say("column.value"), say("column.interval")]
    return table(facts.test_caption(state), heads, [[s.name, s.value, s.interval] for s in scores])


def notes(state: RunState) -> str:
    """The last messages and warnings, each with its level in words."""
    shown, hidden = facts.notes(state, MOST_NOTES)
    if not shown:
        return ""
    items = "".join(
        f'<li style="margin:0"><span aria-hidden="true">{_LEVEL_MARK.get(level, "·")} </span>'
        f"{'' if level == 'info' else f'<strong>{escape(level)}:</strong> '}"
        f"{escape(clip(text, 300))}</li>"
        for level, text in shown
    )
    more = f"<div>{say('messages.more', n=hidden)}</div>" if hidden else ""
    return (
        f'{more}<ul aria-label="{say("messages")}" style="list-style:none;margin:4px 0;padding:0">'
        f"{items}</ul>"
    )


def footer(state: RunState, frame: Frame) -> str:
    """Where things lie and the next line to type; what one can do while it runs."""
    if state.ended is None and not frame.broken:
        return f'<div style="opacity:.8">{escape(frame.hint)}</div>' if frame.hint else ""
    parts = []
    if facts.best(state) is not None:
        parts.append(f"<span>{say('next')}: {_code(facts.next_line(frame))}</span>")
    if frame.folder and not frame.stable:
        parts.append(f"<span>{say('where')} {_code(frame.folder)}</span>")
    return _row("".join(parts), "margin-top:6px") if parts else ""


def status_line(state: RunState, frame: Frame) -> str:
    """The one sentence that a screen reader hears; it holds no running clock."""
    said = frame.notice or facts.summary(state, frame)
    if frame.notice:
        return f'<div role="status" style="border-left:3px solid {WARN};padding-left:8px">{escape(said)}</div>'
    return f'<div role="status" style="{_HIDDEN}">{escape(said)}</div>'


_HIDDEN = (
    "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
)


def _unseen(text: str) -> str:
    return f'<span style="{_HIDDEN}">, {escape(text)}</span>'


def _row(content: str, more: str = "") -> str:
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:2px 12px;'
        f'{more}">{content}</div>'
    )


def _code(text: str) -> str:
    return (
        f'<code style="background:{VEIL};color:inherit;padding:1px 5px;border-radius:3px;'
        f'font-family:{CODE_FONT};overflow-wrap:anywhere">{escape(text)}</code>'
    )
