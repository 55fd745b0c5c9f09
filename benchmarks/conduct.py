"""How a run behaves beyond its score: loading, budget, repetition, drawing, memory.

python -m benchmarks.conduct load_ext
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from benchmarks.cases import Bar, Case, Probe
from benchmarks.machine import measured

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


def budget() -> dict[str, Any]:
    """The worst overrun of runs on texts, pictures and a table, beyond 5% or 3 s."""
    found: dict[str, Any] = {}
    for name, asked in (("r8", 10), ("fine_foods", 40), ("emoji", 20), ("churn", 10)):
        run = measured("benchmarks.fit", name, str(asked), "0")
        if "failed" in run:
            return run
        found[f"{name}_asked_{asked}_used_s"] = run["fit_s"]
        beyond = run["fit_s"] - asked - max(3.0, 0.05 * asked)
        found["beyond_s"] = max(found.get("beyond_s", 0.0), round(beyond, 2))
    return found


def again() -> dict[str, Any]:
    """How much sooner the same call has its frozen features the second time."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (
            measured("benchmarks.fit", "fine_foods", "90", "0", warm=Path(folder)) for _ in range(2)
        )
    if failed := first.get("failed") or second.get("failed"):
        return {"failed": failed}
    return {
        "first_s": first["frozen_s"],
        "second_s": second["frozen_s"],
        "times_sooner": round(first["frozen_s"] / second["frozen_s"], 2),
    }


def rendering() -> dict[str, Any]:
    """The share of a run's time that a real kernel spends on drawing its live view."""
    with Kernel({"AUTOML_NB_PROGRESS": "html"}) as kernel:
        kernel.run("import automl_nb, time; rows = automl_nb.sample('docstrings')")
        kernel.run(COUNT_DRAWING)
        start = time.perf_counter()
        frames = kernel.run("%automl fit rows --label library --time 45s")
        seconds = time.perf_counter() - start
        drawn = json.loads(kernel.run("print(__import__('json').dumps(drawn))")["text"])
    return {
        "run_s": round(seconds, 1),
        "frames": len(drawn),
        "drawing_s": round(sum(drawn), 3),
        "share": round(sum(drawn) / seconds, 5),
        "frames_per_s": round(len(drawn) / seconds, 2),
        "kilobytes_a_frame": round(frames["bytes"] / 1024 / max(1, len(drawn)), 1),
    }


def memory() -> dict[str, Any]:
    """Resident memory of one kernel after each of ten runs, and how much it grows."""
    import psutil

    with Kernel({"AUTOML_NB_PROGRESS": "html"}) as kernel:
        kernel.run("import automl_nb; rows = automl_nb.sample('docstrings').head(600)")
        process = psutil.Process(kernel.pid())
        after = []
        for _ in range(10):
            kernel.run("run = automl_nb.fit(rows, 'library', time=15)")
            after.append(round(process.memory_info().rss / 2**20))
    # The first runs fill caches that the later ones share.
    return {"rss_mb": after, "growth_mb": after[-1] - after[3]}


COUNT_DRAWING = """
%load_ext automl_nb
from automl_nb.notebook.live import LiveView
drawn, draw = [], LiveView._draw
def counted(view, state):
    start = time.perf_counter()
    draw(view, state)
    drawn.append(time.perf_counter() - start)
LiveView._draw = counted
"""


class Kernel:
    """A real Jupyter kernel, as JupyterLab would start it."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self._environment = environment or {}

    def __enter__(self) -> Self:
        import os

        from jupyter_client import KernelManager

        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(env=os.environ | self._environment)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def pid(self) -> int:
        """The kernel's process."""
        return int(self.run("import os; print(os.getpid())")["text"])

    def complete(self, line: str) -> list[str]:
        """What the Tab key offers at the end of a line."""
        reply = self._client.complete(line, reply=True, timeout=60)
        return list(reply["content"]["matches"])

    def run(self, code: str) -> dict[str, Any]:
        """Run a cell; what it printed, and the size of what it displayed."""
        texts: list[str] = []
        shown = 0

        def hear(message: dict[str, Any]) -> None:
            nonlocal shown
            content = message["content"]
            if message["msg_type"] == "stream":
                texts.append(content["text"])
            elif "data" in content:
                shown += sum(len(str(part)) for part in content["data"].values())

        reply = self._client.execute_interactive(code, output_hook=hear, timeout=300)
        if reply["content"]["status"] != "ok":
            sys.exit(f"{code}\n{reply['content'].get('evalue')}")
        return {"text": "".join(texts).strip(), "bytes": shown}


def _seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


WORK: dict[str, Callable[[], dict[str, Any]]] = {
    work.__name__: work for work in (load_ext, budget, again, rendering, memory)
}

_BARS = {
    "load_ext": (Bar("added_s", "<=", 0.3), Bar("heavy_imports", "<=", 0)),
    "budget": (Bar("beyond_s", "<=", 0),),
    "again": (Bar("times_sooner", ">=", 5),),
    "rendering": (Bar("share", "<=", 0.01), Bar("frames_per_s", "<=", 4.2)),
    "memory": (Bar("growth_mb", "<=", 50),),
}
CASES: tuple[Case, ...] = tuple(
    Probe(name, "benchmarks.conduct", bars) for name, bars in _BARS.items()
)

if __name__ == "__main__":
    print(json.dumps(WORK[sys.argv[1]]()))
