"""Whether a text network can read some texts, where the part that judges it is there."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

from automl_nb.explorer.card import Reading
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.tokenizer import TextTokenizer

_LANGUAGE = "automl_nb.explorer.language"


def reading_of(
    card: BackboneCard, tokenizer: TextTokenizer, texts: Sequence[str]
) -> Reading | None:
    """How a network's vocabulary fits texts; None where that can't be told."""
    if importlib.util.find_spec(_LANGUAGE) is None:
        return None
    judge: Any = importlib.import_module(_LANGUAGE).language_fit
    found = judge(card, tokenizer, texts)
    return Reading(
        fertility=float(found.fertility),
        unknown_share=float(found.unknown_share),
        scripts=tuple(map(str, found.scripts)),
        fits=bool(found.fits),
        reason=str(found.reason),
    )
