"""A kind of picture that shows rows one by one, with what a model said of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl_nb.core.state import RunState
from automl_nb.pipeline.answered import Answered
from automl_nb.report.ink import Ink
from automl_nb.report.picture import Picture, finished


@dataclass(frozen=True)
class RowPlot:
    """Facts from rows, and how they are drawn.

    Attributes:
        look: What there is to draw, from the rows, the run, and this picture's options.
        draw: Puts it on a new figure.
        describe: What it shows, in a few sentences.
        size: Width and height in inches.
        options: The names of what `look` can be asked.
    """

    look: Callable[..., Any]
    draw: Callable[[Picture, Any, Ink], None]
    describe: Callable[[Any], str]
    size: Callable[[Any], tuple[float, float]]
    options: tuple[str, ...] = ()

    def picture(self, rows: Answered, state: RunState, ink: Ink, **options: Any) -> Picture:
        """The finished figure."""
        seen = self.look(rows, state, **options)
        return finished(
            lambda made: self.draw(made, seen, ink), self.size(seen), self.describe(seen), ink
        )
