"""What a trial of a run may use, and by what it is known when it is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.errors import AutoMLError
from automl_nb.core.trials import Deadline
from automl_nb.pipeline.memo import rows_digest, trial_key
from automl_nb.transfer.base import Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.zoo.start import start_s

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

# Metrics that ask for rare classes to count as much as common ones.
_EVEN_HANDED = {"balanced_accuracy", "f1", "f1_macro", "recall", "recall_macro", "mcc"}


class TrialMeans:
    """Gives each trial its strategy, its rows, its part of the time and its device.

    Args:
        bench: The run's state.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._identities: dict[str, str] = {}  # of the encoders, by block

    def prepared(
        self, strategy: str, inputs: tuple[str, ...], name: str, share: float
    ) -> tuple[Strategy, TrialContext] | None:
        """The strategy and what it may use; None where it isn't for this run."""
        if not self._bench.wants(strategy):
            return None
        spec = STRATEGIES[strategy]
        try:
            maker: Strategy = spec.load()()
        except (AutoMLError, ImportError) as error:
            self._bench.say(f"{name} is left out: {error}", "warning")
            return None
        slow_start = 0.0
        if "torch" in spec.tags:
            slow_start = (
                self._bench.network_start_s if "backbone" in spec.tags else start_s("torch")
            )
        if self._bench.champion is not None and not self._bench.allows(slow_start):
            self._bench.cut.append(name)
            return None
        context = self.context(
            name, self._bench.device if "torch" in spec.tags else "cpu", share=share
        )
        why_not = maker.applies(context, inputs)
        if why_not:
            self._bench.unsuited[strategy] = why_not
        return None if why_not else (maker, context)

    @property
    def class_weight(self) -> np.ndarray | None:
        """Where the metric weighs classes alike."""
        bench = self._bench
        return bench.dataset.class_weight if bench.objective.metric in _EVEN_HANDED else None

    def context(self, trial_id: str, device: str = "cpu", *, share: float = 1.0) -> TrialContext:
        """What a trial may use; `share` of the time that is left at most."""
        bench = self._bench
        return TrialContext(
            trial_id=trial_id,
            blocks=bench.blocks,
            y=bench.dataset.y,
            folds=bench.dataset.folds,
            task=bench.dataset.task,
            objective=bench.objective,
            schema=bench.dataset.schema,
            seed=bench.settings.seed,
            deadline=Deadline(max(0.1, share * bench.left)),
            cancel=bench.cancel,
            class_weight=self.class_weight,
            device=device,
            workdir=bench.vault.folder,
            interchangeable=not (bench.settings.group or bench.settings.time_column)
            and bench.settings.split in {"auto", "stratified", "random"},
            unlabelled=bench.unlabelled,
        )

    def is_dropped(self, inputs: tuple[str, ...], config: dict[str, Any]) -> bool:
        """Whether the person wants no more of a network that it would use."""
        bench = self._bench
        read = any(bench.is_dropped(bench.encoders.get(block)) for block in inputs)
        return read or config.get("backbone") in bench.dropped

    def key(
        self,
        context: TrialContext,
        maker: Strategy,
        inputs: tuple[str, ...],
        config: dict[str, Any],
    ) -> str:
        """The same for the same trial in any run on these rows."""
        for block in inputs:
            if block not in self._identities:
                self._identities[block] = self._bench.encoders[block].identity()
        own: Callable[[dict[str, Any]], str] | None = getattr(maker, "identity", None)
        return trial_key(
            context,
            maker.name,
            {block: self._identities[block] for block in inputs},
            config,
            rows=self._rows,
            own="" if own is None else own(config),
        )

    @cached_property
    def _rows(self) -> str:
        return rows_digest(self._bench.dataset)
