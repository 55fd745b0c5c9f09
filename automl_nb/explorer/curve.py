"""Learning curves of linear probes, and the score that they foretell for all rows.

A probe is fitted on nested subsets of each fold's rows (an eighth, a quarter, half, all) and
judged on the fold's other rows. Errors of learning machines mostly fall as a power of the rows
(Hestness et al. 2017, arXiv 1712.00409): error = a + b n^-c. The forecast is the curve at the
full number of rows. Its interval holds three doubts: which rows happened to be drawn
(bootstrap), which curve is the right one (the fit against one without a floor, and its misfit),
and which rows the final score will be measured on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from automl_nb.core.show.words import number
from automl_nb.core.types import TaskKind
from automl_nb.data.deal import deal, strata_of
from automl_nb.data.split import Fold
from automl_nb.explorer.course import Course, needs_answers, of_losses
from automl_nb.explorer.scores.base import losses, targets_of
from automl_nb.explorer.squares import LeastSquares

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
FOLDS = 5
LEAST_ROWS = 8
COVERAGE = 0.9  # of the forecast's interval
_USUAL_POWER, _POWER_SPREAD = 0.5, 0.7  # most curves' c, and how far it strays (in logs)
_POWERS = (0.05, 2.0)


@dataclass(frozen=True)
class Probed:
    """Losses of a probe's answers.

    Attributes:
        sizes: (s,) rows that it was fitted on, ascending.
        losses: (draws, s, n) what each row takes from the score; NaN where it wasn't judged.
        answers: (draws, s, n, k) float32, likewise; None where only losses are asked for.
    """

    sizes: tuple[int, ...]
    losses: np.ndarray
    answers: np.ndarray | None = None

    @property
    def errors(self) -> np.ndarray:
        """(s,) mean losses."""
        return np.asarray(np.nanmean(self.losses, axis=(0, 2)))

    @property
    def by_row(self) -> np.ndarray:
        """(s, n) mean over the draws, NaN where a row wasn't judged."""
        judged = np.isfinite(self.losses)
        times = judged.sum(axis=0)
        total = np.where(judged, self.losses, 0.0).sum(axis=0)
        return np.where(times > 0, total / np.maximum(times, 1), np.nan)

    @property
    def row_losses(self) -> np.ndarray:
        """(n,) each row's loss at the largest size, NaN where it wasn't judged."""
        return np.asarray(self.by_row[-1])


@dataclass(frozen=True)
class PowerLaw:
    """error(n) = a + b n^-c.

    Example:
        >>> PowerLaw(0.1, 1.0, 0.5)(100.0)
        0.2
    """

    a: float
    b: float
    c: float

    def __call__(self, n: float) -> float:
        """The error with n rows."""
        return float(self.a + self.b * n**-self.c)


@dataclass(frozen=True)
class Forecast:
    """The score that a curve foretells.

    Attributes:
        value: At `n_rows`.
        low: Lower end of the interval that is to hold 90% of what is then measured.
        high: Its upper end.
        n_rows: Rows to be fitted on.
        sizes: Rows of the measured points.
        scores: Their scores.
        law: The curve through their errors.
        greater_is_better: Whether a score is 1 - error; it is the error itself otherwise.
    """

    value: float
    low: float
    high: float
    n_rows: int
    sizes: tuple[int, ...]
    scores: tuple[float, ...]
    law: PowerLaw
    greater_is_better: bool = True

    def at(self, n: float) -> float:
        """The curve's score with n rows."""
        return 1.0 - self.law(n) if self.greater_is_better else self.law(n)

    def beats(self, other: Forecast, *, surely: bool = False) -> bool:
        """Whether a better score is foretold; `surely` if the intervals lie apart."""
        if self.greater_is_better:
            return self.low > other.high if surely else self.value > other.value
        return self.high < other.low if surely else self.value < other.value

    def told(self, score: float) -> str:
        """A score in the digits that matter: of a share three, of values four."""
        return f"{score:.3f}" if self.greater_is_better else number(score)


def probe(
    model: LeastSquares,
    y: np.ndarray,
    kind: TaskKind,
    *,
    folds: Sequence[Fold] | None = None,
    draws: int = 2,
    seed: int = 0,
    goes_on: Callable[[], bool] = lambda: True,
) -> Probed:
    """Fit and judge on nested subsets.

    Args:
        model: Least squares over the rows of `y`.
        y: The answers, see `automl_nb.explorer.scores.base.Evidence`.
        kind: What is learnt.
        folds: How to divide the rows; five stratified parts, drawn anew each time, otherwise.
        draws: How often all is drawn.
        seed: Seeds the draws.
        goes_on: Asked before each fold but the first two; False ends early.
    """
    targets, strata = targets_of(y, kind), strata_of(y)
    given = None if folds is None else tuple(folds)
    rng = np.random.default_rng([seed, 7])
    sizes: tuple[int, ...] = ()
    penalties: dict[int, float] = {}
    drawn, given_answers = [], []
    for draw in range(draws):
        parts = given or _stratified(strata, rng)
        sizes = sizes or _sizes(min(len(fold.fit) for fold in parts))
        table = np.full((len(sizes), len(y)), np.nan)
        answers = np.full((*table.shape, targets.shape[1]), np.nan, np.float32)
        for turn, fold in enumerate(parts):
            if (draw or turn > 1) and not goes_on():
                break
            order = nested(strata[fold.fit], rng)
            for place, size in enumerate(sizes):
                rows = fold.fit[order[:size]]
                if size not in penalties:
                    _, penalties[size] = model.left_out(rows, targets[rows])
                found = model.answers(rows, targets[rows], fold.judge, penalties[size])
                table[place, fold.judge] = losses_in(found, y, fold.judge, kind)
                answers[place, fold.judge] = found
        drawn.append(table)
        given_answers.append(answers)
    kept = np.stack(given_answers) if needs_answers(kind) else None
    return Probed(sizes, np.stack(drawn), kept)


def losses_in(found: np.ndarray, y: np.ndarray, rows: np.ndarray, kind: TaskKind) -> np.ndarray:
    """(j,) losses of answers for some rows, in the unit of all rows' spread."""
    if kind in {TaskKind.BINARY, TaskKind.MULTICLASS}:
        return losses(found, y[rows], kind)
    truth = targets_of(y, kind)
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum(axis=1).mean())
    return np.asarray(((truth[rows] - found) ** 2).sum(axis=1) / max(spread, 1e-300))


def _sizes(n_fit: int) -> tuple[int, ...]:
    wanted = {round(share * n_fit) for share in SHARES}
    return tuple(sorted(size for size in wanted if size >= min(LEAST_ROWS, n_fit)))


def _stratified(strata: np.ndarray, rng: np.random.Generator) -> tuple[Fold, ...]:
    n_folds = min(FOLDS, len(strata))
    parts = deal(strata, n_folds, rng)
    return tuple(
        Fold(np.flatnonzero(parts != part), np.flatnonzero(parts == part))
        for part in range(n_folds)
    )


def nested(strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order of rows whose every beginning has the strata about in proportion.

    Example:
        >>> order = nested(np.array([0] * 50 + [1] * 50), np.random.default_rng(0))
        >>> [int((order[:n] < 50).sum()) for n in (10, 20, 40)]
        [5, 10, 20]
    """
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    order = np.lexsort((rng.random(len(strata)), codes))
    place = np.empty(len(strata))
    starts = np.cumsum(counts) - counts
    # A stratum's rows are spread evenly over (0, 1), each with a shift of its stratum.
    shift = rng.random(len(counts))
    within = np.arange(len(strata)) - starts[codes[order]]
    place[order] = (within + shift[codes[order]]) / counts[codes[order]]
    return np.argsort(place, kind="stable")


def fit_power_law(
    sizes: Sequence[float],
    errors: Sequence[float] | np.ndarray,
    deviations: Sequence[float] | np.ndarray | None = None,
    *,
    floor: bool = True,
) -> PowerLaw:
    """The curve through errors at these sizes, robust against a point that is off.

    Least squares with the soft L1 loss within a in [0, least error], b >= 0 and c in
    [0.05, 2]; c is drawn towards 0.5, which decides only where the points don't.

    Args:
        sizes: (s,) rows.
        errors: (s,) errors.
        deviations: (s,) standard deviations of the errors.
        floor: Whether a may differ from 0.

    Example:
        >>> law = PowerLaw(0.05, 2.0, 0.6)
        >>> sizes = [100, 200, 400, 800, 1600]
        >>> found = fit_power_law(sizes, [law(n) for n in sizes], [1e-4] * 5)
        >>> abs(found(6400) - law(6400)) < 1e-3
        True
    """
    n = np.asarray(sizes, dtype=np.float64)
    error = np.asarray(errors, dtype=np.float64)
    usual = max(float(np.abs(error).mean()) * 0.02, 1e-9)
    spread = np.maximum(np.full(len(n), usual) if deviations is None else deviations, 1e-9)
    most, least = n.max(), max(float(error.min()), 0.0)

    def residuals(at: np.ndarray) -> np.ndarray:
        a, b, log_c = at
        curve = a + b * (n / most) ** -np.exp(log_c)
        return np.append((curve - error) / spread, _strangeness(np.exp(log_c)))

    low = np.array([0.0, 0.0, np.log(_POWERS[0])])
    high = np.array([least if floor else 0.0, 2.0 * float(np.abs(error).max()), 0.0])
    high = np.maximum(high, low + 1e-12)
    high[2] = np.log(_POWERS[1])
    a, b, c = (part[0] for part in _closed_form(n / most, error[None], spread, floor=floor))
    start = np.clip(np.array([a, b, np.log(c)]), low + 1e-14, high - 1e-14)
    scale = np.array([max(least, 1e-3), max(least, 1e-3), 1.0])
    found = optimize.least_squares(
        residuals, start, bounds=(low, high), loss="soft_l1", x_scale=scale, max_nfev=200
    )
    a, b, log_c = (float(value) for value in found.x)
    c = float(np.exp(log_c))
    return PowerLaw(a, b * float(most) ** c, c)


def _strangeness(c: float | np.ndarray) -> np.ndarray:
    """How far a power is from the usual, in the unit of a standard deviation."""
    return np.asarray(np.log(c / _USUAL_POWER) / _POWER_SPREAD)


def forecast(
    probed: Probed, n_rows: int, *, n_test: int = 0, seed: int = 0, coverage: float = COVERAGE
) -> Forecast:
    """The score with `n_rows` rows, with its interval.

    Args:
        probed: Losses on nested subsets.
        n_rows: Rows to be fitted on.
        n_test: Rows that the score will be measured on; 0 if it isn't known, which counts
            as many as were judged here.
        seed: Seeds the bootstrap.
        coverage: Share of cases that the interval is to hold.
    """
    rng = np.random.default_rng([seed, 8])
    course = of_losses(probed, rng)
    return along(course, n_rows, n_test=n_test, rng=rng, coverage=coverage)


def along(
    course: Course,
    n_rows: int,
    *,
    rng: np.random.Generator,
    n_test: int = 0,
    coverage: float = COVERAGE,
) -> Forecast:
    """The same of a course, whatever its score; see `forecast`."""
    sizes, errors, deviations, n = course.sizes, course.errors, course.deviations, course.n
    with_floor, without = _both(sizes, errors, deviations)
    laws = [with_floor, without]
    value = float(np.mean([law(n_rows) for law in laws]))
    most, drawn = sizes[-1], []
    for floor in (True, False):
        m = np.array(sizes) / most
        a, b, c = _closed_form(m, course.resampled, deviations, floor=floor)
        drawn.append(a + b * (n_rows / most) ** -c if len(m) > 1 else course.resampled[:, 0])
    doubt = _misfit(laws, sizes, errors, n_rows)
    noise = np.sqrt(doubt**2 + course.variance(value) / (n_test or n))
    repeated = np.repeat(np.concatenate(drawn), 10)
    spread = repeated + noise * rng.standard_normal(len(repeated))
    tail = (1 - coverage) / 2
    low, high = (float(end) for end in np.quantile(spread, [tail, 1 - tail]))
    ends = (value, min(low, value), max(high, value))
    better = course.greater_is_better
    score = (lambda error: 1.0 - error) if better else float
    limited = [min(1.0, s) if better else s for s in (max(course.least, score(e)) for e in ends)]
    return Forecast(
        value=limited[0],
        low=min(limited),
        high=max(limited),
        n_rows=n_rows,
        sizes=sizes,
        scores=tuple(float(score(error)) for error in errors),
        law=with_floor,
        greater_is_better=better,
    )


def _both(
    sizes: Sequence[int], errors: np.ndarray, deviations: np.ndarray
) -> tuple[PowerLaw, PowerLaw]:
    """The curve with a floor, and the one that falls for ever; few points can't tell which."""
    if len(sizes) < 2:
        flat = PowerLaw(float(errors[0]), 0.0, _USUAL_POWER)
        return flat, flat
    return (
        fit_power_law(sizes, errors, deviations),
        fit_power_law(sizes, errors, deviations, floor=False),
    )


def _closed_form(
    m: np.ndarray, errors: np.ndarray, deviations: np.ndarray, *, floor: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The curves a + b m^-c through r sets of errors at once, without robustness.

    c is taken from a grid, a and b by least squares within their limits.

    Args:
        m: (s,) rows, relative to the most.
        errors: (r, s) errors.
        deviations: (s,) standard deviations.
        floor: Whether a may differ from 0.

    Returns:
        a, b and c, (r,) each.
    """
    w = 1.0 / deviations**2
    least = np.maximum(errors.min(axis=1), 0.0)
    cost = np.full(len(errors), np.inf)
    best = np.zeros((3, len(errors)))
    for c in np.geomspace(*_POWERS, 41):
        x = m**-c
        for a in _floors(x, errors, w, least) if floor else [np.zeros(len(errors))]:
            b = np.maximum(((errors - a[:, None]) * w) @ x / (w * x**2).sum(), 0.0)
            missed = (((errors - a[:, None] - b[:, None] * x) ** 2) * w).sum(axis=1)
            missed = missed + _strangeness(c) ** 2
            best = np.where(missed < cost, np.stack([a, b, np.full(len(a), c)]), best)
            cost = np.minimum(missed, cost)
    return best[0], best[1], best[2]


def _floors(
    x: np.ndarray, errors: np.ndarray, w: np.ndarray, least: np.ndarray
) -> list[np.ndarray]:
    """Floors worth a try: none, the least error, and the best of all within these."""
    mean = (w * x).sum() / w.sum()
    centred = x - mean
    slope = (errors * w) @ centred / max(float((w * centred**2).sum()), 1e-300)
    free = (errors * w).sum(axis=1) / w.sum() - slope * mean
    return [np.zeros(len(errors)), least, np.clip(free, 0.0, least)]


def _misfit(
    laws: Sequence[PowerLaw], sizes: Sequence[int], errors: np.ndarray, n_rows: int
) -> float:
    """Standard deviation of the curve's own error: how far it misses, more the farther away."""
    missed = [
        float(np.sqrt(np.mean([(law(m) - e) ** 2 for m, e in zip(sizes, errors, strict=True)])))
        for law in laws
    ]
    doublings = max(0.0, float(np.log2(n_rows / sizes[-1])))
    return float(np.mean(missed)) * (1.0 + doublings)
