"""The linear discriminant on frozen features, its covariance shrunk (Ledoit & Wolf 2004)."""

from __future__ import annotations

from automl_nb.transfer.closed_form import ClosedForm
from automl_nb.transfer.discriminant import Solver, lda

_MOST_COLUMNS = 8192  # half a gigabyte of covariance


class Lda(ClosedForm):
    """Strategy ``lda``: what sets the means apart, measured by the spread within classes."""

    name = "lda"
    most_columns = _MOST_COLUMNS

    def solver(self) -> Solver:
        """See `automl_nb.transfer.discriminant.lda`."""
        return lda
