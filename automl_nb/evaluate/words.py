"""Names and numbers as people read them, shared by the scorecard, the plots and the report."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from automl_nb.core.types import Interval

NONE = "-"
_TITLES = {
    "balanced_accuracy": "balanced accuracy",
    "f1": "F1",
    "f1_macro": "F1 (macro)",
    "f1_weighted": "F1 (weighted)",
    "f1_micro": "F1 (micro)",
    "precision_macro": "precision (macro)",
    "precision_weighted": "precision (weighted)",
    "recall_macro": "recall (macro)",
    "recall_weighted": "recall (weighted)",
    "mcc": "Matthews correlation",
    "subset_accuracy": "subset accuracy",
    "jaccard": "Jaccard overlap",
    "hamming_loss": "Hamming loss",
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "ece": "calibration error (ECE)",
    "rmse": "RMSE",
    "mae": "mean absolute error",
    "medae": "median absolute error",
    "r2": "R²",
}


def metric_title(name: str) -> str:
    """A metric's name for a heading or an axis.

    Example:
        >>> metric_title("roc_auc"), metric_title("my_own")
        ('ROC-AUC', 'my own')
    """
    return _TITLES.get(name, name.replace("_", " "))


def number(value: float) -> str:
    """A number with as many digits as a reader wants; a dash for none.

    Example:
        >>> [number(value) for value in (0.97654, 23456.7, 1.5e9, float("nan"))]
        ['0.9765', '23,456.7', '1.5e+09', '-']
    """
    if not math.isfinite(value):
        return NONE
    size = abs(value)
    if size >= 1e7 or 0 < size < 5e-5:
        return f"{value:.4g}"
    if size >= 100:
        return f"{value:,.1f}"
    return f"{value:.2f}" if size >= 10 else f"{value:.4f}"


def span(interval: Interval) -> str:
    """An interval's ends.

    Example:
        >>> span(Interval(0.5, 0.41, 0.59))
        '0.4100 to 0.5900'
    """
    if math.isnan(interval.low):
        return NONE
    return f"{number(interval.low)} to {number(interval.high)}"


def size(n_bytes: float) -> str:
    """Bytes with a fitting unit.

    Example:
        >>> size(532), size(4_100_000)
        ('532 B', '4.1 MB')
    """
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def duration(seconds: float) -> str:
    """A length of time.

    Example:
        >>> [duration(value) for value in (0.42, 75, 3700)]
        ['0.4 s', '1 min 15 s', '1 h 1 min']
    """
    if not math.isfinite(seconds):
        return NONE
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{minutes // 60} h {minutes % 60} min"


def label(text: str, limit: int = 40) -> str:
    r"""A class or column name on one line, without control characters, cut when long.

    Example:
        >>> label("a\nb"), label("x" * 50, 10)
        ('a b', 'xxxxxxxxx…')
    """
    seen = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text[: 4 * limit])
    line = " ".join("".join(c for c in seen if unicodedata.category(c) != "Cf").split())
    if not line:
        return "(empty)"
    return line if len(line) <= limit else line[: limit - 1] + "…"


def width(text: str) -> int:
    """Columns that a text takes in a terminal (East Asian characters take two)."""
    wide = sum(unicodedata.east_asian_width(c) in {"W", "F"} for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def text_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    r"""Lines of a table whose first column stands left and the others right.

    Example:
        >>> print("\n".join(text_table(("metric", "value"), [("accuracy", "0.9")])))
        metric    value
        accuracy    0.9
    """
    widths = [max(width(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for first, *others in (head, *rows):
        cells = [first + " " * (widths[0] - width(first))]
        cells += [" " * (w - width(c)) + c for c, w in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return lines
