"""The buttons by which a run at work is steered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from automl_nb import catalogues
from automl_nb.core.errors import AutoMLError
from automl_nb.core.show.messages import say
from automl_nb.core.state import RunState
from automl_nb.notebook.form.looks import FITTING, WRAPPED, layout, made

MORE = "5m"


class SteeringPanel(widgets.VBox):  # type: ignore[misc]
    """Pause, resume, stop, more time, skip, drop.

    Args:
        on_told: Called with the words that answer a click, and whether they are a problem.
    """

    def __init__(self, on_told: Callable[[str, bool], None]) -> None:
        self._on_told = on_told
        self._run: Any = None
        self._pause = self._button("pause", lambda run: run.pause())
        self._resume = self._button("resume", lambda run: run.resume())
        self._stop = self._button("stop", lambda run: run.stop("Stopped by hand."))
        more = say("unit.min", n="5")
        self._extend = self._button("extend", lambda run: run.extend(MORE), time=more)
        self._skip = self._button("skip", lambda run: run.skip())
        self._drop = self._button("drop", lambda run: run.drop(self._which.value))
        wide = {"width": "22em", "max_width": "calc(100% - 4px)"}
        title = say("form.which")
        self._which = made(widgets.Dropdown, place=wide, description=title, options=[])
        first = (self._pause, self._resume, self._stop, self._extend, self._skip)
        rows = (first, (self._which, self._drop))
        super().__init__([made(widgets.HBox, row, place=WRAPPED) for row in rows], layout=layout())
        self.update(RunState())

    def follow(self, run: Any) -> None:
        """Steer this run from now on."""
        self._run = run
        self._which.options = catalogues.names("backbones")
        self._which.index = 0
        self.update(RunState())

    def update(self, state: RunState) -> None:
        """Offer what has an effect now; a button that has none says why."""
        over = self._run is None or state.ended is not None
        self._waits = waits = bool(state.behind)
        why = "form.why.waits" if waits else "form.why.paused"
        self._offer(self._pause, over, waits or state.paused, why)
        self._offer(self._resume, over, not state.paused, "form.why.not_paused")
        self._offer(self._stop, over, False, "")
        for button in (self._extend, self._skip, self._drop):
            self._offer(button, over, waits, "form.why.waits")

    def _offer(self, button: widgets.Button, over: bool, vain: bool, why: str) -> None:
        disabled = over or vain
        words = say("form.why.over") if over else say(why) if vain else ""
        if (button.disabled, button.tooltip) != (disabled, words):
            button.disabled, button.tooltip = disabled, words

    def _button(self, verb: str, ask: Callable[[Any], None], **values: str) -> Any:
        words = say(f"form.do.{verb}", **values)
        button = made(widgets.Button, place=FITTING, description=words)

        def act(_: widgets.Button) -> None:
            try:
                ask(self._run)
            except AutoMLError as error:
                self._on_told(str(error), True)
                return
            told = {"time": "5 min", "name": str(self._which.value)}
            stopping = "queue.left" if self._waits else "stop.asked.background"
            key = stopping if verb == "stop" else f"{verb}.asked"
            self._on_told(say(key, run=self._run.name, **told), False)

        button.on_click(act)
        return button
