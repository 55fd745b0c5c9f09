"""A portfolio: a few configurations, of which at least one suits most tasks."""

from __future__ import annotations

import numpy as np

from automl_nb.core.errors import SettingError


def portfolio(losses: np.ndarray, size: int) -> list[int]:
    """Configurations that together do best over recorded tasks, best first.

    Greedy: each time the one that lowers most the mean over tasks of the best loss among the
    chosen. Its fall from the worst losses is submodular, so that it falls by at least 1 - 1/e of
    what the best set of this size achieves (Nemhauser, Wolsey & Fisher 1978; as warm starts:
    Feurer et al. 2022, arXiv 2007.04074). It ends early where no configuration helps any more.

    Args:
        losses: (c, t), the loss of each configuration on each task, made comparable between
            tasks; NaN where it wasn't run.
        size: How many to choose at most.

    Returns:
        Positions of configurations; the first `k` are the portfolio of size `k`.

    Raises:
        SettingError: There is no table, or a task without any loss.

    Example:
        >>> portfolio(np.array([[0.1, 0.9], [0.9, 0.1], [0.4, 0.4]]), 3)
        [2, 0, 1]
    """
    table = _table(losses)
    chosen: list[int] = []
    reached = table.max(axis=0)  # of nothing: as bad as the worst
    while len(chosen) < min(size, len(table)):
        means = np.minimum(table, reached).mean(axis=1)
        found = int(np.argmin(means))
        if chosen and not means[found] < reached.mean():
            break
        chosen.append(found)
        reached = np.minimum(reached, table[found])
    return chosen


def covered(losses: np.ndarray, chosen: list[int]) -> float:
    """The mean over tasks of the best loss among the chosen; of none, that of the worst.

    Args:
        losses: (c, t), as for `portfolio`.
        chosen: Positions of configurations.

    Raises:
        SettingError: There is no table, or a task without any loss.
    """
    table = _table(losses)
    best = table[chosen].min(axis=0) if chosen else table.max(axis=0)
    return float(best.mean())


def _table(losses: np.ndarray) -> np.ndarray:
    """With the task's worst loss where a configuration wasn't run."""
    table = np.array(losses, dtype=np.float64)
    if table.ndim != 2 or not table.size or np.isnan(table).all(axis=0).any():
        raise SettingError(
            "A portfolio is chosen from a table of configurations by tasks.",
            received=f"a table of shape {table.shape}",
            hint="Each task needs the loss of one configuration at least.",
        )
    return np.asarray(np.where(np.isnan(table), np.nanmax(table, axis=0), table))
