"""What a study says and remembers of its trials, as facts for a journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SECONDS = "seconds"  # the attribute of an Optuna trial that holds how long it took


class State(StrEnum):
    """How a trial stands."""

    RUNNING = "running"
    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True)
class Proposal:
    """What to try next.

    Attributes:
        number: The trial's number, from 0.
        config: Values of all parameters that count, fixed ones among them.
        given: Somebody asked for it by `enqueue`; the searcher didn't propose it.
        passed: What the searcher proposed before and was passed over, as it had been tried.
    """

    number: int
    config: dict[str, Any]
    given: bool = False
    passed: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Tried:
    """A trial as a journal holds it.

    Attributes:
        number: The trial's number, from 0.
        config: What was proposed.
        state: How it ended; running if it didn't.
        values: One value for each objective; empty where there is none.
        reports: Values on the way by step.
        seconds: How long it took; 0 if unknown.
        given: As in `Proposal`.
        passed: Likewise.
    """

    number: int
    config: Mapping[str, Any]
    state: State = State.RUNNING
    values: tuple[float, ...] = ()
    reports: Mapping[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    given: bool = False
    passed: tuple[Mapping[str, Any], ...] = ()

    @property
    def was_begun(self) -> bool:
        """Whether any work went into it: what would not end in time is proposed and no more."""
        return self.state is not State.FAILED or self.seconds > 0
