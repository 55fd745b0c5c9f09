"""What a strategy is: a way to train a predictor on encoded or raw columns.

A strategy's `train` is a generator (see `automl_nb.core.trials`): it yields a
`Report` after each fold or some steps, receives a `Decision`, and returns a
`Candidate`. Told to stop, it returns the best that it has.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.trials import CancelToken, Deadline, Decision, Report
from automl_nb.core.types import Objective, Schema, Task
from automl_nb.data.split import Fold
from automl_nb.features.base import Matrix


class Blocks(Protocol):
    """Feature blocks of some rows by key; `frame` holds the same rows' raw columns."""

    @property
    def frame(self) -> pd.DataFrame:
        """The rows."""
        ...

    def __getitem__(self, key: str, /) -> Matrix:
        """The block (n_rows, d) of this key, computed when first asked for."""
        ...

    def take(self, rows: np.ndarray) -> Blocks:
        """The same blocks for some of the rows, by position."""
        ...


@dataclass(frozen=True)
class TrialContext:
    """All that a trial may use.

    Attributes:
        trial_id: Its name within the run.
        blocks: Feature blocks of the development rows.
        y: (n,) class positions as int64; (n, k) 0/1 float32 for multi-label;
            (n,) float64 for regression.
        folds: The run's one division into folds; every trial uses the same, so that
            out-of-fold scores can be compared and blended.
        class_weight: (k,) weights of the classes, or None.
        seed: Seeds everything that the trial draws.
        deadline: When the trial must have ended.
        cancel: To be checked once a batch.
        device: The torch device as text.
        workdir: Where a trial may write.
        interchangeable: Whether rows may be moved from a fold's held-out part to its
            training part; not where groups or time divide them.
        unlabelled: Feature blocks of rows without a label, or None; never of test rows.
        checkpoints: Where the trial keeps what a later process may go on from, and finds what an
            earlier one kept; None to keep nothing.
        only_judged: Whether the scores out of fold alone are wanted: nothing is refitted.
    """

    trial_id: str
    blocks: Blocks
    y: np.ndarray
    folds: tuple[Fold, ...]
    task: Task
    objective: Objective
    schema: Schema
    seed: int
    deadline: Deadline
    cancel: CancelToken
    class_weight: np.ndarray | None = None
    device: str = "cpu"
    workdir: Path | None = None
    interchangeable: bool = True
    unlabelled: Blocks | None = None
    checkpoints: Checkpoints | None = None
    only_judged: bool = False

    def part(self, name: str, **changes: Any) -> TrialContext:
        """The same for one of several like parts of the trial, which keep things by themselves."""
        kept = self.checkpoints
        return replace(self, checkpoints=kept and kept.part(name), **changes)


@runtime_checkable
class Predictor(Protocol):
    """A fitted function from blocks to scores."""

    def predict(self, blocks: Blocks) -> np.ndarray:
        """Scores of the rows.

        Returns:
            (n, k) probabilities (rows sum to 1; for multi-label each column by itself
            in [0, 1]), or (n, 1) values for regression; float64.
        """
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write arrays under `folder` (npy, safetensors, text); return the rest as JSON."""
        ...

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Predictor:
        """Rebuild what `save` wrote. Never executes code from the folder."""
        ...


@dataclass(frozen=True)
class Candidate:
    """A trained model with its honest (out-of-fold) scores.

    Attributes:
        name: Its name on the leaderboard.
        strategy: A name of the strategy registry.
        inputs: Keys of the blocks that the predictor reads.
        predictor: Fitted on all development rows where `refitted`, else on a part.
        oof: (n, k) scores for the development rows by models that did not see them;
            rows of NaN where no such score was made.
        fit_s: Seconds spent.
        note: What a person should know, such as the chosen penalty.
    """

    name: str
    strategy: str
    inputs: tuple[str, ...]
    predictor: Predictor
    oof: np.ndarray
    fit_s: float
    note: str = ""
    refitted: bool = True
    config: dict[str, object] = field(default_factory=dict)


Trial = Generator[Report, Decision, Candidate]


@runtime_checkable
class Strategy(Protocol):
    """A way of training, as the registry holds it (one class or module-level object)."""

    name: str

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Why it cannot be used here, or an empty text if it can."""
        ...

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Train on these blocks. `config` overrides the strategy's defaults.

        Raises:
            Cancelled: `context.cancel` was set before anything usable was there.
        """
        ...
