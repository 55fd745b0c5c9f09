"""The best that a search has found so far, of one objective or of several."""

from __future__ import annotations

from collections.abc import Sequence

from automl_nb.search.pareto import losses, non_dominated

_NEVER = 1e-4  # a smaller gain is none


class Record:
    """Tells whether something new betters all before it.

    Of one objective that is the best value; of several the front: what no other one betters.

    Args:
        directions: ``"maximize"`` or ``"minimize"``, once for each objective.

    Example:
        >>> one, two = Record(["minimize"]), Record(["minimize", "minimize"])
        >>> [one.hear([value]) for value in (0.5, 0.6, 0.5, 0.4)]
        [True, False, False, True]
        >>> [two.hear(values) for values in ((0.5, 9.0), (0.6, 2.0), (0.7, 3.0), (0.5, 9.0))]
        [True, True, False, False]
    """

    def __init__(self, directions: Sequence[str]) -> None:
        self.directions = tuple(directions)
        self._front: list[tuple[float, ...]] = []  # signs turned, so that less is better

    def hear(self, values: Sequence[float]) -> bool:
        """Whether these values are a gain; if so they count from now on."""
        own = tuple(losses([values], self.directions)[0].tolist())
        if any(self._is_reached(own, known) for known in self._front):
            return False
        grown = [*self._front, own]
        self._front = [grown[place] for place in non_dominated(grown, ["minimize"] * len(own))]
        return True

    def _is_reached(self, own: tuple[float, ...], known: tuple[float, ...]) -> bool:
        """Whether what is known is as good in every objective, or all but."""
        pairs = zip(own, known, strict=True)
        return all(other <= mine + _NEVER * max(1.0, abs(other)) for mine, other in pairs)
