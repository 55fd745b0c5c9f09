"""Explanations for the eye: HTML with pictures for notebooks, lines for terminals."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from automl_nb.core.events import StepExplained
from automl_nb.core.settings import progress_mode
from automl_nb.core.show.messages import say
from automl_nb.core.show.parts import INK, readable_box
from automl_nb.explained.base import Explanation, Step
from automl_nb.explained.catalog import STEPS
from automl_nb.report.picture import DPI, Picture, small_png

_ATTRIBUTE = re.compile(r'( (?:d|x|y|transform|points|width|height|viewBox)=")([^"]*)"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_STYLE = f"<style>.automl-step svg{{color:{INK};max-width:100%;height:auto}}</style>"
_FITS = 'style="max-width:100%;height:auto"'


def explanation_of(event: StepExplained) -> Explanation:
    """Words and picture of a step, in the language that is spoken now.

    Raises:
        UnknownNameError: A later version explained this step.
    """
    step: Step = STEPS[event.step].load()
    return step.tell(event.facts)


@dataclass(frozen=True)
class Shown:
    """One step as it is shown.

    Attributes:
        text: Title and sentences, for a terminal.
        words: The same as HTML.
        html: The words with their picture.
        image: The picture alone by MIME type; empty where it can't be drawn.
    """

    text: str
    words: str
    html: str
    image: dict[str, Any]


def shown(event: StepExplained) -> Shown:
    """A step as it is shown; one that can't be says so in a sentence, whatever the reason."""
    try:
        return _shown(explanation_of(event))
    except Exception as error:  # noqa: BLE001 - a picture must never end the view of a run
        why = f"{type(error).__name__}: {error}"[:200]
        said = say("explain.left_out", step=event.step, why=why)
        return Shown(said, _section("", [said]), _section("", [said]), {})


def lines_of(event: StepExplained) -> list[str]:
    """Title and sentences of a step, a line each; what can't be told is one line that says so.

    Example:
        >>> lines_of(StepExplained(0.0, "nap", {}))[0][:50]
        "The step 'nap' can't be shown here (UnknownNameErr"
    """
    try:
        explanation = explanation_of(event)
    except Exception as error:  # noqa: BLE001 - as above
        return [say("explain.left_out", step=event.step, why=f"{type(error).__name__}: {error}")]
    return [explanation.title, *explanation.sentences]


class Explanations(Sequence[Explanation]):
    """The explained steps of a run, in their order; a notebook shows words and pictures.

    Args:
        events: What the run took down.
    """

    def __init__(self, events: Iterable[StepExplained]) -> None:
        self._events = tuple(events)

    @cached_property
    def _told(self) -> tuple[Explanation, ...]:
        return tuple(map(explanation_of, self._events))

    def __getitem__(self, place: Any) -> Any:
        return self._told[place]

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return "\n\n".join("\n".join(lines_of(event)) for event in self._events)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        data: dict[str, Any] = {"text/plain": repr(self)}
        if progress_mode() != "off":  # pictures differ by processor, saved outputs are compared
            data["text/html"] = page([shown(event) for event in self._events])
        return data


class Album:
    """The steps that were explained so far, each drawn once."""

    def __init__(self) -> None:
        self._steps: dict[str, Shown] = {}

    def add(self, event: StepExplained) -> Shown:
        """Put a step in, unless it is there; how it is shown."""
        if event.step not in self._steps:
            self._steps[event.step] = shown(event)
        return self._steps[event.step]

    def __contains__(self, step: object) -> bool:
        return step in self._steps

    def bundle(self) -> dict[str, str]:
        """All of it by MIME type."""
        steps = [*self._steps.values()]
        text = "\n\n".join(step.text for step in steps)
        return {"text/plain": text, "text/html": page(steps)}


def page(steps: Sequence[Shown]) -> str:
    """Several steps below each other as one block of HTML, without script or links."""
    if not steps:
        return ""
    return (
        f'<div class="automl-step" style="max-width:760px;padding:2px 8px;color:{INK};'
        'line-height:1.5;font-family:var(--jp-ui-font-family,inherit);font-size:13px">'
        f'{_STYLE}<div role="heading" aria-level="3" style="font-size:15px;font-weight:600">'
        f"{escape(say('explain.heading'))}</div>{''.join(step.html for step in steps)}</div>"
    )


def _shown(explanation: Explanation) -> Shown:
    picture = explanation.picture()
    image = _image(picture)
    figure = readable_box(_figure(explanation, image), picture.least_width)
    return Shown(
        str(explanation),
        _section(explanation.title, explanation.sentences),
        _section(explanation.title, explanation.sentences, figure),
        {"text/plain": explanation.alt, **image},
    )


def _section(title: str, sentences: Sequence[str], figure: str = "") -> str:
    head = f'<div role="heading" aria-level="4" style="font-weight:600">{escape(title)}</div>'
    words = escape(say("explain.blank").join(sentences))
    return (
        f'<div style="margin:10px 0 4px">{head if title else ""}'
        f'<div style="max-width:46em">{words}</div>{figure}</div>'
    )


def _image(picture: Picture) -> dict[str, Any]:
    """A PNG, as it is the smallest; SVG where a character would be a box: a browser may know it."""
    if picture.has_glyphs:
        return {"image/png": small_png(picture.png())}
    return {"image/svg+xml": small_svg(picture.page_svg())}


def _figure(explanation: Explanation, image: dict[str, Any]) -> str:
    if "image/svg+xml" in image:
        return str(image["image/svg+xml"])
    data = base64.b64encode(image["image/png"]).decode("ascii")
    alt, width = escape(explanation.alt), int(explanation.size[0] * DPI)
    return f'<img alt="{alt}" width="{width}" {_FITS} src="data:image/png;base64,{data}">'


def small_svg(svg: str) -> str:
    """The same picture with places to a tenth of a point.

    Example:
        >>> small_svg('<path d="M 10.123456 7.5 L 3.98 2"/><text>1.2345</text>')
        '<path d="M 10.1 7.5 L 4 2"/><text>1.2345</text>'
    """

    def rounded(found: re.Match[str]) -> str:
        short = _LONG_NUMBER.sub(
            lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), found[2]
        )
        return f'{found[1]}{short}"'

    return _ATTRIBUTE.sub(rounded, svg)
