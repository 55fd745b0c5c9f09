"""Fine-tuning with scripted curves in place of trainings, for searches that take no time."""

from __future__ import annotations

import math

import numpy as np

from automl_nb.core.trials import Cancelled, Decision, Report
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.finetune import FineTune
from automl_nb.transfer.prior import Constant

STEPS = 9


def best_at(rate: float):
    """Loss curves that fall towards a floor; the floor is lowest at a learning rate."""

    def curve(config, share):
        floor = 0.1 + 0.1 * abs(math.log10(config["lr"] / rate))
        return floor + 0.3 * (1.0 - share)

    return curve


def tuned_by(monkeypatch, curve=best_at(1e-3), steps=STEPS):
    """Have `finetune` follow `curve(config, share)`; returns the list of (config, steps taken)."""
    taken = []

    def train(self, context, inputs, config):
        mine = [config, 0]
        taken.append(mine)
        for step in range(1, steps + 1):
            if context.cancel.cancelled and step == 1:
                raise Cancelled(context.cancel.reason)
            mine[1], loss = step, curve(config, step / steps)
            report = Report(context.trial_id, float(step), {"loss": loss}, total=float(steps))
            if (yield report) is Decision.STOP:
                break
        return _candidate(context, config, loss)

    monkeypatch.setattr(FineTune, "train", train)
    return taken


def _candidate(context, config, loss):
    """A model whose held-out rows have just this loss."""
    k = len(context.task.classes)
    right = math.exp(-loss)
    oof = np.full((len(context.y), k), np.nan)
    for row in context.folds[0].judge:
        oof[row] = (1.0 - right) / (k - 1)
        oof[row, context.y[row]] = right
    shares = np.full(k, 1.0 / k)
    return Candidate(str(config["name"]), "finetune", (), Constant(shares), oof, 0.0)
