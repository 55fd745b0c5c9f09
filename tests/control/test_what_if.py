"""What more time would bring, and in words why nothing is foretold."""

from pathlib import Path

import pytest

from automl_nb.core import events as ev
from automl_nb.core.endings import ALL_DONE, PERFECT
from automl_nb.core.errors import SettingError
from automl_nb.core.settings import parse_time
from automl_nb.run import Run
from tests.support import searched


def run_of(events):
    return Run("wide-otter", Path("nowhere"), before=events)


def ended(reason, status="finished"):
    *events, last = searched.events(120, seed=4, time_s=2400.0)
    return run_of([*events, ev.RunEnded(last.t, status, reason, "best", last.score)])


def test_of_a_run_that_was_stopped_it_is_what_more_time_would_bring():
    run = ended("Stopped.", "stopped")
    table = run.forecast([5, 10])
    assert table["minutes"].tolist() == [5, 10]
    assert (table["high"] >= run.state.incumbent.score).all()
    whole = parse_time(table.note.rpartition("--time ")[2])
    assert whole == pytest.approx(max(run.state.t, 2400.0) + 300.0, abs=1.0)
    assert "%automl resume wide-otter --time" in repr(table)
    assert "%automl resume wide-otter --time" in table._repr_html_()


@pytest.mark.parametrize("reason", [ALL_DONE, f"Nothing was better. {PERFECT}"])
def test_nothing_is_promised_where_all_was_done(reason):
    table = ended(reason).forecast()
    assert table.empty
    assert table.note.startswith("Nothing is foretold: ")
    assert table.note.endswith(reason[-20:])
    assert repr(table) == table.note


def test_of_too_few_improvements_the_number_is_told():
    events = [ev.IncumbentImproved(t, "m", t / 100, "") for t in (10.0, 20.0)]
    assert "from 2 improvements" in run_of(events).forecast().note


def test_times_too_far_ahead_are_named():
    events = [ev.IncumbentImproved(t, "m", t / 100, "") for t in (10.0, 20.0, 40.0, 60.0)]
    table = run_of([ev.RunStarted(0.0, "wide-otter", {}, "0.1.0"), *events]).forecast([5, 10, 20])
    assert table["minutes"].tolist() == [5]
    assert "+10 min, +20 min: nothing is foretold for more than 6 times the 1:00 min" in table.note


def test_a_time_that_is_none_is_refused():
    with pytest.raises(SettingError, match="a time to come"):
        ended(ALL_DONE).forecast(0)
