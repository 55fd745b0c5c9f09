"""What a person asks of a run at work, also from another cell, shell or process.

Orders lie in the run's folder, a line each. The run reads on from where it was; a line that isn't
whole yet is read the next time.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from automl_nb.core.errors import RunError

NAME = "orders.jsonl"
VERBS = ("pause", "resume", "stop", "extend", "skip", "drop")


@dataclass(frozen=True)
class Order:
    """One wish.

    Attributes:
        verb: One of `VERBS`.
        name: Of `drop`, the network; of `stop`, the reason.
        seconds: Of `extend`, how much longer.
    """

    verb: str
    name: str = ""
    seconds: float = 0.0


def give(folder: Path, order: Order) -> None:
    """Leave an order in a run's folder.

    Raises:
        RunError: The folder can't be written to.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     box = OrderBox(Path(place))
        ...     give(Path(place), Order("extend", seconds=60.0))
        ...     box.take(), box.take()
        ([Order(verb='extend', name='', seconds=60.0)], [])
    """
    line = json.dumps({"verb": order.verb, "name": order.name, "seconds": order.seconds}) + "\n"
    try:
        # Opened for appending, so short a text is written in one piece.
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
    except OSError as error:
        raise RunError(
            "A run is steered through its folder, which must be writable.",
            received=f"{folder}: {error.strerror or error}",
            hint="Check the folder's permissions and the space left on the disk.",
        ) from error


class OrderBox:
    """Reads the orders that come after now."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._read = self._size()

    def take(self) -> list[Order]:
        """New orders, oldest first. What can't be understood is passed over."""
        if self._size() <= self._read:
            return []
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                whole, end, _ = file.read().rpartition(b"\n")
        except OSError:
            return []
        self._read += len(whole) + len(end)
        return [order for line in whole.splitlines() if (order := _order_of(line))]

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


def _order_of(line: bytes) -> Order | None:
    try:
        found = json.loads(line)
        order = Order(str(found["verb"]), str(found["name"]), float(found["seconds"]))
    except (ValueError, TypeError, KeyError):
        return None
    return order if order.verb in VERBS else None
