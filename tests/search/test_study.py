"""What a study says and hears: waiting configurations, states, ends, and replay."""

import logging
import threading

import numpy as np
import optuna
import pytest

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.space import Choice, Float, Int, Space
from automl_nb.search.study import Study
from automl_nb.search.tried import State, Tried
from tests.support.spaces import MIXED, score

SPACE = Space((Float("x", 0.0, 1.0, 0.5), Int("k", 1, 9, 3), Choice("c", ("a", "b"), "a")))


def test_what_is_enqueued_comes_first_and_in_order():
    study = Study(SPACE, "random", seed=0)
    study.enqueue({"x": 0.25, "c": "b"})
    study.enqueue({"k": 7})
    first, second, third = (study.ask() for _ in range(3))
    assert first.config == {"x": 0.25, "k": 3, "c": "b"}
    assert second.config == {"x": 0.5, "k": 7, "c": "a"}
    assert (first.given, second.given, third.given) == (True, True, False)


@pytest.mark.parametrize("config", [{"x": 2.0}, {"k": 2.5}, {"c": "d"}, {"d": 1}])
def test_what_lies_outside_is_not_enqueued(config):
    with pytest.raises(SettingError):
        Study(SPACE, "random").enqueue(config)
    with pytest.raises(SettingError, match="within the search space"):
        Study(SPACE.narrowed("k=2..4"), "random").enqueue({"k": 7})


@pytest.mark.parametrize("searcher", ["evolution", "cma-es", "nsga2", "tpe"])
def test_given_configurations_are_learnt_from(searcher):
    """Its optimum is given first: the later trials are drawn to it."""
    study = Study(SPACE, searcher, seed=0)
    study.enqueue({"x": 0.9, "k": 9, "c": "b"})
    for _ in range(60):
        trial = study.ask()
        gained = -abs(trial.config["x"] - 0.9) - abs(trial.config["k"] - 9) / 9
        study.tell(trial.number, gained)
    last = [trial.config["x"] for trial in study.trials[-10:]]
    assert sum(abs(x - 0.9) for x in last) / 10 < 0.35


def test_states_are_those_that_count():
    study = Study(SPACE, "random", direction="minimize")
    for _ in range(5):
        study.ask()
    study.report(1, 1, 3.0)
    study.report(1, 2, 2.0)
    study.report(1, 3, float("nan"))
    assert study.tell(0, 1.0, seconds=2.5) is State.DONE
    assert study.tell(1, state="pruned") is State.PRUNED
    assert study.tell(2, float("inf")) is State.FAILED
    assert study.tell(3) is State.FAILED
    done, pruned, infinite, silent, running = study.trials
    assert (done.values, done.seconds) == ((1.0,), 2.5)
    assert (pruned.values, pruned.reports) == ((2.0,), {1: 3.0, 2: 2.0})
    assert infinite.values == silent.values == ()
    assert running.state is State.RUNNING
    assert study.best == done


@pytest.mark.parametrize("value", [None, "much", [None], float("nan"), 10**400, np.float32("inf")])
def test_what_is_no_number_is_a_failed_trial(value):
    study = Study(SPACE, "tpe")
    assert study.tell(study.ask().number, value) is State.FAILED
    assert study.tell(study.ask().number, np.float32(0.5)) is State.DONE
    assert study.tell(study.ask().number, np.array([0.25])) is State.DONE
    assert study.best.values == (0.5,)


def test_only_a_running_trial_is_told_of():
    study = Study(SPACE, "random")
    study.tell(study.ask().number, 1.0)
    for number in (0, 1, -1):
        with pytest.raises(SettingError, match="running trial"):
            study.tell(number, 1.0)
        with pytest.raises(SettingError, match="running trial"):
            study.report(number, 1, 1.0)
    study.ask()
    with pytest.raises(SettingError, match="has ended"):
        study.tell(1, 1.0, "running")
    with pytest.raises(SettingError, match="one value for each objective"):
        study.tell(1, (1.0, 2.0))


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'random'"):
        Study(SPACE, "randm")
    with pytest.raises(SettingError, match="maximize"):
        Study(SPACE, "random", direction="up")
    with pytest.raises(SettingError, match="maximize"):
        Study(SPACE, "random", direction=())
    with pytest.raises(SettingError, match="seed"):
        Study(SPACE, "random", seed=-1)


def test_any_optuna_sampler_searches():
    study = Study(MIXED, optuna.samplers.RandomSampler(seed=0), direction="maximize")
    assert study.searcher == "RandomSampler"
    for _ in range(20):
        trial = study.ask()
        assert MIXED.holds(trial.config)
        study.tell(trial.number, score(trial.config))
    assert len(study.replayed(study.trials).trials) == 20


@pytest.fixture
def written():
    """What Optuna writes to whoever listens."""
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger("optuna").addHandler(handler)
    yield records
    logging.getLogger("optuna").removeHandler(handler)


class Talker(optuna.samplers.RandomSampler):
    """Warns while it proposes, as the Gaussian process does when it has converged."""

    def sample_independent(self, *args):
        optuna.logging.get_logger("optuna.samplers").warning("Study already converged.")
        return super().sample_independent(*args)


def test_optuna_writes_nothing_meanwhile_and_what_it_wrote_before(written):
    before = optuna.logging.INFO
    optuna.logging.set_verbosity(before)
    studies = [Study(SPACE, Talker(seed=seed)) for seed in range(3)]

    def work(study):
        for _ in range(20):
            study.tell(study.ask().number, 1.0)

    threads = [threading.Thread(target=work, args=(study,)) for study in studies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    studies[0].replayed(studies[0].trials)
    assert not written
    assert optuna.logging.get_verbosity() == before
    optuna.create_study().optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    assert "Trial 0 finished" in written[-1].getMessage()


def test_missing_numbers_of_a_journal_are_failed_trials():
    study = Study(MIXED, "tpe", seed=1)
    for _ in range(12):
        trial = study.ask()
        study.tell(trial.number, score(trial.config))
    kept = [trial for trial in study.trials if trial.number not in {0, 5}]
    rebuilt = study.replayed(reversed(kept))
    assert [t.number for t in rebuilt.trials if t.state is State.FAILED] == [0, 5]
    assert rebuilt.trials[6:] == study.trials[6:]
    assert rebuilt.ask().number == 12


def test_what_does_not_fit_is_not_replayed():
    study = Study(SPACE, "random")
    fits = Tried(0, {"x": 0.5, "k": 3, "c": "a"}, State.DONE, (1.0,))
    with pytest.raises(SettingError, match="each number once"):
        study.replayed([fits, fits])
    with pytest.raises(SettingError, match="same space"):
        study.replayed([Tried(0, {"x": 0.5}, State.DONE, (1.0,))])


def test_a_study_replays_without_touching_itself():
    study = Study(SPACE, "cma-es", seed=2)
    for _ in range(5):
        study.tell(study.ask().number, 1.0)
    before = study.trials
    assert study.replayed(before).trials == before == study.trials


def test_threads_share_a_study():
    study = Study(MIXED, "evolution", seed=0)
    failures = []

    def work():
        try:
            for _ in range(25):
                trial = study.ask()
                study.report(trial.number, 1, 0.0)
                study.tell(trial.number, score(trial.config))
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [trial.number for trial in study.trials] == [*range(100)]
    assert all(trial.state is State.DONE for trial in study.trials)


@pytest.mark.parametrize("searcher", ["random", "tpe"])
def test_a_long_journal_is_replayed_without_asking_again(searcher, monkeypatch):
    """Ten thousand trials; the searcher is not asked once."""
    config = MIXED.configuration()
    trials = [Tried(n, config, State.DONE, (float(n % 97),), {1: 0.5}) for n in range(10_000)]
    study = Study(MIXED, searcher, seed=0)
    monkeypatch.setattr(
        type(study._heard.sampler), "propose", lambda *_: pytest.fail("it was asked again")
    )
    rebuilt = study.replayed(trials)
    assert len(rebuilt.trials) == 10_000
    assert rebuilt.best.values == (96.0,)


def test_with_several_objectives_there_is_a_front_and_no_best():
    study = Study(SPACE, "random", direction=("maximize", "minimize"))
    for values in ((1.0, 1.0), (2.0, 2.0), (0.5, 3.0), (float("nan"), 0.0)):
        study.tell(study.ask().number, values)
    assert [trial.number for trial in study.front] == [0, 1]
    with pytest.raises(SettingError, match="front"):
        _ = study.best
