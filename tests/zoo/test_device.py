"""The device and the number format are asked of the machine."""

import json
from dataclasses import replace

import pytest
import torch

from automl_nb.core.errors import SettingError
from automl_nb.core.settings import cache_dir
from automl_nb.zoo import probe as race
from automl_nb.zoo.device import best_dtype, choose_device, device_info
from automl_nb.zoo.load import load_backbone
from automl_nb.zoo.precision import in_dtype, within


def test_auto_takes_the_best_device_that_is_there():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    if torch.backends.mps.is_available():
        expected = "mps"
    assert choose_device() == expected
    assert choose_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cpu:1", "mps:0", "", "CUDA", "cuda:-1"])
def test_a_word_that_is_no_device_is_told(name):
    with pytest.raises(SettingError, match="auto, cpu, cuda") as caught:
        choose_device(name)
    assert caught.value.hint


def test_a_device_that_is_not_there_is_told():
    with pytest.raises(SettingError, match=r"must be there.*On this machine: .*cpu"):
        choose_device("cuda:99")


def test_info_names_what_matters():
    info = device_info("cpu")
    assert info["device"] == "cpu"
    assert info["cpu"]
    assert info["threads"] == torch.get_num_threads()


@pytest.mark.parametrize("name", ["minilm-l3", "efficientnet-lite0"])
def test_the_race_is_run_once_and_remembered(name, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))
    monkeypatch.setattr(race, "_known", {})
    backbone = load_backbone("efficientnet-lite0") if name.startswith("e") else load_backbone(name)
    first = race.probe(backbone)
    assert set(first.rates) == {"float32", "bfloat16"}
    assert all(rate > 0 for rate in first.rates.values())
    fastest = max(first.rates, key=first.rates.__getitem__)
    assert first.dtype in {fastest, "float32"}
    monkeypatch.setattr(race, "_known", {})
    monkeypatch.setattr(race, "race", None)  # a second race would fail
    assert race.probe(backbone) == first
    assert best_dtype(backbone) == first.torch_dtype
    race.remember(backbone, "cpu", first.dtype, 1.5 * first.rate)
    monkeypatch.setattr(race, "_known", {})
    assert race.probe(backbone).rate == pytest.approx(1.5 * first.rate)
    race.remember(backbone, "cpu", first.dtype, 0.001 * first.rate)  # the machine was busy
    assert race.probe(backbone).rate == pytest.approx(0.75 * first.rate)
    assert race.probe(backbone).pass_s == first.pass_s > 0
    assert race.probe(backbone).dtype == first.dtype


def test_what_a_busy_moment_left_is_measured_again_once(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))
    monkeypatch.setattr(race, "_known", {})
    monkeypatch.setattr(race, "_raced", {})
    backbone = load_backbone("minilm-l3")
    first = race.probe(backbone)
    for _ in range(4):
        race.remember(backbone, "cpu", first.dtype, 0.001 * first.rate)
    slow = race.probe(backbone)
    assert slow.rate < 0.1 * first.rate
    monkeypatch.setattr(race, "_known", {})
    monkeypatch.setattr(race, "_raced", {})  # as in another process
    assert race.race_again(backbone)
    assert race.probe(backbone).rate > 2 * slow.rate
    assert race.probe(backbone).dtype == first.dtype
    monkeypatch.setattr(race, "_known", {})
    assert race.probe(backbone).rate > 2 * slow.rate  # kept
    faster = replace(first, rates={name: 9 * rate for name, rate in first.rates.items()})
    monkeypatch.setattr(race, "race", lambda *_: faster)
    assert race.race_again(backbone)  # what this process measured is doubted once
    assert race.probe(backbone).rate == faster.rates[first.dtype]
    fastest = replace(first, rates={name: 99 * rate for name, rate in first.rates.items()})
    monkeypatch.setattr(race, "race", lambda *_: fastest)
    assert not race.race_again(backbone)
    assert race.race_again(backbone, always=True)
    key = race._key(backbone, "cpu")
    monkeypatch.setattr(race, "_known", {key: first})
    race._raced[key][-1] -= 60.0  # a minute later
    assert race.race_again(backbone)


def test_the_winner_must_be_clearly_faster(monkeypatch):
    backbone = load_backbone("efficientnet-lite0")
    cost = {torch.float32: 1.0, torch.bfloat16: 0.9}
    monkeypatch.setattr(race, "_seconds", lambda run, dtype, items, device: cost[dtype] * items)
    assert race.race(backbone).dtype == "float32"
    cost[torch.bfloat16] = 0.5
    assert race.race(backbone).dtype == "bfloat16"
    assert race.race(backbone).rates == {"float32": 1.0, "bfloat16": 2.0}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"KEY": {"dtype": "int3", "rates": {}}}'])
def test_a_damaged_memory_is_measured_again(content, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))
    monkeypatch.setattr(race, "_known", {})
    backbone = load_backbone("efficientnet-lite0")
    key = race._key(backbone, "cpu")
    (tmp_path / "dtype.json").write_text(content.replace("KEY", key.replace('"', "")), "utf-8")
    measured = race.probe(backbone)
    assert measured.rate > 0


def test_without_a_place_to_write_the_race_still_answers(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(race, "_known", {})
    assert race.probe(load_backbone("efficientnet-lite0")).rate > 0
    assert not cache_dir().is_dir()


def test_copies_share_what_is_not_a_product_and_go_with_the_backbone():
    import gc
    import weakref

    from automl_nb.zoo.load import forget_backbones

    backbone = load_backbone("minilm-l3")
    copy = in_dtype(backbone, torch.bfloat16)
    words = copy.embeddings.word_embeddings.weight
    assert words is backbone.module.embeddings.word_embeddings.weight
    assert copy.encoder.layer[0].output.dense.weight.dtype == torch.bfloat16
    assert backbone.module.encoder.layer[0].output.dense.weight.dtype == torch.float32
    assert in_dtype(backbone, torch.float32) is backbone.module
    assert in_dtype(backbone, torch.bfloat16) is copy
    gone = weakref.ref(copy)
    del copy, words, backbone
    forget_backbones()
    gc.collect()
    assert gone() is None


def test_within_computes_products_in_the_format_and_takes_no_gradients():
    a = torch.randn(4, 4, requires_grad=True)
    with within("cpu", torch.bfloat16):
        assert (a @ a).dtype == torch.bfloat16
        assert not (a @ a).requires_grad
    with within("cpu", torch.float32):
        assert (a @ a).dtype == torch.float32


def test_the_memory_is_plain_json(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))
    monkeypatch.setattr(race, "_known", {})
    backbone = load_backbone("efficientnet-lite0")
    race.probe(backbone)
    kept = json.loads((tmp_path / "dtype.json").read_text(encoding="utf-8"))
    assert list(kept) == [race._key(backbone, "cpu")]


def on_a_card(monkeypatch, cost, *, fits=2048):
    """A race where batches cost the same up to 128 items, as they do on a card."""

    def seconds(run, dtype, items, device):
        if items > fits:
            raise torch.OutOfMemoryError
        seen.append(items)
        return 0.004 * max(1.0, cost[dtype] * items / 128)

    seen: list[int] = []
    monkeypatch.setattr(race, "_formats", lambda device: list(cost))
    monkeypatch.setattr(race, "_seconds", seconds)
    return race.race(load_backbone("minilm-l3"), "cuda"), seen


def test_batches_on_a_card_are_large_enough_to_tell_formats_apart(monkeypatch):
    cost = {torch.float32: 1.0, torch.bfloat16: 0.5, torch.float16: 0.45}
    made, seen = on_a_card(monkeypatch, cost)
    assert seen[-1] == 1024
    assert made.dtype == "bfloat16"  # of two that are about as fast the one of wider range
    cost[torch.float16] = 0.3
    assert on_a_card(monkeypatch, cost)[0].dtype == "float16"


def test_a_card_with_little_memory_races_with_smaller_batches(monkeypatch):
    cost = {torch.float32: 1.0, torch.bfloat16: 0.5}
    made, seen = on_a_card(monkeypatch, cost, fits=300)
    assert seen[-1] <= 150
    assert made.rate > 0
