"""How a run behaves, beyond its score: the cost of loading and more.

python -m benchmarks.conduct load_ext
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.cases import Bar, Case, Probe

SHELL = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
HEAVY = ("torch", "transformers", "sklearn", "pandas")


def load_ext() -> dict[str, Any]:
    """Seconds that ``%load_ext automl_nb`` adds to IPython alone, and what it imports."""
    load = f"{SHELL}; s.run_line_magic('load_ext', 'automl_nb')"
    alone, loaded = [], []
    for _ in range(9):  # interleaved, so that both meet the same load
        alone.append(_seconds(SHELL))
        loaded.append(_seconds(load))
    shown = f"{load}; import sys; print(sum(m in sys.modules for m in {HEAVY}))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return {
        "ipython_s": round(statistics.median(alone), 3),
        "added_s": round(statistics.median(loaded) - statistics.median(alone), 3),
        "heavy_imports": int(done.stdout.strip().splitlines()[-1]),
    }


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


WORK: dict[str, Callable[[], dict[str, Any]]] = {"load_ext": load_ext}

CASES: tuple[Case, ...] = (
    Probe(
        "load_ext",
        "benchmarks.conduct",
        (Bar("added_s", "<=", 0.3), Bar("heavy_imports", "<=", 0)),
    ),
)

if __name__ == "__main__":
    print(json.dumps(WORK[sys.argv[1]]()))
