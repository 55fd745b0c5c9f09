"""What the memory keeps of one finished run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.explorer.fingerprint import Fingerprint
from automl_nb.explorer.rivals import is_judged
from automl_nb.explorer.table_print import TablePrint

VERSION = 1


@dataclass(frozen=True)
class SettingsFound:
    """Settings that did well in a search.

    Attributes:
        strategy: Whose settings they are.
        config: The strategy's own settings by name.
    """

    strategy: str
    config: dict[str, object]


@dataclass(frozen=True)
class TaskRecord:
    """A task that was seen, and what worked there. It holds no row and no name of a class.

    Attributes:
        run: The run's name.
        made: When it ended, ISO 8601.
        kind: binary, multiclass, multilabel or regression.
        modality: What was read, such as ``"text"`` or ``"text+table"``.
        n_rows: Rows to learn from.
        n_classes: Classes; 0 for regression.
        scripts: Share of the rows by main script, where there is text.
        metric: The run's metric.
        greater_is_better: Its direction.
        score: Of the best model, on rows that it hadn't seen.
        strategy: What trained the best model's heaviest part.
        backbone: The network that this part reads with, or an empty text.
        seconds: How long the run took.
        tried: Best score of each strategy with its backbone.
        settings: The best that a search found, the best first; empty where none was made.
        model: The run's folder.
        checkpoint: The folder of a tuned network, or an empty text.
        fingerprint: None where no network was used, or there were too few rows.
        table: The same of a table without texts or pictures; None for all others.
    """

    run: str
    made: str
    kind: str
    modality: str
    n_rows: int
    n_classes: int
    scripts: dict[str, float]
    metric: str
    greater_is_better: bool
    score: float
    strategy: str
    backbone: str
    seconds: float
    tried: dict[str, float] = field(default_factory=dict)
    settings: tuple[SettingsFound, ...] = ()
    model: str = ""
    checkpoint: str = ""
    fingerprint: Fingerprint | None = None
    table: TablePrint | None = None

    @property
    def own_score(self) -> float | None:
        """Of the strategy itself, where the best model may be an ensemble; None if not kept."""
        return self.tried.get(f"{self.strategy} {self.backbone}".strip())

    @property
    def rival_networks(self) -> set[str]:
        """The other networks that were tried."""
        return {network for _, network in self._rivals()} - {self.backbone, ""}

    @property
    def rival_strategies(self) -> set[str]:
        """The other strategies that were tried, neither a constant nor a control among them."""
        return {strategy for strategy, _ in self._rivals()} - {self.strategy}

    def _rivals(self) -> list[tuple[str, str]]:
        pairs = [(name.partition(" ")[0], name.partition(" ")[2]) for name in self.tried]
        return [pair for pair in pairs if is_judged(pair[0])]

    def to_line(self) -> str:
        """As one line of JSON."""
        facts = {"version": VERSION, **to_dict(self)}
        return json.dumps(facts, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_line(cls, line: str) -> TaskRecord | None:
        """What `to_line` wrote; None for a line that this version can't read."""
        try:
            facts: dict[str, Any] = json.loads(line)
            if facts.pop("version") != VERSION:
                return None
            return from_dict(cls, facts)
        except Exception:  # noqa: BLE001  (cattrs raises groups of many kinds)
            return None
