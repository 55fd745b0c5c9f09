"""Rows without a label: kept for learning, shaped like the others, and never the test's."""

import numpy as np
import pandas as pd
import pytest

from automl_nb.core.errors import ColumnError
from automl_nb.core.settings import FitSettings
from automl_nb.data import unlabelled
from automl_nb.data.dataset import load_dataset
from automl_nb.pipeline.memo import rows_digest

SETTINGS = FitSettings(label="y")


def texts(n=120, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array(["tea", "bread", "wine", "rain", "sun", "road", "sea", "hill", "door"])
    return pd.DataFrame(
        {
            "said": [f"{seed} {i} " + " ".join(rng.choice(words, 9)) for i in range(n)],
            "size": rng.normal(size=n),
            "y": rng.choice(["no", "yes"], n),
        }
    )


def test_without_such_rows_there_are_none():
    data = load_dataset(texts(), SETTINGS)
    assert data.unlabelled is None


def test_rows_whose_label_is_missing_are_kept_beside_the_others():
    frame = texts()
    frame.loc[frame.index[:30], "y"] = None
    data = load_dataset(frame, SETTINGS)
    assert sorted(data.unlabelled["said"]) == sorted(frame["said"].head(30))
    assert list(data.unlabelled.columns) == list(data.development.columns)
    assert len(data.development) + data.test.n_rows == 90
    assert any("30 of 120 rows have no label" in finding.message for finding in data.findings)


def test_further_rows_may_be_given():
    data = load_dataset(texts(), SETTINGS, unlabelled=texts(40, seed=1).drop(columns="y"))
    assert len(data.unlabelled) == 40
    assert data.unlabelled["size"].dtype == np.float64


def test_they_are_cleaned_like_the_others():
    more = texts(5, seed=1)
    more.loc[0, "said"] = "\uff21\uff22\uff23 tea"
    data = load_dataset(texts(), SETTINGS, unlabelled=more)
    assert data.unlabelled["said"][0] == "ABC tea"


def test_texts_of_the_test_part_are_left_out():
    frame, test = texts(), texts(30, seed=2)
    data = load_dataset(frame, SETTINGS, test=test, unlabelled=pd.concat([texts(10, seed=1), test]))
    assert len(data.unlabelled) == 10
    assert not set(data.unlabelled["said"]) & set(test["said"])
    assert any("30 rows without a label are test rows" in f.message for f in data.findings)


def test_of_the_sealed_share_too():
    frame = texts()
    data = load_dataset(frame, SETTINGS, unlabelled=frame.drop(columns="y"))
    sealed, _ = data.test.open()
    assert len(data.unlabelled) == len(data.development)
    assert not set(data.unlabelled["said"]) & set(sealed["said"])


def test_rows_of_a_table_that_equal_a_test_row_are_left_out():
    frame = texts().drop(columns="said").assign(more=np.arange(120.0))
    data = load_dataset(frame, SETTINGS, unlabelled=frame.drop(columns="y"))
    assert len(data.unlabelled) == len(data.development)


def test_rows_that_a_column_names_for_the_test_are_not_used():
    frame = texts().assign(part=["train", "test", "valid"] * 40)
    frame.loc[frame.index[:30], "y"] = None
    settings = FitSettings(label="y", split_column="part")
    data = load_dataset(frame, settings)
    assert sorted(data.unlabelled["said"]) == sorted(frame["said"].iloc[0:30:3])


def test_rows_given_for_validation_are_not_used():
    valid = texts(40, seed=3)
    valid.loc[valid.index[:10], "y"] = None
    data = load_dataset(texts(), SETTINGS, valid=valid)
    assert data.unlabelled is None


def test_rows_without_label_that_cannot_be_read_cost_nothing():
    frame = texts().astype({"size": object})
    frame.loc[frame.index[:5], "y"] = None
    frame.loc[0, "size"] = "very large"
    data = load_dataset(frame, SETTINGS)
    assert data.unlabelled is None or len(data.unlabelled) == 5
    assert len(data.development) + data.test.n_rows == 115


def test_a_missing_column_is_said():
    with pytest.raises(ColumnError, match="said"):
        load_dataset(texts(), SETTINGS, unlabelled=texts(5).drop(columns="said"))


def test_too_many_are_sampled(monkeypatch):
    monkeypatch.setattr(unlabelled, "MOST_ROWS", 20)
    data = load_dataset(texts(), SETTINGS, unlabelled=texts(50, seed=1))
    assert len(data.unlabelled) == 20


def test_an_earlier_trial_is_not_mistaken_for_one_with_other_such_rows():
    keys = {
        rows_digest(load_dataset(texts(), SETTINGS, unlabelled=more))
        for more in (None, texts(10, seed=1), texts(10, seed=2))
    }
    assert len(keys) == 3
