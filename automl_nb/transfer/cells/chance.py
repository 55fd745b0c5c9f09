"""Random architectures in the same time: whether a search for a head was worth it.

Random search is the control that searches by gradient seldom beat at equal time (Li & Talwalkar
2019, "Random Search and Reproducibility for Neural Architecture Search", UAI, arXiv 1902.07638).
For each half of the folds it has as many seconds as the search took; its finalists are chosen
among, and the folds' heads trained, in the same way. Both are judged on rows that neither saw, row
by row. The model stays the searcher's own: what chance finds hangs on the pace of the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_nb.core.types import TaskKind
from automl_nb.search.beside_random import is_watched as is_doubted
from automl_nb.transfer.cells.verdict import verdict, written

CONTROL = "random"
TRIES = 10_000  # architectures at most; its time ends it before


def is_watched(searcher: str) -> bool:
    """Whether it is in doubt that this searcher is worth more than chance.

    Example:
        >>> is_watched("darts-second"), is_watched("evolution"), is_watched("tpe")
        (True, True, False)
    """
    return searcher.startswith("darts") or is_doubted(searcher)


def no_time(searcher: str) -> str:
    """What is said where there was no time to compare.

    Example:
        >>> no_time("darts")
        'there was no time to hold darts against random architectures'
    """
    return f"there was no time to hold {searcher} against random architectures"


def beside(
    searcher: str, own: np.ndarray, random: np.ndarray, seconds: Sequence[float], kind: TaskKind
) -> str:
    """How the searcher did beside random architectures, as a clause.

    Args:
        searcher: Its name.
        own: (m,) losses of its heads on rows that they hadn't seen.
        random: (m,) those of the random ones on the same rows; empty if they had no time.
        seconds: That each search took: the searcher's, and the random one.
        kind: Says what a loss is.

    Example:
        >>> own, random = np.array([0.5, 0.6, 0.55]), np.array([0.1, 0.3, 0.2])
        >>> beside("darts", own, random, (2.0, 2.0), TaskKind.BINARY)[:55]
        'darts lost against random architectures, which are the '
    """
    if not len(random):
        return no_time(searcher)
    said = {
        "better": f"{searcher} did better than random architectures",
        "worse": f"{searcher} lost against random architectures, which are the better choice here",
        "": f"{searcher} can't be told from random architectures",
    }[verdict(own, random)]
    name, mine, theirs = written(own, random, kind)
    spent = " and ".join(f"{one:.1f} s" for one in seconds)
    return f"{said} ({name} {mine} and {theirs} after {spent} of searching)"
