"""The confusion matrix: numbers where they can be read, tints where there are many classes."""

from __future__ import annotations

import numpy as np

from automl_nb.core.show.words import count
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Confusion, Scorecard
from automl_nb.evaluate.words import label, width
from automl_nb.report.ink import Ink, shown
from automl_nb.report.picture import Picture, Plot, title_over

_NUMBERED = 20  # classes up to which each cell carries its number
_SOLID = 0.5  # from this share on a cell is filled, with white figures on it
_PALE, _DEEP = np.array([0x4A, 0x8C, 0xC7]), np.array([0x14, 0x45, 0x73])


def _draw(
    figure: Picture,
    state: RunState,
    card: Scorecard | None,
    ink: Ink,
    *,
    share: bool = False,
) -> None:
    del state
    if card is None or card.confusion is None:
        return
    ax, counts = figure.subplots(), np.array(card.confusion.counts)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    ax.imshow(tints(shares), aspect="equal", interpolation="nearest")
    k = len(counts)
    names, size = _names(card.confusion), _font_size(k)
    ax.set_xticks(range(k), names, fontsize=size, rotation=90 if k > 3 else 0)
    ax.set_yticks(range(k), names, fontsize=size)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true (each row of cells: 100%)" if share else "true")
    title_over(figure, "Which classes are taken for which")
    if k <= _NUMBERED:
        for (row, column), number in np.ndenumerate(counts):
            if number:
                solid = shares[row, column] >= _SOLID
                ax.text(
                    column,
                    row,
                    _rate(shares[row, column]) if share else f"{number:,}",
                    ha="center",
                    va="center",
                    fontsize=size,
                    color="white" if solid else ink.text,
                )


def _rate(share: float) -> str:
    """A share in whole percent, none of which hides that there were some."""
    return "<1%" if share < 0.005 else f"{share:.0%}" if share < 1.0 else "100%"


def tints(shares: np.ndarray) -> np.ndarray:
    """(k, k) shares of a row to (k, k, 4) colours from 0 to 1.

    Small shares are see-through, so that they stand on any page; large ones are filled and
    dark enough for white figures.
    """
    colours = np.zeros((*shares.shape, 4))
    solid = shares >= _SOLID
    depth = np.clip((shares - _SOLID) / (1 - _SOLID), 0, 1)[..., None]
    colours[..., :3] = np.where(solid[..., None], _PALE + depth * (_DEEP - _PALE), _PALE) / 255
    colours[..., 3] = np.where(solid, 1.0, shares**0.3 * 0.8)
    return colours


def _names(confusion: Confusion) -> list[str]:
    longest = 24 if len(confusion.classes) <= 12 else 16
    return [shown(name, longest) for name in confusion.classes]


def _font_size(k: int) -> float:
    return 9.0 if k <= 8 else 8.0 if k <= 12 else 6.5 if k <= 30 else 5.2


def _describe(state: RunState, card: Scorecard | None) -> str:
    del state
    if card is None or card.confusion is None:
        return "No confusion matrix."
    counts = np.array(card.confusion.counts)
    right, total = int(np.trace(counts)), int(counts.sum())
    told = (
        f"Confusion matrix of {count(len(counts), 'class', 'classes')}: "
        f"{right:,} of {count(total, 'row')} are right."
    )
    mistakes = counts - np.diag(np.diag(counts))
    if mistakes.any():
        row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
        classes = card.confusion.classes
        told += (
            f" Most often {label(classes[row])} is taken for {label(classes[column])} "
            f"({int(mistakes[row, column]):,} times)."
        )
    return told


def _size(state: RunState, card: Scorecard | None) -> tuple[float, float]:
    del state
    if card is None or card.confusion is None:
        return 4.0, 4.0
    k = len(card.confusion.classes)
    cells = float(np.clip((0.85 if k <= 3 else 0.5 if k <= 12 else 0.3) * k, 1.7, 8.0))
    longest = max(width(name) for name in _names(card.confusion))
    words = 0.5 + 0.0095 * _font_size(k) * longest
    return max(cells + words, 3.6), cells + (words if k > 3 else 0.7) + 0.3


confusion = Plot(
    _draw,
    lambda _, card: bool(card and card.confusion and card.n_rows),
    _describe,
    _size,
    options=("share",),
)
