"""The runs at work on this machine, and the order in which those that wait for each other begin.

A machine has one processor and mostly one card: of runs that wait, each begins when none before it
is left. Every run has a folder here, locked as long as it is at work (`RunLock`), so that what a
killed process leaves is known for what it is, and cleared away by whoever looks next. All reading
and writing is done under one lock, so that nobody looks at a half-made entry.
"""

from __future__ import annotations

import atexit
import datetime as dt
import json
import os
import platform
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from automl_nb.control.lock import RunLock
from automl_nb.core.settings import cache_dir

FACTS = "facts.json"
_GUARD = "guard.lock"
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class AtWork:
    """A run at work, or waiting for its turn.

    Attributes:
        run: Its name.
        folder: Its folder.
        process: The id of its process.
        began: When it was asked for, in seconds since 1970.
        waits: Whether it began, or begins, after those before it that wait, too.
        begun: Whether its turn has come.
    """

    run: str
    folder: str
    process: int
    began: float
    waits: bool = False
    begun: bool = True


class Turn:
    """A run's place among those at work.

    Args:
        turns: Where it stands.
        number: Its folder there.
        lock: Of that folder.
        facts: What others are told.
    """

    def __init__(self, turns: Turns, number: int, lock: RunLock, facts: AtWork) -> None:
        self._turns, self._number, self._lock, self.facts = turns, number, lock, facts
        self._over = False
        self._told: tuple[str, ...] = ()
        _KEPT.add(self)

    def before(self) -> tuple[str, ...]:
        """The runs that this one waits for, the next to end first; none once it has begun."""
        if self._over:  # its process ends: nothing more is begun
            return (self.facts.run,)
        if self.facts.begun:
            return ()
        try:
            there = self._turns.look()
            names = in_front([one for number, one in there if number < self._number], self.facts)
        except Timeout:  # somebody looks at them for long: so does this one, later
            return self._told or (self.facts.run,)
        except (OSError, NotImplementedError):  # no order can be kept here any more
            names = []
        self._told = tuple(names)
        if not names:
            self.facts = replace(self.facts, begun=True)
            self._turns.write(self._number, self.facts)
        return self._told

    def give_back(self) -> None:
        """The run is over."""
        self._over = True
        _KEPT.discard(self)
        with suppress(OSError, NotImplementedError), self._turns.guarded():
            self._lock.give_back()
            shutil.rmtree(self._turns.root / str(self._number), ignore_errors=True)


class Turns:
    """The runs at work, each in a folder of its own.

    Args:
        root: Holds these folders; None for the usual one of this machine.
        forget: Called with the folder of a run whose process is gone before its turn came.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as root:
        ...     turns = Turns(Path(root))
        ...     first = turns.take("first", Path("first"), waits=True)
        ...     second = turns.take("second", Path("second"), waits=True)
        ...     told = first.before(), second.before()
        ...     first.give_back()
        ...     told, second.before()
        (((), ('first',)), ())
    """

    def __init__(
        self, root: Path | None = None, forget: Callable[[Path], object] = lambda _: None
    ) -> None:
        self.root = usual_root() if root is None else root
        self._forget = forget

    def take(self, run: str, folder: Path | None, *, waits: bool) -> Turn | None:
        """The last place; None where the disk can't be written to or can't lock."""
        now = dt.datetime.now(dt.UTC).timestamp()
        place = "" if folder is None else str(folder.absolute())
        facts = AtWork(run, place, os.getpid(), now, waits, not waits)
        with suppress(OSError, NotImplementedError):
            self.root.mkdir(parents=True, exist_ok=True)
            with self.guarded():
                number = 1 + max((number for number, _ in self._entries()), default=0)
                (self.root / str(number)).mkdir()
                lock = RunLock(self.root / str(number))
                lock.take()
                self.write(number, facts)
            return Turn(self, number, lock, facts)
        return None

    def now(self) -> list[AtWork]:
        """All runs at work or waiting, in their order."""
        with suppress(OSError, NotImplementedError):
            return [one for _, one in self.look()]
        return []

    def waiting(self, folder: Path) -> tuple[str, ...]:
        """The runs that the one in this folder waits for; none where it doesn't wait."""
        there = self.now()
        mine = [n for n, one in enumerate(there) if Path(one.folder) == folder.absolute()]
        if not mine or there[mine[-1]].begun:
            return ()
        return tuple(in_front(there[: mine[-1]], there[mine[-1]]))

    def look(self) -> list[tuple[int, AtWork]]:
        """Every place that is held; what gone processes have left is cleared away.

        Raises:
            Timeout: Somebody else looks for too long.
            OSError: The disk can't lock.
        """
        if not self.root.is_dir():
            return []
        with self.guarded():
            return [(number, one) for number, one in self._entries() if self._is_held(number, one)]

    def write(self, number: int, facts: AtWork) -> None:
        """Say what stands in a place, whole or not at all."""
        path = self.root / str(number) / FACTS
        scratch = path.with_suffix(".new")
        with suppress(OSError):
            scratch.write_text(json.dumps(asdict(facts)), encoding="utf-8")
            scratch.replace(path)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Nobody else looks or writes here meanwhile.

        Raises:
            Timeout: Somebody does for too long.
            OSError: The disk can't lock.
        """
        with FileLock(self.root / _GUARD, timeout=_PATIENCE_S):
            yield

    def _entries(self) -> list[tuple[int, AtWork]]:
        names = sorted(int(item.name) for item in self.root.iterdir() if item.name.isdigit())
        return [(number, self._read(number)) for number in names]

    def _read(self, number: int) -> AtWork:
        try:
            return AtWork(**json.loads((self.root / str(number) / FACTS).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return AtWork("", "", 0, 0.0)

    def _is_held(self, number: int, facts: AtWork) -> bool:
        lock = RunLock(self.root / str(number))
        if not lock.take():
            return True
        lock.give_back()
        shutil.rmtree(self.root / str(number), ignore_errors=True)
        if facts.folder and not facts.begun:
            self._forget(Path(facts.folder))
        return False


def in_front(earlier: Iterable[AtWork], one: AtWork) -> list[str]:
    """What a run waits for: names, or folders where another folder holds a run of its own name.

    Who takes its folder again was let in when the run there was over, and waits no more.
    """
    others = [other for other in earlier if other.waits and other.folder != one.folder]
    return [other.folder if other.run == one.run else other.run for other in others]


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """Others know within it that something is at work here that is no run of its own folder."""
    turn = Turns().take(what, None, waits=False)
    try:
        yield
    finally:
        if turn is not None:
            turn.give_back()


def usual_root() -> Path:
    """That of this machine; a cache folder may be shared by several."""
    return cache_dir() / "at-work" / (platform.node() or "here")


_KEPT: weakref.WeakSet[Turn] = weakref.WeakSet()


@atexit.register
def _leave() -> None:
    """A process that ends in order takes its places along."""
    for turn in list(_KEPT):
        waiting = not turn.facts.begun
        turn.give_back()
        if waiting:
            turn._turns._forget(Path(turn.facts.folder))  # noqa: SLF001 (of the same file)
