"""Runs that are searched by an Optuna sampler which a person brings."""

import threading

import pytest
from optuna.samplers import CmaEsSampler, RandomSampler
from sklearn.base import clone

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.endings import wants_no_more
from automl_nb.core.errors import AutoMLError, RunError
from automl_nb.estimator import AutoMLClassifier
from automl_nb.pipeline.asked import settings_of
from automl_nb.pipeline.search_objectives import asked_objectives
from tests.support import frames
from tests.support.scripted_tuner import tuned_by
from tests.support.steered import Steered

OPTIONS = {"strategies": "logistic,knn", "search": "auto", "trials": 10}


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch):
    """What earlier runs on the same rows left would start these searches elsewhere."""
    monkeypatch.setenv("AUTOML_NB_MEMORY", "off")


def fit(root, searcher, **changed):
    options = {**OPTIONS, **changed}
    return automl_nb.fit(
        frames.table(), "cultivar", run_dir=root, time=600, searcher=searcher, **options
    )


def told(run):
    return [(e.number, e.config) for e in run.events if isinstance(e, ev.SearchTold)]


def said(run):
    return [(m.level, m.text) for m in run.state.messages]


def test_it_searches_and_the_same_call_goes_on_with_it(tmp_path):
    whole = fit(tmp_path / "whole", CmaEsSampler(seed=1))
    assert whole.status == "finished"
    assert whole.state.settings["searcher"] == "CmaEsSampler()"
    note = next(stage.note for stage in whole.state.stages if stage.name == "search")
    assert note.startswith("10 trials by CmaEsSampler")
    steered = Steered(
        frames.table(),
        "cultivar",
        tmp_path,
        lambda event: isinstance(event, ev.SearchTold) and event.number == 6,
        lambda run: run.stop(),
        searcher=CmaEsSampler(seed=1),
        **OPTIONS,
    )
    left = steered.run.wait()
    assert left.status == "stopped"
    for brought in ({}, {"searcher": RandomSampler(seed=1)}):
        with pytest.raises(RunError, match=r"searched by CmaEsSampler\(\).*Call fit as before"):
            automl_nb.resume(left.folder, frames.table(), **brought)
    more = automl_nb.resume(left.folder, frames.table(), searcher=CmaEsSampler(seed=1)).wait()
    assert more.folder == left.folder
    assert told(more) == told(whole)  # the rest is what it would have proposed
    with pytest.raises(RunError, match="has more time now"):
        automl_nb.resume(more.folder, frames.table(), searcher=CmaEsSampler(seed=1))


def test_another_sampler_is_another_setting(tmp_path):
    steered = Steered(
        frames.table(),
        "cultivar",
        tmp_path,
        lambda event: isinstance(event, ev.SearchTold) and event.number == 2,
        lambda run: run.stop(),
        searcher=CmaEsSampler(seed=1),
        **OPTIONS,
    )
    left = steered.run.wait()
    other = fit(tmp_path, RandomSampler(seed=1))
    assert other.folder != left.folder
    assert any("searcher: CmaEsSampler(), now RandomSampler()" in text for _, text in said(other))
    with pytest.raises(RunError, match="not by"):
        automl_nb.resume(left.folder, frames.table(), searcher=RandomSampler(seed=1))


class Tired(RandomSampler):
    asked = 0

    def sample_independent(self, *args):
        self.asked += 1
        if self.asked > 2:
            raise RuntimeError("no idea")
        return super().sample_independent(*args)


def test_one_that_raises_is_told_and_the_run_goes_on(tmp_path):
    run = fit(tmp_path, Tired(seed=0))
    assert run.status == "finished"
    fault = "Tired failed: RuntimeError: no idea. The run goes on with what was found by then."
    assert said(run).count(("warning", fault)) == 1
    assert run.state.ended.reason == (
        "A step of the plan broke off: Tired failed: RuntimeError: no idea."
    )
    assert not wants_no_more(run.state)
    assert run.leaderboard["model"].str.contains("searched").any()


def test_it_searches_how_networks_are_tuned(tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    run = automl_nb.fit(
        frames.texts(100), "library", run_dir=tmp_path, time=600, strategies="finetune",
        backbones="minilm-l3", search="lr=1e-6..1e-1", trials=3, fresh=True,
        searcher=RandomSampler(seed=1),
    )  # fmt: skip
    assert len(told(run)) == 3
    assert "3 trials by RandomSampler under none" in run.state.stages[-2].note


def test_it_follows_the_loss_alone_and_that_is_said():
    settings = settings_of("y", {"prefer": "small", "searcher": CmaEsSampler(seed=1)})
    objectives = asked_objectives(settings)
    assert objectives.directions == ("minimize",)
    assert objectives.said.startswith("CmaEsSampler() follows one objective")


def test_an_estimator_takes_one_and_is_cloned_with_it():
    data = frames.table()
    X, y = data.drop(columns="cultivar"), data["cultivar"]
    model = clone(
        AutoMLClassifier(
            time=600, strategies="knn", search="k=1..30", trials=4, searcher=RandomSampler(seed=0)
        )
    ).fit(X, y)
    assert model.leaderboard_["model"].str.contains("searched").any()


class Locked(RandomSampler):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


@pytest.mark.parametrize(
    ("searcher", "match"),
    [
        (CmaEsSampler, r"instance of optuna\.samplers\.BaseSampler"),
        (lambda seed: RandomSampler(seed=seed), r"instance of optuna\.samplers\.BaseSampler"),
        (Locked(), "possible to copy it.*Locked"),
        ("CmaEsSampler", r"optuna\.samplers\.CmaEsSampler\(seed=1\)"),
        ("CmaEsSampler(seed=1)", "given as text is a name"),
        ("randm", "Did you mean 'random'"),
    ],
    ids=["class", "factory", "locked", "class-name", "written", "misspelt"],
)
def test_what_is_no_searcher_is_said_before_any_work(searcher, match, tmp_path):
    with pytest.raises(AutoMLError, match=match):
        fit(tmp_path, searcher)
    assert not list(tmp_path.iterdir())
