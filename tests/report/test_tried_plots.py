"""Pictures of trials: every trial in its place, the best told apart, few of them refused."""

from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.ledger import ledger
from automl_nb.core.state import replay
from automl_nb.report import alt_text, draw, drawable
from automl_nb.report.write import report_html
from tests.support import searched

KINDS = ("trials", "parallel", "importance")


@pytest.fixture(scope="module")
def state():
    return replay(searched.events(60))


def room(picture):
    box, (width, height) = picture.get_tightbbox(), picture.get_size_inches()
    return min(box.x0, box.y0, width - box.x1, height - box.y1)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_show_all_their_words(kind, state):
    assert room(draw(kind, state)) > -0.02


def test_each_trial_stands_at_its_end_and_score_under_its_status(state):
    picture = draw("trials", state)
    ax = picture.axes[0]
    told = [text.get_text() for text in picture.legends[0].get_texts()]
    assert told == ["done (50)", "stopped (5)", "failed (5)", "best so far"]
    marks = {line.get_label(): line.get_xydata() for line in ax.lines}
    done = [e for e in ledger(state) if e.trial.status == "done"]
    assert marks["done"][:, 0].tolist() == [e.trial.ended for e in done]
    low = ax.get_yticks().min()
    shown = [e.score for e in done if e.score >= low]
    assert {*shown} <= {*marks["done"][:, 1].tolist()}
    assert (marks["failed"][:, 1] < low).all()
    best = marks["best so far"][:, 1]
    assert best.max() == max(e.score for e in done)


def test_lines_are_as_long_as_trials_took(state):
    ax = draw("trials", state).axes[0]
    lengths = [
        segment[1][0] - segment[0][0]
        for collection in ax.collections
        for segment in collection.get_segments()
    ]
    took = sum(e.trial.elapsed_s for e in ledger(state))
    assert sum(lengths) == pytest.approx(took)


def test_the_line_of_the_best_goes_through_its_settings(state):
    ax = draw("parallel", state).axes[0]
    best = max((e for e in ledger(state) if e.scored), key=lambda e: e.score)
    dots = next(line for line in ax.lines if line.get_marker() == "o").get_ydata()
    values = [e.trial.config["C"] for e in ledger(state) if e.scored]
    low, high = np.log([min(values), max(values)])
    assert dots[0] == pytest.approx((np.log(best.trial.config["C"]) - low) / (high - low))
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert names == ["C (log)", "penalty", "layers", "dropout", "l1", "accuracy"]


def test_a_setting_that_is_an_empty_text_has_its_place(state):
    """As where one network's head begins on features that another has none of."""
    trials = {
        name: replace(trial, config={**trial.config, "features": "frozen" if i % 2 else ""})
        for i, (name, trial) in enumerate(state.trials.items())
    }
    picture = draw("parallel", replace(state, trials=trials))
    words = [text.get_text() for text in picture.axes[0].texts]
    assert {"none", "frozen"} <= {*words}
    assert "parallel" in drawable(replace(state, trials=trials))


def test_where_less_is_better_the_lowest_is_the_best():
    state = replay(searched.events(60, up=False))
    assert "where the score is lower" in draw("parallel", state).axes[0].get_xlabel()
    best = min(e.score for e in ledger(state) if e.scored)
    assert f"RMSE {best:.4f}" in alt_text("parallel", state)


def test_what_decided_the_scores_comes_first(state):
    assert alt_text("importance", state).split("PED-ANOVA: ")[1].startswith("C ")


def test_few_trials_are_refused_in_words():
    few = replay(searched.events(9))
    assert "importance" not in drawable(few)
    assert "parallel" in drawable(few)
    with pytest.raises(SettingError, match="10 trials of one strategy with scores"):
        draw("importance", few)
    with pytest.raises(SettingError, match=r"8 trials of logistic, judged by (?i:accuracy)"):
        draw("importance", few)
    with pytest.raises(SettingError, match="two trials of one strategy whose settings differ"):
        draw("parallel", replay(searched.events(1)))
    with pytest.raises(SettingError, match="needs a trial"):
        draw("trials", replay([]))


def test_one_strategy_alone_can_be_drawn(state):
    assert draw("trials", state, strategy=searched.STRATEGY).description == alt_text(
        "trials", state
    )
    with pytest.raises(UnknownNameError, match="logistic"):
        draw("trials", state, strategy="logistik")


def test_the_report_has_the_pictures_and_the_ledger(state):
    html = report_html(state, None, {})
    for kind in KINDS:
        assert alt_text(kind, state)[:40] in html
    assert "Ledger: every trial" in html
    assert "out of memory: 3 GB asked for" in html


def test_a_run_without_such_trials_has_a_report_without_such_pictures(events):
    html = report_html(replay(events), None, {})
    assert "PED-ANOVA" not in html
    assert "by their settings" not in html
