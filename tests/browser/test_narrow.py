"""Pages of 400 px, such as a phone's: every word of a picture can be read, and nothing is cut off."""

from __future__ import annotations

import pytest

from automl_nb.core.show.svg import FONT
from tests.browser.conftest import SETUP
from tests.browser.test_plots import DRAW

pytestmark = pytest.mark.browser

KINDS = ("leaderboard", "timeline", "curves", "trials", "pareto")
SMALLEST = """
plot => Math.min(...Array.from(plot.querySelectorAll('svg text'), word => {
  const to = word.getScreenCTM();
  return parseFloat(getComputedStyle(word).fontSize) * Math.hypot(to.a, to.b);
}))
"""
# Of a picture whose words aren't elements: how much smaller than drawn it is seen.
SHRUNK = "plot => plot.clientWidth / plot.naturalWidth"
# What sticks out of its box and can't be moved into it.
CUT = """
plot => {
  const box = plot.closest('[tabindex="0"]');
  box.scrollLeft = 1e6;
  const right = plot.getBoundingClientRect().right - box.getBoundingClientRect().right;
  box.scrollLeft = 0;
  return Math.max(right, box.parentElement.scrollWidth - box.parentElement.clientWidth);
}
"""


@pytest.mark.parametrize(
    "theme", ["JupyterLab Light", pytest.param("JupyterLab Dark", marks=pytest.mark.thorough)]
)
def test_words_of_pictures_can_be_read(lab, open_notebook, pictures, theme):
    cells = (*(f"draw('{kind}', state)" for kind in KINDS), "%automl fit reviews --time 3m")
    lab.write("narrow.ipynb", f"{SETUP}{DRAW}fake.play['speed'] = 300", *cells)
    notebook = open_notebook("narrow.ipynb", width=400, theme=theme)
    notebook.run_cells(1 + len(cells))
    notebook.shows("model.predict(new_rows)")
    plots = notebook.page.locator(".automl-plot")
    for place, kind in enumerate(KINDS):
        plot = plots.nth(place)
        plot.screenshot(path=pictures / f"narrow-{kind}-{theme.split()[-1].casefold()}.png")
        assert plot.evaluate(SMALLEST) >= 9
        assert plot.locator("svg").evaluate(CUT) <= 1
    charts = notebook.output.locator("img")
    assert charts.count() == 2
    notebook.output.screenshot(path=pictures / f"narrow-run-{theme.split()[-1].casefold()}.png")
    for place in range(2):
        assert FONT * charts.nth(place).evaluate(SHRUNK) >= 9
        assert charts.nth(place).evaluate(CUT) <= 1
