"""The rows that a run kept aside, and its model's answers, found again from the run's data.

The division hangs on data and settings alone, so that the same rows come out as in the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from automl_nb.core.errors import RunError, SettingError
from automl_nb.core.events import DataDescribed, DataSplit, Event, RunStarted
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.settings import FitSettings, cache_dir
from automl_nb.data.conform import conform_labelled
from automl_nb.data.dataset import load_dataset
from automl_nb.data.sources import read_table
from automl_nb.features.store import FeatureStore
from automl_nb.pipeline.answered import Answered, answered
from automl_nb.pipeline.blocks import LazyBlocks
from automl_nb.pipeline.continued import source_of, sources_again
from automl_nb.pipeline.model import Model
from automl_nb.pipeline.source_print import source_prints

_GIVE = "Give the rows, data=df: the run's own, or others that have the label."


def answered_again(
    events: Sequence[Event], model: Model, data: Any = None, among: Iterable[Any] = ()
) -> Answered:
    """The rows kept aside with the model's answers, computed anew.

    Args:
        events: Of the run.
        model: Whose answers.
        data: The run's data, whose rows kept aside are meant; or other rows with the label, all
            of which are. Looked for if None.
        among: Frames that may be the run's data, recognised by their content.

    Raises:
        SettingError: The data isn't to be had, or the run kept no rows aside.
        DataError: The rows given can't be judged.
    """
    prints = source_of(events)
    if data is not None and source_prints({"data": data}).get("data") != prints.get("data", ""):
        return _given(model, data)
    split = next((event for event in events if isinstance(event, DataSplit)), None)
    if split is None or not split.n_test:
        raise SettingError(
            "Rows that a model hadn't learnt from are needed.",
            received="a run that kept no rows aside, and whose answers out of fold are gone",
            hint="Give other rows that have the label, data=df.",
        )
    return _kept_aside(events, model, _sources(events, data, among))


def rows_in_reach(events: Iterable[Event]) -> bool:
    """Whether all of a run's data lies in files, so that nobody must be asked for it."""
    described = next((event for event in events if isinstance(event, DataDescribed)), None)
    return described is not None and 0 < len(described.source) == len(described.files)


def _sources(events: Sequence[Event], data: Any, among: Iterable[Any]) -> dict[str, Any]:
    try:
        return sources_again(events, {"data": data}, among)
    except RunError as error:
        raise SettingError(
            "The rows must be at hand, as a run's folder keeps none of them.",
            received=f"data that {'was not found' if data is None else 'is not all there'}",
            hint=_GIVE,
        ) from error


def _kept_aside(events: Sequence[Event], model: Model, sources: Mapping[str, Any]) -> Answered:
    first = next(event for event in events if isinstance(event, RunStarted))
    settings = from_dict(FitSettings, {**to_dict(FitSettings()), **first.settings})
    rest = {name: source for name, source in sources.items() if name != "data"}
    sealed = load_dataset(sources["data"], settings, **rest).test
    assert sealed is not None
    frame, y = sealed.open()
    store = FeatureStore(cache_dir() / "features")
    blocks = LazyBlocks(frame, model.encoders, store.get)
    return answered(model, blocks, y, model.scores_of(blocks), part="test")


def _given(model: Model, data: Any) -> Answered:
    frame, y = conform_labelled(read_table(data), model.schema, model.task, root=model.root)
    blocks = LazyBlocks(model.cleaner.transform(frame), model.encoders)
    return answered(model, blocks, y, model.scores_of(blocks), part="given rows")
