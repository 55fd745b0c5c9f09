"""A search that was asked for has a part of the time, and says where it had none."""

from collections import defaultdict
from dataclasses import replace

import pytest

import automl_nb
from automl_nb.core.endings import wants_no_more
from automl_nb.pipeline import plan
from automl_nb.pipeline.workbench import Workbench
from tests.support import frames

OPTIONS = {"time": 600, "strategies": "logistic,knn"}
SENTENCE = (
    "The search that was asked for had no time for a single trial. Give more time than "
    "time='600s', or name fewer strategies."
)
NO_TIME = ("warning", SENTENCE)


def fit(root, **options):
    return automl_nb.fit(frames.table(), "cultivar", run_dir=root, **OPTIONS, **options)


def said(run):
    return [(message.level, message.text) for message in run.state.messages]


@pytest.fixture
def left(monkeypatch):
    """Seconds that trials found left, by stage."""
    found, train = defaultdict(list), Workbench.train

    def noting(self, *args, **kwargs):
        found[self.stage].append(self.left)
        return train(self, *args, **kwargs)

    monkeypatch.setattr(Workbench, "train", noting)
    return found


def test_what_comes_before_a_search_leaves_it_a_quarter(left, tmp_path):
    fit(tmp_path, search="k=3..9", trials=2)
    assert max(left["baselines"] + left["cheap models"]) <= 450
    assert min(left["search"]) > 500


def test_without_a_search_nothing_is_kept_back(left, tmp_path):
    fit(tmp_path)
    assert min(left["baselines"] + left["cheap models"]) > 500


def test_a_search_without_time_for_a_trial_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("automl_nb.pipeline.stages.search._seconds", lambda bench: 0.0)
    run = fit(tmp_path, search="k=3..9")
    assert said(run).count(NO_TIME) == 1
    assert run.state.ended.reason.startswith("The search was cut short to end in time")
    assert not wants_no_more(run.state)


def test_so_does_one_whose_step_was_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(Workbench, "allows", lambda self, seconds: seconds != plan.SEARCH.least_s)
    run = fit(tmp_path, search="k=3..9")
    assert said(run).count(NO_TIME) == 1
    assert NO_TIME not in said(fit(tmp_path))


def test_a_step_that_could_not_be_begun_else_gets_what_was_kept(left, tmp_path, monkeypatch):
    step = next(stage for stage in plan.PLAN if stage.name == "cheap models")
    monkeypatch.setattr(
        plan, "PLAN", tuple(replace(s, least_s=500.0) if s is step else s for s in plan.PLAN)
    )
    fit(tmp_path, search="k=3..9", trials=2)
    assert max(left["baselines"]) <= 450
    assert min(left["cheap models"]) > 500
