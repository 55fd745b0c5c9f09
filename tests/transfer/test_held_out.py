"""A trained network beside the rows held out, and its pace."""

import numpy as np
import pytest

from automl_nb.core.types import TaskKind
from automl_nb.transfer import held_out
from automl_nb.transfer.prior import Constant
from tests.support import trials
from tests.support.gaussians import clouds


def test_the_pace_is_that_of_a_warm_network(monkeypatch):
    """20 s for the first 24 of 40 rows, and half a second for the 16 others."""
    clock = iter([0.0, 20.0, 20.5])
    monkeypatch.setattr(held_out, "now", lambda: next(clock))
    context = trials.context(*clouds(120), TaskKind.MULTICLASS)
    judge, predictor = context.folds[0].judge, Constant(np.full(3, 1 / 3))
    made = held_out.judged_on(
        judge, predictor, context, {"name": "net"}, strategy="finetune", started=0.0, note=""
    )
    assert predictor.seconds_a_row == pytest.approx(0.5 / 16)
    assert np.isfinite(made.oof).all(axis=1).sum() == len(judge)
