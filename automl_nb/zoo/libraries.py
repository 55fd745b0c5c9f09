"""The libraries that compute networks, which take seconds to import."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

TORCH = ("torch",)
# The parts without which no pretrained network is read, and one that these look for.
NETWORKS = (*TORCH, "transformers.modeling_utils", "peft")


def are_loaded(names: tuple[str, ...]) -> bool:
    """Whether an import of all of these takes no time.

    Example:
        >>> are_loaded(("sys", "contextlib"))
        True
    """
    return all(name in sys.modules for name in names)


def load(names: tuple[str, ...]) -> None:
    """Import these; one that isn't installed is told by what needs it.

    Example:
        >>> load(("json", "not_installed_here"))
    """
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)
