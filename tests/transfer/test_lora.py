"""Adapters and biases: few weights learn, and what comes out is a plain network."""

import sys

import numpy as np
import pytest
import torch

from automl_nb.core.errors import MissingExtraError, SettingError
from automl_nb.transfer.bitfit import BitFit
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.lora import Lora
from automl_nb.transfer.student import Student
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.transfer.tuning import network_for
from automl_nb.zoo.architectures import ARCHITECTURES, has_biases, has_linear_layers
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import forget_backbones, load_backbone
from tests.support import trials
from tests.support.tuning import improvable
from tests.zoo import families

CONFIG = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "max_length": 24,
    "epochs": 1.0,
}


def student_of(**config):
    context = trials.texts(70)
    network = network_for(context, CONFIG | config)
    head = LinearPredictor((), np.zeros((384, 1)), np.zeros(1), context.task.kind)
    return Student(context, network, head, CONFIG | config)


def some_inputs(student):
    return student.network.on_device(student.network.load(np.arange(8), None))


def with_random_adapters(strategy, student):
    strategy.shape(student)
    torch.manual_seed(1)
    for name, parameter in student.body.named_parameters():
        if "lora_B" in name:  # they start at zero, where nothing could be wrong
            torch.nn.init.normal_(parameter, std=0.05)


def test_merged_adapters_give_what_unmerged_ones_gave():
    student, strategy = student_of(), Lora()
    before = student.features(some_inputs(student))
    with_random_adapters(strategy, student)
    unmerged = student.features(some_inputs(student))
    assert not torch.allclose(unmerged, before, atol=1e-2)
    strategy.settle(student, np.arange(60), None)
    merged = student.features(some_inputs(student))
    torch.testing.assert_close(merged, unmerged, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("r", "alpha"), [(8, 16.0), (2, 3.0)])
def test_a_merged_matrix_is_the_paper_s_sum(r, alpha):
    student, strategy = student_of(r=r, alpha=alpha), Lora()
    with_random_adapters(strategy, student)
    weights = dict(student.body.named_parameters())
    name = "encoder.layer.1.intermediate.dense"
    a, b = weights[f"{name}.lora_A.default.weight"], weights[f"{name}.lora_B.default.weight"]
    assert (a.shape, b.shape) == ((r, 384), (1536, r))
    wanted = student.source[f"{name}.weight"] + (alpha / r) * (b @ a).detach()
    strategy.settle(student, np.arange(60), None)
    torch.testing.assert_close(student.body.get_submodule(name).weight, wanted)


def test_only_adapters_and_the_head_learn_and_the_network_starts_as_it_was():
    student, strategy = student_of(), Lora()
    before = student.features(some_inputs(student))
    strategy.shape(student)
    torch.testing.assert_close(student.features(some_inputs(student)), before)
    learning = {name for name, p in student.body.named_parameters() if p.requires_grad}
    assert len(learning) == 3 * 6 * 2  # A and B beside six matrices of each layer
    assert all(".lora_" in name for name in learning)
    in_groups = {id(p) for group in strategy.groups(student) for p in group["params"]}
    wanted = {id(p) for p in student.module.parameters() if p.requires_grad}
    assert in_groups == wanted


def test_what_is_saved_needs_no_peft(tmp_path, monkeypatch):
    context = improvable()
    candidate, _ = trials.finish(Lora().train(context, (), CONFIG))
    found = candidate.predictor.encoder.backbone.module.state_dict()
    plain = load_backbone("minilm-l3").module.state_dict()
    assert list(found) == list(plain)
    same = {name for name in plain if torch.equal(found[name], plain[name])}
    assert {name for name in plain if name not in same} == {
        name
        for name in plain
        if name.startswith("encoder.") and name.endswith("weight") and "LayerNorm" not in name
    }
    config = candidate.predictor.save(tmp_path)
    forget_backbones()
    for name in [name for name in sys.modules if name.partition(".")[0] == "peft"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "peft", None)  # importing it fails from now on
    again = TunedPredictor.load(tmp_path, config)
    np.testing.assert_allclose(
        again.predict(context.blocks), candidate.predictor.predict(context.blocks), atol=1e-7
    )


def test_without_peft_the_line_that_installs_it_is_told(monkeypatch):
    monkeypatch.setattr("automl_nb.core.registry._importable", lambda module: module != "peft")
    assert not STRATEGIES["lora"].installed
    assert STRATEGIES["bitfit"].installed
    with pytest.raises(MissingExtraError, match="automl_nb\\[adapters\\]"):
        STRATEGIES["lora"].load()


def test_only_biases_change():
    context = improvable()
    candidate, _ = trials.finish(BitFit().train(context, (), CONFIG))
    found = candidate.predictor.encoder.backbone.module.state_dict()
    plain = load_backbone("minilm-l3").module.state_dict()
    changed = {name for name in plain if not torch.equal(found[name], plain[name])}
    biases = {name for name in plain if name.endswith("bias")}
    # The attention's key bias shifts all scores of a row alike, so that its gradient is zero.
    assert {name for name in biases if ".key." not in name} <= changed <= biases
    assert f"{sum(plain[name].numel() for name in biases):,} biases alone" in candidate.note


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        (Lora, "efficientnet-lite0", "no linear ones (efficientnet-lite)"),
        (Lora, "resnet-50", "no linear ones (resnet)"),
        (Lora, "mobilenet-v2", "no linear ones"),
        (Lora, "vit-base", ""),
        (Lora, "convnext-tiny", ""),
        (Lora, "minilm-l6", ""),
        (BitFit, "modernbert", "no biases (modernbert)"),
        (BitFit, "efficientnet-lite0", ""),
        (BitFit, "minilm-l6", ""),
    ],
)
def test_refusals_come_from_the_card_alone(kind, name, why):
    refused = kind().refuses(CARDS[name], trials.texts(70).task)
    assert why in refused
    assert bool(refused) == bool(why)


def test_a_refused_backbone_is_told_before_it_is_loaded(monkeypatch):
    monkeypatch.setattr("automl_nb.transfer.tuning.network_for", None)
    trial = Lora().train(trials.texts(70), (), CONFIG | {"backbone": "efficientnet-lite0"})
    with pytest.raises(SettingError, match="'lora' can tune") as caught:
        next(trial)
    assert "efficientnet-lite0" in caught.value.received


def test_the_families_are_as_the_table_says(tmp_path):
    for kind in ARCHITECTURES:
        module = load_backbone(str(families.make_folder(kind, tmp_path / kind))).module
        layers = [part for part in module.modules() if isinstance(part, torch.nn.Linear)]
        biases = [name for name, _ in module.named_parameters() if name.endswith("bias")]
        assert has_linear_layers(kind) == bool(layers), kind
        assert has_biases(kind) == bool(biases), kind
