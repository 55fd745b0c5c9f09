"""What an earlier run trained on the same rows is found again, and nothing else is."""

from dataclasses import replace

import numpy as np
import pytest

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.settings import FitSettings
from automl_nb.data.dataset import load_dataset
from automl_nb.features.tfidf import TfidfWord
from automl_nb.pipeline.memo import META, Remembered, TrialMemo, rows_digest, trial_key
from automl_nb.pipeline.trial_at_work import TrialAtWork
from automl_nb.transfer.svm import Svm
from tests.support import frames, trials

QUICK = {"time": 600, "strategies": ["svm"], "backbones": ["none"]}


@pytest.fixture(autouse=True)
def a_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def trained(monkeypatch):
    """The names of the trials that were really carried out."""
    names, train = [], Svm.train

    def counted(self, context, inputs, config):
        names.append(context.trial_id)
        return (yield from train(self, context, inputs, config))

    monkeypatch.setattr(Svm, "train", counted)
    return names


def messages(run) -> str:
    return " ".join(event.text for event in run.events if isinstance(event, ev.Message))


def test_the_same_call_again_trains_nothing_and_finds_the_same(trained):
    first = automl_nb.fit(frames.texts(), "library", **QUICK)
    done = list(trained)
    second = automl_nb.fit(frames.texts(), "library", **QUICK)
    assert done == trained != []
    assert "reused" in messages(second)
    assert "reused" not in messages(first)
    columns = ["model", "accuracy", "low", "high", "note", "fit_s"]
    assert second.leaderboard[columns].equals(first.leaderboard[columns])
    rows = frames.texts(40)
    np.testing.assert_allclose(
        second.predict_proba(rows).to_numpy(), first.predict_proba(rows).to_numpy(), atol=1e-6
    )


def curves(run) -> list[tuple[str, float, dict[str, float]]]:
    reports = [event for event in run.events if isinstance(event, ev.TrialReported)]
    return [(report.trial, report.resource, report.metrics) for report in reports]


def test_the_curves_are_there_again():
    first = automl_nb.fit(frames.texts(), "library", **QUICK)
    second = automl_nb.fit(frames.texts(), "library", **QUICK)
    assert curves(second) == curves(first) != []


def test_asked_to_train_anew_it_does(trained):
    automl_nb.fit(frames.texts(), "library", **QUICK)
    once = list(trained)
    again = automl_nb.fit(frames.texts(), "library", fresh=True, **QUICK)
    assert trained == once + once
    assert "reused" not in messages(again)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"metric": "f1_macro"},
        {"folds": 3},
        {"sample": 90},
        {"strip_punctuation": True},
    ],
    ids=str,
)
def test_whatever_shapes_a_result_makes_it_another(change, trained):
    automl_nb.fit(frames.texts(), "library", **QUICK)
    once = len(trained)
    automl_nb.fit(frames.texts(), "library", **QUICK, **change)
    assert len(trained) == 2 * once


def test_a_changed_text_or_answer_is_another_row(trained):
    frame = frames.texts()
    automl_nb.fit(frame, "library", **QUICK)
    once = len(trained)
    for column, value in (("text", "quite another text"), ("library", "numpy")):
        changed = frame.copy()
        row = changed.index[changed["library"] == "scipy"][0]
        changed.loc[row, column] = value
        before = len(trained)
        automl_nb.fit(changed, "library", **QUICK)
        assert len(trained) == before + once


def test_what_lack_of_time_shaped_is_not_kept(a_cache, monkeypatch):
    train = Svm.train

    def hurried(self, context, inputs, config):
        assert not context.deadline.allows(float("inf"))
        return (yield from train(self, context, inputs, config))

    monkeypatch.setattr(Svm, "train", hurried)
    automl_nb.fit(frames.texts(), "library", **QUICK)
    kept = [path.read_text(encoding="utf-8") for path in (a_cache / "trials").glob(f"*/{META}")]
    assert any('"prior"' in text for text in kept)
    assert not any('"svm"' in text for text in kept)


def test_a_damaged_result_is_trained_again(a_cache, trained):
    first = automl_nb.fit(frames.texts(), "library", **QUICK)
    once = len(trained)
    for path in (a_cache / "trials").rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    second = automl_nb.fit(frames.texts(), "library", **QUICK)
    assert len(trained) == 2 * once
    assert second.state.incumbent.score == first.state.incumbent.score


def test_without_a_place_to_keep_results_a_run_goes_on(monkeypatch, tmp_path, trained):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "file"))
    automl_nb.fit(frames.texts(), "library", **QUICK)
    assert trained


def test_the_name_of_a_trial_covers_encoders_settings_and_device():
    context = trials.texts()
    base = {"strategy": "svm", "inputs": {"words": "a"}, "config": {"C": 1.0}, "rows": "r"}
    key = trial_key(context, **base)
    assert key == trial_key(context, **base | {"config": {"C": 1.0, "name": "another"}})
    others = [
        {"strategy": "ridge"},
        {"inputs": {"words": "b"}},
        {"config": {"C": 2.0}},
        {"rows": "s"},
        {"own": "weights"},
    ]
    keys = {key, *(trial_key(context, **base | other) for other in others)}
    keys |= {
        trial_key(replace(context, device="cuda"), **base),
        trial_key(replace(context, class_weight=np.array([1.0, 2.0])), **base),
    }
    assert len(keys) == len(others) + 3


def test_rows_are_told_apart_by_content_folds_and_answers():
    def digest(frame, **settings):
        return rows_digest(load_dataset(frame, FitSettings(label="cultivar", **settings)))

    frame = frames.table()
    changed = frame.copy()
    changed.iloc[:, 0] += 1.0
    assert digest(frame) == digest(frame.copy())
    assert len({digest(frame), digest(changed), digest(frame, seed=1), digest(frame, folds=4)}) == 4


def test_pictures_and_odd_values_have_a_digest_too():
    dataset = load_dataset(frames.pictures(), FitSettings(label="colour"))
    assert rows_digest(dataset) == rows_digest(dataset)
    odd = dataset.development.assign(odd=[{"a": 1}] * len(dataset.development))
    assert rows_digest(replace(dataset, development=odd)) != rows_digest(dataset)


def test_old_results_make_room(tmp_path):
    memo = TrialMemo(tmp_path)
    candidate = trials.trained("prior", trials.texts())
    for key in ("first", "second"):
        memo.keep(key, Remembered(candidate, 0.0))
    assert memo.trim(0) > 0
    assert memo.find("first", "cpu") is None


def test_a_fitted_encoder_read_back_is_the_same_encoder(tmp_path):
    from automl_nb.features.store import FeatureStore

    frame = frames.texts()
    one, block = FeatureStore(tmp_path).fitted(TfidfWord("text"), frame)
    two, again = FeatureStore(tmp_path).fitted(TfidfWord("text"), frame)
    assert one.identity() == two.identity()
    assert (block != again).nnz == 0
    assert (two.transform(frame) != one.transform(frame)).nnz == 0


def test_a_file_that_changed_is_noticed(a_cache, trained):
    first = automl_nb.fit(frames.texts(), "library", **QUICK)
    once = len(trained)
    for path in (a_cache / "trials").rglob("*.npy"):
        np.save(path, np.zeros_like(np.load(path)))
    second = automl_nb.fit(frames.texts(), "library", **QUICK)
    assert len(trained) == 2 * once
    assert second.scorecard.to_dict()["metrics"] == first.scorecard.to_dict()["metrics"]


def test_a_full_disk_costs_the_sharing_alone(tmp_path, monkeypatch):
    from safetensors import SafetensorError

    candidate = trials.trained("prior", trials.texts())

    def full(self, folder):
        raise SafetensorError("No space left on device")

    monkeypatch.setattr(type(candidate.predictor), "save", full)
    memo = TrialMemo(tmp_path)
    memo.keep("key", Remembered(candidate, 0.0))
    assert memo.find("key", "cpu") is None


def test_a_result_is_kept_before_it_is_said_to_have_ended(tmp_path, monkeypatch):
    """A kill between the two would else repeat what the journal calls done."""
    order, keep, end = [], TrialMemo.keep, TrialAtWork._end

    def kept(memo, key, result):
        keep(memo, key, result)
        order.append(("kept", result.candidate.name))

    def ended(work, name, status, *more, **named):
        order.append((status, name))
        end(work, name, status, *more, **named)

    monkeypatch.setattr(TrialMemo, "keep", kept)
    monkeypatch.setattr(TrialAtWork, "_end", ended)
    automl_nb.fit(
        frames.table(), "cultivar", strategies=["ridge"], run_dir=tmp_path, time=60, fresh=True
    )
    done = [name for what, name in order if what == "done"]
    assert done
    for name in done:
        assert order.index(("kept", name)) < order.index(("done", name))
