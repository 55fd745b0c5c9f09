"""Settings that were tried before: what counts as the same, and what is left to try.

A searcher that is sure of the best place proposes it over and over (a Gaussian process on a few
whole numbers most of all). What is known needn't be computed again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from automl_nb.core.parameters import Choice, Parameter
from automl_nb.core.space import Space
from automl_nb.search.unit import at, n_values

Key = tuple[tuple[str, Any], ...]

MOST = 100_000  # settings that are listed
_DRAWS = 1000  # at random, before a larger space is thought to be used up


def key_of(config: Mapping[str, Any]) -> Key:
    """What two configurations have in common that are the same: numbers to six digits.

    Example:
        >>> key_of({"C": 10.0, "loss": "hinge"}) == key_of({"loss": "hinge", "C": 9.9999999999})
        True
    """
    return tuple((name, _rounded(config[name])) for name in sorted(config))


def random_config(space: Space, rng: np.random.Generator) -> dict[str, Any]:
    """A configuration drawn evenly, parents before what hangs on them."""
    made: dict[str, Any] = {}
    for parameter in space.ordered:
        if space.counts(parameter.name, made):
            place = float(rng.random())
            made[parameter.name] = parameter.default if parameter.fixed else at(parameter, place)
    return made


def all_configs(space: Space) -> list[dict[str, Any]] | None:
    """Every configuration of a space; None where they are too many to list.

    Example:
        >>> from automl_nb.core.space import Float, Int, When
        >>> which = Choice("which", ("knn", "prior"), "knn")
        >>> space = Space((which, Int("k", 1, 3, 1, when=When("which", ("knn",)))))
        >>> all_configs(space)[2:]
        [{'which': 'knn', 'k': 3}, {'which': 'prior'}]
        >>> all_configs(Space((Float("C", 0.1, 10.0, 1.0),))) is None
        True
    """
    most = math.prod(n_values(parameter) for parameter in space.free)
    return [*_walked(space, space.ordered, {})] if most <= MOST else None


def untried(
    space: Space, is_tried: Callable[[Mapping[str, Any]], bool], rng: np.random.Generator
) -> dict[str, Any] | None:
    """A configuration drawn at random among those that weren't tried.

    Args:
        space: What is searched.
        is_tried: Says what was.
        rng: Draws.

    Returns:
        None where all were, as far as a thousand draws can tell in a space of more than 100,000.
    """
    for _ in range(_DRAWS):
        if not is_tried(config := random_config(space, rng)):
            return config
    left = [config for config in all_configs(space) or [] if not is_tried(config)]
    return left[int(rng.integers(len(left)))] if left else None


def is_used_up(space: Space, n_tried: int, is_tried: Callable[[Mapping[str, Any]], bool]) -> bool:
    """Whether every configuration of the space was tried.

    Args:
        space: What is searched.
        n_tried: How many different ones were: where they are few, nothing needs to be listed.
        is_tried: Says which.
    """
    if n_tried < max((n_values(parameter) for parameter in space.free), default=1):
        return False
    every = all_configs(space)
    return every is not None and all(map(is_tried, every))


def _walked(
    space: Space, parameters: tuple[Parameter, ...], made: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    if not parameters:
        yield dict(made)
        return
    first, *others = parameters
    if not space.counts(first.name, made):
        yield from _walked(space, tuple(others), made)
        return
    for value in _values(first):
        yield from _walked(space, tuple(others), made | {first.name: value})


def _values(parameter: Parameter) -> tuple[Any, ...]:
    if parameter.fixed:
        return (parameter.default,)
    if isinstance(parameter, Choice):
        return parameter.searched
    low, high = parameter.searched
    return tuple(range(int(low), int(high) + 1))


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
