"""Whether blocks can be held as one dense matrix."""

from __future__ import annotations

from scipy import sparse

from automl_nb.transfer.base import TrialContext

MOST_VALUES = 400_000_000


def why_not_dense(context: TrialContext, inputs: tuple[str, ...]) -> str:
    """Why a network can't be trained on these blocks side by side; an empty text if it can."""
    width = sum(context.blocks[key].shape[1] for key in inputs)
    if not width:
        return "it needs features"
    if any(sparse.issparse(context.blocks[key]) for key in inputs):
        return "it would need a weight for each of very many sparse columns"
    too_large = width * len(context.y) > MOST_VALUES
    return "the blocks are too large for its memory" if too_large else ""
