"""What there is here to compute with, and what to do about what is missing."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.settings import cache_dir, runs_dir

if TYPE_CHECKING:
    import pandas as pd

_PACKAGES = ("transformers", "accelerate", "scikit-learn", "lightgbm", "pandas", "ipython")
_EXTRAS = {
    "files": ("pyarrow", "openpyxl"),
    "sql": ("sqlalchemy",),
    "http": ("aiohttp", "requests"),
    "lab": ("jupyterlab",),
}
_LEAST_FREE = 2 * 2**30


def examine() -> pd.DataFrame:
    """One row a fact: what, found, what to do (empty where all is well)."""
    from automl_nb.core.show.whole_table import WholeTable

    rows = [*_machine(), *_weights(), *_versions(), *_disk()]
    return WholeTable(rows, columns=["what", "found", "what to do"])


def _machine() -> Iterator[tuple[str, str, str]]:
    from automl_nb.zoo.device import device_info

    yield "Python", platform.python_version(), ""
    for key, value in device_info().items():
        yield key, str(value), ""


def _weights() -> Iterator[tuple[str, str, str]]:
    from automl_nb.zoo.catalog import CARDS
    from automl_nb.zoo.load import is_available

    here = [name for name, card in CARDS.items() if is_available(card)[0]]
    remedy = "" if here else "pip install 'automl_nb[starter]'"
    yield "weights at hand", ", ".join(here) or "none", remedy


def _versions() -> Iterator[tuple[str, str, str]]:
    for package in _PACKAGES:
        yield package, _version(package) or "missing", ""
    for extra, packages in _EXTRAS.items():
        gone = [package for package in packages if not _version(package)]
        found = "installed" if not gone else f"without {', '.join(gone)}"
        yield f"extra '{extra}'", found, f"pip install 'automl_nb[{extra}]'" if gone else ""


def _disk() -> Iterator[tuple[str, str, str]]:
    for what, folder in (("cache", cache_dir()), ("runs", runs_dir())):
        free = shutil.disk_usage(_existing(folder)).free
        size = sum(item.stat().st_size for item in folder.rglob("*") if item.is_file())
        remedy = "free some disk space" if free < _LEAST_FREE else ""
        yield what, f"{folder}: {size / 2**20:,.0f} MB used, {free / 2**30:,.0f} GB free", remedy


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return folder if folder.exists() else _existing(folder.parent)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
