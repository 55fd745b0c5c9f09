"""Gradual unfreezing: which layers have moved at which step."""

import numpy as np
import pytest

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.gradual import Gradual
from automl_nb.transfer.tiers import tiers_of
from automl_nb.zoo.load import resolve
from tests.support import trials, tuning


def open_tiers(tuner) -> list[int]:
    return [n for n, tier in enumerate(tuner._tiers) if all(p.requires_grad for p in tier)]


def test_layers_join_from_the_top_at_even_distances():
    tuner, student = tuning.started("gradual", thaw=0.5)
    tuner.groups(student)
    assert len(tuner._tiers) == 3  # MiniLM-L3's blocks; its embeddings are never trained
    seen = []
    for step in range(1, 21):
        tuner.after_step(student, step, 20, 1.0)
        seen.append(len(open_tiers(tuner)))
        assert open_tiers(tuner) == list(range(3 - seen[-1], 3))
    assert seen == [1] * 4 + [2] * 5 + [3] * 11


def test_a_schedule_that_shrinks_thaws_sooner_and_freezes_nothing():
    tuner, student = tuning.started("gradual", thaw=0.5)
    tuner.groups(student)
    tuner.after_step(student, 5, 20, 1.0)
    assert len(open_tiers(tuner)) == 2
    tuner.after_step(student, 6, 1000, 1.0)
    assert len(open_tiers(tuner)) == 2
    tuner.after_step(student, 7, 8, 1.0)
    assert len(open_tiers(tuner)) == 3


@pytest.mark.parametrize(("fall", "factor"), [("xi", 0.8), ("2.6", 1 / 2.6)])
def test_rates_fall_from_layer_to_layer(fall, factor):
    tuner, student = tuning.started("gradual", fall=fall, decay=0.8, lr=1e-3)
    head, *layers = tuner.groups(student)
    assert head["lr"] == pytest.approx(0.02)
    rates = [group["lr"] for group in layers]
    np.testing.assert_allclose(rates, [1e-3, 1e-3 * factor, 1e-3 * factor**2])


class Watched(Gradual):
    """Notes after each step which tiers differ from the source."""

    def after_step(self, student, step, total, factor):
        names = {id(p): name for name, p in student.body.named_parameters()}
        moved = [
            any((p != student.source[names[id(p)]]).any() for p in tier) for tier in self._tiers
        ]
        self.seen.append((step / total, moved))
        super().after_step(student, step, total, factor)


def test_frozen_layers_have_not_moved_and_thawed_ones_have():
    tuner = Watched()
    tuner.seen = []
    config = {**tuning.SMALL, "epochs": 3.0, "thaw": 0.5}
    trials.finish(tuner.train(trials.texts(), (), config))
    assert [moved[2] for _, moved in tuner.seen] == [True] * len(tuner.seen)
    for lower, upper in ((0, 1), (1, 2)):
        firsts = [min(share for share, moved in tuner.seen if moved[n]) for n in (lower, upper)]
        assert firsts[0] > firsts[1]
    assert not any(moved[0] for share, moved in tuner.seen if share <= 0.5)
    assert tuner.seen[-1][1] == [True] * 3


def test_what_follows_the_stack_of_a_picture_network_belongs_to_its_top(tmp_path):
    folder = trials.small_pictures(tmp_path / "lite0-64")
    config = {"column": "image", "backbone": str(folder), "modality": "image"}
    _, student = tuning.started("gradual", trials.pictures(16), **config)
    tiers = tiers_of(student)
    names = {id(p): name for name, p in student.body.named_parameters()}
    assert len(tiers) == 17  # stem and 16 blocks
    assert {names[id(p)].split(".")[0] for p in tiers[0]} == {"stem"}
    assert {names[id(p)].split(".")[0] for p in tiers[-1]} == {"blocks", "head"}
    assert sum(map(len, tiers)) == len(names)


def test_one_layer_is_refused():
    from dataclasses import replace

    card, task = resolve("minilm-l3"), Task(TaskKind.BINARY, "label", ("a", "b"))
    strategy = STRATEGIES["gradual"].load()()
    assert strategy.refuses(card, task) == ""
    assert "one layer" in strategy.refuses(replace(card, n_layers=1), task)
