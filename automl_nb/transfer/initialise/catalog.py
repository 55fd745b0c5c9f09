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
        Spec(
            "lda",
            f"{_HERE}.gaussian:Lda",
            "Bayes' rule for Gaussian classes with one shrunk covariance.",
            "Fisher 1936; Ledoit & Wolf 2004",
        ),
        Spec(
            "class-means",
            f"{_HERE}.gaussian:ClassMeans",
            "The nearest class mean wins.",
            "Snell et al. 2017, arXiv 1703.05175",
        ),
        Spec(
            "xavier",
            f"{_HERE}.drawn:Xavier",
            "Random, of variance 2 / (fan_in + fan_out).",
            "Glorot & Bengio 2010",
        ),
        Spec(
            "he",
            f"{_HERE}.drawn:He",
            "Random, of variance 2 / fan_in.",
            "He et al. 2015, arXiv 1502.01852",
        ),
        Spec(
            "random",
            f"{_HERE}.drawn:Random",
            "Random and small: what the other starts are measured against.",
        ),
    ),
)
