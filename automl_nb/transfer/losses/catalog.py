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
            params=("smoothing",),
        ),
        Spec(
            "focal",
            f"{_HERE}.focal:Focal",
            "Rows that are answered well already count less.",
            "Lin et al. 2017, arXiv 1708.02002",
            tags=("classification",),
            params=("focal_gamma",),
        ),
        Spec(
            "class-balanced",
            f"{_HERE}.class_balanced:ClassBalanced",
            "Rare classes weigh more, by their effective number of rows.",
            "Cui et al. 2019, arXiv 1901.05555",
            tags=("classification",),
            params=("balance_beta",),
        ),
        Spec(
            "logit-adjusted",
            f"{_HERE}.logit_adjusted:LogitAdjusted",
            "Rare classes must win by a margin, so that all classes count alike.",
            "Menon et al. 2021, arXiv 2007.07314",
            tags=("classification",),
            params=("logit_tau",),
        ),
        Spec(
            "robust",
            f"{_HERE}.robust:Robust",
            "Wild values bend the rest less; how much less is learnt.",
            "Barron 2019, arXiv 1701.03077",
            tags=("regression",),
            params=("robust_alpha", "robust_shape"),
        ),
        Spec(
            "uncertainty",
            f"{_HERE}.uncertainty:Uncertainty",
            "Labels of a multi-label task weighed by how sure each can be.",
            "Kendall et al. 2018, arXiv 1705.07115",
            tags=("classification",),
        ),
    ),
)
