"""How much each setting had to do with the best scores of the trials so far."""

from __future__ import annotations

import math
import warnings
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.core.ledger import Setting

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
        >>> settings = tuple(Setting(name, tuple(values), (), log=False)
        ...                  for name, values in (("lr", lr), ("width", width)))
        >>> importance(settings, tuple(-(x - 0.3) ** 2 for x in lr))[0].name
        'lr'
    """
    if len(scores) < LEAST or not settings:
        raise SettingError(
            f"The importance of settings needs at least {LEAST} trials that differ in them.",
            received=f"{len(scores)} trials, {len(settings)} settings",
        )
    shares = _shares(settings, scores, range(len(scores)), greater_is_better)
    rng = np.random.default_rng([seed, 13])
    drawn = np.array(
        [
            _shares(settings, scores, rng.integers(0, len(scores), len(scores)), greater_is_better)
            for _ in range(_RESAMPLES)
        ]
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    found = [
        Importance(setting.name, share, min(share, float(lo)), max(share, float(hi)))
        for setting, share, lo, hi in zip(settings, shares, low, high, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def _shares(
    settings: Sequence[Setting], scores: Sequence[float], rows: Any, greater_is_better: bool
) -> list[float]:
    """Each setting's share over these trials, which may be there several times."""
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.samplers import RandomSampler

    from automl_nb.search.bridge import in_memory

    rows = [int(row) for row in rows]
    trials = [_trial(settings, scores, row, place) for place, row in enumerate(rows)]
    storage, _, study = in_memory(
        RandomSampler(seed=0), ["maximize" if greater_is_better else "minimize"]
    )
    best = max(_BEST, _FEWEST_BEST / len(rows))
    evaluator = PedAnovaImportanceEvaluator(target_quantile=min(best, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of branches with few trials: the interval tells
        found = evaluator.evaluate(_held(study.study_name, storage, trials))
    total = sum(found.values())
    if not total > 0 or not math.isfinite(total):
        return [1.0 / len(settings)] * len(settings)
    return [float(found.get(setting.name, 0.0) / total) for setting in settings]


def _held(name: str, storage: Any, trials: list[Any]) -> Any:
    """A study of these trials, without a copy of each in its storage."""
    from optuna.study import Study
    from optuna.trial import FrozenTrial, TrialState

    class Held(Study):
        def get_trials(
            self,
            deepcopy: bool = True,  # noqa: ARG002, FBT002 - Optuna's own signature
            states: Container[TrialState] | None = None,  # noqa: ARG002 - all are complete
        ) -> list[FrozenTrial]:
            return trials

    return Held(name, storage)


def _trial(
    settings: Sequence[Setting], scores: Sequence[float], row: int, number: int
) -> Any:
    from optuna.trial import FrozenTrial, TrialState

    there = [setting for setting in settings if setting.values[row] is not None]
    return FrozenTrial(
        number=number,
        state=TrialState.COMPLETE,
        value=scores[row],
        datetime_start=None,
        datetime_complete=None,
        params={setting.name: _value(setting, row) for setting in there},
        distributions={setting.name: _distribution(setting) for setting in there},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
        trial_id=number,
    )


def _value(setting: Setting, row: int) -> Any:
    value = setting.values[row]
    return value if setting.options else float(value)  # type: ignore[arg-type]


def _distribution(setting: Setting) -> Any:
    """Where the trials' values lie."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if setting.options:
        return CategoricalDistribution(setting.options)
    low, high = setting.range
    return FloatDistribution(low, high, log=setting.log)
