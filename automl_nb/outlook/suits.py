"""Whether what was named can be used on these rows, by the rules to which a run holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl_nb.core.errors import AutoMLError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import ColumnKind, Task
from automl_nb.outlook.glance import Glance, n_unlabelled
from automl_nb.outlook.told import told

_NAMED = ("strategies", "loss", "augment", "head", "params", "search")


def unsuited(
    options: Mapping[str, Any], settings: FitSettings, seen: Glance, task: Task
) -> dict[str, str]:
    """Words by the option to blame; none where a run can use all that was named.

    Args:
        options: As they were typed; what isn't among them is left to the run, and suits.
        settings: The same, understood.
        seen: The rows.
        task: What would be learnt.
    """
    if "backbones" in options and (error := _of_networks(settings, seen, task)) is not None:
        return {"backbones": told(error)}
    named = [name for name in _NAMED if name in options]
    error = _of_the_rest(settings, options, seen, task) if named else None
    if error is None:
        return {}
    usual = FitSettings()
    for name in named:
        without = replace(settings, **{name: getattr(usual, name)})
        if _of_the_rest(without, options, seen, task) is None:
            return {name: told(error)}
    return {named[0]: told(error)}


def _of_networks(settings: FitSettings, seen: Glance, task: Task) -> AutoMLError | None:
    from automl_nb.data.schema import input_columns
    from automl_nb.pipeline.backbones import check_modalities

    kinds = {seen.schema[name].kind for name in input_columns(seen.schema, task)}
    try:
        check_modalities(settings, text=ColumnKind.TEXT in kinds, image=ColumnKind.IMAGE in kinds)
    except AutoMLError as error:
        return error
    return None


def _of_the_rest(
    settings: FitSettings, options: Mapping[str, Any], seen: Glance, task: Task
) -> AutoMLError | None:
    from automl_nb.pipeline.asked_tuning import check_suits
    from automl_nb.pipeline.backbones import cards_for

    aside = 0.0 if "test" in options else settings.test_size
    try:
        check_suits(
            settings,
            task,
            cards_for(settings, seen.schema, task),
            n_rows=round(seen.n_rows * (1.0 - aside)),
            n_unlabelled=n_unlabelled(seen, settings) + ("unlabelled" in options),
        )
    except AutoMLError as error:
        return error
    return None
