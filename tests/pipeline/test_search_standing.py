"""Trials of a search of networks are told and ranked by what the search compares them by."""

import math

import numpy as np
import pytest

import automl_nb
from automl_nb.control.controller import Costs
from automl_nb.core import events as ev
from automl_nb.core.ledger import HELD_OUT_LOSS, ledger
from automl_nb.core.trials import TooSlow
from automl_nb.pipeline.stages.tuned_search import _Search
from automl_nb.report import alt_text, draw
from automl_nb.report.tried_plots import compared
from automl_nb.transfer.finetune import FineTune
from tests.support import frames, scripted_tuner
from tests.support.scripted_tuner import candidate, tuned_by

WEAKEST = (0.40, 0.44, 0.42, 0.60)  # what each trial gives the right class of its hardest row
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


def hardest_row(context, config, loss):
    """All rows right, one of them hardly: one accuracy, and losses of one's own."""
    made = candidate(context, config, loss)
    row = context.folds[0].judge[0]
    weak = WEAKEST[number(config["name"]) - 1]
    made.oof[row] = (1.0 - weak) / 2
    made.oof[row, context.y[row]] = weak
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Four trials with one score and different losses."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scripted_tuner, "candidate", hardest_row)
        tuned_by(patched, lambda config, share: 0.2 + 0.1 * (1.0 - share), score=1.0)
        return fit(tmp_path_factory.mktemp("runs"))


def test_all_trials_of_a_search_stand_on_one_scale(run):
    of_search = [entry for entry in ledger(run.state) if "#" in entry.trial.trial]
    told = [e.loss for e in run.events if isinstance(e, ev.SearchTold)]
    assert [entry.loss for entry in of_search] == told
    assert np.argsort(told).tolist() == [3, 1, 2, 0]
    models = {row.model: row.score for row in run.state.leaderboard}
    for entry in of_search:  # what became no model has no score of another scale
        assert entry.score == models.get(entry.trial.trial) or np.isnan(entry.score)
    assert sum(entry.scored for entry in of_search) == 3
    assert run.settings_tried()["search_loss"].tolist() == told


def test_pictures_show_the_searchs_own_best_as_the_best(run):
    tried = compared(run.state)
    assert (tried.title, tried.up, len(tried.entries)) == (HELD_OUT_LOSS, False, 4)
    lr = run.state.trials["minilm-l3(text): fine-tuned #4"].config["lr"]
    assert f"The best, {HELD_OUT_LOSS} " in alt_text("parallel", run.state)
    assert f"lr {lr:.4g}" in alt_text("parallel", run.state)
    scores, losses = draw("trials", run.state).axes
    lines = {line.get_label(): line.get_ydata() for line in scores.lines}
    assert max(lines["done"]) <= max(lines["best so far"])
    assert len(losses.lines[0].get_ydata()) == 4
    assert losses.get_ylabel().startswith(HELD_OUT_LOSS)


def test_rates_are_drawn_by_factors_and_names_keep_what_tells_them_apart(run):
    names = [tick.get_text() for tick in draw("parallel", run.state).axes[0].get_xticklabels()]
    assert "lr (log)" in names
    told = [text.get_text() for text in draw("curves", run.state).legends[0].get_texts()]
    assert [name[-2:] for name in told] == ["#1", "#2", "#3", "#4"]


def test_of_equal_scores_the_lowest_loss_is_kept_and_none_is_ranked_below_it(run):
    assert len({row.score for row in run.state.leaderboard if "#" in row.model}) == 1
    assert [number(row.model) for row in run.state.ranked()[:3]] == [4, 2, 1]
    assert run.state.ranks() == [1, 1, 1, 4]
    assert run.state.ended.model == "minilm-l3(text): fine-tuned #4"
    assert "not more than noise" not in run.state.stages[-2].note


def said(run):
    return [message.text for message in run.state.messages]


def test_what_is_said_of_searcher_and_scheduler_is_what_is_done(tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    run = fit(tmp_path, searcher="auto", trials=2)
    changed = "Searched by tpe from here on. Trials this short leave no time"
    assert any(text.startswith("Searched by gp: ") for text in said(run))
    assert any(text.startswith(changed) for text in said(run))
    assert "2 trials by tpe under none" in run.state.stages[-2].note
    assert any(text.startswith("Scheduler none: with 2 trials of a kind") for text in said(run))


def test_trials_that_there_was_no_time_to_begin_are_no_failures(tmp_path, monkeypatch):
    def slow(self, context, inputs, config):
        yield from ()
        raise TooSlow(1e6, context.deadline.left)

    def told_once(self, kind):
        return 1e6 if kind in self._longest else 0.0

    monkeypatch.setattr(FineTune, "train", slow)
    monkeypatch.setattr(Costs, "expected", told_once)
    monkeypatch.setattr(_Search, "_trial_s", math.inf)
    run = fit(tmp_path, trials=9)
    assert "The search found no network: The time is over: no further trial would end in it." in (
        said(run)
    )


def test_a_training_that_the_time_cuts_short_is_told_as_such(tmp_path, monkeypatch):
    tuned_by(monkeypatch, steps=1)
    whole = FineTune.train

    def hurried(self, context, inputs, config):
        if config["epochs"] > 2.4:
            context.deadline.allows(1e9)
        return (yield from whole(self, context, inputs, config))

    monkeypatch.setattr(FineTune, "train", hurried)
    run = fit(tmp_path)
    told = [e for e in run.events if isinstance(e, ev.SearchTold)]
    cut = [one.config["finetune.epochs"] > 2.4 for one in told]
    assert 0 < sum(cut) < 4
    assert [one.cut for one in told] == cut
    assert [one.state == "pruned" for one in told] == cut
    best = min(told, key=lambda one: one.loss)  # its network may be the best all the same
    assert run.state.ended.model.endswith(f"#{best.number + 1}")
