"""Networks that are known but whose weights are not on this machine."""

from __future__ import annotations

from collections.abc import Container, Sequence

from automl_nb.explorer.candidates import cards_elsewhere, prior
from automl_nb.explorer.card import Entry
from automl_nb.explorer.language import READERS, READS_MOST, readable_share
from automl_nb.explorer.scripts import main_scripts, row_shares
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import is_available


def to_fetch(column: str, modality: str, known: Container[str]) -> list[Entry]:
    """What could be fetched for a column, by its prior alone, the largest first.

    Args:
        column: Its name.
        modality: What it holds, text or image.
        known: Names of the networks that are looked at anyway.
    """
    return [
        Entry(
            column,
            card.name,
            modality,
            prior=prior(card),
            parameters=card.parameters,
            licence=card.licence,
            note=is_available(card)[1],
        )
        for card in cards_elsewhere(modality)
        if card.name not in known
    ]


def reader_of(texts: Sequence[str]) -> str:
    """The network to fetch for texts that none at hand reads; "" where none is known.

    Example:
        >>> reader_of(["这部电影很好看", "质量太差了"])
        'chinese-roberta'
    """
    shares = row_shares(main_scripts(texts))
    fitting = (name for name in READERS if readable_share(CARDS[name], shares) >= READS_MOST)
    return next(fitting, "")
