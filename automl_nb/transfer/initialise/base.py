"""What an initialiser is: a head from frozen features and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.linear import LinearPredictor

if TYPE_CHECKING:
    from automl_nb.transfer.base import TrialContext


class Initialiser:
    """An initialiser of the registry."""

    name: ClassVar[str]
    kinds: ClassVar[tuple[TaskKind, ...]] = tuple(TaskKind)

    def refuses(self, task: Task) -> str:
        """Why it doesn't fit this task, or an empty text if it does."""
        if task.kind in self.kinds:
            return ""
        return f"the head start '{self.name}' is made of classes, and this is a {task.kind.value}"

    def head(self, features: np.ndarray, context: TrialContext) -> LinearPredictor:
        """A head for these rows.

        Args:
            features: (n, d) frozen features of the training rows.
            context: Its `y` holds these rows' answers, (n,) or (n, k); its `class_weight`
                is the loss's.

        Returns:
            (d, width) coefficients; the width is 1 for two classes and for regression.
        """
        del features, context
        raise TypeError(f"{type(self).__name__} must say how a head is made.")


def initialiser_for(name: str, task: Task) -> Initialiser:
    """The initialiser of this name.

    Raises:
        SettingError: It doesn't fit the task.
        UnknownNameError: There is none of this name.

    Example:
        >>> initialiser_for("lda", Task(TaskKind.REGRESSION, "price"))
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.SettingError: The start of the head must fit the task. ...
    """
    from automl_nb.core.errors import SettingError
    from automl_nb.transfer.initialise.catalog import INITIALISERS

    made: Initialiser = INITIALISERS[name].load()()
    why = made.refuses(task)
    if why:
        fitting = [spec.name for spec in INITIALISERS if not spec.load()().refuses(task)]
        raise SettingError(
            "The start of the head must fit the task.",
            received=why,
            hint=f"Use {' or '.join(fitting)}.",
        )
    return made


def width_of(task: Task) -> int:
    """Margins of a row: one for two classes and for regression, else one a class."""
    return 1 if task.kind is TaskKind.BINARY else task.n_outputs


def probe_context(features: np.ndarray, context: TrialContext) -> TrialContext:
    """The context of a head that reads these features as the block ``features``."""
    from dataclasses import replace

    import pandas as pd

    from automl_nb.transfer.given import GivenBlocks

    frame = pd.DataFrame(index=range(len(features)))
    blocks = GivenBlocks({"features": features}, frame)
    # Scores that the trial kept are of other features.
    return replace(context, blocks=blocks, checkpoints=None)
