"""Whoever trains has the same options: `fit`, the magic, the command line, the estimators."""

import inspect

import pytest
from sklearn.datasets import load_wine

from automl_nb import api
from automl_nb.cli.commands import COMMANDS
from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.parser import Parser
from automl_nb.core.settings import FitSettings
from automl_nb.estimator import AutoMLClassifier, AutoMLRegressor
from automl_nb.notebook.parsers import parser_of
from automl_nb.pipeline.asked import settings_of

PLAIN = {"time_s": "time", "patience_s": "patience", "memory_bytes": "memory"}
ROWS = {"data", "label", "test", "valid", "unlabelled", "sql"}
FIT = (
    {PLAIN.get(name, name) for name in FitSettings.__dataclass_fields__}
    | {*inspect.signature(api.start).parameters}
) - {"options", "in_turn"}  # said by --background
# An estimator gets rows as X and y, seals none of them away, and leaves no run on disk.
NOT_OF_ESTIMATORS = ROWS | {*("task", "test_size", "name", "run_dir", "on_event", "explain_steps")}


def words(parser):
    return {action.dest for action in parser._actions}


def test_the_magic_has_every_option_of_fit_and_where_its_result_goes():
    assert words(parser_of("fit")) == FIT - {"on_event"} | {"output", "background", "language"}


def test_the_command_line_has_every_option_of_fit_and_where_its_result_goes():
    parser = Parser("fit")
    COMMANDS["fit"].fill(parser)
    assert words(parser) == FIT - {"on_event"} | {"out"}


@pytest.mark.parametrize("estimator", [AutoMLClassifier, AutoMLRegressor])
def test_estimators_have_every_option_that_means_something_for_x_and_y(estimator):
    named = {"seed": "random_state"}  # as scikit-learn calls it
    assert {*estimator().get_params()} == {
        named.get(name, name) for name in FIT - NOT_OF_ESTIMATORS
    }


def test_untouched_the_options_of_an_estimator_are_those_of_fit():
    left = settings_of("y", {**AutoMLRegressor()._asked(), "time": 180})
    assert left == FitSettings("y")


@pytest.mark.parametrize(
    ("option", "value", "error", "said"),
    [
        ("memory", "much", SettingError, "memory='4GB'"),
        ("executor", "proces", UnknownNameError, "process"),
        ("patience", "soon", SettingError, "patience"),
        ("patience", "1m", SettingError, "search"),
        ("trials", 3, SettingError, "settings to search"),
        ("folds", 1, SettingError, "folds"),
        ("split", "grup", UnknownNameError, "group"),
        ("kinds", {"x0": "nummer"}, UnknownNameError, "number"),
        ("clip_outliers", 1, SettingError, "True or False"),
        ("positive", "wine-3", SettingError, "binary"),
    ],
)
def test_estimators_refuse_what_fit_refuses(option, value, error, said):
    X, y = load_wine(return_X_y=True)
    with pytest.raises(error, match=said):
        AutoMLClassifier(time=60, strategies=("ridge",), **{option: value}).fit(X, y)


def test_what_an_estimator_was_told_reaches_its_run():
    rows = load_wine(as_frame=True)
    X, y = rows.data[rows.target < 2], rows.target[rows.target < 2]
    names = y.map({0: "ulm", 1: "bonn"})
    model = AutoMLClassifier(
        time=60, strategies=("knn",), executor="process", memory="64GB", drop="ash", folds=3,
        positive="bonn", search="k=3..9", trials=2, patience="1m", fresh=True,
    ).fit(X, names)  # fmt: skip
    assert model.model_.task.classes[-1] == "c0"  # bonn comes first
    assert "ash" not in {column.name for column in model.model_.schema.columns}
    assert model.score(X, names) > 0.9
    with pytest.raises(UnknownNameError, match="Did you mean 'bonn'"):
        model.set_params(positive="bon").fit(X, names)


def test_python_understands_what_a_line_does():
    asked = {"backbone": "minilm-l3", "params": "lr=1e-4,epochs=2"}
    settings = settings_of("y", {**asked, "strategy": "ridge,finetune"})
    assert settings.strategies == ("ridge", "finetune")
    assert settings.backbones == ("minilm-l3",)
    assert settings.params == {"lr": "1e-4", "epochs": "2"}
