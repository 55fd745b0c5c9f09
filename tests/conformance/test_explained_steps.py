"""One suite for every step that can be explained: words in each language, a small picture."""

import re

import pytest

from automl_nb.core.events import StepExplained
from automl_nb.core.jsonable import event_from_line, event_to_line
from automl_nb.core.show.messages import CATALOGUE, use_language
from automl_nb.explained.base import Step
from automl_nb.explained.catalog import STEPS
from automl_nb.explained.show import explanation_of, shown
from tests.support.explained import SAMPLES, USER, with_words

EVERY = pytest.mark.parametrize("name", STEPS.names())


@pytest.fixture(autouse=True)
def _english_again():
    yield
    use_language("")


def told(name, words=USER):
    return StepExplained(1.0, name, with_words(SAMPLES[name], words))


@EVERY
def test_a_step_is_listed_as_a_person_needs_it(name):
    assert isinstance(STEPS[name].load(), Step)
    assert STEPS[name].summary.endswith(".")


@EVERY
@pytest.mark.parametrize("language", CATALOGUE)
def test_a_step_says_in_a_few_sentences_what_was_done(name, language):
    use_language(language)
    explanation = explanation_of(told(name))
    assert 2 <= len(explanation.sentences) <= 5
    for words in (explanation.title, *explanation.sentences, explanation.alt):
        assert words.strip()
        assert not re.search(r"[{}]|\bnan\b|None", words)
        assert bool(re.search("[\u4e00-\u9fff]", words)) is (language == "zh")


@EVERY
def test_words_and_picture_are_small_and_described(name):
    event = told(name)
    assert event_from_line(event_to_line(event)) == event
    html = shown(event).html
    assert len(html) < 15_000
    assert 'alt="' in html
    assert "data:image/png;base64," in html


@EVERY
def test_words_of_the_person_are_only_words(name):
    html = shown(told(name, '<script>alert(1)</script>" onload="x $\\frac{ {0}')).html
    assert "<script" not in html
    assert 'onload="x' not in html
    assert "can't be shown" not in html


@EVERY
def test_what_no_font_here_holds_is_left_to_the_browser(name):
    made = shown(told(name, "\U000f0001"))
    in_picture = "\U000f0001" in made.image.get("image/svg+xml", "")
    assert ("image/png" in made.image) is not in_picture


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_follows_a_theme(theme):
    picture = explanation_of(told("split")).picture(theme)
    assert picture.axes[0].xaxis.label.get_color() == {"light": "#24292f", "dark": "#e6e6e6"}[theme]


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("split", {"tested": 0}, "none are sealed away"),
        ("split", {"folds": 1}, "19 to choose models by"),
        ("split", {"rule": "group", "named": "patient"}, "same 'patient'"),
        ("split", {"rule": "time", "named": "day"}, "latest by 'day'"),
        ("tokens", {"cut": 0.0}, "enough for all"),
        ("backbone", {"compared": {}, "why": "asked"}, "without a network 0.6300"),
        ("backbone", {"compared": {}, "why": "usual"}, "usual first choice"),
        ("backbone", {"why": "alike"}, "can't tell these apart"),
        ("over-fitting", {}, "least at 2 epochs"),
        ("over-fitting", {"held": [1.1, 0.9, 0.8, 0.7]}, "nothing was learnt by heart yet"),
        ("over-fitting", {"held": [0.5, 0.9, 0.8, 0.7]}, "nothing was better than the start"),
        ("over-fitting", {"train": [None] * 4, "unit": "trees"}, "2 trees"),
        ("calibration", {"temperature": 0.5}, "too cautious"),
        ("calibration", {"temperature": 1.0}, "honest already"),
        ("calibration", {"temperature": None}, "from 1.0000 to 1.7000"),
        ("search", {"searcher": "random"}, "by chance"),
        ("ensemble", {"answers": "values"}, "their answers are averaged"),
        ("encoding", {"for_trees": True}, "Trees only ask what is larger"),
    ],
)
def test_the_words_follow_what_happened(name, changed, said):
    facts = SAMPLES[name] | changed
    assert said in str(explanation_of(StepExplained(0.0, name, facts)))
