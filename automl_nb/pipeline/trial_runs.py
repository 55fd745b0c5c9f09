"""The trials of a run: what each may use, how it ends, and what is written down of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from automl_nb.control.cost import Cost
from automl_nb.control.drive import drive
from automl_nb.core import events as ev
from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.clock import now
from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Recipe
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report, TooSlow
from automl_nb.core.types import LeaderboardRow, seed_trial
from automl_nb.features.memory import is_out_of_memory
from automl_nb.pipeline.champion import Champion, alone
from automl_nb.pipeline.execution import Execution, in_words
from automl_nb.pipeline.memo import Remembered, rows_digest, trial_key
from automl_nb.pipeline.recipe import recipe_of
from automl_nb.pipeline.sizes import Sizes
from automl_nb.transfer.base import Candidate, Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.quick_judge import QuickJudge
from automl_nb.zoo.start import start_s

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

R = TypeVar("R")
Hopeless = Callable[[Report], str]  # why a trial is to end, "" where it goes on

# Metrics that ask for rare classes to count as much as common ones.
_EVEN_HANDED = {"balanced_accuracy", "f1", "f1_macro", "recall", "recall_macro", "mcc"}
TIMED_ROWS = 200  # to tell how long a row takes


@dataclass(frozen=True)
class _Asked:
    """A trial as the plan asked for it, to be carried out again."""

    strategy: str
    inputs: tuple[str, ...]
    config: dict[str, Any]


class TrialRuns:
    """Runs one trial after the other and records what came of each on the workbench.

    Args:
        bench: The run's state.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._execution = Execution(bench)
        self._asked: dict[str, _Asked] = {}  # by model
        self._answer_s: dict[str, float] = {}  # by model, without its blocks
        self.sizes = Sizes(bench.encoders)
        self._identities: dict[str, str] = {}  # of the encoders, by block
        self._failed: set[str] = set()  # strategies of trials that failed
        self._reused = 0  # trials of earlier runs
        self._curve: list[Report] = []  # of the trial at work
        self._deadline: Deadline | None = None  # likewise
        self._share = 1.0  # of the time left that it may use
        self._skipped = False  # whether the last trial was ended by hand
        self._hopeless: Hopeless | None = None  # asked of the trial at work
        self._pruned = ""  # why it is to end, by that
        self.ended = ""  # how the last trial ended

    def run(
        self,
        strategy: str,
        inputs: tuple[str, ...],
        name: str,
        config: dict[str, Any],
        *,
        share: float = 1.0,
    ) -> Candidate | None:
        """Run one trial; a failure is told and costs only itself.

        Args:
            strategy: A name of the registry.
            inputs: Keys of the blocks that it reads.
            name: On the leaderboard.
            config: Its settings.
            share: Of the time left, the most that it may use.
        """
        tried = self.try_out(strategy, inputs, name, config, share=share)
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
        hopeless: Hopeless | None = None,
    ) -> Remembered | None:
        """As `run`, but what comes out of it isn't a model of the run before it is told to `join`.

        Args:
            strategy: As for `run`.
            inputs: Likewise.
            name: Likewise.
            config: Likewise.
            share: Likewise.
            hopeless: Asked at each report; a text ends the trial, and is the reason. Told of the
                reports of a trial that an earlier run carried out, too.
        """
        self.ended = ""
        self._bench.check()
        if self._is_dropped(inputs, config):
            return None
        prepared = self._prepared(strategy, inputs, name, share)
        if prepared is None:
            return None
        asked = self._asked[name] = _Asked(strategy, inputs, config)
        return self._carried_out(*prepared, asked, hopeless=hopeless)

    def again(self, model: str, seed: int) -> Candidate | None:
        """Train a model of this run once more with another seed; adds no model.

        Returns:
            None where it failed, or didn't come to its own end: what time or a person cut short
            can't be compared.
        """
        asked, name = self._asked[model], seed_trial(model, seed)
        self._bench.check()
        if self._is_dropped(asked.inputs, asked.config):
            return None
        prepared = self._prepared(asked.strategy, asked.inputs, name, 1.0)
        if prepared is None:
            return None
        maker, context = prepared
        made = self._carried_out(maker, replace(context, seed=seed), asked, again=True)
        return None if made is None else made.candidate

    def _carried_out(
        self,
        maker: Strategy,
        context: TrialContext,
        asked: _Asked,
        *,
        again: bool = False,
        hopeless: Hopeless | None = None,
    ) -> Remembered | None:
        """What a trial came to, now or in an earlier run; None where it failed.

        What was cut short counts as well, unless the trial repeats another (`again`).
        """
        bench, name, inputs, config = self._bench, context.trial_id, asked.inputs, asked.config
        key = self._trial_key(context, maker, inputs, config)
        known = None if again else bench.own.find(key, context.device)
        known = known or bench.memo.find(key, context.device)
        bench.emit(ev.TrialStarted(bench.t, name, asked.strategy, _plain(config), inputs))
        if known is not None:
            return self._reuse(known, name, hopeless)
        kept = self._checkpoints(key, name)
        context = replace(context, checkpoints=kept)
        candidate = self._driven(
            asked.strategy,
            context,
            lambda: self._execution.train(
                maker,
                context,
                inputs,
                {"name": name, **config},
                heard=self._heard,
                spent=self._cost.elsewhere,
            ),
            _note,
            quiet=again,
            hopeless=hopeless,
        )
        self._say_of(kept, name)
        if not bench.cancel.ending:  # what was stopped may be continued
            kept.clear()
        if candidate is None:
            return None
        pressed = context.deadline.pressed
        ended = not (self._skipped or self._pruned or bench.cancel.ending)
        if again and (pressed or not ended):
            return None
        candidate = replace(candidate, fit_s=candidate.fit_s + kept.earlier_s)
        made = Remembered(candidate, self._predict_s(candidate), tuple(self._curve))
        if pressed:
            bench.shortened.append(name)
        if ended:
            (bench.own if pressed else bench.memo).keep(key, made)
        return made

    def _checkpoints(self, key: str, name: str) -> Checkpoints:
        """Where the trial keeps its state, and finds what an earlier process left of it."""
        kept = Checkpoints(self._bench.checkpoints_root / key, key)
        if kept.begun:
            self._bench.say(f"{name} goes on from its last checkpoint.")
        return kept

    def _say_of(self, kept: Checkpoints, name: str) -> None:
        """What went wrong with a trial's checkpoints; it cost no more than time."""
        for part, why in kept.ignored.items():
            self._bench.say(f"{name} began '{part}' anew: of its checkpoint, {why}.", "warning")
        if kept.trouble:
            self._bench.say_once(f"Checkpoints can't be written: {kept.trouble}.", "warning")

    def _is_dropped(self, inputs: tuple[str, ...], config: dict[str, Any]) -> bool:
        bench = self._bench
        read = any(bench.is_dropped(bench.encoders.get(block)) for block in inputs)
        return read or config.get("backbone") in bench.dropped

    def extend(self, seconds: float) -> None:
        """The run has so much more time: the trial at work its share of it."""
        if self._deadline is not None:
            self._deadline.extend(self._share * seconds)

    def close(self) -> None:
        """No more trials: what carried them out is put away."""
        self._execution.close()

    def failed_by(self, strategy: str) -> bool:
        """Whether a trial of this strategy failed."""
        return strategy in self._failed

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

    @property
    def _class_weight(self) -> np.ndarray | None:
        bench = self._bench
        return bench.dataset.class_weight if bench.objective.metric in _EVEN_HANDED else None

    def _context(self, trial_id: str, device: str = "cpu", *, share: float = 1.0) -> TrialContext:
        """What a trial may use; `share` of the time that is left at most."""
        bench = self._bench
        weights = self._class_weight
        left, self._share = max(0.1, share * bench.left), share
        return TrialContext(
            trial_id=trial_id,
            blocks=bench.blocks,
            y=bench.dataset.y,
            folds=bench.dataset.folds,
            task=bench.dataset.task,
            objective=bench.objective,
            schema=bench.dataset.schema,
            seed=bench.settings.seed,
            deadline=Deadline(left),
            cancel=bench.cancel,
            class_weight=weights,
            device=device,
            workdir=bench.vault.folder,
            interchangeable=not (bench.settings.group or bench.settings.time_column)
            and bench.settings.split in {"auto", "stratified", "random"},
            unlabelled=bench.unlabelled,
        )

    def _prepared(
        self, strategy: str, inputs: tuple[str, ...], name: str, share: float
    ) -> tuple[Strategy, TrialContext] | None:
        """The strategy and what it may use; None where it isn't for this run."""
        if not self._bench.wants(strategy):
            return None
        spec = STRATEGIES[strategy]
        try:
            maker: Strategy = spec.load()()
        except (AutoMLError, ImportError) as error:
            self._bench.say(f"{name} is left out: {error}", "warning")
            return None
        slow_start = 0.0
        if "torch" in spec.tags:
            slow_start = (
                self._bench.network_start_s if "backbone" in spec.tags else start_s("torch")
            )
        if self._bench.champion is not None and not self._bench.allows(slow_start):
            self._bench.cut.append(name)
            return None
        context = self._context(
            name, self._bench.device if "torch" in spec.tags else "cpu", share=share
        )
        why_not = maker.applies(context, inputs)
        if why_not:
            self._bench.unsuited[strategy] = why_not
        return None if why_not else (maker, context)

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
        if self._is_dropped(inputs, config):
            return None
        prepared = self._prepared(strategy, inputs, name, 1.0)
        if prepared is None:
            return None
        maker, context = prepared
        self._bench.emit(ev.TrialStarted(self._bench.t, name, strategy, _plain(config)))
        return self._driven(
            strategy,
            context,
            lambda: drive(
                self._quick_judge.judged(maker, context, inputs, config),
                heard=self._heard,
                deadline=context.deadline,
                cancel=self._bench.cancel,
            ),
            _loss_note,
            quiet=True,
        )

    @cached_property
    def _quick_judge(self) -> QuickJudge:
        return QuickJudge(self._context("search"))

    def _driven(
        self,
        strategy: str,
        context: TrialContext,
        work: Callable[[], R],
        note: Callable[[R], str],
        *,
        quiet: bool = False,
        hopeless: Hopeless | None = None,
    ) -> R | None:
        """What the work of a trial gives; None where it failed, which is told unless `quiet`."""
        name, began = context.trial_id, now()
        self._curve.clear()
        self._hopeless, self._pruned = hopeless, ""
        self._cost = Cost()
        self._deadline, self._skipped, self._bench.at_work = context.deadline, False, name
        try:
            made = work()
        except Cancelled:
            if self._bench.cancel.skips:
                self._trial_ended(name, "skipped", began, "by hand")
                return None
            self._trial_ended(name, "stopped", began, self._bench.cancel.reason)
            raise
        except TooSlow as error:
            why = error.of_its_share if self._share < 1.0 else str(error)
            self._trial_ended(name, "skipped", began, why)
            self.ended = "slow"
            if not quiet:
                self._bench.cut.append(name)
                self._bench.say(f"{name} is left out: {why}.")
            return None
        except Exception as error:  # noqa: BLE001 - one trial must not end the run
            self._trial_failed(strategy, name, began, error, quiet=quiet)
            return None
        finally:
            self._cost.end()
            self._skipped, self._deadline = self._bench.cancel.skips, None
            self._bench.cancel.trial_ended()
        status = "stopped" if self._skipped else "pruned" if self._pruned else "done"
        self._trial_ended(name, status, began, self._pruned or note(made))
        return made

    def _trial_failed(
        self, strategy: str, name: str, began: float, error: Exception, *, quiet: bool
    ) -> None:
        bench = self._bench
        if is_out_of_memory(error):
            self._trial_ended(name, "failed", began, f"out of memory: {error}"[:300])
            bench.short_of_memory = bench.short_of_memory or not quiet
            if not quiet:
                bench.say(f"{name} doesn't fit the memory and is left out.", "warning")
            return
        note = in_words(error)[:300]
        self._trial_ended(name, "failed", began, note)
        if not quiet:
            self._failed.add(strategy)
            bench.say(f"{name} failed and is left out ({note}).", "warning")

    def _trial_key(
        self,
        context: TrialContext,
        maker: Strategy,
        inputs: tuple[str, ...],
        config: dict[str, Any],
    ) -> str:
        for block in inputs:
            if block not in self._identities:
                self._identities[block] = self._bench.encoders[block].identity()
        own: Callable[[dict[str, Any]], str] | None = getattr(maker, "identity", None)
        return trial_key(
            context,
            maker.name,
            {block: self._identities[block] for block in inputs},
            config,
            rows=self._rows,
            own="" if own is None else own(config),
        )

    @cached_property
    def _rows(self) -> str:
        return rows_digest(self._bench.dataset)

    def _reuse(self, known: Remembered, name: str, hopeless: Hopeless | None) -> Remembered:
        """Take what an earlier run made of the same trial."""
        if not self._reused:
            self._bench.say(
                "Earlier runs on the same rows did part of this; their results are reused."
            )
        self._reused += 1
        candidate = replace(known.candidate, name=name)
        for report in known.curve:
            self._told(replace(report, trial_id=name))
            if hopeless is not None:
                hopeless(report)
        ended = ev.TrialEnded(self._bench.t, name, "done", 0.0, candidate.note, reused=True)
        self._bench.emit(ended)
        self.ended = "done"
        return replace(known, candidate=candidate)

    def _told(self, report: Report) -> None:
        """A point on the learning curves."""
        self._bench.emit(
            ev.TrialReported(
                self._bench.t, report.trial_id, report.resource, dict(report.metrics), report.total
            )
        )

    def _heard(self, report: Report) -> Decision | None:
        self._curve.append(report)
        self._told(report)
        share = report.resource / report.total if report.total else 0.0
        eta = report.elapsed_s / share * (1 - share) if share else -1.0
        self._bench.emit(
            ev.Progress(self._bench.t, report.trial_id, report.resource, report.total, "", eta)
        )
        if self._hopeless is not None and not self._pruned:
            self._pruned = self._hopeless(report)
        return Decision.STOP if self._pruned else None

    def _trial_ended(self, name: str, status: str, began: float, note: str) -> None:
        cost, self.ended = self._cost.end(), status
        self._bench.emit(
            ev.TrialEnded(
                self._bench.t,
                name,
                status,
                now() - began,
                note,
                cost.cpu_s,
                cost.peak_memory_bytes,
            )
        )

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
        self._bench.show(
            LeaderboardRow(
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
        )

    def recipe(self, made: Champion) -> Recipe:
        """How a blend or a candidate alone was made."""
        return recipe_of(made, self._bench.encoders, balanced=self._class_weight is not None)

    def _predict_s(self, candidate: Candidate) -> float:
        """Seconds a row of the predictor alone, measured on a few rows."""
        known = float(getattr(candidate.predictor, "seconds_a_row", 0.0))
        if known:
            return known
        rows = np.arange(min(TIMED_ROWS, len(self._bench.dataset.y)))
        began = time.perf_counter()
        candidate.predictor.predict(self._bench.blocks.take(rows))
        return (time.perf_counter() - began) / len(rows)


def _note(candidate: Candidate) -> str:
    return candidate.note


def _loss_note(losses: np.ndarray) -> str:
    return f"loss {np.mean(losses):.4g}"


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
