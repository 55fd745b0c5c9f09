"""The main metric on parts of the rows: counted, drawn, kept."""

import numpy as np
import pytest

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.evaluate.bootstrap import interval
from automl_nb.evaluate.scorecard import Scorecard, make_scorecard
from automl_nb.evaluate.slices import MOST_SLICES

TASK = Task(TaskKind.BINARY, "label", ("no", "yes"))


def answers(n=60):
    rng = np.random.default_rng(0)
    p = rng.random(n)
    return rng.integers(0, 2, n), np.column_stack([1 - p, p])


def card(divisions, metric="accuracy", scores=None):
    y, drawn = answers()
    scores = drawn if scores is None else scores
    return make_scorecard(y, scores, TASK, Objective(metric), divisions=divisions)


def test_each_part_is_judged_as_if_it_were_alone():
    y, scores = answers()
    names = ["Latin"] * 40 + ["Han"] * 20
    found = card({"script of 'text'": names}).slices
    assert [(one.of, one.name, one.n_rows) for one in found] == [
        ("script of 'text'", "Latin", 40),
        ("script of 'text'", "Han", 20),
    ]
    assert found[1].score == interval("accuracy", y[40:], scores[40:], TASK)


def test_rows_without_a_score_are_in_no_part():
    _, scores = answers()
    scores[:5] = np.nan
    found = card({"shop": ["a"] * 10 + ["b"] * 50}, scores=scores).slices
    assert [(one.name, one.n_rows) for one in found] == [("b", 50), ("a", 5)]


def test_what_doesnt_divide_makes_no_parts():
    assert card({"shop": ["a"] * 60}).slices == ()
    assert card(None).slices == ()


def test_only_the_largest_parts_are_kept():
    names = [f"s{i // 3}" for i in range(60)]
    assert len(card({"shop": names}).slices) == MOST_SLICES


def test_a_part_of_one_class_has_no_area_under_its_curve():
    y, _ = answers()
    names = np.where(y == 1, "x", "y").tolist()
    found = card({"shop": names}, metric="roc_auc")
    assert all(np.isnan(one.score.value) for one in found.slices)
    assert "shop" in str(found)
    assert Scorecard.from_dict(found.to_dict()).slices[0].n_rows == found.slices[0].n_rows


def test_parts_are_shown_as_text_and_as_html():
    shown = card({"script of '<b>'": ["Latin"] * 40 + ["Han"] * 20})
    assert "script of '<b>'" in str(shown)
    assert "Han" in str(shown)
    html = shown._repr_mimebundle_()["text/html"]
    assert "<b>" not in html
    assert "script of &#x27;&lt;b&gt;&#x27;" in html


def test_a_card_without_parts_still_loads():
    plain = card(None).to_dict()
    del plain["slices"]
    assert Scorecard.from_dict(plain).slices == ()


@pytest.mark.parametrize("kind", [TaskKind.REGRESSION, TaskKind.MULTILABEL])
def test_other_tasks_have_parts_too(kind):
    rng = np.random.default_rng(0)
    names = ["a", "b"] * 20
    if kind is TaskKind.REGRESSION:
        y, task, metric = rng.normal(size=40), Task(kind, "y"), "rmse"
        scores = y[:, None] + 1.0
    else:
        y, task, metric = rng.integers(0, 2, (40, 2)), Task(kind, "y", ("p", "q")), "f1_micro"
        scores = 0.8 * y + 0.1
    found = make_scorecard(y, scores, task, Objective(metric), divisions={"shop": names}).slices
    assert [one.score.value for one in found] == pytest.approx([1.0, 1.0])
