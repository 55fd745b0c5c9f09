"""What the pictures of a run's trials have in common: which trials, which settings, which axes."""

from __future__ import annotations

from dataclasses import replace

from automl_nb.core.errors import AutoMLError, UnknownNameError
from automl_nb.core.ledger import Entry, Setting, ledger, most_tried, searched
from automl_nb.core.state import RunState
from automl_nb.evaluate.words import metric_title
from automl_nb.transfer.catalog import STRATEGIES


def of_strategy(state: RunState, strategy: str) -> RunState:
    """The run with the trials of one strategy alone.

    Raises:
        UnknownNameError: It has none.
    """
    kept = {name: trial for name, trial in state.trials.items() if trial.strategy == strategy}
    if not kept:
        known = sorted({trial.strategy for trial in state.trials.values()})
        raise UnknownNameError("strategy with a trial in this run", strategy, known)
    return replace(state, trials=kept)


def compared(state: RunState) -> tuple[list[Entry], list[Setting]]:
    """The trials with a score of the strategy that was tried most, and where they differ."""
    scored = [entry for entry in ledger(state) if entry.scored]
    strategy = most_tried(scored)
    entries = [entry for entry in scored if entry.trial.strategy == strategy]
    return (entries, searched(entries, _by_factors(strategy))) if entries else ([], [])


def _by_factors(strategy: str) -> list[str]:
    """The settings that a strategy's space has on a logarithmic scale."""
    if strategy not in STRATEGIES:
        return []
    try:
        maker = STRATEGIES[strategy].load()()
    except (AutoMLError, ImportError):  # made where more was installed
        return []
    space = maker.space() if hasattr(maker, "space") else ()
    return [parameter.name for parameter in space if getattr(parameter, "log", False)]


def title_of(state: RunState) -> str:
    """The run's metric, as people write it."""
    return metric_title(state.objective.metric) if state.objective else "score"


def goes_up(state: RunState) -> bool:
    """Whether more is better."""
    return state.objective.greater_is_better if state.objective else True
