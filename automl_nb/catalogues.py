"""Every registry by the name under which it is listed."""

from __future__ import annotations

import importlib
from functools import cache

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.registry import Registry

_CATALOGUES = {
    "backbones": "automl_nb.zoo.catalog:BACKBONES",
    "encoders": "automl_nb.features.catalog:ENCODERS",
    "strategies": "automl_nb.transfer.catalog:STRATEGIES",
    "searchers": "automl_nb.search.catalog:SEARCHERS",
    "schedulers": "automl_nb.control.schedulers.catalog:SCHEDULERS",
    "executors": "automl_nb.control.executors.catalog:EXECUTORS",
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


def params(strategies: str = "", loss: str = "") -> tuple[str, ...]:
    """What `params` may set, cheaply enough for completion.

    Args:
        strategies: Their names, divided by commas; "" for the usual ones.
        loss: Its name; "" for the usual one.

    Raises:
        UnknownNameError: There is no such strategy or loss.
    """
    from automl_nb.transfer.settable import settable

    return settable(_divided(strategies), loss)


def searches(strategies: str = "", loss: str = "") -> tuple[str, ...]:
    """What `search` may name, as cheaply; arguments and errors are those of `params`.

    Example:
        >>> searches("svm,ridge")
        ('C', 'dense')
    """
    from automl_nb.transfer.settable import searchable

    return searchable(_divided(strategies), loss)


def choices(name: str) -> tuple[str, ...]:
    """The words that a setting of networks is chosen from; none of one that is a number.

    Example:
        >>> choices("loss")[:2], choices("lr"), choices("nothing")
        (('auto', 'cross-entropy'), (), ())
    """
    from automl_nb.transfer.settable import COMMON

    return tuple(getattr(COMMON[name], "options", ())) if name in COMMON else ()


def _divided(strategies: str) -> list[str]:
    return [name.strip() for name in strategies.split(",") if name.strip()] or ["auto"]


def params_of(kind: str) -> dict[str, str]:
    """What `params` may set of each entry of a catalogue, by name; empty where nothing may be.

    Example:
        >>> params_of("strategies")["l1-sp"], params_of("metrics")
        ('alpha, smoothing, epochs, lr, decay, weight_decay, ema, max_length', {})
    """
    from automl_nb.transfer.settable import settable

    found = registry(kind)
    if not any(spec.params for spec in found):
        return {}
    if kind != "strategies":
        return {spec.name: ", ".join(spec.params) for spec in found}
    return {spec.name: ", ".join(settable([spec.name])) for spec in found}


@cache
def searched() -> frozenset[str]:
    """The names of every setting that may be searched, of heads and of networks.

    Example:
        >>> {"C", "lr", "loss"} <= searched(), "label" in searched()
        (True, False)
    """
    from automl_nb.transfer.settable import searchable

    of_losses = (name for loss in registry("losses") for name in loss.params)
    return frozenset([*of_losses, *searchable(registry("strategies").names())])
