"""Rungs: places in a trial where it is judged by those that came there before."""

from __future__ import annotations

from bisect import insort

from automl_nb.control.schedulers.base import check_share
from automl_nb.core.errors import SettingError

_SLACK = 1e-9  # 0.1 + 0.2 has come as far as 0.3


class Rungs:
    """Asynchronous halving at rungs ``first``, ``first * eta``, ``first * eta**2`` ... below 1.

    Li et al. 2020, arXiv 1810.05934, in its stopping variant. Who comes to a rung goes on if it
    is among the best ``n // eta`` of the n that came so far, itself among them, or the very best.

    Args:
        first: Share of a whole trial.
        eta: One of so many goes on.
    """

    def __init__(self, first: float, eta: int) -> None:
        self._eta = eta
        self._shares = [first * eta**k for k in range(levels(first, eta))]
        self._gains: list[list[float]] = [[] for _ in self._shares]  # that came there, ascending
        self._passed: dict[str, int] = {}  # rungs, by trial

    def goes_on(self, trial: str, share: float, gain: float) -> bool:
        """Whether a trial is good enough at every rung that it has come to since it was heard."""
        while (rung := self._passed.get(trial, 0)) < len(self._shares):
            if share + _SLACK < self._shares[rung]:
                break
            self._passed[trial] = rung + 1
            if not self._is_promoted(self._gains[rung], gain):
                return False
        return True

    def _is_promoted(self, gains: list[float], gain: float) -> bool:
        if gain == float("-inf"):  # no number: nobody is compared with it
            return False
        insort(gains, gain)
        return gain >= gains[-max(1, len(gains) // self._eta)]


def levels(first: float, eta: int) -> int:
    """How many of the shares ``first * eta**k`` lie below a whole trial.

    Example:
        >>> levels(1 / 9, 3), levels(0.1, 3), levels(1.0, 3)
        (2, 3, 0)
    """
    n = 0
    while first * eta**n < 1.0 - _SLACK:
        n += 1
    return n


def check_rungs(eta: int, least: float) -> None:
    """Refuse rungs that don't rise.

    Raises:
        SettingError: `eta` is no whole number from 2, or `least` no share of a whole trial.
    """
    if isinstance(eta, bool) or not isinstance(eta, int) or eta < 2:
        raise SettingError("eta must be a whole number from 2.", received=eta)
    check_share("least", least)
