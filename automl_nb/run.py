"""A run as its user holds it: watch it, stop it, and take what came out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.control.journal import check_begun, read_journal
from automl_nb.control.lock import is_worked_on
from automl_nb.control.orders import Order, give
from automl_nb.control.steering import Steering
from automl_nb.control.worker import Worker
from automl_nb.core.errors import AutoMLError, RunError, SettingError, UnknownNameError
from automl_nb.core.events import Event
from automl_nb.core.ledger import MEGABYTE, training_memory
from automl_nb.core.no_model import why_no_model
from automl_nb.core.refused import it_is_over, line_for_more, nothing_to_skip
from automl_nb.core.settings import parse_time, progress_mode
from automl_nb.core.state import replay
from automl_nb.pipeline.answered import Answered
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.vault import Vault, read_best, warn_if_outdone

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from automl_nb.core.show.forecast_table import ForecastTable
    from automl_nb.evaluate.scorecard import Scorecard
    from automl_nb.explained.show import Explanations


class Run:
    """A run at work, or one replayed from its folder.

    Attributes:
        name: Its name.
        folder: Where its journal and its best model are.
        state: What it looks like now, see `automl_nb.core.state.RunState`.
        events: All events so far.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        worker: Worker | None = None,
        vault: Vault | None = None,
        before: Sequence[Event] = (),
    ) -> None:
        self.name = name
        self.folder = folder
        self._vault = vault
        self.state = replay(before)
        self.state.run = name
        self.events: list[Event] = [*before]
        self._worker = worker
        self._model: Model | None = None
        self._answered: Answered | None = None

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Replay the journal of a run, at work or ended, in this process or another."""
        run = cls(folder.name, folder)
        run.events = read_journal(folder)
        if not is_worked_on(folder):  # it may be about to begin
            check_begun(folder, run.events)
        run.state = replay(run.events)
        return run

    @property
    def done(self) -> bool:
        """Whether the work has ended and every event was heard."""
        return self._worker is None or self._worker.ended

    @property
    def killed(self) -> bool:
        """Whether it ended without a last word, as its process is gone."""
        if self.state.ended is not None or not self.done:
            return False
        return self._worker is not None or not is_worked_on(self.folder)

    @property
    def status(self) -> str:
        """waiting, running, paused, finished, stopped, failed, or killed without a last word."""
        return "killed" if self.killed else self.state.status

    @property
    def error(self) -> BaseException | None:
        """What ended the run, if it failed."""
        return self._worker.error if self._worker else None

    def poll(self, timeout: float = 0.0) -> bool:
        """Wait up to `timeout` seconds for news; True if there was any."""
        if self._worker is None:
            return False
        news = self._worker.take(timeout)
        for event in news:
            self.events.append(event)
            self.state.apply(event)
        return bool(news)

    def stop(self, reason: str = "Stopped.") -> None:
        """Ask for a graceful end: the best model so far is kept and tested."""
        self._ask(Order("stop", reason))

    def pause(self) -> None:
        """Hold the work at its next safe place; the run's time stands still meanwhile.

        Raises:
            RunError: The run is over.
        """
        self._steer(Order("pause"))

    def resume(self) -> None:
        """Go on after a pause, with the same trial.

        Raises:
            RunError: The run is over.
        """
        self._steer(Order("resume"))

    def extend(self, time: str | float) -> None:
        """Give a run at work more time, such as ``"5m"``.

        Raises:
            SettingError: It isn't a length of time.
            RunError: The run is over; `fit` with the same settings and more time goes on with it.
        """
        self._steer(Order("extend", seconds=parse_time(time)))

    def skip(self) -> None:
        """End the trial at work, keeping what it has reached, and go on with the next.

        Raises:
            RunError: The run is over, or is paused between two trials.
        """
        self._steer(Order("skip"))

    def drop(self, backbone: str) -> None:
        """Try nothing more with a network; what was trained with it stays.

        Raises:
            UnknownNameError: No backbone has this name.
            RunError: The run is over.
        """
        from automl_nb.zoo.catalog import CARDS

        named = self.state.settings.get("backbones")
        known = {*CARDS, *(map(str, named) if isinstance(named, list | tuple) else ())}
        if backbone not in known:
            raise UnknownNameError("backbone", backbone, sorted(known - {"auto", "none"}))
        self._steer(Order("drop", backbone))

    def _steer(self, order: Order) -> None:
        """Give an order to a run that is at work, here or in another process."""
        while self.state.behind and self.poll(0.0):  # perhaps its turn has come
            pass
        if self.state.behind and self.state.ended is None:
            raise RunError(
                "A run that waits for its turn can only be stopped.",
                received=f"run '{self.name}', behind {', '.join(self.state.behind)}",
                hint="Wait until those have ended, or stop them.",
            )
        if self.state.ended is not None or (self._worker is not None and self.done) or self.killed:
            raise it_is_over(self.name, self.status, self.state)
        if order.verb == "skip" and (error := nothing_to_skip(self.name, self.state)) is not None:
            raise error
        self._ask(order)

    def _ask(self, order: Order) -> None:
        if self._worker is None:
            if self.state.ended is None and not self.killed:
                give(self.folder, order)
        elif order.verb == "stop":
            self._worker.cancel.cancel(order.name)
        else:
            assert isinstance(self._worker.cancel, Steering)
            self._worker.cancel.give(order)

    def wait(self) -> Run:
        """Wait for the end.

        The first interrupt stops gracefully, the second one raises.

        Raises:
            AutoMLError: The run failed.
            KeyboardInterrupt: Interrupted twice.
        """
        asked = False
        while True:
            try:
                while not self.done:  # inside: an interrupt may come between two polls
                    self.poll(0.1)
                break
            except KeyboardInterrupt:
                if asked:
                    raise
                asked = True
                self.stop("Stopped by an interrupt.")
        if self.error is not None:
            raise self.error
        return self

    @property
    def model(self) -> Model:
        """The best model so far.

        Raises:
            RunError: There is none yet.
        """
        if self._vault is not None and self._vault.model is not None:
            return self._vault.model
        if self._model is None:
            warn_if_outdone(self.folder)
            self._model = read_best(self.folder)
        return self._model

    def model_of(self, name: str) -> Model:
        """The model in a row of the leaderboard.

        Where a run has ended, only the one that it keeps is on disk; the others are there in the
        process that trained them.

        Args:
            name: As in the column ``model`` of `leaderboard`.

        Raises:
            UnknownNameError: The leaderboard has no such model.
            RunError: It isn't at hand.
        """
        if self.state.ended is not None and name == self.state.ended.model:
            return self.model
        names = [row.model for row in self.state.leaderboard]
        if name not in names:
            raise UnknownNameError("model", name, names)
        if self._vault is None or name not in self._vault.others:
            raise RunError(
                "Only the model that a run keeps is there after its end, or in another process.",
                received=name,
                hint="Run fit again in this process: what was trained is found again.",
            )
        return self._vault.others[name]

    @property
    def plots(self) -> tuple[str, ...]:
        """The kinds of `plot` that have something to draw now."""
        from automl_nb.report import drawable

        return tuple(drawable(self.state, self._card(), rows=self._rows_at_hand))

    @property
    def scorecard(self) -> Scorecard:
        """The score on the sealed test part.

        Raises:
            RunError: It wasn't scored (yet).
        """
        from automl_nb.evaluate.scorecard import Scorecard

        if self.state.scorecard is None:
            divided = self.state.split
            if self.done and divided is not None and divided.n_test == 0:
                raise RunError(
                    "Only rows that were kept aside give a test score.",
                    received=f"run '{self.name}', whose test part is empty",
                    hint="Use run.evaluate(rows) on other rows, or leave test_size out next time.",
                )
            raise RunError(
                "The test part is scored once, at the end of a run.",
                received=f"run '{self.name}', {self.status}",
                hint="Use model.evaluate(rows)."
                if self.killed
                else "Wait for its end with wait(), or use evaluate(rows).",
            )
        return Scorecard.from_dict(self.state.scorecard)

    @property
    def leaderboard(self) -> pd.DataFrame:
        """The models, best first, by their held-out score.

        ``rank`` is 1 for all that are tied with the first: a paired bootstrap over the rows held
        out can't tell them apart (`automl_nb.evaluate.ties`). Where a model was trained with
        several seeds (``reruns``), its score is their mean and ``spread`` their standard deviation.

        ``predict_ms`` is milliseconds a row where many are answered at once; ``size_mb`` is what
        the model takes on disk with all that it reads with, ``memory_mb`` the peak of its training
        beyond what the process held before (10^6 bytes; NaN where an earlier run trained it).
        """
        from automl_nb.core.show.whole_table import WholeTable

        metric = self.state.objective.metric if self.state.objective else "score"
        rows: list[dict[str, Any]] = [
            {
                "model": row.model,
                metric: row.score,
                "low": row.low,
                "high": row.high,
                "rank": rank,
                "seeds": max(1, len(row.seeds)),
                "spread": row.spread,
                "strategy": row.strategy,
                "fit_s": row.fit_s,
                "predict_ms": row.predict_ms,
                "size_mb": row.size_bytes / MEGABYTE or math.nan,
                "memory_mb": training_memory(self.state, row) / MEGABYTE or math.nan,
                "stage": row.stage,
                "note": row.note,
            }
            for row, rank in zip(self.state.ranked(), self.state.ranks(), strict=True)
        ]
        return WholeTable(rows)

    @property
    def curves(self) -> pd.DataFrame:
        """What each trial reported while it was trained: a row a report, a column a measure.

        ``resource`` counts epochs, folds or rounds; a trial of which there is only the end has
        no row.
        """
        import pandas as pd

        reports = [
            pd.DataFrame(
                {"trial": curve.trial, "resource": pd.Series(curve.resource, dtype=float)}
                | {name: pd.Series(told, dtype=float) for name, told in curve.metrics.items()}
            )
            for curve in self.state.curves.values()
            if curve.resource
        ]
        empty = pd.DataFrame(columns=["trial", "resource"])
        return pd.concat(reports, ignore_index=True) if reports else empty

    @property
    def ledger(self) -> pd.DataFrame:
        """What was tried: a row a trial, in the order in which they began.

        ``reads`` is the network or the inputs, ``config`` the settings as `--params` takes them,
        ``why`` what was said when it ended. ``seconds`` are of the run's clock and ``cpu_s`` of all
        cores; ``memory_mb`` (10^6 bytes) is the peak beyond what the process held before.
        The trials of a search have a ``search_loss`` (less is better), which is what it compares
        them by: of heads on drawn rows, of networks on the rows that none of them learns from. Of
        these only those that became models have a score in the run's metric, too.
        ``began_s`` and ``ended_s`` count from the start of the run. See `settings_tried` for the
        settings as columns.
        """
        from automl_nb.core.show.ledger_table import ledger_table

        return ledger_table(self.state, killed=self.killed)

    def settings_tried(self, strategy: str = "") -> pd.DataFrame:
        """The ledger of one strategy with a column for each setting, in its own type.

        Args:
            strategy: Its name; that of which most settings were tried if it is left out.

        Raises:
            UnknownNameError: No trial of this run has this strategy.
        """
        from automl_nb.core.show.ledger_table import settings_table

        return settings_table(self.state, strategy, killed=self.killed)

    def forecast(
        self, minutes: float | Sequence[float] = (5.0, 10.0), *, seed: int = 0
    ) -> ForecastTable:
        """What the best score is expected to be if the run goes on; a row a time.

        ``low`` and ``high`` are to hold 90% of what then comes, see `automl_nb.control.forecast`.
        Of a run that has ended it is what more time would bring, and below stands the line that
        gives it. There is no row where nothing is known: with fewer than three improvements so far,
        for times too far ahead, or where the run has done all that there was to do. The table's
        ``note`` says which.

        Args:
            minutes: From now, of the run's time.
            seed: Seeds the draws.

        Raises:
            SettingError: A time is no positive number.
        """
        from automl_nb.control.what_if import what_if
        from automl_nb.core.show.forecast_table import ForecastTable

        asked = [minutes] if isinstance(minutes, int | float) else list(minutes)
        rows, notes = what_if(self.state, asked, seed=seed)
        if rows and (self.state.ended is not None or self.killed):
            more = line_for_more(self.name, self.state, 60.0 * float(rows[0]["minutes"]))
            notes = [f"The run is at work no more; more time goes on with it: {more}", *notes]
        return ForecastTable.of(rows, notes)

    def predict(self, data: Any) -> Any:
        """`Model.predict` of the best model."""
        return self.model.predict(data)

    def predict_proba(self, data: Any) -> pd.DataFrame:
        """`Model.predict_proba` of the best model."""
        return self.model.predict_proba(data)

    def evaluate(self, data: Any) -> Scorecard:
        """`Model.evaluate` of the best model."""
        return self.model.evaluate(data)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """`Model.save` of the best model."""
        return self.model.save(path, overwrite=overwrite)

    def plot(self, kind: str = "leaderboard", *, data: Any = None, **options: Any) -> Figure:
        """A picture of the run; `automl_nb.available("plots")` lists the kinds.

        ``errors`` and ``embedding`` show single rows that the model hadn't learnt from. A run's
        folder keeps none of them: they are in memory after `fit`, read again from files, or found
        among the notebook's data frames.

        Args:
            kind: ``"leaderboard"``, ``"confusion"``, ``"errors"``, ``"embedding"``, ...
            data: For pictures of single rows: the run's data, or other rows with the label.
            **options: ``theme``, and those of the kind, see `automl_nb.report.draw`.

        Raises:
            UnknownNameError: No plot is called so.
            SettingError: There is nothing to draw, the rows aren't at hand, or an option isn't one.

        Example:
            >>> import automl_nb
            >>> wine = automl_nb.sample("wine")
            >>> run = automl_nb.fit(wine, "cultivar", time=60, strategies=["knn"])
            >>> run.plot("embedding").description.split(" by ")[0]
            'Map of 36 rows kept aside'
        """
        from automl_nb.report import draw
        from automl_nb.report.plots import shows_rows

        if data is not None and not shows_rows(kind):
            raise SettingError(
                f"The plot '{kind}' shows no single rows, so that it takes no data.",
                received="data",
                hint="Leave it out.",
            )
        return draw(kind, self.state, self._card(), rows=lambda: self.answered(data), **options)

    def answered(self, data: Any = None) -> Answered:
        """Rows that the best model hadn't learnt from, with its answers.

        Args:
            data: The run's data, whose rows kept aside are meant, or other rows with the label.
                Found by itself if None: in memory, in files, or among the notebook's data frames.

        Raises:
            SettingError: The rows aren't at hand.
            RunError: There is no model yet.
        """
        from automl_nb.core.nearby import frames_nearby
        from automl_nb.pipeline.answered_again import answered_again

        if data is not None:
            return answered_again(self.events, self.model, data, frames_nearby())
        if self._vault is not None and self._vault.answered is not None:
            return self._vault.answered
        if self._answered is None:
            self._answered = answered_again(self.events, self.model, None, frames_nearby())
        return self._answered

    @property
    def _rows_at_hand(self) -> bool:
        """Whether `answered` needs nobody's help."""
        from automl_nb.pipeline.answered_again import rows_in_reach

        if self._vault is not None and self._vault.answered is not None:
            return True
        split, ended = self.state.split, self.state.ended
        tested = split is not None and split.n_test > 0 and ended is not None and bool(ended.model)
        return self._answered is not None or (tested and rows_in_reach(self.events))

    def report(self, path: str | Path | None = None, *, data: Any = None) -> Path:
        """Write the run as one HTML file that needs nothing else, or as Markdown.

        Args:
            path: The file; Markdown where it ends in ``.md``, its pictures in a folder beside it.
                ``report.html`` in the run's folder if None.
            data: As for `plot`: where the rows are that the model errs on, if they aren't found.

        Returns:
            Where it lies.

        Raises:
            SettingError: The name ends as that of another kind of file, or the data doesn't fit.
            RunError: It cannot be written, or no path was given and the run has no folder.
        """
        from automl_nb.explained.told import blocks_of
        from automl_nb.report import write_report

        if path is None and not self.folder.is_dir():
            raise RunError(
                "A report goes to the run's folder or to a path.",
                received=f"run '{self.name}', {self.status}, whose folder is gone",
                hint="Give a path, such as report('report.html').",
            )
        target = self.folder / "report.html" if path is None else Path(path)
        rows, why_not = self._rows_or_reason(data)
        return write_report(
            target,
            self.state,
            self._card(),
            model_facts=self._facts(),
            rows=rows,
            no_rows=why_not,
            explained=blocks_of(self.state.explained.values()),
        )

    def _rows_or_reason(self, data: Any) -> tuple[Answered | None, str]:
        """Rows to show errors of; a report is written without them, too, and says why."""
        if data is not None:
            return self.answered(data), ""
        if self.state.ended is None or not self.state.ended.model:
            return None, ""
        try:
            return self.answered(), ""
        except AutoMLError as error:
            return None, f"Errors row by row aren't shown. {error.rule} {error.hint}"

    def explain_steps(self) -> Explanations:
        """What each step did with the rows of this run, and why, with a picture each.

        A notebook shows them; each can be taken by its place, as a title, sentences and a
        matplotlib figure (``run.explain_steps()[0].picture()``).

        Raises:
            RunError: The run wasn't asked to take them down.
        """
        from automl_nb.explained.show import Explanations

        self.poll()
        if not self.state.explained:
            asked = bool(self.state.settings.get("explain_steps"))
            raise RunError(
                "Only what a run took down can be explained.",
                received=f"run '{self.name}', {self.status}",
                hint="Wait for its first step."
                if asked
                else "Run fit again with explain_steps=True: what was trained is found again.",
            )
        return Explanations(self.state.explained.values())

    def code(
        self, model: str = "", *, data: str = "", among: Mapping[str, Any] | None = None
    ) -> str:
        """A model as plain Python: pandas, scikit-learn, torch, transformers, nothing of ours.

        The script trains the model on the run's rows with the settings that were found, prints
        its score on the same rows kept aside, and leaves ``answers(new_rows)``.

        Args:
            model: A name of the leaderboard; the best one's otherwise.
            data: What the data frame is called that holds the rows; ``df`` where nobody knows.
                Files are read from where they lie.
            among: Data frames by name, of which one may hold the run's rows.

        Raises:
            RunError: The run has no model, or none yet.
            UnknownNameError: The leaderboard has no such model.
            SettingError: It can't be written with what everyone has.

        Example:
            >>> import automl_nb
            >>> wine = automl_nb.sample("wine")
            >>> run = automl_nb.fit(wine, "cultivar", time=60, strategies=["logistic"])
            >>> script = run.code("table: logistic", data="wine")
            >>> "LogisticRegression" in script, "automl_nb" in script
            (True, False)
        """
        from automl_nb.report.code import plain_code
        from automl_nb.report.code.sources import sources_of

        self.poll()
        if not self.state.leaderboard:
            raise RunError(
                "Code is written of a run that has trained a model.",
                received=f"run '{self.name}', {self.status}",
                hint=why_no_model(self.state, self.status),
            )
        return plain_code(self.state, model, sources_of(self.events, data, among or {}))

    def _card(self) -> Scorecard | None:
        return None if self.state.scorecard is None else self.scorecard

    def _facts(self) -> dict[str, Any]:
        try:
            return {**self.model.facts, "path": str(self.folder)}
        except RunError:
            return {}

    def _summary(self) -> Sequence[str]:
        lines = [f"run '{self.name}', {self.status}"]
        if self.state.incumbent and self.state.objective:
            metric = self.state.objective.metric
            lines.append(
                f"best: {self.state.incumbent.model}, {metric} {self.state.incumbent.score:.4f}"
            )
        if self.state.preferred:
            lines.append(self.state.preferred.why.rstrip("."))
        return [*lines, f"in {self.folder}"]

    def __repr__(self) -> str:
        return f"<{'; '.join(self._summary())}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from automl_nb.core.show import Frame, bundle

        frame = Frame(
            folder=str(self.folder),
            stable=progress_mode() == "off",
            broken=self.killed,
        )
        return bundle(self.state, frame)
