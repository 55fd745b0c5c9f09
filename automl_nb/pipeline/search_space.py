"""What is searched: the models that a run has trained, each with the settings of its strategy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.options import ranges
from automl_nb.core.space import Choice, Parameter, Space, When
from automl_nb.search.unit import n_values
from automl_nb.transfer.catalog import STRATEGIES

MODEL = "model"  # the parameter that says which of them


@dataclass(frozen=True)
class Searched:
    """A model whose settings are searched.

    Attributes:
        strategy: A name of the registry.
        inputs: Keys of the blocks that it reads.
    """

    strategy: str
    inputs: tuple[str, ...]

    @property
    def label(self) -> str:
        """As the search calls it, such as ``svm@tfidf-word(text)``."""
        return f"{self.strategy}@{' + '.join(self.inputs)}".replace(", ", "/").replace("=", ":")

    @property
    def name(self) -> str:
        """On the leaderboard."""
        return f"{' + '.join(self.inputs)}: {self.strategy}"


def space_of(strategy: str) -> Space:
    """What a strategy lets be searched; empty where it has nothing.

    Example:
        >>> space_of("knn").names(), space_of("prior").names()
        (('k',), ())
    """
    own = getattr(STRATEGIES[strategy].load()(), "space", None)
    return Space() if own is None else own()


def joint_space(models: Iterable[Searched], narrowed: str = "") -> Space:
    """One space over several models: which one, and the settings that then count.

    Args:
        models: Those that are searched.
        narrowed: What a person wrote, see `Space.narrowed`; a setting's name stands for it in
            every strategy that has one, ``svm.C`` for that of one.

    Raises:
        UnknownNameError: No strategy has such a setting.
        SettingError: A range is reversed, empty or out of bounds.

    Example:
        >>> both = [Searched("svm", ("tfidf-word(text)",)), Searched("knn", ("pixels",))]
        >>> joint_space(both, "C=0.1..1").names()
        ('model', 'svm.C', 'knn.k')
    """
    models = tuple(models)
    parts: list[Parameter] = []
    for strategy in dict.fromkeys(model.strategy for model in models):
        own = [model for model in models if model.strategy == strategy]
        when = When(MODEL, tuple(model.label for model in own))
        several = any(len(model.inputs) > 1 for model in own)
        parts += [
            replace(parameter, name=f"{strategy}.{parameter.name}", when=when)
            for parameter in space_of(strategy)
            if parameter.name != "dense" or several
        ]
    labels = tuple(model.label for model in models)
    whole = Space((Choice(MODEL, labels, labels[0], "which model"), *parts))
    asked = ranges("--search", narrowed) if narrowed.strip() else {}
    return whole.narrowed(_spread(whole, asked))


def n_settings(space: Space, label: str) -> float:
    """How many settings of a model are searched; infinite with a range of real numbers.

    Example:
        >>> both = [Searched("svm", ("tfidf-word(text)",)), Searched("knn", ("pixels",))]
        >>> space = joint_space(both, "k=3..5")
        >>> [n_settings(space, model.label) for model in both]
        [inf, 3]
    """
    own = (p for p in space.free if p.when is not None and label in p.when.among)
    return math.prod(n_values(parameter) for parameter in own)


def check_search(strategies: Iterable[str], text: str) -> None:
    """That every setting in `text` is known to a strategy, and its range can be.

    Raises:
        UnknownNameError: No strategy has such a setting.
        SettingError: A range is reversed, empty or out of bounds.
    """
    if not text.strip():
        return
    models = [Searched(name, ("block",)) for name in strategies if len(space_of(name))]
    joint_space([*models, *(replace(one, inputs=("block", "block")) for one in models)], text)


def has_one_of(strategy: str, several: bool, names: Iterable[str]) -> bool:
    """Whether a strategy lets one of these settings be searched, by its plain or its full name.

    Args:
        strategy: A name of the registry.
        several: Whether it reads several blocks: one of its settings may weigh them.
        names: As a person wrote them.
    """
    own = {p.name for p in space_of(strategy) if p.name != "dense" or several}
    return bool(own & {name.removeprefix(f"{strategy}.") for name in names})


def divided(text: str, models: Iterable[Searched]) -> tuple[str, tuple[str, ...]]:
    """The ranges that some of the models can be searched in, and the names of the others.

    Example:
        >>> divided("C=0.1..10,k=3..9", [Searched("knn", ("pixels",))])
        ('k=3..9', ('C',))
    """
    asked = ranges("--search", text) if text.strip() else {}
    models = tuple(models)
    there = [
        name
        for name in asked
        if any(has_one_of(one.strategy, len(one.inputs) > 1, [name]) for one in models)
    ]
    lost = tuple(name for name in asked if name not in there)
    return ",".join(f"{name}={asked[name]}" for name in there), lost


def _spread(whole: Space, asked: Mapping[str, str]) -> dict[str, Any]:
    """A setting's plain name stands for that of every strategy."""
    made: dict[str, Any] = {}
    for name, value in asked.items():
        full = [p.name for p in whole if p.name == name or p.name.partition(".")[2] == name]
        if not full:
            plain = {p.name.partition(".")[2] or p.name for p in whole}
            raise UnknownNameError("setting to search", name, sorted({*plain, *whole.names()}))
        made |= dict.fromkeys(full, value)
    return made


def settings_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """The strategy's own settings in a configuration of the joint space."""
    return {name.partition(".")[2]: value for name, value in config.items() if name != MODEL}
