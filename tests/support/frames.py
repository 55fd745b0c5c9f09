"""Small frames of each kind, for runs that end by themselves within seconds."""

from functools import cache

import numpy as np
import pandas as pd
from PIL import Image

from automl_nb.data.samples import load_sample


def texts(n: int = 120) -> pd.DataFrame:
    """Documentation of three libraries."""
    return _documented().head(n).copy()


@cache
def _documented() -> pd.DataFrame:
    """Kept, as reading the libraries' sources takes seconds."""
    frame = load_sample("docstrings", n=900).frame
    return frame[frame["library"].isin(["matplotlib", "numpy", "scipy"])].reset_index(drop=True)


def pictures(n: int = 24) -> pd.DataFrame:
    """Red or blue squares in noise."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(n):
        pixels = rng.integers(0, 120, (24, 24, 3), dtype=np.uint8)
        pixels[6:18, 6:18, 0 if number % 2 else 2] += 120
        rows.append({"photo": Image.fromarray(pixels), "colour": "red" if number % 2 else "blue"})
    return pd.DataFrame(rows)


def mixed(n: int = 120) -> pd.DataFrame:
    """Texts, numbers and categories."""
    frame = texts(n)
    rng = np.random.default_rng(0)
    right = (frame["library"] == "numpy").to_numpy()
    return frame.assign(
        size=rng.normal(size=len(frame)) + right,
        shop=np.where(rng.random(len(frame)) < 0.8, right, ~right).astype(str),
    )


def table(n: int = 178) -> pd.DataFrame:
    """Wines of three growers, in column ``cultivar``."""
    return load_sample("wine").frame.head(n)
