"""Text: Reuters R8 and R52 and the fine-food reviews, with the published splits.

The bars come from what a linear model on TF-IDF reaches (R8 .977, R52 .940, reviews
.807) and from published fine-tuned BERT (R8 97.8).
"""

from __future__ import annotations

from benchmarks.cases import Bar, Case, Fit

_R8 = (("tfidf-svc", "r8"), ("words-svc", "r8"), ("minilm-lr", "r8"))
_R52 = (("tfidf-svc", "r52"), ("words-svc", "r52"))
_FOODS = tuple(
    (name, "fine_foods") for name in ("tfidf-svc", "words-svc", "minilm-lr", "minilm-tuned")
)

CASES: tuple[Case, ...] = (
    Fit(
        "r8-60s",
        "r8",
        60,
        (
            Bar("score", ">=", 0.977),
            Bar("early_score", ">=", 0.975),
            Bar("peak_rss_mb", "<=", 2560),
        ),
        _R8,
    ),
    Fit("r8-180s", "r8", 180, (Bar("score", ">=", 0.98),), _R8),
    Fit("r8-600s", "r8", 600, (Bar("score", ">=", 0.98),), _R8),
    Fit("r52-10s", "r52", 10, (Bar("score", ">=", 0.94), Bar("over_s", "<=", 3)), _R52),
    Fit("r52-180s", "r52", 180, (Bar("score", ">=", 0.95),), _R52),
    Fit("r52-600s", "r52", 600, (Bar("score", ">=", 0.955),), _R52),
    Fit("foods-60s", "fine_foods", 60, (Bar("score", ">=", 0.83),), _FOODS, ("minilm-lr",)),
    Fit(
        "foods-180s",
        "fine_foods",
        180,
        (Bar("score", ">=", 0.84),),
        _FOODS,
        ("minilm-lr", "minilm-tuned"),
    ),
)
