"""The store: the same is never computed twice, and no trouble with the disk loses a run."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import sparse

from automl_nb.core.trials import Cancelled, CancelToken
from automl_nb.features import store as module
from automl_nb.features.content import content_hash, picture_hash
from automl_nb.features.store import FeatureStore, read_block, write_block


class Lengths:
    """An encoder that counts how often it works."""

    name = "lengths"
    cacheable = True

    def __init__(self, columns=("text",), *, make=np.asarray, version="1"):
        self.columns, self.make, self.version = columns, make, version
        self.worked = 0

    @property
    def key(self):
        return f"lengths({self.columns[0]})"

    def identity(self):
        return self.version

    def transform(self, frame, *, progress=None, cancel=None):
        if cancel is not None:
            cancel.check()
        self.worked += 1
        rows = [[len(str(value)), 1.0] for value in frame[self.columns[0]]]
        return self.make(np.array(rows, dtype=np.float32).reshape(-1, 2))


FRAME = pd.DataFrame({"text": ["a", "bb", None, ""], "other": [1, 2, 3, 4]})
KINDS = {"dense": np.asarray, "sparse": sparse.csr_matrix}


def dense(block):
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_time_nothing_is_computed(kind, tmp_path):
    encoder = Lengths(make=KINDS[kind])
    assert not FeatureStore(tmp_path).has(encoder, FRAME)
    first = FeatureStore(tmp_path).get(encoder, FRAME)
    heard = []
    store = FeatureStore(tmp_path)  # another run
    second = store.get(encoder, FRAME, progress=lambda *rows: heard.append(rows))
    assert encoder.worked == 1
    assert store.has(encoder, FRAME)
    assert heard == [(4, 4)]
    assert type(first) is type(second)
    assert second.dtype == np.float32
    np.testing.assert_array_equal(dense(first), dense(second))
    assert store.size() > 0


def test_a_dense_block_is_mapped_and_cannot_be_changed(tmp_path):
    block = FeatureStore(tmp_path).get(Lengths(), FRAME)
    assert isinstance(block, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        block[0, 0] = 9


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_without_rows_is_kept_too(kind, tmp_path):
    encoder = Lengths(make=KINDS[kind])
    for _ in range(2):
        assert FeatureStore(tmp_path).get(encoder, FRAME.iloc[:0]).shape == (0, 2)
    assert encoder.worked == 1


def test_other_content_or_another_encoder_is_another_block(tmp_path):
    store, encoder = FeatureStore(tmp_path), Lengths()
    for frame in (FRAME, FRAME.iloc[::-1], FRAME.iloc[:3], FRAME.assign(text="x")):
        store.get(encoder, frame)
    assert encoder.worked == 4
    store.get(encoder, FRAME.assign(other=0).set_axis([9, 8, 7, 6]))
    assert encoder.worked == 4
    newer = Lengths(version="2")
    store.get(newer, FRAME)
    assert newer.worked == 1


def test_encoders_that_are_fitted_on_the_rows_are_only_asked(tmp_path):
    encoder = Lengths()
    encoder.cacheable = False
    store = FeatureStore(tmp_path)
    store.get(encoder, FRAME)
    store.get(encoder, FRAME)
    assert encoder.worked == 2
    assert not store.has(encoder, FRAME)
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_blocks_stay_in_memory():
    store, encoder = FeatureStore(None), Lengths()
    assert store.get(encoder, FRAME) is store.get(encoder, FRAME)
    assert encoder.worked == 1
    assert (store.size(), store.trim(0)) == (0, 0)


def block_file(root: Path, name: str) -> Path:
    return next(root.rglob(name))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


DAMAGES = {
    "cut off": lambda root: cut(block_file(root, "block.npy")),
    "emptied": lambda root: block_file(root, "block.npy").write_bytes(b""),
    "not numbers": lambda root: block_file(root, "block.npy").write_bytes(b"hello"),
    "gone": lambda root: block_file(root, "block.npy").unlink(),
    "other shape": lambda root: np.save(block_file(root, "block.npy"), np.zeros((1, 1))),
    "pickled": lambda root: np.save(
        block_file(root, "block.npy"), np.array([object()]), allow_pickle=True
    ),
    "meta gone": lambda root: block_file(root, "meta.json").unlink(),
    "meta broken": lambda root: block_file(root, "meta.json").write_text("{", "utf-8"),
    "meta a list": lambda root: block_file(root, "meta.json").write_text("[]", "utf-8"),
    "other version": lambda root: block_file(root, "meta.json").write_text(
        '{"version": 99, "shape": [4, 2]}', "utf-8"
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_block_is_computed_again(damage, tmp_path):
    encoder = Lengths()
    expected = dense(FeatureStore(tmp_path).get(encoder, FRAME)).copy()
    DAMAGES[damage](tmp_path)
    again = FeatureStore(tmp_path).get(encoder, FRAME)
    assert encoder.worked == 2
    np.testing.assert_array_equal(again, expected)
    FeatureStore(tmp_path).get(encoder, FRAME)
    assert encoder.worked == 2


@pytest.mark.parametrize("name", ["data.npy", "indices.npy", "indptr.npy"])
def test_a_damaged_sparse_block_is_computed_again(name, tmp_path):
    encoder = Lengths(make=sparse.csr_matrix)
    expected = dense(FeatureStore(tmp_path).get(encoder, FRAME))
    np.save(block_file(tmp_path, name), np.array([99, 98], dtype=np.int32))
    np.testing.assert_array_equal(dense(FeatureStore(tmp_path).get(encoder, FRAME)), expected)
    assert encoder.worked == 2


def full(*_args, **_kwargs):
    raise OSError(28, "No space left on device")


def test_a_full_disk_costs_the_sharing_and_not_the_run(tmp_path, monkeypatch):
    told = []
    store, encoder = FeatureStore(tmp_path, warn=told.append), Lengths()
    monkeypatch.setattr(np, "save", full)
    block = store.get(encoder, FRAME)
    assert block.shape == (4, 2)
    assert store.get(encoder, FRAME) is block
    assert encoder.worked == 1
    assert len(told) == 1
    assert "No space left" in told[0]
    assert list(tmp_path.iterdir()) == []  # nothing half-written stays


def test_a_folder_that_cannot_be_made_costs_only_the_sharing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    told = []
    store = FeatureStore(tmp_path / "file" / "features", warn=told.append)
    assert store.get(Lengths(), FRAME).shape == (4, 2)
    assert "cannot be kept" in told[0]
    assert store.size() == 0


def test_a_cancelled_block_is_not_kept(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        FeatureStore(tmp_path).get(Lengths(), FRAME, cancel=token)
    assert list(tmp_path.iterdir()) == []


def test_trimming_takes_what_was_used_longest_ago(tmp_path):
    store, encoder = FeatureStore(tmp_path), Lengths()
    frames = [FRAME.assign(text=letter) for letter in "abc"]
    for age, frame in enumerate(frames):
        store.get(encoder, frame)
        os.utime(tmp_path / module.block_key(encoder, frame), (age, age))
    store.get(encoder, frames[0])  # now the one used last
    each = store.size() // 3
    assert store.trim(10 * each) == 0
    assert store.trim(each) >= 2 * each
    assert store.size() <= each
    assert store.has(encoder, frames[0])
    assert not store.has(encoder, frames[1])
    (tmp_path / "notes.txt").write_text("not ours")
    store.trim(0)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_two_at_once_get_the_same_block(tmp_path):
    barrier, got = threading.Barrier(4), []

    class Slow(Lengths):
        def transform(self, frame, *, progress=None, cancel=None):
            barrier.wait(10)  # all four compute before any may write
            return super().transform(frame)

    encoder = Slow()
    threads = [
        threading.Thread(target=lambda: got.append(FeatureStore(tmp_path).get(encoder, FRAME)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert all((block == got[0]).all() for block in got)
    assert len(list(tmp_path.iterdir())) == 1


def test_writing_replaces_nothing_that_is_whole(tmp_path):
    write_block(tmp_path / "b", np.ones((2, 2), np.float32), "first")
    write_block(tmp_path / "b", np.zeros((2, 2), np.float32), "second")
    np.testing.assert_array_equal(read_block(tmp_path / "b", 2), np.ones((2, 2)))
    with pytest.raises(ValueError, match="another block"):
        read_block(tmp_path / "b", 3)
    shutil.rmtree(tmp_path / "b")


VALUES = st.one_of(
    st.none(), st.text(max_size=5), st.binary(max_size=5), st.integers(), st.floats(allow_nan=False)
)


@given(st.lists(VALUES, max_size=6), st.lists(VALUES, max_size=6))
def test_content_is_equal_exactly_where_the_values_are(a, b):
    def typed(values):
        return [(type(value), repr(value)) for value in values]

    one, two = (content_hash(pd.Series(values, dtype=object)) for values in (a, b))
    assert (one == two) == (typed(a) == typed(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["", None], [None, ""]),
        ([1, 2], [2, 1]),
        ([1.0, np.nan], [1.0, 0.0]),
        ([b"a"], ["a"]),
        (pd.to_datetime(["2024-01-01"]), pd.to_datetime(["2024-01-02"])),
        ([Image.new("RGB", (2, 3))], [Image.new("RGB", (3, 2))]),
        ([Image.new("RGB", (2, 2), "red")], [Image.new("RGB", (2, 2), "blue")]),
    ],
)
def test_content_that_differs_has_another_hash(a, b):
    assert content_hash(pd.Series(a)) != content_hash(pd.Series(b))


@pytest.mark.parametrize("dtype", ["str", "string", object, "category"])
def test_text_is_the_same_content_in_any_column_type(dtype):
    expected = content_hash(pd.Series(["a", None, "b"], dtype=object))
    assert content_hash(pd.Series(["a", None, "b"], dtype=dtype)) == expected


def test_texts_that_are_no_path_are_no_trouble():
    values = pd.Series(["a\0b", "x" * 5000, None, 3, Path("/no/such/file")], dtype=object)
    assert picture_hash(values) == picture_hash(values.copy())
