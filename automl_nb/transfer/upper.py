"""The upper layers of a network by themselves, reading what the frozen ones below them give.

The lower layers never change, so that what they give is computed once a row and kept: E
epochs over the upper share t of the layers cost (1 - t) + 3 t E forward passes instead of
E ((1 - t) + 3 t), a step being three passes (see ADR 12). Of augmented rows a few views are
kept, which the epochs take in turn.

In single precision the answers are those without keeping to 1e-3, mostly to 1e-6. Where products
are computed in bfloat16 (8 bits) they may be 5e-3 apart, which isn't what is kept: states in
single precision came out as far away. Rows are read beside others than without keeping, and are
padded to other lengths, which changes the last bits of such products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.transfer.augment.base import Augmentation, changes_rows
from automl_nb.transfer.states import StateFile
from automl_nb.transfer.tuning import Network
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.cut import joined, lower_part, states_below, upper_layers, upper_part
from automl_nb.zoo.precision import in_dtype, within
from automl_nb.zoo.tokenizer import rounded

if TYPE_CHECKING:
    import torch

    from automl_nb.features.frozen import FrozenEncoder
    from automl_nb.transfer.base import TrialContext

CLEAN = -1  # the view of a row as it is
_ALIKE = 1e-3


class UpperLayers(Network):
    """A whole network of which only the upper layers are to be trained.

    Args:
        whole: The network with its column.
        layers: How many; 0 for a third of them.
        config: The trial's settings.

    Attributes:
        layers: How many upper layers are trained.
        note: What a person should know of it.
    """

    def __init__(self, whole: Network, layers: int, config: dict[str, Any]) -> None:
        super().__init__(whole.encoder, whole.device, config)
        depth = whole.backbone.card.n_layers
        self.whole, self.layers = whole, layers or max(1, round(depth / 3))
        upper_layers(whole.backbone, whole.backbone.module, self.layers)  # or tell that it can't be
        self.rate, self.batch, self.normalised = whole.rate, whole.batch, whole.normalised
        self.share = min(1.0, self.layers / max(1, depth))
        self.backward = (1.0 - self.share) + whole.backward * self.share
        self.note = ""

    def activation_bytes(self) -> int:
        """Of the upper layers alone: nothing goes back through the others."""
        return round(self.whole.activation_bytes() * self.share)

    def lengths(self) -> np.ndarray:
        """As of the whole."""
        return self.whole.lengths()

    def load(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
        """As of the whole."""
        return self.whole.load(rows, rng)

    def encoder_with(self, tuned: Backbone) -> FrozenEncoder:
        """As of the whole."""
        return self.whole.encoder_with(tuned)

    def trained(self, module: Any) -> list[list[Any]]:
        """Parameters from the top down: what comes after the layers, then each upper layer."""
        return upper_layers(self.whole.backbone, module, self.layers)


class KeptBelow(UpperLayers):
    """The upper layers, given what the lower ones made of each row when it was first read.

    Args:
        whole: The network with its column.
        layers: How many upper layers; 0 for a third of all.
        config: The trial's settings.
        context: Its work folder holds what is too much for the memory.
        views: Augmented versions of a row that are kept.
    """

    def __init__(
        self,
        whole: Network,
        layers: int,
        config: dict[str, Any],
        context: TrialContext,
        views: int,
    ) -> None:
        super().__init__(whole, layers, config)
        self.backbone = upper_part(whole.backbone, self.layers)
        self.augmentation = Augmentation()  # rows were changed before they were kept
        self.backward -= (1.0 - self.share) / 2.0  # two epochs are the least that is worth it
        self.views = views
        self.remembers = views if changes_rows(whole.augmentation) else 1
        self._most = getattr(whole.encoder, "max_length", 0)  # of a text's tokens
        self._kept = StateFile(context.workdir)
        self._dtype = whole.encoder.torch_dtype()
        self._lower = lower_part(whole.backbone, self.layers, in_dtype(whole.backbone, self._dtype))

    def load(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
        """What the upper layers read of rows as they are, or of their first view."""
        return self._inputs(rows, rng, CLEAN if rng is None else 0)

    def view(self, rows: np.ndarray, rng: np.random.Generator, epoch: int) -> dict[str, Any]:
        """What the upper layers read of the view whose turn it is."""
        if not changes_rows(self.whole.augmentation):
            return self._inputs(rows, None, CLEAN)
        return self._inputs(rows, rng, epoch % self.views)

    def encoder_with(self, tuned: Backbone) -> FrozenEncoder:
        """Reads the column with the whole network again."""
        return self.whole.encoder_with(joined(self.whole.backbone, tuned, self.layers))

    def agrees(self, rows: np.ndarray) -> bool:
        """Whether both parts together give what the whole gives, for some rows."""
        import torch

        inputs = self.whole.on_device(self.whole.load(rows, None))
        with within(self.whole.device, torch.float32):
            lower = lower_part(self.whole.backbone, self.layers)
            states = states_below(lower, inputs)
            mask = inputs.get("attention_mask")
            found = self.backbone.embed(_given(states, mask))
            right = self.whole.backbone.embed(inputs)
            apart = torch.linalg.vector_norm(found - right)
            return bool(apart <= _ALIKE * torch.linalg.vector_norm(right))

    def _inputs(
        self, rows: np.ndarray, rng: np.random.Generator | None, view: int
    ) -> dict[str, torch.Tensor]:
        import torch

        new = np.array([row for row in rows if (view, int(row)) not in self._kept], dtype=int)
        fresh = self._computed(new, rng) if len(new) else {}
        for row, data in fresh.items():
            self._kept.keep((view, row), data)
        raw = [fresh.get(int(row)) or self._kept.find((view, int(row))) for row in rows]
        states = [torch.frombuffer(bytearray(data or b""), dtype=self._dtype) for data in raw]
        if self._shape:  # of a picture
            return {"pixels": torch.stack([one.reshape(self._shape) for one in states]).float()}
        width = self.backbone.card.dimension
        return _padded([one.reshape(-1, width).float() for one in states], self._most)

    def _computed(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[int, bytes]:
        """What the lower layers give for each row, without padding, in the compute format."""
        import torch

        inputs = self.whole.on_device(self.whole.load(rows, rng))
        with within(self.whole.device, self._dtype):
            states = states_below(self._lower, inputs).to(self._dtype).cpu().contiguous()
        mask = inputs.get("attention_mask")
        self._shape = () if mask is not None else tuple(states.shape[1:])
        sizes = [len(states[0])] * len(rows) if mask is None else mask.sum(1).tolist()
        return {
            int(row): one[:size].contiguous().view(torch.uint8).numpy().tobytes()
            for row, one, size in zip(rows, states, sizes, strict=True)
        }

    _shape: tuple[int, ...] = ()


def _padded(states: list[torch.Tensor], most: int) -> dict[str, torch.Tensor]:
    """(n, length, d) states and the (n, length) mask, in few different lengths."""
    import torch

    sizes = torch.tensor([len(one) for one in states])
    length = rounded(int(sizes.max()), most)
    filled = torch.zeros(len(states), length, states[0].shape[1])
    for row, one in enumerate(states):
        filled[row, : len(one)] = one
    mask = (torch.arange(filled.shape[1]) < sizes.unsqueeze(1)).long()
    return {"inputs_embeds": filled, "attention_mask": mask}


def _given(states: torch.Tensor, mask: torch.Tensor | None) -> dict[str, torch.Tensor]:
    if mask is None:
        return {"pixels": states}
    # Padding isn't kept, so that it must not matter.
    return {"inputs_embeds": states * mask.unsqueeze(2), "attention_mask": mask}
