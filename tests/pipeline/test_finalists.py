"""Which settings of a search are trained on all rows."""

from automl_nb.core.types import Task, TaskKind
from automl_nb.pipeline.finalists import identity, rounds
from automl_nb.pipeline.search_space import MODEL, Searched
from automl_nb.search.tried import State, Tried
from automl_nb.transfer.base import Candidate

TASK = Task(TaskKind.MULTICLASS, "cultivar", ("a", "b", "c"))
TABLE = ("tabular-linear",)
MODELS = {one.label: one for one in (Searched(name, TABLE) for name in ("kernel", "knn", "svm"))}


def tried(number, loss, strategy, **config):
    own = {f"{strategy}.{name}": value for name, value in config.items()}
    label = Searched(strategy, TABLE).label
    state = State.FAILED if loss is None else State.DONE
    return Tried(number, {MODEL: label, **own}, state, () if loss is None else (loss,))


def model(strategy, **config):
    return Candidate("", strategy, TABLE, predictor=None, oof=None, fit_s=0.0, config=config)


def numbers(trials, trained=()):
    return [[one.number for one in group] for group in rounds(trials, MODELS, trained, TASK)]


def test_the_best_of_each_strategy_comes_before_others_that_are_better():
    trials = [tried(i, 0.1 + i / 100, "kernel", kernel="laplace", reach=1.0 + i) for i in range(5)]
    trials += [tried(5, 0.5, "knn", k=3), tried(6, 0.4, "knn", k=9), tried(7, None, "svm", C=1.0)]
    assert numbers(trials) == [[0, 1, 6], [2, 3, 5], [4]]


def test_with_many_strategies_a_round_has_one_of_each():
    trials = [tried(0, 0.3, "svm", C=1.0), tried(1, 0.2, "knn", k=3)]
    trials += [tried(2, 0.1, "kernel", kernel="laplace", reach=1.0), tried(3, 0.1, "knn", k=4)]
    assert numbers(trials) == [[2, 3, 0], [1]]


def test_what_is_trained_already_or_all_but_the_same_is_left_out():
    trials = [
        tried(0, 0.1, "kernel", kernel="laplace", reach=0.3),  # what the plan's own comes to
        tried(1, 0.2, "kernel", kernel="laplace", reach=0.1201),
        tried(2, 0.3, "kernel", kernel="laplace", reach=0.1199),
        tried(3, 0.4, "svm", C=10.02),
        tried(4, 0.5, "svm", C=11.0),
    ]
    trained = [model("kernel", kernel="laplace"), model("svm", C=10.0), model("prior")]
    assert numbers(trials, trained) == [[1, 4]]


def test_what_a_model_leaves_unsaid_is_what_it_was_trained_with():
    def same(strategy, said, other, task=TASK):
        return identity(strategy, TABLE, said, task) == identity(strategy, TABLE, other, task)

    whole = {"learning_rate": 0.05, "leaves": 1.0, "bagging_fraction": 0.8}
    gbdt = {"preset": "gbdt", "feature_fraction": 0.4, "lambda_l2": 5.0, **whole}
    assert same("boosting", {"preset": "gbdt"}, gbdt)
    assert not same("boosting", {"preset": "varied"}, {**gbdt, "preset": "varied"})
    values = Task(TaskKind.REGRESSION, "price")
    assert same("mlp", {}, {"dropout": 0.4})
    assert same("mlp", {}, {"dropout": 0.2}, values)
    assert not same("mlp", {}, {"dropout": 0.4}, values)
    assert not same("kernel", {"kernel": "matern"}, {"kernel": "laplace"})
