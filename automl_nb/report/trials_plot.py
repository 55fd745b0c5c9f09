"""Each trial over the run's time: its score or its loss, how it ended, and how long it took."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from automl_nb.core.ledger import Entry, ledger
from automl_nb.core.show.words import count, duration, number
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, colour
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.scale import interesting
from automl_nb.report.tried_plots import bounds_of, goes_up, title_of

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
_STRIP = 0.13  # the height of the strip for the rest, beside that of the scores
_BEST = "best so far"
_FAR = "far off"


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    entries, end = ledger(state), max(state.t, 1e-9)
    groups = _groups(entries)
    panels: list[Axes] = [*figure.subplots(len(groups), sharex=True, squeeze=False)[:, 0]]
    for ax, group in zip(panels, groups, strict=True):
        if group.title:
            _draw_losses(ax, group, state, ink)
        else:
            _draw_scores(ax, group.entries, state, ink)
        _draw_best(ax, *_best(group, state), end, ink)
        quiet_grid(ax, ink, "y")
    panels[0].set(title="What was tried", xlim=(0, end * 1.02))
    panels[-1].set_xlabel("seconds since the start (a line is as long as its trial took)")
    _draw_legend(figure, panels, entries)


@dataclass(frozen=True)
class _Group:
    """Trials that have an axis in common; `title` is that of their losses, "" for scores."""

    title: str
    entries: Sequence[Entry]


def _groups(entries: Sequence[Entry]) -> list[_Group]:
    """The scores, with what has neither, and the losses of each search.

    What a search found stands in both.
    """
    others = [entry for entry in entries if entry.scored or not entry.by_loss]
    titles = dict.fromkeys(entry.judged_by for entry in entries if entry.by_loss)
    losses = [_Group(title, [e for e in entries if e.judged_by == title]) for title in titles]
    return [*([_Group("", others)] if others else []), *losses]


def _draw_scores(ax: Axes, entries: Sequence[Entry], state: RunState, ink: Ink) -> None:
    up, scores = goes_up(state), [entry.score for entry in entries]
    _draw_panel(ax, entries, scores, state, ink, up=up, below="no score,\nor far off")
    ax.set_ylabel(title_of(state))


def _draw_losses(ax: Axes, group: _Group, state: RunState, ink: Ink) -> None:
    losses = [entry.loss for entry in group.entries]
    _draw_panel(ax, group.entries, losses, state, ink, up=False, below=_FAR)
    ax.set_ylabel(f"{group.title}\n(less is better)")


def _draw_panel(
    ax: Axes,
    entries: Sequence[Entry],
    values: Sequence[float],
    state: RunState,
    ink: Ink,
    *,
    up: bool,
    below: str,
) -> None:
    """Trials at the height of their values, on the side of the worse ones a strip for the rest."""
    low, high = interesting(values, greater_is_better=up) or (0.0, 1.0)
    strip = _STRIP * (high - low)
    rest = low - strip / 2 if up else high + strip / 2
    heights = [value if low <= value <= high else rest for value in values]
    for status in _statuses(entries):
        _draw_status(ax, status, entries, heights, state)
    if rest in heights:
        ax.axhline(low if up else high, color=ink.faint, alpha=ink.alpha, linewidth=0.8)
        ax.text(1.0, rest, below, transform=ax.get_yaxis_transform(), va="center")
    ax.set_ylim(low - strip * up, high + strip * (not up))
    ends = (0.0, math.inf) if below == _FAR else bounds_of(state)
    within = (max(low, ends[0]), min(high, ends[1]))
    ax.set_yticks([tick for tick in ax.get_yticks() if within[0] <= tick <= within[1]])


def _draw_status(
    ax: Axes, status: str, entries: Sequence[Entry], heights: Sequence[float], state: RunState
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
        label=status,
    )


def _best(group: _Group, state: RunState) -> tuple[list[float], list[float]]:
    """The times at which something better came, and how good it was."""
    if not group.title:
        return [event.t for event in state.incumbents], [event.score for event in state.incumbents]
    entries = group.entries
    ended = sorted((state.t if e.trial.ended is None else e.trial.ended, e.loss) for e in entries)
    return [t for t, _ in ended], np.minimum.accumulate([loss for _, loss in ended]).tolist()


def _draw_best(ax: Axes, times: list[float], best: list[float], end: float, ink: Ink) -> None:
    if times:
        x, y = [*times, end], [*best, best[-1]]
        ax.step(x, y, where="post", color=ink.text, linewidth=1.6, label=_BEST, zorder=3)


def _draw_legend(figure: Picture, panels: Sequence[Axes], entries: Sequence[Entry]) -> None:
    """What the marks mean, with how many there are of each over all panels."""
    found = Counter(entry.trial.status for entry in entries)
    marks: dict[str, Artist] = {}
    for ax in panels:
        for handle, status in zip(*ax.get_legend_handles_labels(), strict=True):
            marks.setdefault(f"{status} ({found[status]})" if status != _BEST else _BEST, handle)
    order = sorted(marks, key=lambda name: name == _BEST)
    figure.legend([marks[name] for name in order], order, loc="outside lower center", ncols=4)


def _statuses(entries: Sequence[Entry]) -> list[str]:
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
    told = f"{count(len(entries), 'trial')} over time: {ended}. They took {took} together."
    return " ".join([told, *(_described(group) for group in _groups(entries) if group.title)])


def _described(group: _Group) -> str:
    """How far a search got."""
    losses = [entry.loss for entry in group.entries]
    judged = f"{count(len(losses), 'trial')} of a search, judged by {group.title}"
    return f"{judged}, got from {number(losses[0])} to {number(min(losses))}."


trials = Plot(
    _draw,
    lambda state, _: bool(state.trials),
    _describe,
    lambda state, _: (8.4, 1.4 + 2.8 * len(_groups(ledger(state)))),
    needs="a trial",
)
