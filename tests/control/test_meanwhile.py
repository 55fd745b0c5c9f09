"""What is done beside a run's thread, which listens."""

import contextvars
import threading

import pytest

from automl_nb.control.meanwhile import meanwhile
from automl_nb.core.trials import Cancelled


def test_the_run_listens_while_the_work_goes_on():
    heard = threading.Event()
    meanwhile(lambda: heard.wait(10), listen=heard.set)
    assert heard.is_set()


def test_who_stops_does_not_wait_for_the_work():
    go_on, ended = threading.Event(), threading.Event()

    def work():
        go_on.wait(10)
        ended.set()

    def stop():
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        meanwhile(work, listen=stop)
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(10)  # it comes to its end


def test_an_error_of_the_work_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        meanwhile(lambda: 1 / 0, listen=lambda: None)


def test_the_work_knows_what_its_caller_knows():
    fact = contextvars.ContextVar("fact", default=0)
    fact.set(7)
    found = []
    meanwhile(lambda: found.append(fact.get()), listen=lambda: None)
    assert found == [7]
