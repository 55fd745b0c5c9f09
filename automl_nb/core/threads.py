"""How the libraries' threads wait for work."""

from __future__ import annotations

import os


def let_threads_sleep() -> None:
    """Let OpenMP's threads sleep while they wait, where the user hasn't said otherwise.

    They spin by default, which takes the cores from whoever else works: the live view, a
    second run, another kernel. It works only before torch or scikit-learn is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
