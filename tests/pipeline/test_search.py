"""Settings are searched where that is asked for, with what is known of the run so far."""

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.control.settled import Settled
from automl_nb.core import events as ev
from automl_nb.core.errors import AutoMLError, SettingError, UnknownNameError
from automl_nb.core.types import Task, TaskKind
from automl_nb.pipeline.finalists import identity
from automl_nb.pipeline.search_space import MODEL, Searched, joint_space, settings_of
from automl_nb.pipeline.stages.search import _Search
from automl_nb.pipeline.trial_means import TrialMeans
from tests.support import frames
from tests.support.steered import Steered

QUICK = {"time": 600, "strategies": ["logistic", "knn", "kernel"], "trials": 12}
MODELS = [
    Searched("svm", ("tfidf-word(text)",)),
    Searched("knn", ("frozen-text(text, minilm-l6)",)),
]


def searched(run):
    return [e for e in run.events if isinstance(e, ev.TrialStarted) and " #" in e.trial]


@pytest.fixture(scope="module", autouse=True)
def _no_memory():
    """What earlier runs on the same rows left would start these searches elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_MEMORY", "off")
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path_factory.mktemp("runs"), seed=3, **QUICK
    )


def test_as_many_trials_as_were_asked_for_and_the_best_are_models(run):
    trials = [e for e in searched(run) if "searched" not in e.trial]
    assert len(trials) == 12
    assert len({str(sorted(e.config.items())) for e in trials}) > 6
    step = next(stage for stage in run.state.stages if stage.name == "search")
    assert step.outcome == "done"
    assert "12 trials" in step.note
    assert run.leaderboard["model"].str.contains("searched").sum() == 3


def test_each_strategy_has_a_finalist_and_none_repeats_a_model(run):
    """Unlike the best three by their loss, of which all might be of one strategy."""
    finalists = [e for e in searched(run) if "searched" in e.trial]
    assert {e.strategy for e in finalists} == {"logistic", "knn", "kernel"}
    started = [e for e in run.events if isinstance(e, ev.TrialStarted) and " #" not in e.trial]
    rows = {row.model: row for row in run.state.leaderboard}
    task = Task(TaskKind.MULTICLASS, "cultivar", ("a", "b", "c"))
    made = [
        identity(e.strategy, e.inputs, rows[e.trial].recipe.members[0].config, task)
        for e in [*started, *finalists]
    ]
    assert len(made) == len({*made})


def test_further_rounds_of_finalists_follow_while_they_help(tmp_path):
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic"],
        metric="log_loss", search="C=0.01..1000", trials=8, searcher="random",
    )  # fmt: skip
    tried = [row.note for row in run.state.leaderboard if row.strategy == "logistic"]
    assert len(tried) > 4  # the plan's own, and a round of three
    assert len({*tried}) == len(tried)


def test_a_finalist_that_would_not_end_in_time_is_not_begun(monkeypatch, tmp_path):
    train = _Search.train_finalists

    def with_hardly_any_time(self, trials, front):
        self.bench.deadline.extend(1e-3 - self.bench.left)
        return train(self, trials, front)

    monkeypatch.setattr(_Search, "train_finalists", with_hardly_any_time)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["knn"],
        search="k=3..9", trials=4,
    )  # fmt: skip
    assert run.status == "finished"
    assert [e.trial for e in searched(run) if "searched" in e.trial] == []
    assert run.state.ended.reason.startswith("There was no time for tabular-linear: knn, searched")


def test_nothing_begins_after_the_time_however_long_it_took_to_get_ready(monkeypatch, tmp_path):
    """As where a library has to be imported first."""
    prepared = TrialMeans.prepared

    def slowly(self, strategy, inputs, name, share):
        found = prepared(self, strategy, inputs, name, share)
        if name.endswith(" #2"):
            self._bench.deadline.extend(-self._bench.deadline.left)
        return found

    monkeypatch.setattr(TrialMeans, "prepared", slowly)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["knn"],
        search="k=3..9", trials=6,
    )  # fmt: skip
    assert run.status == "finished"
    assert [e.trial.partition("#")[2] for e in searched(run)] == ["0", "1"]


def test_a_search_ends_where_all_rows_are_right_already(tmp_path):
    rng = np.random.default_rng(0)
    classes = np.arange(120) % 3
    frame = pd.DataFrame({"x": 10.0 * classes + rng.normal(size=120), "y": classes.astype(str)})
    run = automl_nb.fit(
        frame, "y", run_dir=tmp_path, time=600, strategies=["logistic", "knn"], searcher="random"
    )
    said = [m.text for m in run.state.messages if "all rows held out are right" in m.text]
    note = next(stage.note for stage in run.state.stages if stage.name == "search")
    assert len(said) == 1
    assert said[0] in note
    assert not any("had no time" in m.text for m in run.state.messages)


def test_a_random_search_ends_by_itself_and_says_why(tmp_path):
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic"],
        searcher="random",
    )  # fmt: skip
    note = next(stage.note for stage in run.state.stages if stage.name == "search")
    assert "More trials can't change the winner" in note


def test_the_same_seed_searches_the_same(run, tmp_path):
    again = automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, seed=3, fresh=True, **QUICK)
    first, second = ([(e.trial, e.config) for e in searched(r)] for r in (run, again))
    assert first == second
    assert run.state.ended.score == again.state.ended.score


def test_a_search_that_was_stopped_goes_on_where_it_was(run, tmp_path):
    def at_five(event):
        return isinstance(event, ev.SearchTold) and event.number == 5

    steered = Steered(
        frames.table(), "cultivar", tmp_path, at_five, lambda r: r.stop(), seed=3,
        **{k: v for k, v in QUICK.items() if k != "time"},
    )  # fmt: skip
    stopped = steered.run.wait()
    assert stopped.status == "stopped"
    more = automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, seed=3, **QUICK)
    assert more.folder == stopped.folder
    told = [e for e in more.events if isinstance(e, ev.SearchTold)]
    undisturbed = [e for e in run.events if isinstance(e, ev.SearchTold)]
    assert [e.number for e in told] == list(range(12))  # none was made twice
    assert [e.config for e in told] == [e.config for e in undisturbed]
    assert [e.value for e in told] == pytest.approx([e.value for e in undisturbed])
    assert more.state.ended.score == run.state.ended.score


def test_nothing_is_searched_unless_it_is_asked_for(table_run):
    assert "search" not in [stage.name for stage in table_run.state.stages]
    assert not searched(table_run)


def test_a_range_is_kept_to(tmp_path):
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic", "knn"],
        search="k=3..7,C=0.5", trials=10, searcher="random",
    )  # fmt: skip
    configs = [e.config for e in searched(run)]
    assert {c["k"] for c in configs if "k" in c} <= set(range(3, 8))
    assert {c["C"] for c in configs if "C" in c} <= {0.5}


def test_models_whose_settings_are_named_are_searched_before_better_ones(tmp_path, monkeypatch):
    monkeypatch.setattr("automl_nb.pipeline.stages.search._MODELS", 1)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic", "knn"],
        search="k=3..7", trials=3,
    )  # fmt: skip
    assert run.state.incumbent.model != "tabular-linear: knn"  # logistic is better
    assert {"knn" in e.trial for e in searched(run)} == {True}


def test_a_range_of_a_model_that_was_not_trained_costs_itself_alone(tmp_path, monkeypatch):
    """As where the time was too short for it: what else was named is searched."""
    monkeypatch.setattr("automl_nb.pipeline.stages.search._MODELS", 1)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic", "knn"],
        search="k=3..7,C=0.1..10", trials=3,
    )  # fmt: skip
    assert run.status == "finished"
    assert len(searched(run)) >= 3
    assert any("no model that was trained has it: k." in m.text for m in run.state.messages)


def test_a_grid_ends_when_it_was_tried_whole(tmp_path):
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["knn"],
        search="k=3..5", searcher="grid",
    )  # fmt: skip
    note = next(stage.note for stage in run.state.stages if stage.name == "search")
    assert "All 3 settings of the space were tried." in note


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"search": "k=7..3"}, "Write knn.k=3..7"),
        ({"search": "k=3.."}, "two ends, from 1 to 200"),
        ({"search": "k=0..3"}, "whole number from 1"),
        ({"search": "C=0..1"}, "svm.C must be a number from 0.001"),
        ({"search": "kk=1..3"}, "Did you mean 'k'"),
        ({"search": "C=1..2", "strategies": ["knn"]}, "belongs to strategies='svm'"),
        ({"search": "lora.r=2..8"}, "belongs to strategies='lora'"),
        ({"params": {"k": 5}, "strategies": "logistic,knn"}, "Say search='k=5'.*such as knn"),
        ({"strategies": "logistic,svn"}, "Did you mean 'svm'"),
        ({"search": "k"}, "takes pairs"),
        ({"searcher": "randm"}, "random"),
        ({"trials": -1}, "trials"),
        ({"trials": 1.5}, "trials"),
        ({"patience": "soon"}, "time"),
        ({"memory": "4"}, "size"),
        ({"memory": "much"}, "size"),
        ({"search": 5}, "text"),
    ],
    ids=str,
)
def test_what_cannot_be_searched_is_said_before_any_work(options, told, tmp_path):
    with pytest.raises(AutoMLError, match=told):
        automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_one_space_over_several_models():
    space = joint_space(MODELS)
    assert space.names() == (MODEL, "svm.C", "knn.k")
    chosen = space.configuration({MODEL: MODELS[1].label, "knn.k": 7})
    assert settings_of(chosen) == {"k": 7}
    assert joint_space(MODELS, "k=3..9,svm.C=1")["knn.k"].searched == (3, 9)
    with pytest.raises(UnknownNameError, match=r"knn\.k"):
        joint_space(MODELS, "knn.kk=3")
    with pytest.raises(SettingError):
        joint_space(MODELS, "k=9..3")


def test_a_search_whose_winner_cannot_change_says_so_at_its_end(monkeypatch, tmp_path):
    why = "More trials can't change the winner: it is settled."
    monkeypatch.setattr(Settled, "why", lambda self, left_s: why)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["knn"],
        searcher="random",
    )  # fmt: skip
    stage = next(stage for stage in run.state.stages if stage.name == "search")
    assert why in stage.note
    assert [m.text for m in run.state.messages].count(why) == 1
