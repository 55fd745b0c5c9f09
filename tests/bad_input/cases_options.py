"""Options that cannot work: unknown names, and numbers beyond their range."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from automl_nb.core.errors import RunError, SettingError, UnknownNameError, WeightsError
from tests.bad_input.cases import Case, Place, good


def _option(name, value, error, rule, received, hint, why="", *, in_python=False, **more) -> Case:
    title, options = f"{name} {why or value}", {name: value, **more}
    return Case(title, error, rule, received, hint, options=options, in_python=in_python)


def _occupied(_: Place) -> pd.DataFrame:
    Path("occupied.txt").write_text("mine", encoding="utf-8")
    return good()


PRIOR = {"strategies": ("prior",)}
TIME = "such as time='3m'"

OPTIONS = (
    _option("lable", "y", UnknownNameError, "no option of this name", "lable", "Did you mean"),
    _option(
        "strategy",
        "ridge",
        SettingError,
        "another name of strategies; one of them is given",
        "strategy='ridge' and strategies=('prior',)",
        "strategies=[...]",
        "beside strategies",
        in_python=True,
        **PRIOR,
    ),
    _option(
        "metric", "acuracy", UnknownNameError, "no metric", "'acuracy'", "Did you mean 'accuracy'"
    ),
    _option(
        "metric",
        "rmse",
        SettingError,
        "must fit the task, which is binary",
        "'rmse'",
        "accuracy",
        "of another task",
    ),
    _option(
        "backbones",
        ("minilm-l7",),
        UnknownNameError,
        "no backbone",
        "'minilm-l7'",
        "Did you mean 'minilm-l6'",
    ),
    _option(
        "backbones",
        ("nobody/has-this-model",),
        WeightsError,
        "weights from the hub need a network",
        "nobody/has-this-model",
        "minilm-l6",
        "out of reach",
    ),
    _option(
        "backbones",
        ("minilm-l3",),
        SettingError,
        "for texts needs a column of texts",
        "'minilm-l3'",
        "kinds={'COLUMN': 'text'}",
        "that finds no column",
    ),
    _option(
        "strategies",
        ("logistics",),
        UnknownNameError,
        "no strategy",
        "'logistics'",
        "Did you mean 'logistic'",
    ),
    _option(
        "explain_steps",
        "yes",
        SettingError,
        "must be True or False",
        "'yes'",
        "",
        in_python=True,
    ),
    _option("device", "gpu", SettingError, "must be auto, cpu, cuda", "'gpu'", "Leave it out"),
    _option("device", "cuda:99", SettingError, "must be there", "'cuda:99'", "cpu"),
    _option("task", "clasification", UnknownNameError, "no task", "'clasification'", "binary"),
    _option(
        "split", "stratifed", UnknownNameError, "no way to split", "'stratifed'", "'stratified'"
    ),
    _option("time", "0", SettingError, "more than zero", "0", TIME),
    _option("time", 0, SettingError, "more than zero", "0", TIME, "0 as a number"),
    _option("time", "-3m", SettingError, "more than zero", "-3m", TIME),
    _option("time", "31d", SettingError, "30 days at most", "31d", TIME),
    _option("time", 10**9, SettingError, "30 days at most", "1000000000", TIME),
    _option("time", "soon", SettingError, "a length of time", "'soon'", TIME),
    _option("time", "nan", SettingError, "a length of time", "nan", TIME),
    _option("seed", -1, SettingError, "seed must be a whole number", "-1", "Leave it out"),
    _option("folds", -2, SettingError, "folds must be a whole number", "-2", "Leave it out"),
    _option("folds", 1_000, SettingError, "from 0 to 100", "1000", "Leave it out"),
    _option("sample", -5, SettingError, "sample must be a whole number", "-5", "Leave it out"),
    _option("test_size", 1.5, SettingError, "test_size must be", "1.5", "Leave it out"),
    _option("test_size", -0.1, SettingError, "test_size must be", "-0.1", "Leave it out"),
    _option("positive", "ys", UnknownNameError, "no class", "'ys'", "Did you mean 'yes'"),
    Case(
        "a positive class of three",
        SettingError,
        "Only a binary task",
        "'Ulm'",
        "3 classes",
        label="city",
        options={"positive": "Ulm"},
    ),
    Case(
        "a positive class of numbers",
        SettingError,
        "Only a binary task",
        "'yes'",
        "the task is regression",
        label="y",
        options={"positive": "yes", "strategies": ("prior",)},
        data=lambda _: good().assign(y=range(len(good()))),
    ),
    _option("patience", "soon", SettingError, "patience must be", "'soon'", "patience='3m'"),
    _option("patience", 60, SettingError, "ends a search", "without a search", "search='auto'"),
    _option(
        "memory",
        "20MB",
        SettingError,
        "more than what this process holds",
        "20.0 MB",
        "new process",
    ),
    _option("trials", 9, SettingError, "settings to search", "prior", "params", **PRIOR),
    _option("name", "../up", SettingError, "plain folder name", "'../up'", "run_dir='FOLDER'"),
    _option(
        "name",
        "n" * 300,
        SettingError,
        "name is too long",
        "300 characters",
        "a shorter name",
        "of 300 characters",
    ),
    _option(
        "name",
        "a\x07b",
        SettingError,
        "without control characters",
        "'a\\x07b'",
        "Leave them out",
        "with a control character",
    ),
    _option("name", "a/b", SettingError, "plain folder name", "'a/b'", "run_dir='FOLDER'"),
    Case(
        "a run folder that is a file",
        RunError,
        "must be writable",
        "occupied.txt",
        "run_dir='FOLDER'",
        options={"run_dir": "occupied.txt"},
        data=_occupied,
    ),
    Case(
        "an unknown catalogue",
        UnknownNameError,
        "no catalogue",
        "'metric'",
        "Did you mean 'metrics'",
        verb="list",
        model=lambda _: "metric",
    ),
)
