"""The way a network attends changes its speed, not its numbers."""

import torch

from automl_nb.zoo.attention import PLAIN, attend, attention_of
from automl_nb.zoo.load import load_backbone


def inputs():
    ids = torch.arange(5, 65).reshape(4, 15)
    mask = torch.ones_like(ids)
    mask[0, 9:] = 0
    return {"input_ids": ids, "attention_mask": mask}


def test_a_network_that_is_trained_on_a_cpu_attends_plainly():
    source = load_backbone("minilm-l3")
    copy = source.trainable()
    assert attention_of(copy.module) == PLAIN
    assert attention_of(source.module) not in {"", PLAIN}  # the frozen one is as it was
    torch.testing.assert_close(copy.embed(inputs()), source.embed(inputs()), atol=2e-5, rtol=1e-4)


def test_it_can_go_back():
    source = load_backbone("minilm-l3")
    copy = source.trainable()
    attend(copy.module, attention_of(source.module))
    assert attention_of(copy.module) == attention_of(source.module)
    torch.testing.assert_close(copy.embed(inputs()), source.embed(inputs()), atol=2e-5, rtol=1e-4)


def test_a_network_without_attention_is_left_alone():
    module = load_backbone("efficientnet-lite0").trainable().module
    assert attention_of(module) == ""
    attend(module, PLAIN)
    assert attention_of(module) == ""
