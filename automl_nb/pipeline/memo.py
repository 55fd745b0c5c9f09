"""Trials that an earlier run carried out on the same rows, found again instead of repeated.

A result is kept under the hash of all that shaped it: the rows, their folds and answers, the
encoders' state, the strategy with its settings, the seed, the device, and the code. What lack
of time or a stop cut short is never kept: with more time it would have come out otherwise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.shelf import Shelf
from automl_nb.core.trials import Report
from automl_nb.data.dataset import Dataset
from automl_nb.features.content import content_hash, picture_hash
from automl_nb.pipeline.bundle import file_hashes
from automl_nb.transfer.base import Candidate, TrialContext
from automl_nb.transfer.predictors import PREDICTORS

VERSION = 2
TRIALS_BYTES = 2 * 2**30  # of all results that are kept
META = "trial.json"
_OOF = "oof.npy"
# What decides how a trial comes out: these folders' code, and these packages.
_CODE = ("data", "evaluate", "features", "transfer", "zoo")
_PACKAGES = ("numpy", "scipy", "scikit-learn", "lightgbm", "torch", "transformers")


@dataclass(frozen=True)
class Remembered:
    """A trial of an earlier run.

    Attributes:
        candidate: As the trial returned it.
        answer_s: Seconds a row that its predictor took there, without its blocks.
        curve: What it reported meanwhile.
        run: The name of the run that carried it out, if it is known.
        when: The day and the minute of that.
        within_s: Where lack of time cut it short, the whole time of the run that it was made in;
            None where it came to its own end.
    """

    candidate: Candidate
    answer_s: float
    curve: tuple[Report, ...] = ()
    run: str = ""
    when: str = ""
    within_s: float | None = None


class TrialMemo:
    """Results of trials by all that shaped them.

    Args:
        root: A folder, shared by all runs; a disk that refuses costs the sharing alone.
        looks: Whether earlier results may be used; new ones are kept in any case.
    """

    def __init__(self, root: Path, *, looks: bool = True) -> None:
        self._shelf, self._looks = Shelf(root, mark=META), looks

    def find(self, key: str, device: str) -> Remembered | None:
        """What was kept under `key`, its predictor on `device`."""
        if not self._looks:
            return None
        return self._shelf.read(key, lambda folder: read_trial(folder, device))

    def keep(self, key: str, result: Remembered, *, anew: bool = False) -> None:
        """Keep a result for later runs, if the disk allows; `anew` in the place of a former one."""
        try:
            self._shelf.keep(key, lambda folder: fill_trial(folder, result), anew=anew)
        except OSError:
            return

    def trim(self, max_bytes: int) -> int:
        """Delete what was used longest ago; returns the bytes freed."""
        return self._shelf.trim(max_bytes)


def rows_digest(dataset: Dataset) -> str:
    """Hash of the development rows, their answers and their folds, and the unlabelled rows."""
    digest = hashlib.sha256()
    for frame in (dataset.development, dataset.unlabelled):
        if frame is None:
            continue
        for name, kind in _kinds(dataset).items():
            digest.update(f"{name} {kind} ".encode("utf-8", "surrogatepass"))
            digest.update(_column_digest(frame[name], kind, dataset.root))
    parts = [dataset.y, *(rows for fold in dataset.folds for rows in (fold.fit, fold.judge))]
    for part in parts:
        digest.update(f"{part.dtype} {part.shape} ".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def trial_key(
    context: TrialContext,
    strategy: str,
    inputs: dict[str, str],
    config: dict[str, Any],
    *,
    rows: str,
    own: str = "",
) -> str:
    """The name of a trial: 32 hex digits over all that shapes its result.

    Args:
        context: Task, objective, seed, weights and device are read.
        strategy: Its name in the registry.
        inputs: Identity of each encoder by the key of its block.
        config: The trial's settings; its name on the leaderboard doesn't count.
        rows: See `rows_digest`.
        own: What else the strategy says that its result hangs on, such as a network's weights.
    """
    weight = context.class_weight
    facts = {
        "version": VERSION,
        "code": code_digest(),
        "rows": rows,
        "strategy": strategy,
        "inputs": inputs,
        "config": {key: value for key, value in config.items() if key != "name"},
        "own": own,
        "task": to_dict(context.task),
        "objective": to_dict(context.objective),
        "seed": context.seed,
        "weight": None if weight is None else np.asarray(weight).tolist(),
        "device": context.device,
        "interchangeable": context.interchangeable,
    }
    text = json.dumps(facts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def code_digest() -> str:
    """Hash of the code that carries trials out, and the versions of what it computes with."""
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    home = Path(__file__).parents[1]
    for folder in _CODE:
        for path in sorted((home / folder).rglob("*.py")):
            digest.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
    for package in _PACKAGES:
        try:
            digest.update(f"{package} {version(package)};".encode())
        except PackageNotFoundError:
            digest.update(f"{package} none;".encode())
    return digest.hexdigest()


def _kinds(dataset: Dataset) -> dict[str, str]:
    kinds = {column.name: str(column.kind) for column in dataset.schema.columns}
    return {name: kinds.get(name, "") for name in dataset.development.columns}


def _column_digest(values: pd.Series, kind: str, root: Path | None) -> bytes:
    if kind == "image":
        return picture_hash(values, root)
    try:  # many times faster than value by value, and enough to tell honest data apart
        hashed = pd.util.hash_pandas_object(values, index=False).to_numpy()
    except (TypeError, ValueError):  # values that cannot be hashed, tuples, half characters
        return content_hash(values)
    return hashlib.sha256(f"{values.dtype} ".encode() + hashed.tobytes()).digest()


def fill_trial(folder: Path, result: Remembered) -> None:
    """Write a trial's result into a folder.

    Raises:
        OSError: The disk is full or read-only.
    """
    candidate = result.candidate
    saved = candidate.predictor.save(folder / "predictor")
    np.save(folder / _OOF, candidate.oof, allow_pickle=False)
    facts = {
        "kind": type(candidate.predictor).__name__,
        "predictor": saved,
        "strategy": candidate.strategy,
        "inputs": list(candidate.inputs),
        "fit_s": candidate.fit_s,
        "note": candidate.note,
        "refitted": candidate.refitted,
        "config": to_dict(candidate.config),
        "answer_s": result.answer_s,
        "curve": to_dict(result.curve),
        "run": result.run,
        "when": result.when,
        "within_s": result.within_s,
        "files": file_hashes(folder),
    }
    (folder / META).write_text(json.dumps(facts, default=float), encoding="utf-8")


def read_trial(folder: Path, device: str) -> Remembered:
    """The result that `fill_trial` wrote, its predictor on `device`, its name left open.

    Raises:
        OSError, ValueError, KeyError: It is damaged.
    """
    facts = json.loads((folder / META).read_text(encoding="utf-8"))
    if {name: one for name, one in file_hashes(folder).items() if name != META} != facts["files"]:
        raise ValueError("its files are not those that were kept")
    kind = PREDICTORS[facts["kind"]].load()
    candidate = Candidate(
        name="",
        strategy=facts["strategy"],
        inputs=tuple(facts["inputs"]),
        predictor=kind.load(folder / "predictor", {**facts["predictor"], "device": device}),
        oof=np.load(folder / _OOF, allow_pickle=False),
        fit_s=float(facts["fit_s"]),
        note=facts["note"],
        refitted=bool(facts["refitted"]),
        config=dict(facts["config"]),
    )
    curve = tuple(from_dict(Report, report) for report in facts["curve"])
    within_s = facts.get("within_s")
    run, when = str(facts.get("run", "")), str(facts.get("when", ""))
    return Remembered(candidate, float(facts["answer_s"]), curve, run, when, within_s)
