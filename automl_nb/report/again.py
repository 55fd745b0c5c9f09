"""How a run is repeated and its model used: as Python, and as one line of the magic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.listed import written_list, written_pairs
from automl_nb.core.options import FIT, Option
from automl_nb.core.settings import FitSettings
from automl_nb.core.state import RunState
from automl_nb.core.typed import with_flag

_KEYWORDS = {"time_s": "time", "patience_s": "patience", "memory_bytes": "memory"}  # of settings


def python_of(state: RunState, facts: Mapping[str, Any]) -> str:
    """Python to load the model and to train it again."""
    folder = str(facts.get("path") or f"automl_runs/{state.run}")
    options = [
        f"{_KEYWORDS.get(name, name)}={value!r}"
        for name, value in changed_settings(state).items()
        if name != "label"
    ]
    call = ", ".join(["data", f"label={_label(state)!r}", *options])
    return (
        "import automl_nb\n\n"
        "# load the model and use it\n"
        f"model = automl_nb.load({folder!r})\n"
        "model.predict(new_rows)\n\n"
        "# train it again\n"
        f"run = automl_nb.fit({call})\n"
    )


def magic_of(state: RunState) -> str:
    """The same as a line of the magic; "" where a name can't be typed on a line."""
    values = changed_settings(state) | {"label": _label(state)}
    named = {_KEYWORDS.get(name, name): (name, value) for name, value in values.items()}
    words = ["%automl fit", "data"]
    try:
        for option in FIT:
            if option.name in named:
                words += _words(option, *named[option.name])
    except SettingError:
        return ""
    return " ".join(words)


def changed_settings(state: RunState) -> dict[str, object]:
    """The options that differ from the defaults; time and seed always, as results hang on them."""
    stated = unlike_default(state) | {"time_s", "seed"}
    return {name: _frozen(value) for name, value in state.settings.items() if name in stated}


def unlike_default(state: RunState) -> set[str]:
    """The names of the settings that aren't as always."""
    default = FitSettings()
    return {
        name
        for name, value in state.settings.items()
        if hasattr(default, name) and _frozen(value) != getattr(default, name)
    }


def _label(state: RunState) -> object:
    return state.settings.get("label") or (state.task.label if state.task else "")


def _words(option: Option, name: str, value: object) -> list[str]:
    if not option.metavar:
        return [option.flag] if value else []
    if option.repeats and isinstance(value, tuple | list):
        return [word for one in value for word in with_flag(option.flag, str(one))]
    return with_flag(option.flag, _text(name, value))


def _text(name: str, value: object) -> str:
    if name.endswith("_s"):
        return f"{float(str(value)):g}s"
    if isinstance(value, Mapping):
        return written_pairs(value)
    return written_list(value) if isinstance(value, tuple | list) else str(value)


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
