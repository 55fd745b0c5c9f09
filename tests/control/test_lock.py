"""One worker a run: a lock that dies with its process."""

import subprocess
import sys

from automl_nb.control.lock import RunLock, is_worked_on


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from automl_nb.control.lock import RunLock\n"
        "lock = RunLock(Path(sys.argv[1])); print(lock.take(), flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "True\n"
    assert is_worked_on(tmp_path)
    assert not RunLock(tmp_path).take()
    process.kill()
    process.communicate()
    assert not is_worked_on(tmp_path)
    mine = RunLock(tmp_path)
    assert mine.take()
    mine.give_back()


def test_a_folder_without_a_lock_is_worked_on_by_nobody(tmp_path):
    assert not is_worked_on(tmp_path)
    assert not is_worked_on(tmp_path / "gone")
