"""The space of one strategy as a person sees it: all that may be set, or what is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl_nb.core.options import ranges
from automl_nb.core.space import Space
from automl_nb.pipeline import asked_search, asked_tuning, search_space
from automl_nb.pipeline.asked import settings_of
from automl_nb.pipeline.tuned_space import searched_of
from automl_nb.transfer.catalog import STRATEGIES


def shown_space(strategy: str, search: str | Mapping[str, Any] = "", loss: str = "auto") -> Space:
    """What may be set of a strategy; with a search written, what that search varies.

    A search of how networks are tuned varies what is named in it alone, one of heads the rest too.

    Raises:
        UnknownNameError: There is no such strategy, loss or setting.
        SettingError: A range is empty, reversed or out of bounds.

    Example:
        >>> shown_space("finetune", "lr=1e-5..1e-4,epochs=3").names()
        ('epochs', 'lr')
        >>> shown_space("finetune", "auto").names(), shown_space("knn", "auto").names()
        (('lr', 'epochs', 'decay'), ('k',))
    """
    asked = {"strategies": strategy, "search": search, "loss": loss}
    settings = settings_of("y", asked)
    is_network = "backbone" in STRATEGIES[strategy].tags
    whole = (
        asked_tuning.space_of(strategy, settings) if is_network else search_space.space_of(strategy)
    )
    if not settings.search:
        return whole
    asked_search.check_search(settings)
    if is_network:  # around the usual values of any network; a run takes those of its own
        found = searched_of(strategy, settings, [{}])
        return Space(tuple(replace(parameter, when=None) for parameter in found))
    written = {} if settings.search == "auto" else ranges("--search", settings.search)
    every = Space(tuple(parameter.narrowed(parameter.searched) for parameter in whole))
    own = {name.removeprefix(f"{strategy}."): value for name, value in written.items()}
    return every.narrowed(own)
