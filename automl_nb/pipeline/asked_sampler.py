"""How settings are searched: by a name of the catalogue, or by an Optuna sampler of one's own.

A run's settings are text, for its journal. The sampler itself travels beside them, as the rows do,
and the settings hold its class with the arguments that can be seen: `CmaEsSampler(popsize=8)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import RunError, SettingError, UnknownNameError
from automl_nb.search.catalog import SEARCHERS

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

_SUCH = "searcher=optuna.samplers.CmaEsSampler(seed=1)"


def searcher_named(value: Any) -> str:
    """A searcher as the settings hold it.

    Args:
        value: A name of the catalogue, "", or an instance of `optuna.samplers.BaseSampler`.

    Raises:
        UnknownNameError: There is no such searcher.
        SettingError: It is neither of both, or can't be copied.

    Example:
        >>> from optuna.samplers import CmaEsSampler
        >>> searcher_named("tpe"), searcher_named(CmaEsSampler(popsize=8))
        ('tpe', 'CmaEsSampler(popsize=8)')
    """
    if isinstance(value, str):
        return _known(value)
    from optuna.samplers import BaseSampler

    from automl_nb.search.custom import described

    if not isinstance(value, BaseSampler):
        raise SettingError(
            "A searcher is a name, or an instance of optuna.samplers.BaseSampler.",
            received=value,
            hint=f"Such as {_SUCH}.",
        )
    try:
        deepcopy(value)
    except Exception as error:
        raise SettingError(
            "A sampler is copied for each search, so it must be possible to copy it.",
            received=f"{type(value).__name__}, {type(error).__name__}: {error}",
            hint="Hold what can't be copied outside of it, or write its __deepcopy__.",
        ) from error
    return described(value)


def own_sampler(options: Mapping[str, Any]) -> BaseSampler | None:
    """The sampler among checked options, if they hold one."""
    value = options.get("searcher")
    return None if value is None or isinstance(value, str) else value


def sampler_again(run: str, searched: str, given: BaseSampler | None) -> BaseSampler | str:
    """The searcher with which a run is gone on with.

    Args:
        run: Its name.
        searched: What its settings hold.
        given: The sampler that the person brings.

    Raises:
        RunError: It was searched by a sampler that isn't brought, or by another one.
    """
    asked = "" if given is None else searcher_named(given)
    if given is not None and asked == searched:
        return given
    if given is None and not _is_own(searched):
        return searched
    brought = f", not by {asked}" if asked else ""
    hint = f"Call fit as before, or automl_nb.resume({run!r}, searcher=...)."
    raise RunError(
        "A run goes on with the sampler that searched it.",
        received=f"run '{run}', searched by {searched or 'none'}{brought}",
        hint=f"It is an object of Python: {hint}" if _is_own(searched) else "Leave it out.",
    )


def _is_own(searched: str) -> bool:
    return searched.endswith(")")


def _known(name: str) -> str:
    hint = f"A sampler of your own is an object of Python: {_SUCH}."
    if "(" in name:
        raise SettingError(
            "A searcher that is given as text is a name.",
            received=name,
            hint=f"Names: {', '.join(SEARCHERS.names())}. {hint}",
        )
    if name and name not in SEARCHERS:
        raise UnknownNameError(
            "searcher", name, SEARCHERS.names(), hint=hint if _of_optuna(name) else ""
        )
    return name


def _of_optuna(name: str) -> bool:
    """Whether somebody may mean one of Optuna's classes."""
    return name.casefold().endswith("sampler") or "optuna" in name.casefold()
