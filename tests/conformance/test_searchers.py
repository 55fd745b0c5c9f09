"""One suite for every searcher: it stays in the space, repeats itself, and can be rebuilt."""

import itertools
import json
import math
import statistics

import optuna
import pytest
from hypothesis import HealthCheck, given, settings

from automl_nb.core.errors import SettingError
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.space import Choice, Float, Int, Space, When
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.study import Study
from automl_nb.search.tried import State, Tried
from tests.support.spaces import MIXED, score, spaces

NAMES = SEARCHERS.names()
SEVERAL = SEARCHERS.names("several")
LEARNERS = ["gp", "tpe", "cma-es", "evolution", "nsga2", "reinforce", "auto"]
CONDITIONAL = ["grid", "random", "quasi-random", "tpe", "evolution", "reinforce", "auto"]

FEW = Space((Float("x", -1.0, 1.0, 0.0), Int("k", 1, 50, 5), Choice("c", ("a", "b"), "a")))


def study_of(name, space=MIXED, **more):
    """Auto as it is with many trials: the others are here under their own names."""
    return Study(space, name, **{"seed": 3, "n_trials": 500, **more})


def length(name, usual=45):
    """Trials that take a searcher past its start; a Gaussian process takes its time."""
    return 17 if name == "gp" else usual


def run(study, n, value=score):
    """Tells every seventh trial failed and every fifth pruned."""
    asked = []
    for place in range(n):
        trial = study.ask()
        if trial is None:
            break
        asked.append(trial)
        told = value(trial.config)
        study.report(trial.number, 1, told - 0.5)
        if place % 7 == 6:
            study.tell(trial.number, math.nan)
        elif place % 5 == 4:
            study.tell(trial.number, state="pruned", seconds=1.0)
        else:
            study.tell(trial.number, told, seconds=1.0 + place % 3)
    return asked


@pytest.mark.parametrize("name", NAMES)
def test_proposals_lie_in_the_space(name):
    @settings(
        max_examples=3 if name == "gp" else 12,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(space=spaces())
    def check(space):
        study = study_of(name, space, n_trials=None)
        for place in range(13):
            trial = study.ask()
            if trial is None:
                break
            assert space.holds(trial.config), trial.config
            study.tell(trial.number, float(place % 4))

    check()


@pytest.mark.parametrize("name", NAMES)
def test_fixed_and_narrowed_ranges_are_kept(name):
    space = MIXED.narrowed("lr=1e-4..1e-3,layers=3,loss=focal|poly")
    asked = run(study_of(name, space), length(name, 25))
    assert all(trial.config["layers"] == 3 for trial in asked)
    assert all(1e-4 <= trial.config["lr"] <= 1e-3 for trial in asked)
    assert {trial.config["loss"] for trial in asked} <= {"focal", "poly"}
    assert all(("gamma" in t.config) == (t.config["loss"] == "focal") for t in asked)
    assert len({str(trial.config) for trial in asked}) > 5


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_proposes_the_same(name):
    asked = run(study_of(name), length(name))
    assert run(study_of(name), length(name)) == asked
    assert run(study_of(name, seed=4), length(name)) != asked


@pytest.mark.parametrize("name", NAMES)
def test_a_study_is_rebuilt_from_its_journal(name):
    study = study_of(name)
    study.enqueue({"loss": "focal", "lr": 1e-3})
    run(study, length(name))
    running = study.ask()
    journal = json.loads(json.dumps([to_dict(trial) for trial in study.trials]))
    rebuilt = study.replayed(from_dict(Tried, line) for line in journal)
    assert rebuilt.trials == study.trials
    for place in range(2 if name == "gp" else 4):
        expected, found = study.ask(), rebuilt.ask()
        assert found == expected
        if place == 1:
            study.tell(running.number, score(running.config))
            rebuilt.tell(running.number, score(running.config))
        for one in (study, rebuilt):
            one.tell(expected.number, score(expected.config))


@pytest.mark.parametrize("name", NAMES)
def test_failed_trials_are_left_out(name):
    """It goes on, and whether a trial raised or returned no number makes no difference."""
    studies = study_of(name), study_of(name)
    for place in range(length(name, 30)):
        first, second = (study.ask() for study in studies)
        assert first == second
        if place % 3 == 0:
            assert studies[0].tell(first.number, math.nan) is State.FAILED
            assert studies[1].tell(second.number, state="failed") is State.FAILED
        else:
            for study in studies:
                study.tell(first.number, score(first.config))
    assert studies[0].best.values[0] == max(t.values[0] for t in studies[0].trials if t.values)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_failures_does_not_end_it(name):
    study = study_of(name)
    for _ in range(length(name, 25)):
        trial = study.ask()
        assert MIXED.holds(trial.config)
        study.tell(trial.number, math.inf)
    assert study.best is None


@pytest.mark.parametrize("name", NAMES)
def test_more_of_a_score_is_as_less_of_a_loss(name):
    more = run(study_of(name), length(name))
    less = study_of(name, direction="minimize")
    for trial in more:
        asked = less.ask()
        assert asked == trial
        value = -score(asked.config)
        less.report(asked.number, 1, value + 0.5)
        state = {6: "failed"}.get(trial.number % 7, "done")
        if state == "done" and trial.number % 5 == 4:
            state = "pruned"
        seconds = 0.0 if state == "failed" else 1.0 if state == "pruned" else 1.0 + trial.number % 3
        less.tell(asked.number, value if state == "done" else None, state, seconds=seconds)


@pytest.mark.parametrize("name", NAMES)
def test_several_trials_run_at_a_time(name):
    study = study_of(name)
    run(study, length(name, 15))
    asked = [study.ask() for _ in range(3)]
    assert len({trial.number for trial in asked}) == 3
    if name != "gp":  # which may come to the same place twice
        assert len({str(trial.config) for trial in asked}) == 3
    for trial in reversed(asked):
        study.tell(trial.number, score(trial.config))
    if not study._heard.sampler.replays:  # those that do are rebuilt as if one came after the other
        assert study.replayed(study.trials).ask() == study.ask()


@pytest.mark.parametrize("name", LEARNERS)
def test_it_gets_better_than_its_start(name):
    """The middle of its last trials is better than that of its first, for each of three seeds."""
    n, seeds = (22, (0,)) if name == "gp" else (120, (0, 1, 2))
    space = FEW if name == "gp" else MIXED
    for seed in seeds:
        study = study_of(name, space, seed=seed)
        told = []
        for _ in range(n):
            trial = study.ask()
            told.append(simple(trial.config) if name == "gp" else score(trial.config))
            study.tell(trial.number, told[-1])
        assert statistics.median(told[-10:]) > statistics.median(told[:10]), seed


def simple(config):
    return -((config["x"] - 0.3) ** 2) - (config["k"] / 50) ** 2 - (config["c"] == "a")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_in_a_plain_optuna_study(name):
    sampler = SEARCHERS[name].load()(FEW, seed=0)
    study = optuna.create_study(sampler=sampler, direction="maximize")

    def objective(trial):
        found = {
            "x": trial.suggest_float("x", -1.0, 1.0),
            "k": trial.suggest_int("k", 1, 50),
            "c": trial.suggest_categorical("c", ("a", "b")),
        }
        return simple(found)

    study.optimize(objective, n_trials=length(name, 25))
    assert len(study.trials) == length(name, 25)
    assert len({str(trial.params) for trial in study.trials}) > 5


@pytest.mark.parametrize("name", CONDITIONAL)
def test_a_plain_optuna_study_may_branch(name):
    space = Space((Choice("c", ("a", "b"), "a"), Int("k", 1, 9, 2, when=When("c", ("b",)))))
    study = optuna.create_study(sampler=SEARCHERS[name].load()(space, seed=0))

    def objective(trial):
        if trial.suggest_categorical("c", ("a", "b")) == "a":
            return 20.0
        return trial.suggest_int("k", 1, 9) + trial.suggest_float("unknown", 0.0, 0.5)

    study.optimize(objective, n_trials=30)
    assert study.best_params["c"] == "b"
    assert study.best_params["k"] <= 3


@pytest.mark.parametrize("name", SEVERAL)
def test_several_objectives_are_followed(name):
    study = study_of(name, FEW, direction=("minimize", "maximize"), n_trials=40)
    for _ in range(12 if name == "gp" else 40):
        trial = study.ask()
        study.tell(trial.number, (-simple(trial.config), trial.config["k"]))
    assert study.front
    assert len({trial.values for trial in study.front}) > 1
    for one, other in itertools.permutations(study.front, 2):
        assert one.values[0] < other.values[0] or one.values[1] >= other.values[1]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SEVERAL])
def test_one_objective_is_said_to_be_followed_alone(name):
    with pytest.raises(SettingError, match="nsga2"):
        study_of(name, direction=("maximize", "minimize"))
    study = optuna.create_study(
        sampler=SEARCHERS[name].load()(FEW, seed=0), directions=["maximize", "minimize"]
    )
    with pytest.raises(SettingError, match="one objective"):
        study.ask(SEARCHERS[name].load()(FEW, seed=0).distributions)


def test_the_tags_tell_what_searchers_say():
    for spec in SEARCHERS:
        searcher = spec.load()
        assert searcher.several == ("several" in spec.tags) or spec.name == "auto"
        assert searcher.name == spec.name


@pytest.mark.parametrize("n_trials", [6, None])
def test_a_grid_is_walked_once_and_ends(n_trials):
    loss = Choice("loss", ("plain", "focal"), "plain")
    space = Space((loss, Int("k", 1, 2, 1), Float("g", 0, 4, 2, when=When("loss", ("focal",)))))
    study = Study(space, "grid", seed=1, n_trials=n_trials)
    seen = []
    while (trial := study.ask()) is not None:
        seen.append(tuple(sorted(trial.config.items())))
        study.tell(trial.number, None if len(seen) == 3 else 1.0, "done")
    assert len(seen) == len({*seen}) == 2 + 2 * 5
    assert study.ask() is None


def test_a_grid_ends_a_plain_optuna_study():
    space = Space((Choice("c", ("a", "b", "d"), "a"), Int("k", 1, 3, 1)))
    study = optuna.create_study(sampler=SEARCHERS["grid"].load()(space, seed=0))
    study.optimize(
        lambda t: t.suggest_int("k", 1, 3) + len(t.suggest_categorical("c", ("a", "b", "d")))
    )
    assert len(study.trials) == 9


@pytest.mark.parametrize("name", NAMES)
def test_a_space_with_one_configuration_is_tried_once(name):
    study = study_of(name, MIXED.narrowed("lr=1e-3,drop=.1,layers=2,width=64,loss=plain"))
    trial = study.ask()
    assert trial.config == {"lr": 1e-3, "drop": 0.1, "layers": 2, "width": 64, "loss": "plain"}
    study.tell(trial.number, 1.0)
    assert study.ask() is None
