"""Rows that a network doesn't learn from, which tell when it was best."""

from __future__ import annotations

from automl_nb.data.split import HOLDOUT_SHARE, default_folds
from automl_nb.report.code.rows import PICKED, folds, strata
from automl_nb.report.code.snippet import Snippet, Telling, number, plain
from automl_nb.transfer.tuner import most_judges


def held_out(telling: Telling) -> Snippet:
    """`learnt` and `judged`: positions of the training rows, as the run divided them."""
    n, parts = developed(telling), _parts(telling)
    if parts > 1:
        dealt = folds(telling, parts)
        lines, helpers = [dealt.code, "held_out = part == 0"], dealt.helpers
    else:
        by, rng = strata(telling, "y_train"), f"np.random.default_rng([{telling.seed}, 2])"
        lines, helpers = (
            [f"held_out = picked({by}, {number(HOLDOUT_SHARE)}, {rng})"],
            (plain(PICKED),),
        )
    lines.append("held_out &= np.isin(y_train, y_train[~held_out])  # each class must be learnt")
    rows = "np.flatnonzero(held_out)"
    if parts > 1 and _held(telling) > most_judges(n):
        rows = f"np.random.default_rng({telling.seed}).permutation({rows})[:{most_judges(n)}]"
    lines += [f"judged = np.sort({rows})", "learnt = np.setdiff1d(np.arange(len(train)), judged)"]
    why = "# Rows that it doesn't learn from tell when it was best."
    return Snippet("\n".join([why, *lines]), imports=("import numpy as np",), helpers=helpers)


def developed(telling: Telling) -> int:
    """Training rows of the run, those that judge among them."""
    assert telling.state.split is not None
    return telling.state.split.n_train + telling.state.split.n_valid


def learnt_rows(telling: Telling) -> int:
    """How many rows are learnt from."""
    n = developed(telling)
    most = most_judges(n) if _parts(telling) > 1 else n
    return n - min(_held(telling), most)


def _parts(telling: Telling) -> int:
    asked = int(str(telling.state.settings.get("folds", 0)))
    return asked or default_folds(developed(telling))


def _held(telling: Telling) -> int:
    assert telling.state.split is not None
    return telling.state.split.n_valid
