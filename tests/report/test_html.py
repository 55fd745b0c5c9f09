"""The report: one file with everything in it, which nothing in the data can take over."""

import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from automl_nb.core.errors import RunError
from automl_nb.core.events import ModelAdded
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.state import RunState, replay
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.notebook.line import split
from automl_nb.report import write_report
from automl_nb.report.again import changed_settings, magic_of
from automl_nb.report.sections import settings
from automl_nb.report.to_html import html_of
from automl_nb.report.write import report_html
from tests.report.looked import HOSTILE, rows_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ALONE = {"meta", "br", "img", "image", "use", "path", "link"}


class Outline(HTMLParser):
    """Collects tags, attributes and words, and notices tags that don't close."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in ALONE:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def state(events):
    return replay(events)


def test_a_report_says_it_all(state, cards, tmp_path):
    facts = {"name": "joined + ridge", "scorecard": {"left": "out"}}
    path = write_report(tmp_path / "new" / "r.html", state, cards["binary"], model_facts=facts)
    assert path == tmp_path / "new" / "r.html"
    text = Outline(path.read_text(encoding="utf-8")).text
    score = cards["binary"].score
    for said in (
        "Run brisk-heron",
        "Learns 'sentiment' (binary: two distinct values).",
        f"accuracy {score.value:.4f} (95% interval [{score.low:.4f}, {score.high:.4f}])",
        "test part used once",
        "4.1 MB on disk",
        "long, mostly unique",
        "800 for training, 200 for test (stratified). The parts look alike.",
        "3 rows of sentiment are doubled.",
        "tfidf + ridge",
        "one model is best alone",
        "Reading sentiment.",
        "Finished after 15 s. No step left that would help.",
        "torch 2.13.0",
        "model = automl_nb.load('automl_runs/brisk-heron')",
        "automl_nb.fit(data, label='sentiment', time=60.0, seed=7, metric='accuracy')",
    ):
        assert said in text, said


@pytest.mark.parametrize("card", ["awkward", "many", "multilabel", "regression"])
def test_a_report_stands_alone(card, state, cards, tmp_path):
    text = write_report(tmp_path / "r.html", state, cards[card]).read_text(encoding="utf-8")
    page = Outline(text)
    assert page.open == []
    assert len(text.encode()) < 3_000_000
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(page.tags)
    fetched = [v for k, v in page.attributes if k in {"src", "href", "xlink:href", "data"} and v]
    assert all(value.startswith(("#", "data:")) for value in fetched)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"url\((?!['\"]?#)", text)


def test_every_picture_has_a_description(state, cards):
    page = Outline(report_html(state, cards["binary"], {}))
    labels = [value for name, value in page.attributes if name == "aria-label"]
    assert page.tags.count("figure") == 10
    assert len([value for value in labels if value != "Contents"]) == 10
    assert all(labels)


def test_ids_are_not_doubled(state, cards):
    page = Outline(report_html(state, cards["binary"], {}))
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_hostile_names_are_only_words(hostile, cards):
    text = report_html(replay(hostile), cards["awkward"], {"name": "<script>1</script>"}, "<b>")
    page = Outline(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>window.pwned=1</script>" in page.text
    assert page.open == []


def test_a_replayed_journal_gives_the_same_report(events, state, cards):
    replayed = replay(event_from_line(event_to_line(event)) for event in events)
    card = Scorecard.from_dict(json.loads(json.dumps(cards["binary"].to_dict())))
    assert report_html(replayed, card, {}) == report_html(state, cards["binary"], {})


def test_a_run_that_has_only_begun_has_a_report_too(events):
    assert "No model was trained." in report_html(RunState(), None, {})
    text = Outline(report_html(replay(events[:4]), None, {})).text
    assert "1,000 rows, 2 columns." in text
    untested = Outline(report_html(replay(events), None, {})).text
    assert "The test part wasn't scored." in untested


def test_time_and_seed_are_always_needed_to_repeat_a_run(state):
    assert changed_settings(state) == {
        "label": "sentiment",
        "time_s": 60.0,
        "seed": 7,
        "metric": "accuracy",
    }


def test_what_is_as_always_is_not_bold(state):
    state.settings["seed"] = 0
    assert "seed" in changed_settings(state)
    text = html_of(settings(state))
    assert "<td>0</td>" in text
    assert "<strong>60</strong>" in text


def test_the_line_of_the_magic_says_the_same_as_the_call(state):
    state.settings |= {"label": "my stars", "patience_s": 90.0, "params": {"lr": 1e-4}}
    state.settings |= {"backbones": ["a", "b"], "clip_outliers": True}
    assert magic_of(state) == (
        '%automl fit data --label "my stars" --time 60s --metric accuracy --backbones a,b'
        " --params lr=0.0001 --patience 90s --seed 7 --clip-outliers"
    )
    state.settings["label"] = "both ' and $"
    assert split(magic_of(state), {})[4] == "both ' and $"
    state.settings["label"] = "two\nlines"
    assert magic_of(state) == ""


def test_errors_are_words_even_where_they_are_hostile(hostile, cards, tmp_path):
    rows = rows_of(n=3000)
    path = write_report(tmp_path / "r.html", replay(hostile), cards["awkward"], rows=rows)
    text = path.read_text(encoding="utf-8")
    page = Outline(text)
    assert len(text.encode()) < 3_000_000
    assert not {"script", "b", "i"} & set(page.tags)
    assert page.open == []
    assert all(said in page.text for said in HOSTILE[:4])
    fetched = [v for k, v in page.attributes if k in {"src", "href", "xlink:href"} and v]
    assert all(value.startswith(("#", "data:")) for value in fetched)


def test_where_no_rows_are_at_hand_the_report_says_so(state, cards, tmp_path):
    path = write_report(tmp_path / "r.html", state, cards["binary"], no_rows="Give the rows.")
    assert "Where it errs Give the rows." in Outline(path.read_text(encoding="utf-8")).text


def test_a_folder_gets_a_file_of_its_own(state, tmp_path):
    assert write_report(tmp_path, state, None) == tmp_path / "report.html"
    assert os.listdir(tmp_path) == ["report.html"]  # noqa: PTH208


def test_a_path_that_cannot_be_written_is_said_plainly(state, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="file that can be written") as caught:
        write_report(tmp_path / "file" / "r.html", state, None)
    assert "Choose another path" in caught.value.hint


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_in_both_themes_and_runs_nothing(scheme, hostile, cards, tmp_path):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    path = write_report(tmp_path / "r.html", replay(hostile), cards["awkward"])
    asked, spoken = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(color_scheme=scheme)
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        assert page.evaluate("window.pwned") is None
        colours = page.evaluate(
            "[getComputedStyle(document.body).color,"
            " getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('figure svg text')).fill]"
        )
        wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        barriers = [
            (rule["id"], [node["html"] for node in rule["nodes"]])
            for rule in Axe().run(page).response["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]
        browser.close()
    assert barriers == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert spoken == []
    assert wide
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) > 380 for colour in colours]
    assert light == ([False, True, False] if scheme == "light" else [True, False, True])


_BROKEN_WORDS = """
() => Array.from(document.querySelectorAll('td, th')).flatMap(cell => {
  const words = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
  while (words.nextNode())
    for (const found of words.currentNode.data.matchAll(/[^\\s-]+/g)) {
      const range = document.createRange();
      range.setStart(words.currentNode, found.index);
      range.setEnd(words.currentNode, found.index + found[0].length);
      const lines = new Set(Array.from(range.getClientRects(), box => Math.round(box.top)));
      if (lines.size > 1) broken.push(found[0]);
    }
  return broken;
})
"""


@pytest.mark.browser
def test_no_word_of_a_table_is_broken_in_the_middle(run_of, cards, tmp_path):
    from playwright.sync_api import sync_playwright

    note = (
        "11% tfidf-pairs(text): svm + 52% tfidf-char(text): svm + 4% frozen-text(text, minilm-l6)"
    )
    names = ("prior", "minilm-l6(text): fine-tuned", "frozen-text(text, minilm-l6): logistic")
    events = run_of(models=names)
    rows = [event for event in events if isinstance(event, ModelAdded)]
    for event in rows:
        long = replace(event.row, note=note, stage="frozen features")
        events[events.index(event)] = replace(event, row=long)
    path = write_report(tmp_path / "r.html", replay(events), cards["binary"])
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width in (900, 1280):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto(path.as_uri())
            assert page.evaluate(_BROKEN_WORDS) == []
            models = page.locator(".scroll", has=page.get_by_text("Models, best first"))
            assert models.evaluate("e => e.scrollWidth <= e.clientWidth")
        browser.close()


_SMALLEST = """
() => Math.min(...Array.from(document.querySelectorAll('figure svg text'), word => {
  const to = word.getScreenCTM();
  return parseFloat(getComputedStyle(word).fontSize) * Math.hypot(to.a, to.b);
}))
"""
# How far right of the page a box's content ends once the box was moved to its end.
_CUT = """
() => Array.from(document.querySelectorAll('[tabindex="0"]'), box => {
  box.scrollLeft = 1e6;
  const last = box.querySelector('tr > :last-child, svg, code');
  return last.getBoundingClientRect().right - document.documentElement.clientWidth;
})
"""


@pytest.mark.browser
def test_on_a_narrow_page_words_can_be_read_and_all_can_be_reached(state, cards, tmp_path):
    from playwright.sync_api import sync_playwright

    path = write_report(tmp_path / "r.html", state, cards["binary"], rows=rows_of("binary"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 400, "height": 900})
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert page.evaluate(_SMALLEST) >= 8.99  # as matplotlib rounds places
        assert max(page.evaluate(_CUT)) <= 1
        browser.close()
