"""The order in which a run tries its networks, by a look at a few hundred rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import WeightsError
from automl_nb.core.trials import CancelToken, Deadline
from automl_nb.core.types import Task
from automl_nb.data.deal import strata_of
from automl_nb.explorer.candidates import Pair
from automl_nb.explorer.curve import nested
from automl_nb.explorer.decide import order
from automl_nb.explorer.looked import encode
from automl_nb.explorer.scores.base import CONSTANT, Evidence, losses
from automl_nb.explorer.scores.ridge import RidgeScore
from automl_nb.features.store import FeatureStore
from automl_nb.zoo.card import BackboneCard

MOST_ROWS, LEAST_ROWS = 256, 96
_LENGTH = 64  # tokens read of a text
_CHUNK = 64  # rows encoded between two looks at the clock
_LOADING_SHARE = 0.6  # of the time: beyond, too little is left for reading


@dataclass(frozen=True)
class Choice:
    """Networks in the order in which they should be tried.

    Attributes:
        names: Best first.
        reason: Why, in one sentence; "" where there was nothing to choose.
        reached: What a linear head on each reached on rows that it didn't see, by name; none where
            they weren't compared.
        measure: Of `reached`.
        n_rows: Rows that were looked at.
        is_sure: Whether these rows can tell the first from the others.
    """

    names: tuple[str, ...]
    reason: str = ""
    reached: Mapping[str, float] = field(default_factory=dict, repr=False)
    measure: str = field(default="", repr=False)
    n_rows: int = field(default=0, repr=False)
    is_sure: bool = field(default=False, repr=False)


def ranked(
    frame: pd.DataFrame,
    column: str,
    y: np.ndarray,
    task: Task,
    cards: Sequence[BackboneCard],
    *,
    deadline_s: float,
    device: str = "cpu",
    store: FeatureStore | None = None,
    cancel: CancelToken | None = None,
    seed: int = 0,
) -> Choice:
    """Compare frozen networks on some rows, within a time.

    Args:
        frame: Rows to learn from.
        column: The column that the networks read.
        y: (n,) or (n, k) encoded answers of these rows.
        task: What is learnt.
        cards: In the order that holds where the rows can't tell them apart.
        deadline_s: Seconds that it may take, besides loading the first network; where that is
            too short, the given order stays.
        device: Where to compute.
        store: The feature cache.
        cancel: Looked at between batches.
        seed: Chooses the rows.

    Raises:
        Cancelled: `cancel` was set.

    Example:
        >>> from automl_nb.core.types import TaskKind
        >>> from automl_nb.zoo.catalog import CARDS
        >>> task = Task(TaskKind.BINARY, "y", ("a", "b"))
        >>> frame = pd.DataFrame({"text": ["good", "bad"] * 60})
        >>> y = np.array([0, 1] * 60)
        >>> ranked(frame, "text", y, task, [CARDS["minilm-l6"]], deadline_s=5.0)
        Choice(names=('minilm-l6',), reason='')
    """
    given = tuple(card.name for card in cards)
    if len(cards) < 2 or len(frame) < LEAST_ROWS:
        return Choice(given)
    rows = nested(strata_of(y), np.random.default_rng([seed, 9]))[:MOST_ROWS]
    some = frame.iloc[rows].reset_index(drop=True)
    no_time = Choice(given, f"There was no time to compare {_listed(given)} on '{column}'.")
    encoders, deadline = _loaded([Pair(column, card) for card in cards], some, device, deadline_s)
    seconds = sum(encoder.estimate_s(some) for encoder in encoders)
    n = int(min(1.0, deadline.left / max(seconds, 1e-6)) * len(some)) if encoders else 0
    if n < LEAST_ROWS:
        return no_time
    store, some, evidence = store or FeatureStore(None), some.head(n), {}
    for card, encoder in zip(cards, encoders, strict=True):
        found = encode(encoder, some, store, deadline, chunk=_CHUNK, cancel=cancel)
        if found is None or found.shape[0] < n:
            return no_time
        features = np.asarray(found)
        inner = features[:, features.shape[1] // 2 :] if card.modality == "text" else None
        answers = y[rows[:n]]
        evidence[card.name] = Evidence(features, answers, task.kind, layer_mean=inner, seed=seed)
    return _chosen(given, evidence, column)


def _loaded(
    pairs: list[Pair], rows: pd.DataFrame, device: str, deadline_s: float
) -> tuple[list[Any], Deadline]:
    """Fitted encoders of all networks, none where loading them leaves no time to read.

    The clock starts once the first is loaded, which is needed whatever the comparison says.
    """
    encoders: list[Any] = []
    deadline = Deadline(deadline_s)
    for pair in pairs:
        if deadline.elapsed >= _LOADING_SHARE * deadline_s:
            return [], deadline
        encoder = pair.encoder(device, max_length=_LENGTH)
        try:
            encoder.fit(rows)
            encoder.rate()  # the race of number formats belongs to loading
        except WeightsError:
            return [], deadline  # whoever uses it says why it can't be had
        encoders.append(encoder)
        if len(encoders) == 1:
            deadline = Deadline(deadline_s)
    return encoders, deadline


def _chosen(given: tuple[str, ...], evidence: dict[str, Evidence], column: str) -> Choice:
    reached = {name: RidgeScore()(item) for name, item in evidence.items()}
    missed = {
        name: losses(RidgeScore().answers(item), item.y, item.kind)
        for name, item in evidence.items()
    }
    usual = {name: -float(place) for place, name in enumerate(given)}
    names, sure = order(given, {}, missed, usual)  # a run changes its usual order if it is sure
    n = len(next(iter(evidence.values())).y)
    told = ", ".join(
        f"{name} {CONSTANT if evidence[name].is_constant else f'{reached[name]:.3f}'}"
        for name in names
    )
    what = "accuracy" if next(iter(evidence.values())).is_single else "R²"
    tail = "" if sure else f"; that can't tell the best apart, so {names[0]} stays first"
    reason = f"{names[0]} comes first for '{column}': {what} of a linear head on {n} rows: {told}"
    return Choice(tuple(names), f"{reason}{tail}.", reached, what, n, sure)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
