"""What was asked of the training of networks, checked before any of it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError, UnknownNameError, suggest
from automl_nb.core.registry import Registry
from automl_nb.core.settings import FitSettings
from automl_nb.core.space import Space
from automl_nb.core.types import Task
from automl_nb.pipeline import search_space
from automl_nb.transfer.augment.catalog import AUGMENTATIONS
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.initialise.catalog import INITIALISERS
from automl_nb.transfer.losses.catalog import LOSSES
from automl_nb.transfer.settable import COMMON, OPTIONS, USUAL_LOSS, searching, tuning
from automl_nb.zoo.card import BackboneCard

if TYPE_CHECKING:
    from automl_nb.transfer.tuner import Tuner

_CHOICES: tuple[tuple[str, Registry], ...] = (
    ("loss", LOSSES),
    ("augment", AUGMENTATIONS),
    ("head", INITIALISERS),
)


def check_tuning(settings: FitSettings) -> None:
    """The names of loss, augmentation and head start, and every parameter's value.

    Raises:
        UnknownNameError: A name or a parameter that nothing knows.
        SettingError: A value out of bounds.
    """
    for option, registry in _CHOICES:
        if getattr(settings, option) != "auto":
            _ = registry[getattr(settings, option)]
    if not isinstance(settings.params, dict):
        raise SettingError(
            "Parameters are given as a mapping of names to values.",
            received=settings.params,
            hint="Such as params={'lr': 5e-5}.",
        )
    doubled = [option for option, _ in _CHOICES if option in settings.params]
    if doubled:
        raise SettingError(
            f"The {doubled[0]} is an option of its own.",
            received=f"params={settings.params!r}",
            hint=f"Say {doubled[0]}={str(settings.params[doubled[0]])!r}.",
        )
    if not tuned_by(settings):
        _refuse_for_heads(settings)
    _refuse_ignored(settings)
    if not settings.params:
        return
    spaces = [space_of(name, settings) for name in (*heads_set(settings), *tuned_by(settings))]
    for name, value in settings.params.items():
        knowing = [space for space in spaces if name in space]
        if not knowing:
            raise _unknown(name, spaces, settings)
        for space in knowing:
            space.check({name: value})


def _refuse_for_heads(settings: FitSettings) -> None:
    for option, _ in _CHOICES:
        value = getattr(settings, option)
        if value != "auto":
            raise SettingError(
                f"{option} is for strategies that train a network.",
                received=f"{option}={value!r} with strategies={list(settings.strategies)}",
                hint="Add one, such as strategies='finetune', or leave it out.",
            )


def _refuse_ignored(settings: FitSettings) -> None:
    """What no strategy that was asked for would follow."""
    given = {option: getattr(settings, option) for option, _ in _CHOICES}
    asked = {option: value for option, value in given.items() if value != "auto"}
    tuners = [STRATEGIES[name].load()() for name in tuned_by(settings)] if asked else []
    for option, value in asked.items():
        if tuners and all(one.ignores(option, value) for one in tuners):
            raise SettingError(
                f"{option} must have an effect on one of the chosen strategies.",
                received=f"{option}={value!r} with strategies={list(settings.strategies)}",
                hint="Add one that follows it, such as 'finetune', or leave it out.",
            )


def _unknown(name: str, spaces: list[Space], settings: FitSettings) -> SettingError:
    if searched := _searched_with(name, settings):
        given = f"{name}={settings.params[name]}"
        return SettingError(
            "Settings of heads are given to the search; params are those of networks.",
            received=f"params={settings.params!r}",
            hint=f"Say search={given!r}: heads that have it, such as {searched}, are trained with "
            "it beside their usual settings.",
        )
    known = sorted({each for space in spaces for each in space.names()} - {*OPTIONS})
    others = [
        spec.name
        for spec in STRATEGIES
        if (spec.params or "backbone" in spec.tags)
        and spec.installed
        and name in space_of(spec.name, settings)
    ]
    hint = f"It belongs to strategies={others[0]!r}." if others else _by_meaning(name, spaces)
    return UnknownNameError("parameter of the chosen strategies", name, known, hint=hint)


def _searched_with(name: str, settings: FitSettings) -> str:
    """The first of the chosen heads that has a setting of this name to search, or ""."""
    for spec in STRATEGIES:
        chosen = {"auto", spec.name} & {*settings.strategies} and "backbone" not in spec.tags
        if chosen and spec.installed and name in search_space.space_of(spec.name):
            return spec.name
    return ""


def _by_meaning(name: str, spaces: list[Space]) -> str:
    """The parameter whose summary has this word: what papers call the rank is typed ``r``."""
    for parameter in (each for space in spaces for each in space):
        if name.casefold() in parameter.summary.casefold().replace(",", " ").split():
            return f"Did you mean {parameter.name!r} ({parameter.summary})?"
    return ""


def tuned_by(settings: FitSettings) -> tuple[str, ...]:
    """The strategies that tune networks, of those that were asked for."""
    return tuning(settings.strategies)


def heads_set(settings: FitSettings) -> tuple[str, ...]:
    """The heads with settings of their own, of those that were asked for."""
    return searching(settings.strategies)


def space_of(strategy: str, settings: FitSettings) -> Space:
    """All that may be set of a strategy: its own; of a tuner the common ones and the loss's too."""
    if "backbone" not in STRATEGIES[strategy].tags:
        space: Space = STRATEGIES[strategy].load()().space()
        return space
    loss = USUAL_LOSS if settings.loss == "auto" else settings.loss
    own: Space = STRATEGIES[strategy].load()().space()
    of_loss: Space = LOSSES[loss].load()().space()
    return COMMON + of_loss + own


def config_of(strategy: str, settings: FitSettings) -> dict[str, Any]:
    """What a trial of this strategy is set to, beside its column and backbone."""
    space = space_of(strategy, settings)
    given = {name: value for name, value in settings.params.items() if name in space}
    made = space.check(given)
    for option, _ in _CHOICES:
        if option in space and getattr(settings, option) != "auto":
            made[option] = getattr(settings, option)
    return made


def check_suits(
    settings: FitSettings,
    task: Task,
    cards: tuple[BackboneCard, ...],
    *,
    n_rows: int,
    n_unlabelled: int,
    not_used: str = "",
) -> None:
    """Loss, augmentation and named strategies must suit the task, the rows and a backbone at hand.

    Args:
        settings: What was asked.
        task: As it was inferred or given.
        cards: The backbones that the run may use on its columns.
        n_rows: Rows to learn from.
        n_unlabelled: Rows without a label.
        not_used: Why rows without a label that were given aren't among these.

    Raises:
        SettingError: One of them can't be used here.
    """
    for option, registry, what in (
        (settings.loss, LOSSES, "loss"),
        (settings.head, INITIALISERS, "start of the head"),
    ):
        why = "" if option == "auto" else registry[option].load()().refuses(task)
        if why:
            fitting = [spec.name for spec in registry if not spec.load()().refuses(task)]
            raise SettingError(
                f"The {what} must fit the task, which is {task.kind.value}.",
                received=option,
                hint=f"{_sentence(why)} Fitting: {', '.join(fitting)}.",
            )
    _check_columns(settings, cards)
    _check_augmentation(settings, cards)
    _check_heads(settings, task, n_unlabelled, not_used)
    tuned = tuned_by(settings)
    _check_rows(settings, tuned, n_rows)
    alone = set(settings.strategies) <= set(tuned)  # else there is something to do without them
    for name in tuned:
        tuner: Tuner = STRATEGIES[name].load()()
        reasons = [tuner.refuses(card, task) for card in cards]
        if alone and not cards:
            reasons = ["no column here is read by a backbone at hand"]
        if alone and n_rows < tuner.fewest_rows and not all(reasons):
            reasons = [f"it needs {tuner.fewest_rows} rows to learn from, and there are {n_rows}"]
        if reasons and all(reasons):
            raise SettingError(
                "A strategy must suit the task and a backbone that reads these columns.",
                received=name,
                hint=f"{_sentence(reasons[0])} Choose another: %automl list strategies.",
            )
        beyond = [tuner.oversteps(card, config_of(name, settings)) for card in cards]
        if beyond and all(beyond):
            raise SettingError(
                f"What is set of {name} must be possible with the network.",
                received=f"params={settings.params!r}",
                hint=f"{_sentence(beyond[0])} Set less, or leave it out.",
            )


def _check_rows(settings: FitSettings, tuned: tuple[str, ...], n_rows: int) -> None:
    """What is set of networks is without effect where the rows are too few to tune one."""
    asked = _set_of_networks(settings)
    fewest = min((STRATEGIES[name].load().fewest_rows for name in tuned), default=0)
    if asked and n_rows < fewest:
        raise SettingError(
            f"{asked[0]} is for networks, which are tuned from {fewest} rows on.",
            received=f"{asked[0]}={getattr(settings, asked[0])!r} with {n_rows} rows to learn from",
            hint="Leave it out, or give more rows.",
        )


def _set_of_networks(settings: FitSettings) -> list[str]:
    """The options in which something was set of networks."""
    from automl_nb.pipeline.asked_search import set_of_networks  # which reads these spaces

    asked = [option for option, _ in _CHOICES if getattr(settings, option) != "auto"]
    of_heads = {name for head in heads_set(settings) for name in STRATEGIES[head].params}
    asked += ["params"] if {*settings.params} - of_heads else []
    return asked + set_of_networks(settings)


def _check_heads(settings: FitSettings, task: Task, n_unlabelled: int, not_used: str) -> None:
    """A named head must be for such a task, and self-training for rows without a label."""
    kind = "classification" if task.kind.is_classification else "regression"
    for name in settings.strategies:
        tags = () if name == "auto" else STRATEGIES[name].tags
        if kind not in tags and {"classification", "regression"} & {*tags}:
            fitting = [spec.name for spec in STRATEGIES if kind in spec.tags and spec.installed]
            raise SettingError(
                f"A strategy must suit the task, which is {task.kind.value}.",
                received=name,
                hint=f"Fitting: {', '.join(fitting)}.",
            )
        if {"head", "unlabelled"} <= {*tags} and not n_unlabelled:
            raise SettingError(
                "Self-training needs rows without a label.",
                received=name,
                hint=not_used or "Give them as unlabelled=..., or leave labels empty in the data.",
            )


def _check_columns(settings: FitSettings, cards: tuple[BackboneCard, ...]) -> None:
    """What is set of networks must not be without effect."""
    asked = _set_of_networks(settings)
    if asked and not cards:
        raise SettingError(
            f"{asked[0]} is for networks, which read texts and pictures.",
            received=getattr(settings, asked[0]),
            hint="Leave it out: no column here is read by a backbone at hand.",
        )


def _check_augmentation(settings: FitSettings, cards: tuple[BackboneCard, ...]) -> None:
    if settings.augment == "auto" or not cards:
        return
    modality = AUGMENTATIONS[settings.augment].load().modality
    read = {card.modality for card in cards}
    if modality != "any" and modality not in read:
        fitting = [spec.name for spec in AUGMENTATIONS if read & {*spec.tags}]
        raise SettingError(
            "An augmentation must be for a kind of column that there is.",
            received=f"{settings.augment}, for {modality}s",
            hint=suggest("", fitting),
        )


def _sentence(why: str) -> str:
    return why[:1].upper() + why[1:] + ("" if why.endswith(".") else ".")
