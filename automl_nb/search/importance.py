"""How much each setting had to do with the best scores of the trials so far."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.ledger import Setting

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial

LEAST = 10  # trials, below which nothing is told
_BEST = 0.1  # the share of the trials that count as the best ones
_FEWEST_BEST = 5  # and their least number, as the paper's authors advise
_RESAMPLES = 100


@dataclass(frozen=True)
class Importance:
    """The share of one setting.

    Attributes:
        name: The setting's.
        share: Between 0 and 1; those of all settings add up to 1.
        low: Lower end of the 95% interval over resampled trials.
        high: Its upper end.
    """

    name: str
    share: float
    low: float
    high: float


@lru_cache(maxsize=8)
def importance(
    settings: tuple[Setting, ...],
    scores: tuple[float, ...],
    *,
    greater_is_better: bool = True,
    seed: int = 0,
) -> tuple[Importance, ...]:
    """The settings by what it takes to be among the best tenth of the trials (five at least).

    PED-ANOVA (Watanabe, Bansal & Hutter 2023, arXiv 2304.10255), as Optuna computes it: how the
    best trials' values of a setting differ from all trials'. It tells what mattered where trials
    were tried, not everywhere in the space. The interval is a percentile bootstrap over trials.

    Args:
        settings: Those in which the n trials differ, see `core.ledger.searched`.
        scores: (n,) finite.
        greater_is_better: The direction of the scores.
        seed: Seeds the resampling.

    Returns:
        Most important first.

    Raises:
        SettingError: There are fewer than ten trials, or no settings.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> lr, width = rng.uniform(size=(2, 60)).tolist()
        >>> settings = tuple(
        ...     Setting(name, tuple(values), (), log=False)
        ...     for name, values in (("lr", lr), ("width", width))
        ... )
        >>> importance(settings, tuple(-((x - 0.3) ** 2) for x in lr))[0].name
        'lr'
    """
    if len(scores) < LEAST or not settings:
        raise SettingError(
            f"The importance of settings needs at least {LEAST} trials that differ in them.",
            received=f"{len(scores)} trials, {len(settings)} settings",
        )
    trials = _trials(settings, scores)
    study = _study(greater_is_better=greater_is_better)
    names = [setting.name for setting in settings]
    shares = _shares(study, trials, names)
    rng = np.random.default_rng([seed, 13])
    drawn = [
        _shares(study, [trials[row] for row in rng.integers(0, len(trials), len(trials))], names)
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    found = [
        Importance(name, share, min(share, float(lo)), max(share, float(hi)))
        for name, share, lo, hi in zip(names, shares, low, high, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def _shares(study: Any, trials: Sequence[FrozenTrial], names: Sequence[str]) -> list[float]:
    """Each setting's share over these trials, which may be there several times."""
    from optuna.importance import PedAnovaImportanceEvaluator

    best = max(_BEST, _FEWEST_BEST / len(trials))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=min(best, 0.5))
    study.held = [_numbered(trial, place) for place, trial in enumerate(trials)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of branches with few trials: the interval tells
        found = evaluator.evaluate(study)
    total = sum(found.values())
    if not total > 0 or not math.isfinite(total):
        return [1.0 / len(names)] * len(names)
    return [float(found.get(name, 0.0) / total) for name in names]


def _study(*, greater_is_better: bool) -> Study:
    """A study that holds the trials that it is given, without a copy of each in a storage."""
    import optuna

    from automl_nb.search.bridge import in_memory

    class Held(optuna.Study):
        held: Iterable[FrozenTrial] = ()

        def get_trials(
            self,
            deepcopy: bool = True,  # noqa: ARG002 - Optuna's own signature
            states: Container[optuna.trial.TrialState] | None = None,  # noqa: ARG002 - all are complete
        ) -> list[FrozenTrial]:
            return [*self.held]

    direction = "maximize" if greater_is_better else "minimize"
    storage, _, study = in_memory(optuna.samplers.RandomSampler(seed=0), [direction])
    return Held(study.study_name, storage)


def _trials(settings: Sequence[Setting], scores: Sequence[float]) -> list[FrozenTrial]:
    """The trials as Optuna holds them."""
    from optuna.trial import create_trial

    spread = {setting.name: _distribution(setting) for setting in settings}
    kinds: dict[str, Callable[[Any], Any]] = {
        s.name: str if s.options else int if s.whole else float for s in settings
    }
    made = []
    for row, score in enumerate(scores):
        values = {setting.name: setting.values[row] for setting in settings}
        params = {name: kinds[name](v) for name, v in values.items() if v is not None}
        there = {name: spread[name] for name in params}
        made.append(create_trial(value=score, params=params, distributions=there))
    return made


def _numbered(trial: FrozenTrial, number: int) -> FrozenTrial:
    """A trial under a number of its own: the evaluator tells trials apart by it."""
    from optuna.trial import FrozenTrial

    return FrozenTrial(
        number=number,
        state=trial.state,
        value=trial.value,
        datetime_start=None,
        datetime_complete=None,
        params=trial.params,
        distributions=trial.distributions,
        user_attrs={},
        system_attrs={},
        intermediate_values={},
        trial_id=number,
    )


def _distribution(setting: Setting) -> BaseDistribution:
    """Where the trials' values lie."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if setting.options:
        return CategoricalDistribution(setting.options)
    low, high = setting.range
    if setting.whole:
        return IntDistribution(int(low), int(high), log=setting.log)
    return FloatDistribution(low, high, log=setting.log)
