"""Trials of a search of networks are told and ranked by what the search compares them by."""


import numpy as np
import pytest

import automl_nb
from automl_nb.core.ledger import HELD_OUT_LOSS, ledger
from automl_nb.report import alt_text, draw
from automl_nb.report.tried_plots import compared
from tests.support import frames
from tests.support.scripted_tuner import tuned_by

LOSSES = (0.166, 0.160, 0.162, 0.137)  # as the trials come
OPTIONS = {
    "strategies": "finetune",
    "backbones": "minilm-l3",
    "search": "lr=1e-6..1e-1,epochs=1..4",
    "searcher": "random",
    "trials": 4,
    "seed": 1,
    "fresh": True,
}


def fit(root, **changed):
    options = {"time": 600, **OPTIONS, **changed}
    return automl_nb.fit(frames.texts(100), "library", run_dir=root, **options)


def number(name):
    return int(name.rpartition("#")[2])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Four trials with one score and different losses."""
    with pytest.MonkeyPatch.context() as patched:
        losses = {}

        def curve(config, share):
            mine = losses.setdefault(config["name"], LOSSES[number(config["name"]) - 1])
            return mine + 0.1 * (1.0 - share)

        tuned_by(patched, curve, score=1.0)
        return fit(tmp_path_factory.mktemp("runs"))


def test_all_trials_of_a_search_stand_on_one_scale(run):
    of_search = [entry for entry in ledger(run.state) if "#" in entry.trial.trial]
    assert [entry.loss for entry in of_search] == pytest.approx(LOSSES)
    models = {row.model: row.score for row in run.state.leaderboard}
    for entry in of_search:  # what became no model has no score of another scale
        assert entry.score == models.get(entry.trial.trial) or np.isnan(entry.score)
    assert sum(entry.scored for entry in of_search) == 3
    table = run.settings_tried()
    assert table["search_loss"].tolist() == pytest.approx(LOSSES)


def test_pictures_show_the_searchs_own_best_as_the_best(run):
    tried = compared(run.state)
    assert (tried.title, tried.up, len(tried.entries)) == (HELD_OUT_LOSS, False, 4)
    best = run.state.trials["minilm-l3(text): fine-tuned #4"].config
    assert f"The best, {HELD_OUT_LOSS} 0.137, had " in alt_text("parallel", run.state)
    assert f"lr {best['lr']:.4g}" in alt_text("parallel", run.state)
    scores, losses = draw("trials", run.state).axes
    (best_line,) = (line for line in scores.lines if line.get_label() == "best so far")
    (marks,) = (line for line in scores.lines if line.get_label() == "done")
    assert max(marks.get_ydata()) <= max(best_line.get_ydata())
    assert losses.get_ylabel().startswith(HELD_OUT_LOSS)


def test_of_equal_scores_the_lowest_loss_is_kept_and_none_is_ranked_below_it(run):
    assert len({row.score for row in run.state.leaderboard if "#" in row.model}) == 1
    assert [number(row.model) for row in run.state.ranked()[:3]] == [4, 2, 1]
    assert run.state.ranks() == [1, 1, 1, 4]
    assert run.state.ended.model == "minilm-l3(text): fine-tuned #4"
    assert "not more than noise" not in run.state.stages[-2].note
