"""Tasks for executors: what each does is said by JSON, so that another process can do it too."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

from automl_nb.control.executors.base import Surroundings, Task, Told
from automl_nb.core.trials import CancelToken, Deadline, Decision, Report, TooSlow

HERE = "tests.support.tasks"
MB = 2**20


def count(facts, around):
    """Report ``steps`` times; say how far it came, and what it was told."""
    log = []
    for step in range(facts.get("steps", 3)):
        log.append(str((yield Report("task", float(step), {"loss": 1 / (step + 1)}, total=9.0))))
        if log[-1] == Decision.STOP:
            break
    (around.folder / "log.txt").write_text(" ".join(log), encoding="utf-8")
    return {"steps": len(log), "pid": os.getpid()}


def beat(facts, around):
    """Write the time into a file until the token is set; never report."""
    yield Report("task", 0.0)
    while not around.cancel.cancelled:
        Path(facts["beats"]).write_text(f"{time.monotonic()}", encoding="ascii")
        time.sleep(0.01)
    return {"left": around.deadline.left}


def strain(facts, around):
    """Compute in one long call that asks nobody; then say how much time is left."""
    yield Report("task", 0.0)
    Path(facts["beats"]).write_text("begun", encoding="ascii")
    spun = 0
    while spun < facts["cpu_s"]:
        spun = time.process_time()
    return {"left": around.deadline.left}


def raising(facts, around):
    yield Report("task", 1.0)
    raise ValueError("no such luck")


def slow(facts, around):
    yield Report("task", 1.0)
    raise TooSlow(90.0, 5.0)


def hang(facts, around):
    """Sleep without a report, whatever it is told."""
    yield Report("task", 1.0)
    while True:
        time.sleep(60)


def leave(facts, around):
    yield Report("task", 1.0)
    os._exit(facts["code"])


def die(facts, around):
    yield Report("task", 1.0)
    os.kill(os.getpid(), getattr(signal, facts["signal"]))
    time.sleep(60)
    return {}


def crash(facts, around):
    """Read where there is no memory."""
    import ctypes

    yield Report("task", 1.0)
    ctypes.string_at(0)
    return {}


def hoard(facts, around):
    """Take memory and write to it."""
    if facts.get("unlimited"):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    held = []
    for _ in range(facts["mb"] // 16):
        held.append(bytearray(b"x") * (16 * MB))
        yield Report("task", float(len(held)))
    return {"held": len(held)}


def chatter(facts, around):
    """Print, and read from the keyboard's side."""
    import sys

    yield Report("task", float("nan"), {"loss": float("nan"), "more": float("inf")})
    print("on standard output", flush=True)
    os.write(1, b"past Python\n")
    return {"read": sys.stdin.read()}


def give_up(facts, around):
    """Find its token set before there is anything."""
    yield Report("task", 0.0)
    while True:
        around.cancel.check()
        time.sleep(0.01)


def own_child(facts, around):
    """Start a process of its own, and hang."""
    import subprocess
    import sys

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield Report("task", float(child.pid))
    time.sleep(600)


def task(
    kind,
    *,
    seconds=60.0,
    heard=None,
    spent=lambda cpu_s, size: None,
    cancel=None,
    clock=None,
    memory_bytes=0,
    lasting=True,
    **facts,
):
    """A task of one of the kinds above."""
    deadline = Deadline(seconds, clock=clock)
    token = CancelToken() if cancel is None else cancel

    def begin():
        with tempfile.TemporaryDirectory() as folder:
            return (yield from kind(facts, Surroundings(Path(folder), deadline, token)))

    def read(folder, said):
        return {**said, "files": sorted(item.name for item in folder.iterdir())}

    told = Told(f"{HERE}:{kind.__name__}", facts, read, lasting=lasting)
    hears = (lambda report: None) if heard is None else heard
    return Task(kind.__name__, deadline, token, begin, told, hears, memory_bytes, spent)
