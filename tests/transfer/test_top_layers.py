"""Upper layers tuned by themselves: the same result as without keeping, and the rest untouched."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from automl_nb.core.errors import SettingError
from automl_nb.core.types import TaskKind
from automl_nb.transfer.augment.base import Augmentation
from automl_nb.transfer.states import StateFile
from automl_nb.transfer.top_layers import TopLayers
from automl_nb.transfer.tuning import network_for
from automl_nb.transfer.upper import CLEAN, KeptBelow, UpperLayers
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import load_backbone, resolve
from automl_nb.zoo.probe import Probe
from tests.support import trials
from tests.support.tuning import improvable
from tests.zoo import families

TEXT = {"column": "text", "backbone": "minilm-l3", "modality": "text", "max_length": 24}
IMAGE = {"column": "picture", "backbone": "efficientnet-lite0", "modality": "image"}


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """All in float32, so that both ways are alike but for rounding."""
    only = Probe("float32", {"float32": 1e6})
    monkeypatch.setattr("automl_nb.zoo.probe.probe", lambda *_: only)


def pictures(n=70):
    """Bright squares on dark ground, or dark ones on bright ground, with noise."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    shown = []
    for label in y:
        picture = rng.integers(0, 90, (48, 48, 3)) + 160 * label
        picture[12:36, 12:36] = 255 - picture[12:36, 12:36]
        shown.append(Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)))
    frame = pd.DataFrame({"picture": pd.Series(shown, dtype=object)})
    return trials.context(np.zeros((n, 1)), y, TaskKind.BINARY, frame=frame)


def tuned(context, config, **more):
    strategy = TopLayers()
    return trials.finish(strategy.train(context, (), config | more))[0]


@pytest.mark.parametrize("more", [{}, pytest.param({"layers": 2}, marks=pytest.mark.thorough)])
def test_texts_give_the_same_result_with_and_without_keeping(more):
    context = improvable()
    kept = tuned(context, TEXT, epochs=3.0, **more)
    anew = tuned(context, TEXT, epochs=3.0, cache="off", **more)
    np.testing.assert_allclose(kept.oof, anew.oof, atol=1e-3)
    blocks = context.blocks
    np.testing.assert_allclose(
        kept.predictor.predict(blocks), anew.predictor.predict(blocks), atol=1e-3
    )
    frozen = load_backbone("minilm-l3").module.state_dict()
    changed = [
        name
        for name, tensor in kept.predictor.encoder.backbone.module.state_dict().items()
        if not torch.equal(tensor, frozen[name])
    ]
    upper = tuple(f"encoder.layer.{i}." for i in range(3 - more.get("layers", 1), 3))
    assert changed
    assert all(name.startswith(upper) for name in changed)
    assert ("the upper 2 layers alone" if more else "the top layer alone") in kept.note


def test_pictures_give_the_same_result_as_long_as_every_epoch_has_its_view(tmp_path):
    torch.manual_seed(0)
    folder = families.make_folder("convnext", tmp_path / "convnext")
    few = {**IMAGE, "backbone": str(folder), "layers": 1, "epochs": 2.0, "head": "random"}
    context = pictures()
    kept, anew = tuned(context, few), tuned(context, few, cache="off")
    np.testing.assert_allclose(kept.oof, anew.oof, atol=1e-3)
    frozen = load_backbone(str(folder)).module.state_dict()
    changed = {
        name
        for name, tensor in kept.predictor.encoder.backbone.module.state_dict().items()
        if not torch.equal(tensor, frozen[name])
    }
    assert "layernorm.weight" in changed
    assert all(name.startswith(("encoder.stages.1.", "layernorm.")) for name in changed)


def kept_below(context, config, views=4):
    config = {"max_length": 24, **config}
    whole = network_for(context, config)
    return whole, KeptBelow(whole, 1, config, context, views)


def test_the_lower_layers_read_each_row_once(monkeypatch):
    context = trials.texts(70)
    _, network = kept_below(context, TEXT)
    read = []
    original = network.whole.load
    monkeypatch.setattr(
        network.whole, "load", lambda rows, rng: read.extend(rows) or original(rows, rng)
    )
    batches = network.batches(np.arange(70), np.zeros((70, 1), np.float32), 8, 0)
    for epoch in range(3):
        assert sum(len(targets) for _, targets in batches(epoch)) == 70
    assert sorted(read) == list(range(70))
    for _, _ in network.batches(np.arange(70), np.zeros((70, 1)), 8, None).in_order():
        pass
    assert len(read) == 70


def test_epochs_take_the_views_of_a_picture_in_turn():
    context = pictures(12)
    _, network = kept_below(context, IMAGE, views=2)
    rows, rng = np.arange(6), np.random.default_rng(0)
    views = [network.view(rows, rng, epoch)["pixels"] for epoch in range(4)]
    assert torch.equal(views[0], views[2])
    assert torch.equal(views[1], views[3])
    assert not torch.equal(views[0], views[1])
    clean = network.load(rows, None)["pixels"]
    assert not torch.equal(views[0], clean)
    assert torch.equal(clean, network.load(rows, None)["pixels"])


class Reversed(Augmentation):
    name, modality = "reversed", "text"

    def text(self, text, rng):
        return " ".join(reversed(text.split())) + " again" * int(rng.integers(0, 3))


def test_changed_texts_are_kept_by_view_and_mixed_rows_not_at_all(monkeypatch):
    context = trials.texts(70)
    whole, network = kept_below(context, TEXT)
    whole.augmentation = Reversed()
    rng = np.random.default_rng(0)
    first = network.view(np.arange(5), rng, 0)["inputs_embeds"]
    assert torch.equal(network.view(np.arange(5), rng, 4)["inputs_embeds"], first)
    assert network.view(np.arange(5), rng, 1)["inputs_embeds"].shape[0] == 5
    assert CLEAN not in {view for view, _ in network._kept._places}

    class Mixing(Augmentation):
        name, mixes = "mixing", True

    monkeypatch.setattr("automl_nb.transfer.tuning.augmentation_for", lambda *_: Mixing())
    made = TopLayers().network(context, TEXT, np.arange(60))
    assert type(made) is UpperLayers
    assert "mixed" in made.note


def test_a_network_whose_upper_layers_read_more_keeps_nothing(tmp_path, monkeypatch):
    convolved = {"conv_kernel_size": 3, "conv_act": "gelu", "relative_attention": True}
    monkeypatch.setitem(families.SMALL, "deberta-v2", families.TEXT | convolved)
    folder = families.make_folder("deberta-v2", tmp_path / "deberta")
    context = trials.texts(70)
    network = TopLayers().network(context, {**TEXT, "backbone": str(folder)}, np.arange(60))
    assert type(network) is UpperLayers
    assert "read more" in network.note


def test_refusals_come_from_the_card_alone(tmp_path):
    strategy, task = TopLayers(), trials.texts(70).task
    for name in ("minilm-l6", "deberta-v3-base", "efficientnet-lite0", "vit-base", "resnet-50"):
        assert strategy.refuses(CARDS[name], task) == ""
    assert "can't be cut" in strategy.refuses(CARDS["swin-tiny"], task)
    albert = resolve(str(families.make_folder("albert", tmp_path / "albert")))
    assert "(albert)" in strategy.refuses(albert, task)
    assert strategy.refuses(replace(albert, family="bert"), task) == ""


def test_too_many_layers_are_told_before_anything_is_trained():
    with pytest.raises(SettingError, match="Between 1 and 3 upper layers"):
        tuned(trials.texts(), TEXT, layers=9)


def test_states_move_to_a_file_when_they_are_many(tmp_path):
    states = StateFile(tmp_path, memory=1000)
    rng = np.random.default_rng(0)
    written = {i: rng.bytes(int(rng.integers(1, 400))) for i in range(50)}
    for key, data in written.items():
        assert states.keep(key, data)
    assert all(bytes(states.find(key)) == data for key, data in written.items())
    assert states.find(99) is None


def test_a_full_disk_costs_the_keeping_alone(monkeypatch):
    context = trials.texts(70)
    _, network = kept_below(context, TEXT)
    before = network.load(np.arange(6), None)["inputs_embeds"]

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(network._kept._file, "write", full)
    network.load(np.arange(6, 9), None)
    assert network._kept.full
    assert network._kept.find((CLEAN, 0)) is None
    torch.testing.assert_close(network.load(np.arange(6), None)["inputs_embeds"], before)
