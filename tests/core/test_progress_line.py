"""Progress as one line of a terminal."""

import io

import pytest

from automl_nb.core.events import Progress
from automl_nb.core.progress_line import progress_line

STEPS = [Progress(0.1 * n, f"step {n // 2}", float(n), 4.0, "rows") for n in range(4)]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def written(stream, monkeypatch, mode=""):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", mode)
    with progress_line(stream=stream) as heard:
        for step in STEPS:
            heard(step)
    return stream.getvalue()


def test_a_terminal_has_one_line_that_is_wiped_at_the_end(monkeypatch):
    said = written(Terminal(), monkeypatch)
    assert "step 0: 0 of 4 rows" in said
    assert "\n" not in said
    assert said.split("\r")[-1] == ""
    assert not said.split("\r")[-2].strip()


def test_a_log_has_one_line_a_step_where_it_is_asked_for(monkeypatch):
    assert written(io.StringIO(), monkeypatch, "text").split("\n") == ["  step 0", "  step 1", ""]


@pytest.mark.parametrize(("stream", "mode"), [(io.StringIO(), "auto"), (Terminal(), "off")])
def test_elsewhere_nothing_is_written(monkeypatch, stream, mode):
    assert written(stream, monkeypatch, mode) == ""


def test_whoever_listens_gets_it_in_its_place():
    heard = []
    with progress_line(heard.append) as told:
        told(STEPS[0])
    assert heard == STEPS[:1]
