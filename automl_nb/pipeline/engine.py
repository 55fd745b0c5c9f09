"""One run from data to a tested model, as the worker thread carries it out."""

from __future__ import annotations

import datetime as dt
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_nb.control.journal import Journal
from automl_nb.core import events as ev
from automl_nb.core.errors import AutoMLError, RunError
from automl_nb.core.jsonable import to_dict
from automl_nb.core.settings import FitSettings, cache_dir
from automl_nb.core.trials import Cancelled, CancelToken, Deadline
from automl_nb.core.types import Objective
from automl_nb.core.version import VERSION
from automl_nb.data.dataset import Dataset, load_dataset
from automl_nb.features.store import FeatureStore
from automl_nb.pipeline.asked_tuning import check_suits
from automl_nb.pipeline.backbones import cards_at_hand, check_modalities
from automl_nb.pipeline.blocks import LazyBlocks
from automl_nb.pipeline.bundle import bundle_size
from automl_nb.pipeline.memo import TrialMemo
from automl_nb.pipeline.new_folder import forget_folder
from automl_nb.pipeline.plan import STAGES, carry_out
from automl_nb.pipeline.recall import remember
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.uses import count_use
from automl_nb.pipeline.vault import Vault, best_in
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.catalog import STRATEGIES

_FEATURES_BYTES = 10 * 2**30
_TRIALS_BYTES = 2 * 2**30


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
    """

    source: Any
    settings: FitSettings
    name: str
    folder: Path
    started: float
    vault: Vault
    test: Any = None
    valid: Any = None
    sql: str | None = None
    unlabelled: Any = None


def work_on(job: Job) -> Callable[[ev.Sink, CancelToken], None]:
    """The function that a `Worker` runs."""

    def work(emit: ev.Sink, cancel: CancelToken) -> None:
        engine = _Engine(job, emit, cancel)
        try:
            engine.run()
        finally:
            engine.close()

    return work


class _Engine:
    """Carries out one job."""

    def __init__(self, job: Job, emit: ev.Sink, cancel: CancelToken) -> None:
        self.job, self.cancel = job, cancel
        self.deadline = Deadline(job.settings.time_s, started=job.started)
        self._watcher = emit
        self.vault = job.vault
        self.journal = Journal(job.folder)
        self.unwritten = False  # whether it was told that the journal is broken
        self.failure = "no model could be trained"
        self.accepted = False  # whether data and settings were found fit to train on
        self.refused = False  # whether they weren't, for a reason that a person can put right

    def emit(self, event: ev.Event) -> None:
        """To the journal first, so that what was shown can be replayed."""
        self.journal.append(event)
        self._watcher(event)
        if isinstance(event, ev.TrialEnded) and event.status == "failed":
            self.failure = f"{event.trial} failed: {event.note}"
        if self.journal.broken and not self.unwritten:
            self.unwritten = True
            text = f"The run can't be written down any more: {self.journal.broken}"
            self._watcher(ev.Message(self.deadline.elapsed, text, "warning"))

    def close(self) -> None:
        self.journal.close()
        if self.refused:
            forget_folder(self.job.folder)

    def run(self) -> None:
        """Read, plan, train, test; whatever happens, say how it ended."""
        self.emit(self._started())
        try:
            bench = self._prepare()
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

    def _prepare(self) -> Workbench:
        settings = self.job.settings
        self.emit(ev.StagePlanned(self.deadline.elapsed, STAGES))
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
        self.emit(ev.DataDescribed(t, dataset.schema, dataset.task, objective, dataset.findings))
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
        )
        return bench

    def _bench(self, dataset: Dataset, objective: Objective) -> Workbench:
        def warn(text: str) -> None:
            self.emit(ev.Message(self.deadline.elapsed, text, "warning"))

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
        )

    def _finish(self, bench: Workbench, reason: str) -> None:
        champion, model = bench.champion, self.vault.model
        if champion is None or model is None:
            self.cancel.check()
            if self.deadline.left <= 0.0 or "prior" in bench.cut:
                raise RunError(
                    "A budget must be long enough for a first model.",
                    received=f"{self.job.settings.time_s:g} s",
                    hint="Give ten seconds or more, such as time='30s'.",
                )
            raise RunError(
                "A run must end with a model.",
                received=self.failure,
                hint="See the run's messages: %automl status, or run.events.",
            )
        if self.vault.trouble:
            bench.say(f"The model is only in memory: {self.vault.trouble}", "warning")
        self._tell_unused(bench)
        if bench.dataset.test is None:
            bench.say("No rows were kept aside, so there is no test score.")
        if self._fell_through(bench):
            why = "; ".join(
                f"{name}: {self._why_unused(bench, name)}" for name in self.job.settings.strategies
            )
            reason = (
                f"None of the chosen strategies could be used ({why}), so the model knows no more "
                "than the label's distribution."
            )
        self._test(bench)
        bench.store.trim(_FEATURES_BYTES)
        bench.memo.trim(_TRIALS_BYTES)
        stopped = self.cancel.cancelled
        if not stopped:
            remember(bench, run=self.job.name, folder=self.job.folder, model=model)
        self._ended(
            "stopped" if stopped else "finished",
            self.cancel.reason if stopped else reason,
            model=champion.name,
            score=champion.score.value,
        )

    def _fell_through(self, bench: Workbench) -> bool:
        """Whether nothing that was asked for by name could be trained."""
        asked = set(self.job.settings.strategies)
        trained = {candidate.strategy for candidate in bench.candidates}
        return trained == {"prior"} and not asked & {"auto", "prior"}

    def _tell_unused(self, bench: Workbench) -> None:
        trained = {candidate.strategy for candidate in bench.candidates}
        unused = [name for name in self.job.settings.strategies if name not in {"auto", *trained}]
        if unused and not self.cancel.cancelled:
            reasons = (f"{name} ({self._why_unused(bench, name)})" for name in unused)
            bench.say(f"Not used: {'; '.join(reasons)}.", "warning")

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
        self.emit(ev.TestScored(bench.t, card.to_dict()))
        self.emit(ev.StageEnded(bench.t, "test", "done", f"{sealed.n_rows:,} rows"))

    def _ended(self, status: str, reason: str, model: str = "", score: float | None = None) -> None:
        self.emit(ev.RunEnded(self.deadline.elapsed, status, reason, model, score))


def _objective(dataset: Dataset, settings: FitSettings) -> Objective:
    from automl_nb.evaluate.metrics import resolve_objective

    return resolve_objective(settings.metric, dataset.task, dataset.y, dataset.schema)


def check_device(asked: str) -> None:
    """A device that isn't there is said before any work."""
    if asked not in {"auto", "cpu"}:
        from automl_nb.zoo.device import choose_device

        choose_device(asked)


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
