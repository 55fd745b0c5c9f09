"""What every test stands on: caches and runs in temporary folders, no hub, fixed seeds.

One feature cache serves the whole session (and all of its workers), so that machine
probes and converted weights are made once. Runs go to a folder of each test's own.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

SHARED = "AUTOML_NB_TEST_SESSION"  # set by the first process, inherited by its workers


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment before any test, doctest or subprocess looks at it."""
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="automl_nb-tests-")
        config.add_cleanup(_forget_session)
    shared = Path(os.environ[SHARED])
    os.environ |= {
        "AUTOML_NB_CACHE": str(shared / "cache"),
        "AUTOML_NB_RUNS": str(shared / "runs"),
        "AUTOML_NB_LANG": "en",
        "HF_HUB_OFFLINE": "1",
        "MPLBACKEND": "agg",
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads make workers wait for each other
        "TOKENIZERS_PARALLELISM": "false",
    }
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as shells start what is in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # inherited by subprocesses
    os.environ.pop("AUTOML_NB_MEMORY", None)  # a database that a person shares with others
    os.environ.setdefault("OMP_NUM_THREADS", str(_threads(config)))


@pytest.fixture(autouse=True)
def _runs_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUTOML_NB_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("AUTOML_NB_PROGRESS", raising=False)
    # Else the runs of one worker would wait for those of another.
    monkeypatch.setattr("automl_nb.control.turns.usual_root", lambda: tmp_path / "at-work")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  (third-party code may still draw from it)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def _threads(config: pytest.Config) -> int:
    """Threads for one worker, so that all together fill the machine once."""
    workers = config.getoption("numprocesses", default=None) or 1
    return max(1, (os.cpu_count() or 1) // workers)


def _forget_session() -> None:
    shutil.rmtree(os.environ.pop(SHARED), ignore_errors=True)
