"""Trials are told when to stop, and what they return arrives."""

import pytest

from automl_nb.control.drive import drive
from automl_nb.core.trials import CancelToken, Deadline, Decision, Report


def counting(n, log):
    for step in range(n):
        decision = yield Report("trial", float(step), {"loss": 1.0 / (step + 1)}, total=n)
        log.append(decision)
        if decision is Decision.STOP:
            return f"stopped at {step}"
    return "done"


def run(trial, *, seconds=60.0, heard=lambda report: None, token=None):
    return drive(trial, heard=heard, deadline=Deadline(seconds), cancel=token or CancelToken())


def test_every_report_is_heard_and_the_result_returned():
    reports, log = [], []
    assert run(counting(4, log), heard=reports.append) == "done"
    assert [report.resource for report in reports] == [0.0, 1.0, 2.0, 3.0]
    assert log == [Decision.CONTINUE] * 4


def test_past_the_deadline_it_is_told_to_stop():
    assert run(counting(4, []), seconds=0.0) == "stopped at 0"


def test_a_cancelled_token_tells_it_to_stop():
    token = CancelToken()

    def heard(report):
        if report.resource == 2.0:
            token.cancel()

    assert run(counting(9, []), heard=heard, token=token) == "stopped at 2"


def test_a_trial_without_reports_is_a_trial():
    def silent():
        return 7
        yield

    assert run(silent()) == 7


def test_a_failure_comes_out():
    def failing():
        yield Report("trial", 0.0)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run(failing())


def test_what_a_trial_holds_is_free_at_once_where_a_listener_fails():
    freed = []

    def holding():
        try:
            yield Report("trial", 0.0)
        finally:
            freed.append(True)

    def heard(report):
        raise ValueError("not listening")

    try:
        run(holding(), heard=heard)
    except ValueError:
        assert freed == [True]  # while the error still holds every frame


def test_who_hears_may_end_it():
    def heard(report):
        return Decision.STOP if report.resource == 1.0 else None

    assert run(counting(9, []), heard=heard) == "stopped at 1"
