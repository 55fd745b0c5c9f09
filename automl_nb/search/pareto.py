"""Several objectives: the front, how much it covers, and a point of it that a person prefers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.show.words import number

GIVE = 0.02  # share of the best score that a smaller or faster one may cost
PREFERENCES = ("small", "fast", "accurate")


def losses(values: Sequence[Sequence[float]], directions: Sequence[str]) -> np.ndarray:
    """(n, k) values with the sign turned where more is better, so that less is.

    Raises:
        SettingError: There isn't one value for each direction.
    """
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    if len(values) and table.shape[1] != len(directions):
        raise SettingError(
            "Each point has one value for each objective.",
            received=f"{table.shape[1]} values, {len(directions)} objectives",
        )
    return table * [-1.0 if direction == "maximize" else 1.0 for direction in directions]


def non_dominated(values: Sequence[Sequence[float]], directions: Sequence[str]) -> list[int]:
    """Positions of the points that no other one betters: as good in all, better in one.

    Args:
        values: (n, k), a value for each objective.
        directions: k times ``"maximize"`` or ``"minimize"``.

    Raises:
        SettingError: There isn't one value for each direction.

    Example:
        >>> non_dominated([(0.9, 10.0), (0.8, 2.0), (0.7, 5.0)], ("maximize", "minimize"))
        [0, 1]
    """
    if not len(values):
        return []
    table = losses(values, directions)
    found = []
    for place, point in enumerate(table):
        as_good = (table <= point).all(axis=1)
        better = (table < point).any(axis=1)
        if not (as_good & better).any():
            found.append(place)
    return found


def hypervolume(
    values: Sequence[Sequence[float]], reference: Sequence[float], directions: Sequence[str]
) -> float:
    """The volume that the points are better than, up to a reference point that is worse.

    By slicing along the last objective (While et al. 2006); for fronts of some hundred points
    and up to four objectives.

    Args:
        values: (n, k).
        reference: k values, worse than all that should count.
        directions: k times ``"maximize"`` or ``"minimize"``.

    Raises:
        SettingError: There isn't one value for each direction.

    Example:
        >>> hypervolume([(1.0, 2.0), (2.0, 1.0)], (3.0, 3.0), ("minimize", "minimize"))
        3.0
    """
    if not len(values):
        return 0.0
    corner = losses([reference], directions)[0]
    table = losses(values, directions)
    return _sliced(table[(table < corner).all(axis=1)], corner)


def _sliced(table: np.ndarray, corner: np.ndarray) -> float:
    if not len(table):
        return 0.0
    if table.shape[1] == 1:
        return float(corner[0] - table.min())
    ordered = table[np.argsort(table[:, -1], kind="stable")]
    ends = np.append(ordered[1:, -1], corner[-1])
    heights = ends - ordered[:, -1]
    return sum(
        float(height) * _sliced(ordered[: place + 1, :-1], corner[:-1])
        for place, height in enumerate(heights)
        if height > 0
    )


@dataclass(frozen=True)
class Preferred:
    """A point of the front, and a sentence that says why it is this one."""

    place: int
    why: str


def prefer(
    preference: str,
    scores: Sequence[float],
    costs: Sequence[float],
    *,
    direction: str = "maximize",
    unit: str = "",
    give: float = GIVE,
    as_good: Sequence[bool] = (),
    alike: float = 0.0,
) -> Preferred:
    """The point that suits a preference.

    ``accurate`` takes the best score. ``small`` and ``fast`` take the least cost among those that
    lose at most `give` of the best score, or are known to be as good.

    Args:
        preference: small, fast or accurate.
        scores: (n,) one a point.
        costs: (n,) one a point: bytes for small, milliseconds for fast.
        direction: Of the scores.
        unit: What the costs are counted in, for the sentence.
        give: The share of the best score that may be lost.
        as_good: (n,) for each point whether it is as good as the best one whatever the scores
            say, such as by a paired comparison; none if left out.
        alike: The share by which costs may differ and still be the same; of the same ones the best
            score counts.

    Raises:
        UnknownNameError: There is no such preference.
        SettingError: There are no points, or not as many costs as scores.

    Example:
        >>> print(prefer("fast", [0.95, 0.94, 0.80], [9, 2, 1], unit="ms").why)
        The least cost within 2% of the best score: 2 ms and 0.9400, instead of 9 ms and 0.9500.
    """
    if preference not in PREFERENCES:
        raise UnknownNameError("preference", preference, PREFERENCES)
    if not len(scores) or len(scores) != len(costs):
        raise SettingError(
            "Each point has a score and a cost.", received=f"{len(scores)}, {len(costs)}"
        )
    lost = losses([(score,) for score in scores], (direction,))[:, 0]
    price = np.asarray(costs, dtype=np.float64)
    best = int(np.lexsort((price, lost))[0])
    if preference == "accurate":
        return Preferred(best, f"The best score: {_told(scores[best], price[best], unit)}.")
    within = lost <= lost[best] + give * abs(lost[best])
    near = np.flatnonzero(within | np.asarray(as_good, dtype=bool) if len(as_good) else within)
    cheap = near[price[near] <= (1.0 + alike) * price[near].min()]
    keys = (price[cheap], lost[cheap]) if alike else (lost[cheap], price[cheap])
    least = int(cheap[np.lexsort(keys)[0]])
    here = _told(scores[least], price[least], unit)
    if least == best:
        return Preferred(best, f"Nothing costs less within {give:.0%} of the best score: {here}.")
    there = _told(scores[best], price[best], unit)
    return Preferred(
        least, f"The least cost within {give:.0%} of the best score: {here}, instead of {there}."
    )


def _told(score: float, cost: float, unit: str) -> str:
    return f"{cost:.4g}{' ' if unit else ''}{unit} and {number(float(score))}"
