"""Heads that choose among a network's layers; only where they were asked for by name."""

from __future__ import annotations

from automl_nb.core.errors import WeightsError
from automl_nb.features.image_layers import ImageLayers
from automl_nb.features.text_layers import TextLayers
from automl_nb.pipeline.asked_tuning import heads_set
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.stages.architecture import searched_head
from automl_nb.pipeline.workbench import Workbench


def work(bench: Workbench) -> list[str]:
    """Encode all layers of the best network of each column, and search for a head over them.

    The search takes minutes: it is for whoever asks.

    Returns:
        The keys of the blocks.
    """
    if not heads_set(bench.settings):
        return []
    encoders: list[TextLayers | ImageLayers] = [
        TextLayers(column, name, device=bench.device)
        for column in columns.texts(bench)
        for name in text_backbones(bench, column)[:1]
    ]
    encoders += [
        ImageLayers(column, name, device=bench.device)
        for column in columns.pictures(bench)
        for name in image_backbones(bench, column)[:1]
    ]
    keys = [encoder.key for encoder in encoders if _searched(bench, encoder)]
    bench.improve()
    return keys


def _searched(bench: Workbench, encoder: TextLayers | ImageLayers) -> bool:
    """Whether there was time to encode; a head is then searched for."""
    bench.check()
    try:
        if not bench.encode(encoder):
            return False
    except WeightsError as error:
        bench.say(str(error), "warning")
        return False
    for strategy in heads_set(bench.settings):
        name = f"{encoder.key}: {strategy}"
        searched_head(bench, strategy, (encoder.key,), name, widths=encoder.widths)
    return True
