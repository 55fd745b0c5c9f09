"""What the pictures of a run's trials have in common: which trials, which settings, which axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from automl_nb.core.errors import AutoMLError, UnknownNameError
from automl_nb.core.ledger import Entry, Setting, comparable, ledger, searched
from automl_nb.core.state import RunState
from automl_nb.evaluate.metrics import METRICS, load_metric
from automl_nb.evaluate.words import metric_title
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.settable import COMMON


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
        bounds: Between which any of it lies.
    """

    entries: Sequence[Entry] = ()
    settings: Sequence[Setting] = ()
    title: str = "score"
    up: bool = True
    values: tuple[float, ...] = ()
    bounds: tuple[float, float] = (-math.inf, math.inf)

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
        return Compared(entries, settings, entries[0].judged_by, False, losses, (0.0, math.inf))
    scores = tuple(entry.score for entry in entries)
    return Compared(entries, settings, title_of(state), goes_up(state), scores, bounds_of(state))


def _by_factors(strategy: str) -> list[str]:
    """The settings that are searched by factors: a strategy's own, and of networks the common."""
    if strategy not in STRATEGIES:
        return []
    try:
        maker = STRATEGIES[strategy].load()()
    except (AutoMLError, ImportError):  # made where more was installed
        return []
    own = maker.space() if hasattr(maker, "space") else ()
    common = COMMON if "backbone" in STRATEGIES[strategy].tags else ()
    return [parameter.name for parameter in (*common, *own) if getattr(parameter, "log", False)]


def bounds_of(state: RunState) -> tuple[float, float]:
    """Between which the run's metric lies."""
    if state.objective is None or state.objective.metric not in METRICS:
        return -math.inf, math.inf
    return load_metric(state.objective.metric).bounds


def title_of(state: RunState) -> str:
    """The run's metric, as people write it."""
    return metric_title(state.objective.metric) if state.objective else "score"


def goes_up(state: RunState) -> bool:
    """Whether more is better."""
    return state.objective.greater_is_better if state.objective else True
