"""How networks are tuned, searched: each trial is a training, and hopeless ones end early.

The searcher proposes settings, the scheduler hears the curve of their training and may end it, and
the best network of each kind is a model of the run as it is: nothing is trained again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.control.controller import Controller, Limits, Outcome
from automl_nb.control.scheduling import Scheduling
from automl_nb.core import events as ev
from automl_nb.core.errors import SettingError
from automl_nb.core.ledger import written
from automl_nb.core.show.words import count
from automl_nb.core.space import Space
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report
from automl_nb.pipeline.asked_search import networks_part
from automl_nb.pipeline.least_time import LeastTime
from automl_nb.pipeline.memo import TRIALS_BYTES, Remembered
from automl_nb.pipeline.network_plan import NetworkPlan
from automl_nb.pipeline.search_space import MODEL, settings_of
from automl_nb.pipeline.search_told import tell_fault, tell_no_time
from automl_nb.pipeline.stages.search import tried
from automl_nb.pipeline.tuned_space import (
    Usual,
    searched_of,
    tuned_space,
    usual_configuration,
)
from automl_nb.pipeline.workbench import Workbench
from automl_nb.search.auto import choose
from automl_nb.search.catalog import tags_of
from automl_nb.search.study import Study
from automl_nb.search.tried import Proposal, State
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.zoo.load import resolve

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

SEARCH = "networks"  # in the journal, beside that of the heads
_FEWEST = 4  # trials that the time should be enough for
_IN_VAIN = 5  # trials in a row that failed, after which the search ends
_NO_TIME = "The time is over"
_NEARLY = 0.95  # of the passes that were wanted: they are rounded to steps
_MARGIN = 1.3  # trainings of one kind differ in length


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        plans: Those of which a network came out.
        names: The networks, as they stand on the leaderboard.
        said: What was done, for the person; "" where nothing was searched.
        hopeless: Plans of which no training would end in the time that is left.
    """

    plans: tuple[NetworkPlan, ...] = ()
    names: tuple[str, ...] = ()
    said: str = ""
    hopeless: tuple[NetworkPlan, ...] = ()


def work(bench: Workbench, plans: Sequence[NetworkPlan]) -> Found:
    """Search the settings of those plans that have some to search, if that was asked for.

    Raises:
        Cancelled: The run is to end; the best so far is a model by then.
    """
    if networks_part(bench.settings) is None:
        return Found()
    usual = {plan.label: _usual(bench, plan) for plan in plans}
    some = [p for p in plans if searched_of(p.strategy, bench.settings, [usual[p.label]])]
    if not some:
        return Found()
    search = _Search(bench, {plan.label: plan for plan in some}, len(some) / len(plans))
    why = search.carry_out(tuned_space(some, bench.settings, usual), usual)
    return search.found(why)


def _usual(bench: Workbench, plan: NetworkPlan) -> dict[str, float]:
    """Rate and passes that the strategy takes if nobody says."""
    rows = len(bench.dataset.folds[0].fit)
    found: dict[str, float] = STRATEGIES[plan.strategy].load()().usual(resolve(plan.backbone), rows)
    return found


@dataclass
class _Best:
    """The best network of a kind."""

    loss: float
    candidate: Candidate
    words: str


@dataclass
class _Search:
    """Trials of one search, and the best network of each kind.

    Attributes:
        bench: The run.
        plans: What is searched, by label.
        share: Of the time left, for all of it.
        best: By label.
    """

    bench: Workbench
    plans: Mapping[str, NetworkPlan]
    share: float
    best: dict[str, _Best] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bench = self.bench
        self.scheduling = Scheduling(bench.settings.scheduler)
        test_s = max(bench.test_s(plan.features) for plan in self.plans.values())
        left = max(0.0, bench.left - test_s)
        kept_s = bench.reserve_s + test_s + (1.0 - self.share) * left
        self.deadline: Deadline = bench.deadline.sooner(kept_s)  # follows what extends the run
        self._began_at = self.deadline.elapsed
        self._in_vain = 0
        self._usual: Usual = {}
        self._searched_by = ""  # as was said
        self._cut: set[int] = set()  # trials that the time has cut short
        self._kept: dict[int, float] = {}  # the loss of what came out of trials, by number
        self._least = LeastTime()
        trials = bench.settings.trials
        if 0 < trials <= _FEWEST:
            self._say_scheduler(self.scheduling.expect(trials / len(self.plans)))

    # -- the search ----------------------------------------------------------------------

    def carry_out(self, space: Space, usual: Usual) -> str:
        """All trials; returns why it ended."""
        bench, settings, self._usual = self.bench, self.bench.settings, usual
        study = self._went_on(
            Study(
                space,
                self._searcher(space),
                seed=settings.seed,
                direction="minimize",
                n_trials=settings.trials or None,
            ),
            usual,
        )
        self.controller = Controller(
            study,
            self.attempt,
            Limits(
                self.deadline,
                settings.trials or None,
                settings.patience_s or None,
                trial_s=lambda: self._trial_s,
                least_s=lambda config: self._least_s(str(config[MODEL])),
            ),
            kind=lambda config: str(config.get(MODEL, "")),
            work=lambda config: float(settings_of(config).get("epochs", 1.0)),
            told=self.told,
            is_over=self._is_over,
        )
        self._searched_by = study.searcher
        bench.say(f"Searched by {study.searcher}: {_in_words(space)}.")
        whole = [one for one in study.trials if one.state is State.DONE]
        if whole:  # before an interruption: the choice of then is made again
            self._say_scheduler(self.scheduling.expect(self._expected(whole[0].seconds)))
        self._rejoin(study)
        return self.controller.run()

    def _searcher(self, space: Space) -> str | BaseSampler:
        """Where trials may end early, one that learns from those too."""
        asked = self.bench.searcher
        if asked != "auto":
            return asked
        chosen = choose(space, n_trials=self.bench.settings.trials or None).name
        return "tpe" if chosen == "gp" and self.scheduling.prunes else asked

    def _went_on(self, study: Study, usual: Usual) -> Study:
        """The study as it was before an interruption; the same where that was another search."""
        told = [one for one in self.bench.searched if one.search == SEARCH]
        try:
            again = study.replayed([tried(one) for one in told]) if told else study
        except SettingError:  # other networks than then, or other settings
            again, told = study, []
        for one in told:
            label, done = str(one.config[MODEL]), one.state == State.DONE
            name = self._name(self.plans[label], one.number)
            self.scheduling.again(label, name, one.reports, whole=done or one.cut)
            self._cut |= {one.number} if one.cut else set()
            self._kept |= {} if one.loss is None else {one.number: one.loss}
            self._least.known |= {label: one.least_s} if one.least_s else {}
        given = {str(one.config[MODEL]) for one in told if one.given and one.was_begun}
        waiting = [plan for label, plan in self.plans.items() if label not in given]
        if "by-itself" in tags_of(study.searcher):  # as in the search of heads
            waiting = []
        for plan in waiting:
            again.enqueue(usual_configuration(plan, study.space, usual[plan.label]))
        return again

    def _rejoin(self, study: Study) -> None:
        """The best networks of before an interruption, found again."""
        ended = [one for one in study.trials if one.state is State.DONE or one.number in self._cut]
        for label in self.plans:
            own = [one for one in ended if one.config[MODEL] == label]
            if own:
                best = min(own, key=lambda one: self._kept.get(one.number, one.values[0]))
                self.attempt(Proposal(best.number, dict(best.config)), again=True)

    def _is_over(self) -> str:
        """A sentence where more trials are of no use."""
        if self.bench.is_perfect:
            return "Nothing can be better."
        if self._in_vain >= _IN_VAIN:
            return f"{_IN_VAIN} trials in a row came to nothing."
        gone = [
            plan.backbone in self.bench.dropped or plan.strategy in self.bench.unsuited
            for plan in self.plans.values()
        ]
        return "The networks are dropped or unsuited." if all(gone) else ""

    def told(self, proposal: Proposal, outcome: Outcome, seconds: float) -> None:
        """Write down what study and scheduler heard; learn how many trials there may be."""
        self.bench.emit(
            ev.SearchTold(
                self.bench.t,
                proposal.number,
                proposal.config,
                outcome.values[0] if outcome.values else None,
                outcome.state.value,
                seconds,
                proposal.given,
                SEARCH,
                outcome.reports,
                passed=proposal.passed,
                trial=self._name(self.plans[str(proposal.config[MODEL])], proposal.number),
                loss=self._kept.get(proposal.number),
                cut=proposal.number in self._cut,
                least_s=self._least.of(str(proposal.config[MODEL])),
            )
        )
        if seconds > 0:  # else it was never begun
            self._in_vain = self._in_vain + 1 if outcome.state is State.FAILED else 0
        if outcome.state is State.DONE or proposal.number in self._cut:
            self._say_scheduler(self.scheduling.expect(self._expected(seconds)))

    def _expected(self, seconds: float) -> float:
        """Trials of a kind that there may be, if each takes as long as this one."""
        possible = self.controller.tried + max(0.0, self.deadline.left) / max(seconds, 1e-3)
        return min(possible, self.bench.settings.trials or math.inf) / len(self.plans)

    def _say_scheduler(self, chosen: bool) -> None:
        if chosen:
            self.bench.say(f"Scheduler {self.scheduling.why}")

    # -- a trial -------------------------------------------------------------------------

    def attempt(self, proposal: Proposal, *, again: bool = False) -> Outcome:
        """One training; `again` if it was told of before, and only its network is wanted."""
        bench, label = self.bench, str(proposal.config[MODEL])
        plan, own = self.plans[label], settings_of(proposal.config)
        name, words = self._name(plan, proposal.number), written(own)
        if not again:
            self._announce(proposal.number, plan, words)
        reports: list[tuple[float, float]] = []
        config, planned = {**plan.config(bench), **own}, math.inf  # passes in all

        def hopeless(report: Report) -> str:
            nonlocal planned
            loss, planned = report.metrics.get("loss"), report.total or planned
            if loss is None or not report.total:
                return ""
            share = min(1.0, report.resource / report.total)
            reports.append((share, loss))
            if again or self.scheduling.heard(label, name, share, loss) is Decision.CONTINUE:
                return ""
            return f"{self.scheduling.name} ended it after {share:.0%}, at a loss of {loss:.4g}"

        made = self._trained(plan, name, config, hopeless)
        wanted = float(config.get("epochs", self._usual[label]["epochs"]))
        if name in bench.shortened and planned < _NEARLY * wanted:
            self._cut.add(proposal.number)
        cut = proposal.number in self._cut
        outcome = self._outcome(proposal, made, words, tuple(reports))
        if bench.cancel.ending:  # it isn't told, so that it is gone on with
            raise Cancelled(bench.cancel.reason)
        if not again:
            self.scheduling.ended(label, name, whole=cut or outcome.state is State.DONE)
        bench.memo.trim(TRIALS_BYTES)
        return outcome

    def _trained(
        self, plan: NetworkPlan, name: str, config: dict[str, Any], hopeless: Any
    ) -> Remembered | None:
        """A training in its share of the time; with all of it where that is too little for any.

        Its share is for more than a pass, where it is known what that takes, and doesn't pay for
        what is loaded once for all of them.
        """
        bench, label = self.bench, plan.label
        wanted_s = max(self._trial_s, _MARGIN * self._least.of(label)) + bench.network_start_s

        def train(seconds: float) -> Remembered | None:
            share = max(0.0, seconds) / max(bench.left, 1e-9)
            watch = self._least.watch(label, bench.network_start_s)
            heard = watch.hearing(hopeless)
            made = bench.trials.try_out(
                plan.strategy, (), name, config, share=share, hopeless=heard, search=SEARCH
            )
            if bench.trials.ended == "slow":
                watch.lacked(bench.trials.needed_s)
            return made

        made = train(min(wanted_s, self.deadline.left))
        had_less = wanted_s < self.deadline.left
        if made is None and bench.trials.ended == "slow" and had_less and not self.best:
            if self._least_s(label) > self.deadline.left:
                return None
            bench.cut.remove(name)
            bench.say(f"{name} gets all of the time instead.")
            made = train(self.deadline.left)
        return made

    def _least_s(self, label: str) -> float:
        """Seconds from now on without which a training of a kind comes to nothing."""
        return self._least.of(label) + self.bench.network_start_s

    @property
    def _trial_s(self) -> float:
        """The most seconds for a trial: of the whole search, so that there are several."""
        whole = max(0.0, self.deadline.seconds - self._began_at)
        wanted = min(self.bench.settings.trials or _FEWEST, _FEWEST)
        return whole / max(wanted, len(self.plans))

    def _outcome(
        self,
        proposal: Proposal,
        made: Remembered | None,
        words: str,
        reports: tuple[tuple[float, float], ...],
    ) -> Outcome:
        """What study and journal are told; a network that is the best of its kind joins.

        One that the time has cut short isn't what these settings would have come to.
        """
        if made is None:
            return Outcome(None, State.FAILED, reports)
        ended, loss = self.bench.trials.ended, self._loss(made.candidate)
        last = reports[-1][1] if reports else loss
        if not math.isfinite(last if ended == "pruned" else loss):
            return Outcome(None, State.FAILED, reports)
        if ended != "pruned":
            self._kept[proposal.number] = loss
            self._keep_if_best(str(proposal.config[MODEL]), loss, made, words)
        if ended == "done" and proposal.number not in self._cut:
            return Outcome(loss, State.DONE, reports)
        return Outcome(last, State.PRUNED, reports or ((1.0, last),))

    def _loss(self, candidate: Candidate) -> float:
        """Of the rows of the first fold that it didn't learn from."""
        data = self.bench.dataset
        rows = data.folds[0].judge
        rows = rows[np.isfinite(candidate.oof[rows]).all(axis=1)]
        return plain_loss(candidate.oof[rows], data.y[rows], data.task) if len(rows) else math.nan

    def _keep_if_best(self, label: str, loss: float, made: Remembered, words: str) -> None:
        former = self.best.get(label)
        if former is not None and loss >= former.loss:
            return
        note = "; ".join(filter(None, (words, made.candidate.note)))
        candidate = replace(made.candidate, note=note)
        self.best[label] = _Best(loss, candidate, words)
        self.bench.trials.join(replace(made, candidate=candidate))
        self.bench.improve()
        if former is not None:
            self.bench.replaced(former.candidate)

    # -- what is said --------------------------------------------------------------------

    def _name(self, plan: NetworkPlan, number: int) -> str:
        return f"{plan.name} #{number + 1}"

    def _announce(self, number: int, plan: NetworkPlan, words: str) -> None:
        most = self.bench.settings.trials
        of, study = f" of {most}" if most else "", self.controller.study
        if study.searcher != self._searched_by:  # now that it is known what a trial takes
            self._searched_by = study.searcher
            self.bench.say(f"Searched by {study.searcher} from here on. {study.why}".rstrip())
        self.bench.say(f"Trial {number + 1}{of}: {plan.name}, {words}.")

    def found(self, why: str) -> Found:
        """What there is to tell of all of it."""
        if why.startswith(_NO_TIME):
            self.bench.shortened.append("The search over networks")
            if not self.controller.tried:
                tell_no_time(self.bench, "The search over networks")
        tell_fault(self.bench, self.controller.study)
        names = tuple(best.candidate.name for best in self.best.values())
        plans = tuple(self.plans[label] for label in self.best)
        if not names:
            self.bench.say(f"The search found no network: {why}")
            return Found(hopeless=self._hopeless())
        study = self.controller.study
        early = self._early(one.number for one in study.trials if one.state is State.PRUNED)
        by = f"{study.searcher} under {self.scheduling.name or 'none'}"
        best = "; ".join(f"{one.candidate.name} ({one.words})" for one in self.best.values())
        said = f"{count(self.controller.tried, 'trial')} by {by}{early}. {why} Best: {best}"
        return Found(plans, names, said)

    def _hopeless(self) -> tuple[NetworkPlan, ...]:
        left, known = self.deadline.left, self._least.known
        return tuple(
            plan for label, plan in self.plans.items() if label in known and known[label] > left
        )

    def _early(self, pruned: Iterable[int]) -> str:
        """How many trials didn't come to their own end, and why."""
        cut = [number in self._cut for number in pruned]  # the study knows only pruned ones
        told = {"ended early": cut.count(False), "cut short by the time": cut.count(True)}
        return "".join(f", {n} of them {how}" for how, n in told.items() if n)


def _in_words(space: Space) -> str:
    """The settings with their ranges."""
    return ", ".join(f"{p.name} {p.written()}" for p in space.free)
