"""How networks are tuned is searched where that is asked for, and hopeless trials end early."""

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import automl_nb
from automl_nb.control.schedulers.asha import Asha
from automl_nb.core import events as ev
from automl_nb.core.errors import AutoMLError
from automl_nb.core.settings import FitSettings
from automl_nb.core.trials import TooSlow
from automl_nb.pipeline.asked_search import heads_part, networks_part
from automl_nb.pipeline.network_plan import NetworkPlan
from automl_nb.pipeline.tuned_space import tuned_space, usual_configuration
from automl_nb.transfer.finetune import FineTune
from tests.support import frames
from tests.support.scripted_tuner import STEPS, best_at, tuned_by
from tests.support.steered import Steered

OPTIONS = {
    "strategies": "finetune",
    "backbones": "minilm-l3",
    "search": "lr=1e-6..1e-1,epochs=2..4",
    "searcher": "random",
    "trials": 6,
    "seed": 1,
}
# What other tests here have trained is found by nobody with another seed.
LEFT, KILLED = {**OPTIONS, "seed": 2}, {**OPTIONS, "seed": 3}
REAL = {
    **OPTIONS,
    "search": "lr=1e-6..1e-1,epochs=1..2",
    "params": {"max_length": 16},
    "trials": 4,
    "scheduler": "asha",
    "seed": 2,
}


def texts(n=100):
    return frames.texts(n).assign(text=lambda rows: rows["text"].str[:60])


def fit(root, **changed):
    options = {**OPTIONS, "fresh": True, **changed}
    return automl_nb.fit(texts(), "library", run_dir=root, time=600, **options)


def told_of(run):
    return [e for e in run.events if isinstance(e, ev.SearchTold) and e.search == "networks"]


def started(run):
    return [e.trial for e in run.events if isinstance(e, ev.TrialStarted) and "#" in e.trial]


def said(run):
    return [message.text for message in run.state.messages]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Real networks."""
    root = tmp_path_factory.mktemp("runs")
    return automl_nb.fit(texts(), "library", run_dir=root, time=600, fresh=True, **REAL)


def test_each_proposal_is_a_training_and_the_best_is_a_model_as_it_is(run):
    told = told_of(run)
    assert [one.number for one in told] == [0, 1, 2, 3]
    assert len(started(run)) == 4  # none is trained again
    best = min((one for one in told if one.state == "done"), key=lambda one: one.value)
    name = f"minilm-l3(text): fine-tuned #{best.number + 1}"
    rows = {row.model: row for row in run.state.leaderboard}
    assert rows[name].note.startswith("epochs=")
    assert run.model.predict(texts(5)[["text"]]).shape == (5,)
    assert f"Trial 3 of 4: minilm-l3(text): fine-tuned, {settings(told[2])}." in said(run)
    assert "Best: minilm-l3(text): fine-tuned #" in run.state.stages[-2].note


def test_the_space_that_is_shown_is_what_the_trials_vary(run):
    shown = automl_nb.space("finetune", REAL["search"])
    for one in told_of(run):
        varied = {name for name in one.config if name != "model"}
        assert varied == {f"finetune.{name}" for name in shown.names()}
        assert all(shown[name].holds(one.config[f"finetune.{name}"]) for name in shown.names())


@pytest.mark.parametrize(("searcher", "given"), [("random", 0), ("tpe", 1)])
def test_chance_has_no_start_that_others_have(searcher, given, tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    run = fit(tmp_path, searcher=searcher, trials=3)
    assert [one.given for one in told_of(run)] == [True] * given + [False] * (3 - given)


def settings(told):
    return ", ".join(f"{name}={told.config[f'finetune.{name}']:.6g}" for name in ("epochs", "lr"))


def test_a_scheduler_that_is_told_the_journals_reports_ends_the_same_trials(run):
    asha = Asha(direction="minimize")
    told = told_of(run)
    assert {one.state for one in told} == {"done", "pruned"}
    for one in told:
        answers = [asha.heard(str(one.number), *report).value for report in one.reports]
        assert ("stop" in answers) == (one.state == "pruned")
        assert "stop" not in answers[:-1]
        if one.state == "pruned":
            assert one.value == one.reports[-1][1]
            curve = run.state.curves[f"minilm-l3(text): fine-tuned #{one.number + 1}"]
            assert (curve.status, curve.metrics["loss"][-1]) == ("pruned", one.value)


def test_a_stopped_search_goes_on_with_the_trial_at_work(tmp_path, monkeypatch):
    def midway(event):
        return isinstance(event, ev.TrialReported) and event.trial.endswith("#4")

    taken, options = tuned_by(monkeypatch), {**LEFT, "trials": 8, "scheduler": "asha"}
    left = Steered(
        texts(), "library", tmp_path, midway, lambda run: run.stop(), **options
    ).run.wait()
    assert left.status == "stopped"
    assert [one.number for one in told_of(left)] == [0, 1, 2]
    assert left.model is not None
    again = fit(tmp_path, **options, fresh=False)
    assert again.folder == left.folder
    assert "minilm-l3(text): fine-tuned #4 goes on from its last checkpoint." in said(again)
    since = again.events[len(left.events) :]
    found = [e.trial for e in since if isinstance(e, ev.TrialEnded) and e.reused]
    assert any("#" in trial for trial in found)  # the best network of before
    trained = [steps for _, steps in taken]
    taken.clear()
    whole = fit(tmp_path, **options)
    assert [untimed(one) for one in told_of(again)] == [untimed(one) for one in told_of(whole)]
    # The fourth came twice; none of the others was trained again.
    assert trained[:3] + trained[4:] == [steps for _, steps in taken]


SCRIPT = """
import sys
import time
import automl_nb
import pytest
from automl_nb.core import events as ev
from tests.pipeline.test_tuned_search import KILLED, texts
from tests.support.scripted_tuner import tuned_by

def on_event(event):
    if isinstance(event, ev.TrialReported) and event.trial.endswith("#3") and event.resource == 1:
        print("now", flush=True)
        time.sleep(600)

tuned_by(pytest.MonkeyPatch())
automl_nb.fit(texts(), "library", run_dir=sys.argv[1], time=600, on_event=on_event, **KILLED)
"""


@pytest.mark.thorough
def test_a_killed_search_goes_on_with_the_trial_at_work(tmp_path, monkeypatch):
    root = Path(automl_nb.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.communicate()
    taken = tuned_by(monkeypatch)
    again = fit(tmp_path, **KILLED, fresh=False)
    assert [one.number for one in told_of(again)] == list(range(OPTIONS["trials"]))
    assert len(taken) == OPTIONS["trials"] - 2  # the first two are found, not trained
    whole = fit(tmp_path, **KILLED)
    assert [untimed(one) for one in told_of(again)] == [untimed(one) for one in told_of(whole)]
    assert again.state.ended.score == whole.state.ended.score


def untimed(told):
    return replace(told, t=0.0, seconds=0.0, least_s=0.0)


def test_hopeless_trials_cost_less_and_the_best_is_found(tmp_path, monkeypatch):
    taken = tuned_by(monkeypatch)
    runs = {name: fit(tmp_path / name, scheduler=name, trials=12) for name in ("none", "asha")}
    losses = {name: [one.value for one in told_of(run)] for name, run in runs.items()}
    assert [steps for _, steps in taken[:12]] == [STEPS] * 12
    assert sum(steps for _, steps in taken[12:]) < 0.6 * 12 * STEPS
    assert min(losses["asha"]) == pytest.approx(min(losses["none"]), abs=1e-3)
    configs = [[config["lr"] for config, _ in half] for half in (taken[:12], taken[12:])]
    assert configs[0] == configs[1]  # random search heeds no values


@pytest.mark.parametrize(("trials", "name"), [(4, "none"), (6, "asha")])
def test_the_scheduler_is_chosen_by_the_trials_that_there_may_be(
    trials, name, tmp_path, monkeypatch
):
    tuned_by(monkeypatch)
    run = fit(tmp_path, trials=trials)
    assert any(text.startswith(f"Scheduler {name}: ") for text in said(run))
    pruned = [one for one in told_of(run) if one.state == "pruned"]
    assert bool(pruned) == (name == "asha")


def test_a_trial_that_raises_or_is_no_number_costs_itself_alone(tmp_path, monkeypatch):
    def curve(config, share):
        if config["lr"] > 2e-3:
            raise RuntimeError("a fault")
        return math.nan if config["lr"] < 1e-4 else best_at(1e-3)(config, share)

    tuned_by(monkeypatch, curve)
    run = fit(tmp_path, trials=12)
    told = told_of(run)
    rates = np.array([one.config["finetune.lr"] for one in told])
    bad = (rates > 2e-3) | (rates < 1e-4)
    assert 0 < bad.sum() < 12
    assert [one.state == "failed" for one in told] == bad.tolist()
    assert run.status == "finished"
    assert any("failed and is left out (RuntimeError: a fault)" in text for text in said(run))


def test_a_trial_that_is_skipped_by_hand_is_no_whole_one(tmp_path, monkeypatch):
    def third(event):
        return isinstance(event, ev.TrialReported) and event.trial.endswith("#3")

    tuned_by(monkeypatch)
    run = Steered(
        texts(),
        "library",
        tmp_path,
        third,
        lambda run: run.skip(),
        **{**OPTIONS, "trials": 4},
        fresh=True,
    ).run.wait()
    assert [one.state for one in told_of(run)] == ["done", "done", "pruned", "done"]


def test_where_a_share_of_the_time_is_too_little_one_network_gets_all_of_it(tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    train, left = FineTune.train, []

    def patient(self, context, inputs, config):
        left.append(context.deadline.left)
        if context.deadline.left < 300:
            raise TooSlow(300.0, context.deadline.left)
        return (yield from train(self, context, inputs, config))

    monkeypatch.setattr(FineTune, "train", patient)
    run = fit(tmp_path, trials=5)
    assert left[0] == pytest.approx(150, rel=0.1)
    assert left[1] > 500
    assert told_of(run)[0].state == "done"
    assert "minilm-l3(text): fine-tuned #1" in {row.model for row in run.state.leaderboard}
    # One that lacked time says how much it takes, and the next is given that.
    states = [one.state for one in told_of(run)]
    assert states == ["done", "failed", "done", "failed", "done"]
    assert left[3] > 300


def test_what_cannot_end_in_time_is_begun_once_and_never_again(tmp_path, monkeypatch):
    def slow(self, context, inputs, config):
        raise TooSlow(10_000.0, context.deadline.left)
        yield

    monkeypatch.setattr(FineTune, "train", slow)
    run = fit(tmp_path, trials=20)

    def begun(run):
        events = [e for e in run.events if isinstance(e, ev.TrialStarted)]
        return [e.trial for e in events if e.strategy == "finetune"]

    assert begun(run) == ["minilm-l3(text): fine-tuned #1"]
    none = "The search found no network: The time is over: no further trial would end in it."
    assert none in said(run)
    options = {**OPTIONS, "trials": 20}
    again = automl_nb.fit(texts(), "library", run_dir=tmp_path, time=700, **options)
    assert again.folder == run.folder
    assert begun(again) == begun(run)  # the first process has told the next one


def test_a_search_whose_trials_all_break_ends(tmp_path, monkeypatch):
    def broken(self, context, inputs, config):
        raise RuntimeError("a tensor of the wrong shape")
        yield

    monkeypatch.setattr(FineTune, "train", broken)
    run = fit(tmp_path, trials=1000)
    assert any("5 trials in a row came to nothing" in text for text in said(run))


def test_a_trial_that_the_time_cut_short_is_told_so(tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    train = FineTune.train

    def pressed(self, context, inputs, config):
        made = yield from train(self, context, inputs, config)
        context.deadline.pressed = True
        return made

    monkeypatch.setattr(FineTune, "train", pressed)
    run = fit(tmp_path, search="lr=1e-6..1e-1,epochs=20..30", trials=1)
    told = next(stage.note for stage in run.state.stages if stage.name == "fine-tuning")
    assert "1 trial by random under none, 1 of them cut short by the time." in told


def test_searches_of_heads_and_of_networks_are_kept_apart(tmp_path, monkeypatch):
    tuned_by(monkeypatch)
    run = fit(
        tmp_path,
        strategies=["svm", "finetune"],
        search="C=0.1..10,lr=1e-4..1e-2",
        trials=2,
    )
    told = [(one.search, one.number) for one in run.state.searched]
    assert told == [(search, n) for search in ("heads", "networks") for n in range(2)]
    names = {name for one in told_of(run) for name in one.config}
    assert names == {"model", "finetune.lr"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scheduler": "ashe"}, "asha"),
        ({"scheduler": "asha", "search": "", "searcher": "", "trials": 0}, "scheduler"),
        ({"scheduler": "asha", "strategies": "svm", "search": "C=1..2"}, "scheduler"),
        ({"search": "lr=1e-3..1e-5"}, "lr"),
        ({"search": "lr=0..1"}, "lr"),
        ({"search": "epoch=1..5"}, "epochs"),
        ({"search": "lr=1e-5..1e-3", "strategies": "svm"}, "lr"),
        ({"params": {"lr": 1e-4}}, "either given or searched"),
        ({"search": "loss=focal|poly", "loss": "focal"}, "either given or searched"),
    ],
    ids=str,
)
def test_what_cannot_be_searched_is_said_before_any_work(options, told, tmp_path):
    with pytest.raises(AutoMLError, match=told):
        fit(tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_scheduler_without_networks_to_tune_is_refused(tmp_path):
    with pytest.raises(AutoMLError, match="scheduler is for networks"):
        automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, trials=3, scheduler="asha")


def test_the_ranges_go_to_those_who_know_them():
    def parts(**options):
        settings = FitSettings("y", **options)
        return heads_part(settings), networks_part(settings)

    assert parts(search="C=1..2,lr=1e-5..1e-4") == ("C=1..2", {"lr": "1e-5..1e-4"})
    assert parts(search="finetune.lr=1e-4") == (None, {"finetune.lr": "1e-4"})
    assert parts(search="C=1..2") == ("C=1..2", None)
    assert parts(search="auto") == ("", {})
    assert parts(trials=9, strategies=("svm",)) == ("", None)
    assert parts() == (None, None)


def test_one_space_over_several_networks_begins_with_their_usual_settings():
    plans = [
        NetworkPlan("finetune", "text", "minilm-l6", "text"),
        NetworkPlan("finetune", "photo", "efficientnet-lite0", "image"),
        NetworkPlan("l2-sp", "text", "minilm-l6", "text"),
    ]
    usual = {
        plan.label: {"lr": 2e-4 if plan.modality == "image" else 1e-4, "epochs": 6.0}
        for plan in plans
    }
    space = tuned_space(plans, FitSettings("y", search="auto"), usual)
    assert space["finetune.lr"].searched == pytest.approx((1e-5, 2e-3))
    assert space["l2-sp.alpha"].searched == pytest.approx((1e-3, 0.1))
    first = [usual_configuration(plan, space, usual[plan.label]) for plan in plans]
    assert [one.get("finetune.lr") for one in first] == [1e-4, 2e-4, None]
    assert all(space.holds(one) for one in first)
    narrow = tuned_space(
        plans,
        FitSettings("y", search="lr=1e-6..5e-5,l2-sp.beta=0.5", strategies=("finetune", "l2-sp")),
        usual,
    )
    assert set(narrow.names()) == {"model", "finetune.lr", "l2-sp.lr", "l2-sp.beta"}
    assert usual_configuration(plans[0], narrow, usual[plans[0].label])["finetune.lr"] == 5e-5
