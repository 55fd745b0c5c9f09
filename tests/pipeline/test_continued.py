"""A trial that a run left unfinished is gone on with by a later one."""

import numpy as np
import pytest

import automl_nb
from automl_nb.core import checkpoints
from automl_nb.core import events as ev
from automl_nb.core.checkpoints import Checkpoints
from automl_nb.pipeline import trial_runs
from automl_nb.pipeline.trial_at_work import TrialAtWork
from tests.support import frames

OPTIONS = {
    "label": "library",
    "time": 600,
    "strategies": ["finetune"],
    "backbones": ["minilm-l3"],
    "params": {"epochs": 3.0},
    "fresh": True,
}
TRIAL = "minilm-l3(text): fine-tuned"


def begin():
    texts = frames.texts(100).assign(text=lambda rows: rows["text"].str[:60])
    return automl_nb.start(texts, **OPTIONS)


def stop_midway(monkeypatch):
    """A run that is stopped after a step of the network."""
    own = TrialAtWork.heard

    def heard(work, report):
        own(work, report)
        if report.trial_id == TRIAL and report.resource > 0:
            work._bench.cancel.cancel("enough")

    with monkeypatch.context() as stopping:
        stopping.setattr(TrialAtWork, "heard", heard)
        begin().wait()


def result(run):
    """Score and time of the tuned network."""
    (row,) = [row for row in run.state.leaderboard if row.model == TRIAL]
    return row


@pytest.fixture
def one_place(monkeypatch, tmp_path):
    """Checkpoints of all runs in one folder, and of every step."""
    root = tmp_path / "checkpoints"
    monkeypatch.setattr(
        trial_runs,
        "Checkpoints",
        lambda folder, key: Checkpoints(root / folder.name, key, every_s=0.0),
    )
    return root


def test_a_stopped_trial_is_gone_on_with_and_a_finished_one_leaves_nothing(one_place, monkeypatch):
    whole = begin().wait()
    assert not one_place.exists()
    curve = [e.metrics for e in whole.events if isinstance(e, ev.TrialReported)]

    stop_midway(monkeypatch)
    (left,) = one_place.iterdir()
    assert list(left.iterdir())
    again = begin().wait()
    said = [event.text for event in again.events if isinstance(event, ev.Message)]
    assert f"{TRIAL} goes on from its last checkpoint." in said
    assert [e.metrics for e in again.events if isinstance(e, ev.TrialReported)] == curve
    assert result(again).score == result(whole).score
    assert result(again).note == result(whole).note
    assert not one_place.exists()


def test_a_trial_that_fails_leaves_nothing(one_place, monkeypatch):
    from automl_nb.transfer.tuner import Tuner

    def settle(*_):
        raise RuntimeError("no more")

    monkeypatch.setattr(Tuner, "settle", settle)
    run = begin().wait()
    ended = [event for event in run.events if isinstance(event, ev.TrialEnded)]
    assert {event.status for event in ended if event.trial == TRIAL} == {"failed"}
    assert not one_place.exists()


def test_a_damaged_checkpoint_and_a_disk_that_refuses_are_told(one_place, monkeypatch):
    def settle(path):
        raise OSError("No space left on device")

    stop_midway(monkeypatch)
    (path,) = one_place.glob("*/training.safetensors")
    path.write_bytes(path.read_bytes()[:1000])
    monkeypatch.setattr(checkpoints, "_settle", settle)
    run = begin().wait()
    said = [event.text for event in run.events if isinstance(event, ev.Message)]
    assert any("'training' anew: of its checkpoint, it is damaged" in text for text in said)
    assert sum("can't be written: No space left" in text for text in said) == 1
    assert np.isfinite(result(run).score)


def test_checkpoints_are_in_the_folder_of_the_run(monkeypatch):
    seen = []

    class Seen(Checkpoints):
        def __init__(self, folder, identity):
            super().__init__(folder, identity, every_s=0.0)
            seen.append((folder, identity))

    monkeypatch.setattr(trial_runs, "Checkpoints", Seen)
    run = automl_nb.fit(frames.table(), "cultivar", strategies=["ridge"], time=600, fresh=True)
    assert {folder.parent for folder, _ in seen} == {run.folder / "checkpoints"}
    assert {folder.name for folder, _ in seen} == {identity for _, identity in seen}
    assert len({identity for _, identity in seen}) == len(seen) > 1
    assert not (run.folder / "checkpoints").exists()
    assert np.isfinite([row.score for row in run.state.leaderboard]).all()
