"""The catalogue of losses. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.transfer.losses"

LOSSES = Registry(
    "loss",
    (
        Spec(
            "cross-entropy",
            f"{_HERE}.cross_entropy:CrossEntropy",
            "The usual one, with label smoothing; squared error for values.",
            "Szegedy et al. 2016, arXiv 1512.00567",
            tags=("classification", "regression"),
        ),
    ),
)
