"""What is kept between runs, on disk: how much of what, when it was used last, and making room."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.settings import cache_dir, parse_size
from automl_nb.core.show import words
from automl_nb.core.show.words import count

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED = ".new-"  # how a folder begins that is being written, see `core.shelf`
_WRITING_S = 3600.0  # after which it is no longer taken for being written
# What can be computed again: a folder a thing, or a file. The memory of tasks can't.
PARTS = {"features": "features", "trials": "trials", "weights": "weights", "probes": "dtype.json"}
MEMORY = "memory.sqlite"


@dataclass(frozen=True)
class Kept:
    """One thing in the cache.

    Attributes:
        part: A key of `PARTS`.
        path: Its folder or file.
        size: Bytes.
        used: When it was used last, in seconds since 1970.
    """

    part: str
    path: Path
    size: int
    used: float


@dataclass(frozen=True)
class Freed:
    """What came of making room; its text says so.

    Attributes:
        n: Things that were removed.
        size: Their bytes.
        left: Bytes that are left of what could be removed.
        in_use: Things that stay, as a run at work may use them.
        stuck: What couldn't be removed, and why.
    """

    n: int
    size: int
    left: int
    in_use: int = 0
    stuck: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [f"Removed {count(self.n, 'thing')}, {words.size(self.size)}."]
        said.append(f"{words.size(self.left)} are left.")
        if self.in_use:
            said.append(f"{count(self.in_use, 'thing')} may be in use by a run at work: kept.")
        said += [f"It could not be removed: {one}." for one in self.stuck]
        return " ".join(said)


def cache() -> pd.DataFrame:
    """What the cache holds: a row a part, with its things, their bytes and their last use.

    Example:
        >>> cache()["part"].tolist()
        ['features', 'trials', 'weights', 'probes', 'memory']
    """
    from automl_nb.core.show.whole_table import WholeTable

    root, there = cache_dir(), [*kept()]
    memory = [Kept("memory", path, *_facts(path)) for path in root.glob(f"{MEMORY}*")]
    rows = []
    for part, place in {**PARTS, "memory": MEMORY}.items():
        mine = [one for one in (*there, *memory) if one.part == part]
        used = max((one.used for one in mine), default=None)
        size = sum(one.size for one in mine)
        rows.append((part, len(mine), size, words.size(size), _when(used), str(root / place)))
    return WholeTable(rows, columns=["part", "n", "bytes", "size", "last use", "folder"])


def cache_trim(to: str | float) -> Freed:
    """Remove what was used longest ago until no more than `to` is left.

    The memory of tasks stays, as nothing could make it again (`memory_wipe`); so does what a run
    at work on this machine may use: whatever was used since it began.

    Args:
        to: A size, such as ``"2GB"``, or bytes.

    Raises:
        SettingError: It isn't a size.
    """
    return _make_room(parse_size(to, "the size that is left"))


def cache_clear() -> Freed:
    """Remove everything that can be computed again and that no run at work may use."""
    return _make_room(0)


def kept() -> Iterator[Kept]:
    """Everything that can be computed again."""
    root = cache_dir()
    for part, place in PARTS.items():
        path = root / place
        paths = [path] if path.is_file() else _inside(path)
        yield from (Kept(part, one, *_facts(one)) for one in paths)


def _inside(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [*folder.iterdir()]
    return []


def _make_room(most: int) -> Freed:
    may_be_used = _in_use()
    things = sorted(kept(), key=lambda one: one.used)
    left = sum(one.size for one in things)
    removed = freed = in_use = 0
    stuck: list[str] = []
    for one in things:
        if left <= most and not _is_forsaken(one):
            continue
        if may_be_used(one):
            in_use += 1
            continue
        problem = _remove(one.path)
        gone = one.size - (_facts(one.path)[0] if problem else 0)
        stuck += filter(None, [problem])
        removed, freed, left = removed + (not problem), freed + gone, left - gone
    return Freed(removed, freed, left, in_use, tuple(stuck))


def _in_use() -> Callable[[Kept], bool]:
    """Whether a run at work, or something else that is being written, may use a thing."""
    from automl_nb.control.turns import Turns

    first = min((one.began for one in Turns().now()), default=float("inf"))

    def may_be_used(one: Kept) -> bool:
        if one.path.name.startswith(UNFINISHED):
            return not _is_forsaken(one)
        # A network that is held in memory already may be read again by a process of its own.
        is_shared = one.part in {"weights", "probes"} and first < float("inf")
        return is_shared or one.used >= first

    return may_be_used


def _is_forsaken(one: Kept) -> bool:
    """Whether a killed process left it half-written."""
    return one.path.name.startswith(UNFINISHED) and one.used < time.time() - _WRITING_S


def _remove(path: Path) -> str:
    """Why it couldn't be removed; "" if it is gone."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:  # another process was first
        return ""
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)  # what can go, goes
        return f"{path} ({error.strerror or error})"
    return ""


def _facts(path: Path) -> tuple[int, float]:
    """Bytes and last use; the folder's own time is that of its last use."""
    try:
        size, used = path.stat().st_size, path.stat().st_mtime
        if path.is_dir():
            size = sum(_size(Path(at, name)) for at, _, names in os.walk(path) for name in names)
    except OSError:
        return 0, 0.0
    return size, used


def _size(path: Path) -> int:
    with suppress(OSError):  # another process may make room as well
        return path.stat().st_size
    return 0


def _when(used: float | None) -> str:
    if used is None:
        return ""
    return dt.datetime.fromtimestamp(used).astimezone().isoformat(sep=" ", timespec="minutes")[:16]
