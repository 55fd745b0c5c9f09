"""Boosters that grow side by side, one a fold, and the mean of what they say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.trials import CancelToken
from automl_nb.data.split import Fold
from automl_nb.features.base import Matrix

_OURS = {"rounds", "patience", "leaves", "bins", "native", "categorical"}
_FEW_COLUMNS = 256  # up to which histograms are built row by row
_SOLVED = 0.01  # of the first loss; what is left is sureness, not answers
_WORTH = 5e-4  # by which share the loss must fall within the patience
_WORTH_OF_ALL = 2e-4  # or by which share of the first loss
_AS_GOOD = 2e-4  # of what was gained may be given away for a smaller model
_FEW_ROWS = 1_000  # up to which threads cost more than they give


def processors() -> int:
    """Threads that may be busy at once; ``OMP_NUM_THREADS`` limits them."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(given) if given.isdigit() else os.cpu_count() or 1)


def fewest_rounds(curve: np.ndarray) -> int:
    """The fewest rounds that are as good as the best: a flat curve needs no thousand trees.

    Example:
        >>> fewest_rounds(np.array([1.0, 0.5, 0.4001, 0.4, 0.41]))
        3
    """
    best = curve.min()
    return int(np.argmax(curve <= best + _AS_GOOD * (curve[0] - best))) + 1


class Ensemble:
    """Fitted boosters; their mean is the answer.

    Args:
        texts: The boosters in LightGBM's text format.
        shift: Added after scaling.
        scale: By what the mean is multiplied.
    """

    def __init__(self, texts: list[str], *, shift: float = 0.0, scale: float = 1.0) -> None:
        self.texts, self.shift, self.scale = texts, shift, scale
        self._boosters: list[Any] = []

    def mean(self, matrix: Matrix) -> np.ndarray:
        """(n,) or (n, k) probabilities or values."""
        if not self._boosters:
            from lightgbm import Booster

            self._boosters = [Booster(model_str=text) for text in self.texts]
        threads = 1 if matrix.shape[0] <= _FEW_ROWS else processors()
        total = sum(booster.predict(matrix, num_threads=threads) for booster in self._boosters)
        return np.asarray(total) / len(self._boosters) * self.scale + self.shift


class Grove:
    """One target's boosters, one a fold, and their curves.

    Args:
        matrix: (n, d) features of all rows.
        target: (n,) class positions, 0/1, or standardised values.
        weights: (n,) weights of the rows, or None.
        folds: Where each booster is fitted and judged.
        settings: LightGBM's parameters and ours.
        shift: Undoes the standardisation of `target`, with `scale`.
        scale: See `shift`.
        threads: LightGBM's threads for one booster.
    """

    def __init__(
        self,
        matrix: Matrix,
        target: np.ndarray,
        weights: np.ndarray | None,
        folds: Sequence[Fold],
        settings: dict[str, Any],
        *,
        shift: float,
        scale: float,
        threads: int,
    ) -> None:
        self.settings, self.shift, self.scale = settings, shift, scale
        self._data = _Rows(matrix, target, weights, _parameters(matrix, settings, threads))
        self.lanes = [_Lane(self._data, fold) for fold in folds]

    @property
    def rounds(self) -> int:
        """Rounds that every lane has grown."""
        return min(len(lane.losses) for lane in self.lanes)

    @property
    def curve(self) -> np.ndarray:
        """(rounds,) mean loss on the rows left out."""
        return self._mean_curve(range(len(self.lanes)))

    @property
    def best_round(self) -> int:
        """How many rounds the mean curve asks for."""
        return fewest_rounds(self.curve)

    @property
    def is_grown(self) -> bool:
        """Whether the curve has stopped falling, or the most rounds are reached."""
        rounds, patience = self.rounds, int(self.settings["patience"])
        if rounds >= self.settings["rounds"] or (rounds and all(lane.stuck for lane in self.lanes)):
            return True
        if rounds <= patience:
            return False
        curve = self.curve
        classes = not str(self.settings["objective"]).startswith("regression")
        if classes and curve.min() < _SOLVED * curve[0]:
            return True  # separable rows: the loss falls for ever, the answers stay the same
        before = curve[:-patience].min()
        worth = max(_WORTH * before, _WORTH_OF_ALL * curve[0])
        return bool(curve[-patience:].min() > before - worth)

    def left_out(self, number: int, rows: Matrix) -> np.ndarray:
        """Scores of fold `number`'s judged rows, with as many trees as the other folds ask for."""
        others = [i for i in range(len(self.lanes)) if i != number] or [number]
        rounds = fewest_rounds(self._mean_curve(others))
        found = self.lanes[number].booster.predict(rows, num_iteration=rounds)
        return np.asarray(found) * self.scale + self.shift

    def ensemble(self) -> Ensemble:
        """What predicts, apart from the training rows."""
        texts = [lane.booster.model_to_string(num_iteration=self.best_round) for lane in self.lanes]
        return Ensemble(texts, shift=self.shift, scale=self.scale)

    def refitted(self, is_over: Callable[[], bool]) -> Ensemble | None:
        """One booster of all rows with as many trees, or None where the time was over."""
        import lightgbm as lgb

        data = self._data
        booster = lgb.Booster(
            data.parameters | {"num_threads": processors()}, data.of(np.arange(len(data.target)))
        )
        for _ in range(self.best_round):
            if is_over():
                return None
            booster.update()
        return Ensemble([booster.model_to_string()], shift=self.shift, scale=self.scale)

    def _mean_curve(self, lanes: Sequence[int]) -> np.ndarray:
        rounds = self.rounds
        return np.asarray(np.mean([self.lanes[i].losses[:rounds] for i in lanes], axis=0))


class _Rows:
    """All rows, and LightGBM's form of some of them."""

    def __init__(
        self,
        matrix: Matrix,
        target: np.ndarray,
        weights: np.ndarray | None,
        parameters: dict[str, Any],
    ) -> None:
        self.matrix, self.target, self.weights = matrix, target, weights
        # Named once: LightGBM warns where parameters name what a data set is told too.
        self.levels = parameters.get("categorical_feature", [])
        self.parameters = {k: v for k, v in parameters.items() if k != "categorical_feature"}

    def of(self, rows: np.ndarray, reference: Any = None) -> Any:
        import lightgbm as lgb

        weight = None if self.weights is None else self.weights[rows]
        return lgb.Dataset(
            *(self.matrix[rows], self.target[rows], reference, weight),
            params=self.parameters,
            categorical_feature=self.levels,
        )


class _Lane:
    """One booster and its loss after each round on the rows that it doesn't see."""

    def __init__(self, data: _Rows, fold: Fold) -> None:
        import lightgbm as lgb

        fit = data.of(fold.fit)
        self.booster = lgb.Booster(data.parameters, fit)
        self.booster.add_valid(data.of(fold.judge, fit), "judge")
        self.losses: list[float] = []
        self.stuck = False

    def grow(self, rounds: int, cancel: CancelToken) -> None:
        """Grow up to `rounds` rounds more; ends early when cancelled."""
        for _ in range(rounds):
            if cancel.cancelled:
                return
            if self.stuck:  # no cut is worth making any more
                self.losses.append(self.losses[-1])
                continue
            self.stuck = self.booster.update()
            self.losses.append(float(self.booster.eval_valid()[0][2]))


def grow_together(
    groves: list[Grove], settings: dict[str, Any], cancel: CancelToken, *, every_s: float
) -> Iterator[int]:
    """Grow all groves in step until their curves stop falling or `cancel` is set.

    Args:
        groves: Those that are grown stay as they are.
        settings: ``patience`` is the most rounds between two looks at the curves.
        cancel: Checked before every round.
        every_s: About how many seconds lie between two yields.

    Yields:
        Rounds done by the slowest grove.
    """
    step = 1
    with ThreadPoolExecutor(processors(), initializer=_be_quiet) as pool:
        while growing := [grove for grove in groves if not grove.is_grown]:
            began = now()
            lanes = [lane for grove in growing for lane in grove.lanes]
            list(pool.map(lambda lane, rounds=step: lane.grow(rounds, cancel), lanes))
            yield min(grove.rounds for grove in groves)
            if cancel.cancelled:
                return
            pace = (now() - began) / step
            left = settings["rounds"] - max(grove.rounds for grove in growing)
            step = int(np.clip(every_s / max(pace, 1e-6), 1, min(max(left, 1), _look(settings))))


def _be_quiet() -> None:
    """LightGBM keeps its log level a thread; any call with parameters sets it."""
    import lightgbm as lgb

    lgb.Dataset(np.zeros((2, 1)), params={"verbosity": -1}).construct()


def _look(settings: dict[str, Any]) -> int:
    """Rounds after which a look at the curves pays: a part of the patience."""
    return max(1, int(settings["patience"]) // 3)


def _parameters(matrix: Matrix, settings: dict[str, Any], threads: int) -> dict[str, Any]:
    narrow = matrix.shape[1] <= _FEW_COLUMNS
    return {
        **{key: value for key, value in settings.items() if key not in _OURS},
        "max_bin": settings["bins"],
        "categorical_feature": settings["categorical"],
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise" if narrow else "force_col_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }
