"""The catalogue of scores. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.explorer.scores"

SCORES = Registry(
    "score",
    (
        Spec(
            "ridge",
            f"{_HERE}.ridge:RidgeScore",
            "Accuracy (or R²) of least squares, each row left out once.",
            "Golub, Heath & Wahba 1979, doi 10.1080/00401706.1979.10489751",
            tags=("ranking",),
        ),
        Spec(
            "knn",
            f"{_HERE}.knn:KnnScore",
            "Accuracy (or R²) of the five nearest other rows by cosine.",
            "Cover & Hart 1967, doi 10.1109/TIT.1967.1053964; compared in arXiv 2503.18528",
            tags=("ranking",),
        ),
        Spec(
            "h-score",
            f"{_HERE}.h_score:HScore",
            "Spread of the class means against the spread of all rows, shrunk where rows are few.",
            "Bao et al. 2019, doi 10.1109/ICIP.2019.8803726; Ibrahim et al. 2021, arXiv 2110.06893",
            tags=("ranking",),
        ),
        Spec(
            "logme",
            f"{_HERE}.logme:LogMe",
            "Evidence for a Bayesian linear model on the features.",
            "You et al. 2021, arXiv 2102.11005",
        ),
        Spec(
            "leep",
            f"{_HERE}.leep:Leep",
            "How well the network's own source classes foretell the answers.",
            "Nguyen et al. 2020, arXiv 2002.12462",
        ),
        Spec(
            "nleep",
            f"{_HERE}.nleep:NLeep",
            "LEEP with a mixture of Gaussians in place of source classes.",
            "Li et al. 2021, arXiv 2011.11200",
        ),
        Spec(
            "transrate",
            f"{_HERE}.transrate:TransRate",
            "How much shorter features are coded once the classes are known.",
            "Huang et al. 2022, arXiv 2106.09362",
        ),
    ),
)
