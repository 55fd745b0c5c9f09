"""What earlier tasks that look alike say about a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from automl_nb.explorer.fingerprint import Fingerprint, likeness
from automl_nb.explorer.record import TaskRecord
from automl_nb.explorer.rivals import is_judged
from automl_nb.explorer.table_print import TablePrint, table_likeness

MOST = 5  # neighbours that have a say
_WIDTH = 0.2  # of the kernel over 1 - likeness
ALIKE = 0.7  # below, tasks of different domains lie as near (measured on news, reviews, docs)
_SAME = 0.985  # as likely the same rows again as others like them
_LOOKED_AT = 4  # times as many, as some may be runs on the same rows
_FEW = 3  # comparable tasks; fewer are weak evidence

_Found = tuple[float, TaskRecord]  # likeness, and what is remembered


@dataclass(frozen=True)
class Neighbour:
    """An earlier task.

    Attributes:
        record: What is remembered of it.
        likeness: From 0 to 1.
        weight: Its say: a Gaussian kernel of 1 - likeness, 1 for the same task.
    """

    record: TaskRecord
    likeness: float
    weight: float


@dataclass(frozen=True)
class Advice:
    """Where to start from.

    Attributes:
        strategy: What worked in the tasks that look alike.
        backbone: With which network; an empty text for none.
        source_checkpoint: The folder of a network that was tuned to the most similar task and
            is still there, to be given as a backbone; None if there is none, or if that task
            may have had the same rows: such a network has seen what the new one is judged on.
        weight: From 0 to 1: the say of the tasks that agree, beside that of all and one doubt.
        sentence: All of this for the person.
        neighbours: Who was asked, the most similar first.
        weak: Whether little speaks for it.
        winner: The network that came out best where several were tried, in three tasks at
            least; "" where that isn't known. What was used alone has won against nothing.
        rivalled: Whether the strategy won against another.
    """

    strategy: str
    backbone: str
    source_checkpoint: str | None
    weight: float
    sentence: str
    neighbours: tuple[Neighbour, ...] = ()
    weak: bool = False
    winner: str = ""
    rivalled: bool = True


def nearest(
    fingerprint: Fingerprint | TablePrint,
    records: Sequence[TaskRecord],
    *,
    kind: str,
    most: int = MOST,
) -> tuple[Neighbour, ...]:
    """Earlier tasks that can be compared, the most similar first.

    Args:
        fingerprint: The new task's; tables are compared with tables.
        records: What is remembered.
        kind: The new task's kind; classes are compared with classes, values with values.
        most: How many.
    """
    found = [
        (alike, record)
        for record in records
        if (record.kind == "regression") == (kind == "regression")
        and _has_learnt(record)
        and (alike := _likeness(fingerprint, record)) is not None
    ]
    found.sort(key=lambda pair: -pair[0])
    told = _best_of_each(found[: _LOOKED_AT * most])[:most]
    return tuple(Neighbour(record, alike, weight_of(alike)) for alike, record in told)


def _likeness(own: Fingerprint | TablePrint, record: TaskRecord) -> float | None:
    """How alike a task is to a remembered one; None where they can't be compared."""
    if isinstance(own, TablePrint):
        return None if record.table is None else table_likeness(own, record.table)
    other = record.fingerprint
    return None if other is None or other.space != own.space else likeness(own, other)


def _has_learnt(record: TaskRecord) -> bool:
    """Whether what was best there can be advised: neither a constant nor a control."""
    return is_judged(record.strategy)


def _best_of_each(found: Sequence[_Found]) -> list[_Found]:
    """Of several runs on the same rows the one that came furthest, in its first one's place.

    What the others tried counts as tried beside it: together they compare.
    """
    kept: list[_Found] = []
    for alike, record in found:
        twin = next((i for i, one in enumerate(kept) if _same_rows(one[1], record)), None)
        if twin is None:
            kept.append((alike, record))
            continue
        place, other = kept[twin]
        best = max(other, record, key=lambda one: _sign(one) * one.score)
        kept[twin] = (place, replace(best, tried={**other.tried, **record.tried, **best.tried}))
    return kept


def _same_rows(first: TaskRecord, second: TaskRecord) -> bool:
    facts = [(r.n_rows, r.n_classes, r.kind, r.metric) for r in (first, second)]
    own = first.fingerprint or first.table
    if facts[0] != facts[1] or own is None:
        return False
    return (_likeness(own, second) or 0.0) >= _SAME


def _sign(record: TaskRecord) -> float:
    return 1.0 if record.greater_is_better else -1.0


def advise(
    fingerprint: Fingerprint,
    records: Sequence[TaskRecord],
    *,
    kind: str,
    n_rows: int,
    n_classes: int = 0,
) -> Advice | None:
    """What to start from; None where no earlier task can be compared.

    Args:
        fingerprint: The new task's.
        records: What is remembered.
        kind: The new task's kind.
        n_rows: Its rows, to tell the same data seen again.
        n_classes: Its classes, likewise; 0 for values.
    """
    near = nearest(fingerprint, records, kind=kind)
    if not near:
        return None
    says: dict[tuple[str, str], float] = defaultdict(float)
    for one in near:
        says[one.record.strategy, one.record.backbone] += one.weight
    (strategy, backbone), agreed = max(says.items(), key=lambda item: item[1])
    weight = agreed / (sum(says.values()) + 1.0)
    weak = near[0].likeness < ALIKE or len(near) < _FEW
    checkpoint = None if weak else _checkpoint(near[0], n_rows, n_classes)
    agreeing = _agreeing(near, strategy, backbone)
    sentence = _sentence(near, agreeing, weight, checkpoint, weak=weak)
    return Advice(
        strategy,
        backbone,
        checkpoint,
        weight,
        sentence,
        near,
        weak,
        winner="" if weak else _winner(near),
        rivalled=any(one.record.rival_strategies for one in agreeing),
    )


def _agreeing(near: Sequence[Neighbour], strategy: str, backbone: str) -> list[Neighbour]:
    advised = (strategy, backbone)
    return [one for one in near if (one.record.strategy, one.record.backbone) == advised]


def _winner(near: Sequence[Neighbour]) -> str:
    """The network for which most speaks, of the tasks in which networks were compared."""
    compared = [one for one in near if one.record.backbone and one.record.rival_networks]
    if len(compared) < _FEW:
        return ""
    says: dict[str, float] = defaultdict(float)
    for one in compared:
        says[one.record.backbone] += one.weight
    return max(says, key=says.__getitem__)


def weight_of(alike: float) -> float:
    """The say of a task that is so alike.

    Example:
        >>> [round(weight_of(alike), 2) for alike in (1.0, 0.8, 0.5)]
        [1.0, 0.61, 0.04]
    """
    return float(np.exp(-0.5 * ((1.0 - alike) / _WIDTH) ** 2))


def _checkpoint(nearest_one: Neighbour, n_rows: int, n_classes: int) -> str | None:
    """The tuned network of the most similar task, unless it may have seen these very rows.

    Rows of the same table that were drawn anew lie at .82 to .93, as near as another task of its
    domain does: with as many classes it may be the same task, whose test rows the network has seen.
    """
    record = nearest_one.record
    same = nearest_one.likeness >= _SAME or n_rows == record.n_rows
    same = same or n_classes == record.n_classes
    if not record.checkpoint or same or nearest_one.likeness < ALIKE:
        return None
    return record.checkpoint if (Path(record.checkpoint) / "config.json").is_file() else None


def _sentence(
    near: tuple[Neighbour, ...],
    agreeing: Sequence[Neighbour],
    weight: float,
    checkpoint: str | None,
    *,
    weak: bool,
) -> str:
    best = near[0]
    size = f"{best.record.n_rows:,} rows"
    size += f", {best.record.n_classes} classes" if best.record.n_classes else ""
    where = "there" if agreeing[0] is best else f"in '{agreeing[0].record.run}'"
    looks = f"This looks like the run '{best.record.run}' ({size}"
    worked = _worked(agreeing[0].record, where)
    parts = [
        f"{looks}; similarity {_short(best.likeness)}); {worked}; weight {_short(weight)}).",
    ]
    if agreeing[0].record.backbone and not agreeing[0].record.rival_networks:
        parts.append(f"No other network was tried {where}.")
    if weak:
        why = (
            f"only {len(near)} earlier task{'s' * (len(near) > 1)} can be compared"
            if len(near) < _FEW
            else "no earlier task is very similar"
        )
        parts.append(f"Weak evidence: {why}.")
    if checkpoint:
        start = f"The network tuned in '{best.record.run}' can be a start, which seldom helps"
        parts.append(f"{start}: backbones=['{checkpoint}'].")
    return " ".join(parts)


def _worked(known: TaskRecord, where: str) -> str:
    """What worked in an earlier task, and against what; open, for the weight to follow."""
    name = known.strategy + (f" with {known.backbone}" if known.backbone else "")
    score = f"{known.score:.3g}"
    own = known.own_score
    if not (known.rival_strategies or known.rival_networks):
        return f"{name} was all that was tried {where} ({known.metric} {score}"
    if own is None or f"{own:.3g}" == score:
        return f"{name} worked best {where} ({known.metric} {score}"
    rests = f"the best model {where} rests most on {name}"
    return f"{rests} ({known.metric} {score}, {name} by itself {own:.3g}"


def _short(share: float) -> str:
    """A share as ``.83``."""
    return f"{share:.2f}".removeprefix("0")
