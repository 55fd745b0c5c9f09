"""The trials of a run: what each may use, how it ends, and what is written down of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from automl_nb.control.cost import Cost
from automl_nb.control.drive import drive
from automl_nb.core import events as ev
from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.clock import now
from automl_nb.core.errors import AutoMLError
from automl_nb.core.trials import Cancelled, Deadline, Report, TooSlow
from automl_nb.core.types import LeaderboardRow
from automl_nb.features.memory import is_out_of_memory
from automl_nb.pipeline.champion import judge_candidate
from automl_nb.pipeline.execution import Execution, in_words
from automl_nb.pipeline.memo import Remembered, rows_digest, trial_key
from automl_nb.transfer.base import Candidate, Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.quick_judge import QuickJudge
from automl_nb.zoo.start import start_s

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

R = TypeVar("R")

# Metrics that ask for rare classes to count as much as common ones.
_EVEN_HANDED = {"balanced_accuracy", "f1", "f1_macro", "recall", "recall_macro", "mcc"}
TIMED_ROWS = 200  # to tell how long a row takes


class TrialRuns:
    """Runs one trial after the other and records what came of each on the workbench.

    Args:
        bench: The run's state.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._execution = Execution(bench)
        self._answer_s: dict[str, float] = {}  # by model, without its blocks
        self._identities: dict[str, str] = {}  # of the encoders, by block
        self._failed: set[str] = set()  # strategies of trials that failed
        self._reused = 0  # trials of earlier runs
        self._curve: list[Report] = []  # of the trial at work
        self._deadline: Deadline | None = None  # likewise
        self._share = 1.0  # of the time left that it may use
        self._skipped = False  # whether the last trial was ended by hand

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
        self._bench.check()
        if self._is_dropped(inputs, config):
            return None
        prepared = self._prepared(strategy, inputs, name, share)
        if prepared is None:
            return None
        maker, context = prepared
        key = self._trial_key(context, maker, inputs, config)
        bench = self._bench
        known = bench.own.find(key, context.device) or bench.memo.find(key, context.device)
        bench.emit(ev.TrialStarted(bench.t, name, strategy, _plain(config), inputs))
        if known is not None:
            return self._reuse(known, name)
        kept = self._checkpoints(key, name)
        context = replace(context, checkpoints=kept)
        candidate = self._driven(
            strategy,
            context,
            lambda: self._execution.train(
                maker, context, inputs, {"name": name, **config}, self._heard
            ),
            _note,
        )
        self._say_of(kept, name)
        if not bench.cancel.ending:  # what was stopped may be continued
            kept.clear()
        if candidate is None:
            return None
        candidate = replace(candidate, fit_s=candidate.fit_s + kept.earlier_s)
        answer_s = self._predict_s(candidate)
        if context.deadline.pressed:
            bench.shortened.append(name)
        if not self._skipped and not bench.cancel.ending:
            shelf = bench.own if context.deadline.pressed else bench.memo
            shelf.keep(key, Remembered(candidate, answer_s, tuple(self._curve)))
        self._add(candidate, answer_s)
        return candidate

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

    def _context(self, trial_id: str, device: str = "cpu", *, share: float = 1.0) -> TrialContext:
        """What a trial may use; `share` of the time that is left at most."""
        bench = self._bench
        weights = bench.dataset.class_weight if bench.objective.metric in _EVEN_HANDED else None
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
    ) -> float | None:
        """The loss of some settings on the rows where settings are compared; adds no model.

        Args:
            strategy: A name of the registry; not one that tunes a network.
            inputs: Keys of the blocks that it reads.
            name: Of the trial.
            config: Its settings.

        Returns:
            None where it isn't for this run, failed or was skipped: a search goes on without it.
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
    ) -> R | None:
        """What the work of a trial gives; None where it failed, which is told unless `quiet`."""
        name, began = context.trial_id, now()
        self._curve.clear()
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
        self._trial_ended(name, "stopped" if self._skipped else "done", began, note(made))
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

    def _reuse(self, known: Remembered, name: str) -> Candidate:
        """Take what an earlier run made of the same trial."""
        if not self._reused:
            self._bench.say(
                "Earlier runs on the same rows did part of this; their results are reused."
            )
        self._reused += 1
        candidate = replace(known.candidate, name=name)
        for report in known.curve:
            self._told(replace(report, trial_id=name))
        ended = ev.TrialEnded(self._bench.t, name, "done", 0.0, candidate.note, reused=True)
        self._bench.emit(ended)
        self._add(candidate, known.answer_s)
        return candidate

    def _told(self, report: Report) -> None:
        """A point on the learning curves."""
        self._bench.emit(
            ev.TrialReported(
                self._bench.t, report.trial_id, report.resource, dict(report.metrics), report.total
            )
        )

    def _heard(self, report: Report) -> None:
        self._curve.append(report)
        self._told(report)
        share = report.resource / report.total if report.total else 0.0
        eta = report.elapsed_s / share * (1 - share) if share else -1.0
        self._bench.emit(
            ev.Progress(self._bench.t, report.trial_id, report.resource, report.total, "", eta)
        )

    def _trial_ended(self, name: str, status: str, began: float, note: str) -> None:
        cost = self._cost.end()
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

    def _add(self, candidate: Candidate, answer_s: float) -> None:
        judged = judge_candidate(candidate, self._bench.judge, self._bench.champion)
        self._bench.candidates.append(candidate)
        self._bench.scored[candidate.name] = judged.value
        self._answer_s[candidate.name] = answer_s
        if cost := getattr(candidate.predictor, "seconds_a_row", 0.0):
            self._bench.seconds_a_row[candidate.name] = cost
        self._bench.emit(
            ev.ModelAdded(
                self._bench.t,
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
                ),
            )
        )

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


def _loss_note(loss: float) -> str:
    return f"loss {loss:.4g}"


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
