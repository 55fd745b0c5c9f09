"""Where the trials of a run are carried out, and what becomes of those that fail there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from automl_nb.control.drive import Heard
from automl_nb.control.executors.base import Executor, Task, Told
from automl_nb.control.executors.catalog import EXECUTORS
from automl_nb.control.executors.ends import KilledError
from automl_nb.control.executors.thread import Thread
from automl_nb.control.memory import free_bytes, lack, limit_bytes, within_budget
from automl_nb.core.errors import TrialError
from automl_nb.pipeline.context_files import ContextFiles
from automl_nb.pipeline.remote_trial import told
from automl_nb.transfer.base import Candidate, Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

FOLDER = "processes"
_AT_HOME = "baseline"  # the tag of what takes less time than a message


class Execution:
    """Carries out trials by the executor that the run's settings name.

    Args:
        bench: The run's state.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._thread = Thread()
        self._folder = bench.vault.folder / FOLDER
        shutil.rmtree(self._folder, ignore_errors=True)  # what a killed run left
        self._files = ContextFiles(self._folder / "shared")

    def train(
        self,
        maker: Strategy,
        context: TrialContext,
        inputs: tuple[str, ...],
        config: dict[str, Any],
        *,
        heard: Heard,
        spent: Callable[[float, int], None],
    ) -> Candidate:
        """What the trial returns.

        Args:
            maker: How to train.
            context: What it may use.
            inputs: Keys of the blocks that it reads.
            config: Its settings.
            heard: Called with each report.
            spent: Called with the processor's seconds and the bytes that another process took.

        Raises:
            MemoryError: It needs more memory than is free, or had more than it may.
            TrialError: Its process ended, or its scores are no numbers.
            Exception: Whatever else the trial raises.
        """
        free = free_bytes(_free_on(context.device))
        if context.device == "cpu":
            free = within_budget(free, self._bench.settings.memory_bytes)
        if short := lack(_least_bytes(maker, context, inputs, config), free):
            raise MemoryError(short)
        words = self._words(maker, context, inputs, config)
        executor = self._thread if words is None else self._elsewhere
        task = Task(
            context.trial_id,
            context.deadline,
            context.cancel,
            begin=lambda: maker.train(context, inputs, config),
            told=words,
            heard=heard,
            # A device's driver reserves far more than it uses.
            memory_bytes=limit_bytes(free) if context.device == "cpu" else 0,
            spent=spent,
        )
        return _checked(executor.run(task))

    def close(self) -> None:
        """End all that is at work, and delete what was written for it."""
        if "_elsewhere" in self.__dict__:
            self._elsewhere.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _elsewhere(self) -> Executor:
        made: Executor = EXECUTORS[self._bench.settings.executor].load()(self._folder / "work")
        return made

    def _words(
        self,
        maker: Strategy,
        context: TrialContext,
        inputs: tuple[str, ...],
        config: dict[str, Any],
    ) -> Told[Candidate] | None:
        """The trial in words; None where it is carried out in the run's own process."""
        bench = self._bench
        if bench.settings.executor == "thread" or _AT_HOME in STRATEGIES[maker.name].tags:
            return None
        try:
            return told(self._files, context, maker.name, inputs, config)
        except (ValueError, TypeError, OSError) as error:
            bench.say_once(f"{maker.name} is trained in the run's own process: {error}.")
            return None


def in_words(error: Exception) -> str:
    """Why a trial failed, for its note."""
    in_plain_words = isinstance(error, TrialError | KilledError)
    return str(error) if in_plain_words else f"{type(error).__name__}: {error}"


def _checked(candidate: Candidate) -> Candidate:
    if not np.isfinite(candidate.oof).all(axis=1).any():
        raise TrialError("Its scores are no numbers.")
    return candidate


def _least_bytes(
    maker: Strategy, context: TrialContext, inputs: tuple[str, ...], config: dict[str, Any]
) -> int:
    """What a trial holds in any case: the rows of its largest fold in all blocks, and a network."""
    rows = max((len(fold.fit) for fold in context.folds), default=0)
    network: Callable[[dict[str, Any]], int] | None = getattr(maker, "least_bytes", None)
    held = 0 if network is None else network(config)
    return held + sum(rows * _row_bytes(context.blocks[key]) for key in inputs)


def _row_bytes(block: Any) -> int:
    if sparse.issparse(block):
        return int(block.nnz * (block.dtype.itemsize + 4) / max(1, block.shape[0]))
    return int(block.shape[1] * block.dtype.itemsize)


def _free_on(device: str) -> Callable[[], int] | None:
    """Asks a card for its free memory; None where a trial computes on the processor."""
    if not device.startswith("cuda"):
        return None

    def free() -> int:
        import torch

        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0] + unused)

    return free
