"""What the first use of networks costs before anything is computed, so that a short run can tell.

An import can't be cut short once it has begun (see `automl_nb.control.meanwhile`). Where this
version of PyTorch was never used before with this cache folder, its files come from the disk and
may have to be compiled.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from automl_nb.core.settings import cache_dir

Part = Literal["torch", "network"]

# Measured on two cores without other load: PyTorch's import; then that of transformers, the
# weights, and the race of number formats.
SECONDS: dict[Part, float] = {"torch": 1.5, "network": 3.0}
NEVER_BEFORE = 2.5  # times as long

_begun: set[Part] = set()


def start_s(*parts: Part) -> float:
    """Seconds that the parts still cost in this process.

    Args:
        parts: ``"torch"`` is PyTorch itself, ``"network"`` a pretrained network.
    """
    lacking = [part for part in parts if part not in _begun]
    if "torch" in sys.modules and "torch" in lacking:
        lacking.remove("torch")
    return sum(SECONDS[part] * (1.0 if _mark(part).is_file() else NEVER_BEFORE) for part in lacking)


def begun(part: Part) -> None:
    """Remember that a part was used, in this process and on this machine."""
    if part in _begun:
        return
    _begun.add(part)
    with suppress(OSError):  # without the mark the next process expects a slow start
        _mark(part).parent.mkdir(parents=True, exist_ok=True)
        _mark(part).touch()


def _mark(part: Part) -> Path:
    try:
        used = version("torch")
    except PackageNotFoundError:
        used = "none"
    return cache_dir() / "begun" / f"{part}-{used}"
