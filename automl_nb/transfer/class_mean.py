"""The nearest class mean on frozen features: prototypes (Snell et al. 2017, arXiv 1703.05175)."""

from __future__ import annotations

from automl_nb.transfer.closed_form import ClosedForm
from automl_nb.transfer.discriminant import Solver, class_means


class ClassMean(ClosedForm):
    """Strategy ``class-mean``: a class is its mean, with the sharpness fitted."""

    name = "class-mean"

    def solver(self) -> Solver:
        """See `automl_nb.transfer.discriminant.class_means`."""
        return class_means
