"""Which networks can be had for a column, how they rank by their size alone, and baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from automl_nb.core.types import ColumnKind, Schema, Task
from automl_nb.data.schema import input_columns
from automl_nb.features.base import Matrix
from automl_nb.features.image import FrozenImage
from automl_nb.features.text import FrozenText
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import is_available, resolve

_MODALITY: dict[ColumnKind, Literal["text", "image"]] = {
    ColumnKind.TEXT: "text",
    ColumnKind.IMAGE: "image",
}
MOSTLY_UNSPACED = 0.2  # share of letters in scripts whose words no blank parts


@dataclass(frozen=True)
class Pair:
    """A column and a network that could read it."""

    column: str
    card: BackboneCard

    def encoder(self, device: str, max_length: int | None = None) -> FrozenText | FrozenImage:
        """The encoder of this network for this column.

        Args:
            device: Where to compute.
            max_length: Most tokens read of a text; None for as many as most texts have.
        """
        if self.card.modality == "text":
            return FrozenText(self.column, self.card, max_length=max_length, device=device)
        return FrozenImage(self.column, self.card, device=device)


def readable(schema: Schema, task: Task) -> dict[str, Literal["text", "image"]]:
    """Input columns of text and of pictures, with what a network must read for them."""
    kinds = {name: schema[name].kind for name in input_columns(schema, task)}
    return {name: _MODALITY[kind] for name, kind in kinds.items() if kind in _MODALITY}


def cards_for(modality: str, named: Sequence[str] = ("auto",)) -> list[BackboneCard]:
    """The cards to look at: those named, or every one of this kind that is on this machine.

    Example:
        >>> [card.name for card in cards_for("text", ("minilm-l3", "efficientnet-lite0"))]
        ['minilm-l3']
    """
    wanted = [resolve(name) for name in named if name not in {"auto", "none"}]
    if "auto" in named:
        wanted += [card for card in CARDS.values() if is_available(card)[0]]
    unique = {card.location: card for card in wanted if card.modality == modality}
    return list(unique.values())


def cards_elsewhere(modality: str) -> list[BackboneCard]:
    """The known cards of this kind whose weights aren't on this machine, the largest first."""
    there = [c for c in CARDS.values() if c.modality == modality and not is_available(c)[0]]
    return sorted(there, key=lambda card: -prior(card))


def prior(card: BackboneCard, parameters: int = 0) -> float:
    """What is expected of a network before any data are seen: its size.

    Weights that compute, in millions: of a text network 12 layers d², so that a large
    vocabulary doesn't count; of a picture network all.

    Args:
        card: The facts.
        parameters: Counted weights, for networks whose card doesn't tell.

    Example:
        >>> from automl_nb.zoo.catalog import CARDS
        >>> round(prior(CARDS["minilm-l6"]), 1), round(prior(CARDS["efficientnet-lite0"]), 1)
        (10.6, 3.4)
    """
    if card.modality == "text" and card.n_layers and card.dimension:
        return 12.0 * card.n_layers * card.dimension**2 / 1e6
    return (card.parameters or parameters) / 1e6


def baseline(column: str, modality: str, rows: pd.DataFrame) -> tuple[str, Matrix]:
    """Features of the column without any network, and the name of their encoder.

    Weighted words of texts, or characters where a script doesn't part words by blanks (Chinese,
    Thai, ...), whose whole sentences would count as words; small pictures.

    Example:
        >>> baseline("t", "text", pd.DataFrame({"t": ["two words", "more words"] * 3}))[0]
        'tfidf-word'
        >>> baseline("t", "text", pd.DataFrame({"t": ["服务很好", "菜很差"] * 3}))[0]
        'tfidf-char'
    """
    if modality == "text":
        from automl_nb.features.tfidf import TfidfChar, TfidfWord, texts_of, unspaced_share

        unspaced = unspaced_share(texts_of(rows, column)) > MOSTLY_UNSPACED
        encoder = TfidfChar(column) if unspaced else TfidfWord(column)
        return encoder.name, encoder.fit_transform(rows)
    from automl_nb.features.pixels import Pixels

    return "pixels", Pixels(column).transform(rows)
