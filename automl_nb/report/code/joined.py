"""Several blocks side by side, as heads read them."""

from __future__ import annotations

from collections.abc import Callable

from automl_nb.report.code.snippet import Telling, number, plain

ONE_SCALE = plain(
    '''
    def one_scale(X):
        """The columns' means, and one factor by which a row's length becomes about 1."""
        return X.mean(axis=0), 1 / np.sqrt(X.var(axis=0).sum())
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


def side_by_side(
    name: str, inputs: tuple[str, ...], telling: Telling, *, dense: float = 1.0
) -> tuple[list[str], Callable[[str], str], tuple[str, ...], tuple[str, ...]]:
    """Dense blocks on one scale each, beside sparse ones.

    Args:
        name: Of the head, which tells its scales from others'.
        inputs: Keys of the blocks.
        telling: The run.
        dense: By what dense blocks count more than sparse ones.

    Returns:
        Lines that learn the scales; then, for ``"train"`` or ``"new"``, the matrix; imports; helpers.
    """
    lines, helpers, imports = [], (), ["import numpy as np"]
    forms = []
    for key in inputs:
        block = telling.names[key]
        if key in telling.sparse:
            forms.append(f"{{rows}}_{block}")
            continue
        centre, scale = f"{name}_centre_{block}", f"{name}_scale_{block}"
        lines.append(f"{centre}, {scale} = one_scale(train_{block})")
        helpers = (ONE_SCALE,)
        more = "" if dense == 1.0 else f" * {number(dense)}"
        forms.append(f"({{rows}}_{block} - {centre}) * {scale}{more}")
    matrix = forms[0]
    if len(forms) > 1 and any(key in telling.sparse for key in inputs):
        imports.append("from scipy import sparse")
        matrix = f"sparse.hstack([{', '.join(forms)}]).tocsr()"
    elif len(forms) > 1:
        matrix = f"np.hstack([{', '.join(forms)}])"
    return lines, lambda rows: matrix.replace("{rows}", rows), tuple(imports), helpers
