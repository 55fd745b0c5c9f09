"""Pictures of a run: its learning curves, and its best score over time."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from automl_nb.core.show.span import Span, readable
from automl_nb.core.show.words import count, duration, number
from automl_nb.core.state import Curve, RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.evaluate.words import labels_apart, metric_title
from automl_nb.report.ink import Ink, colour, shown, shown_apart, style
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.scale import interesting
from automl_nb.report.tried_plots import bounds_of

_MOST_CURVES = 6
_MOST_BEYOND = 2  # trials beyond an axis that are named
_ROOM = 0.05  # of an axis, at each of its ends
_LEAST_BAND = 0.08  # stages narrower than this share of the run carry no name


def _score_title(state: RunState) -> str:
    return metric_title(state.objective.metric) if state.objective else "score"


def _goes_up(state: RunState) -> bool:
    return state.objective.greater_is_better if state.objective else True


def _curves_of(state: RunState) -> list[Curve]:
    """Trials that reported scores or losses at least twice, best last score first.

    Of equal ones the lowest loss comes first: that is what a search goes by.
    """
    drawn = [
        curve
        for curve in state.curves.values()
        if max(len(_values(curve, state, panel)) for panel in ("score", "loss")) > 1
    ]
    sign = -1.0 if _goes_up(state) else 1.0

    def rank(curve: Curve) -> tuple[float, float]:
        last, loss = (_last(_values(curve, state, panel)) for panel in ("score", "loss"))
        return (
            math.inf if math.isnan(last) else sign * last,
            math.inf if math.isnan(loss) else loss,
        )

    return sorted(drawn, key=rank)


def _values(curve: Curve, state: RunState, panel: str) -> list[float]:
    """A trial's scores (under whichever name it reports them) or losses."""
    if panel == "loss":
        return curve.metrics.get("loss", [])
    own = state.objective.metric if state.objective else "score"
    return curve.metrics.get("score") or curve.metrics.get(own, [])


def _last(values: list[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return finite[-1] if finite else math.nan


def _draw_curves(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    curves = _curves_of(state)
    panels = [p for p in ("score", "loss") if any(_values(c, state, p) for c in curves)]
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    names = shown_apart([curve.trial for curve in curves[:_MOST_CURVES]], 34)
    names += ["_"] * (len(curves) - len(names))  # such as no legend names
    for panel, ax in zip(panels, axes, strict=True):
        for position, (curve, name) in enumerate(zip(curves, names, strict=True)):
            _draw_curve(ax, curve, _values(curve, state, panel), position, name)
        ax.set_title("Loss while training" if panel == "loss" else "Score while training")
        ax.set_xlabel("epochs or folds")
        ax.set_ylabel("loss" if panel == "loss" else _score_title(state))
        _limit(ax, curves, state, panel)
        _bound_ticks(ax, (0.0, math.inf) if panel == "loss" else bounds_of(state))
        quiet_grid(ax, ink)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)


def _limit(ax: Axes, curves: list[Curve], state: RunState, panel: str) -> None:
    """An axis for those that can be read on one; what lies beyond is named at its edge."""
    span = _span(curves, state, panel)
    if span is None:
        return
    room = _ROOM * (span.high - span.low)
    ax.set_ylim(span.low - room, span.high + room)
    gone = _beyond(curves, state, panel)
    names = shown_apart([name for name, _ in gone], 26)
    told = [f"beyond: {name}, {far}" for name, (_, far) in zip(names, gone, strict=True)]
    if len(gone) > _MOST_BEYOND:
        told[_MOST_BEYOND:] = [f"and {count(len(gone) - _MOST_BEYOND, 'trial')} more"]
    at_top = not _up(state, panel)
    ax.text(
        0.02,
        0.98 if at_top else 0.02,
        "\n".join(told),
        transform=ax.transAxes,
        va="top" if at_top else "bottom",
        fontsize=7.5,
    )


def _up(state: RunState, panel: str) -> bool:
    return panel == "score" and _goes_up(state)


def _span(curves: list[Curve], state: RunState, panel: str) -> Span | None:
    values = [_values(curve, state, panel) for curve in curves]
    return readable(values, greater_is_better=_up(state, panel))


def _beyond(curves: list[Curve], state: RunState, panel: str) -> list[tuple[str, str]]:
    """The trials that the axis doesn't hold, and how far they go."""
    span = _span(curves, state, panel)
    if span is None:
        return []
    worst = min if _up(state, panel) else max
    gone = [curves[place] for place in span.beyond]
    reach = [worst(filter(math.isfinite, _values(curve, state, panel))) for curve in gone]
    return [(curve.trial, f"{panel} {number(far)}") for curve, far in zip(gone, reach, strict=True)]


def _bound_ticks(ax: Axes, bounds: tuple[float, float]) -> None:
    """No number on an axis that no score can have."""
    seen = ax.get_ylim()
    least, most = max(seen[0], bounds[0]), min(seen[1], bounds[1])
    ax.set_yticks([tick for tick in ax.get_yticks() if least <= tick <= most])
    ax.set_ylim(seen)


def _draw_curve(ax: Axes, curve: Curve, values: list[float], position: int, name: str) -> None:
    known = position < _MOST_CURVES
    ax.plot(
        curve.resource[: len(values)],
        values,
        color=colour(position) if known else colour(0),
        linestyle=style(position),
        alpha=1.0 if known else 0.3,
        linewidth=1.6 if known else 0.8,
        marker="o" if len(values) < 12 else "",
        markersize=3,
        label=name,
    )


def _describe_curves(state: RunState, card: Scorecard | None) -> str:
    del card
    curves = _curves_of(state)
    best = _last(_values(curves[0], state, "score")) if curves else math.nan
    ends = f" The best ends at {_score_title(state)} {number(best)}."
    told = f"Learning curves of {count(len(curves), 'trial')}.{'' if math.isnan(best) else ends}"
    gone = [one for panel in ("score", "loss") for one in _beyond(curves, state, panel)]
    named = zip(labels_apart([name for name, _ in gone]), gone, strict=True)
    beyond = "; ".join(f"{name}, {far}" for name, (_, far) in [*named][:_MOST_BEYOND])
    more = f" and {len(gone) - _MOST_BEYOND} more" if len(gone) > _MOST_BEYOND else ""
    return f"{told} Beyond the axis: {beyond}{more}." if gone else told


def _draw_timeline(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    ax = figure.subplots()
    end = max(state.t, 1e-9)
    rows = state.leaderboard
    limits = interesting([row.score for row in rows], greater_is_better=_goes_up(state))
    _draw_stages(ax, state, end, ink)
    ax.scatter(
        [row.t for row in rows],
        [row.score for row in rows],
        s=22,
        color=ink.text,
        alpha=0.75,
        linewidths=0,
        label="each model",
        zorder=2,
    )
    times = [event.t for event in state.incumbents]
    best = [event.score for event in state.incumbents]
    if times:
        ax.step(
            [*times, end],
            [*best, best[-1]],
            where="post",
            color=colour(0),
            linewidth=2,
            label="best so far",
            zorder=3,
        )
        ax.plot(times, best, "o", color=colour(0), markersize=4, zorder=4)
    if limits:
        ax.set_ylim(*limits)
    ax.set_xlim(0, end * 1.02)
    ax.set_xlabel("seconds since the start")
    ax.set_ylabel(_score_title(state))
    ax.set_title("Best model so far", pad=16)
    quiet_grid(ax, ink, "y")
    ax.legend(loc="lower right" if _goes_up(state) else "upper right")


def _draw_stages(ax: Axes, state: RunState, end: float, ink: Ink) -> None:
    """Bands for the steps of the recipe, named above where they are wide enough."""
    ran = [stage for stage in state.stages if stage.started is not None]
    for position, stage in enumerate(ran):
        start = stage.started or 0.0
        stop = end if stage.ended is None else stage.ended
        if position % 2:
            ax.axvspan(start, stop, color=ink.faint, alpha=0.1, linewidth=0, zorder=0)
        if (stop - start) / end >= _LEAST_BAND:
            ax.text(
                (start + stop) / 2,
                1.01,
                shown(stage.name, 18),
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=8,
                clip_on=False,
            )


def _describe_timeline(state: RunState, card: Scorecard | None) -> str:
    del card
    if not state.incumbents:
        return f"{count(len(state.leaderboard), 'model')} by the time when they were ready."
    first, last = state.incumbents[0], state.incumbents[-1]
    title = _score_title(state)
    began, ended = labels_apart([first.model, last.model])
    return (
        f"Best {title} over time: "
        f"{number(first.score)} after {duration(first.t)} ({began}), "
        f"{number(last.score)} after {duration(last.t)} ({ended})."
    )


curves = Plot(
    _draw_curves,
    lambda state, _: bool(_curves_of(state)),
    _describe_curves,
    lambda *_: (8.4, 4.0),
)
timeline = Plot(
    _draw_timeline,
    lambda state, _: bool(state.leaderboard),
    _describe_timeline,
    lambda *_: (8.4, 3.8),
)
