"""A drawn part learns; the rest stays bit by bit."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support import trials, tuning


@pytest.mark.parametrize(("parts", "share"), [("layers", 0.67), ("tensors", 0.5)])
def test_only_the_drawn_part_moves(parts, share):
    config = {**tuning.SMALL, "parts": parts, "share": share}
    context = tuning.improvable()
    _, student = tuning.started("random-subset", context, parts=parts, share=share)
    drawn = {name for name, p in student.body.named_parameters() if p.requires_grad}
    candidate = trials.trained("random-subset", context, (), **config)
    trained, source = tuning.body(candidate.predictor), tuning.source()
    moved = {name for name in source if not np.array_equal(trained[name], source[name])}
    assert moved == drawn
    assert drawn
    assert f" {parts} trained" in candidate.note


def test_the_share_is_what_was_asked_and_one_at_least():
    for share, wanted in ((0.01, 1), (0.34, 1), (0.67, 2), (1.0, 3)):
        _, student = tuning.started("random-subset", share=share)
        assert student.note == f"{wanted} of 3 layers trained"


def test_the_seed_draws():
    drawn = []
    for seed in (0, 0, 1, 2, 3):
        context = replace(trials.texts(), seed=seed)
        _, student = tuning.started("random-subset", context, parts="tensors")
        drawn.append(tuple(n for n, p in student.body.named_parameters() if p.requires_grad))
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 4
