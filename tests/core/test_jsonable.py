"""Facts and events must come back from JSON as what they were."""

import json

import pytest

from automl_nb.core import events as ev
from automl_nb.core.jsonable import event_from_line, event_to_line, from_dict, to_dict
from automl_nb.core.types import (
    Column,
    ColumnKind,
    Interval,
    LeaderboardRow,
    Objective,
    Schema,
    Task,
    TaskKind,
)

ROW = LeaderboardRow("m", "ridge", ("a",), 0.9, 0.8, 0.95, 1.0, 0.1, "probe", 3.0)
SCHEMA = Schema((Column("a", ColumnKind.TEXT, "long", examples=("x", "y")),), 3)
TASK = Task(TaskKind.BINARY, "label", ("no", "yes"))


@pytest.mark.parametrize("fact", [Interval(0.5, 0.4, 0.6), TASK, SCHEMA, ROW])
def test_facts_go_to_json_and_back(fact):
    plain = json.loads(json.dumps(to_dict(fact)))
    assert isinstance(plain, dict)
    assert from_dict(type(fact), plain) == fact


@pytest.mark.parametrize(
    "event",
    [
        ev.RunStarted(0.0, "run", {"time_s": 3.0, "kinds": {"a": "text"}, "label": None}, "1"),
        ev.DataDescribed(0.1, SCHEMA, TASK, Objective("accuracy")),
        ev.ModelAdded(1.0, ROW),
        ev.TrialStarted(1.0, "t1", "ridge", {"penalty": 0.1, "layers": [1, 2]}),
        ev.TestScored(2.0, {"metrics": {"accuracy": {"value": 0.9}}}),
        ev.RunEnded(3.0, "finished", "done", score=None),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_go_to_a_line_and_back(event):
    line = event_to_line(event)
    assert "\n" not in line
    assert event_from_line(line) == event


@pytest.mark.parametrize("line", ["", "{", '{"t": 1.0}', '{"t": 1.0, "type": "Nothing"}'])
def test_a_torn_line_is_not_an_event(line):
    with pytest.raises(ValueError, match="not an event"):
        event_from_line(line)
