"""Layouts and styles, one for all widgets that look alike.

By itself a widget brings a layout of 45 traits and a style of its own. A notebook that is saved
with its widgets holds each in full: they were three quarters of what a form added to the file.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

WRAPPED = {"flex_flow": "row wrap"}
FITTING = {"width": "auto"}  # of its box; 100% would overflow by the margins
ROOMY = {"width": "auto", "max_width": "min(46em, calc(100% - 4px))"}
NARROW = {"max_width": "calc(100% - 4px)"}  # no wider than a narrow page
NAMED = {"description_width": "9em"}  # what stands before a field has this much room
# A front end draws what stands between two dollar signs as mathematics, but not in this class.
AS_IT_IS = 'class="mathjax_ignore tex2jax_ignore"'

_made: dict[tuple[Any, ...], widgets.Widget] = {}


def layout(**traits: str) -> Any:
    """The layout with these traits.

    Example:
        >>> layout(width="auto") is layout(width="auto")
        True
    """
    return _one(widgets.Layout, traits)


def made(
    kind: type[widgets.Widget],
    *content: Any,
    place: dict[str, str] | None = None,
    style: dict[str, str] | None = None,
    **values: Any,
) -> Any:
    """A widget that looks like the others of its kind.

    Args:
        kind: The widget's class.
        content: What it takes first: its children or its text.
        place: Traits of its layout.
        style: Traits of its style.
        values: Its other traits.

    Example:
        >>> one, other = (made(widgets.Button, place=FITTING, description=d) for d in "ab")
        >>> one.layout is other.layout, one.style is other.style
        (True, True)
    """
    if kind.class_traits().get("style") is not None:
        values["style"] = style_of(kind, **(style or {}))
    return kind(*content, layout=layout(**(place or {})), **values)


def style_of(kind: type[widgets.Widget], **traits: str) -> Any:
    """The style with these traits of this kind of widget."""
    return _one(kind.class_traits()["style"].klass, traits)


def show(widget: widgets.Widget, there: bool, **place: str) -> None:
    """Let a widget be seen, in the layout of these traits, or not."""
    widget.layout = layout(**place) if there else layout(display="none")


def _one(kind: type[widgets.Widget], traits: dict[str, str]) -> Any:
    key = (kind, *sorted(traits.items()))
    if key not in _made or _made[key].comm is None:  # ``Widget.close_all()`` closes these, too
        _made[key] = kind(**traits)
    return _made[key]
