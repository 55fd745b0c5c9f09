"""The network itself adapted to the task, where time and data allow."""

from __future__ import annotations

from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench

_SMALLER = {"minilm-l6": "minilm-l3", "efficientnet-lite1": "efficientnet-lite0"}


def work(bench: Workbench) -> str:
    """Fine-tune the best backbone of one text or picture column."""
    if not (columns.texts(bench) or columns.pictures(bench)):
        return "not needed: there are no texts or pictures"
    if not bench.wants("finetune"):
        return "not needed: not among the chosen strategies"
    tuned, tried = 0, 0
    for column in columns.texts(bench)[:1]:
        for name in _encoded_first(bench, column, text_backbones(bench, column), "text")[:1]:
            tried += 1
            tuned += _tune(bench, column, name, "text")
    for column in columns.pictures(bench)[:1]:
        for name in _encoded_first(bench, column, image_backbones(bench), "image")[:1]:
            tried += 1
            tuned += _tune(bench, column, name, "image")
    if not tried:
        return "not needed: no backbone at hand reads these columns"
    return f"{tuned} tuned" if tuned else "it would not have ended in time"


def _encoded_first(bench: Workbench, column: str, names: list[str], modality: str) -> list[str]:
    """The backbones whose frozen features are at hand come first: the head starts there."""
    return sorted(names, key=lambda n: f"frozen-{modality}({column}, {n})" not in bench.encoders)


def _tune(bench: Workbench, column: str, backbone: str, modality: str) -> int:
    bench.check()
    name = f"{backbone}({column}): fine-tuned"
    frozen = f"frozen-{modality}({column}, {backbone})"
    made = bench.train(
        "finetune",
        (),
        name,
        column=column,
        backbone=backbone,
        modality=modality,
        features=frozen if frozen in bench.encoders else "",
    )
    bench.improve()
    smaller = _SMALLER.get(backbone)
    if made is None and bench.short_of_memory and smaller:
        bench.short_of_memory = False
        return _tune(bench, column, smaller, modality)
    return int(made is not None)
