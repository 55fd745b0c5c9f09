"""What every explained step has in common: what it looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl_nb.core.state import RunState
    from automl_nb.pipeline.workbench import Workbench
    from automl_nb.report.ink import Ink, Theme
    from automl_nb.report.picture import Picture

Facts = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """A run between two of its events.

    Attributes:
        bench: Rows, encoders, features and models so far.
        state: The events so far, folded.
        over: Whether the last model stands.
    """

    bench: Workbench
    state: RunState
    over: bool = False


@dataclass(frozen=True)
class Explanation:
    """A step in words and one picture, in the language that is spoken.

    Attributes:
        step: Its name in the catalogue.
        title: A few words.
        sentences: What is done with the person's rows, and why: two to four.
        draw: Puts the picture on a new figure.
        size: Of the picture, in inches.
        alt: What the picture shows, for people who can't see it.
    """

    step: str
    title: str
    sentences: tuple[str, ...]
    draw: Callable[[Picture, Ink], None]
    size: tuple[float, float]
    alt: str

    def picture(self, theme: Theme = "auto") -> Picture:
        """The figure; without a theme in colours that read on light and on dark pages.

        Raises:
            SettingError: There is no such theme.
        """
        from automl_nb.report.ink import Ink
        from automl_nb.report.picture import finished

        ink = Ink.of(theme)
        return finished(lambda made: self.draw(made, ink), self.size, self.alt, ink)

    def __str__(self) -> str:
        return "\n".join([self.title, *self.sentences])


@dataclass(frozen=True)
class Step:
    """One step that can be explained.

    Attributes:
        record: What is worth keeping of a moment, as plain JSON without a word of any language;
            None as long as the step wasn't reached.
        tell: Words and picture of what was kept.
    """

    record: Callable[[Moment], Facts | None]
    tell: Callable[[Facts], Explanation]
