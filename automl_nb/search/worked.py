"""Settings that did well over several tasks: what a search tries before it knows anything.

They were chosen by `automl_nb.search.portfolio` from benchmark runs and lie in ``worked.json``,
which ``python -m benchmarks.portfolios`` makes.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "worked.json"


@cache
def recorded() -> dict[str, Any]:
    """All of the file: by which command, over which tasks, and the portfolios by strategy."""
    text = files("automl_nb.search").joinpath(_FILE).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def worked_elsewhere(strategy: str) -> tuple[dict[str, Any], ...]:
    """A strategy's portfolio, its best single setting first; empty where none was measured.

    Example:
        >>> [sorted(config) for config in worked_elsewhere("knn")[:1]]
        [['k']]
    """
    return tuple(dict(one) for one in recorded()["portfolios"].get(strategy, ()))
