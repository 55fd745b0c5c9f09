"""The trials of a run: each asked for by the plan, its result found again, kept, and shown."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.control.drive import drive
from automl_nb.core import events as ev
from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.recipe import Recipe
from automl_nb.core.types import LeaderboardRow, seed_trial
from automl_nb.pipeline.champion import Champion, alone
from automl_nb.pipeline.cut_short import (
    better_of,
    falls_behind,
    gets_further,
    known_of,
    standing,
)
from automl_nb.pipeline.execution import Execution
from automl_nb.pipeline.memo import Remembered
from automl_nb.pipeline.recipe import recipe_of
from automl_nb.pipeline.sizes import Sizes
from automl_nb.pipeline.trial_at_work import Hopeless, TrialAtWork
from automl_nb.pipeline.trial_means import TrialMeans
from automl_nb.transfer.base import Candidate, Strategy, TrialContext
from automl_nb.transfer.quick_judge import QuickJudge

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

TIMED_ROWS = 200  # to tell how long a row takes
_NO_BETTER = "it came out no better, and stays as it was"


@dataclass(frozen=True)
class _Asked:
    """A trial as the plan asked for it, to be carried out again."""

    strategy: str
    inputs: tuple[str, ...]
    config: dict[str, Any]
    search: str = ""


class TrialRuns:
    """Runs one trial after the other and records what came of each on the workbench.

    Args:
        bench: The run's state.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._execution = Execution(bench)
        self._means = TrialMeans(bench)
        self._work = TrialAtWork(bench)
        self._asked: dict[str, _Asked] = {}  # by model
        self._answer_s: dict[str, float] = {}  # by model, without its blocks
        self.sizes = Sizes(bench.encoders)
        self._reused = 0  # trials of earlier runs

    @property
    def ended(self) -> str:
        """How the last trial ended."""
        return self._work.ended

    @property
    def needed_s(self) -> float:
        """Seconds that the last trial that ended as "slow" would have taken at least."""
        return self._work.needed_s

    def run(
        self,
        strategy: str,
        inputs: tuple[str, ...],
        name: str,
        config: dict[str, Any],
        *,
        share: float = 1.0,
        waits: bool = False,
    ) -> Candidate | None:
        """Run one trial; a failure is told and costs only itself.

        Args:
            strategy: A name of the registry.
            inputs: Keys of the blocks that it reads.
            name: On the leaderboard.
            config: Its settings.
            share: Of the time left, the most that it may use.
            waits: Whether it may be asked for again where its share is too little: it isn't said
                to be left out then.
        """
        tried = self.try_out(strategy, inputs, name, config, share=share, waits=waits)
        if tried is None:
            return None
        self.join(tried)
        return tried.candidate

    def try_out(
        self,
        strategy: str,
        inputs: tuple[str, ...],
        name: str,
        config: dict[str, Any],
        *,
        share: float = 1.0,
        waits: bool = False,
        hopeless: Hopeless | None = None,
        search: str = "",
    ) -> Remembered | None:
        """As `run`, but what comes out of it isn't a model of the run before it is told to `join`.

        Args:
            strategy: As for `run`.
            inputs: Likewise.
            name: Likewise.
            config: Likewise.
            share: Likewise.
            waits: Likewise.
            hopeless: Asked at each report; a text ends the trial, and is the reason. Told of the
                reports of a trial that an earlier run carried out, too.
            search: The search that proposed it.
        """
        self._work.ended = ""
        self._bench.check()
        if self._means.is_dropped(inputs, config):
            return None
        prepared = self._means.prepared(strategy, inputs, name, share)
        if prepared is None:
            return None
        asked = self._asked[name] = _Asked(strategy, inputs, config, search)
        return self._carried_out(*prepared, asked, share=share, waits=waits, hopeless=hopeless)

    def again(self, model: str, seed: int) -> Candidate | None:
        """Train a model of this run once more with another seed; adds no model.

        Returns:
            None where it failed, or didn't come to its own end: what time or a person cut short
            can't be compared.
        """
        asked, name = self._asked[model], seed_trial(model, seed)
        self._bench.check()
        if self._means.is_dropped(asked.inputs, asked.config):
            return None
        prepared = self._means.prepared(asked.strategy, asked.inputs, name, 1.0)
        if prepared is None:
            return None
        maker, context = prepared
        made = self._carried_out(maker, replace(context, seed=seed), asked, again=True)
        return None if made is None else made.candidate

    def quick(
        self, strategy: str, inputs: tuple[str, ...], name: str, config: dict[str, Any]
    ) -> np.ndarray | None:
        """The losses of some settings on the rows where settings are compared; adds no model.

        Args:
            strategy: A name of the registry; not one that tunes a network.
            inputs: Keys of the blocks that it reads.
            name: Of the trial.
            config: Its settings.

        Returns:
            (n_rows,); None where it isn't for this run, failed or was skipped: a search goes on
            without it.
        """
        self._bench.check()
        if self._means.is_dropped(inputs, config):
            return None
        prepared = self._means.prepared(strategy, inputs, name, 1.0)
        if prepared is None:
            return None
        maker, context = prepared
        if not self._begun(name, strategy, config, inputs, "heads"):
            return None
        return self._work.drive(
            strategy,
            context,
            lambda: drive(
                self._quick_judge.judged(maker, context, inputs, config),
                heard=self._work.heard,
                deadline=context.deadline,
                cancel=self._bench.cancel,
            ),
            lambda _: "cut short by the time" if context.deadline.pressed else "",
            quiet=True,
            loss=_mean_loss,
        )

    def _begun(
        self,
        name: str,
        strategy: str,
        config: dict[str, Any],
        inputs: tuple[str, ...],
        search: str,
    ) -> bool:
        """Tell that a trial begins; False where getting ready has taken what was left of the time.

        To import what a strategy computes with may take seconds that nobody could foresee. Without
        any model so far a trial begins all the same.
        """
        bench = self._bench
        if bench.champion is not None and not bench.allows(0.0):
            bench.cut.append(name)
            return False
        bench.emit(ev.TrialStarted(bench.t, name, strategy, _plain(config), inputs, search))
        return True

    @cached_property
    def _quick_judge(self) -> QuickJudge:
        return QuickJudge(self._means.context("search"))

    def _carried_out(
        self,
        maker: Strategy,
        context: TrialContext,
        asked: _Asked,
        *,
        share: float = 1.0,
        again: bool = False,
        waits: bool = False,
        hopeless: Hopeless | None = None,
    ) -> Remembered | None:
        """What a trial came to, now or in an earlier run; None where it failed.

        What was cut short counts as well, unless the trial repeats another (`again`).
        """
        bench, name, inputs, config = self._bench, context.trial_id, asked.inputs, asked.config
        key = self._means.key(context, maker, inputs, config)
        find = bench.memo.find if again else partial(known_of, bench)
        known, kept = find(key, context.device), Checkpoints(bench.checkpoints_root / key, key)
        if known is None and not again and not kept.begun and falls_behind(bench, context):
            self._left_as_it_was(name)
            return None
        if not self._begun(name, asked.strategy, config, inputs, "" if again else asked.search):
            return None
        if known is not None and not gets_further(bench, known, context, begun=kept.begun):
            return self._reuse(known, name, hopeless)
        if kept.begun:
            bench.answer(f"{name} goes on from its last checkpoint.")
        context = replace(context, checkpoints=kept)
        made: list[Remembered | None] = []

        def keep(candidate: Candidate) -> None:
            whole = replace(candidate, fit_s=candidate.fit_s + kept.earlier_s)
            made.append(self._kept(key, whole, context, again=again, former=known))

        self._work.drive(
            asked.strategy,
            context,
            lambda: self._execution.train(
                maker,
                context,
                inputs,
                {"name": name, **config},
                heard=self._work.heard,
                spent=self._work.cost.elsewhere,
            ),
            lambda candidate: _note(candidate, known is not None and made[0] is known),
            share=share,
            quiet=again,
            waits=waits or known is not None,
            hopeless=hopeless,
            keep=keep,
        )
        self._say_of(kept, name)
        if not bench.cancel.ending:  # what was stopped may be continued
            kept.clear()  # not before the result is kept: a kill between them would lose both
        if known is not None and (not made or made[0] is known):
            return self._stays(known, name, asked, failed=not made)
        return made[0] if made else None

    def _kept(
        self,
        key: str,
        candidate: Candidate,
        context: TrialContext,
        *,
        again: bool,
        former: Remembered | None,
    ) -> Remembered | None:
        """The result, kept for later runs where it came to its end, or for this one alone.

        Where the trial had come to something before (`former`), the better of both.
        """
        bench, pressed = self._bench, context.deadline.pressed
        ended = not (self._work.skipped or self._work.pruned or bench.cancel.ending)
        if again and (pressed or not ended):
            return None
        within_s = bench.deadline.seconds if pressed else None
        curve, when = tuple(self._work.curve), f"{dt.datetime.now().astimezone():%Y-%m-%d %H:%M}"
        answer_s = self._predict_s(candidate)
        made = Remembered(candidate, answer_s, curve, bench.vault.run, when, within_s)
        if pressed:
            bench.shortened.append(context.trial_id)
        if ended and not pressed:
            bench.memo.keep(key, made)
        stands = made if former is None else better_of(bench, made, former)
        if ended and (pressed or former is not None):
            bench.own.keep(key, replace(stands, within_s=within_s), anew=True)
        return stands

    def _stays(self, known: Remembered, name: str, asked: _Asked, *, failed: bool) -> Remembered:
        """A trial that was trained again to no avail is what it had come to before."""
        bench = self._bench
        if failed:  # or found that it would take too long after all
            bench.shortened.append(name)
        if bench.cancel.ending:  # it is gone on with
            return replace(known, candidate=replace(known.candidate, name=name))
        bench.answer(f"{name} was trained again with more time: {_NO_BETTER}.")
        config = _plain(asked.config)  # it is told again for its curve, which is that of before
        bench.emit(
            ev.TrialStarted(bench.t, name, asked.strategy, config, asked.inputs, asked.search)
        )
        return self._reuse(replace(known, within_s=None), name, None)

    def _left_as_it_was(self, name: str) -> None:
        """Say that a model of before the run went on isn't trained again in less time."""
        self._bench.cut.append(name)
        self._bench.say_once(
            f"{name} isn't trained again: there is less time for it than it took before."
        )

    def _say_of(self, kept: Checkpoints, name: str) -> None:
        """What went wrong with a trial's checkpoints; it cost no more than time."""
        for part, why in kept.ignored.items():
            self._bench.answer(f"{name} began '{part}' anew: of its checkpoint, {why}.", "warning")
        if kept.trouble:
            self._bench.say_once(f"Checkpoints can't be written: {kept.trouble}.", "warning")

    def _reuse(self, known: Remembered, name: str, hopeless: Hopeless | None) -> Remembered:
        """Take what an earlier run made of the same trial, or this one before it went on."""
        if known.within_s is not None:
            self._bench.shortened.append(name)
        if not self._reused:
            who = f"Run '{known.run}' of {known.when}" if known.run else "An earlier run"
            self._bench.say(
                f"{who} did part of this on the same rows, and is reused; 'fresh' trains all anew."
            )
        self._reused += 1
        candidate = replace(known.candidate, name=name)
        for report in known.curve:
            self._work.told(replace(report, trial_id=name))
            if hopeless is not None:
                hopeless(report)
        ended = ev.TrialEnded(self._bench.t, name, "done", 0.0, candidate.note, reused=True)
        self._bench.emit(ended)
        self._work.ended = "done"
        return replace(known, candidate=candidate)

    def join(self, tried: Remembered) -> None:
        """What came out of a trial is a model of the run, on its leaderboard."""
        candidate, answer_s = tried.candidate, tried.answer_s
        made = alone(candidate, self._bench.judge, self._bench.champion)
        judged = made.score
        self._bench.candidates.append(candidate)
        self._bench.scored[candidate.name] = judged.value
        self._answer_s[candidate.name] = answer_s
        if cost := getattr(candidate.predictor, "seconds_a_row", 0.0):
            self._bench.seconds_a_row[candidate.name] = cost
        row = LeaderboardRow(
            model=candidate.name,
            strategy=candidate.strategy,
            inputs=candidate.inputs,
            score=judged.value,
            low=judged.low,
            high=judged.high,
            fit_s=candidate.fit_s,
            predict_ms=self.predict_ms([candidate]),
            stage=self._bench.stage,
            t=self._bench.t,
            note=candidate.note,
            architectures=_architectures(candidate),
            size_bytes=self.sizes.of([candidate]),
            recipe=self.recipe(made),
        )
        if stands := standing(self._bench, row):
            self._bench.rows[row.model] = stands
        else:
            self._bench.show(row)

    def extend(self, seconds: float) -> None:
        """The run has so much more time: the trial at work its share of it."""
        self._work.extend(seconds)

    def close(self) -> None:
        """No more trials: what carried them out is put away."""
        self._execution.close()

    def failed_by(self, strategy: str) -> bool:
        """Whether a trial of this strategy failed."""
        return strategy in self._work.failed

    def predict_ms(self, candidates: list[Candidate]) -> float:
        """Milliseconds a row: each block once, and each predictor."""
        keys = {key for candidate in candidates for key in candidate.inputs}
        seconds = sum(self._bench.seconds_a_row.get(key, 0.0) for key in keys)
        return 1000.0 * (seconds + sum(self._answer_s[c.name] for c in candidates))

    def cost(self, candidates: list[Candidate], preference: str) -> float:
        """Of a blend: milliseconds a row for ``fast``, bytes for ``small``; inf if unknown."""
        if preference == "fast":
            return self.predict_ms(candidates)
        return float(self.sizes.of(candidates)) or np.inf

    def recipe(self, made: Champion) -> Recipe:
        """How a blend or a candidate alone was made."""
        balanced = self._means.class_weight is not None
        return recipe_of(made, self._bench.encoders, balanced=balanced)

    def _predict_s(self, candidate: Candidate) -> float:
        """Seconds a row of the predictor alone, measured on a few rows."""
        known = float(getattr(candidate.predictor, "seconds_a_row", 0.0))
        if known:
            return known
        rows = np.arange(min(TIMED_ROWS, len(self._bench.dataset.y)))
        began = time.perf_counter()
        candidate.predictor.predict(self._bench.blocks.take(rows))
        return (time.perf_counter() - began) / len(rows)


def _note(candidate: Candidate, stays: bool) -> str:
    return f"{candidate.note}; {_NO_BETTER}" if stays else candidate.note


def _mean_loss(losses: np.ndarray) -> float | None:
    return float(np.mean(losses)) if np.isfinite(losses).all() else None


def _architectures(candidate: Candidate) -> tuple[dict[str, object], ...]:
    """How a network that was searched for is wired; none for all others."""
    found = candidate.config.get("architectures")
    return tuple(found) if isinstance(found, list) else ()


def _plain(config: dict[str, Any]) -> dict[str, object]:
    return {
        key: value
        for key, value in config.items()
        if isinstance(value, str | int | float | bool | None)
    }
