"""What augmentations make of pictures or texts: a row for each, a column for each draw."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from automl_nb.core.errors import SettingError
from automl_nb.core.show.words import count
from automl_nb.evaluate.words import width
from automl_nb.report.ink import Ink, Theme, colour, families, shown
from automl_nb.report.picture import Picture, finished, title_over
from automl_nb.transfer.augment.base import Augmentation, augmentation_for
from automl_nb.transfer.augment.catalog import AUGMENTATIONS

if TYPE_CHECKING:
    import torch

_SIDE = 112  # pixels of a picture in the grid
_PICTURES, _TEXTS = 6, 3  # columns
_WORDS, _CHARACTERS = 26, 160  # of a text: changes to what comes later would not be seen
_LINE = 34  # characters a line
_POINTS, _WIDE, _HIGH = 7.5, 0.0632, 0.165  # of type, and a character's inches
_NAME, _HEAD = 0.8, 0.42  # inches left of the texts and above them
_TITLE = "What augmentations do"


def augmentations_figure(
    values: Any, names: str | Sequence[str] | None = None, *, seed: int = 0, theme: Theme = "auto"
) -> Picture:
    """A figure of some rows as augmentations change them; the first row is the rows as they are.

    Args:
        values: Pictures (paths, bytes, Pillow images, arrays) or texts; or just one. They
            take turns in the columns.
        names: Augmentations; all that fit otherwise.
        seed: Another seed draws other changes.
        theme: light, dark or auto.

    Raises:
        UnknownNameError: There is no augmentation of this name.
        SettingError: It is for the other kind of column, or there is nothing to change.
        DataError: A picture cannot be read.

    Example:
        >>> from PIL import Image
        >>> made = augmentations_figure([Image.new("RGB", (9, 9))], "crop")
        >>> made.description
        'Augmentations of 1 picture, a row each: none, crop.'
    """
    ink, rows = Ink.of(theme), _listed(values)
    modality = "text" if _are_texts(rows) else "image"
    chosen = [names] if isinstance(names, str) else names or AUGMENTATIONS.names(modality)
    asked = ["none", *(name for name in chosen if name != "none")]
    made = [augmentation_for({"augment": name}, modality) for name in asked]
    kind = "text" if modality == "text" else "picture"
    told = f"Augmentations of {count(len(rows), kind)}, a row each: {', '.join(asked)}."
    if modality == "text":
        return _text_figure([_beginning(row) for row in rows], made, seed, told, ink)
    return _picture_figure([_small(row) for row in rows], made, seed, told, ink)


def _listed(values: Any) -> list[Any]:
    """The rows that aren't missing."""
    one = isinstance(values, str | bytes | PurePath) or hasattr(values, "convert")
    one = one or (isinstance(values, np.ndarray) and _is_pixels(values))
    rows: list[Any] = []
    if one:
        rows = [values]
    elif isinstance(values, Iterable) and not hasattr(values, "columns"):
        rows = [row for row in values if not (pd.api.types.is_scalar(row) and pd.isna(row))]
    if not rows:
        raise SettingError(
            "There must be pictures or texts to change.",
            received=type(values).__name__,
            hint="Give a column, or a list of a few of its rows.",
        )
    return rows


def _is_pixels(value: np.ndarray) -> bool:
    coloured = value.ndim == 3 and value.shape[2] in {3, 4}
    return value.dtype == np.uint8 and (value.ndim == 2 or coloured)


def _are_texts(rows: list[Any]) -> bool:
    from automl_nb.data.pictures import is_picture_name

    return all(isinstance(row, str) and not is_picture_name(row) for row in rows)


def _small(value: Any) -> np.ndarray:
    """(side, side, 3) uint8."""
    from PIL import Image

    from automl_nb.data.pictures import open_picture

    image = Image.fromarray(value) if isinstance(value, np.ndarray) and _is_pixels(value) else value
    size = (_SIDE, _SIDE)
    return np.array(open_picture(image).resize(size, Image.Resampling.BILINEAR))


def _beginning(text: str) -> str:
    words = text.split()[:_WORDS]
    while len(words) > 1 and len(" ".join(words)) > _CHARACTERS:
        words.pop()
    return " ".join(words)[:_CHARACTERS]


# -- pictures -------------------------------------------------------------------------


def _picture_figure(
    pictures: list[np.ndarray], made: list[Augmentation], seed: int, told: str, ink: Ink
) -> Picture:
    several = len(pictures) > 1
    pictures = [pictures[column % len(pictures)] for column in range(_PICTURES)]

    def draw(figure: Picture) -> None:
        axes = figure.subplots(len(made), _PICTURES, squeeze=False)
        for row, augmentation in enumerate(made):
            rng = np.random.default_rng([seed, row])
            for column in range(_PICTURES):
                ax, (pixels, share) = axes[row, column], _drawn(augmentation, pictures, column, rng)
                ax.imshow(pixels, interpolation="nearest")
                ax.set_xticks([])
                ax.set_yticks([])
                for spine in ax.spines.values():  # pictures of charts are as white as the page
                    spine.set(visible=True, color=ink.faint, alpha=ink.alpha, linewidth=0.6)
                if augmentation.mixes:
                    said = f"{share:.0%} its own" if several else "needs another"
                    ax.set_xlabel(said, fontsize=7.5, labelpad=2)
            axes[row, 0].set_ylabel(
                augmentation.name, rotation=0, ha="right", va="center", labelpad=8
            )
        title_over(figure, _TITLE)

    mixed = sum(augmentation.mixes for augmentation in made)
    size = (_PICTURES * 0.92 + 1.2, len(made) * 0.96 + 0.45 + 0.18 * mixed)
    return finished(draw, size, told, ink)


def _drawn(
    augmentation: Augmentation, pictures: list[np.ndarray], column: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """One picture as the network would see it, and how much of its answer is left."""
    import torch

    if not augmentation.mixes:
        return augmentation.picture(pictures[column], rng), 1.0
    changed = np.stack([augmentation.picture(pixels, rng) for pixels in pictures])
    inputs = {"pixels": torch.from_numpy(changed).permute(0, 3, 1, 2).float() / 255.0}
    mixed, answers = augmentation.batch(inputs, torch.eye(len(pictures)), rng)
    return _as_pixels(mixed["pixels"][column]), float(answers[column, column])


def _as_pixels(picture: torch.Tensor) -> np.ndarray:
    made: np.ndarray = (picture.permute(1, 2, 0).clamp(0, 1) * 255.0).round().byte().numpy()
    return made


# -- texts ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    """A text as it is drawn: its words by line, each with whether it is where it wasn't."""

    lines: list[list[tuple[str, bool]]]
    left_out: int

    @classmethod
    def of(cls, before: str, after: str) -> _Cell:
        old, new = before.split(), after.split()
        moved = set(range(len(new)))
        for one in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            moved -= set(range(one.b, one.b + one.size))
        lines: list[list[tuple[str, bool]]] = [[]]
        for place, word in enumerate(new):
            for piece in textwrap.wrap(word, _LINE if width(word) == len(word) else _LINE // 2):
                if width(" ".join([*(w for w, _ in lines[-1]), piece])) > _LINE:
                    lines.append([])
                lines[-1].append((piece, place in moved))
        return cls(lines, sum((Counter(old) - Counter(new)).values()))

    @property
    def height(self) -> int:
        return len(self.lines) + (self.left_out > 0)


def _text_figure(
    texts: list[str], made: list[Augmentation], seed: int, told: str, ink: Ink
) -> Picture:
    own = [texts[column % len(texts)] for column in range(_TEXTS)]
    table = []
    for row, augmentation in enumerate(made):
        rng = np.random.default_rng([seed, row])
        table.append([_Cell.of(text, augmentation.text(text, rng)) for text in own])
    heights = [(max(cell.height for cell in cells) + 1) * _HIGH for cells in table]
    size = (_NAME + _TEXTS * (_LINE + 3) * _WIDE, sum(heights) + _HEAD)

    def draw(figure: Picture) -> None:
        figure.set_layout_engine("none")
        ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # its units are inches
        ax.set_axis_off()
        ax.set(xlim=(0, size[0]), ylim=(size[1], 0))
        for row, (augmentation, cells) in enumerate(zip(made, table, strict=True)):
            top = _HEAD + sum(heights[:row])
            ax.axhline(top, color=ink.faint, alpha=ink.alpha, linewidth=0.6)
            ax.text(0.1, top + _HIGH / 2, augmentation.name, va="top", fontweight="bold")
            for column, cell in enumerate(cells):
                left = _NAME + column * (_LINE + 3) * _WIDE
                _draw_cell(ax, cell, left, top + _HIGH / 2, ink)
        title_over(figure, _TITLE)

    return finished(draw, size, told, ink)


def _draw_cell(ax: Axes, cell: _Cell, left: float, top: float, ink: Ink) -> None:
    font: dict[str, Any] = {"va": "top", "fontsize": _POINTS, "family": ["DejaVu Sans Mono"]}
    font["family"] += families()
    for number, line in enumerate(cell.lines):
        at = left
        for word, moved in line:
            look: dict[str, Any] = (
                {"color": colour(1), "fontweight": "bold"} if moved else {"color": ink.text}
            )
            ax.text(at, top + number * _HIGH, shown(word, _LINE).strip(), **font, **look)
            at += (width(word) + 1) * _WIDE
    if cell.left_out:
        said, at = f"({count(cell.left_out, 'word')} fewer)", top + len(cell.lines) * _HIGH
        ax.text(left, at, said, color=colour(1), va="top", fontsize=_POINTS)
