"""Do probabilities mean what they say: the reliability curve and its mean gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_nb.core.types import Task, TaskKind

N_BINS = 15
_LEAST_IN_BIN = 10  # fewer answers in a bin show chance, not calibration


@dataclass(frozen=True)
class ReliabilityCurve:
    """Said and observed shares in bins of equal mass.

    Attributes:
        said: Mean probability in each bin, rising.
        observed: Share of the bin that came true.
        n_rows: Answers in each bin.
        error: The expected calibration error, the mean gap weighted by `n_rows`.
    """

    said: tuple[float, ...]
    observed: tuple[float, ...]
    n_rows: tuple[int, ...]
    error: float


def stated(y: np.ndarray, scores: np.ndarray, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """What was said and whether it came true.

    For two classes that is the positive class's probability; for more, the top class's
    (Guo et al. 2017, arXiv 1706.04599); for multi-label, each label's.

    Returns:
        Two float64 arrays of (n,), or (n, k) for multi-label.
    """
    if task.kind is TaskKind.MULTILABEL:
        return scores, y.astype(np.float64)
    if task.kind is TaskKind.BINARY:
        return scores[:, 1], (y == 1).astype(np.float64)
    return scores.max(axis=1), (scores.argmax(axis=1) == y).astype(np.float64)


def equal_mass_bins(said: np.ndarray, n_bins: int = 0) -> np.ndarray:
    """The bin of each probability; equal ones share a bin, whatever the order of rows.

    Args:
        said: Probabilities, of any shape.
        n_bins: 0 for `N_BINS`, or as many as can hold ten answers each.

    Example:
        >>> equal_mass_bins(np.array([0.1, 0.9, 0.2, 0.8]), n_bins=2)
        array([0, 1, 0, 1])
    """
    n_bins = n_bins or min(N_BINS, max(1, said.size // _LEAST_IN_BIN))
    ordered = np.sort(said, axis=None)
    starts = (np.arange(1, n_bins) * len(ordered)) // n_bins
    return np.searchsorted(np.unique(ordered[starts]), said, "right")


def reliability_curve(y: np.ndarray, scores: np.ndarray, task: Task) -> ReliabilityCurve:
    """The curve over `N_BINS` bins of equal mass (fewer for few or equal probabilities)."""
    said, came_true = (part.ravel() for part in stated(y, scores, task))
    if len(said) == 0:
        return ReliabilityCurve((), (), (), float("nan"))
    bins = equal_mass_bins(said)
    n_rows = np.bincount(bins)
    filled = n_rows > 0
    sums = [np.bincount(bins, weights=part)[filled] for part in (said, came_true)]
    n_rows = n_rows[filled]
    gap = float(np.abs(sums[0] - sums[1]).sum() / len(said))
    return ReliabilityCurve(
        tuple((sums[0] / n_rows).tolist()),
        tuple((sums[1] / n_rows).tolist()),
        tuple(n_rows.tolist()),
        gap,
    )


def expected_calibration_error(y: np.ndarray, scores: np.ndarray, task: Task) -> float:
    """Mean gap between what was said and what came true (Naeini et al. 2015).

    Example:
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> scores = np.array([[0.5, 0.5], [0.5, 0.5]])
        >>> expected_calibration_error(np.array([0, 1]), scores, task)
        0.0
    """
    return reliability_curve(y, scores, task).error
