"""The trial at work: what it reports is heard, and how it ended is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from automl_nb.control.cost import Cost
from automl_nb.core import events as ev
from automl_nb.core.clock import now
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report, TooSlow
from automl_nb.features.memory import is_out_of_memory
from automl_nb.pipeline.execution import in_words
from automl_nb.transfer.base import TrialContext

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench

R = TypeVar("R")
Hopeless = Callable[[Report], str]  # why a trial is to end, "" where it goes on
_BY_HAND = "ended by hand"


class TrialAtWork:
    """Carries one trial after the other to its end, whichever that is.

    Args:
        bench: The run's state.

    Attributes:
        ended: How the last trial ended.
        needed_s: Seconds that the last one that ended as "slow" would have taken at least.
        curve: What it reported.
        cost: What it takes.
        skipped: Whether it was ended by hand.
        pruned: Why it is to end, by who was asked; "" where it isn't.
        failed: Strategies of trials that failed.
    """

    cost: Cost  # it measures from its making on

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.ended = ""
        self.needed_s = 0.0
        self.curve: list[Report] = []
        self.skipped = False
        self.pruned = ""
        self.failed: set[str] = set()
        self._deadline: Deadline | None = None
        self._share = 1.0  # of the time left that it may use
        self._hopeless: Hopeless | None = None

    def drive(
        self,
        strategy: str,
        context: TrialContext,
        work: Callable[[], R],
        note: Callable[[R], str],
        *,
        share: float = 1.0,
        quiet: bool = False,
        waits: bool = False,
        hopeless: Hopeless | None = None,
        loss: Callable[[R], float | None] | None = None,
        keep: Callable[[R], None] | None = None,
    ) -> R | None:
        """What the work of a trial gives; None where it failed, which is told unless `quiet`.

        Args:
            strategy: Of the trial.
            context: Of the trial.
            work: Carries it out.
            note: What there is to say of what it gave.
            share: Of the time left, the most that it may use.
            quiet: Whether its failure is nobody's concern.
            waits: Whether it may be carried out later, where its share of the time is too little.
            hopeless: Asked at each report; a text ends the trial.
            loss: That of the drawn rows, of what the work gave.
            keep: Keeps what the work gave, before the trial is told to have ended: what the
                journal calls done is found again, whenever the process is killed.

        Raises:
            Cancelled: The whole run is to end.
        """
        name, began = context.trial_id, now()
        self.curve.clear()
        self._hopeless, self.pruned, self._share = hopeless, "", share
        self.cost = Cost()
        self._deadline, self.skipped, self._bench.at_work = context.deadline, False, name
        try:
            made = work()
        except Cancelled:
            if self._bench.cancel.skips:
                self._end(name, "skipped", began, _BY_HAND)
                return None
            self._end(name, "stopped", began, self._bench.cancel.reason)
            raise
        except TooSlow as error:
            why = error.of_its_share if self._share < 1.0 else str(error)
            self._end(name, "skipped", began, why)
            self.ended, self.needed_s = "slow", error.needed_s
            if not (quiet or waits):
                self._bench.cut.append(name)
                self._bench.say(f"{name} is left out: {why}.")
            return None
        except Exception as error:  # noqa: BLE001 - one trial must not end the run
            self._fail(strategy, name, began, error, quiet=quiet)
            return None
        finally:
            self.cost.end()
            self.skipped, self._deadline = self._bench.cancel.skips, None
            self._bench.cancel.trial_ended()
        if keep is not None:
            finished = now()
            keep(made)
            began += now() - finished  # which is none of the trial's time
        status, why = self._how_it_ended()
        told = self.pruned or "; ".join(filter(None, (why, note(made))))
        self._end(name, status, began, told, loss and loss(made))
        return made

    def _how_it_ended(self) -> tuple[str, str]:
        """Status of a trial that gave something, and who ended it before its own end."""
        if self.skipped:
            return "stopped", _BY_HAND
        if self._bench.cancel.ending:  # it is gone on with
            return "stopped", self._bench.cancel.reason.rstrip(".")
        return "pruned" if self.pruned else "done", ""

    def extend(self, seconds: float) -> None:
        """The run has so much more time: the trial its share of it."""
        if self._deadline is not None:
            self._deadline.extend(self._share * seconds)

    def heard(self, report: Report) -> Decision | None:
        """A report of the trial; whether it is to end."""
        self.curve.append(report)
        self.told(report)
        share = report.resource / report.total if report.total else 0.0
        eta = report.elapsed_s / share * (1 - share) if share else -1.0
        self._bench.emit(
            ev.Progress(self._bench.t, report.trial_id, report.resource, report.total, "", eta)
        )
        if self._hopeless is not None and not self.pruned:
            self.pruned = self._hopeless(report)
        return Decision.STOP if self.pruned else None

    def told(self, report: Report) -> None:
        """A point on the learning curves."""
        self._bench.emit(
            ev.TrialReported(
                self._bench.t, report.trial_id, report.resource, dict(report.metrics), report.total
            )
        )

    def _fail(
        self, strategy: str, name: str, began: float, error: Exception, *, quiet: bool
    ) -> None:
        bench = self._bench
        if is_out_of_memory(error):
            bench.short_of_memory = bench.short_of_memory or not quiet
        if is_out_of_memory(error) and getattr(error, "sure", True):
            self._end(name, "failed", began, f"out of memory: {error}"[:300])
            if not quiet:
                self.failed.add(strategy)
                bench.say(f"{name} doesn't fit the memory and is left out.", "warning")
            return
        note = in_words(error)[:300]
        self._end(name, "failed", began, note)
        if not quiet:
            self.failed.add(strategy)
            bench.say(f"{name} failed and is left out ({note}).", "warning")

    def _end(
        self, name: str, status: str, began: float, note: str, loss: float | None = None
    ) -> None:
        cost, self.ended = self.cost.end(), status
        self._bench.emit(
            ev.TrialEnded(
                self._bench.t,
                name,
                status,
                now() - began,
                note,
                cost.cpu_s,
                cost.peak_memory_bytes,
                loss=loss,
            )
        )
