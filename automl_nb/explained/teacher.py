"""Follows a run and takes down what each step does, for whoever wants it explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automl_nb.core import events as ev
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.state import replay
from automl_nb.explained.base import Moment, Step
from automl_nb.explained.catalog import STEPS
from automl_nb.pipeline.workbench import Workbench

# Between two of these nothing new can be explained.
_OCCASIONS = (ev.StageStarted, ev.StageEnded, ev.TrialStarted, ev.TrialEnded)


class Teacher:
    """Asks every step that isn't explained yet, whenever something has begun or ended.

    Whatever goes wrong costs an explanation and a message, never the run.

    Args:
        before: What the run did before it was interrupted.
    """

    def __init__(self, before: Iterable[ev.Event] = ()) -> None:
        self._state = replay(before)
        self._open = [spec.name for spec in STEPS if spec.name not in self._state.explained]

    def hear(self, event: ev.Event, bench: Workbench | None) -> Iterator[ev.Event]:
        """Take note of an event; what it gives occasion to explain."""
        self._state.apply(event)
        if bench is not None and isinstance(event, _OCCASIONS):
            yield from self._told(Moment(bench, self._state))

    def close(self, bench: Workbench) -> Iterator[ev.Event]:
        """What can be explained only when the last model stands."""
        yield from self._told(Moment(bench, self._state, over=True))

    def _told(self, moment: Moment) -> Iterator[ev.Event]:
        for name in tuple(self._open):
            event = self._asked(name, moment)
            if event is not None:
                self._open.remove(name)
                yield event

    def _asked(self, name: str, moment: Moment) -> ev.Event | None:
        """The event of a step, None as long as it wasn't reached."""
        t = moment.bench.t
        try:
            step: Step = STEPS[name].load()
            facts = step.record(moment)
            if facts is None:
                return None
            line = event_to_line(ev.StepExplained(t, name, facts))
            line.encode("utf-8")  # halves of characters in a text can't be written down
            return event_from_line(line)  # as it will be found again
        except Exception as error:  # noqa: BLE001 - an explanation never costs a run its model
            note = f"{type(error).__name__}: {error}"[:200]
            return ev.Message(t, f"The step '{name}' can't be explained ({note}).", "warning")
