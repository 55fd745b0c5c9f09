"""Every registry by the name under which it is listed."""

from __future__ import annotations

import importlib

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.registry import Registry

_CATALOGUES = {
    "backbones": "automl_nb.zoo.catalog:BACKBONES",
    "encoders": "automl_nb.features.catalog:ENCODERS",
    "strategies": "automl_nb.transfer.catalog:STRATEGIES",
    "losses": "automl_nb.transfer.losses.catalog:LOSSES",
    "augmentations": "automl_nb.transfer.augment.catalog:AUGMENTATIONS",
    "initialisers": "automl_nb.transfer.initialise.catalog:INITIALISERS",
    "similarities": "automl_nb.explorer.similarity.catalog:SIMILARITIES",
    "scores": "automl_nb.explorer.scores.catalog:SCORES",
    "metrics": "automl_nb.evaluate.metrics:METRICS",
    "plots": "automl_nb.report.catalog:PLOTS",
    "samples": "automl_nb.data.samples:SAMPLES",
    "readers": "automl_nb.data.sources:READERS",
}


def kinds() -> tuple[str, ...]:
    """What can be listed."""
    return tuple(_CATALOGUES)


def registry(kind: str) -> Registry:
    """The catalogue of this kind.

    Raises:
        UnknownNameError: There is none.

    Example:
        >>> registry("strategies")["svm"].name
        'svm'
    """
    if kind not in _CATALOGUES:
        raise UnknownNameError("catalogue", kind, _CATALOGUES)
    module, _, attribute = _CATALOGUES[kind].partition(":")
    found: Registry = getattr(importlib.import_module(module), attribute)
    return found


def names(kind: str) -> list[str]:
    """The names of a catalogue, cheaply enough for completion."""
    return registry(kind).names()
