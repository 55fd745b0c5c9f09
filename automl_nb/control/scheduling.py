"""The schedulers of a search: one for each kind of trial, chosen once it is known how many fit.

Curves of one kind are comparable: the same network, trained in the same way. Between kinds they
aren't, as one starts from a solved head and another from random numbers; which kind is better is
left to the searcher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from automl_nb.control.schedulers.auto import choose
from automl_nb.control.schedulers.base import Scheduler
from automl_nb.control.schedulers.catalog import SCHEDULERS
from automl_nb.core.trials import Decision

AUTO = "auto"
Told = tuple[str, str, float, float]  # kind, trial, share, loss


class Scheduling:
    """Hears the reports of all trials, and says which of them go on.

    Args:
        asked: A name of the catalogue, or auto: then nothing is ended until `expect` has said
            how many trials there may be, and what was heard until then is told to what is chosen.

    Attributes:
        name: Of the scheduler; "" while it isn't chosen.
        why: A sentence that says why, where it was chosen here.

    Raises:
        UnknownNameError: There is no such scheduler.

    Example:
        >>> scheduling = Scheduling("asha")
        >>> scheduling.heard("lora", "a", 0.2, 0.5).value
        'continue'
        >>> scheduling.heard("lora", "b", 0.2, 0.9).value
        'stop'
        >>> scheduling.heard("finetune", "c", 0.2, 0.9).value  # of another kind
        'continue'
    """

    def __init__(self, asked: str = AUTO) -> None:
        self.name, self.why = "", ""
        self._by_kind: dict[str, Scheduler] = {}
        self._told: list[Told] = []
        self._ended: dict[str, bool] = {}
        if asked != AUTO:
            self._choose(asked)

    @property
    def prunes(self) -> bool:
        """Whether it may end a trial early, or nobody knows yet."""
        return self.name != "none"

    def expect(self, n_trials: float) -> bool:
        """There may be so many trials of a kind; whether that settled the choice."""
        if self.name:
            return False
        chosen = choose(n_trials)
        self.why = chosen.why
        self._choose(chosen.name)
        return True

    def heard(self, kind: str, trial: str, share: float, loss: float) -> Decision:
        """What a running trial reports.

        Args:
            kind: Trials of one kind are compared.
            trial: Its name.
            share: Of its training that is done.
            loss: Held out; less is better.
        """
        if not self.name:
            self._told.append((kind, trial, share, loss))
            return Decision.CONTINUE
        return self._of(kind).heard(trial, share, loss)

    def ended(self, kind: str, trial: str, *, whole: bool) -> None:
        """A trial has ended; `whole` if by itself."""
        if not self.name:
            self._ended[trial] = whole
            return
        self._of(kind).ended(trial, whole=whole)

    def again(
        self, kind: str, trial: str, reports: Iterable[tuple[float, float]], *, whole: bool
    ) -> None:
        """Tell of a trial of before an interruption, as a journal has it."""
        for share, loss in reports:
            self.heard(kind, trial, share, loss)
        self.ended(kind, trial, whole=whole)

    def _choose(self, name: str) -> None:
        _ = SCHEDULERS[name]
        self.name = name
        reports: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for kind, trial, share, loss in self._told:
            reports[kind, trial].append((share, loss))
        for (kind, trial), some in reports.items():  # one trial is at work at a time
            for share, loss in some:
                self._of(kind).heard(trial, share, loss)
            if trial in self._ended:
                self._of(kind).ended(trial, whole=self._ended[trial])
        self._told.clear()

    def _of(self, kind: str) -> Scheduler:
        if kind not in self._by_kind:
            made: Scheduler = SCHEDULERS[self.name].load()(direction="minimize")
            self._by_kind[kind] = made
        return self._by_kind[kind]
