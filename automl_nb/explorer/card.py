"""The decision card: what was found out about each network for a task, and what follows."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from automl_nb.core.errors import SettingError
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.show.words import listed
from automl_nb.explorer.curve import Forecast
from automl_nb.explorer.language import LanguageFit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Entry:
    """One network (or baseline) for one column.

    Attributes:
        column: The column that it reads.
        name: The backbone's name, or the encoder's for a baseline.
        modality: text or image.
        is_baseline: No network at all; shows whether one helps.
        prior: Millions of weights that compute; None for a baseline.
        n_rows: Rows that were looked at.
        scores: By name of the score registry.
        silent: Why a score says nothing, by its name.
        mean_rank: Among the networks of the column, over the scores that rank; 1 is best.
        forecast: Of a linear head on its frozen features, with all rows.
        parameters: Number of weights.
        items_per_s: Texts or pictures encoded in a second on this machine.
        memory_bytes: Weights and one batch's activations.
        disk_bytes: Weights as a saved model holds them.
        licence: Of the weights.
        reading: Whether a text network can read these texts.
        note: Why something is missing, or "".
    """

    column: str
    name: str
    modality: str
    is_baseline: bool = False
    prior: float | None = None
    n_rows: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    mean_rank: float | None = None
    forecast: Forecast | None = None
    parameters: int = 0
    items_per_s: float | None = None
    memory_bytes: int = 0
    disk_bytes: int = 0
    licence: str = ""
    reading: LanguageFit | None = None
    note: str = ""

    @property
    def can_read(self) -> bool:
        """Whether it can be used for all rows; yes where that isn't known."""
        return self.reading is None or self.reading.fits


@dataclass(frozen=True)
class Recommendation:
    """What to use for a column, and how sure that is.

    Attributes:
        column: The column.
        backbone: The network's name; "" where none can be recommended.
        evidence: strong, weak, or none, of this network beside the others.
        sentence: All of it in plain words.
        helps: Whether it surely gains over no network at all; None where that isn't foretold.
    """

    column: str
    backbone: str
    evidence: str
    sentence: str
    helps: bool | None = None


@dataclass(frozen=True)
class Alike:
    """An earlier task that this one looks like.

    Attributes:
        run: Its run's name.
        likeness: From 0 to 1.
        weight: Its say, from 0 to 1.
        strategy: What worked best there.
        backbone: With which network; "" for none.
        metric: What was measured.
        score: What the best model reached, which may be an ensemble with it.
    """

    run: str
    likeness: float
    weight: float
    strategy: str
    backbone: str
    metric: str
    score: float


@dataclass(frozen=True, repr=False)
class DecisionCard:
    """What was found out about each network for a task.

    Attributes:
        label: What is to be predicted.
        task: binary, multiclass, multilabel or regression.
        measure: What is foretold, by its title: the metric that `fit` reports by itself; accuracy
            or R² where the probes can't tell that.
        n_rows: Rows that a model would learn from.
        n_looked: Rows that the networks were compared on.
        entries: Networks, best first, then baselines; column after column.
        recommendations: One for each column.
        seconds: That it took.
        ended: Why it ended early, or "".
        seed: Of the rows and draws.
        elsewhere: Known networks whose weights aren't on this machine: their priors alone, the
            largest first; none where the choice was narrowed.
        memory: What earlier tasks say, in plain words; "" where none can be compared.
        alike: These tasks, the most similar first.
        reported: The title of what `fit` reports, where that isn't `measure`; "" otherwise.
    """

    label: str
    task: str
    measure: str
    n_rows: int
    n_looked: int
    entries: tuple[Entry, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    seconds: float = 0.0
    ended: str = ""
    seed: int = 0
    elsewhere: tuple[Entry, ...] = ()
    memory: str = ""
    alike: tuple[Alike, ...] = ()
    reported: str = ""

    @property
    def measured(self) -> str:
        """What the figures are, in one sentence, where `fit` reports something else."""
        if not self.reported:
            return ""
        return (
            f"What is foretold is {self.measure}; fit reports {self.reported}, which so few rows "
            "can't foretell."
        )

    @property
    def recommendation(self) -> str:
        """What to do, in plain words."""
        return " ".join(item.sentence for item in self.recommendations)

    @property
    def backbones(self) -> tuple[str, ...]:
        """The recommended networks, to be handed to `fit` as its ``backbones``."""
        return tuple(dict.fromkeys(item.backbone for item in self.recommendations if item.backbone))

    @property
    def frame(self) -> pd.DataFrame:
        """One row a network and column, as numbers.

        Example:
            >>> entry = Entry("text", "minilm-l6", "text", scores={"knn": 0.9}, mean_rank=1.0)
            >>> card = DecisionCard("topic", "multiclass", "accuracy", 100, 80, (entry,))
            >>> card.frame[["backbone", "mean_rank", "knn"]].values.tolist()
            [['minilm-l6', 1.0, 0.9]]
        """
        import pandas as pd

        from automl_nb.explorer.scores.catalog import SCORES

        return pd.DataFrame([_row(entry, SCORES.names()) for entry in self.entries])

    def plot(self, *, theme: str = "auto") -> Figure:
        """Learning curves with their forecasts, and the ranks of the scores.

        Args:
            theme: light, dark, or auto for colours that read on both.

        Raises:
            SettingError: No network was looked at, or no such theme.
        """
        # Pictures are made in a layer above, and are found by name as all parts are.
        draw = importlib.import_module("automl_nb.report.decision_plot").draw_card
        made: Figure = draw(self, theme=theme)
        return made

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain dicts, lists, text and numbers."""
        made: dict[str, Any] = to_dict(self)
        return made

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """What `to_dict` gave, also after a round trip through JSON."""
        return from_dict(cls, data)

    def save(self, path: str | Path) -> Path:
        """Write the card as JSON; returns its path.

        Raises:
            SettingError: The file can't be written.
        """
        import json

        target = Path(path).expanduser()
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False)
        try:
            target.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise SettingError(
                "A decision card needs a file that can be written.",
                received=f"{path}: {error.strerror or error}",
                hint="Choose a path in a folder that is there.",
            ) from error
        return target

    def __repr__(self) -> str:
        # All of it would be thousands of characters; print() and Jupyter show the card.
        found = [
            f"{one.backbone or 'no network'} for '{one.column}'" for one in self.recommendations
        ]
        return f"<DecisionCard of '{self.label}'; {listed(found) or 'nothing was looked at'}>"

    def __str__(self) -> str:
        from automl_nb.explorer.card_view import as_text

        return as_text(self)

    def shown(self, *, stable: bool = False) -> dict[str, str]:
        """The card by MIME type, as Jupyter front ends take it.

        Args:
            stable: Leave out times and speeds, which differ from one time to the next.
        """
        from automl_nb.explorer.card_view import as_html, as_text

        return {
            "text/plain": as_text(self, stable=stable),
            "text/html": as_html(self, stable=stable),
        }

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from automl_nb.core.settings import progress_mode

        return self.shown(stable=progress_mode() == "off")


def _row(entry: Entry, scores: list[str]) -> dict[str, Any]:
    foretold, reading = entry.forecast, entry.reading
    return {
        "column": entry.column,
        "backbone": entry.name,
        "is_baseline": entry.is_baseline,
        "mean_rank": entry.mean_rank,
        "forecast": foretold.value if foretold else None,
        "low": foretold.low if foretold else None,
        "high": foretold.high if foretold else None,
        "prior": entry.prior,
        **{name: entry.scores.get(name) for name in scores},
        "items_per_s": entry.items_per_s,
        "memory_bytes": entry.memory_bytes,
        "disk_bytes": entry.disk_bytes,
        "parameters": entry.parameters,
        "licence": entry.licence,
        "fertility": reading.fertility if reading else None,
        "unknown_share": reading.unknown_share if reading else None,
        "can_read": reading.fits if reading else None,
        "rows": entry.n_rows,
        "note": entry.note,
    }
