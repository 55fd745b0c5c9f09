"""The engine behind scikit-learn's interface."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from automl_nb.core.errors import UnknownNameError
from automl_nb.pipeline.model import Model

_LABEL = "target"


class _AutoML(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: the options of `automl_nb.fit`, under their names there.

    Rows come as `X` and `y`, nothing is sealed away, and what is seen of a run on disk goes with
    it, so that the options about these are missing.

    Args:
        time: The budget in seconds, or text such as ``"3m"``.
        metric: A name of the metric registry, or auto.
        backbones: Names of pretrained networks for text and picture columns.
        strategies: Names of the strategy registry.
        random_state: Seeds everything: a number, a generator, or None for 0.
        loss: What tuned networks make small.
        augment: Changes to rows while networks are tuned.
        head: Where tuned networks' heads start.
        params: How networks are tuned, such as ``{"lr": 5e-5}``.
        search: Ranges of settings to search, such as ``"C=0.1..10"`` or ``{"C": (0.1, 10)}``, or
            "auto".
        searcher: How they are searched: a name, or an instance of an Optuna sampler.
        trials: Most trials of the search, 0 for as many as the time allows.
        patience: How long nothing may get better before the search ends, such as ``"2m"``.
        scheduler: What ends hopeless trials of a search of how networks are tuned.
        reruns: Further seeds for the three best models, for the spread in `leaderboard_`.
        prefer: Keep the best model (``"accurate"``), or one as good that is ``"fast"`` or
            ``"small"``.
        kinds: Kinds of columns, such as ``{"stars": "category"}``.
        drop: Columns to leave out.
        split: How folds are made: auto, stratified, random, group, time.
        split_column: A column whose values say train or valid.
        group: A column whose equal values stay together in a fold.
        time_column: The column that orders the rows in time.
        folds: Folds of cross-validation, 0 for automatic.
        sample: Most rows to learn from, 0 for all.
        positive: The positive class of two, or "" for the later one.
        device: auto, cpu, cuda, cuda:N, mps.
        clip_outliers: Clip numbers to the range of usual values.
        strip_punctuation: Remove punctuation and digits from texts.
        fresh: Train anew what was trained on the same rows before.
        executor: Where trials run: thread, or process.
        memory: The most that the run may hold, such as ``"4GB"``.
    """

    _task = "auto"

    def __init__(
        self,
        time: float | str = 60,
        metric: str = "auto",
        backbones: tuple[str, ...] | str = "auto",
        strategies: tuple[str, ...] | str = "auto",
        random_state: int | np.random.RandomState | None = None,
        *,
        loss: str = "auto",
        augment: str = "auto",
        head: str = "auto",
        params: dict[str, Any] | None = None,
        search: str | dict[str, Any] = "",
        searcher: Any = "",
        trials: int = 0,
        patience: float | str | None = None,
        scheduler: str = "auto",
        reruns: int = 0,
        prefer: str = "accurate",
        kinds: dict[str, str] | None = None,
        drop: tuple[str, ...] | str = (),
        split: str = "auto",
        split_column: str = "",
        group: str = "",
        time_column: str = "",
        folds: int = 0,
        sample: int = 0,
        positive: Any = "",
        device: str = "auto",
        clip_outliers: bool = False,
        strip_punctuation: bool = False,
        fresh: bool = False,
        executor: str = "thread",
        memory: float | str | None = None,
    ) -> None:
        self.time = time
        self.metric = metric
        self.backbones = backbones
        self.strategies = strategies
        self.random_state = random_state
        self.loss = loss
        self.augment = augment
        self.head = head
        self.params = params
        self.search = search
        self.searcher = searcher
        self.trials = trials
        self.patience = patience
        self.scheduler = scheduler
        self.reruns = reruns
        self.prefer = prefer
        self.kinds = kinds
        self.drop = drop
        self.split = split
        self.split_column = split_column
        self.group = group
        self.time_column = time_column
        self.folds = folds
        self.sample = sample
        self.positive = positive
        self.device = device
        self.clip_outliers = clip_outliers
        self.strip_punctuation = strip_punctuation
        self.fresh = fresh
        self.executor = executor
        self.memory = memory

    def _learn(self, X: pd.DataFrame, y: np.ndarray) -> Model:
        from automl_nb.api import start

        label = _free_name(X)
        with TemporaryDirectory(prefix="automl_nb-") as folder:
            run = start(
                X.assign(**{label: y}),
                label,
                **self._asked(),
                task=self._task_of(y),
                test_size=0.0,
                run_dir=Path(folder),
            ).wait()
            self.leaderboard_ = run.leaderboard
            return run.model

    def _asked(self) -> dict[str, Any]:
        """The keywords of `fit`."""
        asked: dict[str, Any] = self.get_params(deep=False)
        return asked | {"seed": _seed(asked.pop("random_state"))}

    def _task_of(self, y: np.ndarray) -> str:
        raise TypeError(f"{type(self).__name__} must say what it learns from {len(y)} rows.")

    def _rows(self, X: Any, *, reset: bool) -> pd.DataFrame:
        """A frame as it is; numbers checked as scikit-learn asks, gaps allowed."""
        if isinstance(X, pd.DataFrame) and not _is_numeric(X):
            if reset:
                self.n_features_in_ = X.shape[1]
                self.feature_names_in_ = np.asarray(X.columns, dtype=object)
            return X
        checked = validate_data(
            self,
            X,
            reset=reset,
            dtype="numeric",
            ensure_all_finite="allow-nan",
            ensure_min_samples=2 if reset else 1,
        )
        # Options name columns, so that a frame's names must stay.
        return pd.DataFrame(
            checked,
            columns=getattr(self, "feature_names_in_", [f"x{i}" for i in range(checked.shape[1])]),
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class AutoMLClassifier(ClassifierMixin, _AutoML):  # type: ignore[misc]
    """Learns classes from a table, texts or pictures.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> X, y = load_wine(return_X_y=True)
        >>> model = AutoMLClassifier(time=20, strategies=("logistic",)).fit(X, y)
        >>> model.predict(X[:2]).shape, model.predict_proba(X[:2]).shape
        ((2,), (2, 3))
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes `y` (n,) of the rows `X` (n, d)."""
        X = self._rows(X, reset=True)
        y = column_or_1d(_given(y), warn=True)
        check_classification_targets(y)
        _same_length(X, y)
        self.classes_, positions = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            self.model_ = None
            return self
        self.model_ = self._learn(X, np.char.add("c", positions.astype(str)))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) classes."""
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        if self.model_ is None:
            return np.full(len(X), self.classes_[0])
        names = self.model_.predict(X)  # decided with the thresholds that it tuned
        return np.asarray(self.classes_[[int(str(name)[1:]) for name in names]])

    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, k) probabilities in the order of `classes_`; the largest is `predict`'s answer.

        So they are shifted by the thresholds that were tuned for the metric; those of
        ``model_.predict_proba`` are not.
        """
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        if self.model_ is None:
            return np.ones((len(X), 1))
        table = self.model_.predict_proba(X)
        shifted = self.model_.thresholds.shifted(table.to_numpy())
        order = [table.columns.tolist().index(f"c{i}") for i in range(len(self.classes_))]
        return np.asarray(shifted[:, order])

    def _task_of(self, y: np.ndarray) -> str:
        return "binary" if len(np.unique(y)) == 2 else "multiclass"

    def _asked(self) -> dict[str, Any]:
        """With the positive class under the name that it has in there."""
        asked = super()._asked()
        known = [str(name) for name in self.classes_]
        if asked["positive"] in ("", None) or len(known) != 2:
            return asked
        positive = str(asked["positive"])
        if positive not in known:
            hint = "It is to be the positive class."
            raise UnknownNameError("class", positive, known, hint=hint)
        return asked | {"positive": f"c{known.index(positive)}"}


class AutoMLRegressor(RegressorMixin, _AutoML):  # type: ignore[misc]
    """Learns a number from a table, texts or pictures.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> AutoMLRegressor(time=20, strategies=("ridge",)).fit(X, y).predict(X[:2]).shape
        (2,)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the values `y` (n,) of the rows `X` (n, d)."""
        X = self._rows(X, reset=True)
        y = column_or_1d(_given(y), warn=True).astype(np.float64)
        if not np.isfinite(y).all():
            raise ValueError("Input y contains NaN or infinity.")
        _same_length(X, y)
        self.model_ = self._learn(X, y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) values."""
        check_is_fitted(self)
        X = self._rows(X, reset=False)
        return np.asarray(self.model_.predict(X))

    def _task_of(self, y: np.ndarray) -> str:
        del y
        return "regression"


def _seed(random_state: int | np.random.RandomState | None) -> int:
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    return 0 if random_state is None else int(random_state)


def _free_name(frame: pd.DataFrame) -> str:
    name = _LABEL
    while name in frame.columns:
        name += "_"
    return name


def _is_numeric(frame: pd.DataFrame) -> bool:
    return all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes)


def _given(y: Any) -> Any:
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    return y


def _same_length(X: Any, y: np.ndarray) -> None:
    if len(X) != len(y):
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {len(X)}, {len(y)}"
        )
