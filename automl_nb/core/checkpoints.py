"""What a trial keeps on disk while it is at work, so that a killed one goes on where it was.

Each state is one file that is written beside the former one and then takes its place in a single
step: a kill at any moment leaves one of both whole. Its hash stands in it; what is torn, garbled
or of another trial is passed over, and the trial starts that part anew. A disk that refuses costs
the checkpoint, never the trial.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from automl_nb.core.shelf import disk_errors

if TYPE_CHECKING:
    import numpy as np

EVERY_S = 10.0  # the most work that a kill may cost, in seconds
_MOST_SHARE = 0.05  # of the time may go into writing
_WORTH_S = 1.0  # what took less is made again as fast as it is read
_ENDING, _MAKING = ".safetensors", ".new"


@dataclass(frozen=True)
class Kept:
    """A state as it was kept.

    Attributes:
        arrays: By name, of the shapes and kinds that they had.
        facts: All else, as plain JSON.
    """

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


@dataclass
class _Log:
    """What all parts of a trial's checkpoints share."""

    clock: Callable[[], float]
    began: float
    last: float  # when a state was written, or the trial began
    cost_s: float = 0.0  # of the last writing
    earlier_s: float = 0.0
    trouble: str = ""
    ignored: dict[str, str] = field(default_factory=dict)


class Checkpoints:
    """Named states of one trial in a folder of its own.

    Args:
        folder: Made when the first state is kept.
        identity: All that shapes the trial, such as the key of `pipeline.memo.trial_key`; a
            state counts only where this is the same.
        every_s: Seconds between two states of work that goes on (see `due`); 0 for as often
            as can be. Where writing is slow it is more, so that no more than a twentieth of
            the time goes into it.
        clock: Gives seconds.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> folder = Path(tempfile.mkdtemp()) / "trial"
        >>> Checkpoints(folder, "a").keep("fold-0", {"scores": np.ones(2)}, {"epochs": 1.5})
        True
        >>> found = Checkpoints(folder, "a").find("fold-0")
        >>> found.arrays["scores"], found.facts
        (array([1., 1.]), {'epochs': 1.5})
        >>> other = Checkpoints(folder, "b")
        >>> other.find("fold-0"), other.ignored
        (None, {'fold-0': 'it belongs to another trial'})
        >>> other.clear()
        >>> folder.exists()
        False
    """

    def __init__(
        self,
        folder: Path,
        identity: str,
        *,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.identity, self.every_s = folder, identity, every_s
        now = clock()
        self._log, self._prefix = _Log(clock, now, now), ""

    def part(self, name: str) -> Self:
        """The same checkpoints for one of several like parts of the trial: names don't clash."""
        made = copy.copy(self)
        made._prefix = f"{self._prefix}{name}."  # noqa: SLF001 - of the same class
        return made

    # -- what there is -------------------------------------------------------------

    @property
    def begun(self) -> bool:
        """Whether an earlier process left something."""
        return any(self.folder.glob(f"*{_ENDING}"))

    @property
    def earlier_s(self) -> float:
        """Seconds that earlier processes spent on what was found so far."""
        return self._log.earlier_s

    @property
    def trouble(self) -> str:
        """Why the last state could not be written, or an empty text."""
        return self._log.trouble

    @property
    def ignored(self) -> dict[str, str]:
        """Why states were passed over, by name."""
        return dict(self._log.ignored)

    def find(self, name: str) -> Kept | None:
        """What was kept under this name; None where nothing was, or nothing that can be trusted."""
        path = self._path(name)
        if not path.is_file():
            return None
        try:
            kept, note = _read(path)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is made again
            self.ignore(name, f"it is damaged ({type(error).__name__}: {error})"[:200])
            return None
        if note["identity"] != self.identity or note["name"] != self._prefix + name:
            self.ignore(name, "it belongs to another trial")
            return None
        self._log.earlier_s = max(self._log.earlier_s, float(note["spent_s"]))
        return kept

    def ignore(self, name: str, why: str) -> None:
        """Remember why a state can't be used."""
        self._log.ignored[self._prefix + name] = why

    # -- what is kept --------------------------------------------------------------

    @property
    def due(self) -> bool:
        """Whether work that goes on should be kept now."""
        wait = max(self.every_s, self._log.cost_s / _MOST_SHARE) if self.every_s else 0.0
        return self._log.clock() - self._log.last >= wait

    def worth(self, seconds: float) -> bool:
        """Whether what took so long and is done should be kept."""
        return seconds >= min(_WORTH_S, self.every_s)

    def keep(self, name: str, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> bool:
        """Write a state in place of the former one of this name; whether the disk took it.

        Args:
            name: Within this trial or its part.
            arrays: Of any shape; copied to the disk before this returns.
            facts: Plain JSON.
        """
        began = self._log.clock()
        path = self._path(name)
        note = {
            "identity": self.identity,
            "name": self._prefix + name,
            "spent_s": self._log.earlier_s + began - self._log.began,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, arrays, {"facts": facts, "note": note})
            self._log.trouble = ""
        except OSError as error:
            self._log.trouble = str(error)
        self._log.last = self._log.clock()
        self._log.cost_s = self._log.last - began
        return not self._log.trouble

    def drop(self, name: str) -> None:
        """Forget a state."""
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all states of the trial: it has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # others are still in it
            self.folder.parent.rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{self._prefix}{name}{_ENDING}"


def _write(path: Path, arrays: Mapping[str, np.ndarray], told: dict[str, Any]) -> None:
    """The file, whole and on the disk itself before it takes the former one's place."""
    import numpy as np
    from safetensors.numpy import save_file

    solid = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    text = json.dumps(told)
    making = path.with_name(path.name + _MAKING)
    try:
        with disk_errors():
            save_file(solid, making, metadata={"told": text, "hash": _hash(solid, text)})
        _settle(making)
        making.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            making.unlink(missing_ok=True)
        raise


def _read(path: Path) -> tuple[Kept, dict[str, Any]]:
    """What `_write` wrote.

    Raises:
        ValueError: It isn't what was written; safetensors raises errors of its own.
    """
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        metadata = file.metadata() or {}
    text = metadata["told"]
    if metadata["hash"] != _hash(arrays, text):
        raise ValueError("its hash is another")
    told = json.loads(text)
    return Kept(arrays, told["facts"]), told["note"]


def _hash(arrays: Mapping[str, np.ndarray], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        values = arrays[name]
        digest.update(f"{name} {values.dtype} {values.shape} ".encode())
        digest.update(values.reshape(-1).data)
    return digest.hexdigest()


def _settle(path: Path) -> None:
    """Let the disk write it now: after a power cut a name may stand before its content."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
