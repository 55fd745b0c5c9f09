"""What is kept of a task so that it can be recognised, without any of its rows.

Only aggregates: mean and covariance of the features in 32 fixed random directions, the Task2Vec
vector, and the classes' shares by size. No text, picture, value, label name or single row's
feature can be read back from them (`FEWEST` rows are averaged at least).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.explorer.similarity.base import Sample
from automl_nb.explorer.similarity.cka import cka_distance
from automl_nb.explorer.similarity.frechet import frechet2
from automl_nb.explorer.similarity.gauss import moments
from automl_nb.explorer.similarity.otdd import projected
from automl_nb.explorer.similarity.task2vec import task_distance, task_vector

if TYPE_CHECKING:
    from automl_nb.features.frozen import FrozenEncoder

FEWEST = 20  # rows; the mean of fewer would be too near to single rows
_MOST = 2000  # rows that are looked at
_MOST_CLASSES = 100
_DIGITS = 5


@dataclass(frozen=True)
class Fingerprint:
    """Aggregates of a task in the features of one backbone.

    Attributes:
        space: The backbone's weights and settings; only prints of one space can be compared.
        n: Rows that were looked at.
        mean: (32,) or fewer, of the features in fixed random directions.
        covariance: Their covariance, the upper triangle row by row.
        task: (d,) the Task2Vec vector.
        classes: Shares of the classes, the largest first.
    """

    space: str
    n: int
    mean: tuple[float, ...]
    covariance: tuple[float, ...]
    task: tuple[float, ...]
    classes: tuple[float, ...]

    @cached_property
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        d = len(self.mean)
        whole = np.zeros((d, d))
        whole[np.triu_indices(d)] = self.covariance
        return np.array(self.mean), whole + np.triu(whole, 1).T


def space_of(encoder: FrozenEncoder) -> str:
    """The same for all features that can be compared: texts may be cut at other lengths."""
    settings = {key: value for key, value in encoder.settings().items() if key != "max_length"}
    facts = json.dumps([encoder.name, encoder.version, encoder.backbone.weights_sha, settings])
    return f"{encoder.card.name} {hashlib.sha256(facts.encode()).hexdigest()[:16]}"


def fingerprint_of(
    features: np.ndarray, y: np.ndarray, kind: TaskKind, *, space: str, seed: int = 0
) -> Fingerprint | None:
    """The fingerprint of a task; None where there are too few rows to hide one of them.

    Args:
        features: (n, d) frozen features.
        y: Their answers, as `transfer.base.TrialContext` has them.
        kind: Says what `y` means.
        space: Which features these are.
        seed: Seeds the draw of at most 2,000 rows.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(60, 4))
        >>> found = fingerprint_of(rows, np.arange(60) % 3, TaskKind.MULTICLASS, space="s")
        >>> len(found.mean), len(found.covariance), len(found.task), found.classes
        (4, 10, 4, (0.33333, 0.33333, 0.33333))
    """
    if len(features) < FEWEST:
        return None
    sample = Sample.of(features, y, kind, most=_MOST, seed=seed)
    mean, covariance = moments(projected(sample.features))
    counts = np.sort(np.unique(sample.classes, return_counts=True)[1])[::-1]
    return Fingerprint(
        space=space,
        n=len(sample),
        mean=_short(mean),
        covariance=_short(covariance[np.triu_indices(len(mean))]),
        task=_short(task_vector(sample)),
        classes=_short(counts[:_MOST_CLASSES] / len(sample)),
    )


def likeness(a: Fingerprint, b: Fingerprint) -> float:
    """How alike two tasks are, from 0 to 1; 0 where they can't be compared.

    The geometric mean of three: how near the rows lie, exp(-d^2 / (tr S + tr S')) with the
    Frechet distance d; how alike the features vary together (CKA); whether the same features
    matter (Task2Vec).

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(60, 4))
        >>> a, far = (
        ...     fingerprint_of(rows + shift, np.arange(60) % 3, TaskKind.MULTICLASS, space="s")
        ...     for shift in (0, 3)
        ... )
        >>> round(likeness(a, a), 3), likeness(a, far) < 0.5
        (1.0, True)
    """
    if a.space != b.space or len(a.mean) != len(b.mean) or len(a.task) != len(b.task):
        return 0.0
    (mean_a, spread_a), (mean_b, spread_b) = a._moments, b._moments  # noqa: SLF001 - its own kind
    size = float(np.trace(spread_a) + np.trace(spread_b))
    apart = frechet2(mean_a, spread_a, mean_b, spread_b)
    near = float(np.exp(-apart / size)) if size > 0 else float(apart == 0.0)
    moment_a = spread_a + np.outer(mean_a, mean_a)
    moment_b = spread_b + np.outer(mean_b, mean_b)
    together = 1.0 - cka_distance(moment_a, moment_b)
    answers = 1.0 - task_distance(np.array(a.task), np.array(b.task))
    return float(np.cbrt(near * together * answers))


def _short(values: np.ndarray) -> tuple[float, ...]:
    """Five significant digits: enough to compare, and short to keep."""
    return tuple(float(f"{value:.{_DIGITS}g}") for value in np.asarray(values).ravel())
