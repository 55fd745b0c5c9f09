"""The live view in a notebook: one output that is drawn anew, four times a second at most."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from IPython.display import display

from automl_nb.core.console import Console
from automl_nb.core.events import Progress
from automl_nb.core.progress_line import progress_line, told
from automl_nb.core.settings import progress_mode
from automl_nb.core.show.facts import Frame
from automl_nb.core.show.messages import say
from automl_nb.core.show.page import bundle
from automl_nb.core.state import RunState
from automl_nb.core.watch import BUSY_S, Pace, Renderer
from automl_nb.notebook.explained import Explained


class LiveView:
    """One HTML block that follows the run and stays in the notebook when it is saved.

    Args:
        folder: Where the run lies.
        model_name: What the model will be called in the namespace, or "".
        run_name: What the run is called there, or "".
        hint: What the person can do while it runs.
        error_follows: The cell raises the error that ends the run.
        may_be_left: The kernel may end before the run does.
        pace: Says when a frame is due.
        display_id: Of an output that is there already, to be drawn in; or "".
        draw: Takes each frame, by its MIME types, where it isn't an output of a cell.
    """

    def __init__(
        self,
        *,
        folder: str,
        model_name: str = "",
        run_name: str = "run",
        hint: str = "",
        error_follows: bool = False,
        may_be_left: bool = False,
        pace: Pace | None = None,
        display_id: str = "",
        draw: Callable[[dict[str, str]], None] | None = None,
    ) -> None:
        self._draw_it = draw or self._output
        self._folder, self._model_name, self._hint = folder, model_name, hint
        self._run_name = run_name
        self._error_follows, self._may_be_left = error_follows, may_be_left
        self._notice = ""
        self._display_id = display_id or f"automl-nb-{uuid.uuid4().hex}"
        self._shown = bool(display_id)
        self._pace = pace or Pace()

    def update(self, state: RunState) -> None:
        """Draw if a frame is due."""
        if self._pace.due(state):
            self._draw(state)

    def stopping(self, state: RunState) -> None:
        """Answer the first interrupt at once."""
        self._notice = say("stop.asked")
        self._draw(state)

    def close(self, state: RunState) -> None:
        """Draw the last frame."""
        self._notice = ""
        self._draw(state)

    def _draw(self, state: RunState) -> None:
        frame = Frame(
            now=self._pace.now(state),
            folder=self._folder,
            notice=self._notice,
            hint=self._hint,
            model_name=self._model_name,
            run_name=self._run_name,
            error_follows=self._error_follows,
            may_be_left=self._may_be_left,
        )
        self._draw_it(bundle(state, frame))

    def _output(self, data: dict[str, str]) -> None:
        display(data, raw=True, display_id=self._display_id, update=self._shown)
        self._shown = True


class LastFrame:
    """Only the end, once, without times: what a notebook test can compare."""

    def __init__(self, *, folder: str, model_name: str = "", run_name: str = "run") -> None:
        self._frame = Frame(folder=folder, model_name=model_name, run_name=run_name, stable=True)

    def update(self, state: RunState) -> None:
        """Nothing: progress is off."""

    def stopping(self, state: RunState) -> None:
        """Nothing: progress is off."""

    def close(self, state: RunState) -> None:
        """Draw the end."""
        display(bundle(state, self._frame), raw=True)


class Both:
    """Draws with several renderers, in their order."""

    def __init__(self, *renderers: Renderer) -> None:
        self._renderers = renderers

    def update(self, state: RunState) -> None:
        """Each draws if it is due."""
        for one in self._renderers:
            one.update(state)

    def stopping(self, state: RunState) -> None:
        """Each answers the first interrupt."""
        for one in self._renderers:
            one.stopping(state)

    def close(self, state: RunState) -> None:
        """Each draws its last frame."""
        for one in self._renderers:
            one.close(state)


@contextmanager
def line(how: str) -> Iterator[Callable[[Progress], None]]:
    """Progress of work that shows its own result: one line, taken back at the end."""
    if how != "html":
        with progress_line(None if how == "text" else lambda _: None, sys.stdout) as heard:
            yield heard
        return
    display_id, drawn_at = f"automl-nb-{uuid.uuid4().hex}", 0.0
    display(_one_line(""), raw=True, display_id=display_id)

    def draw(progress: Progress) -> None:
        nonlocal drawn_at
        if time.monotonic() - drawn_at >= BUSY_S:
            drawn_at = time.monotonic()
            display(_one_line(told(progress)), raw=True, display_id=display_id, update=True)

    try:
        yield draw
    finally:
        display(_one_line(""), raw=True, display_id=display_id, update=True)


def _one_line(text: str) -> dict[str, str]:
    return {"text/plain": text, "text/html": f'<div role="status">{escape(text)}</div>'}


def mode(shell: Any, wanted: str = "auto") -> str:
    """How to show progress: html, text or off.

    The trait `progress` comes first, then ``AUTOML_NB_PROGRESS``; by themselves
    notebooks get HTML and a terminal gets text.
    """
    chosen = progress_mode() if wanted == "auto" else wanted
    if chosen != "auto":
        return chosen
    return "html" if getattr(shell, "kernel", None) is not None else "text"


def renderer(
    how: str,
    *,
    folder: str,
    model_name: str,
    run_name: str,
    hint: str,
    error_follows: bool,
    may_be_left: bool = False,
    explained: Explained | None = None,
) -> Renderer:
    """The renderer of a mode; below its view the explained steps, where they are asked for."""
    if how == "text":
        lines = None if explained is None else explained.lines
        return Console(
            sys.stdout, folder=folder, model_name=model_name, run_name=run_name, explain=lines
        )
    view: Renderer = LastFrame(folder=folder, model_name=model_name, run_name=run_name)
    if how == "html":
        view = LiveView(
            folder=folder,
            model_name=model_name,
            run_name=run_name,
            hint=hint,
            error_follows=error_follows,
            may_be_left=may_be_left,
        )
    return view if explained is None else Both(view, explained.view(how))
