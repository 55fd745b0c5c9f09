"""The catalogue of similarities. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.explorer.similarity"

SIMILARITIES = Registry(
    "similarity",
    (
        Spec(
            "cka",
            f"{_HERE}.cka:Cka",
            "How alike the features vary together.",
            "Kornblith et al. 2019, arXiv 1905.00414",
        ),
        Spec(
            "mmd",
            f"{_HERE}.mmd:Mmd",
            "How well a kernel tells the rows apart.",
            "Gretton et al. 2012, JMLR 13",
        ),
        Spec(
            "frechet",
            f"{_HERE}.frechet:Frechet",
            "How far apart the rows lie as two normal distributions.",
            "Dowson & Landau 1982; Heusel et al. 2017, arXiv 1706.08500",
        ),
        Spec(
            "otdd",
            f"{_HERE}.otdd:Otdd",
            "What it costs to move the rows with their classes onto the others.",
            "Alvarez-Melis & Fusi 2020, arXiv 2002.02923",
            tags=("classes",),
        ),
        Spec(
            "task2vec",
            f"{_HERE}.task2vec:Task2Vec",
            "Whether the same features matter for the answers.",
            "Achille et al. 2019, arXiv 1902.03545",
            tags=("classes",),
        ),
    ),
)
