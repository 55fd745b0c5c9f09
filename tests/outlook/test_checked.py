"""Problems are told at the option that is to blame, before anything is begun."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl_nb.core.types import TaskKind
from automl_nb.outlook.checked import check
from automl_nb.outlook.glance import ROWS, glance
from automl_nb.outlook.words import oddities, outlook
from tests.support import frames


@pytest.fixture(scope="module")
def seen():
    return glance(frames.table())


def problems(seen, **options):
    return dict(check({"label": "cultivar", **options}, seen).problems)


@pytest.mark.parametrize(
    ("options", "blamed", "words"),
    [
        ({"time": "soon"}, "time", "length of time"),
        ({"strategies": "ridgee"}, "strategies", "Did you mean 'ridge'"),
        ({"backbones": "minilm-l7"}, "backbones", "Did you mean 'minilm-l6'"),
        ({"metric": "rmse"}, "metric", "must fit the task"),
        ({"task": "regression"}, "task", "label of numbers"),
        ({"label": "cultivars"}, "label", "Did you mean 'cultivar'"),
        ({"label": ""}, "label", "Choose the column"),
        ({"searcher": "gpp"}, "searcher", "Did you mean 'gp'"),
        ({"search": "C=10..1"}, "search", "C"),
        ({"seed": "a"}, "seed", "whole number"),
        ({"group": "nope"}, "group", "no column 'nope'"),
        ({"drop": "nope"}, "drop", "no column 'nope'"),
        ({"positive": "zz"}, "positive", "positive class"),
        ({"device": "tpu"}, "device", "tpu"),
        ({"kinds": {"alcohol": "colour"}}, "kinds", "no column kind"),
        ({"loss": "focall"}, "loss", "Did you mean 'focal'"),
        ({"time": "3m", "scheduler": "asha"}, "scheduler", "search"),
    ],
)
def test_the_option_to_blame(seen, options, blamed, words):
    found = problems(seen, **options)
    assert list(found) == [blamed]
    assert words in found[blamed]


def test_several_problems_are_told_at_once(seen):
    assert set(problems(seen, time="soon", seed="a")) == {"time", "seed"}


def test_what_will_happen_is_told(seen):
    checked = check({"label": "cultivar", "time": "20s", "drop": "alcohol"}, seen)
    assert checked.ready
    assert checked.task.kind is TaskKind.MULTICLASS
    told = "\n".join(outlook(checked))
    assert "3 classes" in told
    assert "20 s" in told
    assert "alcohol (number)" not in told
    assert outlook(check({}, seen)) == []


def test_oddities_of_the_rows_are_told():
    rows = frames.table().assign(copy=lambda f: f.cultivar)
    told = oddities(check({"label": "cultivar"}, glance(rows)))
    assert any("copy" in line for line in told)


def test_a_long_table_is_looked_at_in_part_and_its_label_in_whole():
    rows = pd.DataFrame({"x": range(40_001), "y": ["a", "b"] * 20_000 + ["rare"]})
    rows.loc[len(rows)] = [0, "rare"]
    seen = glance(rows)
    assert len(seen.rows) <= ROWS
    assert seen.n_rows == 40_002
    assert check({"label": "y"}, seen).task.classes == ("a", "b", "rare")


def test_a_frame_that_changed_is_noticed():
    rows = frames.table()
    seen = glance(rows)
    assert seen.is_of(rows)
    assert not seen.is_of(rows.copy())
    rows["new"] = 1
    assert not seen.is_of(rows)


def test_values_that_changed_in_place_are_noticed():
    for change in (
        {"alcohol": ["word"] * 90},
        {"alcohol": lambda f: f.alcohol.astype("float32")},
        {"cultivar": lambda f: f.cultivar.str.upper()},
    ):
        rows = frames.table().head(90).copy()
        rows["said"] = [["a list", np.zeros(2), None]] * 90  # which no hash takes
        seen = glance(rows)
        assert seen.is_of(rows)
        for name, value in change.items():
            rows[name] = value(rows) if callable(value) else value
        assert not seen.is_of(rows)


def test_one_value_written_into_the_frame_is_noticed():
    rows = pd.DataFrame({"x": np.arange(400.0), "y": ["a", "b"] * 200})
    seen = glance(rows)
    rows.loc[399, "x"] = 5.0
    assert not seen.is_of(rows)
