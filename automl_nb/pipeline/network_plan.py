"""One network that is to be tuned in one way, and the settings of its trial."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_nb.pipeline.asked_tuning import config_of

if TYPE_CHECKING:
    from automl_nb.pipeline.workbench import Workbench


@dataclass(frozen=True)
class NetworkPlan:
    """One network to be tuned in one way.

    Attributes:
        strategy: A name of the registry.
        column: What the network reads.
        backbone: A name, id or folder.
        modality: text or image.
        why: Where the choice was open.
    """

    strategy: str
    column: str
    backbone: str
    modality: str
    why: str = ""

    @property
    def told(self) -> str:
        """What was tuned, and why so."""
        return f"{self.backbone}: {self.why or self.strategy}"

    @property
    def name(self) -> str:
        """On the leaderboard."""
        how = "fine-tuned" if self.strategy == "finetune" else self.strategy
        return f"{self.backbone}({self.column}): {how}"

    @property
    def label(self) -> str:
        """As a search calls it, without what divides the parts of a range.

        Example:
            >>> NetworkPlan("lora", "text", "./a=b, c", "text").label
            'lora@./a/b/c'
        """
        return re.sub(r"\.\.+|[|=]|,\s*", "/", f"{self.strategy}@{self.backbone}").strip()

    @property
    def features(self) -> str:
        """The block of the backbone's frozen features."""
        return f"frozen-{self.modality}({self.column}, {self.backbone})"

    def config(self, bench: Workbench) -> dict[str, Any]:
        """The settings of its trial, where no search changes them."""
        return {
            "column": self.column,
            "backbone": self.backbone,
            "modality": self.modality,
            "features": self.features if self.features in bench.encoders else "",
            **config_of(self.strategy, bench.settings),
        }
