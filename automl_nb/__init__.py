"""Automated machine learning by transfer learning, native to Jupyter.

In a notebook::

    %load_ext automl_nb
    %automl fit reviews --label sentiment --time 3m -o model
    model.predict(new_reviews)

The same in plain Python::

    import automl_nb

    run = automl_nb.fit(reviews, "sentiment", time="3m")
    run.model.predict(new_reviews)

Nothing is imported before it is used, so that loading the extension takes no time.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl_nb.api import (
        Model,
        Run,
        at_work,
        available,
        cache,
        cache_clear,
        cache_trim,
        doctor,
        explore,
        fit,
        load,
        memory,
        memory_export,
        memory_wipe,
        open_run,
        resume,
        runs,
        sample,
        show_augmentations,
        space,
        start,
    )
    from automl_nb.core.errors import AutoMLError
    from automl_nb.estimator import AutoMLClassifier, AutoMLRegressor

from automl_nb.core.version import VERSION

__version__ = VERSION

__all__ = [
    "AutoMLClassifier",
    "AutoMLError",
    "AutoMLRegressor",
    "Model",
    "Run",
    "__version__",
    "at_work",
    "available",
    "cache",
    "cache_clear",
    "cache_trim",
    "doctor",
    "exercise",
    "explore",
    "fit",
    "form",
    "load",
    "memory",
    "memory_export",
    "memory_wipe",
    "open_run",
    "resume",
    "runs",
    "sample",
    "show_augmentations",
    "space",
    "start",
]

_HOME = {
    "AutoMLClassifier": "automl_nb.estimator",
    "AutoMLError": "automl_nb.core.errors",
    "AutoMLRegressor": "automl_nb.estimator",
    "exercise": "automl_nb.notebook.exercise",
    "form": "automl_nb.notebook.form.open",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'automl_nb' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME.get(name, "automl_nb.api")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Make the magic known: ``%load_ext automl_nb``."""
    importlib.import_module("automl_nb.notebook.extension").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take everything back that loading added: ``%unload_ext automl_nb``."""
    importlib.import_module("automl_nb.notebook.extension").unload(shell)
