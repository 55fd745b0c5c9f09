"""Each trial over the run's time: its score, how it ended, and how long it took."""

from __future__ import annotations

from collections import Counter

from matplotlib.axes import Axes

from automl_nb.core.ledger import Entry, ledger
from automl_nb.core.show.words import count, duration
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, colour
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.scale import interesting
from automl_nb.report.tried_plots import goes_up, title_of

_SHAPES = {
    "done": ("o", 0),
    "stopped": ("s", 1),
    "pruned": ("v", 3),
    "skipped": ("D", 6),
    "interrupted": ("P", 5),
    "failed": ("X", 4),
    "running": (">", 2),
}
_OTHER = ("d", 7)
_MANY = 150  # trials, from which on each is drawn smaller
_STRIP = 0.13  # the height of the strip below, beside that of the scores


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    ax, entries, end = figure.subplots(), ledger(state), max(state.t, 1e-9)
    scores = [entry.score for entry in entries]
    low, high = interesting(scores, greater_is_better=goes_up(state)) or (0.0, 1.0)
    floor = low - _STRIP * (high - low)
    heights = [score if low <= score <= high else (low + floor) / 2 for score in scores]
    for status in _statuses(entries):
        _draw_status(ax, status, entries, heights, state)
    _draw_best(ax, state, end, ink)
    if any(height < low for height in heights):
        ax.axhline(low, color=ink.faint, alpha=ink.alpha, linewidth=0.8)
        strip = (low + floor) / 2
        ax.text(
            1.0, strip, "no score,\nor far off", transform=ax.get_yaxis_transform(), va="center"
        )
    ax.set(xlim=(0, end * 1.02), ylim=(floor, high), title="What was tried")
    ax.set_xlabel("seconds since the start (a line is as long as its trial took)")
    ax.set_ylabel(title_of(state))
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
    quiet_grid(ax, ink, "y")
    figure.legend(loc="outside lower center", ncols=4)


def _draw_status(
    ax: Axes, status: str, entries: list[Entry], heights: list[float], state: RunState
) -> None:
    """The trials that ended so: a line over the time of each, and a mark at its end."""
    shape, place = _SHAPES.get(status, _OTHER)
    drawn = [
        (e.trial, y) for e, y in zip(entries, heights, strict=True) if e.trial.status == status
    ]
    ends = [state.t if trial.ended is None else trial.ended for trial, _ in drawn]
    y, many = [y for _, y in drawn], len(entries) > _MANY
    starts = [trial.started for trial, _ in drawn]
    ax.hlines(y, starts, ends, color=colour(place), linewidth=1.0 if many else 2.2, alpha=0.55)
    ax.plot(
        ends,
        y,
        shape,
        color=colour(place),
        markersize=3.5 if many else 6,
        alpha=0.6 if many else 0.9,
        markeredgewidth=0,
        label=f"{status} ({len(drawn)})",
    )


def _draw_best(ax: Axes, state: RunState, end: float, ink: Ink) -> None:
    times = [event.t for event in state.incumbents]
    best = [event.score for event in state.incumbents]
    if times:
        x, y = [*times, end], [*best, best[-1]]
        ax.step(x, y, where="post", color=ink.text, linewidth=1.6, label="best so far", zorder=3)


def _statuses(entries: list[Entry]) -> list[str]:
    """The ways in which trials ended, the usual ones first."""
    found = Counter(entry.trial.status for entry in entries)
    known = [status for status in _SHAPES if status in found]
    return [*known, *(status for status in found if status not in _SHAPES)]


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    entries = ledger(state)
    found = Counter(entry.trial.status for entry in entries)
    ended = ", ".join(f"{found[status]} {status}" for status in _statuses(entries))
    took = duration(sum(entry.trial.elapsed_s for entry in entries))
    return f"{count(len(entries), 'trial')} over time: {ended}. They took {took} together."


trials = Plot(
    _draw,
    lambda state, _: bool(state.trials),
    _describe,
    lambda *_: (8.4, 4.2),
    needs="a trial",
)
