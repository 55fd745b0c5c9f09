"""Explained steps in the report: folded, harmless whatever the rows hold, small."""

from __future__ import annotations

import re

import pytest

from automl_nb.core.events import StepExplained
from automl_nb.core.show.messages import use_language
from automl_nb.core.state import RunState
from automl_nb.explained.told import blocks_of
from automl_nb.report import write_report
from tests.report.test_html import Outline
from tests.support.explained import SAMPLES, with_words

HOSTILE = "<script>window.pwned=1</script> [x](http://evil.example) "


@pytest.fixture(scope="module")
def explained():
    return blocks_of(
        StepExplained(1.0, name, with_words(facts, HOSTILE)) for name, facts in SAMPLES.items()
    )


def test_each_step_is_folded_with_its_words_and_picture(explained, tmp_path):
    path = write_report(tmp_path / "r.html", RunState(), explained=explained)
    html = path.read_text(encoding="utf-8")
    page = Outline(html)
    assert "Steps explained" in page.text
    assert page.tags.count("details") == page.tags.count("summary") >= len(SAMPLES)
    assert page.tags.count("svg") >= len(SAMPLES)
    assert "script" not in page.tags
    assert "open" not in [name for name, _ in page.attributes]
    outside = [value for _, value in page.attributes if value and "evil.example" in value]
    assert not [value for value in outside if value.startswith("http")]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len({*ids}) == len(ids)
    assert path.stat().st_size < 3_000_000


def test_a_step_told_in_another_language_says_so_to_who_hears_it(tmp_path):
    use_language("zh")
    try:
        steps = blocks_of([StepExplained(1.0, "split", SAMPLES["split"])])
    finally:
        use_language("")
    html = write_report(tmp_path / "r.html", RunState(), explained=steps).read_text("utf-8")
    assert '<html lang="en">' in html
    assert re.search(r'<details lang="zh"><summary>[^<]*[\u4e00-\u9fff]', html)


def test_markdown_shows_each_with_a_picture_beside_it(explained, tmp_path):
    path = write_report(tmp_path / "r.md", RunState(), explained=explained)
    text = path.read_text(encoding="utf-8")
    for name in SAMPLES:
        picture = tmp_path / "r_pictures" / f"step-{name}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert f"(r_pictures/step-{name}.png)" in text
    assert "<script" not in text


def test_a_step_that_cannot_be_told_costs_a_sentence_alone(tmp_path):
    blocks = blocks_of([StepExplained(1.0, "split", {}), StepExplained(2.0, "nap", {})])
    html = write_report(tmp_path / "r.html", RunState(), explained=blocks).read_text("utf-8")
    assert "The step 'nap' can't be shown here" in Outline(html).text
