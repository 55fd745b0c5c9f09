"""Texts through a frozen pretrained network: one vector a text, computed once.

Texts are sorted by length and put into batches of about as many tokens each, so that
hardly any padding is computed, and in the number format that is fastest here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from automl_nb.core.clock import now
from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.features.memory import halving
from automl_nb.features.pooling import LayerChoice, Pooling
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.tokenizer import TextTokenizer

if TYPE_CHECKING:
    import torch

# On reviews and news (MiniLM-L6, 4,000 to 6,500 rows) 256 tokens gave no better features than
# 128, for 1.4 times the time; the sentence networks of the zoo were trained on 128.
LENGTH_CAP = 128
LENGTH_STEP = 16
SAMPLE = 2000
TOKENIZE_AT_ONCE = 2000
TOKENS_A_BATCH = {"cpu": 2048, "mps": 16_384, "cuda": 65_536}


class FrozenText(FrozenEncoder):
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
            of the training texts whole, up to 128.
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
    modality = "text"
    version = 1

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
        super().__init__(column, backbone, dtype=dtype, device=device)
        self.layers = LayerChoice.parse(layers)
        self.pooling = Pooling.parse(pooling)
        self.max_length = max_length

    def settings(self) -> dict[str, Any]:
        """Layers, pooling and length."""
        return {
            "layers": self.layers.name,
            "pooling": self.pooling.name,
            "max_length": self.max_length,
        }

    def identity(self) -> str:
        """As of every frozen encoder, and the prefix that the backbone wants."""
        return super().identity() + self.card.prefix

    def fit(self, frame: pd.DataFrame) -> None:
        """Choose the length to cut texts at, if it wasn't given."""
        if self.max_length is not None:
            return
        limit = min(LENGTH_CAP, self.tokenizer.max_length)
        lengths = self._sample_lengths(frame, limit) or [limit]
        holds_most = float(np.quantile(lengths, 0.99))
        self.max_length = min(limit, math.ceil(holds_most / LENGTH_STEP) * LENGTH_STEP)

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> np.ndarray:
        """Encode each different text once.

        Returns:
            (n_rows, dimension) float32.

        Raises:
            Cancelled: `cancel` was set.
        """
        texts = column_texts(frame, self.columns[0])
        position = {text: index for index, text in enumerate(dict.fromkeys(texts))}
        out = np.empty((len(position), self.dimension), dtype=np.float32)
        done = 0
        for positions, vectors in self._encode(list(position), cancel):
            out[positions] = vectors
            done += len(positions)
            if progress is not None:
                progress(done * len(texts) // len(position), len(texts))
        return out[[position[text] for text in texts]]

    @property
    def dimension(self) -> int:
        """Columns of the block."""
        return self.backbone.card.dimension * len(self.layers.parts)

    @property
    def tokenizer(self) -> TextTokenizer:
        """The backbone's tokenizer."""
        tokenizer = self.backbone.tokenizer
        assert tokenizer is not None
        return tokenizer

    def estimate_s(self, frame: pd.DataFrame) -> float:
        """Seconds that `transform` would take here, from measured tokens a second."""
        lengths = self._sample_lengths(frame, self.max_length or LENGTH_CAP)
        if not lengths:
            return 0.0
        different = frame[self.columns[0]].nunique(dropna=False)
        return float(np.mean(lengths)) * different / self.rate()

    def tokens(self, texts: list[str], limit: int | None = None) -> list[list[int]]:
        """Ids as the backbone was trained to see a text: after its prefix, at most `limit`.

        Without a limit texts are cut where `transform` cuts them.
        """
        seen = [self.card.prefix + text for text in texts]
        return self.tokenizer.encode(seen, limit or self.max_length)

    def _sample_lengths(self, frame: pd.DataFrame, limit: int) -> list[int]:
        """Tokens of some of the texts, spread evenly over the rows."""
        step = max(1, math.ceil(len(frame) / SAMPLE))
        texts = column_texts(frame.iloc[::step], self.columns[0])
        return [len(ids) for ids in self.tokens(texts, limit)]

    def _tokenize(self, texts: list[str], cancel: CancelToken | None) -> list[list[int]]:
        ids: list[list[int]] = []
        for start in range(0, len(texts), TOKENIZE_AT_ONCE):
            if cancel is not None:
                cancel.check()
            ids += self.tokens(texts[start : start + TOKENIZE_AT_ONCE])
        return ids

    def _encode(
        self, texts: list[str], cancel: CancelToken | None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batches of (positions, vectors), in an order that makes progress even."""
        ids = self._tokenize(texts, cancel)
        if not ids:
            return
        dtype = self.torch_dtype()
        started = now()
        budget = TOKENS_A_BATCH[self.device.partition(":")[0]]
        for batch in length_batches([len(item) for item in ids], budget):
            if cancel is not None:
                cancel.check()
            yield from halving(batch, lambda part: self._forward([ids[i] for i in part], dtype))
        self.remember_rate(sum(map(len, ids)), now() - started)

    def _forward(self, ids: list[list[int]], dtype: torch.dtype) -> np.ndarray:
        import torch

        from automl_nb.zoo.precision import in_dtype, within

        padded, filled = (torch.from_numpy(array) for array in self.tokenizer.pad(ids))
        module = in_dtype(self.backbone, dtype)
        with within(self.device, dtype):
            mask = filled.to(self.device)
            states = module(
                input_ids=padded.to(self.device),
                attention_mask=mask,
                output_hidden_states=self.layers.reads_inside,
            )
        with within(self.device, torch.float32):
            joined = self.layers(states, lambda layer: self.pooling(layer, mask))
        vectors: np.ndarray = joined.cpu().numpy()
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
    shuffled = np.random.default_rng(0).permutation(max(0, len(batches) - 1)) + 1
    return batches[:1] + [batches[index] for index in shuffled]


def column_texts(frame: pd.DataFrame, column: str) -> list[str]:
    """A column's values as text; missing ones as the empty text."""
    values = frame[column]
    missing = values.isna().to_numpy()
    return ["" if gone else str(value) for value, gone in zip(values.array, missing, strict=True)]
