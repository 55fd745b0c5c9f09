"""Which settings of a search are trained on all rows: the best of each strategy, and none twice.

A search tells settings apart on part of the rows, and strategies by little. The first of its list
are therefore often all of the strategy that happens to lead there, and much alike; what a model
gains by is one that errs elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from automl_nb.core.types import Task
from automl_nb.pipeline.search_space import MODEL, Searched, settings_of
from automl_nb.search.tried import State, Tried
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.catalog import STRATEGIES

A_ROUND = 3  # finalists of a round, where fewer strategies were searched
_DIGITS = 2  # to which settings are compared: what differs by less is the same model

Identity = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


def identity(
    strategy: str, inputs: tuple[str, ...], config: Mapping[str, Any], task: Task
) -> Identity:
    """What two models have in common that are the same: strategy, blocks and settings in full.

    Args:
        strategy: A name of the registry.
        inputs: Keys of the blocks that it reads.
        config: As it was trained with; what it leaves out has its usual value.
        task: What is learnt: usual values may depend on it.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> task = Task(TaskKind.BINARY, "label", ("no", "yes"))
        >>> usual = identity("kernel", ("table",), {}, task)
        >>> usual == identity("kernel", ("table",), {"kernel": "laplace", "reach": 0.3001}, task)
        True
    """
    maker: Any = STRATEGIES[strategy].load()()
    space = maker.space() if hasattr(maker, "space") else ()
    usual = {parameter.name: parameter.default for parameter in space}
    own = maker.in_full(config, task) if hasattr(maker, "in_full") else config
    full = {**usual, **own}
    return strategy, inputs, tuple((name, _rounded(full[name])) for name in sorted(usual))


def rounds(
    trials: Sequence[Tried],
    models: Mapping[str, Searched],
    trained: Iterable[Candidate],
    task: Task,
) -> Iterator[list[Tried]]:
    """The trials whose settings are trained on all rows, round by round until there are no more.

    Each round has the best of each strategy that are left, and the next best of any where that is
    fewer than three; in a round the least loss comes first.

    Args:
        trials: All of the search.
        models: What was searched, by label.
        trained: The run's models: none of them is trained again.
        task: What is learnt.
    """
    known = {identity(one.strategy, one.inputs, one.config, task) for one in trained}
    left = []
    done = (trial for trial in trials if trial.state is State.DONE)
    for trial in sorted(done, key=lambda one: (one.values[0], one.number)):
        model = models[str(trial.config[MODEL])]
        own = identity(model.strategy, model.inputs, settings_of(trial.config), task)
        if own not in known:
            known.add(own)
            left.append(trial)
    while left:
        first: dict[str, Tried] = {}
        for trial in left:
            first.setdefault(models[str(trial.config[MODEL])].strategy, trial)
        chosen = {trial.number for trial in first.values()}
        others = (trial.number for trial in left if trial.number not in chosen)
        chosen |= {number for number, _ in zip(others, range(A_ROUND - len(chosen)), strict=False)}
        yield [trial for trial in left if trial.number in chosen]
        left = [trial for trial in left if trial.number not in chosen]


def _rounded(value: Any) -> str:
    """Numbers to two digits."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.{_DIGITS}g}" if is_number else repr(value)
