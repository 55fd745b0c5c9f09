"""The settings of the models that the plan has trained, searched with a part of the time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl_nb.control.controller import NO_TIME, Controller, Limits, Outcome, steps
from automl_nb.control.settled import Settled
from automl_nb.core import events as ev
from automl_nb.core.clock import now
from automl_nb.core.errors import SettingError
from automl_nb.core.options import ranges
from automl_nb.core.show.words import count
from automl_nb.core.trials import Deadline
from automl_nb.explorer.record import SettingsFound
from automl_nb.pipeline.asked_search import heads_part
from automl_nb.pipeline.champion import Champion
from automl_nb.pipeline.finalists import rounds
from automl_nb.pipeline.recall import settings_that_worked
from automl_nb.pipeline.search_objectives import (
    Objectives,
    asked_objectives,
    front_first,
    spread,
)
from automl_nb.pipeline.search_space import (
    MODEL,
    Searched,
    divided,
    has_one_of,
    joint_space,
    n_settings,
    settings_of,
    space_of,
)
from automl_nb.pipeline.search_start import starts
from automl_nb.pipeline.search_told import tell_fault, tell_no_time
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench
from automl_nb.search.beside_random import n_starts
from automl_nb.search.catalog import tags_of
from automl_nb.search.study import Study
from automl_nb.search.tried import Proposal, State, Tried
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.settable import tuning

_MODELS = 6  # of which settings are searched: the best that were trained
_KEPT = 3  # settings of a front that are trained on all folds, and that the memory is told
_SHARE_BESIDE_TUNING = 0.5  # of the time left, where a network is to be tuned afterwards
_FOR_FINALISTS = (0.1, 0.5)  # of its time, at least and at most, kept back to train them
_MARGIN = 1.5  # trainings of one strategy differ in length by its settings
_JUDGED = 0.5  # of a whole training: a trial fits two folds at most, and refits nothing
_A_FEW = 3  # trials of each model, before a search may end
_IN_VAIN = 2  # rounds of finalists in a row that raise no score, after which there are no more
_ALL_BUT_0 = 0.05  # log loss of rows that are all right, which leaves nothing to find


def work(bench: Workbench) -> str:
    """Search; then train the best settings as the plan's own models are."""
    settings, asked = bench.settings, heads_part(bench.settings)
    if asked is None:
        return "not needed: what is searched are settings of networks"
    candidates = _models(bench)
    if not candidates:
        if bench.cut:
            tell_no_time(bench)
        return "not needed: nothing that was trained has settings to search"
    models = {label: Searched(c.strategy, c.inputs) for label, c in candidates.items()}
    narrowed, lost = divided(asked, models.values())
    if lost:
        bench.say_once(f"Not searched, as no model that was trained has it: {', '.join(lost)}.")
    if lost and not narrowed:
        return "not needed: nothing that was trained has the settings that were named"
    objectives = _priced(bench, candidates)
    space = joint_space(models.values(), narrowed)
    costs = {label: candidate.fit_s for label, candidate in candidates.items()}
    needs = {label: int(min(_A_FEW, n_settings(space, label))) for label in models}
    search = _Search(bench, models, objectives, costs, Settled(needs))
    study = search.begun(
        Study(
            space,
            bench.searcher,
            seed=settings.seed,
            direction=objectives.directions,
            n_trials=settings.trials or None,
        )
    )
    limits = Limits(
        Deadline(_seconds(bench) - search.finalists_s(_seconds(bench))),
        settings.trials or None,
        settings.patience_s or None,
    )
    controller = Controller(
        study,
        search.attempt,
        limits,
        kind=lambda config: str(config.get(MODEL, "")),
        told=search.told,
        first_s={label: _JUDGED * seconds for label, seconds in costs.items()},
        is_over=lambda: search.is_over(limits),
    )
    why = controller.run()
    if why == NO_TIME:
        bench.shortened.append("The search")
        if not controller.tried:
            tell_no_time(bench)
    tell_fault(bench, controller.study)
    front = controller.study.front if objectives.cost else []
    better = search.train_finalists(controller.study.trials, front)
    joined = f"{better} of the best joined" if better else "none joined the best model"
    tried = f"{count(controller.tried, 'trial')} by {controller.study.searcher}, {joined}"
    done = f"{tried}{objectives.note(front)}."
    return " ".join(filter(None, (done, why, controller.study.why, controller.beside_random)))


def _seconds(bench: Workbench) -> float:
    """The time that is for searching."""
    reads = bool(columns.texts(bench) or columns.pictures(bench))
    tunes = reads and bool(tuning(bench.settings.strategies))
    return bench.left * (_SHARE_BESIDE_TUNING if tunes else 1.0)


def _models(bench: Workbench) -> dict[str, Candidate]:
    """The best of the trained models that have settings, by their label.

    Those whose settings a person named come first; where costs count, those before the others
    that no other one betters in score and cost.
    """
    better = bench.objective.greater_is_better
    worst = -math.inf if better else math.inf
    ranked = sorted(
        (c for c in bench.candidates if c.inputs and len(space_of(c.strategy))),
        key=lambda c: bench.scored.get(c.name, worst),
        reverse=better,
    )
    cost = asked_objectives(bench.settings).cost
    if cost and ranked:
        points = [(bench.scored.get(c.name, worst), bench.trials.cost([c], cost)) for c in ranked]
        directions = ("maximize" if better else "minimize", "minimize")
        ranked = [ranked[place] for place in front_first(points, directions)]
    named = ranges("--search", asked_for) if (asked_for := heads_part(bench.settings)) else {}
    ranked.sort(key=lambda c: not has_one_of(c.strategy, len(c.inputs) > 1, named))
    found: dict[str, Candidate] = {}
    for candidate in ranked:
        found.setdefault(Searched(candidate.strategy, candidate.inputs).label, candidate)
    return dict(list(found.items())[:_MODELS])


def _priced(bench: Workbench, models: Mapping[str, Candidate]) -> Objectives:
    """The objectives, with what each of the models costs."""
    asked = asked_objectives(bench.settings)
    if asked.said:
        bench.say(asked.said)
    if not asked.cost:
        return asked
    costs = {label: bench.trials.cost([one], asked.cost) for label, one in models.items()}
    if not all(map(math.isfinite, costs.values())):
        return Objectives(said="What the models take on disk isn't known here.")
    return replace(asked, costs=costs)


@dataclass
class _Search:
    """Trials of one search, and what is trained of their settings.

    Attributes:
        bench: The run.
        models: What is searched, by label.
        objectives: What is made small.
        costs: Seconds that a whole training takes, by label.
        settled: Tells when more trials can't change which is the best.
    """

    bench: Workbench
    models: Mapping[str, Searched]
    objectives: Objectives
    costs: Mapping[str, float]
    settled: Settled

    def begun(self, study: Study) -> Study:
        """The study with its starts; as it was before an interruption, if it is the same search.

        What is remembered may have changed since: one that got beyond its starts gets no others.
        """
        told = {one.number: one for one in self.bench.searched if one.search == "heads"}
        trials = [tried(event) for event in told.values()]
        try:
            again = study.replayed(trials) if trials else study
        except SettingError:  # other models than then, or other settings
            again, trials = study, []
        for trial in trials:
            if trial.state is State.DONE:
                self.settled.hear(
                    trial.values[0],
                    seconds=trial.seconds,
                    noise=told[trial.number].noise,
                    tie=told[trial.number].tie,
                    given=trial.given,
                    model=str(trial.config[MODEL]),
                )
        if n_starts(trials) == len(trials):
            self._start(again)
        return again

    def _start(self, study: Study) -> None:
        """Enqueue what is worth a trial before anything is known.

        What goes through the space by itself, whatever came before, has no starts: neither the
        control of all others, which is chance, nor even points or a grid.
        """
        if "by-itself" in tags_of(study.searcher):
            return
        n_trials = self.bench.settings.trials or None
        remembered = settings_that_worked(self.bench)
        configs, sentence = starts(study.space, self.models, remembered, n_trials)
        if sentence:
            self.bench.say_once(sentence)
        for config in configs:
            if not study.is_tried(config):
                study.enqueue(config)

    def told(self, proposal: Proposal, outcome: Outcome, seconds: float) -> None:
        """Write down what the study heard."""
        loss, cost = _pair(outcome.value)
        self.bench.emit(
            ev.SearchTold(
                self.bench.t,
                proposal.number,
                proposal.config,
                loss,
                outcome.state.value,
                seconds,
                proposal.given,
                cost=cost,
                passed=proposal.passed,
                noise=self.settled.noise,
                tie=self.settled.tie,
            )
        )

    def is_over(self, limits: Limits) -> str:
        """Why the search ends before its time; "" where it doesn't.

        It is the same for every searcher. A number of trials that was asked for is carried out.
        """
        if self.bench.is_perfect:
            return "Nothing can be better."
        if limits.trials is not None or self.objectives.cost:  # a front has no one winner
            return ""
        why = self._flawless() or self.settled.why(limits.deadline.left)
        if why:
            self.bench.say(why)
        return why

    def _flawless(self) -> str:
        """That the best model so far leaves nothing to find, however few rows say so."""
        best = self.bench.champion
        if best is None or best.loss > _ALL_BUT_0 or not _is_right(self.bench):
            return ""
        return (
            "More trials can't change the winner: all rows held out are right, and the loss is all "
            f"but 0 ({best.loss:.2g})."
        )

    def attempt(self, proposal: Proposal) -> Outcome:
        """One trial."""
        model = self.models[proposal.config[MODEL]]
        name = f"{model.name} #{proposal.number}"
        config, began = settings_of(proposal.config), now()
        losses = self.bench.trials.quick(model.strategy, model.inputs, name, config)
        if losses is None or not np.isfinite(losses).all():
            return Outcome(None, State.FAILED)
        loss = float(np.mean(losses))
        self.settled.hear(
            loss, losses, seconds=now() - began, given=proposal.given, model=proposal.config[MODEL]
        )
        self.bench.progress("searching", "trials")(proposal.number + 1, self.bench.settings.trials)
        return Outcome(self.objectives.values(proposal.config[MODEL], loss))

    def finalists_s(self, seconds: float) -> float:
        """Of these seconds, those that are kept back for the best of each strategy."""
        longest: dict[str, float] = {}
        for label, cost in self.costs.items():
            strategy = self.models[label].strategy
            longest[strategy] = max(cost, longest.get(strategy, 0.0))
        needed = _MARGIN * sum(longest.values())
        least, most = (share * max(0.0, seconds) for share in _FOR_FINALISTS)
        return min(max(needed, least), most)

    def train_finalists(self, trials: list[Tried], front: list[Tried]) -> int:
        """Train the best settings on all folds; how many of them are in the best model then.

        Of a front, not of the least loss alone, some are trained. Else there are further rounds
        while there is time for them and they raise the score now and then. The loss of a blend
        falls a little with whatever is added, and is no reason to go on.
        """
        best = spread(trials, front, _KEPT) if self.objectives.cost else _least(trials, _KEPT)
        self._note_found(best)
        bench, names, in_vain = self.bench, list[str](), 0
        searched = best if self.objectives.cost else trials
        for finalists in rounds(searched, self.models, bench.candidates, bench.dataset.task):
            before = bench.champion
            made = [name for trial in finalists if (name := self._trained(trial))]
            names += made
            raised = bench.improve() and _is_raised(bench, before)
            in_vain = 0 if raised else in_vain + 1
            if not made or in_vain >= _IN_VAIN or _is_right(bench):
                break
        champion = bench.champion
        return sum(c.name in names for c, _, _ in champion.members) if champion else 0

    def _note_found(self, best: list[Tried]) -> None:
        """The best settings, for the memory of tasks."""
        for trial in best:
            strategy = self.models[str(trial.config[MODEL])].strategy
            self.bench.settings_found.append(SettingsFound(strategy, settings_of(trial.config)))

    def _trained(self, trial: Tried) -> str:
        """The name of the model of a trial's settings; "" where none came about in time."""
        label = str(trial.config[MODEL])
        model, own = self.models[label], settings_of(trial.config)
        name = f"{model.name}, searched #{trial.number}"
        if not self.bench.allows(_MARGIN * self.costs[label]):
            self.bench.cut.append(name)
            return ""
        made = self.bench.train(model.strategy, model.inputs, name, **_as_asked(model, own))
        return "" if made is None else name


def _is_raised(bench: Workbench, before: Champion | None) -> bool:
    """Whether the best model's score is better than before."""
    best = bench.champion
    if best is None or before is None:
        return best is not None
    return bench.objective.better(best.score.value, before.score.value)


def _is_right(bench: Workbench) -> bool:
    """Whether no score can be better than the best model's."""
    return bench.champion is not None and bench.champion.is_right(bench.judge)


def _least(trials: list[Tried], most: int) -> list[Tried]:
    """Those of the least loss."""
    done = (trial for trial in trials if trial.state is State.DONE)
    return sorted(done, key=lambda trial: (trial.values[0], trial.number))[:most]


def tried(told: ev.SearchTold) -> Tried:
    """A trial as the study heard of it, out of the journal."""
    values = tuple(value for value in (told.value, told.cost) if value is not None)
    return Tried(
        number=told.number,
        config=told.config,
        state=State(told.state),
        values=values,
        reports=steps(told.reports),
        seconds=told.seconds,
        given=told.given,
        passed=told.passed,
    )


def _pair(value: float | Sequence[float] | None) -> tuple[float | None, float | None]:
    """The loss and the cost of a trial, as far as there are any."""
    values = value if isinstance(value, Sequence) else (value,)
    return values[0], values[1] if len(values) > 1 else None


def _as_asked(model: Searched, own: dict[str, Any]) -> dict[str, Any]:
    """Settings as a trial takes them: heads compare a list of them, which then has but one."""
    from automl_nb.transfer.catalog import STRATEGIES

    return {"grid": [own]} if hasattr(STRATEGIES[model.strategy].load(), "grid") else own
