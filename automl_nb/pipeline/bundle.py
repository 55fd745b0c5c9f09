"""A model as a folder: one manifest, arrays and weights with hashes, never pickle.

The folder is written beside its place and moved there when it is whole, so that a crash
leaves either the old bundle or the new one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from automl_nb.core.errors import AutoMLError, BundleError, BundleExistsError
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.shelf import disk_errors
from automl_nb.core.types import Objective, Schema, Task
from automl_nb.core.version import VERSION
from automl_nb.data.clean import Cleaner
from automl_nb.data.labels import LabelValues
from automl_nb.evaluate.calibration import Temperature, Thresholds
from automl_nb.features.catalog import ENCODERS
from automl_nb.pipeline.model import Member, Model
from automl_nb.transfer.predictors import PREDICTORS

FORMAT = 1
MANIFEST = "model.json"
_DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # left by file managers, never read
_KEPT = 50  # letters of a name that is built upon: of up to four bytes each, and 255 are the most
_ALLOWED = {".json", ".npy", ".npz", ".safetensors", ".txt"}


def write_bundle(model: Model, path: Path, *, overwrite: bool = False) -> Path:
    """Write `model` to the folder `path`.

    Raises:
        BundleExistsError: A bundle is there, and `overwrite` isn't asked for.
        BundleError: Something else is there, or it cannot be written.
    """
    try:
        path = path.expanduser()
        _check_free(path, overwrite=overwrite)
        making = _beside(path)
        making.mkdir(parents=True)
    except (OSError, ValueError, RuntimeError) as error:  # all that a path alone can cause
        raise _not_writable(path, error) from error
    try:
        with disk_errors():
            _fill(model, making)
        _move(making, path)
    except OSError as error:
        raise _not_writable(path, error) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return path


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Nothing is there, or a saved model that may be replaced."""
    is_bundle = (path / MANIFEST).is_file()
    if not path.exists() or (overwrite and is_bundle):
        return
    raise (BundleExistsError if is_bundle else BundleError)(
        "A model is saved to a folder that isn't there yet.",
        received=str(path),
        hint="Choose another name" + (", or pass overwrite=True." if is_bundle else "."),
    )


def _not_writable(path: Path, error: Exception) -> BundleError:
    """The reason first, as a long path is cut."""
    too_long = getattr(error, "errno", None) == errno.ENAMETOOLONG
    return BundleError(
        "The place for a model must be writable and have room.",
        received=f"{getattr(error, 'strerror', None) or error}: {path}",
        hint="Choose a shorter name." if too_long else "Free some space, or choose another folder.",
    )


def read_bundle(path: Path, *, device: str | Callable[[], str] = "cpu") -> Model:
    """The model that `write_bundle` left in `path`; runs no code from it.

    Args:
        path: The folder.
        device: Where its networks compute; what gives it is called only if it has one, as to
            look for a device imports torch.

    Raises:
        BundleError: It isn't a bundle, a file was altered, lost or added, or a newer
            version wrote it.
    """
    manifest = _manifest(path)
    _check_files(path, manifest["files"])
    try:
        return _rebuild(path, manifest, device)
    except (
        *(KeyError, TypeError, ValueError, OSError, OverflowError, RecursionError),
        *(AutoMLError, ExceptionGroup),
    ) as error:
        raise BundleError(
            "A bundle's parts must fit together.",
            received=f"{path.name}: {error}",
            hint="Save the model again with this version.",
        ) from error


def bundle_size(path: Path) -> int:
    """Bytes of all files."""
    return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())


def _fill(model: Model, folder: Path) -> None:
    encoders = [
        {"key": key, "name": encoder.name, "config": encoder.save(folder / f"encoder-{i}")}
        for i, (key, encoder) in enumerate(model.encoders.items())
    ]
    members = [
        {
            "name": member.name,
            "strategy": member.strategy,
            "kind": type(member.predictor).__name__,
            "weight": member.weight,
            "temperature": member.temperature.to_dict(),
            "config": member.predictor.save(folder / f"member-{i}"),
        }
        for i, member in enumerate(model.members)
    ]
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "task": to_dict(model.task),
        "schema": to_dict(model.schema),
        "objective": to_dict(model.objective),
        "cleaner": model.cleaner.to_dict(),
        "label_values": to_dict(model.label_values),
        "encoders": encoders,
        "members": members,
        "temperature": model.temperature.to_dict(),
        "thresholds": model.thresholds.to_dict(),
        "facts": model.facts,
        "files": file_hashes(folder),
    }
    text = json.dumps({**manifest, "seal": _seal(manifest)}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _rebuild(path: Path, manifest: dict[str, Any], device: str | Callable[[], str]) -> Model:
    def placed(config: dict[str, Any]) -> dict[str, Any]:
        if not {"backbone", "network"} & {*config}:
            return config
        return {**config, "device": device() if callable(device) else device}

    encoders = {}
    for i, entry in enumerate(manifest["encoders"]):
        kind = ENCODERS[entry["name"]].load()
        encoders[entry["key"]] = kind.load(path / f"encoder-{i}", placed(entry["config"]))
    members = []
    for i, entry in enumerate(manifest["members"]):
        config = placed(entry["config"])
        members.append(
            Member(
                name=entry["name"],
                strategy=entry["strategy"],
                predictor=PREDICTORS[entry["kind"]].load().load(path / f"member-{i}", config),
                weight=float(entry["weight"]),
                temperature=Temperature.from_dict(entry["temperature"]),
            )
        )
    return Model(
        task=from_dict(Task, manifest["task"]),
        schema=from_dict(Schema, manifest["schema"]),
        objective=from_dict(Objective, manifest["objective"]),
        cleaner=Cleaner.from_dict(manifest["cleaner"]),
        label_values=_label_values(manifest["label_values"]),
        encoders=encoders,
        members=tuple(members),
        temperature=Temperature.from_dict(manifest["temperature"]),
        thresholds=Thresholds.from_dict(manifest["thresholds"]),
        facts=manifest["facts"],
    )


def _label_values(data: dict[str, Any]) -> LabelValues:
    return LabelValues(data["form"], tuple(data["originals"]), data["separator"])


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        version = int(manifest["format"])
        files = manifest["files"]
        assert isinstance(files, dict)
        assert manifest["members"]
    except (
        *(OSError, ValueError, KeyError, TypeError, AssertionError),
        *(OverflowError, RecursionError),
    ) as error:
        raise BundleError(
            f"A saved model is a folder with a readable {MANIFEST}.",
            received=str(path),
            hint="Give the folder that save() wrote, or a run's folder.",
        ) from error
    if version > FORMAT:
        raise BundleError(
            f"A bundle's format must be at most {FORMAT}, the newest known here.",
            received=f"format {version}, written by version {manifest.get('version', '?')}",
            hint="Update automl_nb: pip install -U automl_nb",
        )
    if manifest.pop("seal", "") != _seal(manifest):
        raise _altered(f"'{MANIFEST}' was changed")
    return dict(manifest)


def _seal(manifest: dict[str, Any]) -> str:
    """Hash of what the manifest says, however it is laid out."""
    plain = json.loads(json.dumps(manifest))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _check_files(path: Path, files: dict[str, str]) -> None:
    there = {
        item.relative_to(path).as_posix()
        for item in path.rglob("*")
        if not (item.is_dir() or item.name in _DROPPINGS)
    } - {MANIFEST}
    for name in sorted(set(files) - there):
        raise _altered(f"'{name}' is missing")
    for name in sorted(there - set(files)):
        raise _altered(f"'{name}' was added")
    for name, expected in files.items():
        if PurePosixPath(name).suffix not in _ALLOWED or (path / name).is_symlink():
            raise _altered(f"'{name}' is of a kind that a bundle never holds")
        if _sha256(path / name) != expected:
            raise _altered(f"'{name}' was changed")


def _altered(what: str) -> BundleError:
    return BundleError(
        "A bundle's files must be those that were saved, byte for byte.",
        received=what,
        hint="Copy the whole folder again from where it was saved.",
    )


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file by its path within the folder."""
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {item.relative_to(folder).as_posix(): _sha256(item) for item in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move(making: Path, path: Path) -> None:
    if path.exists():
        old = _beside(path)
        path.replace(old)
        making.replace(path)
        shutil.rmtree(old, ignore_errors=True)
    else:
        making.replace(path)


def _beside(path: Path) -> Path:
    """A hidden place for a while, whose name is never longer than the folder's may be."""
    return path.with_name(f".{path.name[:_KEPT]}.{uuid.uuid4().hex[:8]}")
