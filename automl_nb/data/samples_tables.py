"""The small classical tables that scikit-learn ships."""

from __future__ import annotations

from typing import Any

import pandas as pd

Made = tuple[pd.DataFrame, str]


def digits(_n: int, _seed: int) -> Made:
    """1,797 handwritten digits."""
    from sklearn.datasets import load_digits

    data = load_digits()
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    frame = pd.DataFrame(data.data, columns=names)
    return frame.assign(digit=data.target), "digit"


def breast_cancer(_n: int, _seed: int) -> Made:
    """569 tumours."""
    from sklearn.datasets import load_breast_cancer

    return _named(load_breast_cancer(), "diagnosis")


def wine(_n: int, _seed: int) -> Made:
    """178 wines."""
    from sklearn.datasets import load_wine

    return _named(load_wine(), "cultivar")


def diabetes(_n: int, _seed: int) -> Made:
    """442 patients, in the units that were measured."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    frame = pd.DataFrame(data.data, columns=data.feature_names)
    return frame.assign(progression=data.target), "progression"


def _named(data: dict[str, Any], label: str) -> Made:
    """Features under their names with underscores, classes by name."""
    names = [str(name).replace(" ", "_") for name in data["feature_names"]]
    frame = pd.DataFrame(data["data"], columns=names)
    classes = pd.Series(data["target_names"], dtype=object)
    codes = pd.Series(data["target"])
    return frame.assign(**{label: codes.map(classes.to_dict())}), label
