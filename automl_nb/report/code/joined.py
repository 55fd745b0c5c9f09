"""Several blocks side by side, as heads read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from automl_nb.report.code.snippet import Telling, number, plain

ONE_SCALE = plain(
    '''
    def one_scale(X):
        """A function that centres columns and makes rows about 1 long, as these rows tell."""
        mean, length = X.mean(axis=0), np.sqrt(X.var(axis=0).sum())
        return lambda rows: (rows - mean) / length
    '''
)
MARGINS = plain(
    '''
    def from_margins(margins):
        """(n, k) probabilities: a sigmoid of the one margin of two classes, else a softmax."""
        if margins.ndim == 1:
            margins = np.column_stack([-margins / 2, margins / 2])
        return softmax(margins, axis=1)
    '''
)
SOFTMAX = "from scipy.special import softmax"


@dataclass(frozen=True)
class Inputs:
    """What a head reads.

    Attributes:
        lines: Learn the scales of dense blocks.
        train: The matrix of the training rows, as an expression.
        new: That of the rows `new`.
        imports: Lines.
        helpers: Functions.
    """

    lines: tuple[str, ...]
    train: str
    new: str
    imports: tuple[str, ...]
    helpers: tuple[str, ...]


def side_by_side(inputs: tuple[str, ...], telling: Telling, *, dense: float = 1.0) -> Inputs:
    """Dense blocks on one scale each, beside sparse ones.

    Args:
        inputs: Keys of the blocks.
        telling: The run.
        dense: By what dense blocks count more than sparse ones.
    """
    blocks = {telling.names[key]: key in telling.sparse for key in inputs}
    scaled = [name for name, is_sparse in blocks.items() if not is_sparse]
    imports = ["import numpy as np"]
    if len(blocks) > 1 and len(scaled) < len(blocks):
        imports.append("from scipy import sparse")
    return Inputs(
        tuple(f"scaled_{name} = one_scale(train_{name})" for name in scaled),
        _matrix("train", blocks, dense),
        _matrix("new", blocks, dense),
        tuple(imports),
        (ONE_SCALE,) if scaled else (),
    )


def _matrix(rows: str, blocks: Mapping[str, bool], dense: float) -> str:
    more = "" if dense == 1.0 else f"{number(dense)} * "
    parts = [
        f"{rows}_{name}" if is_sparse else f"{more}scaled_{name}({rows}_{name})"
        for name, is_sparse in blocks.items()
    ]
    if len(parts) == 1:
        return parts[0]
    if any(blocks.values()):
        return f"sparse.hstack([{', '.join(parts)}]).tocsr()"
    return f"np.hstack([{', '.join(parts)}])"
