"""Nothing beside weights is ever run, and damage is told in plain words."""

import json
import os
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from automl_nb.core.errors import WeightsError
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.folder import read_folder
from automl_nb.zoo.load import load_backbone, resolve


@pytest.fixture
def folder(tmp_path):
    backbone = load_backbone("efficientnet-lite0")
    backbone.save(tmp_path / "net")
    return tmp_path / "net"


@pytest.fixture
def bert(tmp_path):
    load_backbone("minilm-l3").save(tmp_path / "bert")
    return tmp_path / "bert"


def edit_config(folder, **changes):
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(config), encoding="utf-8")


def refused(folder, match):
    with pytest.raises(WeightsError, match=match) as caught:
        load_backbone(str(folder))
    assert caught.value.hint
    assert caught.value.received


def test_code_beside_the_weights_is_never_run(bert):
    (bert / "evil.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    edit_config(bert, auto_map={"AutoModel": "evil.Model"})
    refused(bert, "never run")


def test_families_that_are_not_on_the_list_are_refused(bert):
    edit_config(bert, model_type="gpt_oss")
    refused(bert, "must name a family")
    edit_config(bert, model_type=None)
    refused(bert, "must name a family")


@pytest.mark.parametrize("content", ["", "{", "[]", '"bert"', "\ufeff{}"])
def test_a_config_that_is_no_json_object_is_refused(bert, content):
    (bert / "config.json").write_text(content, encoding="utf-8")
    refused(bert, "config.json")


def test_a_folder_without_config_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"config\.json"):
        resolve(str(tmp_path))


@pytest.mark.parametrize("kept", [0, 4, 500, -1])
def test_truncated_weights_are_refused(folder, kept):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    refused(folder, "must be whole")


def test_a_pointer_of_git_lfs_is_told_as_one(folder):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n"
    (folder / "model.safetensors").write_bytes(pointer)
    refused(folder, "not point to them.*git lfs pull")


def test_a_damaged_package_is_not_told_as_damaged_weights(bert, monkeypatch):
    from transformers import BertModel

    def damaged(*_args, **_options):
        raise ImportError("cannot import name 'LoraConfig' from 'peft'")

    monkeypatch.setattr(BertModel, "from_pretrained", damaged)
    refused(bert, "packages that load a network must work.*'peft'")


def test_a_header_that_asks_for_too_much_is_refused(folder):
    (folder / "model.safetensors").write_bytes(b"\xff" * 8 + b"{}")
    refused(folder, "must be whole")


def test_weights_of_another_network_are_refused(folder, bert):
    (folder / "model.safetensors").write_bytes((bert / "model.safetensors").read_bytes())
    refused(folder, "must fit the network")


def test_a_missing_layer_is_refused(bert):
    state = load_file(bert / "model.safetensors")
    state.pop("encoder.layer.1.output.dense.weight")
    save_file(state, bert / "model.safetensors", metadata={"format": "pt"})
    refused(bert, "must fit the network")


def test_a_matrix_of_another_shape_is_refused(bert):
    edit_config(bert, hidden_size=192)
    refused(bert, "must fit the network")


def test_an_unknown_variant_is_refused(folder):
    edit_config(folder, variant="lite9")
    refused(folder, "variant")


def test_an_index_cannot_point_outside_of_its_folder(folder):
    (folder / "model.safetensors").rename(folder.parent / "outside.safetensors")
    index = {"weight_map": {"a": "../outside.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    refused(folder, "must name")


@pytest.mark.parametrize("parts", [["model.safetensors"], {}, "text", {"a": 1}, None])
def test_an_index_that_names_no_files_is_refused(bert, parts):
    (bert / "model.safetensors").unlink()
    index = bert / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": parts}), encoding="utf-8")
    refused(bert, "must name")


def test_a_config_of_fewer_layers_than_the_weights_is_refused(bert):
    edit_config(bert, num_hidden_layers=1)
    refused(bert, "must fit the network")


def test_a_vocabulary_without_its_own_marks_is_refused(bert):
    path = bert / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {k: v for k, v in vocabulary.items() if k != "[UNK]"}
    tokenizer["added_tokens"] = [t for t in tokenizer["added_tokens"] if t["content"] != "[UNK]"]
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
    refused(bert, "tokenizer.json")


@pytest.mark.parametrize(
    "changes", [{"model_type": ["bert"]}, {"num_hidden_layers": -1}, {"hidden_size": -384}]
)
def test_a_config_of_impossible_values_is_refused(bert, changes):
    edit_config(bert, **changes)
    refused(bert, "config")


def test_a_tokenizer_that_is_missing_or_broken_is_told(bert):
    (bert / "tokenizer.json").write_text("{}", encoding="utf-8")
    refused(bert, "tokenizer")
    (bert / "tokenizer.json").unlink()
    refused(bert, "tokenizer")


def test_a_changed_weight_in_a_saved_backbone_is_noticed(tmp_path):
    config = load_backbone("efficientnet-lite0").save(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    state["head.0.weight"][0, 0, 0, 0] += 1e-3
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(WeightsError, match="those that were saved"):
        Backbone.load(tmp_path, config)


class Evil:
    def __reduce__(self):
        return (os.system, ("echo ran > ran.txt",))


def as_pickle(bert, state):
    (bert / "model.safetensors").unlink()
    torch.save(state, bert / "pytorch_model.bin")


def test_a_pickle_that_would_run_code_is_refused(bert, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    as_pickle(bert, {"weight": Evil()})
    refused(bert, "nothing but tensors")
    (bert / "pytorch_model.bin").write_bytes(pickle.dumps(Evil()))
    refused(bert, "nothing but tensors")
    as_numbers = {"epoch": 3}
    torch.save(as_numbers, bert / "pytorch_model.bin")
    refused(bert, "nothing but tensors")
    assert not (tmp_path / "ran.txt").exists()


def test_a_pickle_of_tensors_is_converted_once(bert, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    as_pickle(bert, load_file(bert / "model.safetensors"))
    backbone = load_backbone(str(bert))
    assert backbone.weights_sha == load_backbone("minilm-l3").weights_sha
    converted = list((tmp_path / "cache" / "weights").iterdir())
    assert [path.name.rpartition("-")[0] for path in converted] == ["bert"]
    made = (converted[0] / "model.safetensors").stat().st_mtime_ns
    # The folder itself is left as it was.
    assert sorted(path.name for path in bert.iterdir()) == [
        "config.json",
        "pytorch_model.bin",
        "tokenizer.json",
    ]
    assert read_folder(converted[0], backbone.card).weights_sha == backbone.weights_sha
    assert (converted[0] / "model.safetensors").stat().st_mtime_ns == made
