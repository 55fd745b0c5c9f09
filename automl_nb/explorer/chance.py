"""Whether a column tells anything of the label: probes beside one answer for all rows."""

from __future__ import annotations

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.explorer.course import Course
from automl_nb.explorer.curve import Probed, losses_in
from automl_nb.explorer.scores.base import targets_of

_CHANCE = 0.025  # how often resampled rows may deny a gain that counts as more than chance


def same_for_all(probed: Probed, y: np.ndarray, kind: TaskKind) -> Probed:
    """What the mean answer to all rows reaches, on the rows on which a probe was judged.

    Of classes that is the commonest one, of values their mean.

    Args:
        probed: Of the largest size, the rows that were judged count.
        y: (n,) or (n, k) the truth of the probe's rows.
        kind: What is learnt.

    Example:
        >>> y = np.array([0, 1, 1, 1])
        >>> same_for_all(Probed((2, 3), np.zeros((1, 2, 4))), y, TaskKind.BINARY).errors.tolist()
        [0.25]
    """
    mean = targets_of(y, kind).mean(axis=0)
    answers = np.broadcast_to(mean, (len(y), len(mean)))
    missed = losses_in(answers, y, np.arange(len(y)), kind)
    last = probed.losses[:, -1:]
    losses = np.where(np.isfinite(last), missed, np.nan)
    if probed.answers is None:
        return Probed(probed.sizes[-1:], losses)
    given = probed.answers[:, -1:]
    return Probed(probed.sizes[-1:], losses, np.where(np.isfinite(given), answers, np.nan))


def is_beyond_chance(course: Course, same: Course) -> bool:
    """Whether errors are surely less than those of one answer for all rows.

    Both are measured on the same resamples of the same rows; where these differ, as a measure
    had no value in some, nothing speaks against it.

    Args:
        course: Of a probe; its largest size counts.
        same: Of `same_for_all`.
    """
    a, b = course.resampled[:, -1], same.resampled[:, -1]
    if len(a) != len(b):
        return True
    return float(np.quantile(b - a, _CHANCE)) > 0.0
