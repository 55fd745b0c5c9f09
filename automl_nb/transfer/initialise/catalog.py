"""The catalogue of head initialisers. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.transfer.initialise"

INITIALISERS = Registry(
    "initialiser",
    (
        Spec(
            "logistic",
            f"{_HERE}.solved:FromLogistic",
            "Softmax regression on the frozen features.",
            "Kumar et al. 2022, arXiv 2202.10054",
        ),
        Spec(
            "ridge",
            f"{_HERE}.solved:FromRidge",
            "Least squares on the frozen features.",
            "Golub, Heath & Wahba 1979",
        ),
    ),
)
