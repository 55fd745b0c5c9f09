"""Orders reach the work at its safe places; a pause holds it, and its clock."""

import threading

import pytest

from automl_nb.control.orders import NAME, Order, OrderBox, give
from automl_nb.control.steering import Steering
from automl_nb.core.clock import Clock, counted_by, now
from automl_nb.core.trials import Cancelled, Deadline


class Hand:
    """A clock that is set by hand."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


def test_a_pause_holds_the_work_until_it_goes_on():
    steering, places, heard = Steering(), [], []
    reached, over = threading.Event(), threading.Event()
    steering.on_order = lambda order: (heard.append(order.verb), reached.set())

    def work():
        steering.adopt()
        for place in range(3):
            steering.check()
            places.append(place)
        over.set()

    steering.give(Order("pause"))
    thread = threading.Thread(target=work)
    thread.start()
    assert reached.wait(10)
    assert not over.wait(0.3)  # nothing moves
    assert places == []
    steering.give(Order("resume"))
    assert over.wait(10)
    thread.join()
    assert places == [0, 1, 2]
    assert heard == ["pause", "resume"]


def test_time_stands_still_while_the_work_is_held():
    hand = Hand()
    clock = Clock(hand)
    with counted_by(clock):
        deadline = Deadline(60.0)
        sooner = deadline.sooner(10.0)
    hand.seconds += 5.0
    clock.halt()
    clock.halt()  # again is nothing new
    hand.seconds += 1000.0
    assert deadline.elapsed == 5.0
    clock.go_on()
    clock.go_on()
    hand.seconds += 1.0
    assert deadline.elapsed == 6.0
    assert sooner.left == 44.0
    deadline.extend(100.0)
    assert (deadline.left, sooner.left) == (154.0, 144.0)


def test_each_thread_counts_by_the_clock_of_its_run():
    hand = Hand()
    seen = []

    def one():
        with counted_by(Clock(hand)):
            seen.append(now())

    thread = threading.Thread(target=one)
    thread.start()
    thread.join()
    assert seen == [100.0]
    assert now() != 100.0


def test_a_stop_ends_a_pause():
    steering = Steering()
    steering.adopt()
    steering.give(Order("pause"))
    steering.give(Order("stop", "enough"))
    with pytest.raises(Cancelled, match="enough"):
        steering.check()
    assert steering.ending
    assert not steering.paused
    assert steering.reason == "enough"


def test_a_skip_ends_one_trial_and_no_more():
    steering = Steering()
    steering.adopt()
    steering.give(Order("skip"))
    assert steering.cancelled
    assert steering.skips
    assert not steering.ending
    steering.trial_ended()
    assert not steering.cancelled
    steering.check()


def test_other_threads_hear_no_orders():
    steering = Steering()
    steering.adopt()
    steering.give(Order("pause"))
    done = threading.Event()
    thread = threading.Thread(target=lambda: (steering.check(), done.set()))
    thread.start()
    assert done.wait(10)  # a helper of the worker isn't held; the worker is, at its next place
    thread.join()


def test_orders_come_through_the_folder(tmp_path):
    heard = []
    steering = Steering(on_order=heard.append)
    give(tmp_path, Order("extend", seconds=5.0))  # of an earlier run
    steering.adopt(tmp_path)
    give(tmp_path, Order("extend", seconds=60.0))
    give(tmp_path, Order("drop", "minilm-l6"))
    assert not steering.cancelled
    assert heard == [Order("extend", seconds=60.0), Order("drop", "minilm-l6")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"nonsense",
        b'{"verb": "explode", "name": "", "seconds": 0}',
        b"\xff\xfe",
        b"[1]",
    ],
)
def test_what_cannot_be_understood_is_passed_over(line, tmp_path):
    box = OrderBox(tmp_path)
    (tmp_path / NAME).write_bytes(line + b"\n")
    give(tmp_path, Order("pause"))
    assert box.take() == [Order("pause")]


def test_half_a_line_is_read_once_it_is_whole(tmp_path):
    box = OrderBox(tmp_path)
    give(tmp_path, Order("pause"))
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:10])
    assert box.take() == []
    (tmp_path / NAME).write_bytes(whole)
    assert box.take() == [Order("pause")]
    assert box.take() == []
