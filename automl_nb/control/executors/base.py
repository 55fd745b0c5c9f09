"""What an executor is: it carries out tasks, passes their reports on, and ends what doesn't end.

Whoever submits a task also serves: `serve` is where reports are heard, orders obeyed and limits
kept, all in the caller's thread, so that nothing that listens needs a lock.

A task knows two ways to be carried out. `begin` makes its generator in this process, out of live
objects. `told` says the same in words: the name of a function, facts as JSON, files on a disk. An
executor that works elsewhere uses that alone; one for a cluster would send the facts and the
files, start ``python -m automl_nb.control.executors.child`` there, and speak with it as
`process.Process` does: a line of JSON a message.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from automl_nb.control.drive import Heard
from automl_nb.core.trials import CancelToken, Deadline, Decision, Report

R = TypeVar("R")


@dataclass(frozen=True)
class Surroundings:
    """What a told task finds where it is carried out.

    Attributes:
        folder: Of its own, to write into; what is there when it ends is read, then deleted.
        deadline: When it must have ended.
        cancel: To be checked once a batch.
    """

    folder: Path
    deadline: Deadline
    cancel: CancelToken


@dataclass(frozen=True)
class Told(Generic[R]):
    """A task in words.

    Attributes:
        entry: A function as ``"package.module:name"``. Called with `facts` and `Surroundings` it
            gives a generator like a trial's, which returns JSON.
        facts: What it needs to know, as JSON.
        read: Makes the result out of the task's folder and the JSON that the generator returned.
        lasting: Whether the process may serve others afterwards; not where it holds a device.
    """

    entry: str
    facts: dict[str, Any]
    read: Callable[[Path, Any], R]
    lasting: bool = True


def _uncounted(_cpu_s: float, _bytes: int) -> None:
    return None


def _unheard(_report: Report) -> Decision | None:
    return None


@dataclass(frozen=True)
class Task(Generic[R]):
    """Something that is carried out like a trial.

    Attributes:
        name: The trial's.
        deadline: Past it the task is told to stop at its next report.
        cancel: Likewise once it is set; whoever serves obeys through it what a person asks.
        begin: Makes the generator in this process.
        told: The same in words; None where it can't be told, and only this process will do.
        heard: Called with each report; where it answers STOP the task is told so.
        memory_bytes: The most that it may take in a process of its own, besides what that holds
            already; 0 for no limit.
        spent: Called where another process carried it out, with the seconds that its cores
            computed and the bytes that it took beyond those that it held already.
    """

    name: str
    deadline: Deadline
    cancel: CancelToken
    begin: Callable[[], Generator[Report, Decision, R]]
    told: Told[R] | None = None
    heard: Heard = _unheard
    memory_bytes: int = 0
    spent: Callable[[float, int], None] = _uncounted


class Handle(Generic[R]):
    """A task that was submitted.

    Attributes:
        task: What is carried out.
        ended: Whether there is an outcome.
        stops: Whether it is to be told so at its next report.
        killed: Why it is to end at its next report without a result, or "".
        peak_memory_bytes: Of the process that it ran in, 0 if unknown.
    """

    def __init__(self, task: Task[R]) -> None:
        self.task, self.ended = task, False
        self.stops, self.killed = False, ""
        self.peak_memory_bytes = 0
        self.closing = ExitStack()  # what is to be put away at its end
        self._value: R | None = None
        self._error: BaseException | None = None

    def heard(self, report: Report) -> Decision:
        """Pass a report on, and say whether the task goes on."""
        stops = self.task.heard(report) is Decision.STOP
        return Decision.STOP if stops or self.stops else Decision.CONTINUE

    def end(self, value: R | None = None, error: BaseException | None = None) -> None:
        """This is the outcome; the first one counts."""
        if not self.ended:
            self._value, self._error, self.ended = value, error, True
        self.closing.close()

    def result(self) -> R:
        """What the task returned.

        Raises:
            RuntimeError: It hasn't ended.
            BaseException: Whatever it raised; `TrialError` where its process ended, or the text
                is all that is left of the error.
        """
        if not self.ended:
            raise RuntimeError(f"{self.task.name} has not ended")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # R may include None


class Executor(ABC):
    """Carries out tasks.

    Attributes:
        name: In the catalogue.
        isolates: Whether a task that hangs or crashes leaves this process alone.
    """

    name = ""
    isolates = False

    @abstractmethod
    def submit(self, task: Task[R]) -> Handle[R]:
        """Take a task on.

        Raises:
            OSError: There is no room on the disk, or no process can be started.
            SettingError: It can't be told in words, and works elsewhere.
        """

    @abstractmethod
    def serve(self, timeout: float) -> list[Handle[Any]]:
        """Hear what comes from the tasks for up to `timeout` seconds.

        Returns:
            Those that have ended, at once when there are any.
        """

    def cancel(self, handle: Handle[Any]) -> None:
        """Have a task told to stop at its next report. From any thread."""
        handle.stops = True

    @abstractmethod
    def kill(self, handle: Handle[Any], reason: str) -> None:
        """End a task at once, whatever it is at; its result raises `TrialError`.

        Where tasks aren't isolated, it ends at the next report, without a result.
        """

    @abstractmethod
    def shutdown(self) -> None:
        """End all that is still at work, and leave nothing behind. May be called twice."""

    def run(self, task: Task[R]) -> R:
        """Carry one task out, and return what it returns; see `Handle.result`."""
        handle = self.submit(task)
        try:
            while not handle.ended:
                self.serve(1.0)
        finally:
            if not handle.ended:  # interrupted
                self.kill(handle, "It was interrupted.")
        return handle.result()
