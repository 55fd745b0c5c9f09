"""Texts with a few words moved, left out or said twice.

"Easy data augmentation" (Wei & Zou 2019, arXiv 1901.11196) with a = 0.05: one of its changes a
draw, n = a times the words, one at least. Its synonyms need a thesaurus of the language, which
isn't shipped. So nothing is replaced by a synonym, and what is inserted is a word of the same text
in another place. A text that is written without spaces is changed by characters.
"""

from __future__ import annotations

import numpy as np

from automl_nb.transfer.augment.base import Augmentation

_ALPHA = 0.05
_LONG = 20  # characters from which on fewer than three words mean that there are no spaces


class Eda(Augmentation):
    """Augmentation ``eda``: for a few hundred texts, where each is seen often."""

    name = "eda"
    modality = "text"

    def text(self, text: str, rng: np.random.Generator) -> str:
        """Swapped, thinned out, or with some words said twice; one word stays as it is."""
        words, between = text.split(), " "
        if len(words) < 3 and len(text) > _LONG:
            words, between = list(text), ""
        if len(words) < 2:
            return text
        changes = (swapped, thinned, repeated)
        changed = changes[int(rng.integers(len(changes)))]
        return between.join(changed(words, max(1, round(_ALPHA * len(words))), rng))


def swapped(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """Two words trade places, n times."""
    made = list(words)
    for _ in range(n):
        one, other = rng.choice(len(made), 2, replace=False)
        made[one], made[other] = made[other], made[one]
    return made


def thinned(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """Each word is left out with the probability n / len(words); one stays at least."""
    kept = rng.random(len(words)) >= n / len(words)
    if not kept.any():
        kept[int(rng.integers(len(words)))] = True
    return [word for word, keep in zip(words, kept, strict=True) if keep]


def repeated(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """A word of the text is said once more in a random place, n times."""
    made = list(words)
    for _ in range(n):
        word = words[int(rng.integers(len(words)))]
        made.insert(int(rng.integers(len(made) + 1)), word)
    return made
