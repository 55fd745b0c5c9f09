"""A fast or a small model takes the best one's place only where it is as good, and that is said."""

from dataclasses import replace

import numpy as np
import pytest

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.errors import AutoMLError
from automl_nb.core.settings import FitSettings
from automl_nb.core.show import text
from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.pipeline.bundle import bundle_size
from automl_nb.pipeline.champion import Judge, alone, choose_champion
from automl_nb.pipeline.preferred import TOLERANCE, Offer, as_good, choose, sentence
from automl_nb.pipeline.search_objectives import asked_objectives, spread
from automl_nb.pipeline.vault import best_in
from automl_nb.search.tried import State, Tried
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.prior import Constant
from tests.support import frames
from tests.support.steered import Steered

N = 4000
Y = np.random.default_rng(0).integers(0, 2, N)
BINARY = Task(TaskKind.BINARY, "y", ("a", "b"))
JUDGE = Judge(Y, BINARY, Objective("accuracy"))
HARD = np.random.default_rng(1).random(N)  # which rows most models get wrong
HEADS = {"time": 600, "strategies": ["logistic", "knn", "kernel"], "seed": 3}


def model(name, right, *, flipped=0, strategy="ridge"):
    """Right in a share of the rows, the same hard ones wrong; some more are turned around."""
    said = np.where(right > HARD, Y, 1 - Y)
    said[:flipped] = 1 - said[:flipped]
    oof = np.full((N, 2), 0.2)
    oof[np.arange(N), said] = 0.8
    return Candidate(name, strategy, (), Constant(np.array([0.5, 0.5])), oof, 0.1)


def offer(candidate, best=None, *, ms=1.0, size=1000):
    judged = choose_champion([candidate], JUDGE)
    return Offer(judged if best is None else alone(candidate, JUDGE, best.made), ms, size)


BEST = offer(model("best", 0.9), ms=10.0, size=140_000_000)


def chosen(preference, *others):
    return choose(preference, [BEST, *others], JUDGE).made.name


def test_the_cheapest_that_is_as_good_is_chosen_by_the_cost_that_counts():
    near = offer(model("near", 0.897), BEST, ms=2.0, size=9_000_000)
    alike = offer(model("alike", 0.899), BEST, ms=5.0, size=3_000_000)
    worse = offer(model("worse", 0.85), BEST, ms=0.1, size=1000)
    assert chosen("fast", near, alike, worse) == "near"
    assert chosen("small", near, alike, worse) == "alike"
    assert chosen("small", worse) == "best"


def test_what_is_dearer_or_of_unknown_cost_is_never_preferred():
    assert chosen("fast", offer(model("dear", 0.9), BEST, ms=11.0)) == "best"
    assert chosen("small", offer(model("unknown", 0.9), BEST, size=0)) == "best"
    unknown = replace(BEST, size_bytes=0)
    assert choose("small", [unknown, offer(model("other", 0.9), BEST)], JUDGE) is unknown


def test_worse_beyond_the_tolerance_counts_as_good_only_within_noise():
    noisy = Y.copy()[:60]
    few = Judge(noisy, BINARY, Objective("accuracy"))
    said = [np.eye(2)[noisy] * 0.6 + 0.2 for _ in range(2)]
    for number, wrong in enumerate((slice(0, 8), slice(5, 14))):  # 8 and 9 wrong, mostly others
        said[number][wrong] = said[number][wrong][:, ::-1]
    made = [
        Candidate(f"c{i}", "ridge", (), Constant(np.ones(2)), s, 0.1) for i, s in enumerate(said)
    ]
    best = choose_champion(made[:1], few)
    other = alone(made[1], few, best)
    assert best.score.value - other.score.value > TOLERANCE * best.score.value
    assert as_good(other, best, few)
    # The same share on many rows is no noise.
    assert not as_good(offer(model("worse", 0.885), BEST).made, BEST.made, JUDGE)


def test_models_of_different_rows_are_not_compared():
    part = model("part", 0.9)
    part.oof[: N // 2] = np.nan
    rest = model("rest", 0.9)
    rest.oof[N // 2 :] = np.nan
    made = [choose_champion([one], JUDGE) for one in (part, rest)]
    assert not as_good(made[0], made[1], JUDGE)


def test_of_very_few_rows_the_tuned_network_stays():
    few = Offer(replace(BEST.made, of_few=True), 10.0, 10**8)
    assert choose("fast", [few, offer(model("near", 0.9), BEST, ms=1.0)], JUDGE) is few


def test_what_was_given_up_and_gained_is_one_sentence():
    other = offer(model("table: ridge", 0.9, flipped=16), BEST, ms=0.8, size=3_000_000)
    told = sentence("fast", other, BEST, JUDGE.objective)
    lost = 100 * (BEST.made.score.value - other.made.score.value)
    assert f"{lost:.2g} points of accuracy less than the best (best), but 12 times as fast" in told
    assert "3.0 MB instead of 140.0 MB on disk" in told
    small = sentence(
        "small", replace(other, made=replace(BEST.made, name="b")), BEST, Objective("accuracy")
    )
    assert "the same accuracy as the best (best), and 47 times smaller: 3.0 MB" in small
    assert "so that is kept" in sentence("small", BEST, BEST, JUDGE.objective)


@pytest.fixture(scope="module", autouse=True)
def _no_memory():
    """What earlier runs on the same rows left would start these searches elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_MEMORY", "off")
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return automl_nb.fit(
        frames.table(), "cultivar", run_dir=folder, prefer="small", trials=25, **HEADS
    )


def test_the_preferred_model_is_the_run_s(run):
    told = run.state.preferred
    board = run.leaderboard.set_index("model")
    assert told.model != told.best
    assert board.loc[told.model, "size_mb"] < board.loc[told.best, "size_mb"]
    assert [m.name for m in run.model.members] == [told.model]
    assert run.model.facts["preferred"] == told.why
    assert told.why in [message.text for message in run.state.messages]
    assert told.why.rstrip(".") in repr(run)
    assert told.why in text(run.state)
    assert run.state.ended.model == told.model
    assert run.state.ended.score == run.model.facts["score"] == told.score
    assert run.scorecard.size_bytes == bundle_size(best_in(run.folder))
    again = automl_nb.open_run(run.folder)
    assert again.state.preferred == told
    assert again.state.incumbent.model == told.model
    rows = frames.table().head(20)
    assert (automl_nb.load(run.folder).predict(rows) == run.model.predict(rows)).all()


def test_the_best_was_kept_until_the_preferred_one_was_chosen(run):
    kinds = [type(e) for e in run.events if isinstance(e, ev.IncumbentImproved | ev.ModelPreferred)]
    assert kinds.index(ev.ModelPreferred) == len(kinds) - 1 >= 1
    assert kinds.count(ev.ModelPreferred) == 1
    scores = [step.score for step in run.state.incumbents]
    assert scores == sorted(scores)


def test_two_objectives_are_searched_for(run):
    told = [e for e in run.events if isinstance(e, ev.SearchTold)]
    assert len(told) == 25
    done = [e for e in told if e.state == "done"]
    costs = {e.config["model"]: e.cost for e in done}
    assert all(e.cost == costs[e.config["model"]] > 0 for e in done)
    assert len(set(costs.values())) > 1
    note = next(stage.note for stage in run.state.stages if stage.name == "search")
    assert "by nsga2" in note
    assert "on the front of loss and bytes on disk" in note


def test_a_run_that_was_stopped_goes_on_with_both_objectives_and_prefers_then(run, tmp_path):
    def at_five(event):
        return isinstance(event, ev.SearchTold) and event.number == 5

    asked = {key: value for key, value in HEADS.items() if key != "time"}
    stopped = Steered(
        frames.table(), "cultivar", tmp_path, at_five, lambda r: r.stop(),
        prefer="small", trials=25, **asked,
    ).run.wait()  # fmt: skip
    assert stopped.status == "stopped"
    assert stopped.state.preferred is not None
    assert stopped.scorecard.size_bytes == bundle_size(best_in(stopped.folder))
    more = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, prefer="small", trials=25, **HEADS
    )
    assert more.folder == stopped.folder
    told, whole = ([e for e in r.events if isinstance(e, ev.SearchTold)] for r in (more, run))
    assert [e.number for e in told] == list(range(25))  # none was made twice
    assert [e.config for e in told] == [e.config for e in whole]
    assert more.state.preferred.model == run.state.preferred.model
    assert more.state.ended.score == run.state.ended.score


def test_a_searcher_of_one_objective_keeps_to_the_loss_and_says_so(tmp_path):
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic", "knn"],
        prefer="fast", trials=6, searcher="evolution",
    )  # fmt: skip
    assert any(m.text.startswith("evolution follows one objective") for m in run.state.messages)
    told = [e for e in run.events if isinstance(e, ev.SearchTold)]
    assert len(told) == 6
    assert {e.cost for e in told} == {None}
    assert run.state.preferred is not None


def test_without_a_preference_nothing_is_chosen_for_its_cost(table_run):
    assert table_run.state.preferred is None
    assert table_run.state.incumbent == table_run.state.incumbents[-1]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"prefer": "smal"}, "small"),
        ({"prefer": 3}, "preference"),
        ({"prefer": "small", "strategies": ["prior"]}, "several models"),
    ],
    ids=str,
)
def test_a_preference_that_cannot_be_followed_is_refused(options, told, tmp_path):
    with pytest.raises(AutoMLError, match=told):
        automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_the_objectives_follow_from_the_settings():
    def asked(**options):
        return asked_objectives(FitSettings("y", **options)).cost

    assert asked() == asked(searcher="tpe") == ""
    assert asked(searcher="nsga2") == asked(prefer="fast") == "fast"
    assert (
        asked(prefer="small", searcher="nsga2") == asked(prefer="small", searcher="gp") == "small"
    )
    assert asked(prefer="small", searcher="reinforce") == ""


def test_some_of_the_front_from_the_least_loss_to_the_least_cost():
    trials = [
        Tried(number, {}, State.DONE, (loss, cost))
        for number, (loss, cost) in enumerate(
            [
                (0.1, 9.0),
                (0.2, 8.0),
                (0.3, 4.0),
                (0.31, 4.0),
                (0.4, 2.0),
                (5.0, 1.0),
                (6, 9),
                (7, 9),
                (8, 9),
            ]
        )
    ]
    front = [trials[place] for place in (0, 1, 2, 4, 5)]
    assert [trial.number for trial in spread(trials, front, 3)] == [0, 2, 4]
    assert [trial.number for trial in spread(trials, front[:1], 3)] == [0]
    assert spread([], [], 3) == []
