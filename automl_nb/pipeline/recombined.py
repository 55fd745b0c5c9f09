"""A blend put together again of members that were trained with another seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_nb.pipeline.champion import Champion, Judge, blended
from automl_nb.transfer.base import Candidate


def recombined(blend: Champion, made: Sequence[Candidate], judge: Judge) -> Champion:
    """The same blend of other trainings of its members.

    Weights and members' temperatures stay as they were chosen; the blend's own temperature and its
    thresholds are fitted to the new scores, as those of every model are. It is judged on the rows
    that all members have scores for.

    Args:
        blend: As it was chosen.
        made: A training of each member, in their order.
        judge: What scores are held against.
    """
    rows = np.flatnonzero(np.all([np.isfinite(one.oof).all(axis=1) for one in made], axis=0))
    members = tuple(
        (one, weight, temperature)
        for one, (_, weight, temperature) in zip(made, blend.members, strict=True)
    )
    return blended(members, rows, judge)
