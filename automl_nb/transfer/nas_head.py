"""A head whose wiring over a frozen network's layers is searched for, then trained anew.

The search sees labels, so it is repeated: the folds are dealt into two halves, and the head of
a fold comes from a search that knew none of the rows that any fold of its half judges. Scores out
of fold are honest by that, and two searches of half the rows cost what one of all would.
"""

from __future__ import annotations

import time
from typing import Any

from automl_nb.core.space import Choice, Int, Space
from automl_nb.transfer.base import Candidate, Trial, TrialContext
from automl_nb.transfer.cells.lesson import Lesson
from automl_nb.transfer.cells.predictor import CellPredictor
from automl_nb.transfer.cells.work import Work
from automl_nb.transfer.dense_blocks import why_not_dense

SEARCHERS = ("darts", "darts-second", "random", "evolution", "reinforce", "tpe")


class NasHead:
    """Strategy ``nas-head``: neural architecture search over a head's cells.

    Config:
        searcher: How architectures are found; see `space`.
        nodes: Of a cell.
        passes: Over the rows, for ``darts`` and ``darts-second``.
        tries: Candidates that are trained, for the others.
        widths: Names and columns of the layers that the blocks are made of, as
            `TextLayers.widths` gives them; a layer a block if left out.
        beside_random: Whether a search that may be no better than chance is held against random
            architectures in equal time; it takes about as long again. False if left out.
    """

    name = "nas-head"

    def space(self) -> Space:
        """How to search."""
        return Space(
            (
                Choice("searcher", SEARCHERS, "darts", summary="how architectures are found"),
                Int("nodes", 1, 4, 2, summary="nodes of the head"),
                Int("passes", 1, 500, 30, summary="passes of a search by gradient"),
                Int("tries", 1, 10_000, 16, summary="candidates of other searches"),
            )
        )

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks that fit into memory."""
        return why_not_dense(context, inputs)

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Search for each half of the folds, choose among finalists, train each fold's head."""
        space = self.space()
        settings = space.configuration({k: v for k, v in config.items() if k in space})
        widths: Any = config.get("widths")
        watched = bool(config.get("beside_random"))
        lesson = Lesson.prepare(context, inputs, widths)
        work = Work(context, lesson, settings, beside_random=watched)
        yield from work.carry_out()
        networks, heads, whole = list(work.trained.values()), work.heads(), work.is_whole
        if not whole and not work.is_stopped and (again := work.refitted()):
            networks, heads, whole = again, [work.chosen.index(work.best)], True
        yield from work.compare(inputs)
        yield from work.compare_with_chance()
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=inputs,
            predictor=CellPredictor(
                inputs,
                lesson.widths,
                lesson.scaling,
                networks,
                lesson.kind,
                unit=lesson.unit,
            ),
            oof=work.oof,
            fit_s=time.monotonic() - work.started,
            note=work.note(),
            refitted=whole,
            config={
                **settings,
                "architectures": [chosen.facts() for chosen in work.chosen],
                "heads": heads,
                "beside_random": work.beside_random,
            },
        )
