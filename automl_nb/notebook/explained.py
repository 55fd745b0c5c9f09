"""The explained steps of a run in a cell, below its live view, as each step is reached."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from IPython.display import display

from automl_nb.core.events import StepExplained
from automl_nb.core.state import RunState
from automl_nb.core.watch import Renderer

Draw = Callable[[dict[str, str]], None]


class Explained:
    """How one run's explained steps are shown.

    Args:
        session: Gives the engine, which draws them.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def lines(self, event: StepExplained) -> list[str]:
        """A step as lines of text."""
        lines: list[str] = self._session.api.explained_lines(event)
        return lines

    def view(self, how: str, display_id: str = "", draw: Draw | None = None) -> Renderer:
        """What draws them: one output that grows, or each by itself at the end.

        Args:
            how: html or off.
            display_id: Of an output that is there already, to be drawn in; or "".
            draw: Takes what is to be shown, where it isn't an output of a cell.
        """
        if how != "html":
            return _AtTheEnd(self._session)
        return _Growing(self._session, display_id, draw)


class _Growing:
    """One output; its place is taken before the first step, while the cell is sure to be at work.

    Output that a thread begins later would go to whichever cell ran last in older kernels.
    """

    def __init__(self, session: Any, display_id: str, draw: Draw | None) -> None:
        self._session, self._draw = session, draw or self._output
        self._album: Any = None
        self._display_id = display_id or f"automl-nb-{uuid.uuid4().hex}"
        self._is_there, self._has_begun = bool(display_id), False

    def update(self, state: RunState) -> None:
        """Draw again if a step was explained since the last time."""
        if not self._has_begun:  # what an earlier run left there is wiped
            self._has_begun = True
            self._draw({"text/plain": "", "text/html": ""})
        if self._album is None and state.explained:
            self._album = self._session.api.album()
        new = [e for e in state.explained.values() if e.step not in (self._album or ())]
        for event in new:
            self._album.add(event)
        if new:
            self._draw(self._album.bundle())

    def stopping(self, state: RunState) -> None:
        """Nothing: the view says it."""

    def close(self, state: RunState) -> None:
        """The steps that came with the end."""
        self.update(state)

    def _output(self, data: dict[str, str]) -> None:
        display(data, raw=True, display_id=self._display_id, update=self._is_there)
        self._is_there = True


class _AtTheEnd:
    """Words and picture of each step in outputs of their own, once: what a test can compare.

    Saved words are compared, pictures (which differ by processor) aren't.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def update(self, state: RunState) -> None:
        """Nothing: progress is off."""

    def stopping(self, state: RunState) -> None:
        """Nothing: progress is off."""

    def close(self, state: RunState) -> None:
        """Draw them."""
        for event in state.explained.values():
            step = self._session.api.album().add(event)
            display({"text/plain": step.text, "text/html": step.words}, raw=True)
            if step.image:
                display(step.image, raw=True)
