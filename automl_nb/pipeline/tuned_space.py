"""The space of a search over networks: which one is tuned how, and the settings that then count.

A trial costs a training, so few settings are searched: those that a person wrote, or else rate and
passes, how rates fall from layer to layer, and the strengths that a strategy adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from automl_nb.core.parameters import Choice, Float, Int, Parameter, When
from automl_nb.core.settings import FitSettings
from automl_nb.core.space import Space
from automl_nb.pipeline.asked_search import networks_part
from automl_nb.pipeline.asked_tuning import space_of
from automl_nb.pipeline.network_plan import NetworkPlan
from automl_nb.pipeline.search_space import MODEL
from automl_nb.transfer.catalog import STRATEGIES

_USUAL = ("lr", "epochs", "decay")
_FACTOR = 10.0  # from the usual value, up and down
_FEWEST = 0.25  # of the usual passes; more only cost more
_DECAY = (0.7, 1.0)

Usual = Mapping[str, Mapping[str, float]]  # by label: rate and passes where nothing is set


def tuned_space(plans: Sequence[NetworkPlan], settings: FitSettings, usual: Usual) -> Space:
    """One space over several networks.

    Args:
        plans: Those that are searched.
        settings: What a person set, and the ranges that were written.
        usual: The usual values by the plans' labels.

    Example:
        >>> plan = NetworkPlan("finetune", "text", "minilm-l6", "text")
        >>> usual = {plan.label: {"lr": 1e-4, "epochs": 8.0}}
        >>> space = tuned_space([plan], FitSettings("y", search="auto"), usual)
        >>> [(p.name, *p.searched) for p in space.free]
        [('finetune.lr', 1e-05, 0.001), ('finetune.epochs', 2.0, 8.0), ('finetune.decay', 0.7, 1.0)]
    """
    parts: list[Parameter] = []
    for strategy in dict.fromkeys(plan.strategy for plan in plans):
        labels = tuple(plan.label for plan in plans if plan.strategy == strategy)
        when = When(MODEL, labels)
        parts += [
            replace(parameter, name=f"{strategy}.{parameter.name}", when=when)
            for parameter in searched_of(strategy, settings, [usual[label] for label in labels])
        ]
    every = tuple(plan.label for plan in plans)
    return Space((Choice(MODEL, every, every[0], "which network, tuned how"), *parts))


def searched_of(
    strategy: str, settings: FitSettings, usual: Sequence[Mapping[str, float]]
) -> list[Parameter]:
    """The settings of one strategy that are searched, each in its range; none where none is."""
    space = space_of(strategy, settings)
    if asked := networks_part(settings):
        named = {p.name: asked.get(f"{strategy}.{p.name}", asked.get(p.name)) for p in space}
        return [space[name].narrowed(text) for name, text in named.items() if text is not None]
    own = [p.name for p in STRATEGIES[strategy].load()().space() if isinstance(p, Float)]
    names = [name for name in dict.fromkeys((*_USUAL, *own)) if name not in settings.params]
    return [_around(space[name], [one.get(name) for one in usual]) for name in names]


def usual_configuration(
    plan: NetworkPlan, space: Space, usual: Mapping[str, float]
) -> dict[str, Any]:
    """What is tried first of a plan: its usual settings, or what is searched next to them."""
    made: dict[str, Any] = {MODEL: plan.label}
    for parameter in space:
        strategy, _, name = parameter.name.rpartition(".")
        if strategy == plan.strategy:
            made[parameter.name] = _within(parameter, usual.get(name, parameter.default))
    return made


def _within(parameter: Parameter, value: Any) -> Any:
    if isinstance(parameter, Choice):
        return parameter.default
    low, high = parameter.searched
    nearest = min(max(value, low), high)
    return round(nearest) if isinstance(parameter, Int) else float(nearest)


def _around(parameter: Parameter, usual: Sequence[float | None]) -> Parameter:
    """Where a searcher looks if nobody says: around the usual values."""
    assert isinstance(parameter, Float)
    values = [parameter.default if value is None else value for value in usual]
    if parameter.name == "epochs":
        low, high = max(1.0, _FEWEST * min(values)), max(values)
    elif parameter.name == "decay":
        low, high = _DECAY
    elif parameter.log:
        low, high = min(values) / _FACTOR, max(values) * _FACTOR
    else:
        low, high = parameter.low, parameter.high
    ends = (max(low, parameter.low), min(high, parameter.high))
    return parameter.narrowed((min(ends), ends[1]))
