"""The ledger of a run: what was tried, why it ended, and what it cost; a row a trial."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from automl_nb.core.state import RunState, Trial
from automl_nb.core.types import LeaderboardRow, seed_trial

_FACTORS, _CROWDED = 30.0, 0.2  # see `searched`
MEGABYTE = 1e6
# What searches compare their trials by, as people read it: of heads, and of networks.
DRAWN_LOSS, HELD_OUT_LOSS = "loss on drawn rows", "loss held out"


@dataclass(frozen=True)
class Entry:
    """A row of the ledger.

    Attributes:
        trial: What was tried.
        score: Of the held-out rows under the run's metric; NaN where there is none. Of the trials
            of a search only those have one that became models: these are brought onto the scale
            of all other models, whichever rows they were judged on.
        low: Lower end of the 95% interval of a trial that became a model, else NaN.
        high: Its upper end.
    """

    trial: Trial
    score: float
    low: float
    high: float

    @property
    def scored(self) -> bool:
        """Whether it has a score."""
        return math.isfinite(self.score)

    @property
    def loss(self) -> float:
        """What a search compares its trials by (less is better), else NaN."""
        return math.nan if self.trial.loss is None else self.trial.loss

    @property
    def by_loss(self) -> bool:
        """Whether its loss is what it is compared by, also where it became a model."""
        return math.isfinite(self.loss)

    @property
    def judged_by(self) -> str:
        """What it is compared by, as people read it: one of the losses, or "" for scores."""
        if not self.by_loss:
            return ""
        return HELD_OUT_LOSS if self.trial.search == "networks" else DRAWN_LOSS

    @property
    def reads(self) -> str:
        """Its network, or the blocks that it reads."""
        backbone = self.trial.config.get("backbone")
        return str(backbone) if backbone else " + ".join(self.trial.inputs)


def ledger(state: RunState) -> list[Entry]:
    """Every trial of a run, in the order in which they began.

    A trial that became no model has the last score that it reported, if it did; one of a search has
    the loss instead that the search heard of.

    Example:
        >>> from automl_nb.core import events as ev
        >>> from automl_nb.core.state import replay
        >>> told = [
        ...     ev.TrialStarted(1.0, "ridge #1", "ridge", {"alpha": 0.1}, ("tfidf(text)",)),
        ...     ev.TrialEnded(3.0, "ridge #1", "failed", 2.0, "out of memory"),
        ... ]
        >>> entry = ledger(replay(told))[0]
        >>> entry.reads, entry.trial.status, entry.trial.note, entry.scored
        ('tfidf(text)', 'failed', 'out of memory', False)
    """
    models = {row.model: row for row in state.leaderboard}
    others = {
        seed_trial(row.model, seed): score
        for row in state.leaderboard
        for seed, score in zip(row.seeds[1:], row.seed_scores[1:], strict=True)
    }
    return [
        _entry(trial, models.get(trial.trial), others.get(trial.trial), state)
        for trial in state.trials.values()
    ]


def _entry(
    trial: Trial, row: LeaderboardRow | None, other_seed: float | None, state: RunState
) -> Entry:
    if row is not None:  # its own seed's score, where the row has the mean of several
        shift = row.seed_scores[0] - row.score if row.seed_scores else 0.0
        return Entry(trial, row.score + shift, row.low + shift, row.high + shift)
    if other_seed is not None:
        return Entry(trial, other_seed, math.nan, math.nan)
    of_search = trial.search or trial.loss is not None
    score = math.nan if of_search else _reported(trial, state)
    return Entry(trial, score, math.nan, math.nan)


def training_memory(state: RunState, row: LeaderboardRow) -> int:
    """Peak bytes of the trial that made a model; 0 for blends and what an earlier run did."""
    trial = state.trials.get(row.model)
    return 0 if trial is None else trial.peak_memory_bytes


def _reported(trial: Trial, state: RunState) -> float:
    """The last score of a trial's curve, under whichever name it reports it."""
    curve = state.curves.get(trial.trial)
    if curve is None:
        return math.nan
    own = state.objective.metric if state.objective else "score"
    told = curve.metrics.get("score") or curve.metrics.get(own, [])
    return next((value for value in reversed(told) if math.isfinite(value)), math.nan)


def ledger_rows(state: RunState, *, killed: bool = False) -> list[dict[str, object]]:
    """The ledger as plain rows: times in seconds, memory in megabytes (10^6 bytes).

    Args:
        state: The run.
        killed: Nobody works on it any more, although it has no last word.
    """
    cut = killed or state.ended is not None
    metric = state.objective.metric if state.objective else "score"
    return [
        {
            "trial": entry.trial.trial,
            "strategy": entry.trial.strategy,
            "reads": entry.reads,
            "config": written(entry.trial.config),
            "status": _status(entry.trial, cut=cut),
            "why": _why(entry.trial),
            metric: entry.score,
            "low": entry.low,
            "high": entry.high,
            "search_loss": entry.loss,
            "seconds": round(entry.trial.elapsed_s, 3),
            "cpu_s": round(entry.trial.cpu_s, 3),
            "memory_mb": round(entry.trial.peak_memory_bytes / MEGABYTE, 1),
            "began_s": round(entry.trial.started, 2),
            "ended_s": math.nan if entry.trial.ended is None else round(entry.trial.ended, 2),
            "stage": entry.trial.stage,
        }
        for entry in ledger(state)
    ]


def _status(trial: Trial, *, cut: bool) -> str:
    return "interrupted" if cut and trial.status == "running" else trial.status


def _why(trial: Trial) -> str:
    reused = "an earlier run did it" if trial.reused else ""
    return "; ".join(part for part in (reused, trial.note) if part)


def written(config: dict[str, object]) -> str:
    """Settings as `--params` takes them.

    Example:
        >>> written({"lr": 5e-05, "epochs": 3, "loss": "focal"})
        'lr=5e-05, epochs=3, loss=focal'
    """
    return ", ".join(f"{name}={_plain(value)}" for name, value in config.items())


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


# -- the settings of trials, side by side --------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One setting over the trials of a strategy.

    Attributes:
        name: Its name.
        values: One a trial; None where it didn't count.
        options: The words that it took, in order of appearance; empty for numbers.
        log: Whether its numbers are a matter of factors rather than differences.
    """

    name: str
    values: tuple[object, ...]
    options: tuple[str, ...]
    log: bool

    @property
    def whole(self) -> bool:
        """Whether all of its values are whole numbers."""
        numbers = [value for value in self.values if value is not None]
        return not self.options and all(float(one).is_integer() for one in numbers)  # type: ignore[arg-type]

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest number."""
        numbers = [value for value in self.values if _is_number(value)]
        return min(numbers), max(numbers)  # type: ignore[type-var, return-value]


def searched(entries: Sequence[Entry], log: Iterable[str] = ()) -> list[Setting]:
    """The settings in which trials differ.

    Args:
        entries: Of one strategy.
        log: Names of settings that are known to be searched by factors. Others are taken to be
            so where their numbers are above 0, differ by a factor of more than 30, and half of
            them lie in the lowest fifth of their range.

    Example:
        >>> tried = [
        ...     Entry(Trial(str(i), "ridge", config={"alpha": 10.0**i, "kind": "a"}), 0.9, 0.8, 1.0)
        ...     for i in range(3)
        ... ]
        >>> [(setting.name, setting.range, setting.log) for setting in searched(tried)]
        [('alpha', (1.0, 100.0), True)]
    """
    known = {*log}
    names = dict.fromkeys(name for entry in entries for name in entry.trial.config)
    made = [
        _setting(name, tuple(entry.trial.config.get(name) for entry in entries), name in known)
        for name in names
    ]
    return [setting for setting in made if _differs(setting)]


def _setting(name: str, values: tuple[object, ...], log: bool) -> Setting:
    there = [value for value in values if value is not None]
    if not all(map(_is_number, there)):
        said = tuple(None if value is None else str(value) for value in values)
        return Setting(
            name, said, tuple(dict.fromkeys(s for s in said if s is not None)), log=False
        )
    numbers = [float(value) for value in there]  # type: ignore[arg-type]
    positive = min(numbers, default=0.0) > 0
    return Setting(name, values, (), positive and (log or _look_like_factors(numbers)))


def _look_like_factors(numbers: Sequence[float]) -> bool:
    low, high = min(numbers), max(numbers)
    return high > _FACTORS * low and median(numbers) - low < _CROWDED * (high - low)


def _differs(setting: Setting) -> bool:
    return len({value for value in setting.values if value is not None}) > 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def loss_title(entries: Iterable[Entry]) -> str:
    """What the losses of these are, as people read it; "" where there are none."""
    titles = {entry.judged_by for entry in entries if entry.by_loss}
    return titles.pop() if len(titles) < 2 and titles else "loss in the search" if titles else ""


def comparable(entries: Iterable[Entry]) -> list[Entry]:
    """The most trials of one strategy that differ in their settings and are judged alike.

    Scores in the run's metric and the losses of one search or another are never compared with each
    other.

    Returns:
        Empty where no two such trials differ.
    """
    judged = [entry for entry in entries if entry.scored or entry.by_loss]
    groups = Counter((entry.trial.strategy, entry.judged_by) for entry in judged)
    for group, _ in groups.most_common():
        alike = [entry for entry in judged if (entry.trial.strategy, entry.judged_by) == group]
        if searched(alike):
            return alike
    return []
