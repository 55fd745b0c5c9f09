"""Tasks in processes of their own: what hangs is killed, and a crash costs one task."""

from __future__ import annotations

import json
import queue
import shutil
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_nb.control.executors.base import Executor, Handle, R, Task, Told
from automl_nb.control.executors.board import Board
from automl_nb.control.executors.ends import KilledError, ended_by
from automl_nb.control.executors.worker import Worker
from automl_nb.control.memory import ended_for_memory, held_bytes
from automl_nb.core.errors import SettingError, TrialError
from automl_nb.core.jsonable import from_dict
from automl_nb.core.trials import Cancelled, Report, TooSlow

GRACE_S, _LEAST_GRACE_S, _GRACE_SHARE = 10.0, 2.0, 0.1
_TICK_S = 0.1  # between two looks at orders, deadlines and memory


@dataclass
class _Job:
    """A task at work."""

    handle: Handle[Any]
    worker: Worker
    board: Board
    folder: Path
    held: int  # bytes that the process held before
    ended_for_memory: int | None  # processes that the system had ended for it before
    asked: float | None = None  # when it was first asked to end

    @property
    def taken(self) -> int:
        """Bytes of memory that it has taken."""
        return held_bytes(self.worker.process.pid) - self.held

    def ended_for_memory_since(self) -> int | None:
        """Processes that the system has ended for lack of memory since it began."""
        now = ended_for_memory()
        return None if now is None or self.ended_for_memory is None else now - self.ended_for_memory


class Process(Executor):
    """Carries tasks out in spawned processes, any number at a time.

    A process serves one task after the other, unless the task wants it for itself, fails for
    memory, or has to be killed.

    Args:
        folder: Where processes write; made if need be, and gone after `shutdown`. None for one
            among the system's temporary folders.
        grace_s: How long after its deadline, or after it was asked to end, a task is killed;
            a tenth of its time where that is less, but two seconds.
    """

    name = "process"
    isolates = True

    def __init__(self, folder: Path | None = None, *, grace_s: float | None = None) -> None:
        self._given, self._grace_s = folder, GRACE_S if grace_s is None else grace_s
        self._folder: Path | None = None
        self._started = 0
        self._idle: list[Worker] = []
        self._jobs: dict[Worker, _Job] = {}
        self._over: deque[Handle[Any]] = deque()
        self._heard: queue.SimpleQueue[tuple[Worker, bytes | None]] = queue.SimpleQueue()
        self._lock = threading.RLock()  # between who serves and who kills

    def submit(self, task: Task[R]) -> Handle[R]:
        """Begin a task at once."""
        told, handle = _told(task), Handle(task)
        with self._lock:
            worker = self._worker()
            try:
                job = self._job(handle, worker)
            except BaseException:
                handle.closing.close()
                self._idle.append(worker)
                raise
            self._jobs[worker] = job
            worker.say(_as_message(task, told, job.folder))
        return handle

    def serve(self, timeout: float) -> list[Handle[Any]]:
        """Hear reports, obey orders, keep deadlines and limits."""
        until = time.monotonic() + timeout
        while True:
            for job in [*self._jobs.values()]:
                # Outside of the lock: here a person's pause is waited out.
                over = job.handle.task.cancel.cancelled
                with self._lock:
                    if self._jobs.get(job.worker) is job:
                        self._look_after(job, over=over)
            if self._over or not self._jobs:
                return self._ended()
            left = until - time.monotonic()
            if left <= 0:
                return []
            self._listen(min(_TICK_S, left))

    def kill(self, handle: Handle[Any], reason: str) -> None:
        """End a task and its process."""
        with self._lock:
            for job in [*self._jobs.values()]:
                if job.handle is handle:
                    self._put_down(job, TrialError(reason))

    def shutdown(self) -> None:
        """Kill every process and delete what they wrote."""
        with self._lock:
            for job in [*self._jobs.values()]:
                self._put_down(job, TrialError("The run has ended."))
            while self._idle:
                self._idle.pop().kill()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    # -- beginning ---------------------------------------------------------------

    def _worker(self) -> Worker:
        """An idle one, or a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            worker.kill()
        self._started += 1
        return Worker(self._home() / f"process-{self._started}.txt", self._heard)

    def _home(self) -> Path:
        if self._folder is None:
            if self._given is None:
                self._folder = Path(tempfile.mkdtemp(prefix="automl_nb-"))
            else:
                shutil.rmtree(self._given, ignore_errors=True)  # what a killed process left
                self._given.mkdir(parents=True)
                self._folder = self._given
        return self._folder

    def _job(self, handle: Handle[Any], worker: Worker) -> _Job:
        """What a task needs in order to begin; all of it is put away at its end."""
        folder = Path(tempfile.mkdtemp(prefix="task-", dir=self._home()))
        handle.closing.callback(shutil.rmtree, folder, ignore_errors=True)
        board = Board.made(folder / "board")
        handle.closing.callback(board.close)
        deadline = handle.task.deadline

        def follow(halted: bool) -> None:
            board["lost"], board["halted"] = deadline.clock.lost, halted
            worker.hold(halted=halted)

        handle.closing.enter_context(deadline.clock.followed(follow))
        board["lost"], board["seconds"] = deadline.clock.lost, deadline.seconds
        held = held_bytes(worker.process.pid)
        return _Job(handle, worker, board, folder, held, ended_for_memory())

    # -- meanwhile ---------------------------------------------------------------

    def _look_after(self, job: _Job, *, over: bool) -> None:
        """Pass on what has changed for a task, and kill what keeps to no limit."""
        task, now = job.handle.task, time.monotonic()
        job.board["seconds"], job.board["ending"] = task.deadline.seconds, over
        if over and job.asked is None:
            job.asked = now
        grace_s = min(self._grace_s, max(_LEAST_GRACE_S, _GRACE_SHARE * task.deadline.seconds))
        if task.deadline.left < -grace_s:
            late = f"It had not ended {grace_s:.2g} s after its deadline and was killed."
            self._put_down(job, TrialError(late))
        elif job.asked is not None and now - job.asked > grace_s:
            self._put_down(job, Cancelled(task.cancel.reason))
        elif task.memory_bytes and job.taken > task.memory_bytes:
            limit = f"{task.memory_bytes / 1e6:.0f} MB"
            self._put_down(job, KilledError(f"It took more than its {limit} and was killed."))

    def _listen(self, timeout: float) -> None:
        """Take the next message, if there is one in time."""
        try:
            worker, line = self._heard.get(timeout=timeout)
        except queue.Empty:
            return
        with self._lock:
            job = self._jobs.get(worker)
            if job is None:
                self._forget(worker)
                return
            if line is None:
                code = worker.kill()
                ended = job.ended_for_memory_since()
                self._end(job, error=ended_by(code, worker.last_words(), ended_for_memory=ended))
            elif line.endswith(b"\n"):  # else it died while it wrote
                self._hear(job, json.loads(line))

    def _forget(self, worker: Worker) -> None:
        """One that ended while nothing was asked of it, or was killed."""
        if worker in self._idle:
            self._idle.remove(worker)
            worker.kill()

    def _hear(self, job: _Job, message: dict[str, Any]) -> None:
        if "report" in message:
            decision = job.handle.heard(from_dict(Report, message["report"]))
            if (
                not job.handle.ended
            ):  # who heard it may have killed it, stopped it, or given it time
                job.board["seconds"] = job.handle.task.deadline.seconds
                job.board["ending"] = job.board["ending"] or job.handle.task.cancel.ending
                job.worker.say({"decision": decision})
            return
        handle, task, told = job.handle, job.handle.task, _told(job.handle.task)
        handle.peak_memory_bytes = message["peak"]
        task.spent(message["cpu_s"], message["taken"])
        task.deadline.pressed = task.deadline.pressed or message["pressed"]
        if message.get("failed") == "memory" or not told.lasting:
            job.worker.kill()  # so that the memory, also a device's, is free again
        else:
            self._idle.append(job.worker)
        if "failed" in message:
            self._end(job, error=_error(message, task))
            return
        try:
            value = told.read(job.folder, message["ended"])
        except Exception as error:  # noqa: BLE001 - what can't be read is a failed task
            self._end(job, error=error)
        else:
            self._end(job, value=value)

    # -- ends --------------------------------------------------------------------

    def _put_down(self, job: _Job, error: BaseException) -> None:
        job.worker.kill()
        self._end(job, error=error)

    def _end(self, job: _Job, value: Any = None, error: BaseException | None = None) -> None:
        del self._jobs[job.worker]
        job.handle.end(value, error)
        self._over.append(job.handle)

    def _ended(self) -> list[Handle[Any]]:
        ended = [*self._over]
        self._over.clear()
        return ended


def _told(task: Task[R]) -> Told[R]:
    if task.told is None:
        raise SettingError(
            "A task for another process is told in words.",
            received=task.name,
            hint="Give it `told`, or carry it out by the thread.",
        )
    return task.told


def _as_message(task: Task[Any], told: Told[Any], folder: Path) -> dict[str, Any]:
    return {
        "entry": told.entry,
        "facts": told.facts,
        "folder": str(folder),
        "memory_bytes": task.memory_bytes,
        # The machine's monotonic clock is the same in all processes.
        "sent": time.monotonic(),
        "elapsed": task.deadline.elapsed,
    }


def _error(message: dict[str, Any], task: Task[Any]) -> BaseException:
    """What the task raised there."""
    kind, text = message["failed"], message["text"]
    if kind == "cancelled":
        return Cancelled(task.cancel.reason)
    if kind == "slow":
        return TooSlow(message["needed_s"], message["left_s"])
    return MemoryError(text) if kind == "memory" else TrialError(text)
