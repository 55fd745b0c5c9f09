"""Memory before and while a trial runs: what is free, what is held, and whether it will do.

What a trial does with less (smaller batches whose gradients are added up, layers computed twice)
is its own affair, see `automl_nb.transfer.loop.with_less_memory`.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from automl_nb.core.errors import SettingError
from automl_nb.core.show.words import size

RESERVE = 0.1  # of what is free stays so, for everything else
_CGROUP = Path("/sys/fs/cgroup")
_COUNTS = Path("/proc/vmstat")


def free_bytes(device_free: Callable[[], int] | None = None, *, cgroup: Path = _CGROUP) -> int:
    """Bytes that can be had here without pushing anything out.

    Args:
        device_free: Asks a device for its free memory; None for that of the machine, or of
            the container that limits it.
        cgroup: Where Linux tells a container's limits.
    """
    if device_free is not None:
        return max(0, device_free())
    import psutil

    free = int(psutil.virtual_memory().available)
    allowed = _allowed(cgroup)
    return free if allowed is None else max(0, min(free, allowed))


def within_budget(free: int, budget: int) -> int:
    """What is left of a budget for this process and those that it started, and is free too.

    Args:
        free: See `free_bytes`.
        budget: The most that all of them may hold; 0 for no limit.
    """
    return max(0, min(free, budget - _held_by_all())) if budget else free


def check_budget(budget: int) -> None:
    """A run needs more memory than this process, and what it started, hold before it begins.

    Args:
        budget: The most that all of them may hold; 0 for no limit.

    Raises:
        SettingError: They hold as much already, so that no trial could be begun.
    """
    if budget and (held := _held_by_all()) >= budget:
        raise SettingError(
            "memory must be more than what this process holds before the run begins.",
            received=f"{size(budget)}, where {size(held)} are held",
            hint=f"Such as memory='{(held + 10**9) / 1e9:.1f}GB', or begin in a new process.",
        )


def _held_by_all() -> int:
    import psutil

    own = psutil.Process()
    return sum(held_bytes(one.pid) for one in (own, *own.children(recursive=True)))


def lack(needed_bytes: int, free: int) -> str:
    """Why a trial isn't started, or an empty text if its memory is there.

    Args:
        needed_bytes: The least that it needs, as it estimates; 0 if nobody knows.
        free: See `free_bytes`.

    Example:
        >>> lack(3 * 10**9, 2 * 10**9)
        'it needs 3.0 GB of memory at least, and 1.8 GB are free'
        >>> lack(10**9, 2 * 10**9)
        ''
    """
    usable = (1.0 - RESERVE) * free
    if needed_bytes <= usable:
        return ""
    return f"it needs {size(needed_bytes)} of memory at least, and {size(usable)} are free"


def limit_bytes(free: int) -> int:
    """The most that a trial in a process of its own may take, so that it is what fails."""
    return int((1.0 - RESERVE) * free)


def held_bytes(pid: int) -> int:
    """Bytes that a process holds for itself, without mapped files; 0 if it has ended."""
    import psutil

    try:
        found = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(found.rss - getattr(found, "shared", 0))


def peak_bytes() -> int:
    """The most that this process has held since it began."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    peak = _status("VmHWM")  # `getrusage` of a spawned process begins at what its parent held
    if peak is not None:
        return 1024 * peak
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def reset_peak() -> None:
    """Count `peak_bytes` from now, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def limit_memory(more_bytes: int) -> None:
    """Have this process get a MemoryError once it has taken so much more; 0 lifts the limit.

    On Linux, which counts what is written to and not mapped files. Elsewhere who started the
    process has to look.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = hard
    if more_bytes:
        wanted = 1024 * (_status("VmData") or 0) + more_bytes
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def ended_for_memory(*, counts: Path = _COUNTS) -> int | None:
    """How many processes the system has ended for lack of memory since it was started.

    Linux counts them, those of its containers too; None elsewhere.

    Args:
        counts: Where it tells.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in counts.read_text(encoding="ascii").splitlines():
            name, _, number = line.partition(" ")
            if name == "oom_kill":
                return int(number)
    return None


def _status(name: str) -> int | None:
    """What Linux says of this process, in KiB; None elsewhere."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return None


def _allowed(cgroup: Path) -> int | None:
    """What a container's limit leaves; None where there is none."""
    try:
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))  # or the word max
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        stat = (cgroup / "memory.stat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    pages = dict(line.split() for line in stat if line.count(" ") == 1)
    return limit - used + int(pages.get("inactive_file", 0))  # given back when asked for
