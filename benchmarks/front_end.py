"""What a person waits for while typing and clicking, in a real kernel.

python -m benchmarks completion form_opens
"""

from __future__ import annotations

import compileall
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Bar, Case, Probe
from benchmarks.conduct import Kernel

LARGE = """
import numpy as np, pandas as pd
rng = np.random.default_rng(0)
large = pd.DataFrame(rng.normal(size=(1_000_000, 199)), columns=[f"n{i}" for i in range(199)])
large["label"] = rng.choice(["yes", "no"], len(large))
%load_ext automl_nb
"""
TYPED = (
    "%automl f",
    "%automl fit la",
    "%automl fit large --la",
    "%automl fit large --label n1",
    "%automl fit large --metric=ba",
    "%automl fit large --strategies ridge,fine",
    "%automl fit large --backbones mini",
    "%automl fit large --search lr",
    "%automl fit large --search=C=0.1..10,k",
    "%automl fit large --label label --positive ",
    "%automl fit large --strategy lora --params r=4,al",
    "%automl space boosting --search lea",
    "%automl fit large --kinds n1=category,n2",
    "run = %automl lead",
    "%%automl fit large\nti",
    '%%automl fit large\nstrategies = "svm"\n[search]\n',
    '%%automl fit large\nlabel = "label"\npositive = ',
)
TIMES = 20
PACKAGE = Path(__file__).resolve().parent.parent / "automl_nb"


def completion() -> dict[str, Any]:
    """Milliseconds from the Tab key to the kernel's answer, with a large frame at hand."""
    _as_installed()
    with Kernel() as kernel:
        kernel.run(LARGE)
        took: dict[str, list[float]] = {line: [] for line in TYPED}
        found = {}
        for _ in range(TIMES):
            for line, seconds in took.items():
                began = time.perf_counter()
                matches = kernel.complete(line)
                seconds.append(1000 * (time.perf_counter() - began))
                found[line] = len(matches)
    every = np.concatenate(list(took.values()))
    return {
        "slowest_ms": round(float(every.max()), 1),
        "usual_ms": round(float(np.median(every)), 1),
        "first_ms": round(max(seconds[0] for seconds in took.values()), 1),
        "least_offers": min(found.values()),
        "lines": {line: round(float(np.median(s)), 1) for line, s in took.items()},
    }


def form_opens() -> dict[str, Any]:
    """Seconds that the cell of a form takes, with 1,000,000 rows of 200 columns."""
    _as_installed()
    with Kernel() as kernel:
        kernel.run(LARGE)
        took = []
        for _ in range(3):
            began = time.perf_counter()
            kernel.run("%automl form large --label label")
            took.append(round(time.perf_counter() - began, 2))
    return {"first_s": took[0], "slowest_s": max(took)}


def _as_installed() -> None:
    """Compiled, as an installer leaves it; a kernel may be told to write nothing there itself."""
    compileall.compile_dir(PACKAGE, quiet=1)


WORK: dict[str, Callable[[], dict[str, Any]]] = {
    work.__name__: work for work in (completion, form_opens)
}
_BARS = {
    "completion": (Bar("slowest_ms", "<=", 50), Bar("least_offers", ">=", 1)),
    "form_opens": (Bar("slowest_s", "<=", 1),),
}
CASES: tuple[Case, ...] = tuple(
    Probe(name, "benchmarks.front_end", bars) for name, bars in _BARS.items()
)

if __name__ == "__main__":
    print(json.dumps(WORK[sys.argv[1]]()))
