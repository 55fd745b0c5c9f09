"""What the stages of a plan work with: blocks, trials, the clock, and the best model so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from automl_nb.control.meanwhile import meanwhile
from automl_nb.control.steering import Steering
from automl_nb.core import events as ev
from automl_nb.core.clock import now
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.facts import COMPUTES
from automl_nb.core.show.words import about
from automl_nb.core.trials import Cancelled, Deadline, TooSlow
from automl_nb.core.types import ColumnKind, LeaderboardRow, Objective
from automl_nb.data.dataset import Dataset
from automl_nb.data.schema import input_columns
from automl_nb.evaluate.ties import Answers
from automl_nb.explorer.record import SettingsFound
from automl_nb.features.base import Encoder, Matrix
from automl_nb.features.store import FeatureStore
from automl_nb.pipeline.blocks import LazyBlocks
from automl_nb.pipeline.champion import Champion, Judge, alone, choose_champion
from automl_nb.pipeline.memo import TrialMemo
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.trained_on import sketch
from automl_nb.pipeline.trial_runs import TIMED_ROWS, TrialRuns
from automl_nb.pipeline.vault import Vault
from automl_nb.transfer.base import Candidate
from automl_nb.zoo.libraries import NETWORKS, TORCH, are_loaded, load
from automl_nb.zoo.start import start_s

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

    from automl_nb.explorer.choose import Choice

_HOPE = 0.6  # an estimate may be this wrong; the pace of the first rows decides
_RACE_S = 3.0  # that measuring a network's pace takes at most, about
_TELLING = 0.08  # share of the rows whose pace tells the rest's
_COMMITTED = 0.3  # share of the rows after which only the end of the time stops an encoding
_ENCODING_SHARE = 0.75  # of the time left, where something cheaper could be tried
_PATIENCE = 1.15  # of the time left, where nothing cheaper is to come
_FEWEST_UNLABELLED = 2000  # rows without a label that are used in any case
_UNLABELLED_SHARE = 4  # such rows to each labelled one, at most
_TEST_MARGIN = 1.15  # test rows may be longer than those whose pace is known
_SHUTDOWN_S = 0.5  # for the last bundle, the report's events and the thread's end


class Workbench:
    """The state of a run while its plan is carried out.

    Args:
        dataset: Rows, folds and the sealed test part.
        objective: What to improve.
        settings: What the user asked for.
        deadline: The whole run's.
        cancel: Checked between and within trials.
        emit: Takes events.
        store: The feature cache.
        vault: Where the best model is kept.
        memo: Trials of earlier runs.
        own: Trials of this run that no other may use: the time cut them short.
        kept_score: Of the model that an interrupted run has kept; only a better one takes
            its place.
        before: The leaderboard of a run that is gone on with; only better rows take their places.
        searched: What an interrupted run's search had been told.
        told: What the person was told before the run was interrupted.
        sampler: That a person has brought to search with.
    """

    def __init__(
        self,
        dataset: Dataset,
        objective: Objective,
        settings: FitSettings,
        *,
        deadline: Deadline,
        cancel: Steering,
        emit: ev.Sink,
        store: FeatureStore,
        vault: Vault,
        memo: TrialMemo,
        own: TrialMemo,
        kept_score: float | None = None,
        before: Iterable[LeaderboardRow] = (),
        searched: Sequence[ev.SearchTold] = (),
        told: Iterable[str] = (),
        sampler: BaseSampler | None = None,
    ) -> None:
        self.dataset, self.objective, self.settings = dataset, objective, settings
        self.deadline, self.cancel = deadline, cancel
        self.emit, self.store, self.vault = emit, store, vault
        self.memo, self.own = memo, own
        self.encoders: dict[str, Encoder] = {}
        self.blocks = LazyBlocks(dataset.development, self.encoders)
        self.unlabelled = self._unlabelled()
        self.candidates: list[Candidate] = []
        self.judge = Judge.of(dataset, objective, settings.seed)
        self.champion: Champion | None = None
        self.blend: Champion | None = None  # the last one of several members
        self.blends_again: list[Champion] = []  # the same with other seeds
        self.rows: dict[str, LeaderboardRow] = {}  # of the leaderboard, by model
        self.reruns: dict[str, list[Candidate]] = {}  # with other seeds, by model
        self.former: dict[str, Answers] = {}  # of models that have given way to better ones
        self.kept_score = kept_score
        self.before = {row.model: row for row in before}
        self.searched, self.sampler = tuple(searched), sampler
        self.stage, self.kept_s = "", 0.0  # seconds that it leaves to a later one
        self.at_work = ""  # the name of the trial or block
        self.short_of_memory = False
        self.cut: list[str] = []  # what was left out for lack of time
        self.shortened: list[str] = []  # what had less time than it could use
        self.broken: list[str] = []  # sentences on what failed before its end
        self.unsuited: dict[str, str] = {}  # why strategies could not be used, by name
        self.dropped: set[str] = set()  # networks that the person wants no more of
        self.only_beside: set[str] = set()  # blocks that no model may be made of alone
        self.prints: dict[str, Any] = {}  # the task's fingerprint, by block
        self.settings_found: list[SettingsFound] = []  # by the search, the best first
        self.scored: dict[str, float] = {}  # of each candidate, as the leaderboard has it
        self._said: set[str] = set()
        self._told_before = frozenset(told)
        self.ranked: dict[str, tuple[str, ...]] = {}  # networks by column, best first
        self.choices: dict[str, Choice] = {}  # by column: how they were ranked, if by evidence
        self._blended = 0  # candidates when the best was last looked for
        self.costs: list[float] = []  # seconds that the last cheap models took
        self.seconds_a_row: dict[str, float] = {}  # by block, and by model that reads rows itself
        self.checkpoints_root = vault.folder / "checkpoints"  # of trials that are at work
        self.trials = TrialRuns(self)

    # -- the clock ---------------------------------------------------------------

    @property
    def t(self) -> float:
        """Seconds since the run began."""
        return self.deadline.elapsed

    @property
    def left(self) -> float:
        """Seconds that a stage may still spend: less what the end and a later stage need."""
        return self.deadline.left - self.reserve_s - self.kept_s

    @property
    def reserve_s(self) -> float:
        """Seconds that scoring the sealed test part and leaving will take.

        Blocks may be read by whatever comes to be the best; of models that read rows themselves
        only those that are in it are asked.
        """
        best = () if self.champion is None else self.champion.members
        asked = {candidate.name for candidate, _, _ in best}
        read = (key for key in self.seconds_a_row if key in asked or key not in self.scored)
        return _SHUTDOWN_S + sum(map(self.test_s, read))

    def test_s(self, key: str) -> float:
        """Seconds that the test part takes what reads rows at the pace of this block."""
        test = self.dataset.test
        rows = 0 if test is None else test.n_rows
        return _TEST_MARGIN * rows * self.seconds_a_row.get(key, 0.0)

    def answer_s(self, rows: int) -> float:
        """Seconds that the best model takes for so many rows that no run has encoded before."""
        best = () if self.champion is None else self.champion.members
        return rows * self.trials.predict_ms([candidate for candidate, _, _ in best]) / 1000.0

    @cached_property
    def device(self) -> str:
        """Where networks compute; looked up late, as torch takes a second to import."""
        from automl_nb.zoo.device import choose_device

        self._load_libraries()
        device = choose_device(self.settings.device)
        self.say(COMPUTES.format(device=device))
        return device

    def _load_libraries(self) -> None:
        """Import what computes networks; who watches can pause or stop the run all the while."""
        reads = self.dataset.schema.of_kind(ColumnKind.TEXT, ColumnKind.IMAGE)
        wanted = NETWORKS if reads else TORCH
        if not are_loaded(wanted):
            meanwhile(partial(load, wanted), self.check)

    def allows(self, seconds: float) -> bool:
        """Whether work of this length would end in time."""
        return seconds <= self.left

    @property
    def network_start_s(self) -> float:
        """Seconds that the first use of a network costs before anything is computed."""
        return start_s("torch", "network")

    def check(self) -> None:
        """Raise `Cancelled` if the run is to end; a trial to be skipped has ended by now."""
        if self.cancel.cancelled and self.cancel.ending:
            raise Cancelled(self.cancel.reason)
        if self.cancel.skips:
            self.answer("There was nothing to skip: no trial was at work.")
        self.cancel.trial_ended()

    def say(self, text: str, level: str = "info") -> None:
        """A sentence for the person watching, who may know it from before an interruption."""
        if text not in self._told_before:
            self.answer(text, level)

    def answer(self, text: str, level: str = "info") -> None:
        """As `say`, of what was asked for or has happened now, and is news each time."""
        self.emit(ev.Message(self.t, text, level))

    def say_once(self, text: str, level: str = "info") -> None:
        """As `say`, unless it was said before."""
        if text not in self._said:
            self._said.add(text)
            self.say(text, level)

    def drop(self, network: str) -> None:
        """No more work on a network; what was trained with it stays. Heard within work."""
        if network in self.dropped:
            return
        self.dropped.add(network)
        self.answer(f"{network} is dropped, as asked: nothing more is tried with it.")
        if network in self.at_work:
            self.cancel.skip()

    def is_dropped(self, encoder: Encoder | None) -> bool:
        """Whether it reads with a network that the person wants no more of."""
        card = getattr(encoder, "card", None)
        return card is not None and card.name in self.dropped

    def progress(self, what: str, unit: str) -> Callable[[int, int], None]:
        """A callback that reports progress with an estimate of the time left."""
        began = now()

        def heard(done: int, total: int) -> None:
            spent = now() - began
            eta = spent / done * (total - done) if done else -1.0
            self.emit(ev.Progress(self.t, what, float(done), float(total), unit, eta))

        return heard

    # -- features ----------------------------------------------------------------

    def encode(self, encoder: Encoder, *, last_resort: bool = True) -> bool:
        """Fit an encoder and compute its block of the development rows, if time allows.

        Where it doesn't and nothing cheaper is to come (`last_resort`), that is said.
        """
        frame = self.dataset.development
        if encoder.key in self.encoders:
            return True
        if self.is_dropped(encoder):
            return False
        began = now()
        if hasattr(encoder, "fit_transform"):
            encoder, block = self.store.fitted(encoder, frame)
        else:
            encoder.fit(frame)
            seconds = self._missing_s(encoder)
            if not self.allows(seconds * _HOPE) and self.allows(_RACE_S) and _faster_now(encoder):
                seconds = self._missing_s(encoder)
            if not self.allows(seconds * _HOPE):
                self._left_out(encoder, f"it would take {about(seconds)}", last_resort)
                return False
            heard = self._hurried(
                self.progress(f"encoding {', '.join(encoder.columns)}", "rows"),
                _PATIENCE if last_resort else _ENCODING_SHARE,
            )
            began, self.at_work = now(), encoder.key  # imports and weights are no row's cost
            try:
                block = self.store.get(encoder, frame, progress=heard, cancel=self.cancel)
            except TooSlow as error:
                self._left_out(encoder, str(error), last_resort)
                return False
            except Cancelled:
                if self.cancel.ending:
                    raise
                self.cancel.trial_ended()
                self.answer(f"{encoder.key} is left out, as asked.")
                return False
        self.encoders[encoder.key] = encoder
        self.blocks.put(encoder.key, block)
        self.seconds_a_row[encoder.key] = self._pace(encoder, now() - began)
        return True

    def _unlabelled(self) -> LazyBlocks | None:
        """Blocks of the rows without a label, kept for later runs like any others.

        Asked for where there is no time for it, a block raises `TooSlow`.
        """
        rows = self.dataset.unlabelled
        if rows is None:
            return None
        most = max(_FEWEST_UNLABELLED, _UNLABELLED_SHARE * len(self.dataset.development))
        if len(rows) > most:
            rows = rows.sample(most, random_state=self.settings.seed).reset_index(drop=True)

        def encode(encoder: Encoder, frame: pd.DataFrame) -> Matrix:
            seconds = self.seconds_a_row.get(encoder.key, 0.0) * len(frame)
            if not self.store.has(encoder, frame) and not self.allows(seconds * _HOPE):
                raise TooSlow(seconds, self.left)
            told = self.progress("encoding rows without a label", "rows")
            heard = self._hurried(told, _ENCODING_SHARE)
            return self.store.get(encoder, frame, progress=heard, cancel=self.cancel)

        return LazyBlocks(rows, self.encoders, encode)

    def _pace(self, encoder: Encoder, spent: float) -> float:
        """Seconds a row of new rows; `spent` tells nothing where an earlier run did the work."""
        frame = self.dataset.development
        if hasattr(encoder, "estimate_s"):
            return max(spent, self._estimate(encoder)) / max(1, len(frame))
        some = frame.head(TIMED_ROWS)
        began = time.perf_counter()
        encoder.transform(some)
        return (time.perf_counter() - began) / max(1, len(some))

    def _left_out(self, encoder: Encoder, why: str, last_resort: bool) -> None:
        """Remember it for the last words; where something cheaper comes, say nothing yet."""
        if last_resort:
            self.cut.append(encoder.key)
            self.say(f"{encoder.key} is left out: {why}.")
        else:
            self.shortened.append(encoder.key)

    def _hurried(
        self, heard: Callable[[int, int], None], share: float
    ) -> Callable[[int, int], None]:
        """Progress that gives up once the measured pace asks for more than its share of the time.

        The pace of the first rows is worth more than any estimate made before; that of the very
        first batch tells what it cost to get going.
        """
        first: list[tuple[float, int]] = []
        test = self.dataset.test
        more = (0 if test is None else test.n_rows) / max(1, len(self.dataset.development))

        def hurried(done: int, total: int) -> None:
            heard(done, total)
            first.append((now(), done))
            del first[1:]
            rows = done / max(1, total)
            if _TELLING <= rows < 1.0 and done > first[0][1]:
                a_row = (now() - first[0][0]) / (done - first[0][1])
                to_come = a_row * (total * (1.0 + more) - done)
                if not self.allows(to_come / (share if rows < _COMMITTED else 1.0)):
                    raise TooSlow(to_come, self.left)

        return hurried

    def _estimate(self, encoder: Encoder) -> float:
        estimate: Callable[[Any], float] | None = getattr(encoder, "estimate_s", None)
        if estimate is None:
            return 0.0
        return estimate(self.dataset.development)

    def _missing_s(self, encoder: Encoder) -> float:
        """Seconds to encode development and test rows; 0 if the cache has them."""
        frame = self.dataset.development
        if self.store.has(encoder, frame):
            return 0.0
        test = self.dataset.test
        share = 0.0 if test is None else test.n_rows / max(1, len(frame))
        return self._estimate(encoder) * (1.0 + share)

    # -- trials ------------------------------------------------------------------

    @property
    def searcher(self) -> str | BaseSampler:
        """How settings are searched, for a `Study`."""
        return self.sampler if self.sampler is not None else self.settings.searcher or "auto"

    def wants(self, strategy: str) -> bool:
        """Whether the user's choice of strategies includes this one."""
        asked = self.settings.strategies
        return strategy == "prior" or "auto" in asked or strategy in asked

    def train(
        self,
        strategy: str,
        inputs: tuple[str, ...],
        name: str,
        *,
        share: float = 1.0,
        waits: bool = False,
        **config: Any,
    ) -> Candidate | None:
        """One trial; None where it isn't for this run, or failed. See `TrialRuns.run`."""
        return self.trials.run(strategy, inputs, name, config, share=share, waits=waits)

    def replaced(self, candidate: Candidate) -> None:
        """A better one of its kind has come; it is kept only where the best so far needs it."""
        members = self.champion.members if self.champion else ()
        if any(member.name == candidate.name for member, _, _ in members):
            return
        was = alone(candidate, self.judge)
        self.former[candidate.name] = Answers((was.oof,), (was.thresholds,))
        self.judge.forget(candidate)
        self.candidates = [one for one in self.candidates if one.name != candidate.name]
        self._blended = min(self._blended, len(self.candidates))
        self.seconds_a_row.pop(candidate.name, None)

    def _is_kept(self, score: float) -> bool:
        """Whether the disk has a better one, made before the run was interrupted."""
        return self.kept_score is not None and self.objective.better(self.kept_score, score)

    # -- the best so far ---------------------------------------------------------

    def show(self, row: LeaderboardRow) -> None:
        """Put a model on the leaderboard, or another row in the place of its former one."""
        self.rows[row.model] = row
        self.emit(ev.ModelAdded(self.t, row))

    @property
    def is_perfect(self) -> bool:
        """Whether no model could be better; a choice of models is tried all the same."""
        open_choice = "auto" in self.settings.strategies and "auto" in self.settings.backbones
        return open_choice and self.champion is not None and self.champion.is_perfect(self.judge)

    def improve(self) -> bool:
        """Blend what there is; keep it, on disk too, if it beats the best so far."""
        if len(self.candidates) == self._blended:
            return False
        self._blended = len(self.candidates)
        made = choose_champion(self.candidates, self.judge)
        if made is None or not made.beats(self.champion, self.objective):
            return False
        self.champion = made
        if self._is_kept(made.score.value):
            return True
        self.kept_score = None
        model = self.model_of(made)
        path = self.vault.keep(model)
        if len(made.members) > 1:
            self.show_blend(made)
        where = "" if self.vault.trouble else str(path)
        self.emit(ev.IncumbentImproved(self.t, made.name, made.score.value, where))
        return True

    def model_of(self, made: Champion) -> Model:
        """What a run leaves, with whence it comes."""
        model = made.model(self.dataset, self.encoders, self.objective)
        model.facts |= {"run": self.vault.run, "trained_on": self._sketch}
        return model

    @cached_property
    def _sketch(self) -> list[str]:
        inputs = input_columns(self.dataset.schema, self.dataset.task)
        return sketch(self.dataset.development, inputs)

    def show_blend(self, blend: Champion) -> None:
        """Put a blend on the leaderboard."""
        self.blend, self.blends_again = blend, []
        members = [candidate for candidate, _, _ in blend.members]
        row = replace(
            blend.row(self.stage),
            t=self.t,
            predict_ms=self.trials.predict_ms(members),
            size_bytes=self.trials.sizes.of(members),
            recipe=self.trials.recipe(blend),
        )
        self.show(row)


def _faster_now(encoder: Encoder) -> bool:
    """Whether the pace that an earlier run remembered was that of a busier machine."""
    again: Callable[[], bool] | None = getattr(encoder, "rate_again", None)
    return again is not None and again()
