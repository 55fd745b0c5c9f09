"""The thread that works: order, errors, and the way out."""

import gc
import threading
import weakref

import pytest

from automl_nb.control.worker import Worker
from automl_nb.core.events import Message
from automl_nb.core.trials import Cancelled


def everything(worker: Worker) -> list:
    taken = []
    while not worker.ended:
        taken += worker.take(5.0)
    return taken


def test_events_arrive_in_order():
    events = [Message(float(i), str(i)) for i in range(500)]

    def work(emit, cancel):
        for event in events:
            emit(event)

    worker = Worker(work)
    worker.start()
    assert everything(worker) == events
    assert worker.error is None
    assert worker.take(0.0) == []


def test_the_work_is_done_in_a_thread_of_its_own():
    where = []
    worker = Worker(lambda emit, cancel: where.append(threading.current_thread()))
    worker.start()
    everything(worker)
    assert where[0] is not threading.current_thread()
    assert where[0].daemon  # never keeps an interpreter alive
    assert not where[0].is_alive()


def test_nothing_has_ended_before_it_began():
    worker = Worker(lambda emit, cancel: None)
    assert worker.take(0.0) == []
    assert not worker.ended


def test_events_before_an_error_are_heard():
    def work(emit, cancel):
        emit(Message(0.0, "so far"))
        raise ValueError("broken")

    worker = Worker(work)
    worker.start()
    assert everything(worker) == [Message(0.0, "so far")]
    assert isinstance(worker.error, ValueError)
    assert "broken" in str(worker.error)
    assert "in work" in worker.error.__notes__[0]  # where it happened can still be read


class _Array:
    """Stands for what a run holds in memory."""


def test_an_error_keeps_no_frames():
    held = []

    def inner():
        inner_array = _Array()
        held.append(weakref.ref(inner_array))
        raise KeyError("cause")

    def work(emit, cancel):
        array = _Array()
        held.append(weakref.ref(array))
        try:
            inner()
        except KeyError as error:
            raise ValueError("broken") from error

    worker = Worker(work)
    worker.start()
    everything(worker)
    del work
    gc.collect()
    assert isinstance(worker.error, ValueError)
    assert isinstance(worker.error.__cause__, KeyError)
    assert [ref() for ref in held] == [None, None]


def test_cancelled_work_is_no_error():
    def work(emit, cancel):
        emit(Message(0.0, "waiting"))
        while True:
            cancel.check()

    worker = Worker(work)
    worker.start()
    assert worker.take(10.0) == [Message(0.0, "waiting")]
    worker.cancel.cancel("enough")
    everything(worker)
    assert worker.error is None
    assert worker.cancel.reason == "enough"


def test_even_a_system_exit_is_kept_for_the_watcher():
    def work(emit, cancel):
        raise SystemExit(3)

    worker = Worker(work)
    worker.start()
    everything(worker)
    assert isinstance(worker.error, SystemExit)


def test_an_end_whose_mark_was_lost_is_still_seen():
    worker = Worker(lambda emit, cancel: emit(Message(0.0, "one")))
    worker.start()
    worker._thread.join()
    worker._events.get_nowait()
    worker._events.get_nowait()  # the mark of the end, lost to an interrupt
    assert worker.take(0.0) == []
    assert worker.ended


def test_a_token_keeps_its_first_reason():
    worker = Worker(lambda emit, cancel: cancel.check())
    worker.cancel.cancel("first")
    worker.cancel.cancel("second")
    with pytest.raises(Cancelled, match="first"):
        worker.cancel.check()
