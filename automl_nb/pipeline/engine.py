"""One run from data to a tested model, as the worker thread carries it out."""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from automl_nb.control.foresight import Foresight
from automl_nb.control.journal import Journal
from automl_nb.control.lock import RunLock
from automl_nb.control.orders import Order
from automl_nb.control.steering import Steering
from automl_nb.core import events as ev
from automl_nb.core.clock import counted_by
from automl_nb.core.errors import AutoMLError, RunError
from automl_nb.core.jsonable import to_dict
from automl_nb.core.settings import FitSettings, cache_dir
from automl_nb.core.trials import Cancelled, CancelToken, Deadline
from automl_nb.core.types import Objective
from automl_nb.core.version import VERSION
from automl_nb.data.dataset import Dataset, load_dataset
from automl_nb.data.unlabelled import UNLABELLED
from automl_nb.features.store import FeatureStore
from automl_nb.pipeline.answered import answered
from automl_nb.pipeline.asked_tuning import check_suits
from automl_nb.pipeline.backbones import cards_at_hand, check_modalities
from automl_nb.pipeline.blocks import LazyBlocks
from automl_nb.pipeline.bundle import bundle_size
from automl_nb.pipeline.continued import Earlier, source_of
from automl_nb.pipeline.kept_below import tell_kept_below
from automl_nb.pipeline.left_out import reasons
from automl_nb.pipeline.memo import TRIALS_BYTES, TrialMemo
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.new_folder import forget_folder
from automl_nb.pipeline.others import models_of
from automl_nb.pipeline.plan import carry_out, stages_for
from automl_nb.pipeline.preferred import keep_preferred
from automl_nb.pipeline.recall import remember
from automl_nb.pipeline.source_print import places, source_prints
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.standing import tell_ties
from automl_nb.pipeline.too_short import FirstModel
from automl_nb.pipeline.unread import tell_unread
from automl_nb.pipeline.uses import count_use
from automl_nb.pipeline.vault import Vault, best_in, is_outdone, read_best
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.catalog import STRATEGIES

_FEATURES_BYTES = 10 * 2**30
_OWN_TRIALS = "trials"
_CUT_BYTES = 2**28  # of trials that the time cut short, for a run that is made longer


class Teacher(Protocol):
    """Follows a run, and takes down what is worth explaining of it; it costs a run no model."""

    def hear(self, event: ev.Event, bench: Workbench | None) -> Iterable[ev.Event]:
        """What an event gives occasion to tell; `bench` is None before there are rows."""
        ...

    def close(self, bench: Workbench) -> Iterable[ev.Event]:
        """What can be told only when the last model stands."""
        ...


@dataclass(frozen=True)
class Job:
    """What a run is asked to do.

    Attributes:
        source: Training rows, see `automl_nb.data.sources.read_table`.
        settings: Every option.
        name: The run's name.
        folder: The run's folder.
        vault: Keeps the best model there.
        started: `time.monotonic()` when the user asked, from which the budget counts.
        steering: What the worker checks, and hears orders by.
        lock: Held as long as the folder is worked in.
        earlier: What was done in this folder before, if the run goes on with it.
        said: What the person should know of that, or "".
        teacher: Takes down what each step does, if the person wants it explained.
        sampler: That the person has brought to search with.
    """

    source: Any
    settings: FitSettings
    name: str
    folder: Path
    started: float
    vault: Vault
    steering: Steering
    lock: RunLock
    earlier: Earlier | None = None
    said: str = ""
    teacher: Teacher | None = None
    test: Any = None
    valid: Any = None
    sql: str | None = None
    unlabelled: Any = None
    sampler: Any = None

    @property
    def sources(self) -> dict[str, Any]:
        """Everything that rows come from, by name."""
        names = ("sql", "test", "valid", "unlabelled")
        return {"data": self.source} | {name: getattr(self, name) for name in names}


def work_on(job: Job) -> Callable[[ev.Sink, CancelToken], None]:
    """The function that a `Worker` runs."""

    def work(emit: ev.Sink, cancel: CancelToken) -> None:
        steering = job.steering
        assert cancel is steering
        with counted_by(steering.clock):
            engine = _Engine(job, emit)
            try:
                engine.run()
            finally:
                engine.close()

    return work


class _Engine:
    """Carries out one job."""

    def __init__(self, job: Job, emit: ev.Sink) -> None:
        self.job, self.cancel = job, job.steering
        time_s, before = job.settings.time_s, 0.0
        if job.earlier is not None:
            time_s, before = job.earlier.budget(time_s), job.earlier.state.t
        self.deadline = Deadline(time_s, started=job.started - before)
        self._watcher = emit
        self._at_work: Workbench | None = None
        self.vault = job.vault
        self.journal = Journal(job.folder)
        self.foresight = Foresight(() if job.earlier is None else job.earlier.events)
        self.unwritten = False  # whether it was told that the journal is broken
        self.failure = ""  # of the last trial that failed
        self.first = FirstModel()
        self.accepted = False  # whether data and settings were found fit to train on
        self.refused = False  # whether they weren't, for a reason that a person can put right

    def emit(self, event: ev.Event) -> None:
        """To the journal first, so that what was shown can be replayed."""
        self.journal.append(event)
        self._watcher(event)
        foretold = self.foresight.hear(event)
        if foretold is not None:
            self.emit(foretold)
        if self.job.teacher is not None:
            for told in self.job.teacher.hear(event, self._at_work):
                self.emit(told)
        self.first.hear(event)
        if isinstance(event, ev.TrialEnded) and event.status == "failed":
            self.failure = f"{event.trial} failed: {event.note}"
        if self.journal.broken and not self.unwritten:
            self.unwritten = True
            text = f"The run can't be written down any more: {self.journal.broken}"
            self._watcher(ev.Message(self.deadline.elapsed, text, "warning"))

    def close(self) -> None:
        if self._at_work is not None:
            self._at_work.trials.close()
        self.journal.close()
        self.job.lock.give_back()
        if self.refused and self.job.earlier is None:
            forget_folder(self.job.folder)

    def run(self) -> None:
        """Read, plan, train, test; whatever happens, say how it ended."""
        self.emit(self._started() if self.job.earlier is None else self._resumed(self.job.earlier))
        if self.job.said:
            self.emit(ev.Message(self.deadline.elapsed, self.job.said))
        self.cancel.adopt(self.job.folder)
        self.cancel.on_order = self._ordered
        try:
            self._at_work = bench = self._prepare()
            self.accepted = True
            reason = carry_out(bench)
            self._finish(bench, reason)
        except Cancelled:
            self._ended("stopped", f"{self.cancel.reason} No model was ready yet.")
        except AutoMLError as error:
            self._ended("failed", str(error))
            self.refused = not self.accepted
            raise
        except Exception as error:
            self._ended("failed", f"{type(error).__name__}: {error}")
            raise

    def _ordered(self, order: Order) -> None:
        """What a person asked of this run, heard between two steps of the work."""
        t, bench = self.deadline.elapsed, self._at_work
        if order.verb == "pause":
            self.emit(ev.RunPaused(t))
        elif order.verb == "resume":
            self.emit(ev.RunContinued(t))
        elif order.verb == "extend":
            self.deadline.extend(order.seconds)
            self.emit(ev.RunExtended(t, self.deadline.seconds))
            if bench is not None:
                bench.trials.extend(order.seconds)
        elif order.verb == "drop" and bench is not None:
            bench.drop(order.name)

    def _started(self) -> ev.RunStarted:
        return ev.RunStarted(
            t=0.0,
            run=self.job.name,
            settings=to_dict(self.job.settings),
            version=VERSION,
            started_at=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
            environment=_environment(),
            process=os.getpid(),
        )

    def _resumed(self, earlier: Earlier) -> ev.RunResumed:
        return ev.RunResumed(
            t=earlier.state.t,
            time_s=self.deadline.seconds,
            version=VERSION,
            resumed_at=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
            process=os.getpid(),
        )

    def _prepare(self) -> Workbench:
        settings = self.job.settings
        self.emit(ev.StagePlanned(self.deadline.elapsed, stages_for(settings)))
        self.emit(ev.StageStarted(self.deadline.elapsed, "data", "Read, check, clean and divide."))
        dataset = load_dataset(
            self.job.source,
            settings,
            test=self.job.test,
            valid=self.job.valid,
            sql=self.job.sql,
            unlabelled=self.job.unlabelled,
        )
        objective = _objective(dataset, settings)
        t = self.deadline.elapsed
        self.emit(
            ev.DataDescribed(
                t,
                dataset.schema,
                dataset.task,
                objective,
                dataset.findings,
                self._source(),
                places(self.job.sources),
            )
        )
        n_test = 0 if dataset.test is None else dataset.test.n_rows
        self.emit(
            ev.DataSplit(t, dataset.n_train, dataset.n_valid, n_test, dataset.how, dataset.checks)
        )
        self.emit(
            ev.StageEnded(t, "data", "done", f"{len(dataset.development):,} rows to learn from")
        )
        bench = self._bench(dataset, objective)
        check_modalities(
            settings, text=bool(columns.texts(bench)), image=bool(columns.pictures(bench))
        )
        check_suits(
            settings,
            dataset.task,
            cards_at_hand(bench),
            n_rows=len(dataset.development),
            n_unlabelled=0 if dataset.unlabelled is None else len(dataset.unlabelled),
            not_used=" ".join(f.message for f in dataset.findings if f.rule == UNLABELLED),
        )
        return bench

    def _source(self) -> dict[str, str]:
        earlier = self.job.earlier
        return source_prints(self.job.sources) if earlier is None else source_of(earlier.events)

    def _bench(self, dataset: Dataset, objective: Objective) -> Workbench:
        def warn(text: str) -> None:
            self.emit(ev.Message(self.deadline.elapsed, text, "warning"))

        kept_score, earlier = self._kept_score(), self.job.earlier
        return Workbench(
            dataset,
            objective,
            self.job.settings,
            deadline=self.deadline,
            cancel=self.cancel,
            emit=self.emit,
            store=FeatureStore(cache_dir() / "features", warn=warn),
            vault=self.vault,
            memo=TrialMemo(cache_dir() / "trials", looks=not self.job.settings.fresh),
            own=TrialMemo(self.job.folder / _OWN_TRIALS),
            kept_score=kept_score,
            before=() if earlier is None or kept_score is None else earlier.state.leaderboard,
            searched=() if earlier is None else earlier.state.searched,
            told=() if earlier is None else earlier.told,
            sampler=self.job.sampler,
        )

    def _kept_score(self) -> float | None:
        """Of the model that lies in the folder since before an interruption."""
        earlier = self.job.earlier
        if earlier is None or earlier.state.incumbent is None:
            return None
        if is_outdone(self.job.folder):  # what lies there is another, of a lower score
            return None
        try:
            best_in(self.job.folder)
        except RunError:
            return None
        return earlier.state.incumbent.score

    def _finish(self, bench: Workbench, reason: str) -> None:
        keep_preferred(bench)
        name, score, model = self._best(bench)
        if model is None:
            if self.cancel.ending:
                raise Cancelled(self.cancel.reason)
            cut = "prior" in bench.cut or (bench.cut and not self.failure)
            if self.deadline.left <= 0.0 or cut:
                raise self.first.too_short(self.deadline)
            raise RunError(
                "A run must end with a model.",
                received=self.failure or "no model could be trained",
                hint="See the run's messages: %automl status, or run.events.",
            )
        if self.vault.trouble:
            bench.say(
                f"The model is only in memory: {self.vault.trouble} As long as this process runs, "
                "run.model.save('FOLDER') saves it elsewhere.",
                "warning",
            )
        self._tell_passed_over(bench)
        tell_ties(bench)
        if bench.dataset.test is None:
            bench.say("No rows were kept aside, so there is no test score.")
        reason = self._reason(bench, reason)
        self.vault.others = models_of(bench)
        self._test(bench)
        self._keep_held_out(bench)
        self._explain_end(bench)
        bench.store.trim(_FEATURES_BYTES)
        bench.memo.trim(TRIALS_BYTES)
        stopped = self.cancel.ending
        if not stopped and bench.kept_score is None:
            remember(bench, run=self.job.name, folder=self.job.folder, model=model)
        self._ended(
            "stopped" if stopped else "finished",
            self.cancel.reason if stopped else reason,
            model=name,
            score=score,
        )
        if not stopped:  # not before the journal says so: a kill until then is gone on from
            shutil.rmtree(bench.checkpoints_root, ignore_errors=True)
            bench.own.trim(_CUT_BYTES)

    def _explain_end(self, bench: Workbench) -> None:
        """What can be explained only now."""
        if self.job.teacher is not None:
            for told in self.job.teacher.close(bench):
                self.emit(told)

    def _best(self, bench: Workbench) -> tuple[str, float, Model | None]:
        """Name, score and model of the best, made now or before an interruption."""
        incumbent = None if self.job.earlier is None else self.job.earlier.state.incumbent
        if bench.kept_score is not None and incumbent is not None:
            self.vault.model = read_best(self.job.folder, device=lambda: bench.device)
            return incumbent.model, incumbent.score, self.vault.model
        if bench.champion is None:
            return "", math.nan, None
        return bench.champion.name, bench.champion.score.value, self.vault.model

    def _reason(self, bench: Workbench, reason: str) -> str:
        """Why the run ended; that it learnt nothing comes first."""
        if self._fell_through(bench):
            asked = self.job.settings.strategies
            why = reasons({name: self._why_unused(bench, name) for name in asked})
            return (
                f"None of the chosen strategies could be used: {why}. So the model knows no more "
                "than the label's distribution."
            )
        trained = {candidate.strategy for candidate in bench.candidates}
        best = bench.champion
        if best is None or not best.knows_nothing or trained == {"prior"}:
            return reason
        return (
            "Nothing that was trained was better on the rows held out than the label's "
            f"distribution, which is kept. {reason}"
        )

    def _fell_through(self, bench: Workbench) -> bool:
        """Whether nothing that was asked for by name could be trained."""
        asked = set(self.job.settings.strategies)
        trained = {candidate.strategy for candidate in bench.candidates}
        return trained == {"prior"} and not asked & {"auto", "prior"}

    def _tell_passed_over(self, bench: Workbench) -> None:
        """Strategies and columns that weren't used, and models that aren't kept; and why."""
        if self.cancel.ending:
            return
        trained = {candidate.strategy for candidate in bench.candidates} | self._trained_before()
        unused = [name for name in self.job.settings.strategies if name not in {"auto", *trained}]
        if unused:
            why = {name: self._why_unused(bench, name) for name in unused}
            bench.say(f"Not used: {reasons(why)}.", "warning")
        tell_unread(bench)
        tell_kept_below(bench)

    def _trained_before(self) -> set[str]:
        """The strategies of the models that a run which is gone on with has already."""
        earlier = self.job.earlier
        return set() if earlier is None else {row.strategy for row in earlier.state.leaderboard}

    def _why_unused(self, bench: Workbench, name: str) -> str:
        """The strategy's own reason, a lack of time, or that nothing here is for it."""
        if name in bench.unsuited:
            return bench.unsuited[name]
        if bench.trials.failed_by(name):
            return "it failed, see the messages"
        is_network = "backbone" in STRATEGIES[name].tags
        if is_network and not (columns.texts(bench) or columns.pictures(bench)):
            return "it needs a column of texts or pictures"
        return "the time was too short" if bench.cut else "it suits neither columns nor task"

    def _test(self, bench: Workbench) -> None:
        sealed, model = bench.dataset.test, self.vault.model
        if sealed is None or model is None:
            return
        self.emit(ev.StageStarted(bench.t, "test", "The sealed rows, once."))
        frame, y = sealed.open()
        uses = count_use(self.job.folder.parent, frame, y)
        heard = bench.progress("scoring the test rows", "rows")
        began = time.perf_counter()
        blocks = LazyBlocks(
            frame,
            model.encoders,
            lambda encoder, rows: bench.store.get(encoder, rows, progress=heard),
        )
        scores = model.scores_of(blocks)
        seconds = max(time.perf_counter() - began, bench.answer_s(sealed.n_rows))
        model.facts["size_bytes"] = _size(self.job.folder)
        card = model.judge(y, scores, frame, part="test", openings=uses, seconds=seconds)
        model.facts["scorecard"] = card.to_dict()
        self.vault.answered = answered(
            model, blocks, y, scores, part="test", encoders=bench.encoders
        )
        self.emit(ev.TestScored(bench.t, card.to_dict()))
        self.emit(ev.StageEnded(bench.t, "test", "done", f"{sealed.n_rows:,} rows"))

    def _keep_held_out(self, bench: Workbench) -> None:
        """Where no rows were kept aside, answers out of fold are those that can be looked at."""
        model, best = self.vault.model, bench.champion
        if bench.dataset.test is not None or bench.kept_score is not None:
            return
        if model is not None and best is not None:
            self.vault.answered = answered(
                model,
                bench.blocks,
                bench.dataset.y,
                best.oof,
                part="out of fold",
                encoders=bench.encoders,
            )

    def _ended(self, status: str, reason: str, model: str = "", score: float | None = None) -> None:
        self.emit(ev.RunEnded(self.deadline.elapsed, status, reason, model, score))


def _objective(dataset: Dataset, settings: FitSettings) -> Objective:
    from automl_nb.evaluate.metrics import resolve_objective

    return resolve_objective(settings.metric, dataset.task, dataset.y, dataset.schema)


def _size(folder: Path) -> int:
    try:
        return bundle_size(best_in(folder))
    except (RunError, OSError):
        return 0


def _environment() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    facts = {"python": platform.python_version(), "system": platform.system()}
    for package in ("torch", "transformers", "scikit-learn", "lightgbm", "pandas", "numpy"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    return facts
