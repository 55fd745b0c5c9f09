"""What frozen pretrained networks see: encoded once, then many heads on the same blocks."""

from __future__ import annotations

from automl_nb.core.errors import WeightsError
from automl_nb.features.base import Encoder
from automl_nb.pipeline.asked_tuning import heads_set
from automl_nb.pipeline.backbones import (
    backbones_beside,
    image_backbones,
    is_automatic,
    text_backbones,
)
from automl_nb.pipeline.stages import columns, few_shot, layered, unlabelled
from automl_nb.pipeline.stages.asked import train_asked
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.catalog import STRATEGIES

_LENGTHS = (None, 64)  # tokens read of a text: as many as the texts have, else fewer


def work(bench: Workbench) -> str:
    """Encode each text and picture column with each chosen backbone; train heads."""
    if not (columns.texts(bench) or columns.pictures(bench)):
        return "not needed: there are no texts or pictures"
    if not any(bench.wants(head) for head in STRATEGIES.names("head")):
        return "not needed: not read by the chosen strategies"
    if {*bench.settings.strategies} <= {*heads_set(bench.settings)}:
        return _counted(layered.work(bench))  # they read blocks of their own
    return _encoded(bench)


def _encoded(bench: Workbench) -> str:
    keys: list[str] = []
    tried = False
    for column in columns.texts(bench):
        names = text_backbones(bench, column)
        tried = tried or bool(names)
        for name in names:
            key = _encode_text(bench, column, name, last_resort=name == names[-1])
            keys += _heads(bench, key)
            if key is not None and is_automatic(bench.settings):
                break
        partly = backbones_beside(bench, column)
        tried, keys = tried or bool(partly), keys + _beside(bench, column, partly)
    for column in columns.pictures(bench):
        before: list[str] = []
        tried = True
        for name in image_backbones(bench, column):
            before += _heads(bench, _encode_picture(bench, column, name))
        keys += before
    if keys:
        _joined(bench, tuple(keys))
        layered.work(bench)
        train_asked(bench)
        unlabelled.teach(bench)
    if not tried:
        return "not needed: no backbone at hand reads these texts"
    return _counted(keys)


def _counted(keys: list[str]) -> str:
    if not keys:
        return "none could be computed in time"
    return f"{len(keys)} blocks" if len(keys) > 1 else "1 block"


def _beside(bench: Workbench, column: str, names: list[str]) -> list[str]:
    """Features of a network that reads a part of the rows; no model is made of them alone."""
    for name in names:
        key = _encode_text(bench, column, name, last_resort=True)
        if key is not None:
            bench.only_beside.add(key)
            return [key]
    return []


def _encode_text(bench: Workbench, column: str, name: str, *, last_resort: bool) -> str | None:
    from automl_nb.features.text import FrozenText

    for length in _LENGTHS:
        encoder = FrozenText(column, name, max_length=length, device=bench.device)
        key = _try(bench, encoder, last_resort=last_resort and length == _LENGTHS[-1])
        if key is not None:
            if length is not None:
                bench.say(
                    f"{name} reads the first {length} tokens of each text of '{column}'; for whole "
                    "texts there was no time."
                )
            return key
    return None


def _encode_picture(bench: Workbench, column: str, name: str) -> str | None:
    from automl_nb.features.image import FrozenImage

    return _try(bench, FrozenImage(column, name, device=bench.device))


def _try(bench: Workbench, encoder: Encoder, *, last_resort: bool = True) -> str | None:
    bench.check()
    try:
        return encoder.key if bench.encode(encoder, last_resort=last_resort) else None
    except WeightsError as error:
        bench.say(str(error), "warning")
        return None


def _heads(bench: Workbench, key: str | None) -> list[str]:
    """Train the heads that suit one dense block."""
    if key is None:
        return []
    if bench.dataset.task.kind.is_classification:
        bench.train("logistic", (key,), f"{key}: logistic")
        bench.improve()
    bench.train("ridge", (key,), f"{key}: ridge")
    bench.train("knn", (key,), f"{key}: knn")
    few_shot.heads(bench, key)
    bench.train("mlp", (key,), f"{key}: mlp")
    bench.improve()
    return [key]


def _joined(bench: Workbench, keys: tuple[str, ...]) -> None:
    """One linear model on words, table and frozen features side by side."""
    cheap = [
        *(key for column in columns.texts(bench) if (key := _words(bench, column))),
        *(key for key in bench.encoders if key.startswith("tabular-linear")),
    ]
    if not cheap and (len(keys) < 2 or bench.only_beside):
        return
    inputs = (*cheap, *keys)
    if bench.dataset.task.kind.is_classification:
        grid = [{"C": C, "dense": weight} for C in (0.3, 1.0, 0.1) for weight in (1.0, 0.7, 1.5)]
        bench.train("svm", inputs, "joined: svm", grid=grid)
        if columns.is_binary(bench):
            grid = [{"C": C, "dense": weight} for C in (0.3, 0.1, 1.0) for weight in (0.7, 1.0)]
            bench.train("nb-svm", inputs, "joined: nb-svm", grid=grid)
    else:
        bench.train("ridge", inputs, "joined: ridge")
    bench.improve()


def _words(bench: Workbench, column: str) -> str:
    """The block of this column's words, or of its characters where words aren't spaced."""
    characters = bench.encoders.get(f"tfidf-char({column})")
    options = getattr(characters, "options", {})
    unspaced = options.get("analyzer") == "char"
    names = ("tfidf-char", "tfidf-pairs", "tfidf-word")[0 if unspaced else 1 :]
    keys = [f"{name}({column})" for name in names]
    return next((key for key in keys if key in bench.encoders), "")
