"""The Optuna sampler of a search: out of a name, or around the one that somebody brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError
from automl_nb.core.space import Space
from automl_nb.search.catalog import SEARCHERS

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def sampler_of(
    space: Space, searcher: str | BaseSampler, seed: int, work: Mapping[str, Any]
) -> BaseSampler:
    """The searcher of a name; or one around a copy of an Optuna sampler.

    Args:
        space: What is searched.
        searcher: A name of the catalogue, or a sampler.
        seed: Seeds every proposal of one of ours.
        work: What `Auto` chooses by: ``n_trials``, ``trial_s`` and ``n_objectives``.

    Raises:
        UnknownNameError: There is no such searcher.
        SettingError: It follows one objective, and there are several.
    """
    if not isinstance(searcher, str):
        from automl_nb.search.base import Searcher
        from automl_nb.search.custom import Custom

        return searcher if isinstance(searcher, Searcher) else Custom(searcher)
    spec = SEARCHERS[searcher]
    if work["n_objectives"] > 1 and "several" not in spec.tags:
        raise SettingError(
            f"{searcher} follows one objective.",
            received=f"{work['n_objectives']} objectives",
            hint=f"These follow several: {', '.join(SEARCHERS.names('several'))}.",
        )
    made: BaseSampler = spec.load()(space, seed=seed, **(work if searcher == "auto" else {}))
    return made
