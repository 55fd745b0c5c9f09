"""Dealing rows (or whole groups of rows) into parts, in proportion and by seed.

These are the pure functions under `automl_nb.data.split`; they know nothing of frames.
"""

from __future__ import annotations

import numpy as np

MAX_GREEDY_GROUPS = 20_000
N_QUANTILES = 10


def strata_of(y: np.ndarray) -> np.ndarray:
    """One stratum a row, so that parts dealt within strata have like labels.

    Class positions are their own strata. Real numbers fall into ten quantile bins.
    Rows of a 0/1 matrix take their rarest label: keeping rare labels in
    proportion matters most (Sechidis et al. 2011, iterative stratification, does
    the same one label after another).

    Args:
        y: (n,) integers, (n,) reals or (n, k) 0/1.

    Returns:
        (n,) int64.

    Example:
        >>> strata_of(np.array([[1, 0], [1, 1], [1, 0], [0, 0]]))
        array([0, 1, 0, 2])
    """
    if y.ndim == 2:
        present = y > 0
        order = np.argsort(present.sum(axis=0), kind="stable")  # rarest label first
        first = np.argmax(present[:, order], axis=1)
        rarest: np.ndarray = np.where(present.any(axis=1), order[first], y.shape[1])
        return rarest.astype(np.int64)
    if np.issubdtype(y.dtype, np.floating):
        edges = np.quantile(y, np.linspace(0, 1, N_QUANTILES + 1)[1:-1])
        return np.searchsorted(np.unique(edges), y, side="right").astype(np.int64)
    return y.astype(np.int64)


def shuffled_by_stratum(strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions ordered by stratum, in random order within each."""
    return np.lexsort((rng.random(len(strata)), strata))


def deal(strata: np.ndarray, n_parts: int, rng: np.random.Generator) -> np.ndarray:
    """Deal rows into parts like cards, stratum after stratum.

    Part sizes differ by one row at most, and so does each stratum's share of them.

    Returns:
        (n,) part numbers.

    Example:
        >>> parts = deal(np.array([0, 0, 0, 0, 1, 1]), 2, np.random.default_rng(0))
        >>> np.bincount(parts).tolist(), np.bincount(parts[4:]).tolist()
        ([3, 3], [1, 1])
    """
    parts = np.empty(len(strata), dtype=np.int64)
    parts[shuffled_by_stratum(strata, rng)] = np.arange(len(strata)) % n_parts
    return parts


def pick_share(strata: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A mask of about `share` of the rows, in proportion within each stratum.

    Systematic sampling: every 1/share-th row of the shuffled, stratum-sorted order
    with a random start, so that no stratum is off by more than one row. The rows of
    a stratum are never all picked: one row at least stays behind.
    """
    n = len(strata)
    order = shuffled_by_stratum(strata, rng)
    steps = np.floor(np.arange(n + 1) * share + rng.random())
    mask = np.zeros(n, dtype=bool)
    mask[order] = np.diff(steps) > 0
    _, codes = np.unique(strata, return_inverse=True)
    whole = np.bincount(codes, weights=mask) == np.bincount(codes)
    for code in np.flatnonzero(whole):
        mask[np.flatnonzero(codes == code)[0]] = False
    return mask


def deal_groups(
    groups: np.ndarray, strata: np.ndarray, shares: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Deal whole groups into parts of the given shares, keeping labels in proportion.

    Greedy, largest groups first: each goes where the parts' label counts then lie
    nearest to their shares (as scikit-learn's StratifiedGroupKFold, with unequal parts).

    Args:
        groups: (n,) group codes 0..g-1.
        strata: (n,) strata.
        shares: (p,) wanted shares, summing to 1.
        rng: Breaks ties between groups of one size.

    Returns:
        (n,) part numbers; rows of one group share theirs.
    """
    n_groups = int(groups.max()) + 1
    sizes = np.bincount(groups, minlength=n_groups)
    if n_groups > MAX_GREEDY_GROUPS:
        cuts = np.cumsum(shares)[:-1]
        order = rng.permutation(n_groups)
        reached = np.cumsum(sizes[order]) / sizes.sum()
        drawn: np.ndarray = np.empty(n_groups, dtype=np.int64)
        drawn[order] = np.searchsorted(cuts, reached, side="left")
        parts: np.ndarray = drawn[groups]
        return parts
    _, codes = np.unique(strata, return_inverse=True)
    counts = np.zeros((n_groups, int(codes.max()) + 1))
    np.add.at(counts, (groups, codes), 1.0)
    order = np.lexsort((rng.random(n_groups), -sizes))
    dealt: np.ndarray = _greedy(counts, order, shares)[groups]
    return dealt


def _greedy(counts: np.ndarray, order: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Part of each group; `counts` is (groups, strata)."""
    total = counts.sum(axis=0)
    held = np.zeros((len(shares), counts.shape[1]))
    of_group = np.empty(len(counts), dtype=np.int64)
    for group in order:
        # How far beyond its share each part would be, per stratum and in all rows.
        after = held + counts[group]
        filled = after / (shares[:, None] * total)
        overall = after.sum(axis=1) / (shares * total.sum())
        weight = counts[group] / counts[group].sum()
        part = int(np.argmin(filled @ weight + overall))
        of_group[group] = part
        held[part] = after[part]
    return _none_empty(of_group, order, len(shares))


def _none_empty(of_group: np.ndarray, order: np.ndarray, n_parts: int) -> np.ndarray:
    """Give each empty part the smallest group of a part that has several."""
    for part in range(n_parts):
        if (of_group == part).any():
            continue
        spare = np.bincount(of_group, minlength=n_parts)[of_group[order]] > 1
        if spare.any():
            of_group[order[np.flatnonzero(spare)[-1]]] = part
    return of_group
