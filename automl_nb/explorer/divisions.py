"""How rows can be told apart when a model is judged: by the script of their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from automl_nb.explorer.scripts import main_scripts

_FEWEST = 5  # rows outside of the commonest script; fewer tell nothing
_LEAST = 0.01  # of the rows
WITHOUT = "no letters"


def script_divisions(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, list[str]]:
    """The main script of each row of the text columns that hold more than one.

    Returns:
        (n,) scripts by a title such as ``"script of 'review'"``.

    Example:
        >>> frame = pd.DataFrame({"review": ["good tea"] * 6 + ["好茶"] * 5})
        >>> {title: set(names) for title, names in script_divisions(frame, ["review"]).items()}
        {"script of 'review'": {...}}
    """
    from automl_nb.features.tfidf import texts_of

    made = {}
    for column in columns:
        names = [name or WITHOUT for name in main_scripts(texts_of(frame, column))]
        counts = Counter(name for name in names if name != WITHOUT).most_common()
        others = sum(n for _, n in counts[1:])
        if others >= max(_FEWEST, _LEAST * len(names)):
            made[f"script of '{column}'"] = names
    return made
