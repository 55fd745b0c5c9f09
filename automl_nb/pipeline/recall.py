"""A run and the memory of earlier tasks: recognised before networks are tuned, kept at the end.

Nothing here may cost a run its result: what goes wrong is said, and the run goes on.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np

from automl_nb.core.errors import AutoMLError
from automl_nb.explorer.advice import Advice, advise
from automl_nb.explorer.candidates import Pair
from automl_nb.explorer.fingerprint import Fingerprint, fingerprint_of, space_of
from automl_nb.explorer.memory import Memory, open_memory
from automl_nb.explorer.record import TaskRecord
from automl_nb.explorer.scripts import main_scripts, row_shares
from automl_nb.explorer.worked import Worked, worked
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.features.tfidf import texts_of
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.table_recall import print_of_table
from automl_nb.pipeline.vault import best_in
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.zoo.load import resolve

_PRINT_S = 1.0  # that a fingerprint may take
_ROWS = 2000  # whose script is looked at
_SOME_ROWS = 300  # that tell what a task is like
_PATIENCE = 10.0  # the look may take a tenth of the time left


def recognise(bench: Workbench) -> Advice | None:
    """Say which earlier task this one looks like, and what worked there.

    Returns:
        What the tuning of a network follows; None where nothing is known or little speaks for it.
    """
    memory = _memory(bench)
    if memory is None or not bench.allows(_PRINT_S):
        return None
    try:
        own = fingerprint(bench)
        if own is None:
            return None
        records = memory.tasks()
    except AutoMLError as error:
        bench.say_once(str(error), "warning")
        return None
    task = bench.dataset.task
    found = advise(
        own,
        records,
        kind=task.kind.value,
        n_rows=len(bench.dataset.development),
        n_classes=len(task.classes),
    )
    if found is None:
        return None
    bench.say_once(found.sentence)
    return None if found.weak else found


def settings_that_worked(bench: Workbench) -> tuple[Worked, ...]:
    """What searches found on the most similar tasks; empty where nothing is known."""
    memory = _memory(bench)
    if memory is None or not bench.allows(_PRINT_S):
        return ()
    try:
        records = [record for record in memory.tasks() if record.settings]
        own = (fingerprint(bench) or print_of_table(bench)) if records else None
    except AutoMLError as error:
        bench.say_once(str(error), "warning")
        return ()
    return () if own is None else worked(own, records, kind=bench.dataset.task.kind.value)


def remember(bench: Workbench, *, run: str, folder: Path, model: Model) -> None:
    """Keep what this run was about and what worked."""
    memory = _memory(bench)
    if memory is None or not math.isfinite(model.facts.get("score", math.nan)):
        return
    try:
        memory.keep(record_of(bench, run=run, folder=folder, model=model))
    except AutoMLError as error:
        bench.say_once(str(error), "warning")


def fingerprint(bench: Workbench) -> Fingerprint | None:
    """The task's fingerprint by the first frozen block, or by some rows where there is none.

    Returns:
        None where no network reads these columns, or there is no time.
    """
    key = next(
        (
            key
            for key, encoder in bench.encoders.items()
            if isinstance(encoder, FrozenEncoder) and key not in bench.only_beside
        ),
        None,
    )
    if key is None:
        return _of_some_rows(bench)
    if key not in bench.prints:
        encoder: Any = bench.encoders[key]
        bench.prints[key] = fingerprint_of(
            np.asarray(bench.blocks[key]),
            bench.dataset.y,
            bench.dataset.task.kind,
            space=space_of(encoder),
            seed=bench.settings.seed,
        )
    found: Fingerprint | None = bench.prints[key]
    return found


def _of_some_rows(bench: Workbench) -> Fingerprint | None:
    """By features of some rows, where only networks are tuned and none is used as it is."""
    named = [(c, text_backbones(bench, c)) for c in columns.texts(bench)[:1]]
    named += [(c, image_backbones(bench, c)) for c in columns.pictures(bench)[:1]]
    column, names = next(((c, found) for c, found in named if found), ("", []))
    if not names:
        return None
    if column not in bench.prints:
        order = np.random.default_rng([bench.settings.seed, 10]).permutation(len(bench.dataset.y))
        rows = np.sort(order[:_SOME_ROWS])
        frame = bench.dataset.development.iloc[rows].reset_index(drop=True)
        encoder = Pair(column, resolve(names[0])).encoder(bench.device)
        encoder.fit(frame)
        if not bench.allows(_PATIENCE * encoder.estimate_s(frame)):
            return None
        bench.prints[column] = fingerprint_of(
            np.asarray(bench.store.get(encoder, frame, cancel=bench.cancel)),
            bench.dataset.y[rows],
            bench.dataset.task.kind,
            space=space_of(encoder),
            seed=bench.settings.seed,
        )
    found: Fingerprint | None = bench.prints[column]
    return found


def record_of(bench: Workbench, *, run: str, folder: Path, model: Model) -> TaskRecord:
    """All that the memory keeps of this run."""
    dataset = bench.dataset
    tried: dict[str, float] = {}
    for candidate in bench.candidates:
        name = " ".join(filter(None, (candidate.strategy, _backbone(bench, candidate))))
        score = bench.scored.get(candidate.name, math.nan)
        if math.isfinite(score) and bench.objective.better(score, tried.get(name)):
            tried[name] = score
    best = max(model.members, key=lambda member: member.weight)
    heaviest = next(c for c in bench.candidates if c.name == best.name)
    reads = any(isinstance(encoder, FrozenEncoder) for encoder in bench.encoders.values())
    tuned = any("backbone" in candidate.config for candidate in bench.candidates)
    known = bench.prints or ((reads or tuned) and bench.deadline.left > _PRINT_S)
    return TaskRecord(
        run=run,
        made=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        kind=dataset.task.kind.value,
        modality=_modality(bench),
        n_rows=len(dataset.development),
        n_classes=len(dataset.task.classes),
        scripts=_scripts(bench),
        metric=bench.objective.metric,
        greater_is_better=bench.objective.greater_is_better,
        score=float(model.facts["score"]),
        strategy=heaviest.strategy,
        backbone=_backbone(bench, heaviest),
        seconds=round(bench.t, 1),
        tried=tried,
        settings=tuple(bench.settings_found),
        model="" if bench.vault.trouble else str(folder.absolute()),
        checkpoint=_checkpoint(bench, folder, model),
        fingerprint=fingerprint(bench) if known else None,
        table=print_of_table(bench),
    )


def _memory(bench: Workbench) -> Memory | None:
    try:
        return open_memory(lambda text: bench.say_once(text, "warning"))
    except AutoMLError as error:
        bench.say_once(str(error), "warning")
        return None


def _backbone(bench: Workbench, candidate: Any) -> str:
    """The network that a candidate tuned or reads with, or an empty text."""
    if named := candidate.config.get("backbone"):
        return str(named)
    read: list[Any] = [bench.encoders.get(key) for key in candidate.inputs]
    cards = [encoder.card.name for encoder in read if isinstance(encoder, FrozenEncoder)]
    return cards[0] if cards else ""


def _modality(bench: Workbench) -> str:
    parts = {
        "text": columns.texts(bench),
        "image": columns.pictures(bench),
        "table": columns.table(bench),
    }
    return "+".join(name for name, found in parts.items() if found)


def _scripts(bench: Workbench) -> dict[str, float]:
    """Share of the rows by main script, over all text columns."""
    frame = bench.dataset.development
    some = frame.iloc[:: max(1, math.ceil(len(frame) / _ROWS))]
    texts = [text for column in columns.texts(bench) for text in texts_of(some, column)]
    return {name: round(share, 4) for name, share in row_shares(main_scripts(texts)).items()}


def _checkpoint(bench: Workbench, folder: Path, model: Model) -> str:
    """The folder of the best model's tuned network, or an empty text."""
    if bench.vault.trouble:
        return ""
    for i, member in enumerate(model.members):
        if isinstance(member.predictor, TunedPredictor):
            place = best_in(folder) / f"member-{i}" / "network" / "backbone"
            return str(place.absolute()) if (place / "config.json").is_file() else ""
    return ""
