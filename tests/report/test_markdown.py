"""The report as Markdown: the same content, in which nothing that comes from data can act."""

import re

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from automl_nb.core.errors import SettingError
from automl_nb.core.state import replay
from automl_nb.report import write_report
from automl_nb.report.to_markdown import escaped
from automl_nb.report.write import report_html
from tests.report.looked import HOSTILE, rows_of
from tests.report.test_html import Outline

OURS = {"h1", "h2", "h3", "p", "blockquote", "strong", "em", "table", "thead", "tbody", "tr", "th"}
OURS |= {"td", "ul", "li", "img", "pre", "code"}


def pages(text):
    """As two readers of Markdown show it, each with tags and addresses let through."""
    gfm = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    lively = mistune.create_markdown(
        escape=False, plugins=["table", "strikethrough", "url", "math", "footnotes", "task_lists"]
    )
    return [Outline(gfm.render(text)), Outline(lively(text))]


@pytest.fixture
def written(hostile, cards, tmp_path):
    rows = rows_of()
    path = write_report(tmp_path / "my report.md", replay(hostile), cards["awkward"], rows=rows)
    return path, path.read_text(encoding="utf-8")


def test_whatever_texts_hold_is_shown_and_makes_no_tag_link_or_picture(written):
    _, text = written
    for page in pages(text):
        assert set(page.tags) <= OURS
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        shown = [value for name, value in page.attributes if name == "src"]
        assert shown
        assert all(re.fullmatch(r"my%20report_pictures/[a-z]+\.png", value) for value in shown)
        assert not [value for name, value in page.attributes if name == "href"]
        for said in HOSTILE[:4]:
            assert said in page.text


def test_its_pictures_lie_beside_it(written):
    path, text = written
    files = {file.name for file in (path.parent / "my report_pictures").iterdir()}
    assert {f"{name}.png" for name in re.findall(r"pictures/([a-z]+)\.png", text)} == files
    assert "embedding.png" in files
    assert all(
        (path.parent / "my report_pictures" / name).read_bytes().startswith(b"\x89PNG")
        for name in files
    )


def test_it_says_what_the_page_says(events, cards, tmp_path):
    state = replay(events)
    page = Outline(report_html(state, cards["binary"], {"name": "joined + ridge"}))
    path = write_report(
        tmp_path / "r.md", state, cards["binary"], model_facts={"name": "joined + ridge"}
    )
    read = pages(path.read_text(encoding="utf-8"))[0]
    heads = {"h1", "h2", "td", "th"}
    for tag in heads:
        assert read.tags.count(tag) > 0
    assert read.tags.count("h2") == page.tags.count("h2")
    assert read.tags.count("img") == page.tags.count("figure")
    assert read.tags.count("tr") == page.tags.count("tr")
    assert "%automl fit data --label sentiment --time 60s --metric accuracy --seed 7" in read.text


@given(st.text(alphabet=st.sampled_from("ab1 \\`*_{}[]()<>#+-.!|~$&@:/=w"), max_size=30))
def test_any_text_is_shown_as_it_is(text):
    line = " ".join(text.split())
    for page in pages(f"| {escaped(text)} | x |\n| --- | --- |\n| {escaped(text)} | y |"):
        assert page.tags.count("td") == 2
        assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td"}
        assert " ".join(page.words).split("y")[0].split() == f"{line} x {line}".split()
    for page in pages(escaped(text)):
        assert set(page.tags) <= {"p"}
        assert "".join(page.words).strip() == line


def test_another_kind_of_file_is_refused(events, tmp_path):
    with pytest.raises(SettingError, match="HTML or Markdown"):
        write_report(tmp_path / "r.pdf", replay(events))
