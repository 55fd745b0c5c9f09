"""Nothing that was tried is tried again: searchers go on, and a space that is used up ends them."""

import itertools
import json

import numpy as np
import optuna
import pytest

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.space import Choice, Float, Int, Space, When
from automl_nb.search.catalog import SEARCHERS
from automl_nb.search.repeats import all_configs, key_of, untried
from automl_nb.search.study import Study
from automl_nb.search.tried import State, Tried

FEW = Space(
    (Choice("model", ("knn", "prior"), "knn"), Int("k", 1, 9, 5, when=When("model", ("knn",))))
)
QUICK = [name for name in SEARCHERS.names() if name not in {"gp", "auto"}]


def value(config):
    """Best at the edge, where every searcher that learns stays."""
    return float(config.get("k", 20))


def walked(study, most=100):
    asked = []
    while len(asked) < most and (trial := study.ask()) is not None:
        asked.append(trial)
        study.tell(trial.number, value(trial.config), seconds=1.0)
    return asked


@pytest.mark.parametrize("name", SEARCHERS.names())
def test_every_setting_is_tried_once_and_then_it_ends(name):
    study = Study(FEW, name, seed=1, direction="minimize")
    asked = walked(study)
    assert [trial.number for trial in asked] == [*range(10)]
    assert {key_of(trial.config) for trial in asked} == {key_of(c) for c in all_configs(FEW)}
    assert study.all_tried == "All 10 settings of the space were tried."
    assert study.ask() is None
    assert study.best.config == {"model": "knn", "k": 1}


@pytest.mark.parametrize("name", QUICK)
def test_a_study_with_repeats_is_rebuilt_from_its_journal(name):
    space = Space((Int("k", 1, 30, 5), Choice("c", ("a", "b"), "a")))
    study = Study(space, name, seed=2, direction="minimize")
    study.enqueue({"k": 3})
    walked(study, 18)
    journal = json.loads(json.dumps([to_dict(trial) for trial in study.trials]))
    rebuilt = study.replayed(from_dict(Tried, line) for line in journal)
    assert rebuilt.trials == study.trials
    ours, theirs = (
        [(t.values, t.state, t.intermediate_values, t.user_attrs) for t in one._heard.study.trials]
        for one in (study, rebuilt)
    )
    assert theirs[: len(ours)] == ours  # repeats among them
    assert walked(rebuilt, 3) == walked(study, 3)


def test_the_searcher_hears_of_a_repeat_what_is_known():
    study = Study(FEW, optuna.samplers.GridSampler({"model": ["knn"], "k": [4, 5]}, seed=0))
    study.enqueue({"k": 4})
    study.tell(study.ask().number, 0.25, seconds=3.0)
    found = study.ask()
    assert found.number == 1
    assert found.config != {"model": "knn", "k": 4}
    for config in found.passed:
        assert config == {"model": "knn", "k": 4}
    told = [t for t in study._heard.study.trials if t.params == {"model": "knn", "k": 4}]
    assert len(told) == 1 + len(found.passed)
    assert {t.value for t in told} == {0.25}
    assert len(study.trials) == 2


def test_what_was_never_begun_is_not_known():
    study = Study(FEW, "random", seed=0)
    trial = study.ask()
    assert study.is_tried(trial.config)
    study.tell(trial.number, None, State.FAILED)
    assert not study.is_tried(trial.config)
    again = study.ask()
    study.tell(again.number, None, State.FAILED, seconds=2.0)
    assert study.is_tried(again.config)
    rebuilt = study.replayed(study.trials)
    assert [rebuilt.is_tried(one.config) for one in (trial, again)] == [False, True]


def test_a_grid_leaves_out_what_the_starts_tried():
    space = Space((Float("C", 0.1, 1000.0, 10.0, log=True),))
    study = Study(space, "grid", seed=0)
    study.enqueue({"C": 10.0})
    found = [trial.config["C"] for trial in walked(study)]
    assert np.allclose(sorted(found), [0.1, 1.0, 10.0, 100.0, 1000.0])
    assert study.all_tried == "All 5 settings of the grid were tried."


def test_several_at_a_time_are_different():
    study = Study(FEW, "tpe", seed=0)
    asked = [study.ask() for _ in range(10)]
    for one, other in itertools.combinations(asked, 2):
        assert one.config != other.config
    assert study.ask() is None


def test_the_last_ones_of_a_long_list_are_found():
    space = Space((Int("k", 1, 50_000, 5),))
    found = untried(space, lambda c: c["k"] != 31_007, np.random.default_rng(0))
    assert found == {"k": 31_007}
