"""What a similarity is: a distance between two data sets in the features of one backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind

_BINS = 5  # classes that the values of a regression are cut into


@dataclass(frozen=True, eq=False)
class Sample:
    """Some rows of a data set as a backbone sees them.

    Attributes:
        features: (n, d) frozen features, all of the same backbone and settings.
        classes: (n,) int64 positions of the rows' classes.
    """

    features: np.ndarray
    classes: np.ndarray

    @classmethod
    def of(
        cls, features: np.ndarray, y: np.ndarray, kind: TaskKind, *, most: int = 0, seed: int = 0
    ) -> Sample:
        """A sample with answers of any kind: each becomes one class a row.

        Values are cut at their quintiles; of several labels the first one counts.

        Args:
            features: (n, d).
            y: (n,) or (n, k), as `transfer.base.TrialContext` has it.
            kind: Says what `y` means.
            most: Rows that are drawn if there are more; 0 for all.
            seed: Seeds the draw.

        Example:
            >>> Sample.of(np.zeros((4, 2)), np.array([1.0, 2, 3, 4]), TaskKind.REGRESSION).classes
            array([0, 1, 3, 4])
        """
        if most and len(features) > most:
            rows = np.sort(np.random.default_rng(seed).permutation(len(features))[:most])
            features, y = features[rows], y[rows]
        return cls(np.asarray(features, dtype=np.float64), _classes(y, kind))

    def __len__(self) -> int:
        return len(self.features)


class Similarity(Protocol):
    """A distance of the registry: 0 for the same rows, symmetric, never negative."""

    name: ClassVar[str]

    def distance(self, a: Sample, b: Sample) -> float:
        """How far apart two data sets are.

        Args:
            a: One of them.
            b: The other, in the same features.

        Raises:
            SettingError: The features aren't of one space, or a sample is empty.
        """
        ...


def check_alike(a: Sample, b: Sample) -> None:
    """Two samples can be compared.

    Raises:
        SettingError: They aren't of one space, or one is empty.
    """
    if not len(a) or not len(b):
        raise SettingError("Data sets need rows to be compared.", received=f"{len(a)}, {len(b)}")
    if a.features.shape[1] != b.features.shape[1]:
        raise SettingError(
            "Data sets are compared in the features of one backbone.",
            received=f"{a.features.shape[1]} and {b.features.shape[1]} features",
            hint="Encode both with the same backbone and settings.",
        )


def _classes(y: np.ndarray, kind: TaskKind) -> np.ndarray:
    if kind is TaskKind.REGRESSION:
        values = np.asarray(y, dtype=np.float64).reshape(-1)
        edges = np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1])
        return np.asarray(np.searchsorted(edges, values, side="right"), dtype=np.int64)
    if kind is TaskKind.MULTILABEL:
        none = ~(np.asarray(y) > 0).any(axis=1)
        first = np.argmax(np.asarray(y) > 0, axis=1)
        return np.asarray(np.where(none, y.shape[1], first), dtype=np.int64)
    return np.asarray(y, dtype=np.int64)
