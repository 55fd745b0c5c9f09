"""Plots in a real JupyterLab: axes, words and lines stand out from the cell in both themes."""

from __future__ import annotations

import pytest

from automl_nb.report.picture import DPI
from tests.browser.conftest import SETUP
from tests.browser.test_lab import CONTRAST

pytestmark = pytest.mark.browser

DRAW = """
from automl_nb.core.state import replay
from automl_nb.report import draw
from tests.report.conftest import CARDS, run_events
state, card = replay(run_events()), CARDS["binary"]()
"""
KINDS = ("leaderboard", "timeline", "curves", "confusion", "roc", "calibration")


LINES = """
block => Array.from(block.querySelectorAll('svg path')).map(e => getComputedStyle(e).stroke)
"""


@pytest.mark.parametrize(
    "theme", ["JupyterLab Dark", pytest.param("JupyterLab Light", marks=pytest.mark.thorough)]
)
def test_a_plot_has_the_colours_of_the_page_around_it(lab, open_notebook, pictures, theme):
    lab.write("plots.ipynb", SETUP + DRAW, *(f"draw('{kind}', state, card)" for kind in KINDS))
    notebook = open_notebook("plots.ipynb", theme=theme)
    notebook.run_cells(1 + len(KINDS))
    shown = notebook.page.locator(".jp-OutputArea-executeResult")
    for place, kind in enumerate(KINDS):
        plot = shown.nth(place).locator(".automl-plot")
        plot.wait_for(timeout=30_000)
        plot.screenshot(path=pictures / f"{kind}-{theme.split()[-1].casefold()}.png")
        assert min(plot.evaluate(CONTRAST)) >= 10  # words, whose colour the axes share
        words = plot.locator("svg").evaluate("e => getComputedStyle(e).color")
        assert words in plot.evaluate(LINES) or kind == "confusion"  # which has no axes
        assert plot.locator("img").is_hidden()
        assert plot.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert notebook.outside == []


def test_a_notebook_that_is_not_trusted_shows_the_plot_as_a_picture(lab, open_notebook):
    lab.write("theirs.ipynb", SETUP + DRAW, "draw('leaderboard', state)")
    notebook = open_notebook("theirs.ipynb")
    notebook.run_cells(2)
    notebook.page.locator(".automl-plot svg").wait_for(timeout=30_000)
    changed = notebook.saved("theirs.ipynb", "automl-plot").replace("'leaderboard'", "'timeline'")
    copy = lab.folder / "work" / "copied.ipynb"  # its signature is void
    copy.write_text(changed, encoding="utf-8")
    lab.forget_kernels()
    again = open_notebook("copied.ipynb", width=400)
    again.page.locator(".automl-plot img").wait_for(timeout=30_000)
    assert again.page.locator(".automl-plot svg").count() == 0
    assert again.page.locator(".automl-plot img").is_visible()
    shrunk = again.page.locator(".automl-plot img").evaluate("e => e.clientWidth / e.naturalWidth")
    assert 9.5 / 72 * DPI * shrunk >= 9  # its smallest words can be read on a narrow page
