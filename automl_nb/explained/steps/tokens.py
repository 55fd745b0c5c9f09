"""How a text is cut into pieces before a network reads it: one of the person's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.show.text import screen_width
from automl_nb.evaluate.words import label
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.steps.features import frozen_key
from automl_nb.explained.words import told
from automl_nb.features.text import FrozenText, column_texts
from automl_nb.report.ink import Ink, colour, shown
from automl_nb.report.picture import Picture

_LOOKED_AT = 400  # rows from which the example comes
_MOST_CHARACTERS = 20_000  # of one text
_MOST_PIECES = 40
_GOOD = 18  # pieces of an example that shows enough and can be read
_LINE = 62  # characters' widths in a line of the picture
_WORD, _INSIDE, _MARK = "word", "inside", "mark"


def _record(moment: Moment) -> Facts | None:
    key = frozen_key(moment)
    encoder = moment.bench.encoders.get(key)
    if not isinstance(encoder, FrozenText):
        return None
    frame = moment.bench.dataset.development
    step = max(1, len(frame) // _LOOKED_AT)
    some = column_texts(frame.iloc[::step], encoder.columns[0])
    texts = [text[:_MOST_CHARACTERS] for text in some[:_LOOKED_AT] if text.strip()]
    if not texts:
        return None
    lengths = np.array([len(ids) for ids in encoder.tokens(texts, encoder.tokenizer.max_length)])
    limit = int(encoder.max_length or encoder.tokenizer.max_length)
    text = texts[int(np.abs(lengths - _GOOD).argmin())]
    pieces = encoder.tokenizer.pieces(encoder.card.prefix + text)
    return {
        "column": encoder.columns[0],
        "backbone": encoder.card.name,
        "vocabulary": encoder.tokenizer.size,
        "pieces": _kinds(pieces[:_MOST_PIECES]),
        "words": len(text.split()),
        "n": len(pieces),
        "limit": limit,
        "cut": round(float((lengths > limit).mean()), 4),
        "usual": int(np.median(lengths)),
    }


def _kinds(pieces: list[tuple[str, bool]]) -> list[list[str]]:
    """Each piece with what it is: a mark, the inside of a word, or a word's beginning."""
    return [
        [piece, _MARK if is_mark else _INSIDE if piece.startswith("##") else _WORD]
        for piece, is_mark in pieces
    ]


def _tell(facts: Facts) -> Explanation:
    values = {key: value for key, value in facts.items() if key not in {"pieces", "column"}}
    return Explanation(
        "tokens",
        say("explain.tokens.title"),
        told(
            "explain.tokens",
            "pieces",
            "marks" if any(kind == _MARK for _, kind in facts["pieces"]) else "",
            "cut" if facts["cut"] > 0 else "whole",
            column=label(facts["column"]),
            **values,
        ),
        lambda figure, ink: _draw(figure, facts, ink),
        (6.4, 0.2 + 0.3 * len(_lines(facts["pieces"]))),
        say("explain.tokens.alt", pieces=" | ".join(label(piece) for piece, _ in facts["pieces"])),
    )


def _lines(pieces: list[list[str]]) -> list[list[tuple[float, float, str, str]]]:
    """Boxes in lines: (left, width, piece, kind), in characters' widths."""
    lines: list[list[tuple[float, float, str, str]]] = [[]]
    left = 0.0
    for piece, kind in pieces:
        words = shown(piece, 24)
        width = screen_width(words) + 1.4
        if lines[-1] and left + width > _LINE:
            lines.append([])
            left = 0.0
        lines[-1].append((left, width, words, kind))
        left += width + 0.6
    return lines


def _draw(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax, lines = figure.subplots(), _lines(facts["pieces"])
    hues = {_WORD: colour(0), _INSIDE: colour(1), _MARK: ink.faint}
    for place, line in enumerate(lines):
        for left, width, piece, kind in line:
            _box(ax, (left, width), -place, piece, hues[kind])
        if place == len(lines) - 1 and facts["n"] > len(facts["pieces"]):
            ax.text(line[-1][0] + line[-1][1] + 0.8, -place, "…", va="center")
    ax.set(xlim=(-0.3, _LINE + 2), ylim=(0.55 - len(lines), 0.55))
    ax.axis("off")


def _box(ax: Any, span: tuple[float, float], y: float, piece: str, hue: str) -> None:
    left, width = span
    ax.barh(y, width, 0.74, left=left, color=hue, alpha=0.2, linewidth=0)
    ax.barh(y - 0.37, width, 0.06, left=left, color=hue, linewidth=0)
    ax.text(left + width / 2, y, piece, ha="center", va="center", fontsize=8.5)


tokens = Step(_record, _tell)
