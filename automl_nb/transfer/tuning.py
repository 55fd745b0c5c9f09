"""What fine-tuning needs to know of texts and of pictures: batches, layers, the way back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.errors import SettingError
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.features.image import FrozenImage
from automl_nb.features.text import FrozenText, column_texts
from automl_nb.transfer.augment.base import (
    Augmentation,
    augmentation_for,
    changes_rows,
    mixes_rows,
)
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.loop import length_mixed_batches
from automl_nb.zoo.attention import attend, attention_of
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.tokenizer import rounded

if TYPE_CHECKING:
    import torch
    from torch import nn

    from automl_nb.zoo.card import BackboneCard

_PROBE_ROWS = 3000
_TEXT_RATE, _PICTURE_RATE = 1e-4, 2e-4
_ACTIVATIONS = 320 * 2**20  # bytes of a step's intermediate results on a processor


class Network(ABC):
    """A backbone with one column's rows as it reads them.

    Attributes:
        rate: Learning rate of the top layer.
        batch: Rows a step.
        normalised: Whether the head reads features of unit length.
        backward: Forward passes that a training step costs, measured on a CPU.
        augmentation: Changes rows while they are learnt from.
        known: Key of a block with this backbone's frozen features, or "".
        recomputes: Whether layers compute their intermediate results again on the way back,
            rather than keep them (Chen et al. 2016, arXiv 1604.06174).
        remembers: Epochs from the first on in which it keeps what later ones read.
    """

    rate: float
    batch: int
    normalised: bool
    backward: float

    augmentation: Augmentation
    recomputes: bool = False
    remembers: int = 0

    def __init__(self, encoder: FrozenEncoder, device: str, config: dict[str, Any]) -> None:
        import torch

        self.encoder, self.device = encoder, device
        self.known = str(config.get("features", ""))
        self.augmentation = augmentation_for(config, encoder.modality)
        self.backbone = encoder.backbone
        dtype = encoder.torch_dtype()
        self.mixed = {torch.bfloat16: "bf16", torch.float16: "fp16"}.get(dtype, "no")

    def at_hand(self, block: Any) -> np.ndarray:
        """The features that the head reads, from a block that the run has computed."""
        return np.asarray(block)[:, : self.backbone.card.dimension]

    @property
    def at_once(self) -> int:
        """Rows whose intermediate results are kept together; a power of two, `batch` at most.

        On a processor they share the memory with everything else that is open, and smaller
        parts of a step are as fast; the gradients of the parts are added up.
        """
        row = self.activation_bytes()
        if not row or self.device.partition(":")[0] != "cpu":
            return self.batch
        fitting = max(1, _ACTIVATIONS // row)
        return min(self.batch, 1 << (fitting.bit_length() - 1))

    def activation_bytes(self) -> int:
        """Bytes that the way back needs of a row; 0 where it isn't known."""
        return 0

    def estimate_epoch_s(self, rows: np.ndarray) -> float:
        """Seconds of an epoch, from the measured speed of the forward pass alone.

        On a card it is the start of a step that takes the time, not the rows of a small batch.
        """
        cost = float(self.lengths()[rows].sum())
        steps = -(-len(rows) // self.batch)
        return self.backward * max(cost / self.encoder.rate(), steps * self.encoder.pass_s())

    def start_from(self, backbone: Backbone) -> None:
        """Read with other weights of the same family; features of the usual ones don't count."""
        self.backbone, self.known = backbone, ""
        self.encoder.reading_with(backbone)

    @abstractmethod
    def load(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
        """The network's inputs for some rows; `rng` asks for augmentation."""

    def view(self, rows: np.ndarray, rng: np.random.Generator, epoch: int) -> dict[str, Any]:
        """The inputs of a training batch in an epoch."""
        del epoch
        return self.load(rows, rng)

    def spare_memory(self) -> bool:
        """Keep less at the price of time; whether there was anything left to spare."""
        spared = not self.recomputes and len(stack_of(self.backbone.module)) > 1
        self.recomputes = self.recomputes or spared
        return spared

    @abstractmethod
    def lengths(self) -> np.ndarray:
        """(n,) cost of each row, so that alike ones share a batch."""

    @abstractmethod
    def encoder_with(self, tuned: Backbone) -> FrozenEncoder:
        """An encoder that reads with the tuned network."""

    def frozen_features(
        self, context: TrialContext, rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows (at most 3,000 where they must be encoded) and their frozen features."""
        if self.known:
            return rows, self.at_hand(context.blocks[self.known][rows])
        rng = np.random.default_rng(context.seed)
        some = np.sort(rng.permutation(rows)[:_PROBE_ROWS])
        frame = context.blocks.take(some).frame
        features = self.encoder.transform(frame, cancel=context.cancel)
        return some, np.asarray(features)

    def batches(
        self, rows: np.ndarray, targets: np.ndarray, size: int, seed: int | None
    ) -> Batches:
        """Batches of these rows: shuffled by epoch if there is a seed."""
        return Batches(self, rows, targets, size, seed)

    def on_device(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The inputs where the network is."""
        return {key: value.to(self.device, non_blocking=True) for key, value in inputs.items()}


@dataclass(frozen=True)
class Batches:
    """Gives the batches of an epoch, or of all rows in order of cost."""

    network: Network
    rows: np.ndarray
    targets: np.ndarray
    size: int
    seed: int | None

    def __call__(self, epoch: int) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """Shuffled batches of one epoch with their targets."""
        return self._made(epoch, 0)

    def rest(
        self, epoch: int, taken: int
    ) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """The batches of one epoch but the first few, as they would have come after these.

        Where making these draws random numbers or leaves something behind they are made all
        the same.
        """
        augmentation = self.network.augmentation
        draws = changes_rows(augmentation) or mixes_rows(augmentation)
        if draws or self.network.remembers:
            return islice(self._made(epoch, 0), taken, None)
        return self._made(epoch, taken)

    def _made(
        self, epoch: int, skipped: int
    ) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        import torch

        rng = np.random.default_rng([self.seed or 0, epoch])
        lengths = self.network.lengths()
        for batch in length_mixed_batches(lengths, self.rows, self.size, rng)[skipped:]:
            inputs = self.network.view(batch, rng, epoch)
            targets = torch.from_numpy(self.targets[batch])
            yield self.network.augmentation.batch(inputs, targets, rng)

    def work(self, inputs: dict[str, torch.Tensor]) -> float:
        """What a batch costs beside the mean one: by its tokens, padding included."""
        mask = inputs.get("attention_mask")
        return 1.0 if mask is None else mask.numel() / self._usual

    @cached_property
    def _usual(self) -> float:
        """Tokens of the mean batch of the first epoch."""
        lengths, rng = self.network.lengths(), np.random.default_rng([self.seed or 0, 0])
        batches = length_mixed_batches(lengths, self.rows, self.size, rng)
        longest = int(lengths.max(initial=1))
        padded = [len(rows) * rounded(int(lengths[rows].max()), longest) for rows in batches]
        return float(np.mean(padded))

    def in_order(self) -> Iterator[tuple[np.ndarray, dict[str, torch.Tensor]]]:
        """Batches by length, each with the positions of its rows among `rows`."""
        order = np.argsort(self.network.lengths()[self.rows], kind="stable")
        for start in range(0, len(order), 2 * self.size):
            some = order[start : start + 2 * self.size]
            yield some, self.network.load(self.rows[some], None)


def usual_rate(card: BackboneCard) -> float:
    """The learning rate of the top layer where none is set.

    Wider layers want smaller steps (Yang et al. 2022, arXiv 2203.03466): 1e-4 for MiniLM, 5e-5 for
    a BERT of the usual width.
    """
    if card.modality == "image":
        return _PICTURE_RATE
    return _TEXT_RATE * min(1.0, 384.0 / max(1, card.dimension))


class TextNetwork(Network):
    """Token ids, padded to the longest of a batch."""

    batch, normalised = 32, True
    backward = 3.2

    def __init__(self, context: TrialContext, config: dict[str, Any], device: str) -> None:
        column = str(config["column"])
        length = int(config["max_length"])
        reader = FrozenText(
            column, config["backbone"], layers="last", max_length=length, device=device
        )
        super().__init__(reader, device, config)
        self.rate = usual_rate(self.backbone.card)
        self._reader, self._texts = reader, column_texts(context.blocks.frame, column)
        self._ids = reader.tokens(self._texts)
        if len(context.y) < 1000:
            self.batch = 16

    def activation_bytes(self) -> int:
        """Layers x length x (34 width + 5 heads x length), for the longest text.

        Korthikanti et al. 2022 (arXiv 2205.05198), equation 1, for 16-bit numbers.
        """
        config: Any = self.backbone.module.config
        try:
            layers, heads = int(config.num_hidden_layers), int(config.num_attention_heads)
        except AttributeError:
            return 0
        longest = int(self.lengths().max(initial=1))
        return layers * longest * (34 * self.backbone.card.dimension + 5 * heads * longest)

    def lengths(self) -> np.ndarray:
        """Tokens of each text."""
        return np.array([len(ids) for ids in self._ids])

    def load(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
        """Ids and mask."""
        import torch

        known = [self._ids[row] for row in rows]
        if rng is not None and self.augmentation.changes_texts:
            changed = [self.augmentation.text(self._texts[row], rng) for row in rows]
            known = self._reader.tokens(changed)
        ids, mask = self._reader.tokenizer.pad(known, self._reader.max_length)
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}

    def encoder_with(self, tuned: Backbone) -> FrozenEncoder:
        """Reads the same column at the same length."""
        old = self.encoder
        assert isinstance(old, FrozenText)
        made = FrozenText(
            old.columns[0],
            tuned.card,
            layers="last",
            max_length=old.max_length,
            dtype=str(old.torch_dtype()).removeprefix("torch."),
            device=self.device,
        )
        return _reading_with(made, tuned)


class PictureNetwork(Network):
    """Pixels, changed at random while training."""

    rate, batch, normalised = _PICTURE_RATE, 16, False
    backward = 8.0

    def __init__(self, context: TrialContext, config: dict[str, Any], device: str) -> None:
        column = str(config["column"])
        encoder = FrozenImage(column, config["backbone"], device=device)
        super().__init__(encoder, device, config)
        self._values = context.blocks.frame[column].tolist()
        self._pixels: dict[int, np.ndarray] = {}

    def lengths(self) -> np.ndarray:
        """All alike."""
        return np.ones(len(self._values), dtype=np.int64)

    def load(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
        """(n, 3, size, size) normalised pixels."""
        pixels = np.stack([self._decoded(int(row)) for row in rows])
        if rng is not None:
            pixels = np.stack([self.augmentation.picture(one, rng) for one in pixels])
        spec = self.backbone.picture_spec
        assert spec is not None
        return {"pixels": spec.tensor(pixels)}

    def _decoded(self, row: int) -> np.ndarray:
        encoder = self.encoder
        assert isinstance(encoder, FrozenImage)
        if row not in self._pixels:
            value = self._values[row]
            missing = value is None or (isinstance(value, float) and np.isnan(value))
            size = encoder.spec.size
            picture = np.full((size, size, 3), 255, np.uint8) if missing else encoder.decoded(value)
            if len(self._pixels) * picture.nbytes > 2**30:
                return picture
            self._pixels[row] = picture
        return self._pixels[row]

    def encoder_with(self, tuned: Backbone) -> FrozenEncoder:
        """Reads the same column."""
        old = self.encoder
        made = FrozenImage(
            old.columns[0],
            tuned.card,
            dtype=str(old.torch_dtype()).removeprefix("torch."),
            device=self.device,
        )
        return _reading_with(made, tuned)


def network_for(context: TrialContext, config: dict[str, Any]) -> Network:
    """The network that reads the column of `config`."""
    kinds: dict[str, Callable[..., Network]] = {"text": TextNetwork, "image": PictureNetwork}
    modality = str(config.get("modality", "text"))
    if modality not in kinds:
        raise SettingError("Fine-tuning reads text or image columns.", received=modality)
    return kinds[modality](context, config, context.device)


def layers_of(module: nn.Module) -> list[list[Any]]:
    """Parameters of each layer from the bottom up; word embeddings stay as they are.

    Embeddings of words that the task doesn't show would not move with the rest.
    """
    stack = stack_of(module)
    inside = {id(p) for layer in stack for p in layer.parameters()}
    below = []
    for name, parameter in module.named_parameters():
        if id(parameter) in inside:
            continue
        if "embedding" in name or "pooler" in name:
            parameter.requires_grad_(False)
        else:
            below.append(parameter)
    return [below, *([*layer.parameters()] for layer in stack)]


def stack_of(module: nn.Module) -> list[nn.Module]:
    """The blocks of a network from the bottom up: those of its largest list."""
    from torch import nn

    stacks = [
        list(part.children())
        for part in module.modules()
        if isinstance(part, nn.ModuleList | nn.Sequential)
    ]
    return max(stacks, key=lambda s: sum(p.numel() for m in s for p in m.parameters()), default=[])


def _reading_with(encoder: Any, tuned: Backbone) -> FrozenEncoder:
    tuned.module.eval()
    attend(tuned.module, attention_of(encoder.backbone.module))  # forward only from now on
    for parameter in tuned.module.parameters():
        parameter.requires_grad_(False)
    made: FrozenEncoder = encoder.reading_with(tuned)
    return made
