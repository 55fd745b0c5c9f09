"""Forecasts while a run is at work: once a minute, and judged when their time has come."""

import numpy as np
import pytest

from automl_nb.control.foresight import Foresight
from automl_nb.core import events as ev
from automl_nb.core.foretold import checked
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.show import Frame, page, text
from automl_nb.core.show.facts import forecast_check, forecast_line
from automl_nb.core.state import replay
from automl_nb.core.types import Foretold
from tests.support import searched


def followed(events, before=()):
    """The events as the journal holds them, with the forecasts among them."""
    foresight, told = Foresight(before), []
    for event in events:
        told.append(event)
        found = foresight.hear(event)
        if found is not None:
            told.append(event_from_line(event_to_line(found)))
    return told


@pytest.fixture(scope="module")
def told():
    return followed(searched.events(120, seed=4, time_s=2400.0))


def forecasts(events):
    return [event for event in events if isinstance(event, ev.Forecast)]


def test_a_forecast_comes_once_a_minute_at_most(told):
    found = forecasts(told)
    assert len(found) > 5
    assert np.diff([one.t for one in found]).min() >= 60.0
    assert all(one.t < point.at for one in found for point in one.points)


def test_the_end_of_the_budget_is_among_the_times(told):
    ends = [max(point.at for point in one.points) for one in forecasts(told)]
    assert 2400.0 in ends


def test_a_run_that_goes_on_keeps_the_minute(told):
    cut = next(place for place, event in enumerate(told) if event.t > 700.0)
    before = told[:cut]
    after = followed(
        [ev.RunResumed(before[-1].t, 3600.0, "0.1.0"), *searched.events(120, seed=4)[2:]], before
    )
    last, first = forecasts(before)[-1], forecasts(after)[:1]
    assert all(one.t - last.t >= 60.0 for one in first)


def test_what_was_foretold_is_compared_with_what_came(told):
    state = replay(told)
    found = checked(state)
    assert len(found) >= 10
    for one in found:
        known = [event.score for event in state.incumbents if event.t <= one.point.at]
        assert one.came == max(known)
        assert one.held == (one.point.low - 1e-9 <= one.came <= one.point.high + 1e-9)
    told_at_the_end = forecast_check(state)
    assert told_at_the_end.startswith(f"Of {len(found)} forecasts that came due")
    assert told_at_the_end in text(state) or told_at_the_end[:60] in page(state)


def test_over_several_runs_most_of_what_was_foretold_comes():
    runs = [replay(followed(searched.events(80, seed=seed))) for seed in range(8)]
    held = [one.held for state in runs for one in checked(state)]
    assert len(held) > 200
    assert np.mean(held) >= 0.8


def test_a_run_that_was_stopped_is_judged_up_to_its_end_alone(told):
    stopped = [*told[:-1], ev.RunEnded(told[-1].t, "stopped", "Stopped.", "best", 0.9)]
    assert len(checked(replay(stopped))) < len(checked(replay(told)))
    assert all(one.point.at <= told[-1].t for one in checked(replay(stopped)))


def test_the_view_says_it_while_the_run_goes_on_and_not_where_outputs_are_compared(told):
    at_work = replay(event for event in told if event.t < 900.0)
    line = forecast_line(at_work, Frame(now=900.0))
    assert line.startswith("If it goes on: +5 min: 0.9")
    assert "+10 min: 0.9" in line
    assert "±" in line
    assert "at the end" in line
    assert line in page(at_work, Frame(now=900.0))
    assert line in text(at_work, Frame(now=900.0))
    for frame in (Frame(stable=True), Frame(broken=True), Frame(now=2000.0)):
        assert forecast_line(at_work, frame) == ""
        assert "If it goes on" not in page(at_work, frame)
    ended = replay(told)
    assert forecast_line(ended, Frame()) == ""
    assert "came due" not in page(ended, Frame(stable=True))


def test_what_held_is_told_by_the_interval_itself():
    """It needn't lie evenly around the value: 0.80 give or take 0.20 would leave 0.5927 out."""
    state = replay(
        [
            ev.IncumbentImproved(9.0, "m", 0.5927, ""),
            ev.Forecast(60.0, (Foretold(360.0, 0.8, 0.59, 0.99),)),
            ev.IncumbentImproved(400.0, "n", 0.6, ""),
        ]
    )
    assert forecast_check(state) == (
        "Of 1 forecast that came due, 1 held: at 1:00 min 0.8000 [0.5900, 0.9900] was foretold "
        "for 6:00 min, and 0.5927 came."
    )
