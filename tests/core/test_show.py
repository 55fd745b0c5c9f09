"""A run as HTML and as text: complete, self-contained, escaped, small."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter

import pytest

from automl_nb.core import events as ev
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.events import Message, RunEnded
from automl_nb.core.show import Frame, page, text
from automl_nb.core.show.messages import (
    CATALOGUE,
    ENGLISH,
    front_end_speaks,
    language,
    say,
    use_language,
)
from automl_nb.core.state import RunState, replay
from tests.support import scripted

VOID = {"br", "img", "hr", "path", "circle", "input"}


class Checked(HTMLParser):
    """Notes tags and attributes, and that every tag is closed where it should be."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


DRAWN = {"svg", "g", "path", "circle", "text"}


def drawings(checked):
    """The pictures of a page; each must hold itself what it shows."""
    found = []
    for tag, name, value in checked.attributes:
        if (tag, name) == ("img", "src"):
            start, _, data = value.partition("base64,")
            assert start == "data:image/svg+xml;"
            found.append(ET.fromstring(base64.b64decode(data, validate=True)))
    return found


def until(t):
    return replay(event for event in scripted.reviews() if event.t <= t)


MOMENTS = [0.0, 0.2, 0.4, 3.0, 10.0, 19.5, 60.0, 100.0, 138.5, 142.0]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("frame", [Frame(), Frame(stable=True), Frame(notice="Stopping", hint="x")])
def test_every_frame_is_small_whole_and_stands_alone(moment, frame):
    html = page(until(moment), frame)
    checked = Checked(html)
    assert len(html.encode()) < 30_000
    assert not {"script", "style", "link", "iframe", "svg"} & set(checked.tags)
    for drawing in drawings(checked):
        assert {node.tag.rpartition("}")[2] for node in drawing.iter()} <= DRAWN
    assert not re.search(r"https?:|url\(|@import", html)
    assert checked.tags.count("progress") <= 2
    assert [a for a in checked.attributes if a[1:] == ("role", "status")]


def test_the_page_in_the_middle_tells_how_far_the_run_is():
    html = page(until(100.0), Frame(now=100.0))
    for part in (
        "brisk-heron",
        "running",
        "1:40 min of 3:00 min",
        "at most 1:20 min left",
        "0.8306",
        "Learning curves",
        "minilm-l6 #2",
        "of 3 epochs",
        "to come",
        "12 values are missing",
    ):
        assert part in html, part
    bars = [
        value
        for tag, name, value in Checked(html).attributes
        if tag == "progress" and name == "aria-label"
    ]
    assert bars == ["Time used of the budget", "Progress of: Fine-tuning minilm-l6 #2"]


def test_the_page_at_the_end_holds_the_result_and_what_comes_next():
    state = until(142.0)
    html = page(state, Frame(folder="automl_runs/brisk-heron", model_name="model"))
    for part in (
        "finished",
        "0.8421",
        "Test score on 800 rows kept aside",
        "0.8388",
        "[0.8148, 0.8628]",
        "automl_runs/brisk-heron",
        "model.predict(new_rows)",
        "skipped: the ensemble is calibrated already",
        "and 2 more: run.leaderboard",
    ):
        assert part in html, part
        assert "<progress" not in html


def test_no_theme_is_left_without_contrast():
    html = page(until(142.0))
    assert "var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor))" in html
    assert not re.search(r"(background|color|fill):\s*(white|#fff|black|#000)", html)


def test_nothing_that_a_person_wrote_becomes_markup():
    bad = '<img src=x onerror="alert(1)">'
    events = [
        scripted.started(bad),
        scripted.described(bad),
        Message(1.0, bad, "warning"),
        ev.StagePlanned(1.0, (bad,)),
        ev.StageStarted(1.0, bad, bad),
        ev.TrialStarted(1.0, bad, "ridge"),
        ev.TrialReported(1.0, bad, 1, {bad: 0.1}),
        ev.TrialReported(2.0, bad, 2, {bad: 0.2}),
        scripted.model(bad, 0.5, 2.0, 0.1),
        scripted.best(bad, 0.5, 2.0),
        ev.Progress(2.0, bad, 1, 2, bad),
        ev.TestScored(2.0, {"metrics": {bad: bad}, "n_rows": 5, "test_openings": 3}),
    ]
    running = replay(events)
    ended = replay([*events, RunEnded(3.0, "failed", bad)])
    frame = Frame(folder=bad, notice=bad, hint=bad, model_name=bad)
    for state in (running, ended):
        checked = Checked(page(state, frame))
        assert len(drawings(checked)) == checked.tags.count("img")
        assert not [name for _, name, _ in checked.attributes if name.startswith("on")]
        assert bad in checked.words[0] or any(bad in word for word in checked.words)


def test_a_stable_page_says_nothing_that_differs_between_runs():
    slow = [replace(event, t=event.t * 2) for event in scripted.reviews("other")]
    frame = Frame(folder="somewhere", model_name="model", stable=True)
    assert page(replay(slow), frame) == page(until(142.0), frame)
    assert text(replay(slow), frame) == text(until(142.0), frame)


def test_a_test_part_used_twice_is_said():
    state = until(142.0)
    state.scorecard["test_openings"] = 3
    assert "used 3 times" in page(state)
    assert "used 3 times" in text(state)


def test_a_model_that_the_disk_refused_is_not_said_to_be_saved():
    refused = [
        replace(event, path="") if isinstance(event, ev.IncumbentImproved) else event
        for event in scripted.reviews()
    ]
    frame = Frame(folder="runs/x", model_name="m")
    for shown in (page(replay(refused), frame), text(replay(refused), frame)):
        assert "Saved in" not in shown
        assert "m.predict(new_rows)" in shown


def test_text_says_the_same():
    state = until(142.0)
    whole = text(state, Frame(folder="runs/x", model_name="m"))
    for part in (
        "brisk-heron: finished, accuracy 0.8421",
        "ensemble of 4",
        "[0.8311, 0.8531]",
        "roc_auc",
        "Saved in: runs/x",
        "Next: m.predict(new_rows)",
    ):
        assert part in whole, part
    running = text(until(60.0), Frame(now=61.0))
    assert running.splitlines()[0] == "brisk-heron: running · fine-tune · accuracy 0.8306"


def test_words_of_a_run_that_was_killed_or_failed():
    killed = until(60.0)
    assert "killed" in page(killed, Frame(broken=True))
    assert "killed, accuracy 0.8306" in text(killed, Frame(broken=True))
    failed = replay(scripted.failing())
    assert "failed, no model" in text(failed)
    assert "the file is cut off" in page(failed)


def test_an_unstarted_run_can_be_drawn():
    assert "running" in page(RunState())
    assert text(RunState()).startswith("run: running")  # it has no name yet
    assert Checked(page(RunState(), Frame(broken=True))).open == []


def test_another_language_says_in_english_what_it_lacks(monkeypatch):
    from automl_nb.core.show import messages

    monkeypatch.setitem(messages.CATALOGUE, "xx", {"status.finished": "fertig"})
    monkeypatch.setenv("AUTOML_NB_LANG", "xx_YY")
    html = page(until(142.0))
    assert "fertig" in html
    assert "Leaderboard" in html


def test_a_trial_that_diverged_leaves_the_other_curves_readable():
    told = {"calm": (0.9, 0.4), "steady": (0.8, 0.3), "astray": (0.9, 1e6)}
    events = [
        ev.TrialReported(1.0 + step, name, step + 1, {"loss": loss}, 2)
        for name, losses in told.items()
        for step, loss in enumerate(losses)
    ]
    html = page(replay([scripted.started(), *events]))
    assert "Learning curves (1 beyond the axis)" in html
    axis = [*drawings(Checked(html))[-1].itertext()]
    assert "0.8" in axis
    assert not any("e+" in tick or "," in tick for tick in axis)


def test_curves_of_epochs_and_of_trees_share_an_axis():
    events = [
        ev.TrialReported(1.0, "network", 1, {"loss": 0.9}, 10),
        ev.TrialReported(2.0, "network", 5, {"loss": 0.5}, 10),
        ev.TrialReported(3.0, "trees", 100, {"loss": 0.7}, 400),
        ev.TrialReported(4.0, "trees", 400, {"loss": 0.4}, 400),
        ev.TrialReported(5.0, "folds", 1, {}, 5),
        ev.TrialReported(6.0, "folds", 2, {}, 5),
    ]
    html = page(replay([scripted.started(), *events]))
    assert "Learning curves: loss, network now 0.5000; trees now 0.4000" in html
    drawn = list(drawings(Checked(html))[-1].itertext())
    assert "% of the trial" in drawn
    assert "folds" not in html
    assert "100" in drawn
    assert "400" not in drawn


def test_in_a_shell_the_next_line_is_a_command():
    last = text(until(142.0), Frame(folder="my runs/x", in_shell=True)).splitlines()[-1]
    assert last == "Next: automl-nb predict 'my runs/x' new_rows.csv"


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code != "en"])
def test_a_language_says_everything_with_the_same_values(code):
    def values(text):
        return sorted(field for _, field, _, _ in Formatter().parse(text) if field)

    assert CATALOGUE[code].keys() == ENGLISH.keys()
    for key, said in CATALOGUE[code].items():
        assert values(said) == values(ENGLISH[key]), key


def test_a_language_is_chosen_and_left(monkeypatch):
    use_language("zh")
    try:
        assert say("status.running") == "运行中"
        with pytest.raises(UnknownNameError, match="language"):
            use_language("tlh")
    finally:
        use_language("")
    assert say("status.running") == "running"
    monkeypatch.setenv("AUTOML_NB_LANG", "zh-CN")
    assert say("status.running") == "运行中"


def test_what_is_chosen_comes_before_the_front_end_and_that_before_the_system(monkeypatch):
    monkeypatch.setattr("automl_nb.core.show.messages._front_end", "")
    for name in ("AUTOML_NB_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for spoken, said in (("C.UTF-8", "en"), ("de_DE.UTF-8", "en"), ("zh_CN.UTF-8", "zh")):
        monkeypatch.setenv("LANG", spoken)
        assert language() == said
    monkeypatch.setenv("LANGUAGE", "en_GB:zh")
    assert language() == "en"
    front_end_speaks("zh-CN")
    assert language() == "zh"
    monkeypatch.setenv("AUTOML_NB_LANG", "en")
    assert language() == "en"
    use_language("zh")
    try:
        assert language() == "zh"
    finally:
        use_language("")


def test_a_run_that_waits_says_for_what_and_counts_no_time():
    state = RunState()
    state.apply(ev.RunWaiting(0.0, "stars-2", ("stars", "<b>")))
    frame = Frame(now=40.0, hint="Interrupt")
    assert text(state, frame).splitlines() == [
        "stars-2: waiting",
        "stars-2 waits until these have ended: stars, <b>",
    ]
    shown = page(state, frame)
    assert "stars, &lt;b&gt;" in shown
    assert "%automl stop stars-2" in shown.replace("&#x27;", "'")
    assert "Interrupt" not in shown
    assert "<progress" not in shown
    state.apply(ev.RunEnded(0.0, "stopped", "Stopped by hand. It had not begun."))
    assert state.status == "stopped"
