"""The scorecard: complete, honest about what is missing, safe to show, and JSON."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.evaluate.curves import MOST_POINTS, pr_points, roc_lines, roc_points
from automl_nb.evaluate.decide import Thresholds
from automl_nb.evaluate.metrics import metrics_for
from automl_nb.evaluate.scorecard import MOST_CLASSES, Scorecard, confusion_of, make_scorecard
from automl_nb.evaluate.words import label, text_table, width


def task_of(names):
    kind = TaskKind.BINARY if len(names) == 2 else TaskKind.MULTICLASS
    return Task(kind, "label", tuple(names))


def rows(k, n=400, seed=0, pull=1.5):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    powers = np.exp(rng.normal(size=(n, k)) + pull * np.eye(k)[y])
    return y, powers / powers.sum(axis=1, keepdims=True)


def card_of(names=("no", "yes"), metric="accuracy", **more):
    return make_scorecard(*rows(len(names)), task_of(names), Objective(metric), **more)


def tagged():
    rng = np.random.default_rng(0)
    y = (rng.random((90, 3)) < 0.4).astype(np.float32)
    task = Task(TaskKind.MULTILABEL, "tags", ("x", "y", "z"))
    return make_scorecard(y, 0.5 * y + 0.5 * rng.random((90, 3)), task, Objective("f1_micro"))


def priced(n=900):
    rng = np.random.default_rng(0)
    y = rng.normal(100, 20, n)
    scores = (y + rng.normal(2, 5, n))[:, None]
    return make_scorecard(
        y, scores, Task(TaskKind.REGRESSION, "price"), Objective("rmse", greater_is_better=False)
    )


CARDS = {
    "binary": card_of,
    "many": lambda: card_of([f"c{i}" for i in range(12)], "f1_macro"),
    "multilabel": tagged,
    "regression": priced,
    "unknown": lambda: make_scorecard(
        np.zeros(5, int), rows(2, 5)[1], task_of(("no", "yes")), Objective("roc_auc")
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_scorecard_goes_through_strict_json_and_back(name):
    card = CARDS[name]()
    text = json.dumps(card.to_dict(), allow_nan=False)
    assert json.dumps(Scorecard.from_dict(json.loads(text)).to_dict()) == text


def test_what_is_unknown_comes_back_as_nan():
    card = Scorecard.from_dict(CARDS["unknown"]().to_dict())
    assert math.isnan(card.score.value)
    assert math.isnan(card.latency_ms)


def test_the_objective_comes_first_and_all_that_fits_follows():
    card = card_of(metric="roc_auc")
    assert next(iter(card.metrics)) == "roc_auc"
    assert set(card.metrics) == set(metrics_for(card.task))
    many = CARDS["many"]()
    assert "f1" not in many.metrics  # it would repeat F1 (macro)
    assert many.score == many.metrics["f1_macro"]


def test_classes_agree_with_scikit_learn():
    y, scores = rows(4)
    card = make_scorecard(y, scores, task_of("abcd"), Objective("accuracy"))
    said = scores.argmax(axis=1)
    theirs = np.array(reference.precision_recall_fscore_support(y, said, zero_division=0)).T
    ours = [[r.precision, r.recall, r.f1, r.support] for r in card.per_class]
    assert np.array(ours) == pytest.approx(theirs)
    assert np.array_equal(card.confusion.counts, reference.confusion_matrix(y, said))


def test_multilabel_classes_agree_with_scikit_learn():
    card = tagged()
    rng = np.random.default_rng(0)
    y = (rng.random((90, 3)) < 0.4).astype(np.float32)
    said = 0.5 * y + 0.5 * rng.random((90, 3)) >= 0.5
    theirs = np.array(reference.precision_recall_fscore_support(y, said)).T
    ours = [[r.precision, r.recall, r.f1, r.support] for r in card.per_class]
    assert np.array(ours) == pytest.approx(theirs)
    assert card.confusion is None


def test_thresholds_change_decisions_but_not_rankings():
    plain = card_of()
    eager = card_of(thresholds=Thresholds(TaskKind.BINARY, (0.0, 2.0)))
    assert eager.metrics["recall"].value > plain.metrics["recall"].value
    assert eager.metrics["roc_auc"] == plain.metrics["roc_auc"]
    assert eager.confusion != plain.confusion


def test_rows_without_a_score_are_left_out_and_counted():
    y, scores = rows(3)
    scores[::4] = np.nan
    card = make_scorecard(y, scores, task_of("abc"), Objective("accuracy"), part="out of fold")
    assert card.n_rows == 300
    assert "100 rows have no score and are left out." in card.notes
    assert "300 rows, each out of fold" in str(card)


def test_a_test_part_used_again_is_said():
    assert not card_of(openings=1).notes
    assert "used 3 times" in card_of(openings=3).notes[0]
    assert "test part used 3 times" in str(card_of(openings=3))


def test_few_rows_and_missing_classes_are_said():
    y, scores = rows(3, 30)
    card = make_scorecard(np.minimum(y, 1), scores, task_of("abc"), Objective("accuracy"))
    assert any("Only 30 rows" in note for note in card.notes)
    assert any("No rows of these classes were there: c." in note for note in card.notes)


def test_perfect_answers_on_few_rows_are_not_taken_for_certainty():
    y = np.arange(30) % 2
    card = make_scorecard(y, np.eye(2)[y], task_of("ab"), Objective("accuracy"))
    assert any("that is right on 88.4% of all." in note for note in card.notes)
    assert not any("Every row is right" in note for note in card_of().notes)


def test_no_rows_at_all_still_make_a_card():
    card = make_scorecard(np.zeros(0, int), np.zeros((0, 2)), task_of("ab"), Objective("accuracy"))
    assert card.n_rows == 0
    assert math.isnan(card.score.value)
    assert "accuracy - on 0 test rows" in str(card)


def test_residuals_describe_the_errors():
    card = priced()
    assert card.residuals.mean == pytest.approx(2, abs=0.5)
    assert card.residuals.sd == pytest.approx(5, abs=0.5)
    assert len(card.residuals.true) <= 400
    assert "too high on average" in str(card)


def test_many_classes_are_put_together_in_the_confusion_matrix():
    rng = np.random.default_rng(0)
    y, said = rng.integers(0, 200, 3000), rng.integers(0, 200, 3000)
    y[:1500] = 150  # so common that it must be kept
    made = confusion_of(y, said, task_of([f"c{i}" for i in range(200)]))
    assert len(made.classes) == len(made.counts) == MOST_CLASSES
    assert "c150" in made.classes
    assert made.classes[-1] == "141 other classes"
    assert np.sum(made.counts) == 3000


def test_curves_agree_with_scikit_learn():
    y, scores = rows(2)
    x, rate = roc_points(y == 1, scores[:, 1])
    theirs = reference.roc_curve(y, scores[:, 1], drop_intermediate=False)
    assert x == pytest.approx(theirs[0])
    assert rate == pytest.approx(theirs[1])
    recall, precision = pr_points(y == 1, scores[:, 1])
    p, r, _ = reference.precision_recall_curve(y, scores[:, 1])
    assert recall[1:] == pytest.approx(r[::-1][1:])
    assert precision[1:] == pytest.approx(p[::-1][1:])


def test_thinned_curves_keep_their_area():
    y, scores = rows(2, 5000)
    line = roc_lines(y, scores, task_of(("no", "yes")))[0]
    assert len(line.x) <= MOST_POINTS
    assert np.trapezoid(line.y, line.x) == pytest.approx(line.area, abs=0.003)
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)


def test_of_many_classes_the_mean_and_the_hardest_are_kept():
    y, scores = rows(12)
    lines = roc_lines(y, scores, task_of([f"c{i}" for i in range(12)]))
    areas = [reference.roc_auc_score(y == c, scores[:, c]) for c in range(12)]
    assert len(lines) == 8
    assert lines[0].area == pytest.approx(np.mean(areas))
    assert [line.area for line in lines[1:]] == pytest.approx(sorted(areas)[:7])


def test_a_notebook_gets_text_and_html_that_stand_alone():
    bundle = card_of(openings=1, latency_ms=0.42, size_bytes=4_100_000)._repr_mimebundle_()
    assert "test part used once · 0.42 ms a row · 4.1 MB on disk" in bundle["text/plain"]
    html = bundle["text/html"]
    assert "var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor))" in html
    assert not re.search(r"<script|src=|href=|url\(|#fff|white(?!-)", html)
    assert html.count("<div") == html.count("</div>")


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.text(), min_size=3, max_size=3))
def test_any_names_are_shown_safely(names):
    card = card_of(names)
    html = card._repr_mimebundle_()["text/html"]
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z!?]+)", html))
    assert tags <= {
        "style", "div", "table", "thead", "tbody", "tr", "th", "td", "span",
        "details", "summary", "caption", "p",
    }  # fmt: skip
    assert "\r" not in str(card)


def test_hostile_names_are_escaped():
    names = ("<script>alert(1)</script>", '" onload="x', "ok")
    html = card_of(names)._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert ' onload="' not in html
    assert "&lt;script&gt;" in html


@given(st.text())
@settings(deadline=None, derandomize=True)
def test_a_label_is_one_short_line(text):
    shown = label(text, 20)
    assert 1 <= len(shown) <= 20
    assert len(shown.splitlines()) == 1


def test_tables_line_up_in_wide_scripts():
    lines = text_table(("class", "n"), [("正面评价", "10"), ("no", "5")])
    assert len({width(line) for line in lines}) == 1
