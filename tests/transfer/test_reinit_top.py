"""The top blocks anew, the others bit by bit as they came."""

from dataclasses import replace

import numpy as np
import pytest

from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.zoo.depth import depths
from automl_nb.zoo.load import load_backbone, resolve
from tests.support import trials, tuning


@pytest.mark.parametrize(("top", "drawn"), [(1, 1), (2, 2), (3, 2)])
def test_the_top_blocks_are_drawn_and_one_at_least_stays(top, drawn):
    _, student = tuning.started("reinit-top", top=top)
    own, source = tuning.body(student), tuning.source()
    level = depths(load_backbone("minilm-l3").module)
    for name, weight in own.items():
        assert np.array_equal(weight, source[name]) == (level[name] <= 3 - drawn), name
    assert student.note == f"{drawn} of 3 blocks anew"
    matrix = own["encoder.layer.2.intermediate.dense.weight"]
    assert matrix.std() == pytest.approx(0.02, rel=0.03)


def test_lower_normalisations_of_pictures_stay(tmp_path):
    folder = trials.small_pictures(tmp_path / "lite0-64")
    config = {"column": "image", "backbone": str(folder), "modality": "image"}
    _, student = tuning.started("reinit-top", trials.pictures(32), **config)
    own, source = student.body.state_dict(), load_backbone(str(folder)).module.state_dict()
    changed = {name for name in own if not np.array_equal(own[name], source[name])}
    assert {".".join(name.split(".")[:2]) for name in changed} == {"blocks.15", "head.0", "head.1"}
    assert "blocks.15.depthwise.1.running_var" in changed


def test_the_head_is_solved_on_what_the_new_network_sees():
    context = trials.texts()
    _, student = tuning.started("reinit-top", context)
    _, usual = tuning.started("finetune", context)
    assert not np.allclose(student.linear.weight.detach(), usual.linear.weight.detach())
    assert tuning.held_out(student)()["loss"] < np.log(2)


def test_one_layer_is_refused():
    card, task = resolve("minilm-l3"), Task(TaskKind.BINARY, "label", ("a", "b"))
    strategy = STRATEGIES["reinit-top"].load()()
    assert strategy.refuses(card, task) == ""
    assert "one layer" in strategy.refuses(replace(card, n_layers=1), task)
