"""Example data: the same every time, learnable, and without the answers in the texts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind
from automl_nb.data.dataset import load_dataset
from automl_nb.data.pictures import open_picture
from automl_nb.data.samples import SAMPLES, load_sample


@pytest.mark.parametrize("spec", list(SAMPLES), ids=lambda spec: spec.name)
def test_every_sample_is_the_same_again_and_ready_to_fit(spec):
    table = load_sample(spec.name, n=120)
    again = load_sample(spec.name, n=120)
    assert table.frame.equals(again.frame)
    assert not table.frame.equals(load_sample(spec.name, n=120, seed=1).frame)
    assert len(table.frame) == 120
    data = load_dataset(table, FitSettings())
    assert str(data.task.kind) in spec.tags
    kinds = {str(column.kind) for column in data.schema.columns if column.name != table.label}
    assert {tag for tag in spec.tags if tag in set(ColumnKind)} - {"multiclass"} <= kinds


def test_documentation_tells_the_library_by_its_words_not_its_name():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB

    frame = load_sample("docstrings", n=900).frame
    names = re.compile(
        r"\b(?:numpy|pandas|scipy|sklearn|matplotlib|torch|np|pd|plt)\b", re.IGNORECASE
    )
    assert not frame["text"].str.contains(names).any()
    assert frame["text"].is_unique
    assert frame["library"].value_counts().tolist() == [150] * 6
    X = TfidfVectorizer().fit_transform(frame["text"])
    model = MultinomialNB(alpha=0.1).fit(X[:600], frame["library"][:600])
    assert 0.5 < model.score(X[600:], frame["library"][600:]) < 0.98


def test_charts_differ_between_types_more_than_within():
    frame = load_sample("charts", n=64).frame
    pixels = np.stack(
        [np.asarray(open_picture(data).resize((16, 16)), float).ravel() for data in frame["image"]]
    )
    assert open_picture(frame["image"][0]).size == (96, 96)
    same = frame["chart"].to_numpy()[:, None] == frame["chart"].to_numpy()
    distance = ((pixels[:, None] - pixels) ** 2).mean(axis=2)
    assert distance[same & ~np.eye(64, dtype=bool)].mean() < 0.8 * distance[~same].mean()


def test_wrong_names_and_sizes_are_told():
    with pytest.raises(UnknownNameError, match="digits"):
        load_sample("digit")
    with pytest.raises(SettingError, match="number of rows"):
        load_sample("wine", n=-1)
