"""The terminal's view: whole lines in a log, one rewritten line on a screen."""

from __future__ import annotations

import io

import pytest

from automl_nb.core.console import Console
from automl_nb.core.events import RunEnded, StageStarted
from automl_nb.core.state import RunState
from automl_nb.core.watch import Pace
from tests.support import scripted


class Terminal(io.StringIO):
    """A screen; `lines` is what it shows at the end."""

    encoding = "utf-8"

    def isatty(self):
        return True

    @property
    def lines(self):
        shown, line = [], ""
        for written in self.getvalue().split("\n"):
            line = ""
            for part in written.split("\r"):
                line = part + line[len(part) :]
            shown.append(line.rstrip())
        return shown


class Latin(io.TextIOWrapper):
    """A stream of a system that knows no Unicode."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="cp1252", errors="strict")

    def text(self):
        self.flush()
        return self.buffer.getvalue().decode("cp1252")


def play(stream, events=None, **options):
    now = [0.0]
    console = Console(stream, pace=Pace(clock=lambda: now[0]), **options)
    state = RunState()
    for event in events or scripted.reviews():
        now[0] = event.t
        state.apply(event)
        console.update(state)
    console.close(state)
    return stream


def test_a_log_gets_whole_lines_and_few_of_them():
    stream = play(io.StringIO(), folder="runs/x", model_name="model")
    text = stream.getvalue()
    assert "\r" not in text
    assert len(text.splitlines()) < 45
    for part in (
        "Run 'brisk-heron'\n",
        "  4,000 rows",
        "✓ encode",
        "best so far: accuracy 0.8306 [0.8196, 0.8416]  joined (tfidf + minilm-l6) + ridge",
        "skipped: the ensemble is calibrated already",
        "warning: stars: 12 values are missing",
        "brisk-heron: finished, accuracy 0.8421",
        "Test score on 800 rows kept aside",
        "accuracy           0.8388  [0.8148, 0.8628]",
        "Saved in: runs/x",
        "Next: model.predict(new_rows)",
    ):
        assert part in text, part
    assert text.count("0.8306") == 2  # when it was reached, and on the leaderboard


def test_a_screen_rewrites_one_line_and_ends_as_the_log_does(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    stream = play(Terminal())
    assert "of 4,000 rows" in stream.getvalue()
    log = play(io.StringIO()).getvalue().splitlines()
    assert [line for line in stream.lines if line] == [line.rstrip() for line in log if line]


def test_a_narrow_screen_is_never_wrapped(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    parts = play(Terminal()).getvalue().split("\r")
    assert max(len(part) for part in parts if "\n" not in part) <= 40


def test_the_screen_is_written_four_times_a_second_at_most():
    stream = Terminal()
    now, state = [0.0], RunState()
    console = Console(stream, pace=Pace(clock=lambda: now[0]))
    for step in range(10_000):
        now[0] = step / 1000
        state.t = step / 1000
        console.update(state)
    assert stream.getvalue().count("\r") <= 2 * 4 * 10 + 4


def test_old_code_pages_get_signs_that_they_have():
    stream = Latin()
    play(stream)
    assert "+ encode" in stream.text()


def test_a_step_that_was_cut_off_ends_without_a_colon():
    events = scripted.reviews()
    begun = next(n for n, event in enumerate(events) if isinstance(event, StageStarted))
    text = play(io.StringIO(), [*events[: begun + 1], RunEnded(9.0, "failed", "no memory")])
    step = next(line for line in text.getvalue().splitlines() if line.startswith("  ✗"))
    assert step.endswith("failed")


def test_quiet_says_only_the_end():
    text = play(io.StringIO(), quiet=True).getvalue()
    assert "encode" not in text
    assert "finished, accuracy 0.8421" in text


@pytest.mark.parametrize("events", [scripted.failing(), scripted.reviews()[:3]])
def test_a_run_without_a_model_ends_in_words(events):
    text = play(io.StringIO(), events).getvalue()
    assert ("failed, no model" in text) is (events[-1].__class__.__name__ == "RunEnded")


def test_ctrl_c_is_answered_at_once():
    stream = io.StringIO()
    console = Console(stream)
    console.stopping(RunState())
    assert "interrupt again to end at once" in stream.getvalue()
