"""Pictures: 64-pixel emoji in six categories, by picture, by name, and by both.

The bars: .711 is a frozen EfficientNet-Lite0 with logistic regression, .635 a linear
model on the names.
"""

from __future__ import annotations

from benchmarks.cases import Bar, Case, Fit

_PICTURE = (("lite0-lr", "emoji"),)
_NAME = (("name-svc", "emoji_name"),)
_WORDS = Fit("emoji_name-60s", "emoji_name", 60, (Bar("score", ">=", 0.635),), _NAME)
_ALONE = Fit("emoji-180s", "emoji", 180, (Bar("score", ">", 0.711),), _PICTURE)

CASES: tuple[Case, ...] = (
    Fit(
        "emoji-20s",
        "emoji",
        20,
        (Bar("score", ">=", 0.711), Bar("process_s", "<=", 25)),
        _PICTURE,
    ),
    _ALONE,
    _WORDS,
    Fit(
        "emoji_both-180s",
        "emoji_both",
        180,
        (Bar("score", ">", 0.711),),
        _PICTURE + _NAME,
        above=(_ALONE, _WORDS),
    ),
)
