"""The head by search: honest out of fold, in time, and plain about what it is worth."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision
from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.cells import chance, learner, searches, work
from automl_nb.transfer.cells.architecture import Architecture
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.verdict import compared
from automl_nb.transfer.cells.work import Work, halves
from automl_nb.transfer.nas_head import SEARCHERS, NasHead
from tests.support import planted, trials

QUICK = {"nodes": 1, "passes": 4, "tries": 3, "widths": planted.widths()}


def trained(context, **config):
    return trials.finish(NasHead().train(context, ("x",), {**QUICK, **config}))


def seen_by(monkeypatch):
    """The rows that each network learns from, and those that choose, in the order of use."""
    used: list[np.ndarray] = []

    class Noting(learner.Learner):
        def __init__(self, architecture, lesson, rows, recipe, **options):
            used.append(rows)
            super().__init__(architecture, lesson, rows, recipe, **options)

        def loss(self, rows):
            used.append(rows)
            return super().loss(rows)

    monkeypatch.setattr(work, "Learner", Noting)
    monkeypatch.setattr(searches, "Learner", Noting)
    return used


@pytest.mark.parametrize(
    "searcher",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name in {"darts-second", "tpe"} else [])
        for name in SEARCHERS
    ],
)
def test_it_finds_what_was_planted_with_any_searcher(searcher, monkeypatch):
    monkeypatch.setattr(learner, "STEPS", 150)  # of each network: the answer is an easy one
    context = planted.context(180)
    candidate, reports = trained(context, searcher=searcher, nodes=2, passes=10, tries=6)
    hit = (candidate.oof.argmax(axis=1) == context.y).mean()
    assert hit > 0.6
    assert candidate.note.startswith(f"{searcher}: log loss ")
    assert "; node 1 = " in candidate.note
    assert candidate.config["searcher"] == searcher
    assert {"search_loss", "loss"} == {name for report in reports for name in report.metrics}


def test_no_row_has_a_say_in_its_own_score():
    """Change a fold's labels: its scores and those of its half's architecture stay the same."""
    context = planted.context(120, folds=trials.folds_of(120, 4))
    before, _ = trained(context, searcher="random")
    y = context.y.copy()
    judged = context.folds[0].judge
    y[judged] = 1 - y[judged]
    after, _ = trained(replace(context, y=y), searcher="random")
    np.testing.assert_array_equal(after.oof[judged], before.oof[judged])
    assert after.config["architectures"][0] == before.config["architectures"][0]
    others = np.setdiff1d(np.arange(120), np.concatenate([f.judge for f in context.folds[:2]]))
    assert not np.array_equal(after.oof[others], before.oof[others])


def test_searches_see_only_rows_that_no_fold_of_theirs_judges(monkeypatch):
    used = seen_by(monkeypatch)
    context = planted.context(120, folds=trials.folds_of(120, 4))
    trained(context, searcher="random")
    first = np.concatenate([fold.judge for fold in context.folds[:2]])
    last = np.concatenate([fold.judge for fold in context.folds[2:]])
    end = next(n for n, rows in enumerate(used) if len(rows) == len(context.folds[0].fit))
    assert end > 5
    assert not any(np.intersect1d(rows, first).size for rows in used[:end])
    assert any(np.intersect1d(rows, last).size for rows in used[:end])


def test_weights_and_architecture_learn_from_different_rows():
    context = planted.context(90)
    for half, folds in enumerate(halves(3)):
        trial = Work(context, Lesson.prepare(context, ("x",), None), {"nodes": 1})
        problem = trial._problem(half, folds)
        assert not np.intersect1d(problem.fit, problem.judge).size
        assert abs(len(problem.fit) - len(problem.judge)) <= 1


def test_rows_that_must_not_be_mixed_are_cut_in_the_middle():
    context = planted.context(
        90, interchangeable=False, folds=(Fold(np.arange(60), np.arange(60, 90)),)
    )
    trial = Work(context, Lesson.prepare(context, ("x",), None), {"nodes": 1})
    problem = trial._problem(0, (0,))
    assert problem.fit.tolist() == list(range(30))
    assert problem.judge.tolist() == list(range(30, 60))


def test_with_one_part_held_out_the_head_learns_all_rows_in_the_end():
    context = planted.context(120, folds=(Fold(np.arange(80), np.arange(80, 120)),))
    candidate, _ = trained(context, passes=8)
    assert candidate.refitted
    assert np.isnan(candidate.oof[:80]).all()
    assert np.isfinite(candidate.oof[80:]).all()
    assert len(candidate.predictor.networks) == 1
    assert len(candidate.config["architectures"]) == 1


def test_the_mean_of_the_folds_heads_is_the_model():
    candidate, _ = trained(planted.context(120, folds=trials.folds_of(120, 4)))
    assert len(candidate.predictor.networks) == 4
    found = [Architecture.from_dict(one) for one in candidate.config["architectures"]]
    used = [architecture for architecture, _ in candidate.predictor.networks]
    assert used == [found[0], found[0], found[1], found[1]]
    assert [one["folds"] for one in candidate.config["architectures"]] == [[1, 2], [3, 4]]


def test_it_keeps_to_its_time_and_says_that_it_was_pressed(monkeypatch):
    ticks = itertools.count()
    context = planted.context(120)
    clock = context.deadline.clock
    monkeypatch.setattr(type(clock), "now", lambda self: 0.05 * next(ticks))
    deadline = Deadline(20.0)
    candidate, reports = trained(replace(context, deadline=deadline), passes=500)
    assert deadline.elapsed < 23.0
    assert deadline.pressed
    assert np.isfinite(candidate.oof).all(axis=1).any()
    assert reports[-1].resource <= reports[-1].total


def test_cancelled_after_a_fold_it_gives_that_fold():
    token = CancelToken()
    trial = NasHead().train(planted.context(120, cancel=token), ("x",), QUICK)
    report = next(trial)
    while "loss" not in report.metrics:
        report = trial.send(Decision.CONTINUE)
    token.cancel("enough")
    with pytest.raises(StopIteration) as end:
        trial.send(Decision.CONTINUE)
    candidate = end.value.value
    assert len(candidate.predictor.networks) == 1
    assert not candidate.refitted
    assert np.isfinite(candidate.oof).all(axis=1).sum() == 40


def test_cancelled_in_its_search_it_raises():
    token = CancelToken()
    trial = NasHead().train(planted.context(120, cancel=token), ("x",), QUICK)
    next(trial)
    token.cancel("enough")
    with pytest.raises(Cancelled, match="enough"):
        trial.send(Decision.CONTINUE)


@pytest.mark.parametrize(
    ("shift", "said"),
    [(0.2, "better than"), (-0.2, "worse than"), (0.0, "as good as")],
)
def test_the_note_says_how_it_does_beside_the_plain_head(shift, said):
    rng = np.random.default_rng(0)
    own = rng.gamma(2.0, 0.2, 400)
    plain = own + shift + 0.05 * rng.normal(size=400)
    for kind in (TaskKind.BINARY, TaskKind.REGRESSION):
        assert f"{said} the plain linear head" in compared(own, plain, kind)
    assert "no time" in compared(own, plain[:0], TaskKind.BINARY)


def test_one_linear_layer_is_enough_where_labels_are_linear():
    """There the found head isn't better than the plain one, and the note doesn't claim it."""
    candidate, _ = trained(planted.context(300, layers=1), widths=planted.widths(1), passes=10)
    assert "better than" not in candidate.note


def test_it_is_held_against_random_architectures_that_had_as_long():
    """The model is the one that it would have been without them."""
    context = planted.context(60)
    alone, _ = trained(context, searcher="evolution")
    candidate, reports = trained(context, searcher="evolution", beside_random=True)
    said = candidate.config["beside_random"]
    assert said in candidate.note
    assert "random architectures" in said
    own, random = (float(one) for one in re.findall(r"[\d.]+(?= s)", said))
    assert random > 0.0
    assert own > 0.0
    np.testing.assert_array_equal(candidate.oof, alone.oof)
    assert alone.config["beside_random"] == ""
    assert [r.resource for r in reports] == sorted(r.resource for r in reports)
    assert reports[-1].resource <= reports[-1].total


def test_random_architectures_have_the_seconds_that_the_search_took(monkeypatch):
    """By the clock's ticks: of each half as many, and a candidate that was cut short isn't one."""
    ticks, asked = itertools.count(), []
    context = planted.context(120)
    monkeypatch.setattr(type(context.deadline.clock), "now", lambda self: 0.01 * next(ticks))
    made = work.Work

    class Noting(made):
        def __init__(self, *given, **options):
            super().__init__(*given, **options)
            asked.append(self)

    monkeypatch.setattr(work, "Work", Noting)
    trial = Noting(
        context, Lesson.prepare(context, ("x",), planted.widths()),
        {"searcher": "darts", "nodes": 1, "passes": 12, "tries": 3}, beside_random=True,
    )  # fmt: skip
    for steps in (trial.carry_out(), trial.compare_with_chance()):
        for _ in steps:
            pass
    own, control = asked
    assert control.settings["searcher"] == "random"
    for took, beside in zip(own.search_s, control.search_s, strict=True):
        assert took <= beside < 1.3 * took


def test_without_time_for_random_architectures_that_is_said(monkeypatch):
    ticks = itertools.count()
    context = planted.context(120)
    monkeypatch.setattr(type(context.deadline.clock), "now", lambda self: 0.05 * next(ticks))
    deadline = Deadline(6.0)
    candidate, _ = trained(replace(context, deadline=deadline), passes=500, beside_random=True)
    said = "there was no time to hold darts against random architectures"
    assert candidate.config["beside_random"] == said
    assert said in candidate.note


@pytest.mark.parametrize(
    ("shift", "said"),
    [(0.2, "did better than"), (-0.2, "lost against"), (0.0, "can't be told from")],
)
def test_a_searcher_that_lost_against_chance_is_told_so(shift, said):
    rng = np.random.default_rng(0)
    own = rng.gamma(2.0, 0.2, 400)
    random = own + shift + 0.05 * rng.normal(size=400)
    told = chance.beside("darts", own, random, (1.0, 1.0), TaskKind.MULTICLASS)
    assert told.startswith(f"darts {said} random architectures")


@pytest.mark.parametrize("searcher", ["random", "tpe"])
def test_what_is_no_worse_than_chance_by_itself_has_no_control(searcher):
    candidate, _ = trained(planted.context(60), searcher=searcher, beside_random=True)
    assert candidate.config["beside_random"] == ""


@pytest.mark.parametrize(
    ("config", "error", "said"),
    [
        ({"searcher": "guess"}, UnknownNameError, "darts"),
        ({"nodes": 9}, SettingError, "nodes"),
        ({"widths": {"a": 1}}, SettingError, "add up"),
    ],
)
def test_what_makes_no_sense_is_refused(config, error, said):
    with pytest.raises(error, match=said):
        trained(planted.context(60), **config)
