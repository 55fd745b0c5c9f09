"""What there is here to compute with, and what to do about what is missing."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.config import configured
from automl_nb.core.errors import SettingError
from automl_nb.core.settings import cache_dir, memory_setting, runs_dir
from automl_nb.core.show import words

if TYPE_CHECKING:
    import pandas as pd

_PACKAGES = ("transformers", "accelerate", "scikit-learn", "lightgbm", "pandas", "ipython")
_EXTRAS = {
    "files": ("pyarrow", "openpyxl"),
    "sql": ("sqlalchemy",),
    "http": ("aiohttp", "requests"),
    "adapters": ("peft",),
    "lab": ("jupyterlab", "ipykernel", "ipywidgets"),
}
_LEAST_FREE = 2 * 2**30
_TRIM = "%automl cache trim --to 1GB"
_NO_CUDA = "this PyTorch can't use the NVIDIA card: install a build for CUDA (pytorch.org)"
_NO_MEMORY = "close other programs or notebooks, or give runs less: --memory 1GB"

Fact = tuple[str, str, str]  # what, found, what to do


def examine() -> pd.DataFrame:
    """One row a fact: what, found, what to do (empty where all is well)."""
    from automl_nb.core.show.whole_table import WholeTable

    rows = [*_machine(), *_formats(), *_weights(), *_versions(), *_settings(), *_cache(), *_disk()]
    return WholeTable(rows, columns=["what", "found", "what to do"])


def _machine() -> Iterator[Fact]:
    import psutil

    from automl_nb.zoo.device import device_info

    yield "Python", platform.python_version(), ""
    info = device_info()
    for key, value in info.items():
        is_unused = key == "device" and value == "cpu" and shutil.which("nvidia-smi") is not None
        yield key, str(value), _NO_CUDA if is_unused else ""
    memory = psutil.virtual_memory()
    found = f"{words.size(memory.available)} free of {words.size(memory.total)}"
    yield "memory", found, _NO_MEMORY if memory.available < _LEAST_FREE else ""


def _formats() -> Iterator[Fact]:
    """The races of number formats so far."""
    from automl_nb.zoo.probe import known

    races = known()
    if not races:
        yield "number format", "not measured yet: the first run with a network does it", ""
    for family, race in sorted(races.items()):
        slower = race.rates.get("float32", race.rate)
        gain = f", {race.rate / slower:.1f} times as fast as float32" if slower < race.rate else ""
        yield f"number format of {family}", f"{race.dtype}{gain}", ""


def _weights() -> Iterator[Fact]:
    from automl_nb.zoo.catalog import CARDS
    from automl_nb.zoo.load import is_available

    here = [name for name, card in CARDS.items() if is_available(card)[0]]
    remedy = "" if here else "pip install 'automl_nb[starter]'"
    yield "weights at hand", ", ".join(here) or "none", remedy


def _versions() -> Iterator[Fact]:
    for package in _PACKAGES:
        found = _version(package)
        yield package, found or "missing", "" if found else f"pip install {package}"
    for extra, packages in _EXTRAS.items():
        gone = [package for package in packages if not _version(package)]
        found = "installed" if not gone else f"without {', '.join(gone)}"
        yield f"extra '{extra}'", found, f"pip install 'automl_nb[{extra}]'" if gone else ""


def _settings() -> Iterator[Fact]:
    """Files and variables that hold settings: whether they can be understood."""
    readers: dict[str, Callable[[], str]] = {
        "settings in files": lambda: ", ".join(configured()) or "none",
        "memory of tasks": lambda: memory_setting() or "in the cache",
    }
    for what, read in readers.items():
        try:
            yield what, read().rpartition("@")[2], ""  # a database's URL without its password
        except SettingError as error:
            yield what, error.rule, error.hint


def _cache() -> Iterator[Fact]:
    from automl_nb.cached import UNFINISHED, cache, kept

    for row in cache().to_dict("records"):
        used = f", last used {row['last use']}" if row["last use"] else ""
        yield f"cache: {row['part']}", f"{words.count(row['n'], 'thing')}, {row['size']}{used}", ""
    torn = [one for one in kept() if one.path.name.startswith(UNFINISHED)]
    if torn:
        size = words.size(sum(one.size for one in torn))
        yield "cache: half-written", f"{words.count(len(torn), 'thing')}, {size}", _TRIM


def _disk() -> Iterator[Fact]:
    for what, folder, variable in (
        ("disk of the cache", cache_dir(), "AUTOML_NB_CACHE"),
        ("disk of the runs", runs_dir(), "AUTOML_NB_RUNS"),
    ):
        there = _existing(folder)
        free = shutil.disk_usage(there).free
        size = sum(item.stat().st_size for item in folder.rglob("*") if item.is_file())
        remedy = f"free some disk space; {_TRIM}" if free < _LEAST_FREE else ""
        if not os.access(there, os.W_OK):
            remedy = f"it can't be written to: set {variable} to another folder"
        yield what, f"{folder}: {words.size(size)} used, {words.size(free)} free", remedy


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return folder if folder.exists() else _existing(folder.parent)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
