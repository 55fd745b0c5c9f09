"""What the pictures of a run's trials have in common: which trials, which settings, which axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from automl_nb.core.errors import AutoMLError, UnknownNameError
from automl_nb.core.ledger import Entry, Setting, comparable, ledger, searched
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


@dataclass(frozen=True)
class Compared:
    """Trials of one strategy that are judged alike, and where they differ.

    Attributes:
        entries: In the order in which they began; may be empty.
        settings: In which they differ.
        title: What they are judged by: the run's metric, or the loss that a search compares.
        up: Whether more of it is better.
        values: (n,) of it, finite.
    """

    entries: Sequence[Entry] = ()
    settings: Sequence[Setting] = ()
    title: str = "score"
    up: bool = True
    values: tuple[float, ...] = ()

    @property
    def strategy(self) -> str:
        """The name of their strategy."""
        return self.entries[0].trial.strategy

    @property
    def by_loss(self) -> bool:
        """Whether they are judged by the loss that a search compares."""
        return bool(self.entries) and self.entries[0].by_loss


def compared(state: RunState) -> Compared:
    """The most trials of one strategy that can be compared."""
    entries = comparable(ledger(state))
    if not entries:
        return Compared()
    settings = searched(entries, _by_factors(entries[0].trial.strategy))
    if entries[0].by_loss:
        losses = tuple(entry.loss for entry in entries)
        return Compared(entries, settings, entries[0].judged_by, up=False, values=losses)
    scores = tuple(entry.score for entry in entries)
    return Compared(entries, settings, title_of(state), goes_up(state), scores)


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
