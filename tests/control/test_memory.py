"""What is free, what is held, and whether a trial fits."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

import automl_nb
from automl_nb.control.executors.ends import ended_by
from automl_nb.control.memory import (
    RESERVE,
    free_bytes,
    held_bytes,
    lack,
    limit_bytes,
    within_budget,
)
from automl_nb.core.errors import SettingError, TrialError
from automl_nb.core.settings import parse_size

MB = 2**20


@pytest.fixture
def cgroup(tmp_path):
    """Where a container with a limit of 100 MB says what it uses."""
    (tmp_path / "memory.max").write_text(f"{100 * MB}\n")
    (tmp_path / "memory.current").write_text(f"{70 * MB}\n")
    (tmp_path / "memory.stat").write_text(f"anon {50 * MB}\ninactive_file {15 * MB}\n")
    return tmp_path


def test_what_is_free_is_what_the_machine_has(tmp_path):
    free = free_bytes(cgroup=tmp_path / "none")
    assert 0 < free <= psutil.virtual_memory().total
    assert free == pytest.approx(psutil.virtual_memory().available, rel=0.3)


def test_a_container_has_less_than_its_machine(cgroup):
    assert free_bytes(cgroup=cgroup) == 45 * MB
    (cgroup / "memory.current").write_text(f"{200 * MB}\n")
    assert free_bytes(cgroup=cgroup) == 0


@pytest.mark.parametrize("word", ["max", "", "half"])
def test_a_container_without_a_limit_has_what_its_machine_has(cgroup, word):
    (cgroup / "memory.max").write_text(word)
    assert free_bytes(cgroup=cgroup) > 100 * MB


def test_a_device_is_asked_for_its_own():
    assert free_bytes(lambda: 7) == 7
    assert free_bytes(lambda: -7) == 0


def test_a_budget_is_for_all_that_the_process_and_its_children_hold():
    free = free_bytes()
    assert within_budget(free, 0) == free
    assert within_budget(free, 10 * MB) == 0  # as much as that is held already
    held = held_bytes(psutil.Process().pid)
    left = within_budget(free, held + 600 * MB)
    with subprocess.Popen(
        [sys.executable, "-c", "x = bytearray(200 << 20); print(1, flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout.readline()
        assert left - within_budget(free, held + 600 * MB) > 180 * MB
        child.communicate(b"\n")


@pytest.mark.parametrize(
    ("said", "size"), [("4GB", 4e9), ("1.5 gib", 1.5 * 2**30), ("800MB", 8e8), (2e9, 2e9)]
)
def test_a_size_is_read_with_its_unit(said, size):
    assert parse_size(said) == size


@pytest.mark.parametrize("said", ["4", "GB", "-1GB", "1e3GB", None, True, 5, float("nan"), []])
def test_what_is_no_size_is_refused(said):
    with pytest.raises(SettingError, match="size of a megabyte"):
        parse_size(said)


def test_some_of_what_is_free_stays_so():
    free = 1000 * MB
    most = limit_bytes(free)
    assert most == int((1 - RESERVE) * free)
    assert lack(most, free) == ""
    assert "950.0 MB" in lack(950 * 10**6, 1000 * 10**6)
    assert lack(0, 0) == ""  # nobody knows what it needs


def test_what_is_held_grows_with_what_is_taken_but_not_with_mapped_files(tmp_path):
    np.save(tmp_path / "x.npy", np.ones(64 * MB // 8))
    code = """
import os, sys
import numpy as np
from automl_nb.control.memory import held_bytes, peak_bytes, reset_peak
before = held_bytes(os.getpid())
mapped = np.load(sys.argv[1], mmap_mode="r")
assert mapped.sum() == len(mapped)
print(held_bytes(os.getpid()) - before)
reset_peak()
taken = np.ones(len(mapped))
print(held_bytes(os.getpid()) - before)
print(peak_bytes() - held_bytes(os.getpid()))
"""
    # In a process of its own: this one may take what it has freed and still holds.
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.npy")],
        capture_output=True, text=True, check=True,
        cwd=Path(automl_nb.__file__).parents[1],
    )  # fmt: skip
    mapped, taken, above = (int(line) for line in done.stdout.split())
    assert mapped < 16 * MB
    assert taken > 48 * MB
    assert above > -16 * MB


def test_a_process_that_has_ended_holds_nothing():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert held_bytes(process.pid) == 0


def test_a_spawned_process_counts_from_its_own_beginning():
    held = np.ones(300 * MB // 8)
    code = "from automl_nb.control.memory import peak_bytes; print(peak_bytes())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(automl_nb.__file__).parents[1],
    )  # fmt: skip
    assert int(done.stdout) < held.nbytes


@pytest.mark.parametrize(
    ("code", "words", "kind", "said"),
    [
        (-11, "", TrialError, "segmentation fault"),
        (-9, "", MemoryError, "killed from outside"),
        (-15, "", TrialError, "SIGTERM"),
        (-99, "", TrialError, "signal 99"),
        (
            1,
            "ImportError: no such thing",
            TrialError,
            "code 1. It wrote: ImportError: no such thing",
        ),
        (-6, "what():  std::bad_alloc", MemoryError, "lack of memory"),
        (1, "OpenBLAS error: Memory allocation still failed", MemoryError, "lack of memory"),
    ],
)
def test_an_end_is_told_in_words(code, words, kind, said):
    error = ended_by(code, words)
    assert isinstance(error, kind)
    assert said in str(error)
