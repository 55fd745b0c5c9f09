"""A network cut in two gives what the whole gives, in every family that can be cut."""

import pytest
import torch

from automl_nb.core.errors import SettingError
from automl_nb.zoo.architectures import ARCHITECTURES, cut_of
from automl_nb.zoo.cut import joined, lower_part, states_below, upper_layers, upper_part
from automl_nb.zoo.load import load_backbone
from tests.zoo import families

CUT = [kind for kind in ARCHITECTURES if cut_of(kind)]


def of_family(kind, folder):
    """A network whose random weights let something through."""
    torch.manual_seed(0)
    backbone = load_backbone(str(families.make_folder(kind, folder / kind)))
    for part in backbone.module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.train().momentum, part.eps = 1.0, 1e-20
    with torch.no_grad():
        backbone.embed(inputs_of(backbone))
    backbone.module.eval()
    return backbone


def inputs_of(backbone):
    if backbone.tokenizer is None:
        side = backbone.picture_spec.size
        return {"pixels": torch.randn(2, 3, side, side)}
    ids, mask = backbone.tokenizer.pad(backbone.tokenizer.encode(["a fine green tea", "stale"]))
    return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}


def in_two_steps(backbone, upper, inputs, layers):
    states = states_below(lower_part(backbone, layers), inputs)
    if "pixels" in inputs:
        return upper.embed({"pixels": states})
    mask = inputs["attention_mask"]
    # What lies in the padding must not matter: it isn't kept.
    return upper.embed({"inputs_embeds": states * mask.unsqueeze(2), "attention_mask": mask})


@pytest.mark.parametrize("kind", CUT)
def test_both_parts_together_are_the_whole(kind, tmp_path):
    backbone, layers = of_family(kind, tmp_path), 1
    inputs = inputs_of(backbone)
    whole = backbone.embed(inputs)
    assert whole.abs().mean() > 1e-4
    found = in_two_steps(backbone, upper_part(backbone, layers), inputs, layers)
    torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", CUT)
def test_changed_upper_weights_come_back_into_the_whole(kind, tmp_path):
    backbone = of_family(kind, tmp_path)
    inputs = inputs_of(backbone)
    upper = upper_part(backbone, 1).trainable()
    with torch.no_grad():
        for layer in upper_layers(backbone, upper.module, 1):
            for parameter in layer:
                parameter.mul_(1.05)
    whole = joined(backbone, upper, 1)
    names = [name for name, _ in backbone.module.named_parameters()]
    assert [name for name, _ in whole.module.named_parameters()] == names
    untouched = backbone.embed(inputs)
    torch.testing.assert_close(
        whole.embed(inputs), in_two_steps(backbone, upper, inputs, 1), rtol=1e-4, atol=1e-5
    )
    assert not torch.equal(whole.embed(inputs), untouched)


def test_the_starters_pictures_are_cut_too():
    backbone = load_backbone("efficientnet-lite0")
    inputs = {"pixels": torch.randn(2, 3, 64, 64)}
    found = in_two_steps(backbone, upper_part(backbone, 5), inputs, 5)
    torch.testing.assert_close(found, backbone.embed(inputs), rtol=1e-4, atol=1e-5)


def test_deberta_with_relative_positions_is_cut_too(tmp_path, monkeypatch):
    relative = {
        "relative_attention": True,
        "position_buckets": 8,
        "norm_rel_ebd": "layer_norm",
        "pos_att_type": ["p2c", "c2p"],
        "share_att_key": True,
    }
    monkeypatch.setitem(families.SMALL, "deberta-v2", families.TEXT | relative)
    backbone = of_family("deberta-v2", tmp_path)
    inputs = inputs_of(backbone)
    found = in_two_steps(backbone, upper_part(backbone, 1), inputs, 1)
    torch.testing.assert_close(found, backbone.embed(inputs), rtol=1e-4, atol=1e-5)


def test_the_weights_are_shared_with_the_whole():
    backbone = load_backbone("minilm-l6")
    own = {tensor.data_ptr() for tensor in backbone.module.parameters()}
    for part in (lower_part(backbone, 2), upper_part(backbone, 2).module):
        assert {tensor.data_ptr() for tensor in part.parameters()} < own
    assert backbone.module.config.num_hidden_layers == 6


@pytest.mark.parametrize("layers", [0, 7, -1])
def test_too_many_layers_are_told(layers):
    with pytest.raises(SettingError, match="Between 1 and 6 upper layers"):
        upper_part(load_backbone("minilm-l6"), layers)


@pytest.mark.parametrize("kind", ["albert", "swin"])
def test_a_family_that_cannot_be_cut_is_told(kind, tmp_path):
    backbone = load_backbone(str(families.make_folder(kind, tmp_path / kind)))
    with pytest.raises(SettingError, match="can be cut"):
        upper_part(backbone, 1)
