"""Ordinary frames in unusual dress: the same values must give the same scores.

Every dress holds the same rows, so every run must cut the same folds, train the same
models and end with the same test score, to the last digits.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import automl_nb

N = 160
ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))


def plain() -> pd.DataFrame:
    """Whole and real numbers with gaps, truth values, words, dates; a label of two classes."""
    rng = np.random.default_rng(7)
    x, n = rng.normal(size=N).round(6), rng.integers(0, 9, N)
    city = rng.choice(["Ulm", "Bonn", "Jena"], N)
    member = rng.random(N) < 0.5
    signal = x + 0.3 * n + (city == "Ulm") + member + 0.8 * rng.normal(size=N)
    frame = pd.DataFrame(
        {
            "x": np.where(rng.random(N) < 0.1, np.nan, x),
            "n": n,
            "few": np.where(rng.random(N) < 0.7, 0, n),
            "member": member,
            "city": pd.Series(city, dtype=object),
            "day": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, N), "D"),
            "y": pd.Series(np.where(signal > np.median(signal), "yes", "no"), dtype=object),
        }
    )
    frame.loc[rng.random(N) < 0.1, "city"] = None
    return frame


def _nullable(frame):
    return frame.astype(
        {
            "x": "Float64",
            "n": "Int32",
            "few": "UInt8",
            "member": "boolean",
            "city": "string",
            "y": "string",
        }
    )


def _gaps_in_whole_numbers(frame):
    return frame.assign(n=frame["n"].astype("Int64").mask(frame["x"].isna()))


def _gaps_in_floats(frame):
    return frame.assign(n=frame["n"].astype(float).mask(frame["x"].isna()))


def _arrow(frame):
    return frame.convert_dtypes(dtype_backend="pyarrow")


def _arrow_table(frame):
    return pa.Table.from_pandas(frame)


def _categories(frame):
    return frame.assign(
        city=frame["city"].astype("category"),
        y=pd.Categorical(frame["y"], ["yes", "no", "never seen"]),
        n=frame["n"].astype("category"),
    )


def _zoned(frame):
    return frame.assign(day=frame["day"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))


def _zoned_objects(frame):
    stamps = [
        stamp.to_pydatetime().replace(tzinfo=dt.UTC).astimezone(ZONE) for stamp in frame["day"]
    ]
    return frame.assign(day=pd.Series(stamps, dtype=object))


def _nanoseconds(frame):
    return frame.assign(day=frame["day"].astype("datetime64[ns]"))


def _sparse(frame):
    return frame.assign(
        few=pd.arrays.SparseArray(frame["few"], fill_value=0),
        x=pd.arrays.SparseArray(frame["x"], fill_value=np.nan),
        member=pd.arrays.SparseArray(frame["member"], fill_value=False),
    )


def _objects(frame):
    return frame.astype(object)


def _decimals(frame):
    exact = [None if np.isnan(value) else Decimal(repr(value)) for value in frame["x"].tolist()]
    return frame.assign(x=pd.Series(exact, dtype=object))


def _number_texts(frame):
    texts = [None if np.isnan(value) else repr(value) for value in frame["x"].tolist()]
    return frame.assign(x=pd.Series(texts, dtype=object), n=frame["n"].map(str))


def _small_numbers(frame):
    return frame.astype({"n": "int8", "few": "uint16"})


DRESSES = {
    "nullable": _nullable,
    "Arrow-backed": _arrow,
    "an Arrow table": _arrow_table,
    "categories": _categories,
    "dates with a zone": _zoned,
    "dates with a zone as objects": _zoned_objects,
    "dates in nanoseconds": _nanoseconds,
    "sparse": _sparse,
    "all objects": _objects,
    "decimals": _decimals,
    "numbers as text": _number_texts,
    "small whole numbers": _small_numbers,
    "strings": lambda frame: frame.astype({"city": "str", "y": "str"}),
    "a doubled index": lambda frame: frame.set_axis(np.repeat(np.arange(N // 2), 2)),
    "an index of dates": lambda frame: frame.set_axis(pd.date_range("2020", periods=N, tz="UTC")),
    "an index of pairs": lambda frame: frame.set_axis(
        pd.MultiIndex.from_product([range(N // 4), list("abcd")], names=["y", None])
    ),
    "an index named like a column": lambda frame: frame.rename_axis("city"),
    "column names with an axis name": lambda frame: frame.rename_axis("names", axis=1),
    "a view of every second row": lambda frame: frame.loc[frame.index.repeat(2)].iloc[::2],
    "read-only values": lambda frame: frame.copy(deep=False),
    "a mapping of columns": lambda frame: frame.to_dict("series"),
    "a list of mappings": lambda frame: frame.to_dict("records"),
}


def scores(data: object) -> dict[str, float]:
    """The test scores of a small fit, and the chances that its model gives."""
    run = automl_nb.fit(data, "y", strategies=("logistic",), folds=2, time=120)
    measured = {name: value.value for name, value in run.scorecard.metrics.items()}
    chances = run.model.predict_proba(data)["yes"]
    return {**measured, "chance": float(chances.mean()), "spread": float(chances.std())}


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_RUNS", str(tmp_path_factory.mktemp("plain")))
        return scores(plain())


def test_the_plain_frame_is_learnt(expected):
    assert expected["accuracy"] > 0.65
    assert expected["spread"] > 0.1


@pytest.mark.parametrize("dress", DRESSES)
def test_the_dress_of_a_frame_changes_nothing(dress, expected):
    assert scores(DRESSES[dress](plain())) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_gaps_in_whole_numbers_are_gaps():
    frame = plain()
    gaps = scores(_gaps_in_whole_numbers(frame))
    assert gaps == pytest.approx(scores(_gaps_in_floats(frame)), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("made", [int, float, bool, str])
def test_answers_come_in_the_type_of_the_labels(made):
    frame = plain()
    labels = (frame["y"] == "yes").astype(int).astype(made)
    run = automl_nb.fit(frame.assign(y=labels), "y", strategies=("prior",), time=60)
    answer = run.model.predict(frame).tolist()[0]
    # Whole numbers as float are nearly always integers that a gap has widened.
    assert type(answer) is {float: int}.get(made, made)
    assert answer in set(labels)
