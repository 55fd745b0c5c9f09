"""The whole way on embedded data: a notebook is executed while the terminal follows its run.

From which library is this documentation? The notebook loads the texts, trains, asks
the model, writes the report and saves the model, just as a person would in JupyterLab.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

from automl_nb.core.console import Console
from automl_nb.core.errors import MissingExtraError, RunError
from automl_nb.core.settings import parse_time
from automl_nb.core.show.messages import say
from automl_nb.core.state import RunState
from automl_nb.core.watch import watch

DEMO_TIME = "100s"
NOTEBOOK, MODEL, REPORT = "quickstart.ipynb", "model", "report.html"
_TITLE = """\
# From which library is this documentation?
A few thousand docstrings, six libraries, names left out: one cell trains, chooses and judges \
models for it."""
_CELLS = (
    '%load_ext automl_nb\nimport automl_nb\n\ndocs = automl_nb.sample("docstrings")\ndocs.head(3)',
    "%automl fit docs --label library --time {time} --name {name} --run-dir . -o model",
    'model.predict(docs[["text"]].head(5))',
    "%automl report --to {report}",
    'model.save("{model}", overwrite=True)',
)


def demo(api: Any, folder: Path, time: str) -> bool:
    """Execute the notebook in `folder`, following its run in the terminal.

    Returns:
        Whether it was interrupted.

    Raises:
        MissingExtraError: There is no Jupyter to execute it.
        RunError: A cell of the notebook failed.
    """
    for package in ("nbclient", "ipykernel"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError("The demo's notebook", extra="lab", package=package)
    parse_time(time)
    folder.mkdir(parents=True, exist_ok=True)
    name = _free_name(folder)
    book = notebook(time=time, name=name)
    run = ExecutedRun(api, folder, name, book)
    run.start()
    interrupted = watch(run, Console(folder=str(folder / name), model_name="model"))
    (folder / NOTEBOOK).write_text(json.dumps(book, indent=1, ensure_ascii=False), encoding="utf-8")
    trust(folder / NOTEBOOK)
    if run.error is not None:
        raise RunError(
            "Every cell of the demo's notebook must run.",
            received=getattr(run.error, "evalue", None) or str(run.error),
            hint=f"See {folder / NOTEBOOK}",
        )
    Console().lines(
        f"{say('demo.model'):<10} {folder / MODEL}",
        f"{say('demo.notebook'):<10} {folder / NOTEBOOK}",
        f"{say('demo.report'):<10} {folder / REPORT}",
        say("demo.open"),
    )
    return interrupted


def notebook(*, time: str, name: str) -> Any:
    """The notebook, not yet executed."""
    import nbformat

    made = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    texts = [cell.format(time=time, name=name, report=REPORT, model=MODEL) for cell in _CELLS]
    made.cells = [nbformat.v4.new_markdown_cell(_TITLE)]  # type: ignore[no-untyped-call]
    made.cells += [nbformat.v4.new_code_cell(text) for text in texts]  # type: ignore[no-untyped-call]
    return made


def trust(path: Path) -> None:
    """Sign a notebook that was executed here: JupyterLab strips curves from one it doesn't know."""
    import nbformat
    from nbformat.sign import NotebookNotary

    NotebookNotary().sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]


class ExecutedRun:
    """A run inside a notebook that is being executed, followed through its journal on disk.

    Args:
        api: Opens runs.
        folder: Where the notebook is executed.
        name: The run's name, and its folder's within `folder`.
        book: The notebook; it is filled with outputs.
    """

    def __init__(self, api: Any, folder: Path, name: str, book: Any) -> None:
        from jupyter_client.manager import KernelManager
        from nbclient import NotebookClient

        self.state = RunState(run=name)
        self.error: BaseException | None = None
        self._api, self._run_folder = api, folder / name
        self._client = NotebookClient(
            book,
            kernel_manager_class=KernelManager,
            kernel_name="python3",
            timeout=None,
            resources={"metadata": {"path": str(folder)}},
        )
        self._ended = threading.Event()
        self._read = -1

    @property
    def done(self) -> bool:
        """Whether the last cell has ended."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin to execute, in a thread."""
        threading.Thread(target=self._execute, name="automl-nb-notebook", daemon=True).start()

    def _execute(self) -> None:
        try:
            # What the kernel itself complains about is not for the person watching.
            self._client.execute(stderr=subprocess.DEVNULL)
        except Exception as error:  # noqa: BLE001  (raised again by who waits)
            self.error = error
        finally:
            self._ended.set()

    def poll(self, timeout: float) -> bool:
        """Read the journal again if it has grown."""
        self._ended.wait(timeout)
        journal = self._run_folder / "journal.jsonl"
        size = journal.stat().st_size if journal.is_file() else -1
        if size in {self._read, 0}:
            return False
        self._read = size
        self.state = self._api.open_run(self._run_folder).state
        return True

    def stop(self, reason: str = "") -> None:
        """Press the notebook's stop button."""
        del reason  # the magic says its own
        if self._client.km is not None:
            self._client.km.interrupt_kernel()


def _free_name(folder: Path) -> str:
    names = ("demo", *(f"demo-{i}" for i in range(2, 100_000)))
    return next(name for name in names if not (folder / name).exists())
