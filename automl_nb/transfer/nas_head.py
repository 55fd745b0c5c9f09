"""A head whose wiring over a frozen network's layers is searched for, then trained anew.

The search sees labels, so it is repeated: the folds are dealt into two halves, and the head of
a fold comes from a search that knew none of the rows that any fold of its half judges. Scores out
of fold are honest by that, and two searches of half the rows cost what one of all would.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from scipy import sparse

from automl_nb.core.space import Choice, Int, Space
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report
from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.bagging import bags_well
from automl_nb.transfer.base import Candidate, Trial, TrialContext
from automl_nb.transfer.cells.architecture import Architecture
from automl_nb.transfer.cells.learner import Learner, Recipe
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.predictor import CellPredictor, Network, margins, scores_of
from automl_nb.transfer.cells.searches import Found, Problem, Search, by_candidates, by_gradient
from automl_nb.transfer.crossfit import row_losses

MOST_VALUES = 400_000_000
SEARCHERS = ("darts", "darts-second", "random", "evolution", "reinforce", "tpe")
_SEARCHING, _CHOOSING = 0.5, 0.7  # shares of the time after which each has ended
_PATIENCE = 8  # epochs without a better one
_SURE = 1.96
Steps = Generator[Report, Decision, Any]


class NasHead:
    """Strategy ``nas-head``: neural architecture search over a head's cells.

    Config:
        searcher: How architectures are found; see `space`.
        nodes: Of a cell.
        passes: Over the rows, for ``darts`` and ``darts-second``.
        tries: Candidates that are trained, for the others.
        widths: Names and columns of the layers that the blocks are made of, as
            `TextLayers.widths` gives them; a layer a block if left out.
    """

    name = "nas-head"

    def space(self) -> Space:
        """How to search."""
        return Space(
            (
                Choice("searcher", SEARCHERS, "darts", summary="how architectures are found"),
                Int("nodes", 1, 4, 2, summary="nodes of the head"),
                Int("passes", 1, 500, 30, summary="passes of a search by gradient"),
                Int("tries", 1, 10_000, 16, summary="candidates of other searches"),
            )
        )

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks that fit into memory."""
        width = sum(context.blocks[key].shape[1] for key in inputs)
        if not width:
            return "it needs features"
        if any(sparse.issparse(context.blocks[key]) for key in inputs):
            return "it would need a weight for each of very many sparse columns"
        too_large = width * len(context.y) > MOST_VALUES
        return "the blocks are too large for its memory" if too_large else ""

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Search for each half of the folds, choose among finalists, train each fold's head."""
        space = self.space()
        settings = space.configuration({k: v for k, v in config.items() if k in space})
        widths: Any = config.get("widths")
        work = _Work(context, Lesson.prepare(context, inputs, widths), settings)
        yield from work.carry_out()
        networks, whole = list(work.trained.values()), work.is_whole
        if not whole and not work.is_stopped:
            again = work.refitted()
            networks, whole = again or networks, bool(again)
        lesson = work.lesson
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=inputs,
            predictor=CellPredictor(
                inputs,
                lesson.widths,
                lesson.scaling,
                networks,
                lesson.kind,
                unit=lesson.unit,
            ),
            oof=work.oof,
            fit_s=time.monotonic() - work.started,
            note=work.note(),
            refitted=whole,
            config={**settings, "architectures": [chosen.facts() for chosen in work.chosen]},
        )


@dataclass(frozen=True)
class _Chosen:
    """The architecture for some of the folds.

    Attributes:
        folds: By number.
        architecture: The best finalist.
        epochs: To train it.
        plain_epochs: To train the plain linear head.
        loss: Of the best finalist on the rows that chose it.
        found: How it was found.
    """

    folds: tuple[int, ...]
    architecture: Architecture
    epochs: int
    plain_epochs: int
    loss: float
    found: Found

    def facts(self) -> dict[str, Any]:
        """What is drawn of it, as JSON."""
        return {**self.architecture.to_dict(), "folds": [number + 1 for number in self.folds]}


class _Work:
    """A trial at work: what it has found and how far it is.

    Args:
        context: The trial's.
        lesson: Features and targets.
        settings: See `NasHead.space`.
    """

    def __init__(self, context: TrialContext, lesson: Lesson, settings: dict[str, Any]) -> None:
        self.context, self.lesson, self.settings = context, lesson, settings
        self.started, self.left_s = time.monotonic(), context.deadline.left
        n, k = len(context.y), context.task.n_outputs
        self.oof, self.plain = np.full((n, k), np.nan), np.full((n, k), np.nan)
        self.chosen: list[_Chosen] = []
        self.trained: dict[int, Network] = {}
        self.halves = halves(len(context.folds))
        self.done, self.total = 0.0, float(2 * len(self.halves) + len(context.folds))
        self.is_stopped = False

    def carry_out(self) -> Steps:
        """All searches and all folds, or what the time allows; one fold in any case.

        Raises:
            Cancelled: Before there was a head.
        """
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
                yield from self._tell(0.0, {"loss": self._losses()[0].mean()})

    @property
    def is_whole(self) -> bool:
        """Whether the folds' heads together stand for one of all rows."""
        folds = self.context.folds
        return len(self.trained) == len(folds) and bags_well(folds, len(self.context.y))

    def refitted(self) -> list[Network]:
        """One head of all rows, with the best of what was chosen; none where the time was over."""
        best = min(self.chosen, key=lambda one: one.loss)
        rows = np.arange(len(self.context.y))
        learner = self._learner(best.architecture, rows)
        over = self._over(self.context.deadline)
        if not all(learner.epoch(over) for _ in range(best.epochs)):
            return []
        return [(best.architecture, learner.arrays())]

    def note(self) -> str:
        """What was found, and honestly how it does beside the plain linear head."""
        own, plain = self._losses()
        best = min(self.chosen, key=lambda one: one.loss)
        said = compared(own, plain, self.context.task.kind)
        searched = f" ({best.found.note})" if best.found.note else ""
        return f"{self.settings['searcher']}: {best.architecture}{searched}; {said}"

    def _choose(self, half: int, folds: tuple[int, ...]) -> Steps:
        """Search, then train the finalists to choose one, and the plain head beside them."""
        problem = self._problem(half, folds)
        found = yield from self._searched(replace(problem, is_over=self._until(half, _SEARCHING)))
        problem = replace(problem, is_over=self._until(half, _CHOOSING))
        curves: dict[Architecture, tuple[float, int]] = {}
        for architecture in found.finalists:
            if curves and (self.is_stopped or problem.is_over()):
                break
            curves[architecture] = _curve(problem, architecture)
            yield from self._tell(0.0, {})
        self.done += 1.0
        best = min(curves, key=lambda one: curves[one][0])
        _, plain_epochs = _curve(problem, Architecture(self.lesson.names))
        return _Chosen(folds, best, curves[best][1], plain_epochs, curves[best][0], found)

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
            is_over=self._over(context.deadline),
        )

    def _train(self, number: int, chosen: _Chosen) -> None:
        """One fold's head and, beside it, the plain one; what time cut short only if it's all."""
        fold = self.context.folds[number]
        over = self._over(self.context.deadline)
        learner = self._learner(chosen.architecture, fold.fit)
        whole = all(learner.epoch(over) for _ in range(chosen.epochs))
        if self.trained and not whole:
            return
        self._check()
        self.trained[number] = (chosen.architecture, learner.arrays())
        self.oof[fold.judge] = self._scores(self.trained[number], fold)
        plain = self._learner(Architecture(self.lesson.names), fold.fit)
        if all(plain.epoch(over) for _ in range(chosen.plain_epochs)):
            self.plain[fold.judge] = self._scores((plain.architecture, plain.arrays()), fold)

    def _learner(self, architecture: Architecture, rows: np.ndarray) -> Learner:
        context = self.context
        recipe = Recipe.of(len(rows))
        return Learner(
            architecture, self.lesson, rows, recipe, seed=context.seed, device=context.device
        )

    def _scores(self, network: Network, fold: Fold) -> np.ndarray:
        found = margins(*network, self.lesson.X[fold.judge], self.lesson.widths)
        return scores_of(found, self.lesson.kind, self.lesson.unit)

    def _losses(self) -> tuple[np.ndarray, np.ndarray]:
        """(m,) losses of the found heads and of the plain ones, on the rows that both judged.

        Where the plain head had no time, the second is empty and the first of all judged rows.
        """
        y, task = self.context.y, self.context.task
        own = np.isfinite(self.oof).all(axis=1)
        both = own & np.isfinite(self.plain).all(axis=1)
        if not both.any():
            return row_losses(self.oof[own], y[own], task), np.zeros(0)
        return row_losses(self.oof[both], y[both], task), row_losses(
            self.plain[both], y[both], task
        )

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
        return self.is_stopped or self._over(self.context.deadline)()

    def _until(self, half: int, share: float) -> Callable[[], bool]:
        """Whether the time of a phase of one half of the folds is over."""
        whole = self.context.deadline
        if not math.isfinite(self.left_s):
            return self._over(whole)
        return self._over(whole.sooner(self.left_s * (1.0 - (half + share) / len(self.halves))))

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


def compared(own: np.ndarray, plain: np.ndarray, kind: TaskKind) -> str:
    """A sentence on how the found head does beside the plain linear one.

    Args:
        own: (m,) losses on rows that it didn't see.
        plain: (m,) losses of the plain head on the same rows; empty if it had no time.
        kind: Says what a loss is.

    Example:
        >>> compared(np.array([0.1, 0.3, 0.2]), np.array([0.5, 0.6, 0.55]), TaskKind.BINARY)
        'log loss 0.200, better than the plain linear head (0.550)'
    """
    regression = kind is TaskKind.REGRESSION
    name = "squared error" if regression else "log loss"
    if not len(plain):
        return f"{name} {own.mean():.3g}; there was no time for the plain linear head"
    gap = plain - own
    sure = _SURE * float(gap.std(ddof=1)) / math.sqrt(len(gap)) if len(gap) > 1 else math.inf
    mean = float(gap.mean())
    verdict = "better than" if mean > sure else "worse than" if mean < -sure else "as good as"
    mine, theirs = (f"{v.mean():.4g}" if regression else f"{v.mean():.3f}" for v in (own, plain))
    return f"{name} {mine}, {verdict} the plain linear head ({theirs})"


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
