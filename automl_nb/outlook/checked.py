"""What is wrong with a run that is asked for, option by option, before anything is begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automl_nb.core.errors import AutoMLError, suggest
from automl_nb.core.options import FIT, fit_options
from automl_nb.core.settings import FitSettings
from automl_nb.core.show.messages import say
from automl_nb.core.types import Finding, Objective, Task
from automl_nb.outlook.glance import (
    Glance,
    findings_of,
    objective_of,
    task_of,
    with_kinds,
)
from automl_nb.outlook.suits import unsuited
from automl_nb.outlook.told import told

Options = Mapping[str, Any]

_PLACES = {"test", "valid", "unlabelled", "sql", "name", "run_dir"}  # not of the settings
WHOLE = ""  # the key of a problem that no single option is to blame for


@dataclass(frozen=True)
class Checked:
    """What was asked for, looked over.

    Attributes:
        problems: Words by option; `WHOLE` is the key of what no single option is to blame for.
        seen: The table with the kinds that were asked for, or None where it can't be read.
        settings: Where no option is to blame.
        task: What would be learnt, where that can be told.
        objective: What would be made better.
        findings: What is odd about the rows.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    seen: Glance | None = None
    settings: FitSettings | None = None
    task: Task | None = None
    objective: Objective | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether a run can begin."""
        return not self.problems and self.task is not None


def check(options: Options, seen: Glance | None) -> Checked:
    """Look over what is asked for.

    Args:
        options: Typed values by keyword of `fit`.
        seen: The table, or None where it can't be read.

    Example:
        >>> check({"label": "y", "time": "soon"}, None).problems["time"][:46]
        'A time budget must be a length of time. Receiv'
    """
    problems: dict[str, str] = {}
    settings = _settings(options, problems)
    if seen is None:
        return Checked(problems, None, settings)
    label = options.get("label") or seen.label
    absent = [name for name in _each(label) if name not in seen.names]
    if not label:
        problems["label"] = say("form.label.none")
    elif absent:
        gone = say("form.label.gone", name=absent[0])
        problems["label"] = f"{gone} {suggest(absent[0], seen.names)}".rstrip()
    elif not _astray(options, seen, problems) and settings is not None:
        seen = _kinds(options, seen, settings, label, problems)
        found = _learnt(seen, replace(settings, label=label), problems)
        if found.ready and found.task is not None:
            problems |= unsuited(options, found.settings or settings, seen, found.task)
        return found
    return Checked(problems, seen, settings)


def _astray(options: Options, seen: Glance, problems: dict[str, str]) -> bool:
    """Whether an option names a column that isn't there."""
    for option in FIT:
        if option.values == "columns" and option.name != "label" and option.name in options:
            value = option.convert(option.flag, options[option.name])
            for name in (value,) if isinstance(value, str) else value:
                if name not in seen.names:
                    gone = say("form.label.gone", name=name)
                    problems[option.name] = f"{gone} {suggest(name, seen.names)}".rstrip()
    return bool(problems)


def _settings(options: Options, problems: dict[str, str]) -> FitSettings | None:
    """Settings of all options; or None, and words for each option to blame.

    To blame is each option that can't be by itself; else the last one without which the
    others can be.
    """
    try:
        return _made(options)
    except AutoMLError:
        pass
    alone = {name: _wrong({name: options[name]}) for name in options if name != "label"}
    wrong = {name: error for name, error in alone.items() if error is not None}
    problems |= {name: told(error) for name, error in wrong.items() if not _needs_others(name)}
    rest = {name: value for name, value in options.items() if name not in problems}
    whole = _wrong(rest)
    if whole is not None:
        suspects = [name for name in rest if _wrong(_without(rest, name)) is None]
        problems[suspects[-1] if suspects else WHOLE] = told(whole)
    return None


def _needs_others(name: str) -> bool:
    """Whether an option means something beside others alone, so that by itself it is refused."""
    return name in {"params", "loss", "augment", "head", "search", "searcher", "scheduler"}


def _without(options: Options, name: str) -> Options:
    return {key: value for key, value in options.items() if key != name}


def _wrong(options: Options) -> AutoMLError | None:
    try:
        _made(options)
    except AutoMLError as error:
        return error
    return None


def _made(options: Options) -> FitSettings:
    from automl_nb.pipeline.asked import check_device, settings_of
    from automl_nb.zoo.load import resolve

    given = {name: value for name, value in options.items() if name not in _PLACES}
    settings = settings_of(given.pop("label", None) or "label", fit_options(given))
    for name in {*settings.backbones} - {"auto", "none"}:
        resolve(name)  # whether its weights fit is told at the start, as reading them takes long
    check_device(settings.device)
    return settings


def _kinds(
    options: Options,
    seen: Glance,
    settings: FitSettings,
    label: str | tuple[str, ...],
    problems: dict[str, str],
) -> Glance:
    try:
        return with_kinds(seen, options.get("kinds", {}), label, settings.drop)
    except AutoMLError as error:
        problems["kinds"] = told(error)
        return with_kinds(seen, {}, label, settings.drop)


def _learnt(seen: Glance, settings: FitSettings, problems: dict[str, str]) -> Checked:
    found = Checked(problems, seen, settings)
    where = "task" if settings.task != "auto" else "label"
    try:
        task = task_of(seen, replace(settings, positive=""))
        if settings.positive:
            where = "positive"
            task = task_of(seen, settings)
        found = replace(found, task=task)
        where = "metric"
        found = replace(found, objective=objective_of(seen, task, settings))
        where = "data"
        found = replace(found, findings=findings_of(seen, task))
    except AutoMLError as error:
        problems.setdefault(where, told(error))
    return found


def _each(label: str | tuple[str, ...]) -> tuple[str, ...]:
    return (label,) if isinstance(label, str) else tuple(label)
