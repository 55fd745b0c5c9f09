"""The two pictures of the HTML form: the best score over time, and learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import median

from automl_nb.core.show import facts
from automl_nb.core.show.facts import Frame
from automl_nb.core.show.messages import say
from automl_nb.core.show.parts import readable_box
from automl_nb.core.show.span import readable
from automl_nb.core.show.svg import COLOURS, LEAST_WIDTH, Series, chart, picture
from automl_nb.core.show.words import clip, number
from automl_nb.core.state import Curve, RunState

MOST_CURVES = 5


def charts(state: RunState, frame: Frame) -> str:
    """Both pictures side by side, or below each other where there is little room."""
    if frame.stable:  # the points in time differ from run to run
        return ""
    drawn = _best_chart(state, frame) + _curves_chart(state)
    return f'<div style="display:flex;flex-wrap:wrap;gap:4px 20px">{drawn}</div>' if drawn else ""


def _best_chart(state: RunState, frame: Frame) -> str:
    rows = sorted(state.leaderboard, key=lambda row: row.t)
    if not rows:
        return ""
    steps = [(event.t, event.score) for event in state.incumbents]
    if steps:
        steps.append((facts.elapsed(state, frame), steps[-1][1]))
    held = Series(say("chart.incumbent"), tuple(steps), "step", 0)
    models = Series(say("chart.models"), tuple((r.t, r.score) for r in rows), "dots", 1)
    limits = _interesting([row.score for row in rows], state)
    return _figure(
        say("chart.best"), [held, models], say("chart.seconds"), facts.metric(state), limits
    )


def _interesting(scores: Sequence[float], state: RunState) -> tuple[float, float]:
    """The range in which models compete; a trivial baseline far off must not flatten it."""
    up = state.objective is None or state.objective.greater_is_better
    first = max(scores) if up else min(scores)
    reach = 2.5 * abs(first - median(scores))
    if len(scores) < 4 or reach == 0:
        return min(scores), max(scores)
    return (
        (max(min(scores), first - reach), first) if up else (first, min(max(scores), first + reach))
    )


def _curves_chart(state: RunState) -> str:
    grown = [curve for curve in state.curves.values() if len(curve.resource) > 1]
    shown = _shown_metric(grown, facts.metric(state))
    drawn = [curve for curve in grown if shown in curve.metrics][-MOST_CURVES:]
    series = [Series(c.trial, _points(c, shown), "line", i) for i, c in enumerate(drawn)]
    up = shown != "loss" and (state.objective is None or state.objective.greater_is_better)
    span = readable([c.metrics[shown] for c in drawn], greater_is_better=up)
    if span is None:
        return _figure(say("chart.curves"), series, say("chart.share"), shown)
    title = f"{say('chart.curves')} ({say('chart.beyond', n=len(span.beyond))})"
    return _figure(title, series, say("chart.share"), shown, (span.low, span.high))


def _points(curve: Curve, shown: str) -> tuple[tuple[float, float], ...]:
    """A curve over its share of the trial: epochs and trees have no common scale."""
    whole = max(curve.total, curve.resource[-1]) or 1.0
    shares = (100.0 * resource / whole for resource in curve.resource)
    return tuple(zip(shares, curve.metrics[shown], strict=False))


def _shown_metric(curves: Sequence[Curve], own: str) -> str:
    """The score if any trial reports one, else the loss, else what there is."""
    known = [name for curve in curves for name in curve.metrics]
    return next((name for name in ("score", own, "loss", *known) if name in known), "")


def _figure(
    title: str,
    series: list[Series],
    x_label: str,
    y_label: str,
    limits: tuple[float, float] | None = None,
) -> str:
    spoken = "; ".join(_spoken(s) for s in series if s.points)
    label = clip(f"{title}: {y_label}, {spoken}", 300)
    drawn = chart(series, label=label, x_label=x_label, y_label=y_label, y_limits=limits)
    if not drawn:
        return ""
    keys = " ".join(_key(s) for s in series if s.points)
    return (
        '<figure style="flex:1 1 300px;max-width:380px;margin:6px 0;min-width:0">'
        f'<figcaption style="font-weight:600;margin:0 0 2px">{escape(title)}</figcaption>'
        f"{readable_box(picture(drawn, label), LEAST_WIDTH)}"
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
