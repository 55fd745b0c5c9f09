"""Settings that searches found on earlier tasks that look like a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl_nb.explorer.advice import ALIKE, nearest, weight_of
from automl_nb.explorer.fingerprint import Fingerprint
from automl_nb.explorer.record import SettingsFound, TaskRecord
from automl_nb.explorer.table_print import TablePrint


@dataclass(frozen=True)
class Worked:
    """What a search found on an earlier task.

    Attributes:
        run: The earlier run's name.
        likeness: Of its task, from 0 to 1.
        settings: What it found, the best first.
    """

    run: str
    likeness: float
    settings: tuple[SettingsFound, ...]

    @property
    def weight(self) -> float:
        """Its say, 1 for the same task."""
        return weight_of(self.likeness)


def worked(
    fingerprint: Fingerprint | TablePrint,
    records: Sequence[TaskRecord],
    *,
    kind: str,
    most: int = 2,
) -> tuple[Worked, ...]:
    """What was found on the most similar tasks, the most similar first.

    Args:
        fingerprint: The new task's.
        records: What is remembered.
        kind: The new task's kind.
        most: Of how many tasks at most; those that aren't alike are none of them.
    """
    searched = [record for record in records if record.settings]
    near = nearest(fingerprint, searched, kind=kind, most=most)
    return tuple(
        Worked(one.record.run, one.likeness, one.record.settings)
        for one in near
        if one.likeness >= ALIKE
    )
