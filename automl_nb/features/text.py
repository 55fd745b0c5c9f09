"""Texts through a frozen pretrained network: one vector a text, computed once.

Texts are sorted by length and put into batches of about as many tokens each, so that
hardly any padding is computed, and in the number format that is fastest here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import SettingError
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn
from automl_nb.features.memory import halving
from automl_nb.features.pooling import LayerChoice, Pooling
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.card import BackboneCard

if TYPE_CHECKING:
    import torch

VERSION = 1  # counts up when the numbers change
LENGTH_CAP = 256
LENGTH_STEP = 16
SAMPLE = 2000
TOKENIZE_AT_ONCE = 2000
TOKENS_A_BATCH = {"cpu": 2048, "mps": 16_384, "cuda": 65_536}


class FrozenText:
    """A text column as unit-norm features of a frozen backbone.

    Each of the chosen layers' vectors has length 1, so that a linear model weighs them
    alike; rows without a text get the vector of the empty text. A row's numbers don't
    depend on the rows beside it but for rounding (1e-6 in float32, 1e-3 in bfloat16),
    because padding changes the shapes of the products.

    Args:
        column: The column to read.
        backbone: A catalogue name, hub id, folder or card.
        layers: "last", "mean" (over all layers), a layer's number counted from 0 (the
            embeddings), or several of these joined by "+". The mean over layers
            transfers better than any single one (Liu et al. 2019, arXiv 1903.08855).
        pooling: How tokens become one vector: mean, cls or max.
        max_length: Most tokens read of a text; None chooses the length that holds 99%
            of the training texts whole, up to 256.
        dtype: auto (measured), float32, bfloat16 or float16.
        device: The torch device.

    Example:
        >>> encoder = FrozenText("review", "minilm-l3")
        >>> frame = pd.DataFrame({"review": ["a fine tea", None, "a fine tea"]})
        >>> encoder.fit(frame)
        >>> block = encoder.transform(frame)
        >>> block.shape, bool((block[0] == block[2]).all())
        ((3, 768), True)
    """

    name = "frozen-text"
    cacheable = True

    def __init__(
        self,
        column: str,
        backbone: str | BackboneCard = "minilm-l6",
        *,
        layers: str = "last+mean",
        pooling: str = "mean",
        max_length: int | None = None,
        dtype: str = "auto",
        device: str = "cpu",
    ) -> None:
        from automl_nb.zoo.load import resolve

        self.columns = (column,)
        self.card = resolve(backbone)
        self.layers = LayerChoice.parse(layers)
        self.pooling = Pooling.parse(pooling)
        self.max_length = max_length
        self.dtype = check_dtype(dtype)
        self.device = device
        self._saved: Backbone | None = None

    @property
    def key(self) -> str:
        """The block's name within a run."""
        return f"{self.name}({self.columns[0]}, {self.card.name})"

    @property
    def backbone(self) -> Backbone:
        """The network, loaded when it is first needed."""
        from automl_nb.zoo.load import load_backbone

        return self._saved or load_backbone(self.card, device=self.device)

    def fit(self, frame: pd.DataFrame) -> None:
        """Choose the length to cut texts at, if it wasn't given."""
        if self.max_length is None:
            self.max_length = self._usual_length(frame)

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """Encode each different text once; see `Encoder.transform`."""
        texts, rows = np.unique(column_texts(frame, self.columns[0]), return_inverse=True)
        out = np.empty((len(texts), self.dimension), dtype=np.float32)
        done = 0
        for positions, vectors in self._encode(list(texts), cancel):
            out[positions] = vectors
            done += len(positions)
            if progress is not None:
                progress(round(done * len(frame) / len(texts)), len(frame))
        return out[rows]

    @property
    def dimension(self) -> int:
        """Columns of the block."""
        return self.card.dimension * len(self.layers.parts)

    def estimate_s(self, frame: pd.DataFrame) -> float:
        """Seconds that `transform` would take here, from the measured tokens a second."""
        from automl_nb.zoo.probe import probe

        if frame.empty:
            return 0.0
        lengths = self._lengths(frame, self.max_length or LENGTH_CAP)
        tokens = float(np.mean(lengths)) * frame[self.columns[0]].nunique(dropna=False)
        measured = probe(self.backbone, self.device)
        rate = measured.rate if self.dtype == "auto" else measured.rates.get(self.dtype)
        return tokens / (rate or measured.rate)

    def identity(self) -> str:
        """Weights, layers, pooling, length and number format in one text."""
        facts = {
            "encoder": self.name,
            "version": VERSION,
            "weights": self.backbone.weights_sha,
            "layers": self.layers.name,
            "pooling": self.pooling.name,
            "max_length": self.max_length,
            "dtype": str(self._torch_dtype()),
            "device": self.device.partition(":")[0],
        }
        return json.dumps(facts, sort_keys=True)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the network itself too, so that a saved model needs nothing else."""
        return {
            "column": self.columns[0],
            "layers": self.layers.name,
            "pooling": self.pooling.name,
            "max_length": self.max_length,
            "dtype": self.dtype,
            "backbone": self.backbone.save(folder / "backbone"),
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any], *, device: str = "cpu") -> FrozenText:
        """Rebuild what `save` wrote."""
        from automl_nb.zoo.load import load_saved

        network = load_saved(folder / "backbone", config["backbone"], device=device)
        made = cls(
            config["column"],
            network.card,
            layers=config["layers"],
            pooling=config["pooling"],
            max_length=config["max_length"],
            dtype=config["dtype"],
            device=device,
        )
        made._saved = network
        return made

    def _torch_dtype(self) -> torch.dtype:
        import torch

        from automl_nb.zoo.device import best_dtype

        if self.dtype == "auto":
            return best_dtype(self.backbone, self.device)
        chosen: torch.dtype = getattr(torch, self.dtype)
        return chosen

    def _lengths(self, frame: pd.DataFrame, limit: int) -> list[int]:
        """Tokens of a sample of texts, spread evenly over the rows."""
        step = max(1, math.ceil(len(frame) / SAMPLE))
        tokenizer = self.backbone.tokenizer
        assert tokenizer is not None
        texts = column_texts(frame.iloc[::step], self.columns[0])
        return [len(ids) for ids in tokenizer.encode(texts, limit)]

    def _usual_length(self, frame: pd.DataFrame) -> int:
        limit = min(LENGTH_CAP, self.card.input_size)
        if frame.empty:
            return limit
        holds_most = float(np.quantile(self._lengths(frame, limit), 0.99))
        return min(limit, math.ceil(holds_most / LENGTH_STEP) * LENGTH_STEP)

    def _tokenize(self, texts: list[str], cancel: CancelToken | None) -> list[list[int]]:
        tokenizer = self.backbone.tokenizer
        assert tokenizer is not None
        ids: list[list[int]] = []
        for start in range(0, len(texts), TOKENIZE_AT_ONCE):
            if cancel is not None:
                cancel.check()
            ids += tokenizer.encode(texts[start : start + TOKENIZE_AT_ONCE], self.max_length)
        return ids

    def _encode(
        self, texts: list[str], cancel: CancelToken | None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batches of (positions, vectors), in an order that makes progress even."""
        ids = self._tokenize(texts, cancel)
        if not ids:
            return
        dtype = self._torch_dtype()
        budget = TOKENS_A_BATCH[self.device.partition(":")[0]]
        for positions in length_batches([len(item) for item in ids], budget):
            if cancel is not None:
                cancel.check()
            yield from halving(positions, lambda part: self._forward([ids[i] for i in part], dtype))

    def _forward(self, ids: list[list[int]], dtype: torch.dtype) -> np.ndarray:
        import torch

        from automl_nb.zoo.precision import in_dtype, within

        tokenizer = self.backbone.tokenizer
        assert tokenizer is not None
        padded, filled = (torch.from_numpy(array) for array in tokenizer.pad(ids))
        module = in_dtype(self.backbone, dtype)
        with within(self.device, dtype):
            mask = filled.to(self.device)
            states = module(
                input_ids=padded.to(self.device),
                attention_mask=mask,
                output_hidden_states=self.layers.reads_inside,
            )
            pooled = [self.pooling(layer, mask) for layer in self.layers(states)]
            joined = torch.cat([torch.nn.functional.normalize(part, dim=1) for part in pooled], 1)
        vectors: np.ndarray = joined.float().cpu().numpy()
        return vectors


def length_batches(lengths: list[int], budget: int) -> list[np.ndarray]:
    """Positions in batches of alike lengths, each of at most `budget` padded tokens.

    The batch of the longest comes first, so that a lack of memory shows at once; the
    rest come in a fixed shuffled order, so that rows done grow evenly with time.

    Example:
        >>> [batch.tolist() for batch in length_batches([2, 9, 3, 8], 18)]
        [[1, 3], [0, 2]]
    """
    order = np.argsort(lengths, kind="stable")[::-1]
    batches, start = [], 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        batches.append(np.sort(order[start : start + size]))
        start += size
    shuffled = np.random.default_rng(0).permutation(len(batches) - 1) + 1
    return batches[:1] + [batches[index] for index in shuffled]


def column_texts(frame: pd.DataFrame, column: str) -> list[str]:
    """A column's values as text; missing ones as the empty text."""
    values = frame[column]
    missing = values.isna().to_numpy()
    return ["" if gone else str(value) for value, gone in zip(values.array, missing, strict=True)]


def check_dtype(name: str) -> str:
    """The number format's name, if it is one that can be used.

    Raises:
        SettingError: It isn't.
    """
    known = ("auto", "float32", "bfloat16", "float16")
    if name not in known:
        raise SettingError(f"A number format must be one of {', '.join(known)}.", received=name)
    return name
