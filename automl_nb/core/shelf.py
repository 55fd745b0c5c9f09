"""A folder of things worth keeping between runs.

Each thing has a folder of its own that appears whole or not at all. What is damaged is
thrown away, to be made again; what was used longest ago makes room; a disk that is full or
read-only costs the sharing, never the run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Shelf:
    """Things by key in one folder.

    Args:
        root: The folder; made when the first thing is kept.
        mark: The file without which a folder isn't one of ours; written last.

    Example:
        >>> shelf = Shelf(Path("nowhere"), mark="meta.json")
        >>> shelf.read("key", lambda folder: folder.name), shelf.size()
        (None, 0)
    """

    def __init__(self, root: Path, *, mark: str) -> None:
        self.root, self.mark = root, mark

    def read(self, key: str, read: Callable[[Path], T]) -> T | None:
        """What `read` makes of this key's folder; None where there is none, or a damaged one."""
        folder = self.root / key
        if not folder.is_dir():
            return None
        try:
            found = read(folder)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it can be made again
            shutil.rmtree(folder, ignore_errors=True)
            return None
        used(folder)
        return found

    def keep(self, key: str, fill: Callable[[Path], object], *, anew: bool = False) -> Path:
        """Let `fill` write the folder of this key; one that is there stays, unless `anew`.

        Raises:
            OSError: The disk is full or read-only.
        """
        return write_folder(self.root / key, fill, mark=self.mark, anew=anew)

    def size(self) -> int:
        """Bytes on disk."""
        return sum(size for _, size, _ in self._things())

    def trim(self, max_bytes: int) -> int:
        """Delete what was used longest ago until `max_bytes` are left.

        Returns:
            Bytes freed.
        """
        things = sorted(self._things(), key=lambda thing: thing[0])
        excess = sum(size for _, size, _ in things) - max_bytes
        freed = 0
        for _, size, folder in things:
            if freed >= excess:
                break
            shutil.rmtree(folder, ignore_errors=True)
            freed += size
        return freed

    def _things(self) -> Iterator[tuple[float, int, Path]]:
        """Time of last use, bytes and folder of each."""
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            with contextlib.suppress(OSError):  # another process may trim as well
                if (folder / self.mark).is_file():
                    files = (file for file in folder.rglob("*") if file.is_file())
                    yield folder.stat().st_mtime, sum(f.stat().st_size for f in files), folder


def used(folder: Path) -> Path:
    """Note that a folder is used now: what was used longest ago makes room first."""
    with contextlib.suppress(OSError):
        os.utime(folder)
    return folder


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Within it a full disk is an OSError, also where safetensors finds it."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise OSError(str(error)) from error


def write_folder(
    target: Path, fill: Callable[[Path], object], *, mark: str, anew: bool = False
) -> Path:
    """Let `fill` write a folder that appears at `target` whole or not at all.

    Args:
        target: Where; if a whole one is there already, that one stays.
        fill: Writes into the folder that it is given.
        mark: A file that a whole one has.
        anew: Whether it takes the place of one that is there.

    Raises:
        OSError: The disk is full or read-only.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        made = Path(scratch) / target.name
        made.mkdir()
        with disk_errors():
            fill(made)
        if anew and target.is_dir():
            os.replace(target, Path(scratch) / "former")  # noqa: PTH105 (goes with the scratch)
        try:
            os.replace(made, target)  # noqa: PTH105 (the intent is the swap)
        except OSError:
            if not (target / mark).is_file():  # else another process was first
                raise
    return target
