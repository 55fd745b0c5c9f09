"""What a trial may use, as JSON and files, for a process that shares no memory with the run.

What all trials of a run share is written once. Blocks that lie in the feature store stay there:
whoever reads them maps the same file.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.control.executors.base import Surroundings
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.types import Objective, Schema, Task
from automl_nb.data.frame_files import read_frame, write_frame
from automl_nb.data.split import Fold
from automl_nb.features.base import Matrix
from automl_nb.features.store import DENSE, read_block, write_block
from automl_nb.pipeline.blocks import TakenBlocks
from automl_nb.transfer.base import Blocks, TrialContext

_WEIGHT = "class_weight.npy"


class ContextFiles:
    """Writes the contexts of a run's trials.

    Args:
        folder: Of the run; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = _BlockFiles(folder / "development")
        self._unlabelled = _BlockFiles(folder / "unlabelled")
        self._labels = ""  # where labels and folds lie, once they were written

    def facts(
        self,
        context: TrialContext,
        inputs: tuple[str, ...],
        *,
        raw: bool = False,
        unlabelled: bool = False,
    ) -> dict[str, Any]:
        """A context in words.

        Args:
            context: Its rows, folds and weights are those of all contexts of the run.
            inputs: Keys of the blocks that the trial reads.
            raw: Whether it reads raw columns too.
            unlabelled: Whether it reads rows without a label, where there are any.

        Raises:
            ValueError: The raw columns hold what can't be written.
            TooSlow: There is no time to encode the rows without a label.
            OSError: The disk is full or read-only.
        """
        free = context.unlabelled if unlabelled else None
        return {
            "trial_id": context.trial_id,
            "task": to_dict(context.task),
            "objective": to_dict(context.objective),
            "schema": to_dict(context.schema),
            "seed": context.seed,
            "device": context.device,
            "interchangeable": context.interchangeable,
            "labels": self._written_labels(context),
            "n_folds": len(context.folds),
            "has_weight": context.class_weight is not None,
            "blocks": self._rows.facts(context.blocks, inputs, raw=raw),
            "unlabelled": free and self._unlabelled.facts(free, inputs, raw=raw),
        }

    def _written_labels(self, context: TrialContext) -> str:
        if not self._labels:
            folder = _made(self._folder / "labels")
            np.save(folder / "y.npy", context.y, allow_pickle=False)
            for number, fold in enumerate(context.folds):
                for part in ("fit", "judge"):
                    np.save(_of_fold(folder, number, part), getattr(fold, part))
            if context.class_weight is not None:
                np.save(folder / _WEIGHT, context.class_weight, allow_pickle=False)
            self._labels = str(folder)
        return self._labels


class _BlockFiles:
    """Where the blocks of some rows lie, and their raw columns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, str] = {}
        self._frame = ""

    def facts(self, blocks: Blocks, inputs: tuple[str, ...], *, raw: bool) -> dict[str, Any]:
        """What `FileBlocks` needs."""
        return {
            "places": {key: self._place(key, blocks[key]) for key in inputs},
            "frame": self._written(blocks.frame) if raw else "",
            "n_rows": len(blocks.frame),
        }

    def _place(self, key: str, block: Matrix) -> str:
        """Where a block lies; it is written where no other file holds it."""
        if key not in self._places:
            place = _mapped(block)
            if place is None:
                place = _made(self._folder) / f"block-{len(self._places)}"
                write_block(place, block, key)
            self._places[key] = str(place)
        return self._places[key]

    def _written(self, frame: pd.DataFrame) -> str:
        if not self._frame:
            folder = _made(self._folder / "frame")
            write_frame(folder, frame)
            self._frame = str(folder)
        return self._frame


def read_context(facts: dict[str, Any], around: Surroundings) -> TrialContext:
    """The context that `ContextFiles.facts` tells of.

    Raises:
        OSError, ValueError: A file is gone or damaged.
    """
    rows = Path(facts["labels"])
    y = np.load(rows / "y.npy", allow_pickle=False)
    folds = tuple(
        Fold(*(np.load(_of_fold(rows, number, part)) for part in ("fit", "judge")))
        for number in range(facts["n_folds"])
    )
    return TrialContext(
        trial_id=facts["trial_id"],
        blocks=FileBlocks(**facts["blocks"]),
        y=y,
        folds=folds,
        task=from_dict(Task, facts["task"]),
        objective=from_dict(Objective, facts["objective"]),
        schema=from_dict(Schema, facts["schema"]),
        seed=facts["seed"],
        deadline=around.deadline,
        cancel=around.cancel,
        class_weight=np.load(rows / _WEIGHT) if facts["has_weight"] else None,
        device=facts["device"],
        workdir=around.folder,
        interchangeable=facts["interchangeable"],
        unlabelled=FileBlocks(**facts["unlabelled"]) if facts["unlabelled"] else None,
    )


class FileBlocks:
    """Blocks by key, each read when first asked for.

    Args:
        places: The folder of each block.
        frame: The folder of the raw columns, or "".
        n_rows: Rows of all of them.
    """

    def __init__(self, places: dict[str, str], frame: str, n_rows: int) -> None:
        self._places, self._frame, self._n_rows = places, frame, n_rows
        self._known: dict[str, Matrix] = {}

    def __getitem__(self, key: str) -> Matrix:
        """The block of this key."""
        if key not in self._known:
            self._known[key] = read_block(Path(self._places[key]), self._n_rows)
        return self._known[key]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The raw columns; without any where they weren't written."""
        if not self._frame:
            return pd.DataFrame(index=pd.RangeIndex(self._n_rows))
        return read_frame(Path(self._frame))

    def take(self, rows: np.ndarray) -> TakenBlocks:
        """The same blocks for some rows, by position."""
        return TakenBlocks(self, rows)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _of_fold(folder: Path, number: int, part: str) -> Path:
    return folder / f"fold-{number}-{part}.npy"


def _mapped(block: Matrix) -> Path | None:
    """The folder of the feature store that a block is mapped from, if it is all that lies there."""
    if not isinstance(block, np.memmap) or block.filename is None:
        return None
    path = Path(block.filename)
    try:
        whole = path.name == DENSE and read_block(path.parent, len(block)).shape == block.shape
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return path.parent.resolve() if whole else None
