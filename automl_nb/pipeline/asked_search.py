"""What is searched: which of the ranges that were written are for heads, and which for networks."""

from __future__ import annotations

from collections.abc import Iterable

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.options import ranges
from automl_nb.core.settings import FitSettings
from automl_nb.pipeline import search_space
from automl_nb.pipeline.asked_tuning import space_of, tuned_by
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.losses.catalog import LOSSES
from automl_nb.transfer.settable import OPTIONS


def is_asked(settings: FitSettings) -> bool:
    """Whether settings are to be searched at all."""
    return bool(settings.search or settings.trials or settings.searcher)


def heads_part(settings: FitSettings) -> str | None:
    """The ranges for heads, as they were written; "" for all usual ones, None for no search."""
    asked = _written(settings)
    mine = {name: value for name, value in asked.items() if name in _names_of_heads(settings)}
    if not is_asked(settings) or (asked and not mine):
        return None
    return ",".join(f"{name}={value}" for name, value in mine.items())


def networks_part(settings: FitSettings) -> dict[str, str] | None:
    """The ranges for the tuning of networks; empty for the usual ones, None for no search.

    Example:
        >>> both = FitSettings("y", search="C=0.1..10,lr=1e-5..1e-3")
        >>> heads_part(both), networks_part(both)
        ('C=0.1..10', {'lr': '1e-5..1e-3'})
        >>> heads_part(FitSettings("y", search="lr=1e-5..1e-3")) is None
        True
        >>> networks_part(FitSettings("y", trials=20)), networks_part(FitSettings("y"))
        ({}, None)
    """
    if not is_asked(settings) or not tuned_by(settings):
        return None
    asked = _written(settings)
    mine = {name: value for name, value in asked.items() if name in _names_of_networks(settings)}
    return mine if mine or not asked else None


def check_search(settings: FitSettings) -> None:
    """Every range is known to a strategy, can be, and nothing asked for is without effect.

    Raises:
        UnknownNameError: No strategy has such a setting, or there is no such scheduler.
        SettingError: A range is reversed, empty or out of bounds; a setting is both set and
            searched; a scheduler is named where no networks' settings are searched, or patience
            where nothing is.
    """
    _check_patience(settings)
    if not is_asked(settings):
        _check_scheduler(settings)
        return
    heads, networks = _names_of_heads(settings), _names_of_networks(settings)
    if not heads | networks:
        raise SettingError(
            "A search needs strategies that have settings to search.",
            received=f"strategies={list(settings.strategies)}",
            hint="automl_nb.available('strategies') names the settings of each, as params.",
        )
    for name in _written(settings):
        if name not in heads | networks:
            known = sorted(heads | networks)
            raise UnknownNameError("setting to search", name, known, hint=_owner(name, settings))
    search_space.check_search(_heads(settings), heads_part(settings) or "")
    for name, value in (networks_part(settings) or {}).items():
        _check_not_set(name.rpartition(".")[2], settings)
        for strategy in tuned_by(settings):
            plain = name.removeprefix(f"{strategy}.")
            space = space_of(strategy, settings)
            if plain in space:
                space[plain].narrowed(value)
    _check_scheduler(settings)


def set_of_networks(settings: FitSettings) -> list[str]:
    """The options of a search in which something was asked of networks alone."""
    only = bool(networks_part(settings)) and heads_part(settings) is None
    return ["search"] * only + ["scheduler"] * (settings.scheduler != "auto")


def _check_not_set(name: str, settings: FitSettings) -> None:
    given = settings.params.get(name)
    if name in OPTIONS and getattr(settings, name) != "auto":
        given = getattr(settings, name)
    if given is not None:
        raise SettingError(
            "A setting is either given or searched.",
            received=f"{name}={given!r} and search={settings.search!r}",
            hint=f"Leave {name} out of one of both.",
        )


def _check_scheduler(settings: FitSettings) -> None:
    if settings.scheduler == "auto":
        return
    from automl_nb.control.schedulers.catalog import SCHEDULERS

    _ = SCHEDULERS[settings.scheduler]
    if networks_part(settings) is None:
        raise SettingError(
            "scheduler is for a search of how networks are tuned.",
            received=f"scheduler={settings.scheduler!r} with "
            f"strategies={list(settings.strategies)}, search={settings.search!r}",
            hint="Add strategies='finetune' and search='lr=1e-5..1e-3', or leave it out.",
        )


def _check_patience(settings: FitSettings) -> None:
    if settings.patience_s and not is_asked(settings):
        raise SettingError(
            "patience ends a search of settings.",
            received=f"patience={settings.patience_s:g} without a search",
            hint="Add search='auto', or leave patience out.",
        )


def _written(settings: FitSettings) -> dict[str, str]:
    text = settings.search.strip()
    return {} if text in {"", "auto"} else ranges("--search", text)


def _heads(settings: FitSettings) -> list[str]:
    asked = STRATEGIES.names() if "auto" in settings.strategies else settings.strategies
    return [name for name in asked if "backbone" not in STRATEGIES[name].tags]


def _names_of_heads(settings: FitSettings) -> set[str]:
    return _both(
        (name, own)
        for name in _heads(settings)
        for own in STRATEGIES[name].searched or STRATEGIES[name].params
    )


def _names_of_networks(settings: FitSettings) -> set[str]:
    return _both(
        (name, parameter.name)
        for name in tuned_by(settings)
        for parameter in space_of(name, settings)
    )


def _owner(name: str, settings: FitSettings) -> str:
    """Where a setting is searched that none of the chosen strategies has."""
    strategy, _, plain = name.rpartition(".")
    for spec in STRATEGIES:
        if spec.installed and strategy in {"", spec.name}:
            is_network = "backbone" in spec.tags
            own = space_of(spec.name, settings) if is_network else search_space.space_of(spec.name)
            if plain in own:
                return f"It belongs to strategies={spec.name!r}."
    return _owning_loss(plain)


def _owning_loss(name: str) -> str:
    """Of which loss a setting is, by its full name or without the loss's before it."""
    for spec in LOSSES:
        for param in spec.params:
            if name == param or param.endswith(f"_{name}"):
                return f"{param} is searched with loss={spec.name!r}."
    return ""


def _both(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Plain names, and those with their strategy before them."""
    return {written for strategy, name in pairs for written in (name, f"{strategy}.{name}")}
