"""From a typed word to what it names: a data frame, a model, a run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automl_nb.core.answering import lacking
from automl_nb.core.errors import RunError, SettingError, UnknownNameError
from automl_nb.core.nearby import is_frame
from automl_nb.core.settings import runs_dir, saved_runs
from automl_nb.notebook.line import Var

_MOST_NAMED = 5  # runs, newest first


def frames(namespace: Mapping[str, Any]) -> list[str]:
    """The names of the data frames in a namespace."""
    return _public(namespace, is_frame)


def frames_in(namespace: Mapping[str, Any]) -> list[Any]:
    """The data frames in a namespace."""
    return [namespace[name] for name in frames(namespace)]


def named(namespace: Mapping[str, Any], kind: str) -> list[str]:
    """The names of our objects of a class (``"Model"`` or ``"Run"``)."""
    return _public(namespace, lambda value: is_ours(value, kind))


def is_ours(value: object, kind: str) -> bool:
    """Whether a value is of our class of this name, found without importing the engine."""
    return any(
        known.__name__ == kind and known.__module__.startswith("automl_nb")
        for known in type(value).__mro__
    )


def _public(namespace: Mapping[str, Any], wanted: Any) -> list[str]:
    items = list(namespace.items())  # a thread may add names meanwhile
    return [name for name, value in items if not name.startswith("_") and wanted(value)]


def data_of(word: str, namespace: Mapping[str, Any]) -> Any:
    """What DATA stands for: a name, a `$name`, a path, a URL, a folder.

    A name in the namespace comes before a file of the same name. Whatever looks like
    a path is handed on as it is; the engine says what is wrong with it.

    Raises:
        UnknownNameError: A plain name that is neither defined nor a file.
    """
    if isinstance(word, Var):
        return word.value
    if word in namespace:
        return namespace[word]
    if word.isidentifier() and not os.path.exists(word):  # noqa: PTH110  (names too long are none)
        raise UnknownNameError(
            "data frame or file",
            word,
            [*frames(namespace), *_files()],
            hint="DATA is the name of a data frame, or a file, folder or URL.",
        )
    return word


def _files() -> list[str]:
    """The files of the working folder."""
    try:
        with os.scandir() as entries:
            found = [entry.name for entry in entries if entry.is_file()]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith("."))


def model_and_data(
    command: str, args: argparse.Namespace, namespace: Mapping[str, Any], api: Any
) -> tuple[Any, Any]:
    """What MODEL and DATA stand for.

    Raises:
        SettingError: One of them is missing, or can't be used.
        UnknownNameError: A name is neither defined nor on disk.
    """
    word = getattr(args, "model", None)
    if word is None or not hasattr(args, "data"):
        raise lacking(
            command,
            word,
            is_data=word is not None and _is_data(word, namespace),
            models=models(namespace),
            data=frames(namespace),
        )
    return model_of(word, namespace, api), data_of(args.data, namespace)


def _is_data(word: str, namespace: Mapping[str, Any]) -> bool:
    """Whether a word can only be data: another object than a model or run, a file, a URL."""
    value = word.value if isinstance(word, Var) else namespace.get(word, word)
    if isinstance(value, str | os.PathLike):
        return "://" in str(value) or Path(value).is_file()
    return not (is_ours(value, "Model") or is_ours(value, "Run"))


def models(namespace: Mapping[str, Any]) -> list[str]:
    """The names that MODEL may be: models, runs, and runs on disk."""
    return [*named(namespace, "Model"), *named(namespace, "Run"), *saved_runs()]


def model_of(word: str, namespace: Mapping[str, Any], api: Any) -> Any:
    """What MODEL stands for: a model, a run (its best model), a bundle's folder, a run's name."""
    value = word.value if isinstance(word, Var) else namespace.get(word, word)
    if is_ours(value, "Run"):
        return value.model
    if is_ours(value, "Model"):
        return value
    if isinstance(value, str | os.PathLike):
        return _saved_model(str(value), namespace, api)
    raise SettingError(
        "MODEL must be a model, a run, or the folder of a saved one.",
        received=type(value).__name__,
        hint=_ours_here(namespace, "Model"),
    )


def _saved_model(name: str, namespace: Mapping[str, Any], api: Any) -> Any:
    in_runs = runs_dir() / name
    if not Path(name).exists() and not in_runs.exists():
        hint = "MODEL is the name of a model or a run, or the folder of a saved one."
        raise UnknownNameError("model", name, models(namespace), hint=hint)
    return api.load(name if Path(name).exists() else in_runs)


def run_of(word: str | None, namespace: Mapping[str, Any], api: Any, last: Any) -> Any:
    """What RUN stands for: a run, its model, name or folder; without it this notebook's last run.

    Raises:
        RunError: No run was named, and it is open which one is meant.
    """
    if word is None:
        return _own_run(namespace, api) if last is None else last
    value = word.value if isinstance(word, Var) else namespace.get(word, word)
    if is_ours(value, "Run"):
        return value
    if is_ours(value, "Model") and value.facts.get("run"):
        value = value.facts["run"]
    if isinstance(value, str | os.PathLike):
        return api.open_run(str(value))
    raise SettingError(
        "RUN must be a run, its model, or the name or folder of one.",
        received=type(value).__name__,
        hint=_ours_here(namespace, "Run"),
    )


def _own_run(namespace: Mapping[str, Any], api: Any) -> Any:
    """The only run on the data frames here: a restarted kernel has forgotten which was its own.

    Runs of other notebooks lie in the same folder, so that the newest may be anybody's.
    """
    saved = saved_runs()
    if not saved:
        raise RunError("There is no run yet.", hint="Start one: %automl fit DATA --label COLUMN")
    own = api.runs_of(frames_in(namespace))
    if len(own) == 1:
        return api.open_run(own[0])
    candidates = own or saved
    more = f" and {len(candidates) - _MOST_NAMED} more" if len(candidates) > _MOST_NAMED else ""
    raise RunError(
        "Without a name the run is meant that this kernel started, or the only one on its data.",
        received=f"{len(own)} runs on the data frames here" if own else "neither of them",
        hint=f"Name one of {', '.join(candidates[:_MOST_NAMED])}{more}, such as "
        f"%automl status {candidates[0]}",
    )


def _ours_here(namespace: Mapping[str, Any], kind: str) -> str:
    here = named(namespace, kind)
    return f"Here are: {', '.join(here)}." if here else "Saved runs: %automl runs"
