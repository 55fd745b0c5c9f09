"""Layers computed twice: the same gradients from less memory, as the last thing that is tried."""

import numpy as np
import pytest
import torch

from automl_nb.transfer import loop
from automl_nb.transfer.finetune import FineTune
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.recompute import recomputed
from automl_nb.transfer.student import Student
from automl_nb.transfer.tuning import network_for, stack_of
from automl_nb.zoo.load import load_backbone
from tests.support import trials

CONFIG = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "max_length": 24,
    "epochs": 1.0,
}


def gradients(student):
    """Gradients of every weight, and the bytes that were kept for the way back."""
    kept = []

    def keep(tensor):
        kept.append(tensor.nbytes)
        return tensor

    inputs = student.network.load(np.arange(8), None)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        student.features(inputs)  # only to see what is kept
    student.features(inputs)[:, 0].sum().backward()
    return {n: p.grad for n, p in student.body.named_parameters() if p.grad is not None}, sum(kept)


def student_of(**flags):
    context = trials.texts(70)
    network = network_for(context, CONFIG)
    vars(network).update(flags)
    head = LinearPredictor((), np.zeros((384, 1)), np.zeros(1), context.task.kind)
    return Student(context, network, head, CONFIG)


def test_the_gradients_are_the_same_and_less_is_kept():
    plain, kept = gradients(student_of())
    again, kept_again = gradients(student_of(recomputes=True))
    assert plain.keys() == again.keys()
    for name, gradient in plain.items():
        torch.testing.assert_close(again[name], gradient, rtol=1e-4, atol=1e-6)
    assert kept_again < 0.5 * kept


def test_pictures_are_computed_twice_too():
    module = load_backbone("efficientnet-lite0").trainable().module.eval()
    pixels, grads = torch.randn(1, 3, 32, 32), []
    for twice in (False, True):
        module.zero_grad()
        if twice:
            with recomputed(module):
                out = module(pixels)
        else:
            out = module(pixels)
        out.square().sum().backward()
        grads.append(module.blocks[3].project[0].weight.grad.clone())
    torch.testing.assert_close(*grads)


def test_the_network_is_as_it_was_afterwards():
    module = load_backbone("minilm-l3").trainable().module
    inside = []

    def fails():
        with recomputed(module):
            inside.extend("forward" in vars(layer) for layer in stack_of(module))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert inside == [True] * 3
    assert not any("forward" in vars(layer) for layer in stack_of(module))
    with torch.no_grad(), recomputed(module):
        assert not any("forward" in vars(layer) for layer in stack_of(module))


def test_it_is_the_last_step_before_giving_up(monkeypatch):
    real, tried = loop.train, []

    def scripted(lesson, **how):
        tried.append((lesson.accumulate, spares[-1].recomputes))
        if not spares[-1].recomputes:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return (yield from real(lesson, **how))

    spares, made = [], network_for

    def noted(*given):
        spares.append(made(*given))
        spares[-1].batch = 4
        return spares[-1]

    monkeypatch.setattr("automl_nb.transfer.tuning.network_for", noted)
    monkeypatch.setattr("automl_nb.transfer.tuner.train", scripted)
    candidate, _ = trials.finish(FineTune().train(trials.texts(70), (), CONFIG))
    assert tried == [(1, False), (2, False), (4, False), (4, True)]
    assert "1 rows at a time for lack of memory, and every layer computed twice" in candidate.note


def test_if_even_that_does_not_fit_it_says_so(monkeypatch):
    def never(*_, **__):
        raise MemoryError("not a byte")
        yield

    monkeypatch.setattr("automl_nb.transfer.tuner.train", never)
    with pytest.raises(MemoryError, match="not a byte"):
        trials.finish(FineTune().train(trials.texts(70), (), CONFIG))
