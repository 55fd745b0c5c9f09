"""The converted starter weights give what their first owners' code gives."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet

from automl_nb.core.errors import WeightsError
from automl_nb.zoo import starter
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.efficientnet_lite import VARIANTS, EfficientNetLite, fuse
from automl_nb.zoo.load import load_backbone
from automl_nb.zoo.onnx_bert import bert_state

TEXTS = ["A fine tea, warmly recommended.", "stale", "It arrived broken and late; never again!"]


def test_minilm_l3_equals_its_onnx_file():
    package = starter.package_folder(CARDS["minilm-l3"].location)
    graph = onnx.load(str(package / starter.FILES["minilm-l3"]))
    from onnx.reference import ReferenceEvaluator

    backbone = load_backbone("minilm-l3")
    ids, mask = backbone.tokenizer.pad(backbone.tokenizer.encode(TEXTS))
    named = dict(
        zip(
            [output.name for output in graph.graph.output],
            ReferenceEvaluator(graph).run(None, {"input_ids": ids, "attention_mask": mask}),
            strict=True,
        )
    )
    states = next(value for value in named.values() if value.ndim == 3)
    ours = backbone.module(torch.from_numpy(ids), torch.from_numpy(mask)).last_hidden_state
    np.testing.assert_allclose(ours.numpy()[mask == 1], states[mask == 1], atol=1e-4)


def test_minilm_l6_puts_like_texts_together():
    backbone = load_backbone("minilm-l6")
    pairs = ["The tea is great.", "I love this tea.", "The train left at noon."]
    ids, mask = map(torch.from_numpy, backbone.tokenizer.pad(backbone.tokenizer.encode(pairs)))
    a, b, c = backbone.embed({"input_ids": ids, "attention_mask": mask})
    assert torch.cosine_similarity(a, b, 0) > 0.6
    assert torch.cosine_similarity(a, c, 0) < 0.3


@pytest.mark.parametrize("variant", VARIANTS)
def test_efficientnet_lite_equals_its_first_owners_code(variant, capsys):
    name = f"efficientnet-{variant}"
    package = starter.package_folder(CARDS[name].location)
    theirs = EfficientNet.from_pretrained(name, weights_path=str(package / starter.FILES[name]))
    size = VARIANTS[variant].pixels
    pixels = torch.randn(2, 3, size, size)
    with torch.inference_mode():
        expected = theirs.eval().extract_features(pixels)
        ours = load_backbone(name)
        torch.testing.assert_close(ours.module.feature_map(pixels), expected)
        torch.testing.assert_close(ours.embed({"pixels": pixels}), expected.mean((2, 3)))
    assert ours.picture_spec.size == size


@pytest.mark.parametrize("side", [32, 33, 63, 97])
def test_folding_normalisations_changes_nothing_at_any_size(side):
    torch.manual_seed(0)
    net = EfficientNetLite("lite0").eval()
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(part.weight, 1, 0.1)
            torch.nn.init.normal_(part.bias)
    pixels = torch.randn(1, 3, side, side)
    with torch.inference_mode():
        before = net(pixels)
        after = fuse(net)(pixels)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)


def test_an_onnx_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.onnx"
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph([node], "g", [info("x", 1, [1])], [info("y", 1, [1])])
    onnx.save(onnx.helper.make_model(graph), path)
    with pytest.raises(WeightsError, match="BERT exported"):
        bert_state(path)
    path.write_bytes(b"no onnx at all")
    with pytest.raises(WeightsError, match="BERT exported"):
        bert_state(path)


def test_another_file_under_the_packages_name_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    weights = tmp_path / starter.FILES["efficientnet-lite0"]
    weights.parent.mkdir()
    weights.write_bytes(b"not what was published")
    monkeypatch.setattr(starter, "package_folder", lambda _: tmp_path)
    with pytest.raises(WeightsError, match="must be the known file"):
        starter.starter_folder(CARDS["efficientnet-lite0"])


def test_a_cache_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("AUTOML_NB_CACHE", str(blocked))
    with pytest.raises(WeightsError, match="AUTOML_NB_CACHE"):
        starter.starter_folder(CARDS["efficientnet-lite0"])


def test_packages_are_found_without_importing_them():
    spec = importlib.util.find_spec("json")
    assert starter.package_folder("json") == Path(spec.origin).parent
    assert starter.package_folder("no_such_package_at_all") is None
