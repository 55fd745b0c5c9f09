"""An exercise of a lesson: what a reader answered is looked at, and told in a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from automl_nb.core.show import parts
from automl_nb.core.show.messages import say

CLOSE = 1e-3  # of the right number: what was read off a table was rounded


@dataclass(frozen=True)
class Looked:
    """What is told of an answer.

    Attributes:
        right: None where there is no answer yet.
        words: The sentence that is shown.
    """

    right: bool | None
    words: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        mark = {True: "✓", False: "✗", None: "…"}[self.right]
        colour = {True: parts.GOOD, False: parts.BAD, None: parts.INK}[self.right]
        sign = f'<strong aria-hidden="true" style="color:{colour}">{mark}</strong>'
        html = f'<div role="status">{sign} {escape(self.words)}</div>'
        return {"text/plain": f"{mark} {self.words}", "text/html": html}


def exercise(answer: Any, right: Any, hint: str = "", because: str = "") -> Looked:
    """Tell whether an exercise is solved.

    A wrong answer is no error, so that a lesson runs to its end whether or not it was answered.

    Args:
        answer: What the reader gave; None or ``...`` where nothing was given yet.
        right: The right answer, or a function of an answer that is true for right ones. Numbers
            may differ by a thousandth, and words by capitals and blanks around them.
        hint: Shown with a wrong answer.
        because: Shown with the right one.

    Example:
        >>> import automl_nb
        >>> automl_nb.exercise(0.79, right=0.7904, because="So the table says.").right
        True
        >>> print(automl_nb.exercise("SVM ", right="knn", hint="Look at the first row.").words)
        Not yet. Look at the first row.
        >>> print(automl_nb.exercise(..., right=3).words)
        Not answered yet.
    """
    if answer is None or answer is ...:
        return Looked(None, say("exercise.open"))
    if _is_right(answer, right):
        return Looked(True, " ".join(filter(None, [say("exercise.right"), because])))
    return Looked(False, " ".join(filter(None, [say("exercise.wrong"), hint])))


def _is_right(answer: Any, right: Any) -> bool:
    if isinstance(right, Callable):  # type: ignore[arg-type]
        try:
            return bool(right(answer))
        except Exception:  # noqa: BLE001  (an answer may be anything, and is then not the right one)
            return False
    if isinstance(right, str) or isinstance(answer, str):
        return _plain(answer) == _plain(right)
    try:
        return math.isclose(answer, right, rel_tol=CLOSE)
    except TypeError:
        return np.array_equal(np.asarray(answer, object), np.asarray(right, object))


def _plain(words: Any) -> str:
    return str(words).strip().casefold()
