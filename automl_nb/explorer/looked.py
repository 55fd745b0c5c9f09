"""Features of nested rows for one column and network, within the time there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.trials import CancelToken, Deadline
from automl_nb.core.types import TaskKind
from automl_nb.explorer.card import Entry
from automl_nb.explorer.cost import Cost
from automl_nb.explorer.curve import Forecast, Probed
from automl_nb.explorer.scores.base import Evidence
from automl_nb.features.base import Encoder, Matrix
from automl_nb.features.store import FeatureStore

CHUNK = 250  # rows encoded between two looks at the clock
LEAST_ROWS = 120  # under which scores say little
WORTH_COMPARING = 400  # rows for which a slow network is rather left out


@dataclass
class Looked:
    """What is known of one network (or baseline) for one column so far.

    Attributes:
        name: The backbone's or the encoder's name.
        features: (m, d) of the first m rows of the common order, None before.
        halves: Whether the second half of the columns is the mean over layers.
        source: (m, z) probabilities of the classes of the source task, for networks that come
            with the head that tells them.
        space: Which features these are, for a comparison with earlier tasks.
    """

    name: str
    features: Matrix | None = None
    halves: bool = False
    source: np.ndarray | None = None
    space: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    probed: Probed | None = None
    forecast: Forecast | None = None
    cost: Cost | None = None
    note: str = ""

    @property
    def n_rows(self) -> int:
        """Rows that have their features."""
        return 0 if self.features is None else int(self.features.shape[0])

    def entry(self, column: str, modality: str) -> Entry:
        """All of it as a fact of the card."""
        made = Entry(
            column=column,
            name=self.name,
            modality=modality,
            n_rows=self.n_rows,
            scores=dict(self.scores),
            silent=dict(self.silent),
            forecast=self.forecast,
            note=self.note,
        )
        cost = self.cost
        if cost is None:
            return made
        return replace(
            made,
            parameters=cost.parameters,
            items_per_s=cost.items_per_s if math.isfinite(cost.items_per_s) else None,
            memory_bytes=cost.memory_bytes,
            disk_bytes=cost.disk_bytes,
        )

    def evidence(self, rows: np.ndarray, y: np.ndarray, kind: TaskKind, seed: int) -> Evidence:
        """What scores may look at, for these rows of the common order."""
        assert self.features is not None
        some = self.features[rows]
        dense = np.asarray(some.todense() if sparse.issparse(some) else some)
        inner = dense[:, dense.shape[1] // 2 :] if self.halves else None
        source = None if self.source is None else self.source[rows]
        return Evidence(dense, y, kind, layer_mean=inner, source=source, seed=seed)


@dataclass(frozen=True)
class Reader:
    """A network that is to read a column.

    Attributes:
        column: The column.
        name: The backbone's name.
        encoder: Fitted on the rows.
        seconds: That all rows would take.
    """

    column: str
    name: str
    encoder: Any
    seconds: float


def who_reads(
    readers: Sequence[Reader], n_rows: int, room_s: float
) -> tuple[list[Reader], int, list[Reader]]:
    """How many rows all can read within a time, and who is too slow to be among them.

    The slowest is left out until the others can be compared on enough rows, but each column
    keeps one; of what is left as many rows are read as time allows, and a few in any case.

    Args:
        readers: Networks.
        n_rows: Rows that there are.
        room_s: Seconds for all together.

    Returns:
        Those that read, cheapest first; the rows that each of them reads; and the rest.

    Example:
        >>> quick, slow = Reader("text", "a", None, 4.0), Reader("text", "b", None, 400.0)
        >>> kept, rows, left_out = who_reads([slow, quick], 2000, 10.0)
        >>> [reader.name for reader in kept], rows, [reader.name for reader in left_out]
        (['a'], 2000, ['b'])
    """
    kept = sorted(readers, key=lambda reader: reader.seconds)
    left_out: list[Reader] = []
    while True:
        whole = sum(reader.seconds for reader in kept)
        enough = whole <= max(0.0, room_s)
        rows = n_rows if enough else int(n_rows * max(0.0, room_s) / whole)
        spare = [r for r in kept if sum(other.column == r.column for other in kept) > 1]
        if rows >= min(WORTH_COMPARING, n_rows) or not spare:
            return kept, min(n_rows, max(LEAST_ROWS, rows)), left_out
        kept.remove(spare[-1])
        left_out.insert(0, spare[-1])


def in_time(encoder: Any, frame: pd.DataFrame, most: int, room_s: float) -> int:
    """Rows that one network can read within a time; 0 if too few to be compared on.

    Args:
        encoder: Of the network, fitted on the rows.
        frame: The rows.
        most: Of these, as many as the others have read.
        room_s: Seconds.
    """
    a_row = encoder.estimate_s(frame) / len(frame)
    rows = min(most, int(max(0.0, room_s) / max(a_row, 1e-9)))
    return rows if rows >= min(WORTH_COMPARING, most) else 0


def encode(
    encoder: Encoder,
    frame: pd.DataFrame,
    store: FeatureStore,
    deadline: Deadline,
    heard: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    chunk: int = CHUNK,
    cancel: CancelToken | None = None,
) -> Matrix | None:
    """Encode rows in their order for as long as the deadline allows; one chunk in any case.

    Returns:
        Features of the first rows: of all if time allowed, None if of none.
    """
    parts: list[Matrix] = []
    for start in range(0, len(frame), chunk):
        if start and deadline.left <= 0:
            break
        some = frame.iloc[start : start + chunk].reset_index(drop=True)

        def told(done: int, total: int, start: int = start) -> None:
            del total
            heard(start + done, len(frame))

        parts.append(store.get(encoder, some, progress=told, cancel=cancel))
    if not parts:
        return None
    whole: Matrix = np.vstack([np.asarray(part) for part in parts])
    return whole
