"""The pieces of the HTML form, each a function from facts to a string.

Only inline styles and no script, so that the block survives in a saved notebook and
in front ends that know nothing of it. Where a notebook isn't trusted JupyterLab drops every
style that holds var() or calc(); what a picture's meaning rests on does without them. Text
keeps the front end's own colour in every theme; colour alone never carries a meaning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from automl_nb.core.show import facts
from automl_nb.core.show.amounts import lasting, sized
from automl_nb.core.show.facts import Frame, StageFact
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip, interval, number, speed
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow

INK = "var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor))"
ACCENT = "var(--jp-brand-color1,var(--vscode-charts-blue,#3b82f6))"
GOOD = "var(--jp-success-color1,var(--vscode-charts-green,#2c9c62))"
WARN = "var(--jp-warn-color1,var(--vscode-charts-orange,#d9730d))"
BAD = "var(--jp-error-color1,var(--vscode-charts-red,#d9486a))"
CODE_FONT = "var(--jp-code-font-family,var(--vscode-editor-font-family,monospace))"
VEIL = "rgba(127,127,127,.12)"
LINE = "1px solid rgba(127,127,127,.35)"

_STATUS_COLOUR = {
    "waiting": WARN,
    "running": ACCENT,
    "paused": WARN,
    "finished": GOOD,
    "stopped": WARN,
    "stopping": WARN,
}
_STAGE_MARK = {
    "done": "✓",
    "now": "▸",
    "skipped": "-",
    "stopped": "◼",
    "failed": "✗",
    "to_come": "·",
}
_LEVEL_MARK = {"info": "·", "warning": "⚠", "error": "✗"}
MOST_ROWS, MOST_MEASURES, MOST_NOTES = 8, 6, 4


def badge(text: str, colour: str) -> str:
    """A few words in a rounded frame.

    Example:
        >>> "border:1.5px solid #2c9c62;" in badge("clear", GOOD)
        True
    """
    return (
        f'<span style="border:1.5px solid {plain(colour)};border-color:{colour};'
        f'border-radius:9px;padding:0 8px;font-weight:600;white-space:nowrap">{escape(text)}</span>'
    )


def plain(colour: str) -> str:
    """The last resort of a theme's colour, which is kept where `var()` is not.

    Example:
        >>> plain(GOOD)
        '#2c9c62'
    """
    return colour.rstrip(")").rpartition(",")[2]


def header(state: RunState, frame: Frame) -> str:
    """The run's name, a badge with its state in words, and the data in one line."""
    now = facts.status(state, frame)
    label = badge(say("status." + now), _STATUS_COLOUR.get(now, BAD))
    name = "" if frame.stable else f"<strong>{escape(clip(state.run, 60))}</strong>"
    took = "" if frame.stable or state.ended is None else facts.time_line(state, frame)
    told = [f"<span>{escape(part)}</span>" for part in (facts.data_line(state), took) if part]
    return _row("".join([name, label, *told]), "margin-bottom:6px")


def time_bar(state: RunState, frame: Frame) -> str:
    """Time used of the budget, while the run goes on."""
    if state.ended is not None or state.behind or frame.broken or frame.stable:
        return ""
    bar = _progress(say("time.label"), facts.elapsed(state, frame), state.time_s or 0.0)
    return _row(f"{bar}<span>{escape(facts.time_line(state, frame))}</span>")


def work_bar(state: RunState) -> str:
    """The work at hand, with its own bar."""
    progress = state.progress
    if progress is None:
        return ""
    bar = _progress(say("work.label", what=progress.what), progress.done, progress.total)
    return _row(f"{bar}<span>{escape(facts.work_line(progress))}</span>")


def _progress(label: str, value: float, most: float) -> str:
    # The front end's own bar has a white track in dark themes, so ours is drawn, and
    # the real element lies over it, transparent, for screen readers.
    share = min(1.0, max(0.0, value / most)) if most > 0 else 0.0
    known = f' value="{min(value, most):.4g}" max="{most:.4g}"' if most > 0 else ""
    return (
        '<div style="position:relative;flex:1 1 160px;max-width:280px;height:8px;'
        'border-radius:4px;background:rgba(127,127,127,.25);overflow:hidden">'
        f'<div style="width:{share:.1%};height:100%;background:{plain(ACCENT)};'
        f'background:{ACCENT}"></div>'
        f'<progress aria-label="{escape(label)}"{known} style="position:absolute;inset:0;'
        'width:100%;height:100%;opacity:0;margin:0"></progress></div>'
    )


def best(state: RunState) -> str:
    """The best score so far in large type, its interval and its model."""
    row = facts.best(state)
    if row is None:
        waits = state.ended or state.behind
        return "" if waits else _row(f"<span>{say('best.none')}</span>")
    head = say("best.preferred" if state.preferred else "best.final" if state.ended else "best")
    span = interval(row.low, row.high)
    small = f"{facts.metric(state)} · {say('validation')}" + (f" {span}" if span else "")
    tested = "".join(
        f"<span>{escape(say('tested', score=f'{m.value} {m.interval}'.rstrip()))}</span>"
        for m in facts.test_measures(state, 1)
    )
    return _row(
        f"<span>{head}</span>"
        f'<strong style="font-size:1.6em;line-height:1.2">{number(row.score)}</strong>'
        f"<span>{escape(small)}</span>{tested}<span>{_code(clip(row.model, 80))}</span>",
        "margin:4px 0",
    )


def forecast(state: RunState, frame: Frame) -> str:
    """What the best score is expected to be, while the run goes on."""
    line = facts.forecast_line(state, frame)
    return _row(f"<span>{escape(line)}</span>") if line else ""


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
    took = f" {lasting(stage.seconds or 0.0)}" if spent else ""
    reason = stage.outcome in {"skipped", "stopped", "failed"} and stage.note
    words = f" {said}: {clip(stage.note, 60)}" if reason else took
    ring = (
        f"border:1.5px solid {plain(ACCENT)};border-color:{ACCENT};font-weight:600"
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


def leaderboard(state: RunState, frame: Frame) -> str:
    """The best rows of the leaderboard."""
    ranked = state.ranked()
    if not ranked:
        return ""
    shown = ranked[:MOST_ROWS]
    heads = [say("column.rank"), say("column.model"), facts.metric(state), say("column.interval")]
    heads += [] if frame.stable else [say("column.fit"), say("column.speed"), say("column.size")]
    rows = [_cells(rank, row, frame) for rank, row in zip(facts.ranks(state), shown, strict=False)]
    drawn = table(say("leaderboard"), heads, rows, words=1)
    hidden = len(ranked) - len(shown)
    more = say("leaderboard.more", n=hidden) if hidden else ""
    return drawn + "".join(
        f"<div>{escape(line)}</div>" for line in (more, facts.tie_line(state)) if line
    )


def _cells(rank: str, row: LeaderboardRow, frame: Frame) -> list[str]:
    cells = [rank, clip(row.model, 80), facts.score_words(row), interval(row.low, row.high)]
    if frame.stable:
        return cells
    return [*cells, lasting(row.fit_s), speed(row.predict_ms), sized(row.size_bytes or math.nan)]


def side_by_side(*blocks: str) -> str:
    """Blocks beside each other, or below where there is little room."""
    content = "".join(f'<div style="min-width:0">{block}</div>' for block in blocks if block)
    return f'<div style="display:flex;flex-wrap:wrap;gap:0 32px">{content}</div>' if content else ""


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: int = 0,
) -> str:
    """A small table; the column `words` holds text and has room, the others hold numbers."""
    top = "".join(_cell("th", text, i == words, ' scope="col"') for i, text in enumerate(heads))
    lines = ("".join(_cell("td", text, i == words) for i, text in enumerate(row)) for row in rows)
    body = "".join(f'<tr style="border-top:{LINE};background:none">{line}</tr>' for line in lines)
    name = escape(caption)
    return (  # who has no mouse can reach a table that is wider than the page, and move it
        f'<div style="font-weight:600;margin-top:6px" aria-hidden="true">{name}</div>'
        f'<div role="group" tabindex="0" aria-label="{name}" style="overflow-x:auto">'
        f'<table aria-label="{name}" style="border-collapse:collapse;margin:0 0 6px;border:0;'
        'color:inherit;font-size:inherit;font-variant-numeric:tabular-nums">'
        f'<thead><tr style="border:0;background:none">{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(tag: str, text: str, wordy: bool, more: str = "") -> str:
    side = "left;min-width:9em" if wordy else "right;white-space:nowrap"
    return f'<{tag}{more} style="text-align:{side};padding:1px 10px 1px 0">{escape(text)}</{tag}>'


def test_part(state: RunState) -> str:
    """The sealed test part's measures with their intervals."""
    scores = facts.test_measures(state, MOST_MEASURES)
    if not scores:
        return ""
    heads = [say("column.metric"), say("column.value"), say("column.interval")]
    return table(facts.test_caption(state), heads, [[s.name, s.value, s.interval] for s in scores])


def notes(state: RunState, frame: Frame) -> str:
    """The last messages and warnings, each with its level in words."""
    shown, hidden = facts.notes(state, frame, MOST_NOTES)
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
        hint = say("queue.hint", run=state.run) if state.behind else frame.hint
        return f'<div style="opacity:.8">{escape(hint)}</div>' if hint else ""
    parts = []
    if facts.best(state) is not None:
        parts.append(f"<span>{say('next')}: {_code(facts.next_line(state, frame))}</span>")
    if place := facts.place(state, frame):
        parts.append(f"<span>{say('where')} {_code(place)}</span>")
    return _row("".join(parts), "margin-top:6px") if parts else ""


def status_line(state: RunState, frame: Frame) -> str:
    """The one sentence that a screen reader hears; it holds no running clock."""
    said = frame.notice or facts.summary(state, frame)
    look = (
        f"border-left:3px solid {plain(WARN)};border-color:{WARN};padding-left:8px"
        if frame.notice
        else _HIDDEN
    )
    return f'<div role="status" style="{look}">{escape(said)}</div>'


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
