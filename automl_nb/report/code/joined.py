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


def side_by_side(
    name: str, inputs: tuple[str, ...], telling: Telling, *, dense: float = 1.0
) -> Inputs:
    """Dense blocks on one scale each, beside sparse ones.

    Args:
        name: Of the head.
        inputs: Keys of the blocks.
        telling: The run.
        dense: By what dense blocks count more than sparse ones.
    """
    blocks = {telling.names[key]: key in telling.sparse for key in inputs}
    scaled = [block for block, is_sparse in blocks.items() if not is_sparse]
    lines = tuple(f"scaled_{block} = one_scale(train_{block})" for block in scaled)
    helpers = (ONE_SCALE,) if scaled else ()
    train, new = (
        f"{name}_inputs({', '.join(f'{rows}_{block}' for block in blocks)})"
        if len(blocks) > 1
        else _part(f"{rows}_{telling.names[inputs[0]]}", telling.names[inputs[0]], blocks, dense)
        for rows in ("train", "new")
    )
    if len(blocks) == 1:
        return Inputs(lines, train, new, ("import numpy as np",), helpers)
    imports = [
        "import numpy as np",
        *(["from scipy import sparse"] if any(blocks.values()) else []),
    ]
    return Inputs((*lines, *_joined(name, blocks, dense)), train, new, tuple(imports), helpers)


def _part(rows: str, block: str, blocks: Mapping[str, bool], dense: float) -> str:
    """One block as the head reads it."""
    if blocks[block]:
        return rows
    return f"{'' if dense == 1.0 else f'{number(dense)} * '}scaled_{block}({rows})"


def _joined(name: str, blocks: Mapping[str, bool], dense: float) -> tuple[str, ...]:
    """A function that puts the blocks side by side."""
    parts = ", ".join(_part(block, block, blocks, dense) for block in blocks)
    matrix = (
        f"sparse.hstack([{parts}]).tocsr()" if any(blocks.values()) else f"np.hstack([{parts}])"
    )
    return (
        "",
        f"def {name}_inputs({', '.join(blocks)}):",
        '    """(n, d) all features side by side, each kind on one scale."""',
        f"    return {matrix}",
        "",
    )
