"""Students outside of a trial: a strategy's network with its head, before any training."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.student import Student
from automl_nb.transfer.tuner import Tuner, rows_of, targets_of
from tests.support import trials

LIBRARIES = ("matplotlib", "numpy", "pandas")
SMALL = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "epochs": 1.0,
    "max_length": 24,
}


def started(name: str, context: TrialContext | None = None, **config: Any) -> tuple[Tuner, Student]:
    """A strategy and its student as the loop gets it."""
    context = context or trials.texts()
    config = {**SMALL, **config}
    tuner = STRATEGIES[name].load()()
    fit, _ = rows_of(context)
    network = tuner.network(context, config, fit)
    head = tuner.started_head(context, network, fit, config)
    student = Student(context, network, head, config, fit)
    tuner.shape(student)
    return tuner, student


def improvable() -> TrialContext:
    """Texts that one epoch helps to tell apart, so that trained weights are what is kept."""
    return trials.texts(90, LIBRARIES)


def batch(student: Student, rows: int = 8) -> dict[str, torch.Tensor]:
    """The first rows as the network reads them."""
    return student.network.load(np.arange(rows), None)


def penalty(tuner: Tuner, student: Student, rows: int = 8) -> torch.Tensor | None:
    """What the strategy adds to a batch's loss."""
    inputs = batch(student, rows)
    return tuner.regulariser(student, inputs, student.features(inputs))


def nudge(student: Student, size: float = 0.01, seed: int = 0) -> None:
    """Move every trained weight a little."""
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in student.module.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=draws), alpha=size)


def body(student_or_predictor: Any) -> dict[str, np.ndarray]:
    """A network's weights by name, the student's or a trained predictor's."""
    module = (
        student_or_predictor.body
        if isinstance(student_or_predictor, Student)
        else student_or_predictor.encoder.backbone.module
    )
    return {name: p.detach().numpy().copy() for name, p in module.named_parameters()}


def source(backbone: str = "minilm-l3") -> dict[str, np.ndarray]:
    """The pretrained weights by name."""
    from automl_nb.zoo.load import load_backbone

    module = load_backbone(backbone).module
    return {name: p.detach().numpy().copy() for name, p in module.named_parameters()}


def held_out(student: Student) -> Any:
    """The held-out loss of a student's weights as they are."""
    from automl_nb.transfer.crossfit import plain_loss

    context = student.context
    _, judge = rows_of(context)
    batches = student.network.batches(judge, targets_of(context), 16, None)

    def loss() -> dict[str, float]:
        return {"loss": plain_loss(student.scores(batches), context.y[judge], context.task)}

    return loss
