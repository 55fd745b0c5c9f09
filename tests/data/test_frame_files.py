"""A frame that another process reads is the same, whatever its texts hold."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.data.frame_files import read_frame, write_frame
from automl_nb.data.table import frame_of

KINDS = {
    "object": st.one_of(st.none(), st.text(st.characters(codec=None)), st.binary()),
    "float64": st.floats(allow_nan=True),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "datetime64[us]": st.integers(-(2**50), 2**50),
}


@st.composite
def tables(draw):
    n_rows = draw(st.integers(0, 5))
    names = draw(st.lists(st.text(st.characters(codec=None)), unique=True, max_size=5))
    columns = {}
    for name in names:
        dtype = draw(st.sampled_from(sorted(KINDS)))
        values = draw(st.lists(KINDS[dtype], min_size=n_rows, max_size=n_rows))
        column = np.empty(n_rows, dtype=dtype)
        column[:] = values
        columns[name] = column
    return frame_of(columns, n_rows)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(frame=tables())
def test_what_is_read_is_what_was_written(frame):
    with tempfile.TemporaryDirectory() as folder:
        write_frame(Path(folder), frame)
        found = read_frame(Path(folder))
    assert found.equals(frame)
    assert [*found.columns] == [*frame.columns]
    assert [*found.dtypes] == [*frame.dtypes]


@pytest.mark.parametrize("value", [bytearray(b"a"), 1.5, ("a",), float("nan")])
def test_what_is_no_text_is_refused(value, tmp_path):
    column = np.empty(2, dtype=object)
    column[:] = ["a", None]
    column[1] = value
    with pytest.raises(
        ValueError, match="column 'c' holds more than numbers, times, texts and bytes"
    ):
        write_frame(tmp_path, frame_of({"c": column}, 2))


def test_damage_is_found(tmp_path):
    write_frame(tmp_path, frame_of({"x": np.array([1.0, 2.0])}, 2))
    (tmp_path / "0-values.npy").write_bytes((tmp_path / "0-values.npy").read_bytes()[:-8])
    with pytest.raises(ValueError):
        read_frame(tmp_path)
