"""Several layers of a frozen network side by side, for heads that choose among them."""

from __future__ import annotations

from dataclasses import replace

from automl_nb.core.recipe import Block
from automl_nb.features.image_layers import ImageLayers
from automl_nb.features.layers import spread
from automl_nb.report.code.network import frozen_text
from automl_nb.report.code.pictures import Kept, frozen_image
from automl_nb.report.code.snippet import Snippet, Telling, plain
from automl_nb.zoo.architectures import OWN_TYPE, cut_of
from automl_nb.zoo.load import resolve

_OWN_BLOCKS = "encoder.blocks"  # of an EfficientNet-Lite as transformers names it
_OF_TOKENS = ("clip", "clip_vision_model", "dinov2", "vit")  # their blocks give states, not maps
_KEPT = """
# What a task needs lies often in a middle layer: a hook keeps what a block gives.
kept_{name} = {{}}
for number in {numbers}:
    network_{name}.{blocks}[number].register_forward_hook(
        lambda block, given, out, number=number: kept_{name}.update({{number: out}})
    )
"""


def text_layers(block: Block, telling: Telling) -> Snippet:
    """A text's vectors in every layer, or in some evenly spread."""
    count = resolve(str(block.settings["backbone"])).n_layers + 1  # with the embeddings
    numbers = spread(count, int(str(block.settings["most"])))
    chosen = {**block.settings, "layers": "+".join(map(str, numbers))}
    return frozen_text(replace(block, settings=chosen), telling)


def image_layers(block: Block, telling: Telling) -> Snippet:
    """The means of what several blocks give, before what the network pools itself."""
    settings, name = block.settings, telling.names[block.key]
    backbone = str(settings["backbone"])
    reader = ImageLayers(block.columns[0], backbone, most=int(str(settings["most"])))
    cut, family = cut_of(reader.card.family), reader.card.family
    if cut is None or not reader.stages:
        return frozen_image(block, telling)
    blocks = _OWN_BLOCKS if family == OWN_TYPE else cut.layers
    mean = "mean(1)" if family in _OF_TOKENS else "mean((2, 3))"
    kept = Kept(
        plain(_KEPT).format(name=name, numbers=[*reader.stages], blocks=blocks),
        tuple(f"kept_{name}[{number}].{mean}" for number in reader.stages),
        sum(reader.stages.values()),
    )
    return frozen_image(block, telling, kept)
