"""Where a training is among its batches, and the way back there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from automl_nb.core.trials import CancelToken
    from automl_nb.transfer.loop import Lesson


class Stream:
    """The batches of one epoch after the other, from any place on.

    Args:
        task: Gives the batches of each epoch.
        cancel: Checked while batches are read that aren't given.

    Attributes:
        epoch: That of the next batch, unless the epoch has just ended.
        taken: Batches that were given of it.
    """

    def __init__(self, task: Lesson, cancel: CancelToken) -> None:
        self._task, self._cancel = task, cancel
        self.epoch, self.taken = 0, 0
        self._batches: Iterator[tuple[Any, torch.Tensor]] | None = None

    def move(self, epoch: int, taken: int) -> None:
        """Go on after so many batches of an epoch; nothing is read before it is asked for."""
        self.epoch, self.taken, self._batches = epoch, taken, None

    def __next__(self) -> tuple[Any, torch.Tensor]:
        if self._batches is None:
            self._batches = iter(self._from_here())
        while (batch := next(self._batches, None)) is None:
            self.epoch, self.taken = self.epoch + 1, 0
            self._batches = iter(self._task.batches(self.epoch))
        self.taken += 1
        return batch

    def _from_here(self) -> Iterable[tuple[Any, torch.Tensor]]:
        """The rest of the epoch.

        Raises:
            Cancelled: While what the rest hangs on was read once more.
        """
        task = self._task
        if not self.epoch and not self.taken:
            return task.batches(0)
        for epoch in range(min(self.epoch, task.remembers)):
            for _ in task.batches(epoch):
                self._cancel.check()
        if task.rest is not None:
            return task.rest(self.epoch, self.taken)
        return islice(task.batches(self.epoch), self.taken, None)
