"""Drives one trial's generator: passes its reports on, and says when to stop."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from automl_nb.core.trials import CancelToken, Deadline, Decision, Report

R = TypeVar("R")
Heard = Callable[[Report], Decision | None]


def drive(
    trial: Generator[Report, Decision, R],
    *,
    heard: Heard,
    deadline: Deadline,
    cancel: CancelToken,
) -> R:
    """Run a trial to its end and return what it returns.

    Args:
        trial: See `automl_nb.core.trials`.
        heard: Called with each report; where it answers STOP the trial is told so.
        deadline: Past it the trial is told to stop at its next report.
        cancel: Likewise once it is set.

    Example:
        >>> def trial():
        ...     for step in range(5):
        ...         if (yield Report("t", step)) is Decision.STOP:
        ...             break
        ...     return step
        >>> token = CancelToken()
        >>> drive(trial(), heard=lambda r: None, deadline=Deadline(60), cancel=token)
        4
        >>> token.cancel()
        >>> drive(trial(), heard=lambda r: None, deadline=Deadline(60), cancel=token)
        0
    """
    with closing(trial):  # what it holds is free at once, also where `heard` raises
        try:
            report = next(trial)
            while True:
                hopeless = heard(report) is Decision.STOP
                over = cancel.cancelled or not deadline.allows(0.0) or hopeless
                report = trial.send(Decision.STOP if over else Decision.CONTINUE)
        except StopIteration as end:
            result: R = end.value
            return result
