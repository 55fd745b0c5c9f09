"""Names and tables as people read them, for the scorecard, the plots and the report.

Numbers and times are in `core.show.words`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from automl_nb.core.show.names import told_apart

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


def labels_apart(names: Sequence[str], limit: int = 60) -> list[str]:
    """As `label`, of names beside each other, such as models': those that differ stay different.

    Example:
        >>> labels_apart(["tfidf-word(text): ridge #1", "tfidf-word(text): ridge #2"], 12)
        ['tfidf…dge #1', 'tfidf…dge #2']
    """
    return told_apart([label(name, len(name)) for name in names], limit)


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
