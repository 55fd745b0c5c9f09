"""What the encoders with a frozen pretrained network have in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd

from automl_nb.core.errors import SettingError
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.card import BackboneCard, Modality
from automl_nb.zoo.load import load_backbone, load_saved, resolve

if TYPE_CHECKING:
    import torch

    from automl_nb.zoo.probe import Probe

WORTH_REMEMBERING_S = 2.0
DTYPES = ("auto", "float32", "bfloat16", "float16")


class FrozenEncoder:
    """One column through one backbone; `settings` is all that can change the numbers.

    Args:
        column: The column to read.
        backbone: A catalogue name, hub id, folder or card.
        dtype: auto (measured), float32, bfloat16 or float16.
        device: The torch device.

    Raises:
        SettingError: The backbone reads something else, or the dtype isn't known.
    """

    name: ClassVar[str]
    modality: ClassVar[Modality]
    version: ClassVar[int]  # counts up when the numbers change
    cacheable: ClassVar[bool] = True

    def __init__(
        self, column: str, backbone: str | BackboneCard, *, dtype: str, device: str
    ) -> None:
        self.columns = (column,)
        self.card = resolve(backbone)
        self.dtype = dtype
        self.device = device
        self._saved: Backbone | None = None
        if self.card.modality != self.modality:
            raise SettingError(
                f"The backbone of {self.name} must read {self.modality}.",
                received=f"{self.card.name}, which reads {self.card.modality}",
                hint="List what fits: %automl list backbones.",
            )
        if dtype not in DTYPES:
            rule = f"A number format must be one of {', '.join(DTYPES)}."
            raise SettingError(rule, received=dtype)

    @property
    def key(self) -> str:
        """The block's name within a run."""
        return f"{self.name}({self.columns[0]}, {self.card.name})"

    @property
    def backbone(self) -> Backbone:
        """The network, loaded when it is first needed."""
        return self._saved or load_backbone(self.card, device=self.device)

    def reading_with(self, network: Backbone) -> Self:
        """This encoder with another network of the same family, such as a tuned one."""
        self._saved = network
        return self

    def settings(self) -> dict[str, Any]:
        """The encoder's own options, as its constructor takes them."""
        raise TypeError(f"{type(self).__name__} must name its settings.")

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """Encode rows, see `automl_nb.features.base.Encoder`."""
        del frame, progress, cancel
        raise TypeError(f"{type(self).__name__} must say how it encodes.")

    def identity(self) -> str:
        """Weights, settings and number format in one text."""
        facts = {
            "encoder": self.name,
            "version": self.version,
            "weights": self.backbone.weights_sha,
            **self.settings(),
            "dtype": str(self.torch_dtype()),
            "device": self.device.partition(":")[0],
        }
        return json.dumps(facts, sort_keys=True)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the network itself too, so that a saved model needs nothing else."""
        return {
            "column": self.columns[0],
            "dtype": self.dtype,
            "settings": self.settings(),
            "backbone": self.backbone.save(folder / "backbone"),
        }

    def size_bytes(self) -> int:
        """Bytes that `save` writes: the network's, beside which the rest is nothing."""
        return self.backbone.size_bytes()

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any], *, device: str = "") -> Self:
        """Rebuild what `save` wrote, to compute on `device` or that of the config.

        Raises:
            WeightsError: The files are damaged or altered.
        """
        device = device or str(config.get("device", "cpu"))
        network = load_saved(folder / "backbone", config["backbone"], device=device)
        made = cls(
            config["column"],
            network.card,
            dtype=config["dtype"],
            device=device,
            **config["settings"],
        )
        made._saved = network
        return made

    def torch_dtype(self) -> torch.dtype:
        """The number format to compute in; measured on first use where it is auto."""
        import torch

        if self.dtype == "auto":
            return self.probed().torch_dtype
        chosen: torch.dtype = getattr(torch, self.dtype)
        return chosen

    def probed(self) -> Probe:
        """What the race of number formats gave for this backbone here."""
        from automl_nb.zoo.probe import probe

        return probe(self.backbone, self.device)

    def rate(self) -> float:
        """Tokens or pictures a second that this machine computes with this encoder."""
        measured = self.probed()
        return measured.rates.get(self.dtype, measured.rate)

    def pass_s(self) -> float:
        """Seconds of a pass over one item, which no batch undercuts."""
        return self.probed().pass_s

    def rate_again(self, *, always: bool = False) -> bool:
        """Whether it is faster than was known; see `probe.race_again`."""
        from automl_nb.zoo.probe import race_again

        return race_again(self.backbone, self.device, always=always)

    def remember_rate(self, items: int, seconds: float) -> None:
        """Let a real run, unless it was too short to tell, correct what the race gave."""
        from automl_nb.zoo.probe import remember

        if seconds >= WORTH_REMEMBERING_S:
            dtype = str(self.torch_dtype()).removeprefix("torch.")
            remember(self.backbone, self.device, dtype, items / seconds)
