"""A run that waits for its turn before it begins, and leaves nothing if it is taken off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from automl_nb.control.journal import NAME as JOURNAL
from automl_nb.control.turns import Turn
from automl_nb.core import events as ev
from automl_nb.core.trials import CancelToken
from automl_nb.pipeline.engine import Job, work_on
from automl_nb.pipeline.new_folder import forget_folder

LOOK_S = 0.25


def work_in_turn(job: Job, turn: Turn | None) -> Callable[[ev.Sink, CancelToken], None]:
    """The function that a `Worker` runs: wait, work, and let the next one begin.

    The budget counts from when the turn comes. A run that is stopped before has done nothing, and
    its new folder is taken away again.
    """
    if turn is None:
        return work_on(job)

    def work(emit: ev.Sink, cancel: CancelToken) -> None:
        asked = job.steering.clock.now()
        try:
            if _waited(job, turn, emit):
                waited = job.steering.clock.now() - asked
                work_on(replace(job, started=job.started + waited))(emit, cancel)
        finally:
            turn.give_back()

    return work


def _waited(job: Job, turn: Turn, emit: ev.Sink) -> bool:
    """Wait for the turn; False if the run was stopped meanwhile."""
    job.steering.adopt(job.folder)
    told: tuple[str, ...] = ()
    while before := turn.before():
        if before != told:
            told = before
            emit(ev.RunWaiting(0.0, job.name, told))
        if job.steering.cancelled:
            emit(ev.RunEnded(0.0, "stopped", f"{job.steering.reason} It had not begun."))
            job.lock.give_back()
            forget_unbegun(job.folder)
            return False
        time.sleep(LOOK_S)
    return True


def forget_unbegun(folder: Path) -> None:
    """Take the folder of a run that has left the queue away again, if nothing was begun in it."""
    if not (folder / JOURNAL).is_file():
        forget_folder(folder)
