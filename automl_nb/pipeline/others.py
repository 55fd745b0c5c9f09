"""The models of a run beside the one that is kept: each candidate by itself, in memory alone.

They share encoders and predictors with what the run made anyway. On disk there is one model, as a
network more for each candidate would fill it.
"""

from __future__ import annotations

from automl_nb.pipeline.champion import alone
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.workbench import Workbench


def models_of(bench: Workbench) -> dict[str, Model]:
    """A model for each candidate, by its name on the leaderboard.

    On an accelerator tuned networks are left out: its memory is for the next run.
    """
    found = {}
    for candidate in bench.candidates:
        # Where no network was tuned the device isn't asked for: it would import torch.
        if not hasattr(candidate.predictor, "size_bytes") or bench.device == "cpu":
            made = alone(candidate, bench.judge, bench.champion)
            found[candidate.name] = bench.model_of(made)
    return found
