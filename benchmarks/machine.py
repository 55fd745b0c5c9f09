"""What a figure was measured on, and the cost of a whole process.

Every measured case runs in a process of its own, so that its seconds hold the imports
and its peak memory is its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PACKAGES = ("automl_nb", "torch", "transformers", "scikit-learn", "lightgbm", "pandas", "numpy")


def machine() -> dict[str, Any]:
    """Processor, memory, accelerator, load and versions, as plain JSON."""
    import psutil

    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=True),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "accelerator": _accelerator(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_1m": round(psutil.getloadavg()[0], 2),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "commit": _commit(),
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def side_by_side(
    runs: Sequence[Callable[[], dict[str, Any]]], at_once: int = 1
) -> list[dict[str, Any]]:
    """What each of some runs found, in order.

    Several at once share the cores evenly, so that all have the same share and what is compared
    stays comparable; their seconds are then those of a machine of so many cores.
    """
    if at_once == 1:
        return [run() for run in runs]
    cores = os.cpu_count() or 1
    os.environ["OMP_NUM_THREADS"] = str(max(1, cores // at_once))
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda run: run(), runs))


def measured(module: str, *arguments: str, warm: Path | None = None) -> dict[str, Any]:
    """Run ``python -m module arguments`` in a fresh process and take its JSON.

    The process prints one JSON object as its last line. Added to it are
    ``process_s``, the seconds of the whole process including imports, and
    ``peak_rss_mb``, the most memory that it and its children held together.

    Args:
        warm: A cache folder to use; a new, empty one otherwise, so that nothing that
            was computed earlier helps.
    """
    with tempfile.TemporaryDirectory(prefix="automl_nb-bench-") as folder:
        environment = os.environ | {
            "AUTOML_NB_CACHE": str(warm or Path(folder) / "cache"),
            "AUTOML_NB_RUNS": str(Path(folder) / "runs"),
            "AUTOML_NB_PROGRESS": "off",
            "AUTOML_NB_MEMORY": "",  # in the cache above, never a shared one
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "OMP_WAIT_POLICY": "PASSIVE",
        }
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        watch = PeakMemory(process.pid)
        out, err = process.communicate()
        seconds = time.perf_counter() - start
        peak = watch.stop()
    lines = out.strip().splitlines()
    if process.returncode or not lines:
        tail = "\n".join(err.strip().splitlines()[-15:])
        return {"failed": f"{module} {' '.join(arguments)}: exit {process.returncode}\n{tail}"}
    result: dict[str, Any] = json.loads(lines[-1])
    return result | {"process_s": round(seconds, 2), "peak_rss_mb": round(peak)}


class PeakMemory:
    """Watches the resident memory of a process and its children from a thread."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._done = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The peak in megabytes (2**20 bytes)."""
        self._done.set()
        self._thread.join()
        return self._peak / 2**20

    def _watch(self) -> None:
        import psutil

        while not self._done.wait(0.1):
            try:
                root = psutil.Process(self._pid)
                family = [root, *root.children(recursive=True)]
                self._peak = max(self._peak, sum(one.memory_info().rss for one in family))
            except psutil.Error:
                continue


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _accelerator() -> str:
    import torch

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return "mps" if torch.backends.mps.is_available() else "none"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
