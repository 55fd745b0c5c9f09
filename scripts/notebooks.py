"""Run notebooks in fresh kernels; a cell that replies with an error fails.

    python scripts/notebooks.py --check notebooks     # run, write nothing
    python scripts/notebooks.py --save notebooks      # run and keep the outputs

Notebooks are saved in the mode that they are tested in: progress off, no times and
ids that change from run to run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

os.environ["AUTOML_NB_PROGRESS"] = "off"
os.environ["AUTOML_NB_LANG"] = "en"
os.environ["AUTOML_NB_MEMORY"] = "off"  # what earlier runs were like would change the outputs


def main() -> int:
    """Run every notebook given; 1 if any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--check", action="store_true", help="run and write nothing")
    how.add_argument("--save", action="store_true", help="run and keep the outputs")
    parser.add_argument("--jobs", type=int, default=1, help="kernels at a time (1)")
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of them")
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs) as workers:
        went_well = list(workers.map(partial(_run, save=asked.save), _found(asked.paths)))
    return 0 if all(went_well) else 1


def _found(paths: list[Path]) -> list[Path]:
    found = [
        notebook
        for path in paths
        for notebook in (sorted(path.glob("*.ipynb")) if path.is_dir() else [path])
    ]
    if not found:
        sys.exit(f"No notebooks in {', '.join(map(str, paths))}.")
    return found


def _run(path: Path, *, save: bool) -> bool:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.monotonic()
    try:
        client.execute()
    except CellExecutionError as error:
        print(f"{path}: failed\n{error}", flush=True)
        return False
    print(f"{path}: {time.monotonic() - start:.1f} s", flush=True)
    if save:
        _tidy(notebook)
        nbformat.write(notebook, path)
    return True


def _tidy(notebook: object) -> None:
    """Drop what differs between machines but means nothing."""
    notebook.metadata = {  # type: ignore[attr-defined]
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):  # type: ignore[attr-defined]
        cell.id = f"cell-{number:02d}"
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _needs_kernel(output)]
        for key in ("execution", "papermill"):
            cell.metadata.pop(key, None)


def _needs_kernel(output: dict[str, Any]) -> bool:
    """Whether it is a form, of which a saved notebook would show gibberish, or its empty place."""
    data = output.get("data", {"stream": "or an error"})
    return "application/vnd.jupyter.widget-view+json" in data or not any(data.values())


if __name__ == "__main__":
    sys.exit(main())
