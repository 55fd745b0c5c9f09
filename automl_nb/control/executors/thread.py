"""Tasks in this process, one after the other, in the thread that serves."""

from __future__ import annotations

from collections import deque
from typing import Any

from automl_nb.control.drive import drive
from automl_nb.control.executors.base import Executor, Handle, R, Task
from automl_nb.core.errors import TrialError
from automl_nb.core.trials import Cancelled, Decision, Report


class Thread(Executor):
    """Carries tasks out where the run itself works; nothing is copied or started.

    What a task does to the process, it does to all: one that never checks its token can't be
    ended, and one that crashes takes the run along.

    Example:
        >>> from automl_nb.core.trials import CancelToken, Deadline
        >>> def count():
        ...     yield Report("t", 1.0)
        ...     return 7
        >>> Thread().run(Task("t", Deadline(60.0), CancelToken(), count))
        7
    """

    name = "thread"

    def __init__(self) -> None:
        self._waiting: deque[Handle[Any]] = deque()

    def submit(self, task: Task[R]) -> Handle[R]:
        """Queue a task: it begins when it is served."""
        handle = Handle(task)
        self._waiting.append(handle)
        return handle

    def serve(self, timeout: float) -> list[Handle[Any]]:  # noqa: ARG002 - a task takes its time
        """Carry out the one that has waited longest."""
        if not self._waiting:
            return []
        handle = self._waiting.popleft()
        if not handle.ended:
            self._carry_out(handle)
        return [handle]

    def kill(self, handle: Handle[Any], reason: str) -> None:
        """End a task at its next report; one that waits never begins."""
        if handle in self._waiting:
            self._waiting.remove(handle)
            handle.end(error=TrialError(reason))
        handle.killed = reason

    def shutdown(self) -> None:
        """What waits never begins."""
        while self._waiting:
            self.kill(self._waiting[0], "The run has ended.")

    def _carry_out(self, handle: Handle[Any]) -> None:
        task = handle.task

        def heard(report: Report) -> Decision:
            answer = handle.heard(report)
            if handle.killed:
                raise TrialError(handle.killed)
            return answer

        try:
            value = drive(task.begin(), heard=heard, deadline=task.deadline, cancel=task.cancel)
        except (Exception, Cancelled) as error:  # noqa: BLE001 - `result` raises it
            handle.end(error=error)
        else:
            handle.end(value)
