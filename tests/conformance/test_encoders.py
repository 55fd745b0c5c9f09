"""One suite for every encoder: what `features/base.py` promises, each must keep."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import sparse

from automl_nb.core.trials import Cancelled, CancelToken
from automl_nb.features.base import Encoder
from automl_nb.features.catalog import ENCODERS
from automl_nb.features.store import block_key

REVIEWS = [
    "A fine tea, warm and full.",
    "Stale biscuits; never again!",
    None,
    "",
    "The box was broken, the tea was not.",
    "Würzig und günstig. 好茶。",
    "tea " * 300,
    "A fine tea, warm and full.",
    "12% off & free shipping",
]


def picture(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (20 + seed, 30, 3), dtype=np.uint8))


TABLE = pd.DataFrame(
    {
        "price": [1.5, np.nan, 3.0, 2.5, -1e6, 0.0],
        "city": pd.Series(["Ulm", "Bonn", None, "Ulm", "Jena", "Ulm"], dtype="str"),
        "member": [True, False, True, True, False, True],
        "day": pd.to_datetime(
            ["2024-01-01", "2024-02-29", None, "2025-12-31", "2024-01-01", "2024-06-05"]
        ),
    }
)
TABLE_KINDS = {"price": "number", "city": "category", "member": "boolean", "day": "datetime"}


@dataclass(frozen=True)
class Example:
    """Rows that an encoder reads, other rows, and how one is made.

    Attributes:
        make: A new encoder that isn't fitted.
        frame: Rows to fit and transform.
        unseen: Values that were not there in fitting.
    """

    make: Callable[[str], Encoder]
    frame: pd.DataFrame
    unseen: pd.DataFrame
    tolerance: float = field(default=1e-6)


TEXT = (
    pd.DataFrame({"review": REVIEWS}),
    pd.DataFrame({"review": ["zzz qqq", "Ψ", None, "1", "a b c"] * 2}),
)
TABULAR = (
    TABLE,
    pd.DataFrame(
        {
            "price": [np.inf, 7.0],
            "city": pd.Series(["Rome", None], dtype="str"),
            "member": [False, True],
            "day": pd.to_datetime([None, "1999-01-01"]),
        }
    ),
)
PICTURES = (
    pd.DataFrame({"photo": [picture(0), picture(1), None, picture(2), picture(0)]}),
    pd.DataFrame({"photo": [picture(7), None]}),
)
# An encoder without a line of its own is made as others with its first tag are.
EXAMPLES: dict[str, Example] = {
    "text": Example(lambda name: ENCODERS[name].load()("review"), *TEXT),
    "table": Example(lambda name: ENCODERS[name].load()(tuple(TABLE_KINDS), TABLE_KINDS), *TABULAR),
    "image": Example(lambda name: ENCODERS[name].load()("photo"), *PICTURES),
    # In the number format that is fastest here: padding may change the last digits of bf16.
    "frozen-text": Example(
        lambda name: ENCODERS[name].load()("review", "minilm-l3"), *TEXT, tolerance=2e-3
    ),
    "frozen-image": Example(lambda name: ENCODERS[name].load()("photo"), *PICTURES, tolerance=0.15),
    "text-layers": Example(
        lambda name: ENCODERS[name].load()("review", "minilm-l3"), *TEXT, tolerance=2e-3
    ),
    "image-layers": Example(lambda name: ENCODERS[name].load()("photo"), *PICTURES, tolerance=0.15),
}


@pytest.fixture(params=ENCODERS.names())
def name(request):
    return request.param


@pytest.fixture
def example(name) -> Example:
    return EXAMPLES.get(name) or EXAMPLES[ENCODERS[name].tags[0]]


@pytest.fixture
def fitted(name, example) -> Encoder:
    encoder = example.make(name)
    encoder.fit(example.frame)
    return encoder


def dense(block) -> np.ndarray:
    return block.toarray() if sparse.issparse(block) else np.asarray(block)


def same(a, b, tolerance: float) -> None:
    a, b = dense(a), dense(b)
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, atol=tolerance, rtol=0, equal_nan=True)


def test_an_encoder_tells_who_it_is(name, fitted, example):
    assert isinstance(fitted, Encoder)
    assert fitted.name == name
    assert set(fitted.columns) == set(example.frame.columns)
    assert fitted.key.startswith(name)
    assert isinstance(fitted.cacheable, bool)


def test_a_block_has_a_float_row_for_each_row(fitted, example):
    block = fitted.transform(example.frame)
    assert block.shape[0] == len(example.frame)
    assert block.dtype == np.float32
    assert sparse.issparse(block) or isinstance(block, np.ndarray)
    assert not np.isinf(dense(block)).any()


def test_saved_and_loaded_it_gives_the_same_numbers(fitted, example, tmp_path):
    config = json.loads(json.dumps(fitted.save(tmp_path)))
    again = type(fitted).load(tmp_path, config)
    same(again.transform(example.frame), fitted.transform(example.frame), 1e-6)
    same(again.transform(example.unseen), fitted.transform(example.unseen), 1e-6)
    assert again.identity() == fitted.identity()
    assert again.key == fitted.key
    assert again.columns == fitted.columns


def test_nothing_is_pickled(fitted, tmp_path):
    fitted.save(tmp_path)
    endings = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert endings <= {".json", ".npy", ".safetensors", ".txt"}


def test_a_row_is_encoded_alike_in_any_company(fitted, example):
    whole = dense(fitted.transform(example.frame))
    order = np.random.default_rng(0).permutation(len(example.frame))
    same(fitted.transform(example.frame.iloc[order]), whole[order], example.tolerance)
    for row in range(len(example.frame)):
        same(fitted.transform(example.frame.iloc[[row]]), whole[[row]], example.tolerance)


def test_the_index_and_other_columns_do_not_matter(fitted, example):
    odd = example.frame.set_axis(["x"] * len(example.frame)).assign(other=1)
    same(fitted.transform(odd), fitted.transform(example.frame), example.tolerance)


def test_no_rows_give_an_empty_block_of_the_same_width(fitted, example):
    width = fitted.transform(example.frame).shape[1]
    assert fitted.transform(example.frame.iloc[:0]).shape == (0, width)


def test_unseen_values_are_encoded_too(fitted, example):
    block = fitted.transform(example.unseen)
    assert block.shape == (len(example.unseen), fitted.transform(example.frame).shape[1])
    assert not np.isinf(dense(block)).any()


def test_rows_of_missing_values_are_encoded_too(fitted, example):
    gone = example.frame.iloc[:2].copy()
    for column in gone.columns:
        gone[column] = pd.Series(
            [None, None], dtype=gone[column].dtype if column != "member" else object
        )
    assert fitted.transform(gone).shape[0] == 2


def test_transform_changes_nothing(fitted, example):
    before, frame = fitted.identity(), example.frame.copy(deep=True)
    first = dense(fitted.transform(example.frame)).copy()
    fitted.transform(example.unseen)
    same(fitted.transform(example.frame), first, example.tolerance)
    assert fitted.identity() == before
    pd.testing.assert_frame_equal(example.frame, frame)


def test_fitting_twice_gives_the_same_encoder(name, fitted, example):
    other = example.make(name)
    other.fit(example.frame)
    assert other.identity() == fitted.identity()


def test_a_block_is_named_by_content_and_encoder(fitted, example):
    key = block_key(fitted, example.frame)
    assert block_key(fitted, example.frame.copy()) == key
    assert block_key(fitted, example.frame.set_axis(range(5, 5 + len(example.frame)))) == key
    assert block_key(fitted, example.frame.iloc[::-1]) != key
    assert block_key(fitted, example.frame.iloc[1:]) != key
    assert block_key(fitted, example.unseen) != key


def test_an_encoder_that_learns_changes_its_identity_with_the_rows(name, fitted, example):
    other = example.make(name)
    other.fit(example.unseen)
    same_numbers = False
    a, b = dense(fitted.transform(example.frame)), dense(other.transform(example.frame))
    if a.shape == b.shape:
        same_numbers = bool(np.allclose(a, b, equal_nan=True))
    assert same_numbers or other.identity() != fitted.identity()


def test_a_cancelled_transform_gives_nothing(fitted, example):
    token = CancelToken()
    token.cancel("enough")
    with pytest.raises(Cancelled, match="enough"):
        fitted.transform(example.frame, cancel=token)


def test_progress_ends_at_all_rows(fitted, example):
    heard: list[tuple[int, int]] = []
    fitted.transform(example.frame, progress=lambda done, total: heard.append((done, total)))
    assert heard
    assert heard[-1] == (len(example.frame), len(example.frame))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
