"""What runs in a process of the `process` executor, or on another machine.

It reads tasks from its standard input and writes what comes of them to its standard output, a line
of JSON each. What tasks print goes to standard error. Once its input ends it ends, whatever it is
at: who started it is gone.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl_nb.control.drive import drive
from automl_nb.control.executors.base import Surroundings
from automl_nb.control.executors.board import Board
from automl_nb.control.memory import limit_memory, peak_bytes, reset_peak
from automl_nb.core.clock import Clock, counted_by
from automl_nb.core.jsonable import to_dict
from automl_nb.core.threads import let_threads_sleep
from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision, Report, TooSlow

_HELD_S = 0.05  # between two looks whether a pause is over
_PR_SET_PDEATHSIG = 1  # of prctl(2)


def main() -> None:
    """Carry out tasks until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this decides
    _die_with_parent()
    let_threads_sleep()
    line = _Line()
    while True:
        line.say(_carried_out(line.read(), line))


def _die_with_parent() -> None:
    """Have Linux kill this process with the thread that started it.

    One that is held can't see that its input ends. The system sends SIGHUP to a stopped group that
    has lost its parent, but not if it was killed while the last of the threads came to a stop.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Line:
    """The line to who started this process."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        self._in = os.fdopen(os.dup(0), "rb")
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def read(self) -> Any:
        """The next message."""
        return self._heard.get()

    def say(self, message: Any) -> None:
        """Send a message."""
        try:
            self._out.write(json.dumps(message, default=float).encode() + b"\n")
        except OSError:
            os._exit(1)

    def report(self, report: Report) -> Decision:
        """Pass a report on, and wait for what is decided."""
        peak = report.peak_memory_bytes or peak_bytes()
        self.say({"report": to_dict(replace(report, peak_memory_bytes=peak))})
        return Decision(self.read()["decision"])

    def _listen(self) -> None:
        for line in self._in:
            self._heard.put(json.loads(line))
        os._exit(0)


def _carried_out(task: dict[str, Any], line: _Line) -> dict[str, Any]:
    """Carry a task out; what to say of its end."""
    folder = Path(task["folder"])
    board = Board(folder / "board")
    clock = _Clock(board)
    started = task["sent"] - board["lost"] - task["elapsed"]
    around = Surroundings(folder, _Deadline(board, clock, started), _Token(board))
    reset_peak()
    before, began = peak_bytes(), time.process_time()
    try:
        with counted_by(clock):
            limit_memory(task["memory_bytes"])
            trial = _function(task["entry"])(task["facts"], around)
            value = drive(trial, heard=line.report, deadline=around.deadline, cancel=around.cancel)
            said = {"ended": json.loads(json.dumps(value))}
    except (Exception, Cancelled, SystemExit) as error:  # noqa: BLE001 - it costs this task alone
        limit_memory(0)  # to say so takes memory too
        said = {"failed": _kind(error), "text": _words(error)}
        if isinstance(error, TooSlow):
            said |= {"needed_s": error.needed_s, "left_s": error.left_s}
    finally:
        limit_memory(0)
        board.close()
    spent = {"cpu_s": time.process_time() - began, "taken": max(0, peak_bytes() - before)}
    return said | spent | {"peak": peak_bytes(), "pressed": around.deadline.pressed}


def _function(entry: str) -> Any:
    module, _, name = entry.partition(":")
    return getattr(importlib.import_module(module), name)


def _kind(error: BaseException) -> str:
    from automl_nb.features.memory import is_out_of_memory

    if isinstance(error, Cancelled):
        return "cancelled"
    if isinstance(error, TooSlow):
        return "slow"
    return "memory" if is_out_of_memory(error) else "error"


def _words(error: BaseException) -> str:
    """As a trial's note has it; what slowness and memory say needs no name before it."""
    text = str(error)
    return text if _kind(error) in {"cancelled", "slow", "memory"} else f"{_name(error)}: {text}"


def _name(error: BaseException) -> str:
    return type(error).__name__


class _Clock(Clock):
    """The clock of the run that a task belongs to: the machine's, less the time lost to pauses."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    def now(self) -> float:
        return time.monotonic() - self._board["lost"]


class _Deadline(Deadline):
    """The task's, which may be moved meanwhile."""

    def __init__(self, board: Board, clock: Clock, started: float) -> None:
        super().__init__(0.0, started=started, clock=clock)
        self._board = board

    @property
    def seconds(self) -> float:
        return self._board["seconds"]


class _Token(CancelToken):
    """The task's, set elsewhere; where a process can't be held, a pause is waited out here."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    @property
    def ending(self) -> bool:
        while self._board["halted"]:
            time.sleep(_HELD_S)
        return bool(self._board["ending"])

    @property
    def cancelled(self) -> bool:
        return self.ending


if __name__ == "__main__":
    main()
