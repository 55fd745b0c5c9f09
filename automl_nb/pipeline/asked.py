"""From the keywords of `fit` to checked settings, before any work is begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.options import assignments, names
from automl_nb.core.settings import FitSettings, parse_size, parse_time
from automl_nb.core.written_search import written_search
from automl_nb.pipeline.asked_preference import check_preference
from automl_nb.pipeline.asked_sampler import searcher_named
from automl_nb.pipeline.asked_search import check_search
from automl_nb.pipeline.asked_tuning import check_tuning
from automl_nb.transfer.catalog import STRATEGIES

_LISTS = {"backbones", "strategies", "drop"}
_SPLIT = {"backbones", "strategies"}  # one text may name several; a column may have a comma in it
_TEXTS = {
    "loss",
    "augment",
    "head",
    "task",
    "metric",
    "split",
    "device",
    "group",
    "time_column",
    "split_column",
    "positive",
    "scheduler",
    "executor",
    "prefer",
}
_BESIDE = {
    "label",
    "time",
    "test",
    "valid",
    "sql",
    "unlabelled",
    "name",
    "run_dir",
    "on_event",
    "patience",
    "memory",
}


def settings_of(label: Any, options: dict[str, Any]) -> FitSettings:
    """Settings from the label and the other keywords.

    Raises:
        SettingError: A value is out of its range, or of the wrong type.
        UnknownNameError: There is no such option, metric, strategy, task, split or kind.

    Example:
        >>> settings_of("stars", {"time": "2m", "seed": 3}).time_s
        120.0
    """
    given = _spelt(options)
    known = set(FitSettings.__dataclass_fields__) - {"label"}
    for option in given:
        if option not in known:
            typed = sorted({*known, *_BESIDE} - {"time_s", "patience_s", "memory_bytes"})
            raise UnknownNameError("option", option, typed)
    if not isinstance(label, str | int | float | list | tuple | None):
        raise SettingError(
            "The label is given by the name of its column.",
            received=type(label).__name__,
            hint="Such as label='column', where the column is in the data.",
        )
    if label is None or label in ("", [], ()):
        raise SettingError(
            "A run needs the name of the column to predict.",
            received=label,
            hint="Give it as label='column'.",
        )
    labels = tuple(map(str, label)) if isinstance(label, list | tuple) else str(label)
    if isinstance(labels, tuple) and len(set(labels)) < len(labels):
        raise SettingError(
            "Each label is named once.", received=list(labels), hint="Leave the repeated one out."
        )
    chosen = {name: _plain(name, value) for name, value in given.items() if value is not None}
    settings = FitSettings(label=labels, **chosen)
    _check(settings)
    return settings


def _spelt(options: dict[str, Any]) -> dict[str, Any]:
    """The options by the names of `FitSettings`: lengths of time in seconds, sizes in bytes."""
    given = dict(options)
    if "time" in given:
        given["time_s"] = parse_time(given.pop("time"))
    if given.get("patience") is not None:
        given["patience_s"] = parse_time(given.pop("patience"), "patience")
    given.pop("patience", None)
    if given.get("memory") is not None:
        given["memory_bytes"] = parse_size(given.pop("memory"))
    given.pop("memory", None)
    for short, option in (("strategy", "strategies"), ("backbone", "backbones")):
        if short in given:
            _once(short, option, given)
            given[option] = given.pop(short)
    return given


def _once(short: str, option: str, given: dict[str, Any]) -> None:
    """One of two names for the same option would silently take the place of the other."""
    if option in given:
        raise SettingError(
            f"{short} is another name of {option}; one of them is given.",
            received=f"{short}={given[short]!r} and {option}={given[option]!r}",
            hint=f"Give all of them as {option}=[...].",
        )


def check_unlabelled(settings: FitSettings) -> None:
    """Rows without a label are for strategies that learn from them.

    Raises:
        SettingError: None of the strategies that were asked for does.
    """
    learning = STRATEGIES.names(tag="unlabelled")
    if not {"auto", *learning} & set(settings.strategies):
        raise SettingError(
            "unlabelled rows are for strategies that learn from them.",
            received=f"unlabelled rows with strategies={list(settings.strategies)}",
            hint=f"Add one, such as strategies={learning[0]!r}, or leave them out.",
        )


def _plain(option: str, value: Any) -> Any:
    """An option as `FitSettings` has it: names as text, one text as a tuple."""
    if option in _SPLIT and isinstance(value, str):
        return names(option, value)
    if option in _LISTS:
        several = isinstance(value, list | tuple | set)
        return tuple(map(str, value)) if several else (str(value),)
    if option in _WRITTEN:
        return _WRITTEN[option](value)
    if option == "params" and isinstance(value, str):
        value = assignments("params", value)
    if option == "params" and isinstance(value, dict):
        return {str(name): one for name, one in value.items()}
    if option == "kinds" and isinstance(value, dict):
        return {str(column): str(kind) for column, kind in value.items()}
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)  # NumPy's too
    if isinstance(value, Real):
        return float(value)
    return str(value) if option in _TEXTS else value


def _search(value: Any) -> Any:
    """What is to be searched, as text."""
    if isinstance(value, Mapping):
        return written_search(value)
    return value.strip() if isinstance(value, str) else value


_WRITTEN: dict[str, Callable[[Any], Any]] = {"searcher": searcher_named, "search": _search}


def check_device(asked: str) -> None:
    """A device that isn't there is said before any work."""
    if asked not in {"auto", "cpu"}:
        from automl_nb.zoo.device import choose_device

        choose_device(asked)


def _check(settings: FitSettings) -> None:
    _within("seed", settings.seed, 0, 2**32 - 1, whole=True)
    _within("test_size", settings.test_size, 0.0, 0.9)
    _within("folds", settings.folds, 0, 100, whole=True)
    _within("sample", settings.sample, 0, 10**12, whole=True)
    if settings.folds == 1:
        raise SettingError(
            "folds must be 0 or from 2 to 100.", received=1, hint="Try folds=5, or 0 for automatic."
        )
    if settings.group and settings.time_column:
        raise SettingError(
            "Rows are divided by a group or by time, not by both.",
            received=f"group={settings.group!r}, time_column={settings.time_column!r}",
            hint="Leave one of them out.",
        )
    _check_switches(settings)
    _check_names(settings)
    if not isinstance(settings.kinds, dict):
        raise SettingError(
            "Kinds are given as a mapping of columns to kinds.",
            received=settings.kinds,
            hint="Such as kinds={'stars': 'category'}.",
        )
    _check_kinds(settings.kinds)
    check_tuning(settings)
    _check_search(settings)
    _check_reruns(settings)


def _check_reruns(settings: FitSettings) -> None:
    """Other seeds are for models that draw something."""
    _within("reruns", settings.reruns, 0, 100, whole=True)
    if settings.reruns and set(settings.strategies) == {"prior"}:
        raise SettingError(
            "Other seeds are for strategies that learn from the rows.",
            received=f"reruns={settings.reruns} with strategies={list(settings.strategies)}",
            hint="Leave reruns out, or name other strategies.",
        )


def _check_search(settings: FitSettings) -> None:
    """The ranges, and that trials are limited by what there is to search."""
    no_limit = "0, or leaving it out, is for as many as the time allows."
    _within("trials", settings.trials, 0, 10**9, whole=True, hint=no_limit)
    if not isinstance(settings.search, str):
        raise SettingError(
            "What is searched is given as text, or as a mapping of settings to ranges.",
            received=settings.search,
            hint="Such as search='C=0.1..10,k=5..50', {'C': (0.1, 10)}, or search='auto'.",
        )
    check_search(settings)


def _check_switches(settings: FitSettings) -> None:
    for option in ("clip_outliers", "strip_punctuation", "fresh", "explain_steps"):
        value = getattr(settings, option)
        if not isinstance(value, bool):
            raise SettingError(f"{option} must be True or False.", received=value)


def _check_names(settings: FitSettings) -> None:
    from automl_nb.control.executors.catalog import EXECUTORS
    from automl_nb.evaluate.metrics import METRICS
    from automl_nb.transfer.catalog import STRATEGIES

    for option in ("strategies", "backbones"):
        if not getattr(settings, option):
            raise SettingError(
                f"{option} must name at least one.",
                received=[],
                hint="Leave it out for the usual choice.",
            )
    for strategy in settings.strategies:
        if strategy != "auto":
            _ = STRATEGIES[strategy]
    if settings.metric != "auto":
        _ = METRICS[settings.metric]
    _ = EXECUTORS[settings.executor]
    check_preference(settings)
    tasks = ("auto", "binary", "multiclass", "multilabel", "regression")
    if settings.task not in tasks:
        raise UnknownNameError("task", settings.task, tasks)
    splits = ("auto", "stratified", "random", "group", "time")
    if settings.split not in splits:
        raise UnknownNameError("way to split", settings.split, splits)


def _check_kinds(kinds: dict[str, str]) -> None:
    from automl_nb.core.types import ColumnKind

    known = [kind.value for kind in ColumnKind]
    for kind in kinds.values():
        if kind not in known:
            raise UnknownNameError("column kind", kind, known)


def _within(
    option: str,
    value: Any,
    low: float,
    high: float,
    *,
    whole: bool = False,
    hint: str = "Leave it out for the usual value.",
) -> None:
    right_type = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not right_type or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise SettingError(
            f"{option} must be {kind} from {low} to {high}.",
            received=value,
            hint=hint,
        )
