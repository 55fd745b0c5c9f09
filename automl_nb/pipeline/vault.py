"""Where a run keeps its best model: always whole, never in two minds.

Each new best is written to a folder of its own; then one small file that names it is
replaced in a single step; then the old one goes. A crash at any moment leaves a model.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from automl_nb.core.errors import BundleError, RunError
from automl_nb.pipeline.answered import Answered
from automl_nb.pipeline.bundle import read_bundle, write_bundle
from automl_nb.pipeline.model import Model

POINTER = "best.json"
OUTDONE = "better-in-memory"  # an empty file, for which a full disk has room


class Vault:
    """Keeps the best model of a run in its folder.

    Where the disk refuses (full, read-only), the model stays in memory and the run goes on.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model: Model | None = None
        self.place: Path | None = None  # of the model
        self.trouble = ""
        self.others: dict[str, Model] = {}  # by their names on the leaderboard, not on disk
        self.answered: Answered | None = None  # rows that the model didn't learn from
        self._count = max(map(_number, folder.glob("model-*")), default=0)

    @property
    def run(self) -> str:
        """The run's name."""
        return self.folder.name

    def keep(self, model: Model) -> Path:
        """Make `model` the one that loads from the run's folder."""
        self.model = model
        self._count += 1
        self.place = place = self.folder / f"model-{self._count:03d}"
        try:
            write_bundle(model, place)
            point_to(self.folder, place.name)
        except (BundleError, OSError) as error:
            self.trouble = str(error)
            with suppress(OSError):  # else nothing can be written down at all
                (self.folder / OUTDONE).touch()
            return place
        self.trouble = ""
        (self.folder / OUTDONE).unlink(missing_ok=True)
        for old in self.folder.glob("model-*"):
            if old.name != place.name:
                shutil.rmtree(old, ignore_errors=True)
        return place


def is_outdone(folder: Path) -> bool:
    """Whether a better model than the one in a run's folder was in memory alone."""
    return (folder / OUTDONE).exists()


def warn_if_outdone(folder: Path) -> None:
    """Tell whoever loads from a run's folder that it isn't the run's best."""
    if is_outdone(folder):
        warnings.warn(
            f"What is kept in {folder} is an earlier model, not the run's best: the disk refused "
            "that, so it was in memory alone. Free some space and run fit again: what was trained "
            "is found again.",
            stacklevel=3,
        )


def _number(place: Path) -> int:
    """Of ``model-007``."""
    digits = place.name.removeprefix("model-")
    return int(digits) if digits.isdigit() else 0


def point_to(folder: Path, name: str) -> None:
    """Name the best model of a run, in one step."""
    making = folder / f"{POINTER}.new"
    making.write_text(json.dumps({"model": name}), encoding="utf-8")
    making.replace(folder / POINTER)


def best_in(folder: Path) -> Path:
    """The folder of a run's best model.

    Raises:
        RunError: The run kept no model, or it was deleted.
    """
    place = _pointed_to(folder)
    if not place.is_dir() and _pointed_to(folder) == place:  # else a better one took its place
        raise RunError(
            "A run's best model must lie in the run's folder.",
            received=f"{place}, which was deleted or moved",
            hint="Run fit again on the same rows: what was trained is found again.",
        )
    return place


def _pointed_to(folder: Path) -> Path:
    try:
        name = str(json.loads((folder / POINTER).read_text(encoding="utf-8"))["model"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            "A run's folder must hold the best model so far.",
            received=str(folder),
            hint="The run ended before its first model, its disk refused it, or it was deleted; "
            "run fit again.",
        ) from error
    return folder / Path(name).name


def read_best(folder: Path, *, device: str | Callable[[], str] = "cpu") -> Model:
    """The best model of a run, which may be at work and replace it at any moment.

    Raises:
        RunError: The run kept no model.
        BundleError: It is damaged, altered or too new.
    """
    place = best_in(folder)
    try:
        return read_bundle(place, device=device)
    except BundleError:
        if best_in(folder) == place:
            raise
    return read_best(folder, device=device)  # a better one took its place while it was read
