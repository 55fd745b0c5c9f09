"""What the engine says of its own accord, in the language that is spoken.

A journal keeps the engine's sentences in English, whoever reads it later and in which language.
Those that are met most often are told from their English form, as in gettext: by the words that
stand around what is filled in. A sentence that isn't known stays English.
"""

from __future__ import annotations

import re
from functools import cache

from automl_nb.core.show.engine_words_chinese import ENGINE_CHINESE
from automl_nb.core.show.messages import language

SAID = {"zh": ENGINE_CHINESE}
_COUNT = r"[\d.,]+"  # what `n` and `k` stand for, so that no longer sentence is taken for one


def translated(said: str) -> str:
    """What the engine said, in the language that is spoken, or as it is where that isn't known.

    Example:
        >>> translated("not needed: there are no texts or pictures")
        'not needed: there are no texts or pictures'
    """
    for pattern, template in _patterns(language()):
        if found := pattern.fullmatch(said):
            return template.format(**{k: translated(v) for k, v in found.groupdict().items()})
    return said


@cache
def _patterns(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each sentence as what finds it, in their order, and how it is said in this language."""
    return tuple((_finds(english), own) for english, own in SAID.get(code, {}).items())


def _finds(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    ours = [
        f"(?P<{part}>{_COUNT if part in 'nk' else '.+?'})" if i % 2 else re.escape(part)
        for i, part in enumerate(parts)
    ]
    return re.compile("".join(ours), re.DOTALL)
