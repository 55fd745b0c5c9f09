"""Points that fill a space evenly: a scrambled Sobol sequence, one for each trial's number."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_nb.core.space import Space
from automl_nb.search.unit import at

_FIRST = 6  # powers of two: 64 points at first, twice as many whenever they run out


class Points:
    """The points of a space by number, the same for the same seed.

    Owen's scrambling keeps the evenness and lets the seed count. Direction numbers: Joe & Kuo
    2008; as a search: Bergstra & Bengio 2012, section 5.

    Args:
        space: What is searched.
        seed: Seeds the scrambling.

    Example:
        >>> from automl_nb.core.space import Choice
        >>> points = Points(Space((Choice("a", ("x", "y"), "x"),)), seed=0)
        >>> {points[number]["a"] for number in (0, 1)} == {"x", "y"}
        True
    """

    def __init__(self, space: Space, *, seed: int) -> None:
        self.free = space.free
        self.seed = seed
        self._places = np.empty((0, len(self.free)))

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Values of all free parameters, whether they count or not."""
        if not self.free:
            return {}
        if number >= len(self._places):
            self._places = _sobol(len(self.free), number + 1, self.seed)
        places = self._places[number]
        return {p.name: at(p, float(u)) for p, u in zip(self.free, places, strict=True)}


def _sobol(dimensions: int, least: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc

    power = max(_FIRST, (least - 1).bit_length())
    sequence = qmc.Sobol(dimensions, scramble=True, seed=seed)
    return np.asarray(sequence.random_base2(power), dtype=np.float64)
