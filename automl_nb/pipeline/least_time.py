"""What a training takes at the least: to its first pass over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from automl_nb.core.clock import now
from automl_nb.core.trials import Report


@dataclass
class LeastTime:
    """Seconds without which a training of a kind comes to nothing, as the last one of it told.

    Weights, the features for the head and a first look are in it, and come again with every
    training; what a process pays once isn't.

    Attributes:
        known: By kind.

    Example:
        >>> least = LeastTime({"minilm-l6": 4.0})
        >>> least.of("minilm-l6"), least.of("another")
        (4.0, 0.0)
    """

    known: dict[str, float] = field(default_factory=dict)

    def of(self, kind: str) -> float:
        """Seconds; 0 where nothing is known."""
        return self.known.get(kind, 0.0)

    def watch(self, kind: str, once_s: float) -> Watch:
        """Time a training that begins now; `once_s` of it are what the process pays once."""
        return Watch(self.known, kind, now() + once_s)


@dataclass
class Watch:
    """Times one training."""

    known: dict[str, float]
    kind: str
    began: float
    came: bool = False  # through the first pass

    def hear(self, report: Report) -> None:
        """A report; what was trained in another process or run says nothing of this one's time."""
        here = now() - self.began
        if self.came or report.resource < min(1.0, report.total):
            return
        self.came = True
        if report.elapsed_s <= here:
            self._keep(here)

    def lacked(self, needed_s: float) -> None:
        """It has ended, since a pass would have taken so much more."""
        self._keep(now() - self.began + needed_s)

    def hearing(self, others: Callable[[Report], str]) -> Callable[[Report], str]:
        """Hear each report before `others` do."""

        def heard(report: Report) -> str:
            self.hear(report)
            return others(report)

        return heard

    def _keep(self, seconds: float) -> None:
        self.known[self.kind] = max(0.0, seconds)
