"""Tables: churn, credit and house prices, beside gradient boosting with its defaults.

The bars are AutoGluon Tabular's figures on the same splits (18 to 51 s on two cores),
and those of scikit-learn's HistGradientBoosting for the model that stands after 3 s.
"""

from __future__ import annotations

from benchmarks.cases import Bar, Case, Fit


def _case(name: str, relation: str, bar: float, first: float) -> Case:
    return Fit(
        f"{name}-45s",
        name,
        45,
        (
            Bar("score", relation, bar),
            Bar("process_s", "<=", 50),
            Bar("early_score", relation, first),
            Bar("bundle_mb", "<=", 50),
        ),
        tuple((reference, name) for reference in ("lightgbm", "histgb", "histgb-native")),
        early_s=3.0,
    )


CASES: tuple[Case, ...] = (
    _case("churn", ">=", 0.840, 0.830),
    _case("credit", ">=", 0.849, 0.842),
    _case("ames", "<=", 0.126, 0.135),
)
