"""On a CUDA card, where there is one: everything that computes there, and the way back."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.types import TaskKind
from automl_nb.features.text import FrozenText
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.predictors import PREDICTORS
from automl_nb.zoo import probe as race
from automl_nb.zoo.load import forget_backbones, load_backbone
from tests.support import trials, tuning

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card")
NETWORKS = STRATEGIES.names("backbone")


def loss_of(reports) -> list[float]:
    return [report.metrics["loss"] for report in reports]


@pytest.mark.parametrize("name", STRATEGIES.names("torch"))
def test_what_learns_on_the_card_answers_the_same_on_the_cpu(name, tmp_path):
    is_network = name in NETWORKS
    context = tuning.improvable() if is_network else trials.table(TaskKind.MULTICLASS)
    context = replace(context, device="cuda")
    inputs, config = ((), tuning.SMALL) if is_network else (("x",), {})
    candidate, reports = trials.finish(STRATEGIES[name].load()().train(context, inputs, config))
    assert np.isfinite(loss_of(reports)).all()
    there = candidate.predictor.predict(context.blocks)
    saved = json.loads(json.dumps(candidate.predictor.save(tmp_path)))
    kind = PREDICTORS[type(candidate.predictor).__name__].load()
    here = kind.load(tmp_path, {**saved, "device": "cpu"}).predict(context.blocks)
    np.testing.assert_allclose(here, there, atol=0.02)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_a_network_learns_in_each_format(dtype, monkeypatch):
    monkeypatch.setattr(FrozenText, "torch_dtype", lambda self: getattr(torch, dtype))
    context = replace(tuning.improvable(), device="cuda")
    config = {**tuning.SMALL, "epochs": 3.0}
    _, reports = trials.finish(STRATEGIES["finetune"].load()().train(context, (), config))
    assert min(loss_of(reports)) < 0.97 * loss_of(reports)[0]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_killed_training_goes_on_on_the_card(dtype, monkeypatch, tmp_path):
    monkeypatch.setattr(FrozenText, "torch_dtype", lambda self: getattr(torch, dtype))
    context = replace(tuning.improvable(), device="cuda")

    def begun(folder):
        kept = Checkpoints(tmp_path / folder, "trial", every_s=0.0)
        own = replace(context, checkpoints=kept)
        return STRATEGIES["finetune"].load()().train(own, (), tuning.SMALL)

    whole, reports = trials.finish(begun("whole"))
    trial = begun("part")
    next(trial)
    next(trial)
    trial.close()
    again, told = trials.finish(begun("part"))
    np.testing.assert_allclose(loss_of(told), loss_of(reports), rtol=0.01)
    np.testing.assert_allclose(again.oof, whole.oof, atol=0.02)


def test_the_race_is_run_with_batches_as_large_as_encoders_make():
    made = race.race(load_backbone("minilm-l6", device="cuda"), "cuda")
    assert made.dtype in {"bfloat16", "float16"}
    assert made.rate > made.rates["float32"]


def test_less_memory_makes_smaller_batches():
    context = tuning.improvable()
    encoder = FrozenText("text", "minilm-l3", device="cuda", max_length=128, dtype="float32")
    whole = encoder.transform(context.blocks.frame)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 40 * 2**20) / total)
    try:
        less = encoder.transform(context.blocks.frame)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        forget_backbones()
    np.testing.assert_allclose(less, whole, atol=1e-4)
