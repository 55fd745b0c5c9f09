"""Frozen dataclasses to JSON and back (cattrs does the work)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, TypeVar

from cattrs.preconf.json import JsonConverter, make_converter
from cattrs.strategies import configure_tagged_union

from automl_nb.core.events import Event

T = TypeVar("T")


@lru_cache(maxsize=1)
def converter() -> JsonConverter:
    """The one converter; events carry their class name in the key ``"type"``."""
    made = make_converter()
    # By predicate: hooks registered for the class `object` would catch every dataclass too.
    made.register_structure_hook_func(_is_object, lambda value, _: value)
    made.register_unstructure_hook_func(_is_object, made.unstructure)
    configure_tagged_union(Event, made, tag_name="type")
    return made


def _is_object(kind: Any) -> bool:
    return kind is object


def to_dict(value: object) -> Any:
    """A dataclass (or event) as plain dicts, lists, text and numbers."""
    return converter().unstructure(value)


def from_dict(kind: type[T], data: Any) -> T:
    """The dataclass `kind` from what `to_dict` gave."""
    return converter().structure(data, kind)


def event_to_line(event: Event) -> str:
    """An event as one line of JSON, without the line's end."""
    return json.dumps(converter().unstructure(event, unstructure_as=Event), ensure_ascii=False)


def event_from_line(line: str) -> Event:
    """The event that `event_to_line` wrote.

    Raises:
        ValueError: The line isn't a whole event.
    """
    try:
        made: Event = converter().structure(json.loads(line), Event)  # type: ignore[arg-type]
    except Exception as error:  # cattrs raises groups of many kinds
        raise ValueError("not an event") from error
    return made
