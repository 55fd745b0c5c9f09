"""A process that tasks are carried out in, as the one sees it that started it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_CHILD = "automl_nb.control.executors.child"
_JOIN_S = 5.0
_LAST_BYTES = 2000
_POSIX = os.name == "posix"


class Worker:
    """One process, a line of JSON a message.

    It is a fresh interpreter: nothing is inherited but the environment and where packages lie,
    and the script of the person isn't imported again. It dies when this process does.

    Args:
        words: A file for what it writes to standard error.
        heard: Gets each of its lines with this worker; None once it has ended.
    """

    def __init__(self, words: Path, heard: queue.SimpleQueue[tuple[Worker, bytes | None]]) -> None:
        self._words = words
        paths = os.pathsep.join(path for path in sys.path if path)
        with words.open("wb") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - this very interpreter
                [sys.executable, "-m", _CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": paths},
                **_own_group(),
            )
        self._thread = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def say(self, message: dict[str, Any]) -> None:
        """Send a message; one that has ended hears nothing."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def hold(self, *, halted: bool) -> None:
        """Let nothing of it run, or let it go on; where the system can't, it looks by itself."""
        if _POSIX:
            self._signal(signal.SIGSTOP if halted else signal.SIGCONT)

    def kill(self) -> int:
        """End it and all that it started; returns its exit code, the one before if it had ended."""
        if _POSIX:
            self._signal(signal.SIGKILL)
        elif self.alive:
            self.process.kill()
        code = self.process.wait()
        self._thread.join(_JOIN_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code

    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        try:
            text = self._words.read_bytes()[-_LAST_BYTES:].decode("utf-8", "replace")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")

    def _signal(self, number: int) -> None:
        if self.process.returncode is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _listen(self, heard: queue.SimpleQueue[tuple[Worker, bytes | None]]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            heard.put((self, line))
        heard.put((self, None))


def _own_group() -> dict[str, Any]:
    """A group of its own: an interrupt from the keyboard is for who started it.

    It stays in the session, so that the system ends a held process whose starter was killed, on
    Linux beside what `child` asks for.
    """
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
