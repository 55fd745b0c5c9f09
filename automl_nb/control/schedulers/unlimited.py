"""No scheduler: each trial goes on to its end. The control of all others."""

from __future__ import annotations

from automl_nb.control.schedulers.base import Scheduler


class Unlimited(Scheduler):
    """Stops nothing.

    Example:
        >>> Unlimited().heard("a", 0.5, float("nan")).value
        'continue'
    """

    name = "none"

    def goes_on(self, trial: str, share: float, gain: float) -> bool:  # noqa: ARG002
        """Always."""
        return True
