"""What is kept of a trial at work: whole or not at all, and never the wrong one."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import automl_nb
from automl_nb.core.checkpoints import Checkpoints

ARRAYS = {
    "weights/0": np.arange(12, dtype=np.float32).reshape(3, 4),
    "nothing": np.zeros((0, 2)),
    "step": np.array(7.0, dtype=np.float32),
    "random": np.arange(5, dtype=np.uint8),
    "fast": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}
FACTS = {"step": 7, "least": float("inf"), "losses": [0.1, 1 / 3], "name": "Grüße", "none": None}


def of(folder, identity="trial", **options) -> Checkpoints:
    """Checkpoints as another process would open them."""
    return Checkpoints(folder / "trial", identity, **options)


def file_of(folder) -> Path:
    """The one file that there is."""
    (path,) = (folder / "trial").iterdir()
    return path


def is_first(kept) -> bool:
    return kept is not None and kept.facts == FACTS and set(kept.arrays) == set(ARRAYS)


def test_what_is_kept_is_found_as_it_was(tmp_path):
    assert of(tmp_path).keep("training", ARRAYS, FACTS)
    kept = of(tmp_path).find("training")
    assert is_first(kept)
    for name, values in ARRAYS.items():
        assert kept.arrays[name].dtype == values.dtype
        np.testing.assert_array_equal(kept.arrays[name], values)
        assert kept.arrays[name].shape == values.shape


def test_nothing_is_found_where_nothing_was_kept(tmp_path):
    assert of(tmp_path).find("training") is None
    assert not of(tmp_path).begun
    assert not of(tmp_path).ignored


def test_the_newest_takes_the_place_of_the_former(tmp_path):
    kept = of(tmp_path)
    kept.keep("training", ARRAYS, FACTS)
    kept.keep("training", {}, {"step": 8})
    assert of(tmp_path).find("training").facts == {"step": 8}
    assert file_of(tmp_path)


def test_parts_of_a_trial_keep_their_own(tmp_path):
    whole = of(tmp_path)
    for part in (whole, whole.part("run-0"), whole.part("run-1"), whole.part("run-1").part("x")):
        part.keep("training", {}, {"of": part._prefix})
    again = of(tmp_path)
    found = [again, again.part("run-0"), again.part("run-1"), again.part("run-1").part("x")]
    assert [part.find("training").facts["of"] for part in found] == [
        "",
        "run-0.",
        "run-1.",
        "run-1.x.",
    ]
    again.part("run-0").drop("training")
    assert again.part("run-0").find("training") is None
    assert again.find("training")


def test_a_state_of_another_trial_does_not_count(tmp_path):
    of(tmp_path, "one").keep("training", ARRAYS, FACTS)
    other = of(tmp_path, "two")
    assert other.find("training") is None
    assert "another trial" in other.ignored["training"]


def test_a_file_under_another_name_does_not_count(tmp_path):
    of(tmp_path).part("run-0").keep("training", ARRAYS, FACTS)
    path = file_of(tmp_path)
    path.rename(path.with_name("training.safetensors"))
    assert of(tmp_path).find("training") is None


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_torn_or_garbled_it_is_passed_over_with_a_reason(place, byte, cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("torn")
    of(folder).keep("training", ARRAYS, FACTS)
    path = file_of(folder)
    whole = path.read_bytes()
    at = int(place * len(whole))
    path.write_bytes(whole[:at] + (b"" if cut else bytes([byte]) + whole[at + 1 :]))
    opened = of(folder)
    found = opened.find("training")
    if path.read_bytes() == whole:
        assert is_first(found)
    else:
        assert found is None
        assert opened.ignored["training"]
        assert opened.keep("training", ARRAYS, FACTS)
        assert is_first(of(folder).find("training"))


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04" * 100, b"\xff" * 64])
def test_foreign_files_are_passed_over(content, tmp_path):
    of(tmp_path).keep("training", ARRAYS, FACTS)
    file_of(tmp_path).write_bytes(content)
    opened = of(tmp_path)
    assert opened.find("training") is None
    assert "damaged" in opened.ignored["training"]


def test_a_full_disk_costs_the_checkpoint_alone(tmp_path):
    kept = of(tmp_path)
    kept.keep("training", ARRAYS, FACTS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        assert not kept.keep("training", {"large": np.zeros(100_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert kept.trouble
    assert is_first(of(tmp_path).find("training"))
    assert file_of(tmp_path), "nothing half written is left"
    assert kept.keep("training", {}, {"step": 9})
    assert not kept.trouble


def test_where_no_folder_can_be_made_nothing_is_kept(tmp_path):
    (tmp_path / "trial").write_text("in the way", encoding="utf-8")
    kept = of(tmp_path)
    assert not kept.keep("training", ARRAYS, FACTS)
    assert kept.trouble
    assert kept.find("training") is None
    kept.drop("training")
    kept.clear()


def test_it_is_due_every_so_often(tmp_path):
    now = [100.0]
    kept = of(tmp_path, every_s=10.0, clock=lambda: now[0])
    due = []
    for second in range(35):
        now[0] = 100.0 + second
        if kept.due:
            due.append(second)
            kept.keep("training", {}, {"second": second})
    assert due == [10, 20, 30]
    assert of(tmp_path, every_s=0.0, clock=lambda: now[0]).due


def test_where_writing_is_slow_it_is_due_less_often(tmp_path):
    now = [0.0]

    def slow():
        """Two seconds from each look at the clock to the next."""
        now[0] += 2.0
        return now[0]

    kept = of(tmp_path, every_s=10.0, clock=slow)
    kept.keep("training", {}, {})
    began = now[0]
    while not kept.due:
        pass
    assert 40.0 <= now[0] - began < 50.0, "writing takes a twentieth of the time at most"


def test_the_time_of_earlier_processes_adds_up(tmp_path):
    now = [0.0]
    first = of(tmp_path, clock=lambda: now[0])
    now[0] = 30.0
    first.keep("training", {}, {})
    now[0] = 1000.0
    second = of(tmp_path, clock=lambda: now[0])
    second.find("training")
    assert second.earlier_s == 30.0
    now[0] = 1005.0
    second.keep("training", {}, {})
    third = of(tmp_path)
    third.find("training")
    assert third.earlier_s == 35.0


def test_a_trial_that_has_ended_leaves_nothing(tmp_path):
    root = tmp_path / "checkpoints"
    kept, other = Checkpoints(root / "a", "a"), Checkpoints(root / "b", "b")
    for one in (kept, other):
        one.keep("training", ARRAYS, FACTS)
    kept.clear()
    assert [path.name for path in root.iterdir()] == ["b"]
    other.clear()
    assert not root.exists()


@pytest.mark.parametrize("when", ["written", "in place"])
def test_killed_while_it_writes_one_of_both_is_whole(when, tmp_path):
    code = """
        import os, signal, sys
        from pathlib import Path
        import numpy as np
        from automl_nb.core import checkpoints

        def kill(*_):
            os.kill(os.getpid(), signal.SIGKILL)

        kept = checkpoints.Checkpoints(Path(sys.argv[1]) / "trial", "trial")
        kept.keep("training", {"w": np.zeros(9)}, {"step": 1})
        if sys.argv[2] == "written":
            checkpoints._settle = kill
        else:
            Path.replace = kill
        kept.keep("training", {"w": np.ones(9)}, {"step": 2})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), when],
        env=os.environ | {"PYTHONPATH": str(Path(automl_nb.__file__).parents[1])},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert of(tmp_path).find("training").facts == {"step": 1}
    assert of(tmp_path).keep("training", {}, {"step": 3})
    assert of(tmp_path).find("training").facts == {"step": 3}
