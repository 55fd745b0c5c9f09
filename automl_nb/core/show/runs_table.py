"""The list of runs, whose lines show the score however narrow the screen is."""

from __future__ import annotations

import pandas as pd

from automl_nb.core.show.words import clip

_SHOWN = ("name", "status", "score", "metric", "started", "model")
_WIDEST, _MINUTES = 30, 16  # letters of a name; of a date with its minute


class RunsTable(pd.DataFrame):
    """A frame of runs; as text a line a run, what is longest at the end.

    Example:
        >>> RunsTable({"name": ["iris"], "status": ["finished"], "score": [0.9648]})
           name    status   score
        0  iris  finished  0.9648
    """

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return RunsTable

    def __repr__(self) -> str:
        shown = pd.DataFrame(self)
        if not len(shown) or not set(shown.columns) >= {"name", "score"}:
            return shown.to_string()
        shown = shown[[name for name in _SHOWN if name in shown]].copy()
        for name in shown.columns.intersection(["name", "status", "model"]):
            shown[name] = [clip(str(cell), _WIDEST) for cell in shown[name]]
        if "started" in shown:
            shown["started"] = [str(cell)[:_MINUTES].replace("T", " ") for cell in shown["started"]]
        return str(shown.to_string(float_format=lambda score: f"{score:.4f}", na_rep=""))
