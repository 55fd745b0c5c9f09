"""What is kept between runs: listed, trimmed, cleared, and never what a run at work may use."""

from __future__ import annotations

import os

import pytest

import automl_nb
from automl_nb.control.turns import at_work

MB = 1_000_000


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of three blocks, weights, probes and a memory; the last block was used last."""
    root = tmp_path / "cache"
    monkeypatch.setenv("AUTOML_NB_CACHE", str(root))
    for age, name in enumerate(("features/c", "features/b", "features/a", "weights/net")):
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "block.npy").write_bytes(bytes(MB))
        os.utime(folder, (1e9 - age * 1000, 1e9 - age * 1000))
    (root / "dtype.json").write_text("{}")
    (root / "memory.sqlite").write_bytes(bytes(10))
    return root


def names(root):
    return sorted(str(path.relative_to(root)) for path in root.glob("*/*"))


def test_it_is_listed_by_part(cache):
    listed = automl_nb.cache().set_index("part")
    assert listed["n"].to_dict() == {
        "features": 3, "trials": 0, "weights": 1, "probes": 1, "memory": 1,
    }  # fmt: skip
    assert listed.loc["features", "bytes"] == 3 * MB
    assert listed.loc["features", "size"] == "3.0 MB"
    assert listed.loc["features", "last use"].startswith("2001-09-0")
    assert listed.loc["trials", "last use"] == ""


def test_what_was_used_longest_ago_goes_first(cache):
    freed = automl_nb.cache_trim("2.5MB")
    assert (freed.n, freed.size, freed.stuck) == (2, 2 * MB, ())
    assert names(cache) == ["features/b", "features/c"]
    assert "Removed 2 things, 2.0 MB. 2.0 MB are left." in str(freed)
    assert automl_nb.cache_trim("1GB").n == 0


def test_all_goes_but_the_memory(cache):
    assert automl_nb.cache_clear().n == 5
    assert names(cache) == []
    assert (cache / "memory.sqlite").exists()
    assert automl_nb.cache_clear().n == 0


def test_what_a_run_at_work_may_use_stays(cache):
    with at_work("run"):
        os.utime(cache / "features" / "b")  # as reading it does
        freed = automl_nb.cache_clear()
    assert names(cache) == ["features/b", "weights/net"]
    assert (cache / "dtype.json").exists()
    assert freed.in_use == 3
    assert "3 things may be in use by a run at work: kept." in str(freed)


def test_what_is_being_written_stays_and_what_a_killed_process_left_goes(cache):
    for name in (".new-torn", ".new-now"):
        (cache / "features" / name).mkdir()
    os.utime(cache / "features" / ".new-torn", (1e9, 1e9))
    automl_nb.cache_trim("1GB")
    assert ".new-torn" not in "".join(names(cache))
    automl_nb.cache_clear()
    assert names(cache) == ["features/.new-now"]


def test_what_cannot_be_removed_is_told(cache, monkeypatch):
    def refused(path, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as disk:
        disk.setattr(os, "unlink", refused)
        disk.setattr(os, "rmdir", refused)
        freed = automl_nb.cache_clear()
    assert (freed.n, freed.size, len(freed.stuck)) == (0, 0, 5)
    assert "could not be removed" in str(freed)
    assert "features/a (Permission denied)" in str(freed)


@pytest.mark.parametrize("size", ["", "two", -1, None, 0])
def test_a_size_that_is_none_is_refused(cache, size):
    with pytest.raises(automl_nb.AutoMLError, match="size that is left"):
        automl_nb.cache_trim(size)
    assert len(names(cache)) == 4


def test_the_doctor_tells_of_cache_disk_and_settings(cache, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_MEMORY", "everywhere")
    (cache / "features" / ".new-torn").mkdir()
    facts = automl_nb.doctor().set_index("what")
    assert facts.loc["cache: features", "found"].startswith("4 things, 3.0 MB, last used ")
    assert "cache trim" in facts.loc["cache: half-written", "what to do"]
    assert "unset it" in facts.loc["memory of tasks", "what to do"]
    assert str(cache) in facts.loc["disk of the cache", "found"]
    assert "not measured yet" in facts.loc["number format", "found"]


def test_the_doctor_knows_the_races_of_this_machine(cache):
    from automl_nb.zoo import probe
    from automl_nb.zoo.device import device_info

    info = device_info()
    here = " | ".join(["Net", *(f"{info[name]}" for name in sorted(info))])
    race = probe.Probe("bfloat16", {"float32": 10.0, "bfloat16": 25.0})
    probe._write(here, race)
    probe._write("Net | of another machine", race)
    assert probe.known() == {"Net": race}
    facts = automl_nb.doctor().set_index("what")
    assert facts.loc["number format of Net", "found"] == "bfloat16, 2.5 times as fast as float32"
