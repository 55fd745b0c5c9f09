"""The recipe of exploring: within a budget, all that is known of each network for a task.

Rows are drawn once, in an order whose every beginning has the classes in proportion; each
network reads a beginning of it, the cheapest network first. So there is something to say at
any moment, and whoever has read fewer rows is compared on those alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from automl_nb.core import events as ev
from automl_nb.core.clock import now
from automl_nb.core.errors import AutoMLError, DataError, SettingError
from automl_nb.core.settings import FitSettings
from automl_nb.core.trials import Deadline
from automl_nb.data.dataset import Dataset
from automl_nb.data.deal import strata_of
from automl_nb.data.split import Fold
from automl_nb.explorer.advice import Advice
from automl_nb.explorer.candidates import Pair, baseline, cards_for, prior, readable
from automl_nb.explorer.card import DecisionCard, Entry, Recommendation
from automl_nb.explorer.cost import cost_of
from automl_nb.explorer.curve import nested, probe
from automl_nb.explorer.decide import mean_ranks, order, recommend
from automl_nb.explorer.elsewhere import reader_of, to_fetch
from automl_nb.explorer.fingerprint import space_of
from automl_nb.explorer.foretell import Foreteller
from automl_nb.explorer.language import LanguageFit, language_fit
from automl_nb.explorer.looked import (
    LEAST_ROWS,
    WORTH_COMPARING,
    Looked,
    Reader,
    encode,
    in_time,
    who_reads,
)
from automl_nb.explorer.remembered import alike, remembered
from automl_nb.explorer.scores.base import CONSTANT, Score
from automl_nb.explorer.scores.catalog import SCORES
from automl_nb.explorer.squares import least_squares
from automl_nb.features.store import FeatureStore
from automl_nb.features.text import column_texts
from automl_nb.zoo.source_head import source_classes

MOST_ROWS = 2000
PROBED = 3  # networks of a column that are probed
_READING_SHARE = 0.5  # of the time left, for encoding
_WITH_SLACK = 0.7  # of the time left, until a network that is slower than estimated is ended
_TOO_SLOW = "it is too slow here to be compared in this time"
_USED_UP = "the time was used up before it could be compared"


class Survey:
    """Explores a task; what is known so far can be asked at any time.

    Args:
        dataset: Rows and folds; the sealed test part is left alone.
        settings: ``backbones``, ``device``, ``seed``, ``sample`` (most rows to look at).
        deadline: Of the whole.
        heard: Takes progress.
        store: The feature cache.

    Raises:
        DataError: There is no column of texts or pictures.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: FitSettings,
        *,
        deadline: Deadline,
        heard: Callable[[ev.Progress], None],
        store: FeatureStore,
    ) -> None:
        self.dataset, self.settings, self.deadline = dataset, settings, deadline
        self.heard, self.store = heard, store
        self.columns = readable(dataset.schema, dataset.task)
        if not self.columns:
            kinds = {c.name: str(c.kind) for c in dataset.schema.columns}
            raise DataError(
                "Exploring compares networks that read texts or pictures, and there is no column "
                "of either.",
                received=kinds,
                hint="Name one, such as kinds={'COLUMN': 'text'}; for tables there is fit.",
            )
        if set(settings.backbones) == {"none"}:
            raise SettingError(
                "Exploring compares networks, and needs some.",
                received="backbones='none'",
                hint="Leave it out for all that are at hand, or name some.",
            )
        self.rows = _drawn(dataset.y, settings.sample or MOST_ROWS, settings.seed)
        self.frame = dataset.development.iloc[self.rows].reset_index(drop=True)
        self.y = dataset.y[self.rows]
        self.pairs = {
            column: [Pair(column, card) for card in cards_for(modality, settings.backbones)]
            for column, modality in self.columns.items()
        }
        self.networks: dict[str, dict[str, Looked]] = {column: {} for column in self.columns}
        self.baselines: dict[str, Looked] = {}
        self.readings: dict[tuple[str, str], LanguageFit] = {}
        self.advice: Advice | None = None
        self.foreteller = Foreteller(dataset, self.y, settings.seed)
        self.ended = ""
        self._device = ""

    def run(self) -> DecisionCard:
        """Everything that the budget allows; an interrupt ends it with what is known."""
        try:
            self._look()
            self.advice = self._remembered()
            for column in self.columns:
                self._compare(column)
            for column in self.columns:
                self._score(column, SCORES.names())
        except KeyboardInterrupt:
            self.ended = "interrupted"
        if not self.ended and self.deadline.left <= 0:
            self.ended = "the time was up"
        return self.card()

    # -- features ------------------------------------------------------------------

    def _look(self) -> None:
        """Baselines, then each network's features and the scores that rank, cheapest first."""
        for column, modality in self.columns.items():
            self._say(f"'{column}' without a network")
            name, features = baseline(column, modality, self.frame)
            made = Looked(name)
            made.features = features
            self.baselines[column] = made
        kept, rows, slow = who_reads(
            self._readers(), len(self.frame), _READING_SHARE * self.deadline.left
        )
        for reader in slow:
            self.networks[reader.column][reader.name] = Looked(reader.name, note=self._why(reader))
        whole = sum(reader.seconds for reader in kept)
        for place, reader in enumerate(kept):
            if place and self.deadline.left <= 0:
                missed = Looked(reader.name, note=_USED_UP)
                self.networks[reader.column][reader.name] = missed
                continue
            share = reader.seconds / whole if whole > 0 else 1.0
            whole -= reader.seconds
            self._let_read(reader, rows, _WITH_SLACK * share * max(0.0, self.deadline.left))
        for reader in slow:
            self._look_again(reader)

    def _why(self, reader: Reader) -> str:
        """Why it isn't compared: it is slow, or what came before it took the time."""
        slow = reader.seconds > _READING_SHARE * self.deadline.seconds
        return _TOO_SLOW if slow and self.deadline.left > 0 else _USED_UP

    def _look_again(self, reader: Reader) -> None:
        """What seemed too slow reads after all, if the others left it the time.

        Its pace may be that of a moment in which the machine was busy, so it is measured anew.
        """
        most = self._common(reader.column) or len(self.frame)
        rows = in_time(reader.encoder, self.frame, most, _WITH_SLACK * self.deadline.left)
        if not rows and self.deadline.left > 0:
            reader.encoder.rate_again(always=True)
            rows = in_time(reader.encoder, self.frame, most, _WITH_SLACK * self.deadline.left)
        if not rows:
            return
        self._let_read(reader, rows, _WITH_SLACK * self.deadline.left)
        looked = self.networks[reader.column][reader.name]
        if looked.features is not None and looked.n_rows < min(WORTH_COMPARING, rows):
            # To compare it would cost the others most of their rows.
            self.networks[reader.column][reader.name] = Looked(reader.name, note=_TOO_SLOW)

    def _remembered(self) -> Advice | None:
        looked = [item for networks in self.networks.values() for item in networks.values()]
        kind, n_rows = self.dataset.task.kind, len(self.dataset.development)
        return remembered(looked, self.y, kind, n_rows=n_rows, seed=self.settings.seed)

    def _let_read(self, reader: Reader, rows: int, room_s: float) -> None:
        """One network's features, costs and the scores that rank."""
        looked = Looked(reader.name, halves=self.columns[reader.column] == "text")
        self.networks[reader.column][reader.name] = looked
        heard = self._progress(f"{reader.name} reads '{reader.column}'")
        try:
            looked.features = encode(
                reader.encoder, self.frame.head(rows), self.store, Deadline(room_s), heard
            )
            looked.cost = cost_of(reader.encoder, self.frame.head(LEAST_ROWS))
            if looked.features is not None:
                looked.source = source_classes(reader.encoder.card, np.asarray(looked.features))
                looked.space = space_of(reader.encoder)
        except AutoMLError as error:
            looked.note = str(error)
            return
        self._score(reader.column, SCORES.names("ranking"), only=reader.name)

    def _readers(self) -> list[Reader]:
        """Every pair of a column and a network whose weights can be had."""
        readers = []
        for column, pairs in self.pairs.items():
            for pair in pairs:
                self._say(f"loading {pair.card.name}")
                try:
                    encoder = pair.encoder(self.device)
                    encoder.fit(self.frame)
                    seconds = encoder.estimate_s(self.frame)
                    self._read(pair, encoder)
                except AutoMLError as error:
                    made = Looked(pair.card.name, note=str(error))
                    self.networks[column][pair.card.name] = made
                    continue
                readers.append(Reader(column, pair.card.name, encoder, seconds))
        return readers

    @property
    def device(self) -> str:
        """Where networks compute."""
        if not self._device:
            from automl_nb.zoo.device import choose_device

            self._device = choose_device(self.settings.device)
        return self._device

    def _read(self, pair: Pair, encoder: Any) -> None:
        """Whether a text network can read these texts."""
        if pair.card.modality == "text":
            texts = column_texts(self.frame, pair.column)
            fit = language_fit(pair.card, encoder.tokenizer, texts)
            self.readings[pair.column, pair.card.name] = fit

    # -- scores and probes ---------------------------------------------------------

    def _common(self, column: str) -> int:
        """Rows that every network of the column that was looked at has read."""
        read = [item.n_rows for item in self.networks[column].values() if item.n_rows]
        return min(read, default=0)

    def _score(self, column: str, names: list[str], only: str = "") -> None:
        """Fill in scores on the rows that all have read."""
        n = self._common(column)
        known = [*self.networks[column].values()]
        for name in names:
            score: Score = SCORES[name].load()()
            for item in known:
                if not item.n_rows or (only and item.name != only) or name in item.scores:
                    continue
                if self.deadline.left <= 0 and "ranking" not in SCORES[name].tags:
                    item.silent[name] = "there was no time"
                    continue
                self._say(f"{name} of {item.name}")
                self._add(score, item, n)

    def _add(self, score: Score, item: Looked, n: int) -> None:
        kind = self.dataset.task.kind
        given = item.evidence(np.arange(n), self.y[:n], kind, self.settings.seed)
        why = CONSTANT if given.is_constant else score.applies(given)
        if why:
            if why == CONSTANT:
                item.note = item.note or f"{CONSTANT}: it tells no row from another"
            item.silent[score.name] = why
            return
        value = score(given)
        if math.isfinite(value):
            item.scores[score.name] = value
        else:
            item.silent[score.name] = "it has no finite value here"

    def _compare(self, column: str) -> None:
        """Rank on common rows; probe the best, and the baseline."""
        n = self._common(column)
        if n == 0:
            return
        for item in self.networks[column].values():
            if item.n_rows > n:  # ranked on more rows than others before
                item.scores.clear()
        self._score(column, SCORES.names("ranking"))
        ranks = self._ranks(column)
        best = [self.networks[column][name] for name in sorted(ranks, key=ranks.__getitem__)]
        # The best and the baseline first: with them alone there is something to compare.
        for item in (*best[:1], self.baselines[column], *best[1:PROBED]):
            self._probe(item, n)

    def _ranks(self, column: str) -> dict[str, float]:
        ranking = set(SCORES.names("ranking"))
        return mean_ranks(
            {
                item.name: {k: v for k, v in item.scores.items() if k in ranking}
                for item in self.networks[column].values()
                if item.scores
            }
        )

    def _probe(self, item: Looked, n: int) -> None:
        if self.deadline.left <= 0:
            item.note = item.note or "there was no time to probe it"
            return
        self._say(f"learning curve of {item.name}")
        assert item.features is not None
        began, half = now(), self.deadline.left / (2 * PROBED)
        item.probed = probe(
            least_squares(item.features[:n]),
            self.y[:n],
            self.dataset.task.kind,
            folds=self._folds(n),
            seed=self.settings.seed,
            goes_on=lambda: now() - began < half,
        )
        looked = [item for networks in self.networks.values() for item in networks.values()]
        self.foreteller.tell(item, [*looked, *self.baselines.values()])

    def _folds(self, n: int) -> tuple[Fold, ...] | None:
        """The run's own folds where rows hang together, by group or in time."""
        settings = self.settings
        if not (settings.group or settings.time_column or settings.split in {"group", "time"}):
            return None
        place = np.full(len(self.dataset.y), -1)
        place[self.rows[:n]] = np.arange(n)
        folds = []
        for fold in self.dataset.folds:
            fit, judge = (place[part][place[part] >= 0] for part in (fold.fit, fold.judge))
            if len(fit) >= 2 and len(judge):
                folds.append(Fold(np.sort(fit), np.sort(judge)))
        return tuple(folds) or None

    # -- what came of it -----------------------------------------------------------

    def card(self) -> DecisionCard:
        """What is known so far."""
        kind = self.dataset.task.kind
        made = DecisionCard(
            label=self.dataset.task.label,
            task=kind.value,
            measure=self.foreteller.measure,
            reported=self.foreteller.reported,
            n_rows=len(self.dataset.development),
            n_looked=max((self._common(column) for column in self.columns), default=0),
            seconds=self.deadline.elapsed,
            ended=self.ended,
            seed=self.settings.seed,
            memory=self.advice.sentence if self.advice else "",
            alike=tuple(alike(one) for one in self.advice.neighbours) if self.advice else (),
        )
        entries: list[Entry] = []
        advice: list[Recommendation] = []
        further: list[Entry] = []
        for column in self.columns:
            best_first, without, sure = self._entries(column)
            entries += [*best_first, *([without] if without else [])]
            advice.append(
                recommend(
                    column,
                    best_first,
                    without,
                    sure=sure,
                    measure=made.measure,
                    n_looked=self._common(column),
                    worked=self._worked,
                    reader=self._reader(column),
                    chance=self._chance(column),
                )
            )
            if self._is_open:
                further += to_fetch(column, self.columns[column], self.networks[column])
        return replace(
            made,
            entries=tuple(entries),
            recommendations=tuple(advice),
            elsewhere=tuple(further),
        )

    def _entries(self, column: str) -> tuple[list[Entry], Entry | None, bool]:
        """Networks best first, the baseline, and whether the first is surely the best."""
        known, ranks = self.networks[column], self._ranks(column)
        cards = {pair.card.name: pair.card for pair in self.pairs[column]}
        losses = {k: item.probed.row_losses for k, item in known.items() if item.probed}
        priors = {
            name: prior(
                card, item.cost.parameters if (item := known.get(name)) and item.cost else 0
            )
            for name, card in cards.items()
        }
        readable_first = [n for n in known if self._can_read(column, n)]
        names, sure = order(readable_first, ranks, losses, priors, self._worked)
        names += [name for name in known if name not in names]
        modality = self.columns[column]
        entries = [
            replace(
                known[name].entry(column, modality),
                prior=priors[name],
                mean_rank=ranks.get(name),
                licence=cards[name].licence,
                reading=self.readings.get((column, name)),
            )
            for name in names
        ]
        without = self.baselines.get(column)
        if without is None:
            return entries, None, sure
        return entries, replace(without.entry(column, modality), is_baseline=True), sure

    @property
    def _is_open(self) -> bool:
        """Whether networks may be used that weren't named."""
        return "auto" in self.settings.backbones

    def _chance(self, column: str) -> float | None:
        known = [n for name, n in self.networks[column].items() if self._can_read(column, name)]
        baselines = [self.baselines[column]] if column in self.baselines else []
        return self.foreteller.chance([*known, *baselines])

    def _reader(self, column: str) -> str:
        texts = self.columns[column] == "text" and self._is_open
        return reader_of(column_texts(self.frame, column)) if texts else ""

    @property
    def _worked(self) -> str:
        """The network that won in tasks like this one, where enough speaks for it."""
        return "" if self.advice is None else self.advice.winner

    def _can_read(self, column: str, name: str) -> bool:
        reading = self.readings.get((column, name))
        return reading is None or reading.fits

    def _say(self, what: str) -> None:
        self.heard(ev.Progress(self.deadline.elapsed, what, 0.0, 0.0))

    def _progress(self, what: str) -> Callable[[int, int], None]:
        began = now()

        def heard(done: int, total: int) -> None:
            spent = now() - began
            eta = spent / done * (total - done) if done else -1.0
            t = self.deadline.elapsed
            self.heard(ev.Progress(t, what, float(done), float(total), "rows", eta))

        return heard


def _drawn(y: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Positions of at most so many rows; every beginning has the classes in proportion."""
    return nested(strata_of(y), np.random.default_rng([seed, 6]))[:most]
