"""Example data that needs no download: made from what the core dependencies ship."""

from __future__ import annotations

from functools import partial

import pandas as pd

from automl_nb.core.errors import SettingError
from automl_nb.core.registry import Registry, Spec
from automl_nb.data.table import Table

# Each target makes (number of rows or 0 for its usual size, seed) -> (frame, label column).
SAMPLES = Registry(
    "sample",
    (
        Spec(
            "docstrings",
            "automl_nb.data.samples_text:docstrings",
            "Texts in 6 classes: which library is this documentation from? Names are removed.",
            tags=("text", "multiclass"),
        ),
        Spec(
            "charts",
            "automl_nb.data.samples_charts:charts",
            "Small colour pictures in 8 classes: which type of chart is this?",
            tags=("image", "multiclass"),
        ),
        Spec(
            "products",
            "automl_nb.data.samples_text:products",
            "A mixed table (texts, numbers, categories) of functions: which software "
            "product is each from?",
            tags=("text", "number", "category", "multiclass"),
        ),
        Spec(
            "digits",
            "automl_nb.data.samples_tables:digits",
            "8 x 8 pixels of handwritten digits as 64 numbers, 10 classes.",
            paper="Alpaydin and Kaynak 1998, UCI",
            tags=("number", "multiclass"),
        ),
        Spec(
            "breast_cancer",
            "automl_nb.data.samples_tables:breast_cancer",
            "30 measures of cell nuclei: malignant or benign?",
            paper="Street, Wolberg and Mangasarian 1993, UCI",
            tags=("number", "binary"),
        ),
        Spec(
            "wine",
            "automl_nb.data.samples_tables:wine",
            "13 chemical measures of wines from three growers.",
            paper="Forina et al. 1991, UCI",
            tags=("number", "multiclass"),
        ),
        Spec(
            "diabetes",
            "automl_nb.data.samples_tables:diabetes",
            "Progression of diabetes after a year, from 10 measures.",
            paper="Efron et al. 2004",
            tags=("number", "regression"),
        ),
    ),
)


def load_sample(name: str, *, n: int = 0, seed: int = 0) -> Table:
    """Make one of the example tables; the same arguments give the same rows.

    Args:
        name: A name of `SAMPLES`.
        n: Number of rows; 0 for its usual size. Fewer come where there are no more.
        seed: Chooses (or draws) the rows, and their order.

    Returns:
        A table that knows its label column, so that `fit` needs none.

    Raises:
        UnknownNameError: There is no such sample.
        SettingError: `n` is negative.

    Example:
        >>> table = load_sample("wine")
        >>> table.label, len(table.frame)
        ('cultivar', 178)
    """
    if n < 0:
        raise SettingError("A sample needs a number of rows.", received=n, hint="Try n=500.")
    make = partial(SAMPLES[name].load(), n, seed)
    frame, label = make()
    return Table.of(shuffled(frame, n, seed), f"the sample '{name}'", label=label)


def shuffled(frame: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    """At most `n` rows (all if 0) in random order."""
    return frame.sample(n=min(n or len(frame), len(frame)), random_state=seed)
