"""Masked language modelling: hidden words guessed from the words around them (BERT's task)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from automl_nb.zoo.tokenizer import TextTokenizer

SHARE = 0.15
NOT_ASKED = -100  # the target of a token that isn't to be guessed


def hide(
    ids: np.ndarray,
    mask: np.ndarray,
    tokenizer: TextTokenizer,
    n_words: int,
    *,
    rng: np.random.Generator,
    share: float = SHARE,
) -> tuple[np.ndarray, np.ndarray]:
    """Hide some of the tokens of a batch.

    Of those that are to be guessed 80% become the mask, 10% another token, 10% stay (Devlin
    et al. 2019, arXiv 1810.04805, section 3.1).

    Args:
        ids: (n, length) int64 token ids.
        mask: (n, length) 1 for real tokens.
        tokenizer: Knows the mask and what is no text.
        n_words: Size of the vocabulary.
        rng: Seeds the choice.
        share: Of the text's tokens.

    Returns:
        (n, length) ids with some hidden, and (n, length) targets: the true id where a token
        is to be guessed, else -100.
    """
    assert tokenizer.mask_id is not None
    text = (mask == 1) & ~np.isin(ids, list(tokenizer.special_ids))
    asked = text & (rng.random(ids.shape) < share)
    fate = rng.random(ids.shape)
    hidden = np.where(asked & (fate < 0.8), tokenizer.mask_id, ids)
    drawn = rng.integers(0, n_words, ids.shape)
    hidden = np.where(asked & (fate >= 0.8) & (fate < 0.9), drawn, hidden)
    return hidden, np.where(asked, ids, NOT_ASKED)


class Guesser(nn.Module):
    """A backbone with a head that guesses words.

    Sentence networks come without one. Words are told apart by the network's own word
    embeddings, which stay as they are; between them and the hidden states is a fresh
    transform, the identity at first where the widths allow, with BERT's activation and norm.

    Args:
        body: The backbone's network, to be trained.
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        words: Any = body.get_input_embeddings()  # type: ignore[operator]
        n_words, width = words.weight.shape
        wide = int(body.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.dense, self.norm = nn.Linear(wide, width), nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(n_words))
        if wide == width:
            nn.init.eye_(self.dense.weight)
            nn.init.zeros_(self.dense.bias)
        self.register_buffer("words", words.weight.detach(), persistent=False)

    def fresh(self) -> list[nn.Parameter]:
        """What doesn't come from the pretrained network."""
        return [*self.dense.parameters(), *self.norm.parameters(), self.bias]

    def forward(self, inputs: dict[str, torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of the hidden words; only these are scored.

        Args:
            inputs: ``input_ids`` and ``attention_mask``, (n, length).
            targets: (n, length), -100 where nothing is asked.
        """
        hidden = self.body(**inputs).last_hidden_state
        asked = targets != NOT_ASKED
        if not asked.any():
            nothing: torch.Tensor = hidden.sum() * 0.0
            return nothing
        made = self.norm(nn.functional.gelu(self.dense(hidden[asked])))
        scores = made.to(self.words.dtype) @ self.words.T + self.bias
        return nn.functional.cross_entropy(scores.float(), targets[asked])

    def train(self, mode: bool = True) -> Self:
        """Learns as it answers: without dropout (see ADR 8)."""
        del mode
        return super().train(False)
