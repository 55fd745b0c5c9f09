"""Heads that choose among a network's layers; only where they were asked for by name."""

from __future__ import annotations

from automl_nb.core.errors import WeightsError
from automl_nb.features.image_layers import ImageLayers
from automl_nb.features.text_layers import TextLayers
from automl_nb.pipeline.asked_tuning import config_of, heads_set
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench


def work(bench: Workbench) -> None:
    """Encode all layers of the best network of each column, and search for a head over them.

    The search takes minutes and wins seldom: it is for whoever asks.
    """
    if not heads_set(bench.settings):
        return
    for column in columns.texts(bench):
        for name in text_backbones(bench, column)[:1]:
            _search(bench, TextLayers(column, name, device=bench.device))
    for column in columns.pictures(bench):
        for name in image_backbones(bench, column)[:1]:
            _search(bench, ImageLayers(column, name, device=bench.device))
    bench.improve()


def _search(bench: Workbench, encoder: TextLayers | ImageLayers) -> None:
    bench.check()
    try:
        if not bench.encode(encoder):
            return
    except WeightsError as error:
        bench.say(str(error), "warning")
        return
    for strategy in heads_set(bench.settings):
        config = config_of(strategy, bench.settings)
        name = f"{encoder.key}: {strategy}"
        bench.train(strategy, (encoder.key,), name, widths=encoder.widths, **config)
