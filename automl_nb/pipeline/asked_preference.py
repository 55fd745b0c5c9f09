"""What may be preferred to the best model, checked before any work."""

from __future__ import annotations

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.settings import FitSettings
from automl_nb.search.pareto import PREFERENCES


def check_preference(settings: FitSettings) -> None:
    """That the preference is known, and that there will be models to choose from.

    Raises:
        UnknownNameError: There is no such preference.
        SettingError: It could have no effect.

    Example:
        >>> check_preference(FitSettings("y", prefer="fast"))
    """
    if settings.prefer not in PREFERENCES:
        raise UnknownNameError("preference", settings.prefer, PREFERENCES)
    if settings.prefer != "accurate" and set(settings.strategies) == {"prior"}:
        raise SettingError(
            "A preference chooses among several models.",
            received=f"prefer={settings.prefer!r} with strategies=['prior']",
            hint="Leave it out, or name further strategies.",
        )
