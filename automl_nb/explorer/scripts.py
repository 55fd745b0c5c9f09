"""In which scripts texts are written: each letter has one, and a row has a main one.

A letter's script is read off its Unicode name (``CYRILLIC SMALL LETTER A``), so that every
script that the standard library knows is told apart, and no table has to be kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

CHARACTERS = 500  # read of a text; more would not change its script
_FIRST = re.compile(r"[A-Z]+")
_NAMES = {"CJK": "Han", "KANGXI": "Han", "BOPOMOFO": "Han"}
_JAPANESE = {"Han", "Hiragana", "Katakana"}
_KANA = 0.1  # share of kana from which Han beside them is Japanese, not Chinese


@cache
def script_of(letter: str) -> str:
    """The script of one character; an empty text for what isn't a letter.

    Example:
        >>> [script_of(letter) for letter in "aя中かㄱع9"]
        ['Latin', 'Cyrillic', 'Han', 'Hiragana', 'Hangul', 'Arabic', '']
    """
    if not letter.isalpha():
        return ""
    plain = unicodedata.normalize("NFKC", letter)[0]  # full-width and bold letters
    word = _FIRST.match(unicodedata.name(plain, ""))
    if word is None:
        return ""
    return _NAMES.get(word[0], word[0].capitalize())


def count_scripts(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Letters of each script in each text.

    Args:
        texts: The first `CHARACTERS` characters of each are read.

    Returns:
        The scripts found, and (n_texts, n_scripts) int64 counts.

    Example:
        >>> names, counts = count_scripts(["hi", "да no", ""])
        >>> names, counts.tolist()
        (['Cyrillic', 'Latin'], [[0, 2], [2, 2], [0, 0]])
    """
    cut = [text[:CHARACTERS] for text in texts]
    points = np.frombuffer("".join(cut).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    row = np.repeat(np.arange(len(cut)), [len(text) for text in cut])
    used = np.flatnonzero(np.bincount(points)) if len(points) else np.array([], int)
    script = [_of_point(int(point)) for point in used]
    names = sorted(set(script) - {""})
    column = np.zeros(int(used.max()) + 1 if len(used) else 1, dtype=np.int64)
    column[used] = [names.index(name) if name else len(names) for name in script]
    width = len(names) + 1
    cells = np.bincount(row * width + column[points], minlength=len(cut) * width)
    return names, cells.reshape(len(cut), width)[:, :-1].astype(np.int64)


def script_shares(text: str) -> dict[str, float]:
    """Share of each script among a text's letters, the largest first.

    Example:
        >>> script_shares("Tee чай!")
        {'Cyrillic': 0.5, 'Latin': 0.5}
    """
    names, counts = count_scripts([text])
    whole = counts.sum()
    found = {name: int(n) / int(whole) for name, n in zip(names, counts[0], strict=True) if n}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def main_scripts(texts: Sequence[str]) -> list[str]:
    """The script of most of each text's letters; an empty text for a text without letters.

    Han, Hiragana and Katakana in one text are ``"Japanese"``, as ISO 15924's Jpan.

    Example:
        >>> main_scripts(["good tea", "好茶", "お茶を飲む", "чай tea чай", "12"])
        ['Latin', 'Han', 'Japanese', 'Cyrillic', '']
    """
    names, counts = count_scripts(texts)
    if not names:
        return [""] * len(texts)
    names, counts = _with_japanese(names, counts)
    best = counts.argmax(axis=1)
    return [
        names[i] if n else "" for i, n in zip(best.tolist(), counts.max(axis=1) > 0, strict=True)
    ]


def row_shares(scripts: Iterable[str]) -> dict[str, float]:
    """Share of rows by main script, rows without letters left out; the largest first.

    Example:
        >>> row_shares(["Latin", "Han", "Latin", ""])
        {'Latin': 0.6666666666666666, 'Han': 0.3333333333333333}
    """
    counts = Counter(name for name in scripts if name)
    whole = sum(counts.values())
    return {name: n / whole for name, n in sorted(counts.items(), key=lambda p: (-p[1], p[0]))}


def _of_point(point: int) -> str:
    return script_of(chr(point))


def _with_japanese(names: list[str], counts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Letters of the three Japanese scripts as one, in the rows where kana are no rarity."""
    kana = [i for i, name in enumerate(names) if name in {"Hiragana", "Katakana"}]
    if not kana:
        return names, counts
    three = [i for i, name in enumerate(names) if name in _JAPANESE]
    together = counts[:, three].sum(axis=1)
    mixed = counts[:, kana].sum(axis=1) > _KANA * np.maximum(together, 1)
    apart = counts.copy()
    apart[np.ix_(mixed, three)] = 0
    return [*names, "Japanese"], np.column_stack([apart, np.where(mixed, together, 0)])
