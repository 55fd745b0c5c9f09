"""What work costs is measured while it goes on."""

import threading
import time

import numpy as np

from automl_nb.control.cost import Cost


def test_seconds_of_the_processor_are_those_that_were_computed():
    cost = Cost()
    began = time.process_time()
    while time.process_time() - began < 0.2:
        np.sqrt(np.arange(10_000.0))
    assert cost.end().cpu_s >= 0.2


def test_memory_that_was_given_back_before_the_end_counts():
    cost = Cost()
    held = np.ones(30_000_000)  # 240 MB
    seen = threading.Event()
    while not seen.is_set():  # until a look at the memory has seen it
        if cost._most - cost._before > 200_000_000:
            seen.set()
    del held
    assert cost.end().peak_memory_bytes > 200_000_000


def test_the_end_is_told_once():
    cost = Cost()
    first = cost.end().cpu_s
    np.sqrt(np.arange(3_000_000.0))
    assert cost.end().cpu_s == first
    assert not cost._looker.is_alive()


def test_what_another_process_took_counts():
    cost = Cost()
    cost.elsewhere(40.0, 2**40)
    cost.elsewhere(2.0, 2**30)
    cost.end()
    assert cost.cpu_s >= 42.0
    assert cost.peak_memory_bytes == 2**40
