"""A run's memory: what was written is read back, whatever happened to the file."""

import errno
import json

import pytest

from automl_nb.control.journal import NAME, Journal, read_journal
from automl_nb.core.errors import RunError
from automl_nb.core.events import (
    FORMAT_VERSION,
    IncumbentImproved,
    Message,
    RunEnded,
    RunResumed,
    RunStarted,
    TrialReported,
)
from automl_nb.core.jsonable import event_to_line
from automl_nb.core.state import replay
from tests.support import scripted
from tests.support.scripted import model

EVENTS = [
    RunStarted(0.0, "demo", {"time_s": 60.0, "label": "größe"}, "0.1.0"),
    Message(0.5, "hello\n\u2028 wörld"),
    IncumbentImproved(1.0, "prior", 0.5, "model-001"),
    RunEnded(2.0, "finished", "done", "prior", 0.5),
]


@pytest.fixture
def written(tmp_path):
    journal = Journal(tmp_path)
    for event in EVENTS:
        journal.append(event)
    journal.close()
    return tmp_path


def test_what_was_written_is_read(written):
    assert read_journal(written) == EVENTS


def test_a_whole_run_comes_back(tmp_path):
    journal = Journal(tmp_path)
    events = scripted.reviews()
    for event in events:
        journal.append(event)
    again = read_journal(tmp_path)  # also while it is open
    journal.close()
    assert [type(event) for event in again] == [type(event) for event in events]
    assert replay(again).ranked() == replay(events).ranked()
    assert replay(again).status == replay(events).status


def test_every_event_is_on_disk_at_once(tmp_path):
    journal = Journal(tmp_path)
    for number, event in enumerate(EVENTS, 1):
        journal.append(event)
        assert read_journal(tmp_path) == EVENTS[:number]
    journal.close()


@pytest.mark.parametrize("lost", range(1, 60, 7))
def test_a_torn_last_line_is_dropped(written, lost):
    path = written / NAME
    path.write_bytes(path.read_bytes()[:-lost])
    whole = EVENTS if lost == 1 else EVENTS[:-1]
    assert read_journal(written) == whole


def test_a_damaged_middle_is_refused(written):
    path = written / NAME
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1][:20]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RunError, match="line 2"):
        read_journal(written)


DAMAGES = {
    "cut": lambda line: line[: len(line) // 2],
    "no time": lambda line: line.replace('"t": ', '"when": '),
    "a word for a number": lambda line: line.replace('"t": 3', '"t": "three"'),
    "another kind": lambda line: line.replace('"TrialReported"', '"TrialForgotten"'),
    "a list": lambda line: f"[{line}]",
    "nothing that was meant": lambda line: line.replace('"resource"', '"ressource"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("place", [2, 700, 1999])
def test_a_damaged_line_of_a_long_journal_is_found(tmp_path, damage, place):
    told = [TrialReported(3.0, "a", float(i), {"score": 0.5}, 3.0) for i in range(2000)]
    lines = [event_to_line(event) for event in (EVENTS[0], *told)]
    lines[place - 1] = DAMAGES[damage](lines[place - 1])
    (tmp_path / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=f"line {place} "):
        read_journal(tmp_path)


def test_a_model_that_is_told_again_keeps_its_place_on_the_leaderboard():
    first, second = (model(name, 0.9, 1.0, 1.0) for name in "ab")
    again = model("a", 0.95, 2.0, 1.0)
    board = replay([first, second, again]).leaderboard
    assert board == [again.row, second.row]


def test_bytes_that_are_no_text_are_refused(written):
    path = written / NAME
    path.write_bytes(b"\xff\xfe\x00\n" + path.read_bytes())
    with pytest.raises(RunError, match="line 1"):
        read_journal(written)


def test_a_newer_version_is_refused(tmp_path):
    journal = Journal(tmp_path)
    journal.append(RunStarted(0.0, "demo", {}, "9.9", format_version=FORMAT_VERSION + 1))
    journal.close()
    with pytest.raises(RunError) as caught:
        read_journal(tmp_path)
    assert "pip install" in caught.value.hint


def newer(line, **further):
    """A line as a version to come would write it."""
    return json.dumps({**json.loads(line), "mood": "fine", **further})


@pytest.mark.parametrize("place", [0, 2], ids=["started", "gone on with"])
def test_what_a_newer_version_wrote_is_called_so_and_not_damaged(place, tmp_path):
    """It knows other events, and other facts of those that are known."""
    resumed = RunResumed(1.5, 60.0, "9.9")
    lines = [event_to_line(event) for event in (*EVENTS[:2], resumed, *EVENTS[2:])]
    lines[place] = newer(lines[place], format_version=FORMAT_VERSION + 1)
    lines[3:3] = [newer(lines[3], type="TrialDreamt"), lines[3]]
    (tmp_path / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match=f"at most {FORMAT_VERSION}") as caught:
        read_journal(tmp_path)
    assert "pip install" in caught.value.hint


def test_a_folder_without_a_journal_is_refused(tmp_path):
    with pytest.raises(RunError, match="journal"):
        read_journal(tmp_path)


def test_an_empty_journal_holds_nothing(tmp_path):
    Journal(tmp_path).close()
    assert read_journal(tmp_path) == []


class _FullDisk:
    """A text file on a disk with room for a few characters."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, text):
        if len(text) > self.room:
            self.file.write(text[: self.room])
            self.room = 0
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(text)
        return self.file.write(text)

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()


def test_a_full_disk_ends_the_writing_alone(tmp_path):
    journal = Journal(tmp_path)
    journal._file = _FullDisk(journal._file, 300)
    for event in EVENTS:
        journal.append(event)
    assert "No space" in journal.broken
    journal.close()
    kept = read_journal(tmp_path)
    assert 0 < len(kept) < len(EVENTS)
    assert kept == EVENTS[: len(kept)]
