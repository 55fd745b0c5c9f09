"""Where a search starts: the usual settings, what worked in tasks alike, what suits most tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from automl_nb.core.errors import AutoMLError
from automl_nb.core.space import Space
from automl_nb.explorer.worked import Worked
from automl_nb.pipeline.search_space import MODEL, Searched
from automl_nb.search.repeats import Key, key_of
from automl_nb.search.worked import worked_elsewhere

MOST = 12  # starts beside the usual settings
_SHARE = 3  # one trial in so many may be a start, where their number is given


def starts(
    space: Space, models: Mapping[str, Searched], remembered: Sequence[Worked], n_trials: int | None
) -> tuple[list[dict[str, Any]], str]:
    """Different configurations to begin with, the usual one first; what was remembered, in words.

    Args:
        space: The joint space, as it is searched; what lies outside of it is left out.
        models: What is searched, by label, the best first.
        remembered: What worked in tasks alike, the most similar first.
        n_trials: How many trials there are; None where the time alone ends the search.
    """
    most = MOST if n_trials is None else min(MOST, n_trials // _SHARE)
    found, sentence = {key_of(usual := space.configuration()): usual}, ""
    for earlier in remembered:
        own = (placed(space, models, one.strategy, one.config) for one in earlier.settings)
        new = _added(found, own, most)
        if new and not sentence:
            alike, weight = (
                f"{share:.2f}".removeprefix("0") for share in (earlier.likeness, earlier.weight)
            )
            said = "; ".join(map(_written, new))
            where = f"'{earlier.run}' (similarity {alike}, weight {weight})"
            sentence = f"The search starts from what worked in {where}: {said}."
    _added(found, _portfolio(space, models), most)
    return [*found.values()], sentence


def _added(
    found: dict[Key, dict[str, Any]], configs: Iterable[dict[str, Any] | None], most: int
) -> list[dict[str, Any]]:
    """Those that weren't found yet, each once, as long as there is room for them."""
    new = []
    for config in configs:
        if config is not None and len(found) <= most and key_of(config) not in found:
            found[key_of(config)] = config
            new.append(config)
    return new


def placed(
    space: Space, models: Mapping[str, Searched], strategy: str, config: Mapping[str, object]
) -> dict[str, Any] | None:
    """A strategy's settings as a configuration of its best model; None where they aren't searched.

    Settings that this search doesn't have, such as the weight of dense columns where there are no
    others, are left out.
    """
    label = next((label for label, model in models.items() if model.strategy == strategy), None)
    if label is None:
        return None
    known = {f"{strategy}.{name}": value for name, value in config.items()}
    own = {name: value for name, value in known.items() if name in space}
    try:
        made = space.configuration({MODEL: label, **own})
    except AutoMLError:  # an older version had other bounds
        return None
    inside = all(space[name].holds(value) for name, value in made.items())
    return made if inside and own else None


def _portfolio(space: Space, models: Mapping[str, Searched]) -> Iterator[dict[str, Any]]:
    """The first setting of each strategy, then the second of each, and so on."""
    strategies = dict.fromkeys(model.strategy for model in models.values())
    columns = [
        [placed(space, models, name, config) for config in worked_elsewhere(name)]
        for name in strategies
    ]
    for row in zip_longest(*columns):
        yield from (config for config in row if config is not None)


def _written(config: Mapping[str, Any]) -> str:
    """A configuration as a person would say it, such as ``svm C=0.3``."""
    strategy = str(config[MODEL]).partition("@")[0]
    parts = [
        f"{name.partition('.')[2]}={value:.3g}" if isinstance(value, float | int) else str(value)
        for name, value in config.items()
        if name != MODEL
    ]
    return " ".join([strategy, *parts])
