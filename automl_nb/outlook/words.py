"""What will happen when what was asked for is started, in a few lines."""

from __future__ import annotations

from automl_nb.core.settings import FitSettings
from automl_nb.core.show.amounts import counted, lasting, step_named
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip
from automl_nb.core.types import ColumnKind, Task, TaskKind
from automl_nb.evaluate.words import metric_title
from automl_nb.outlook.checked import Checked
from automl_nb.outlook.glance import Glance

_MOST_INPUTS, _MOST_FINDINGS = 6, 4
_READ = (ColumnKind.TEXT, ColumnKind.IMAGE)


def outlook(checked: Checked) -> list[str]:
    """Lines of plain text; empty where it can't be started."""
    seen, task, settings = checked.seen, checked.task, checked.settings
    if not checked.ready or seen is None or task is None or settings is None:
        return []
    return [_what(checked, task), _from(seen, task), _rows(seen, settings), _steps(seen, settings)]


def oddities(checked: Checked) -> list[str]:
    """What was found odd about the rows, the weightiest first."""
    told = [finding.message for finding in checked.findings]
    more = len(told) - _MOST_FINDINGS
    return told[:_MOST_FINDINGS] + ([say("form.more", n=more)] if more > 0 else [])


def _what(checked: Checked, task: Task) -> str:
    kind = say(f"task.{task.kind}")
    classes = (
        "" if task.kind is TaskKind.REGRESSION else f" ({counted(len(task.classes), 'class')})"
    )
    metric = metric_title(checked.objective.metric) if checked.objective else ""
    return say("form.will.learn", label=task.label, kind=kind + classes, metric=metric)


def _from(seen: Glance, task: Task) -> str:
    from automl_nb.data.schema import input_columns

    names = input_columns(seen.schema, task)
    shown = [
        f"{clip(name, 30)} ({say(f'kind.{seen.schema[name].kind}')})"
        for name in names[:_MOST_INPUTS]
    ]
    more = [say("form.more", n=len(names) - _MOST_INPUTS)] if len(names) > _MOST_INPUTS else []
    return say("form.will.read", columns=", ".join([*shown, *more]))


def _rows(seen: Glance, settings: FitSettings) -> str:
    aside = round(seen.n_rows * settings.test_size)
    return say("form.will.divide", aside=f"{aside:,}", rest=f"{seen.n_rows - aside:,}")


def _steps(seen: Glance, settings: FitSettings) -> str:
    from automl_nb.pipeline.plan import plan_for

    reads = bool(seen.schema.of_kind(*_READ))
    steps = [
        step_named(stage.name) for stage in plan_for(settings) if reads or not stage.reads_networks
    ]
    return say("form.will.do", steps=", ".join(steps), time=lasting(settings.time_s))
