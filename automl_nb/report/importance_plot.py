"""How much each setting had to do with the best scores, with intervals."""

from __future__ import annotations

from automl_nb.core.ledger import ledger
from automl_nb.core.show.words import count
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture, Plot, quiet_grid
from automl_nb.report.tried_plots import compared
from automl_nb.search.importance import LEAST, Importance, importance

_MOST = 12


def _found(state: RunState) -> tuple[Importance, ...]:
    tried = compared(state)
    return importance(tuple(tried.settings), tried.values, greater_is_better=tried.up)[:_MOST]


def _draw(figure: Picture, state: RunState, card: Scorecard | None, ink: Ink) -> None:
    del card
    ax, found, tried = figure.subplots(), _found(state), compared(state)
    rows, shares = range(len(found)), [100 * one.share for one in found]
    ax.barh(rows, shares, height=0.56, color=colour(0), alpha=0.75, linewidth=0)
    ax.hlines(
        rows,
        [100 * one.low for one in found],
        [100 * one.high for one in found],
        color=ink.text,
        linewidth=1.8,
    )
    for row, one in zip(rows, found, strict=True):
        ax.text(1.015, row, f"{one.share:.0%}", transform=ax.get_yaxis_transform(), va="center")
    ax.set_yticks(rows, [shown(one.name, 30) for one in found])
    ax.tick_params(axis="y", length=0)
    ax.set(ylim=(len(found) - 0.4, -0.6), xlim=(0, 100))
    ax.set_xlabel("% of what told the best trials from the others, with 95% interval")
    trials = f"{count(len(tried.entries), 'trial')} of {tried.strategy}"
    ax.set_title(f"What mattered for {tried.title} in {trials}")
    quiet_grid(ax, ink, "x")


def _describe(state: RunState, card: Scorecard | None) -> str:
    del card
    told = ", ".join(
        f"{one.name} {one.share:.0%} (95% interval {one.low:.0%} to {one.high:.0%})"
        for one in _found(state)
    )
    tried = compared(state)
    lead = f"Importance of settings for {tried.title} over {count(len(tried.entries), 'trial')}"
    return f"{lead} of {tried.strategy}, by PED-ANOVA: {told}."


def _has(state: RunState) -> str:
    """The trials that can be compared; of one strategy there may be more, judged otherwise."""
    tried = compared(state)
    if not tried.entries:
        return ""
    there = f"{count(len(tried.entries), 'trial')} of {tried.strategy}, judged by {tried.title}"
    alike = sum(entry.trial.strategy == tried.strategy for entry in ledger(state))
    others = alike - len(tried.entries)
    return f"{there}, beside {others} judged otherwise or not at all" if others else there


importances = Plot(
    _draw,
    lambda state, _: len(compared(state).entries) >= LEAST,
    _describe,
    lambda state, _: (7.2, 1.3 + 0.34 * min(_MOST, len(compared(state).settings))),
    needs=f"{LEAST} trials of one strategy with scores (or losses) whose settings differ",
    has=_has,
)
