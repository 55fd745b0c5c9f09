"""Objects that lie near a person's call, where a front end knows a namespace.

A front end tells where to look; the engine asks, and knows nothing of notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_WHERE: list[Callable[[], Mapping[str, Any]]] = []


def look_in(namespace: Callable[[], Mapping[str, Any]] | None) -> None:
    """Name the namespace that `frames_nearby` looks in from now on; None for none."""
    _WHERE[:] = [] if namespace is None else [namespace]


def frames_nearby() -> list[Any]:
    """The data frames with public names in the namespace, found without importing pandas.

    Example:
        >>> import pandas as pd
        >>> look_in(lambda: {"df": pd.DataFrame(), "_hidden": pd.DataFrame(), "n": 1})
        >>> len(frames_nearby())
        1
        >>> look_in(None)
        >>> frames_nearby()
        []
    """
    named = [item for where in _WHERE for item in list(where().items())]
    return [value for name, value in named if not name.startswith("_") and is_frame(value)]


def is_frame(value: object) -> bool:
    """Whether a value is a data frame, found without importing any library."""
    return any(kind.__name__ == "DataFrame" for kind in type(value).__mro__)
