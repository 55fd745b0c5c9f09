"""What a run leaves: a model that answers, judges itself and can be saved."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import BundleError, DataError
from automl_nb.core.types import ColumnKind, Objective, Schema, Task, TaskKind
from automl_nb.data.clean import Cleaner
from automl_nb.data.conform import conform, conform_labelled
from automl_nb.data.labels import LabelValues, decode_labels
from automl_nb.data.schema import input_columns
from automl_nb.evaluate.calibration import Temperature, Thresholds
from automl_nb.evaluate.scorecard import Scorecard, make_scorecard
from automl_nb.explorer.divisions import script_divisions
from automl_nb.features.base import Encoder
from automl_nb.pipeline.blocks import LazyBlocks
from automl_nb.pipeline.trained_on import warning
from automl_nb.transfer.base import Predictor


@dataclass(frozen=True)
class Member:
    """One predictor of a model.

    Attributes:
        name: Its name on the leaderboard.
        strategy: The registry's name of what trained it.
        predictor: Gives scores from blocks.
        weight: Its share; the shares of all members sum to 1.
        temperature: Calibrates it by itself, before blending.
    """

    name: str
    strategy: str
    predictor: Predictor
    weight: float
    temperature: Temperature


@dataclass
class Model:
    """A trained model: `predict`, `predict_proba`, `evaluate`, `save`.

    Attributes:
        task: What it answers.
        schema: The columns that it was trained on.
        encoders: By key; only those that a member reads.
        facts: Where it comes from: run, versions, data, scores.
    """

    task: Task
    schema: Schema
    objective: Objective
    cleaner: Cleaner
    label_values: LabelValues
    encoders: dict[str, Encoder]
    members: tuple[Member, ...]
    temperature: Temperature
    thresholds: Thresholds
    root: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads, in the order of the table."""
        return input_columns(self.schema, self.task)

    def predict(self, data: Any) -> np.ndarray:
        """Answers in the type of the labels that were learnt from.

        Args:
            data: Rows as a frame, file, list of mappings; or the values themselves,
                where the model has one input column.

        Raises:
            ColumnError: Columns are missing or hold something else.
        """
        return decode_labels(self.thresholds.decide(self.scores(data)), self.label_values)

    def predict_proba(self, data: Any) -> pd.DataFrame:
        """Probabilities, one column a class, named by the class; a frame's index is kept.

        Raises:
            DataError: The model predicts numbers.
        """
        if self.task.kind is TaskKind.REGRESSION:
            raise DataError(
                "Probabilities need classes.",
                received=f"a model that predicts the number '{self.task.label}'",
                hint="Use predict().",
            )
        index = data.index if isinstance(data, pd.DataFrame | pd.Series) else None
        return pd.DataFrame(self.scores(data), index=index, columns=list(self.task.classes))

    def scores(self, data: Any) -> np.ndarray:
        """(n, k) calibrated probabilities, or (n, 1) values."""
        rows = self.cleaner.transform(conform(data, self.schema, self.task, root=self.root))
        return self.scores_of(LazyBlocks(rows, self.encoders))

    def scores_of(self, blocks: Any) -> np.ndarray:
        """As `scores`, from blocks of rows that are already shaped and clean."""
        if len(blocks.frame) == 0:
            return np.zeros((0, self.task.n_outputs))
        parts = [
            member.weight * member.temperature.apply(member.predictor.predict(blocks))
            for member in self.members
        ]
        return self.temperature.apply(np.sum(parts, axis=0))

    def evaluate(self, data: Any, *, label: str | tuple[str, ...] | None = None) -> Scorecard:
        """Judge the answers for rows that have the label; a note says if they were trained on.

        Args:
            data: Rows with the label's column.
            label: The column, if it has another name there.

        Raises:
            DataError: No rows, no label, unknown labels, or columns that don't fit.
        """
        from automl_nb.data.sources import read_table

        table = read_table(data)
        if isinstance(label, str) and label != self.task.label:
            renamed = table.frame.rename(columns={label: self.task.label})
            table = replace(table, frame=renamed)
        if table.frame.empty:
            raise DataError(
                "A judgement needs rows.",
                received="0 rows",
                hint="Check the source, or the filter before it.",
            )
        started = time.perf_counter()
        frame, y = conform_labelled(table, self.schema, self.task, root=self.root)
        rows = self.cleaner.transform(frame)
        scores = self.scores_of(LazyBlocks(rows, self.encoders))
        elapsed = time.perf_counter() - started
        known = warning(self.facts.get("trained_on", ()), rows, self.inputs)
        return self.judge(
            y, scores, rows, part="given rows", openings=0, seconds=elapsed, notes=known
        )

    def judge(
        self,
        y: np.ndarray,
        scores: np.ndarray,
        rows: pd.DataFrame,
        *,
        part: str,
        openings: int,
        seconds: float,
        notes: tuple[str, ...] = (),
    ) -> Scorecard:
        """The scorecard of these rows' scores, which took `seconds` to compute."""
        texts = self.schema.of_kind(ColumnKind.TEXT)
        read = [name for name in texts if name in rows and name != self.task.label]
        return make_scorecard(
            y,
            scores,
            self.task,
            self.objective,
            thresholds=self.thresholds,
            part=part,
            openings=openings,
            latency_ms=1000.0 * seconds / max(1, len(y)),
            size_bytes=int(self.facts.get("size_bytes", 0)),
            notes=notes,
            divisions=script_divisions(rows, read),
        )

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the model as a folder that loads anywhere, without pickle.

        Raises:
            BundleExistsError: A saved model is there, and `overwrite` isn't asked for.
            BundleError: The folder holds something else, or cannot be written.
        """
        from automl_nb.pipeline.bundle import write_bundle

        if not isinstance(path, str | os.PathLike) or not str(path).strip():
            raise BundleError(
                "A model is saved to a folder.", received=path, hint="Give the folder's path."
            )
        return write_bundle(self, Path(path), overwrite=overwrite)

    def _lines(self) -> list[str]:
        what = f"{self.task.kind.value} model for '{self.task.label}'"
        classes = ", ".join(self.task.classes[:8]) + (" …" if len(self.task.classes) > 8 else "")
        lines = [what] + ([f"classes: {classes}"] if classes else [])
        lines += [f"{m.weight:.0%} {m.name}" for m in sorted(self.members, key=lambda m: -m.weight)]
        if "score" in self.facts:
            lines.append(f"{self.objective.metric} on held-out rows: {self.facts['score']:.4f}")
        return lines

    def __repr__(self) -> str:
        head, *rest = self._lines()
        return "\n  ".join([f"<{head}>", *rest])

    def _repr_html_(self) -> str:
        head, *rest = self._lines()
        items = "".join(f"<li>{escape(line)}</li>" for line in rest)
        return f"<div><strong>{escape(head)}</strong><ul>{items}</ul></div>"
