"""Why a run that was there before isn't gone on with, in words for the person."""

from __future__ import annotations

from dataclasses import fields

from automl_nb.core.errors import RunError
from automl_nb.core.events import RunStarted
from automl_nb.core.jsonable import to_dict
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.words import duration

# The time makes a run longer; the others say how trials are carried out and shown, not what they
# are.
_MAY_CHANGE = {"time_s", "fresh", "executor", "memory_bytes", "explain_steps"}
_NAMES = {"patience_s": "patience"}  # as they are typed, where that is another word


def differences(started: RunStarted, settings: FitSettings) -> list[str]:
    """The settings, other than the time, that a run was started with and that are others now.

    Example:
        >>> before = RunStarted(0.0, "run", to_dict(FitSettings("y", seed=1)), "0.1.0")
        >>> differences(before, FitSettings("y", seed=2, time_s=9.0))
        ['seed: 1, now 2']
    """
    asked = to_dict(settings)
    before = {**to_dict(FitSettings()), **started.settings}
    return [
        f"{_NAMES.get(name, name)}: {_told(name, before[name])}, now {_told(name, asked[name])}"
        for name in (field.name for field in fields(FitSettings))
        if name not in _MAY_CHANGE and _plain(before[name]) != _plain(asked[name])
    ]


def other_settings(name: str, changed: list[str], *, ended: bool) -> str:
    """A run that was left, or has ended and might have had more time, but with other settings."""
    return (
        f"Run '{name}' {_came_to(ended)}, but with other settings ({', '.join(changed)}): "
        "its trials tell nothing of these, so this is a new one."
    )


def other_data(name: str, *, ended: bool) -> str:
    """The same with other rows."""
    return f"Run '{name}' {_came_to(ended)}, but on other data, so this is a new one."


def not_explained(name: str) -> str:
    """A run that has ended, and took down nothing of what its steps did."""
    return (
        f"Run '{name}' has ended with these settings and rows, but without explaining its steps, "
        "so this is a new one. What it trains alike is found, not trained again."
    )


def _came_to(ended: bool) -> str:
    return "has ended" if ended else "was left before its end"


def at_work(name: str) -> str:
    """A run that somebody else works on."""
    return f"Run '{name}' with the same settings is still at work, so this is a new one."


def unreadable(name: str, error: RunError) -> str:
    """A run whose journal is damaged, or from a newer version."""
    return f"Run '{name}' can't be gone on with, so this is a new one. {error}"


def _told(name: str, value: object) -> str:
    """A value as a person would type it."""
    if name == "patience_s" and isinstance(value, int | float) and value:
        return duration(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items()) or "none"
    return "none" if value == "" or (name == "patience_s" and not value) else str(value)


def _plain(value: object) -> object:
    """Lists and tuples alike, as JSON knows but one of them."""
    return list(value) if isinstance(value, tuple) else value
