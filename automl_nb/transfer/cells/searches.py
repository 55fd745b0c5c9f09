"""Ways to search for an architecture: by gradient, or by candidates that are trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from automl_nb.search.study import Study
from automl_nb.transfer.cells.architecture import Architecture, cell_space, from_config
from automl_nb.transfer.cells.derive import likeliest
from automl_nb.transfer.cells.guard import Collapse
from automl_nb.transfer.cells.learner import Learner, Recipe
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.supernet import Pace, Supernet

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

FINALISTS = 3
_SHORT = 3  # a candidate of a search has so many times fewer epochs than a finalist
_BATCHES = 12  # steps of an epoch of the supernet where rows are few
_FEWEST = 16  # rows of a batch
_FEWEST_PASSES = 5
_TELLING = 2  # the pass whose time tells that of the others; the first has to get going
_FIRST, _SECOND = 1.5, 4.0  # cost of a pass in which the architecture learns too, measured


@dataclass(frozen=True)
class Problem:
    """What a search works on.

    Attributes:
        lesson: Features and targets of all rows.
        fit: Rows from which weights learn.
        judge: Rows that tell architectures apart; none of them in `fit`.
        nodes: Of an architecture.
        recipe: How a candidate is trained.
        seed: Seeds everything.
        device: The torch device as text.
        is_over: Whether the time is over; asked once a batch.
        left_s: Seconds that are left for the search.
    """

    lesson: Lesson
    fit: np.ndarray
    judge: np.ndarray
    nodes: int
    recipe: Recipe
    seed: int
    device: str
    is_over: Callable[[], bool]
    left_s: Callable[[], float] = lambda: math.inf


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        finalists: Best first.
        note: What a person should know of the search.
        trained: Networks that were trained for it.
        pressed: Whether it had less time than it could use.
    """

    finalists: tuple[Architecture, ...]
    note: str = ""
    trained: int = 1
    pressed: bool = False


# Yields the share that is done and a loss; is sent whether to stop.
Search = Generator[tuple[float, float], bool, Found]


def by_gradient(problem: Problem, passes: int, *, second_order: bool) -> Search:
    """DARTS with the auxiliary skip connection of DARTS-, ended where it would collapse.

    Its schedules fall to their end over the passes; where there is no time for all of them, that
    is seen after the second, and fewer are planned.

    Args:
        problem: What is searched.
        passes: Over the rows at most.
        second_order: Whether it looks one step ahead.
    """
    lesson, watch = problem.lesson, Collapse()
    pace = Pace(passes, _batch(len(problem.fit), Pace.batch), second_order=second_order)
    supernet = Supernet(
        lesson,
        problem.nodes,
        problem.fit,
        problem.judge,
        pace,
        seed=problem.seed,
        device=problem.device,
    )
    seen: list[list[np.ndarray]] = []
    note, planned = "", passes
    while supernet.done < planned:
        learns, left_s = supernet.learns_architecture, problem.left_s()
        loss = supernet.epoch(problem.is_over)
        if supernet.done == _TELLING:
            planned = _affordable(problem, passes, left_s, second_order=second_order)
            supernet.plan(planned)
            note = f"{planned} passes, as the time allows" if planned < passes else ""
        stop = yield supernet.done / planned, loss
        if stop or problem.is_over():
            note = f"ended after {supernet.done} of {planned} passes"
            break
        if learns:
            seen.append(supernet.op_weights())
            if watch.add(supernet.curvature()):
                note = f"ended before a collapse, after {supernet.done} of {planned} passes"
                break
    is_collapsing = note.startswith("ended before")
    weights = seen[watch.safe] if is_collapsing else supernet.op_weights()
    finalists = tuple(likeliest(lesson.names, weights, FINALISTS))
    return Found(finalists, note, pressed=planned < passes)


def _affordable(problem: Problem, passes: int, left_s: float, *, second_order: bool) -> int:
    """The passes that there is time for, by the last, in which weights learnt alone."""
    if not math.isfinite(left_s):
        return passes
    now_s = problem.left_s()
    a_pass = max(1e-9, left_s - now_s) * (_SECOND if second_order else _FIRST)
    return min(passes, max(_FEWEST_PASSES, _TELLING + int(now_s / a_pass)))


def by_candidates(problem: Problem, searcher: str, tries: int) -> Search:
    """Architectures that a searcher proposes, each trained for a while and judged.

    Args:
        problem: What is searched.
        searcher: A name of `automl_nb.search.catalog`.
        tries: How many at most.
    """
    names = problem.lesson.names
    study = Study(cell_space(names, problem.nodes), _sampler(searcher, problem), seed=problem.seed)
    recipe = replace(problem.recipe, epochs=max(2, problem.recipe.epochs // _SHORT))
    judged: dict[Architecture, float] = {}
    done = 0
    for done in range(1, tries + 1):
        proposal = study.ask()
        if proposal is None:
            break
        architecture = from_config(names, proposal.config)
        loss = judged.get(architecture)
        if loss is None:
            loss = judged_loss(problem, architecture, recipe)
            if problem.is_over() and judged:
                break  # it was cut short: its loss would tell of the time alone
            judged[architecture] = loss
        study.tell(proposal.number, -loss)
        stop = yield done / tries, min(judged.values())
        if stop or problem.is_over():
            break
    best = sorted(judged, key=judged.__getitem__)[:FINALISTS]
    return Found(tuple(best), f"{len(judged)} candidates trained", len(judged))


def judged_loss(problem: Problem, architecture: Architecture, recipe: Recipe) -> float:
    """The loss of an architecture's network on the judged rows."""
    learner = Learner(
        architecture,
        problem.lesson,
        problem.fit,
        recipe,
        seed=problem.seed,
        device=problem.device,
    )
    for _ in range(recipe.epochs):
        if not learner.epoch(problem.is_over):
            break
    loss = learner.loss(problem.judge)
    return loss if math.isfinite(loss) else 1e9


def _sampler(searcher: str, problem: Problem) -> str | BaseSampler:
    """Evolution with a population that fits tens of candidates; the others by name."""
    if searcher != "evolution":
        return searcher
    from automl_nb.search.evolution import RegularisedEvolution

    space = cell_space(problem.lesson.names, problem.nodes)
    return RegularisedEvolution(space, seed=problem.seed, population=8, sample=3)


def _batch(n_rows: int, most: int) -> int:
    return int(np.clip(n_rows // _BATCHES, _FEWEST, most))
