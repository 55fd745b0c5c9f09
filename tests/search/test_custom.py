"""A sampler that a person brings searches as it would by itself, is left alone, and may fail."""

import json

import optuna
import pytest
from optuna.samplers import BaseSampler, CmaEsSampler, GridSampler, RandomSampler, TPESampler

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.space import Choice, Float, Int, Space
from automl_nb.search.custom import described
from automl_nb.search.study import Study
from automl_nb.search.tried import State, Tried

SPACE = Space((Float("x", 0.0, 1.0, 0.5), Float("y", 0.1, 10.0, 1.0, log=True)))
MIXED = Space((*SPACE, Int("k", 1, 9, 3), Choice("c", ("a", "b"), "a")))


class Counting(BaseSampler):
    """Walks through the range by what it remembers in itself alone."""

    def __init__(self, step=0.1):
        self.step, self.asked = step, 0

    def infer_relative_search_space(self, study, trial):
        return {}

    def sample_relative(self, study, trial, search_space):
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        self.asked += 1
        low, high = param_distribution.low, param_distribution.high
        return low + (high - low) * (self.step * self.asked % 1.0)


class Failing(RandomSampler):
    def __init__(self, where, after=3):
        super().__init__(seed=0)
        self.where, self.left = where, after

    def _count(self, where):
        self.left -= where == self.where
        if self.left < 0:
            raise RuntimeError("no idea")

    def infer_relative_search_space(self, study, trial):
        self._count("ask")
        return super().infer_relative_search_space(study, trial)

    def after_trial(self, study, trial, state, values):
        self._count("tell")
        super().after_trial(study, trial, state, values)


def value(config):
    return (config["x"] - 0.3) ** 2 + abs(config["y"] - 2.0)


def walked(study, n):
    asked = []
    while len(asked) < n and (trial := study.ask()) is not None:
        asked.append(trial.config)
        study.tell(trial.number, value(trial.config), seconds=1.0)
    return asked


def test_it_proposes_what_it_would_in_a_study_of_optuna():
    plain = optuna.create_study(sampler=CmaEsSampler(seed=3))

    def objective(trial):
        x, y = trial.suggest_float("x", 0.0, 1.0), trial.suggest_float("y", 0.1, 10.0, log=True)
        return value({"x": x, "y": y})

    plain.optimize(objective, n_trials=25)
    ours = walked(Study(SPACE, CmaEsSampler(seed=3), direction="minimize"), 25)
    assert ours == [trial.params for trial in plain.trials]


@pytest.mark.parametrize(
    "sampler",
    [
        Counting(),
        CmaEsSampler(seed=1),
        RandomSampler(seed=2),
        TPESampler(seed=3, multivariate=True),
    ],
    ids=described,
)
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_search_is_rebuilt_by_the_same_sampler(sampler):
    space = SPACE if isinstance(sampler, Counting) else MIXED
    study = Study(space, sampler, direction="minimize")
    study.enqueue({"x": 0.25})
    walked(study, 14)
    unbegun = study.ask()  # as where no time was left for it
    study.tell(unbegun.number, None, State.FAILED)
    journal = json.loads(json.dumps([to_dict(trial) for trial in study.trials]))
    again = Study(space, sampler, direction="minimize")
    rebuilt = again.replayed(from_dict(Tried, line) for line in journal)
    assert rebuilt.trials == study.trials
    assert walked(rebuilt, 6) == walked(study, 6)


def test_the_same_object_searches_the_same_again_and_is_left_as_it_was():
    sampler = Counting()
    first, second = (walked(Study(SPACE, sampler), 5) for _ in range(2))
    assert first == second
    assert sampler.asked == 0


def test_one_that_has_gone_through_its_own_grid_ends_the_search():
    study = Study(MIXED, GridSampler({"x": [0.2, 0.4], "k": [2, 3], "c": ["a"], "y": [1.0]}))
    assert len(walked(study, 50)) == 4
    assert study.ask() is None
    assert not study.fault


@pytest.mark.parametrize("where", ["ask", "tell"])
def test_one_that_raises_ends_the_search_with_what_there_is(where):
    study = Study(SPACE, Failing(where), direction="minimize")
    asked = walked(study, 9)
    assert len(asked) == (3 if where == "ask" else 4)
    assert [trial.state for trial in study.trials] == [State.DONE] * len(asked)
    assert study.fault == "Failing failed: RuntimeError: no idea."
    assert study.ask() is None
    rebuilt = study.replayed(study.trials)
    assert rebuilt.ask() is None
    assert rebuilt.fault == study.fault


def test_what_lies_outside_of_the_space_is_a_fault():
    study = Study(SPACE, Counting(step=-0.4))
    study._heard.sampler._sampler.step = float("nan")
    assert walked(study, 3) == []
    assert study.fault.startswith("Counting failed: ValueError")

    class Beyond(Counting):
        def sample_independent(self, study, trial, param_name, param_distribution):
            return 2.0 * param_distribution.high

    study = Study(SPACE, Beyond())
    assert walked(study, 3) == []
    assert "lies outside of the search space" in study.fault


def test_it_is_described_by_what_can_be_seen_of_it():
    assert described(Counting()) == "Counting()"
    assert described(Counting(step=0.25)) == "Counting(step=0.25)"
    assert described(CmaEsSampler(seed=1, popsize=8)) == "CmaEsSampler(popsize=8)"
