"""Losses, starts of the head and augmentations as a network is tuned with them, end to end."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.types import TaskKind
from automl_nb.data.samples import load_sample
from automl_nb.transfer.finetune import FineTune
from automl_nb.transfer.losses.robust import RobustRows
from automl_nb.transfer.losses.uncertainty import UncertaintyRows
from tests.support import trials

TEXT = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "epochs": 1.0,
    "max_length": 24,
}
PICTURE = {"column": "image", "backbone": "efficientnet-lite0", "modality": "image", "epochs": 0.25}


def texts(kind):
    """Documentation of libraries, with labels of each kind."""
    made = trials.texts()
    words = made.blocks.frame["text"].str.split().str.len().to_numpy()
    frame = made.blocks.frame
    if kind is TaskKind.BINARY:
        return made
    if kind is TaskKind.MULTICLASS:
        return trials.context(np.zeros((90, 1)), made.y + (words > 60), kind, frame=frame)
    if kind is TaskKind.MULTILABEL:
        y = np.stack([made.y, words > 60, words % 2], axis=1).astype(np.float32)
        return trials.context(np.zeros((90, 1)), y, kind, frame=frame)
    return trials.context(np.zeros((90, 1)), np.log(words), kind, frame=frame)


def tuned(context, config=TEXT, **more):
    return trials.finish(FineTune().train(context, (), {**config, **more}))


CASES = [
    ("focal", TaskKind.MULTILABEL),
    ("class-balanced", TaskKind.BINARY),
    ("logit-adjusted", TaskKind.MULTICLASS),
]


@pytest.mark.parametrize(("name", "kind"), CASES, ids=str)
def test_a_network_is_tuned_with_each_loss(name, kind):
    valid(*tuned(texts(kind), loss=name), name)


def valid(candidate, reports, name):
    rows = np.isfinite(candidate.oof).all(axis=1)
    assert rows.any()
    assert reports[0].resource == 0.0
    assert reports[-1].resource == 1.0
    assert candidate.config["loss"] == name
    assert candidate.note.startswith("loss ")


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("robust", TaskKind.REGRESSION, RobustRows),
        ("uncertainty", TaskKind.MULTILABEL, UncertaintyRows),
    ],
)
def test_what_a_loss_learns_is_trained_with_the_network(name, kind, parts, monkeypatch):
    made = []
    start = parts.__init__

    def remembered(self, *args, **options):
        start(self, *args, **options)
        made.append((self, [p.detach().clone() for p in self.parameters()]))

    monkeypatch.setattr(parts, "__init__", remembered)
    valid(*tuned(texts(kind), loss=name), name)
    ((rows, before),) = made
    for parameter, old in zip(rows.parameters(), before, strict=True):
        assert torch.isfinite(parameter).all()
        assert not torch.equal(parameter, old)


def test_values_of_any_size_are_learnt_alike():
    """A length in metres, or in micrometres from a far zero, is the same task."""
    plain = texts(TaskKind.REGRESSION)
    large = replace(plain, y=1e9 + 1e6 * plain.y)
    one, _ = tuned(plain, head="random")
    other, _ = tuned(large, head="random")
    rows = np.isfinite(one.oof[:, 0])
    np.testing.assert_allclose((other.oof[rows] - 1e9) / 1e6, one.oof[rows], atol=2e-3)
    spread = np.std(plain.y)
    assert np.sqrt(np.mean((one.oof[rows, 0] - plain.y[rows]) ** 2)) < 1.5 * spread


def test_the_note_says_where_it_started_and_ended():
    candidate, reports = tuned(texts(TaskKind.BINARY), head="random", epochs=3.0)
    losses = [report.metrics["loss"] for report in reports]
    assert candidate.note.startswith(f"loss from {losses[0]:.3g} to {min(losses):.3g} in ")


def test_a_start_that_nothing_betters_is_kept_and_said():
    candidate, reports = tuned(texts(TaskKind.BINARY), lr=1e-1)  # a rate that ruins the network
    losses = [report.metrics["loss"] for report in reports]
    assert min(losses) == losses[0]
    assert candidate.note.startswith(f"loss {losses[0]:.3g} as at the start")


def test_a_network_is_tuned_with_mixed_pictures():
    frame = load_sample("charts", n=64).frame
    y = frame["chart"].isin(sorted(frame["chart"].unique())[:4]).to_numpy().astype(np.int64)
    context = trials.context(
        np.zeros((64, 1)), y, TaskKind.BINARY, frame=pd.DataFrame({"image": frame["image"]})
    )
    candidate, _ = tuned(context, PICTURE, augment="mixup")
    assert np.isfinite(candidate.oof).all(axis=1).any()


def test_texts_are_read_anew_when_they_are_changed():
    plain, _ = tuned(texts(TaskKind.BINARY), head="random")
    changed, _ = tuned(texts(TaskKind.BINARY), head="random", augment="eda")
    rows = np.isfinite(plain.oof).all(axis=1)
    assert not np.array_equal(changed.oof[rows], plain.oof[rows])


@pytest.mark.parametrize(
    ("kind", "config", "error", "words"),
    [
        (TaskKind.REGRESSION, {"loss": "focal"}, SettingError, "regression"),
        (TaskKind.BINARY, {"loss": "robust"}, SettingError, "binary"),
        (TaskKind.BINARY, {"loss": "uncertainty"}, SettingError, "one output"),
        (TaskKind.REGRESSION, {"head": "lda"}, SettingError, "regression"),
        (TaskKind.BINARY, {"loss": "focul"}, UnknownNameError, "focul"),
        (TaskKind.BINARY, {"head": "logistik"}, UnknownNameError, "logistik"),
        (TaskKind.BINARY, {"loss": "focal", "focal_gamma": -1}, SettingError, "-1"),
        (TaskKind.BINARY, {"augment": "flip"}, SettingError, "flip"),
    ],
    ids=str,
)
def test_choices_that_do_not_fit_are_refused_before_any_work(kind, config, error, words):
    with pytest.raises(error) as caught:
        tuned(texts(kind), **config)
    assert words in str(caught.value.received)
    assert caught.value.hint


def test_an_epoch_takes_no_less_than_its_steps_take_to_start(monkeypatch):
    from automl_nb.features.frozen import FrozenEncoder
    from automl_nb.transfer.tuning import network_for

    context, rows = trials.texts(90), np.arange(70)
    network = network_for(context, TEXT)
    monkeypatch.setattr(FrozenEncoder, "rate", lambda self: 1e3)
    monkeypatch.setattr(FrozenEncoder, "pass_s", lambda self: 1e-6)
    by_tokens = network.backward * network.lengths()[rows].sum() / 1e3
    assert network.estimate_epoch_s(rows) == pytest.approx(by_tokens)
    monkeypatch.setattr(FrozenEncoder, "pass_s", lambda self: 10.0)
    assert network.batch == 16
    assert network.estimate_epoch_s(rows) == pytest.approx(network.backward * 5 * 10.0)
