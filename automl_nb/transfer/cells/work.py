"""One trial of a search: both halves of the folds, and what they are held against."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np

from automl_nb.core.trials import Cancelled, Deadline, Decision, Report, TooSlow
from automl_nb.transfer.bagging import bags_well
from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.cells import chance
from automl_nb.transfer.cells.architecture import Architecture
from automl_nb.transfer.cells.learner import Learner, Recipe
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.predictor import Network, margins, scores_of
from automl_nb.transfer.cells.searches import Found, Problem, Search, by_candidates, by_gradient
from automl_nb.transfer.cells.verdict import compared
from automl_nb.transfer.crossfit import row_losses

_SEARCHING, _CHOOSING = 0.5, 0.7  # shares of the time after which each has ended
_PLAIN = 0.15  # share of the time that is kept for the plain linear head
_CHANCE = 0.43  # that is kept for random architectures, if they are wanted; half of the rest
_PATIENCE = 8  # epochs without a better one
Steps = Generator[Report, Decision, Any]


@dataclass(frozen=True)
class Chosen:
    """The architecture for some of the folds.

    Attributes:
        folds: By number.
        architecture: The best finalist.
        epochs: To train it.
        loss: Of the best finalist on the rows that chose it.
        found: How it was found.
    """

    folds: tuple[int, ...]
    architecture: Architecture
    epochs: int
    loss: float
    found: Found

    def facts(self) -> dict[str, Any]:
        """What is drawn of it, as JSON."""
        folds = [number + 1 for number in self.folds]
        return {**self.architecture.to_dict(), "folds": folds, "epochs": self.epochs}


class Work:
    """A trial at work: what it has found and how far it is.

    Args:
        context: The trial's.
        lesson: Features and targets.
        settings: See `NasHead.space`.
        beside_random: Whether it is to be held against random architectures.
        search_s: Seconds that the search of each half may take; None for its share of the time.
    """

    def __init__(
        self,
        context: TrialContext,
        lesson: Lesson,
        settings: dict[str, Any],
        *,
        beside_random: bool = False,
        search_s: Sequence[float] | None = None,
    ) -> None:
        self.context, self.lesson, self.settings = context, lesson, settings
        self.is_watched = beside_random and chance.is_watched(str(settings["searcher"]))
        self.allowed_s, self.search_s = search_s, list[float]()
        self.started, left_s = time.monotonic(), context.deadline.left
        timed = math.isfinite(left_s)
        kept = 0.0 if search_s else _PLAIN + (_CHANCE if self.is_watched else 0.0)
        self.deadline = context.deadline.sooner(kept * left_s) if timed else context.deadline
        self.left_s = (1.0 - kept) * left_s
        n, k = len(context.y), context.task.n_outputs
        self.oof, self.plain = np.full((n, k), np.nan), np.full((n, k), np.nan)
        self.chosen: list[Chosen] = []
        self.trained: dict[int, Network] = {}
        self.halves = halves(len(context.folds))
        self.done, self.total = 0.0, float(2 * len(self.halves) + len(context.folds) + 1)
        self.total += self.is_watched
        self.took_s, self.beside_random = 0.0, ""
        self.is_stopped = False

    def carry_out(self) -> Steps:
        """All searches and all folds, or what the time allows; one fold in any case.

        Raises:
            Cancelled: Before there was a head.
        """
        began = self.deadline.elapsed
        yield from self._all_folds()
        self.took_s = self.deadline.elapsed - began

    def _all_folds(self) -> Steps:
        for half, folds in enumerate(self.halves):
            if self.trained and self._ends():
                return
            self._check()
            self.chosen.append((yield from self._choose(half, folds)))
            for fold in folds:
                if self.trained and self._ends():
                    return
                self._train(fold, self.chosen[-1])
                self.done += 1.0
                own, _ = self._losses(self.plain)
                yield from self._tell(0.0, {"loss": own.mean()})

    def compare(self, inputs: tuple[str, ...]) -> Steps:
        """Judge the plain linear head on the same folds, if there is time."""
        if self.is_stopped or self._over(self.context.deadline)():
            return
        context = replace(self.context, trial_id="plain linear head")
        name = "logistic" if context.task.kind.is_classification else "ridge"
        trial: Trial = STRATEGIES[name].load()().train(context, inputs, {})
        made = yield from self._aside(trial, self.total - 1.0 - self.is_watched)
        if made is not None:
            self.plain = made.oof

    def compare_with_chance(self) -> Steps:
        """Judge random architectures that had as many seconds, on the same folds, if it can end.

        What it needs is about what all of this took.
        """
        if not self.is_watched:
            return
        searcher, deadline = str(self.settings["searcher"]), self.context.deadline
        self.beside_random = chance.no_time(searcher)
        if self.is_stopped or deadline.left < self.took_s:
            return
        # A deadline of its own: that it ends this presses nothing of the model.
        apart = Deadline(deadline.left, clock=deadline.clock)
        settings = {**self.settings, "searcher": chance.CONTROL, "tries": chance.TRIES}
        context = replace(self.context, trial_id="random architectures", deadline=apart)
        other = Work(context, self.lesson, settings, search_s=self.search_s)
        yield from self._aside(other.carry_out(), self.total - 1.0)
        own, random = self._losses(other.oof)
        if apart.left <= 0.0 or len(own) < np.isfinite(self.oof).all(axis=1).sum():
            return  # cut short, it would be no fair control
        spent = (sum(self.search_s), sum(other.search_s))
        self.beside_random = chance.beside(searcher, own, random, spent, self.lesson.kind)

    def _aside(self, trial: Generator[Report, Decision, Any], place: float) -> Steps:
        """What another trial gives that is carried out within this one; None if it was ended."""
        self.done = place
        try:
            report = next(trial)
            while True:
                share = report.resource / max(1.0, report.total)
                yield from self._tell(share, {})
                report = trial.send(Decision.STOP if self.is_stopped else Decision.CONTINUE)
        except StopIteration as end:
            return end.value
        except (Cancelled, TooSlow):
            return None

    @property
    def is_whole(self) -> bool:
        """Whether the folds' heads together stand for one of all rows."""
        folds = self.context.folds
        return len(self.trained) == len(folds) and bags_well(folds, len(self.context.y))

    @property
    def best(self) -> Chosen:
        """What one head of all rows is made of."""
        return min(self.chosen, key=lambda one: one.loss)

    def heads(self) -> list[int]:
        """Of each fold's head, which of `chosen` it is made of."""
        return [
            next(place for place, one in enumerate(self.chosen) if fold in one.folds)
            for fold in self.trained
        ]

    def refitted(self) -> list[Network]:
        """One head of all rows, with the best of what was chosen; none where the time was over."""
        best = self.best
        rows = np.arange(len(self.context.y))
        learner = self._learner(best.architecture, rows)
        over = self._over(self.deadline)
        if not all(learner.epoch(over) for _ in range(best.epochs)):
            return []
        return [(best.architecture, learner.arrays())]

    def note(self) -> str:
        """What was found, and honestly how it does beside what needs no search, and chance."""
        own, plain = self._losses(self.plain)
        best = self.best
        said = compared(own, plain, self.context.task.kind)
        searched = f" ({best.found.note})" if best.found.note else ""
        wired = f"{best.architecture}{searched}"
        told = "; ".join(filter(None, (said, self.beside_random, wired)))
        return f"{self.settings['searcher']}: {told}"

    def _choose(self, half: int, folds: tuple[int, ...]) -> Steps:
        """Search, then train the finalists to choose one."""
        problem = self._problem(half, folds)
        began = self.deadline.elapsed
        found = yield from self._searched(self._timed(problem, half, _SEARCHING))
        self.search_s.append(self.deadline.elapsed - began)
        problem = self._timed(problem, half, _CHOOSING)
        curves: dict[Architecture, tuple[float, int]] = {}
        for architecture in found.finalists:
            if curves and (self.is_stopped or problem.is_over()):
                break
            curves[architecture] = _curve(problem, architecture)
            yield from self._tell(0.0, {})
        self.done += 1.0
        best = min(curves, key=lambda one: curves[one][0])
        return Chosen(folds, best, curves[best][1], curves[best][0], found)

    def _searched(self, problem: Problem) -> Generator[Report, Decision, Found]:
        search = self._search(problem)
        try:
            share, loss = next(search)
            while True:
                yield from self._tell(share, {"search_loss": loss})
                share, loss = search.send(self.is_stopped)
        except StopIteration as end:
            self.done += 1.0
            found: Found = end.value
            self.context.deadline.pressed |= found.pressed
            return found

    def _search(self, problem: Problem) -> Search:
        searcher = str(self.settings["searcher"])
        if searcher.startswith("darts"):
            second = searcher == "darts-second"
            return by_gradient(problem, self.settings["passes"], second_order=second)
        return by_candidates(problem, searcher, self.settings["tries"])

    def _problem(self, half: int, folds: tuple[int, ...]) -> Problem:
        """The rows that all of these folds learn from, in two parts."""
        context = self.context
        rows = reduce(np.intersect1d, [context.folds[fold].fit for fold in folds])
        if context.interchangeable:
            rows = np.random.default_rng([context.seed, half]).permutation(rows)
        middle = len(rows) // 2
        return Problem(
            lesson=self.lesson,
            fit=np.sort(rows[:middle]),
            judge=np.sort(rows[middle:]),
            nodes=int(self.settings["nodes"]),
            recipe=Recipe.of(middle),
            seed=context.seed,
            device=context.device,
            is_over=self._over(self.deadline),
        )

    def _train(self, number: int, chosen: Chosen) -> None:
        """One fold's head; what the time cut short counts only where there is no other."""
        fold = self.context.folds[number]
        over = self._over(self.deadline)
        learner = self._learner(chosen.architecture, fold.fit)
        whole = all(learner.epoch(over) for _ in range(chosen.epochs))
        if self.trained and not whole:
            return
        self._check()
        self.trained[number] = (chosen.architecture, learner.arrays())
        found = margins(*self.trained[number], self.lesson.X[fold.judge], self.lesson.widths)
        self.oof[fold.judge] = scores_of(found, self.lesson.kind, self.lesson.unit)

    def _learner(self, architecture: Architecture, rows: np.ndarray) -> Learner:
        context = self.context
        recipe = Recipe.of(len(rows))
        return Learner(
            architecture, self.lesson, rows, recipe, seed=context.seed, device=context.device
        )

    def _losses(self, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(m,) losses of the found heads and of others, on the rows that both judged.

        Where the others had no time, the second is empty and the first of all judged rows.
        """
        y, task = self.context.y, self.context.task
        own = np.isfinite(self.oof).all(axis=1)
        both = own & np.isfinite(other).all(axis=1)
        if not both.any():
            return row_losses(self.oof[own], y[own], task), np.zeros(0)
        return row_losses(self.oof[both], y[both], task), row_losses(other[both], y[both], task)

    def _tell(self, share: float, metrics: dict[str, Any]) -> Steps:
        """A report; hears whether to stop."""
        decision = yield Report(
            trial_id=self.context.trial_id,
            resource=min(self.total, self.done + share),
            metrics={name: float(value) for name, value in metrics.items()},
            elapsed_s=time.monotonic() - self.started,
            total=self.total,
        )
        self.is_stopped = self.is_stopped or decision is Decision.STOP
        self._check()

    def _check(self) -> None:
        if self.context.cancel.cancelled and not self.trained:
            raise Cancelled(self.context.cancel.reason)

    def _ends(self) -> bool:
        return self.is_stopped or self._over(self.deadline)()

    def _timed(self, problem: Problem, half: int, share: float) -> Problem:
        """With the time of a phase of one half of the folds."""
        until = self.deadline
        if self.allowed_s is not None:
            if share == _SEARCHING:
                until = Deadline(min(until.left, self.allowed_s[half]), clock=until.clock)
        elif math.isfinite(self.left_s):
            until = until.sooner(self.left_s * (1.0 - (half + share) / len(self.halves)))
        return replace(problem, is_over=self._over(until), left_s=lambda: until.left)

    def _over(self, deadline: Deadline) -> Callable[[], bool]:
        def over() -> bool:
            late = not deadline.allows(0.0)
            self.context.deadline.pressed |= late  # with more time it might have come out otherwise
            return late or self.context.cancel.cancelled

        return over


def halves(folds: int) -> tuple[tuple[int, ...], ...]:
    """The folds in two halves, each with a search of its own; one fold is alone.

    Example:
        >>> halves(5), halves(1)
        (((0, 1), (2, 3, 4)), ((0,),))
    """
    middle = folds // 2
    parts = (tuple(range(middle)), tuple(range(middle, folds)))
    return tuple(part for part in parts if part)


def _curve(problem: Problem, architecture: Architecture) -> tuple[float, int]:
    """The least loss on the judged rows, and after how many epochs; both from scratch."""
    recipe = problem.recipe
    learner = Learner(
        architecture, problem.lesson, problem.fit, recipe, seed=problem.seed, device=problem.device
    )
    losses: list[float] = []
    for _ in range(recipe.epochs):
        went = learner.epoch(problem.is_over)
        loss = learner.loss(problem.judge)
        losses.append(loss if math.isfinite(loss) else math.inf)
        if not went or len(losses) - int(np.argmin(losses)) > _PATIENCE:
            break
    return min(losses), int(np.argmin(losses)) + 1
