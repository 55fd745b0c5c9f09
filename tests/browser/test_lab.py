"""The live view in a real JupyterLab: both themes, narrow pages, and after the kernel is gone."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import SETUP

pytestmark = pytest.mark.browser

FIT = "%automl fit reviews --label sentiment --time 3m -o model"
CONTRAST = """
block => {
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = parts(c).map(channel); return .2126*r + .7152*g + .0722*b };
  let behind = block;
  while (behind && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0)
    behind = behind.parentElement;
  const ground = light(getComputedStyle(behind).backgroundColor);
  const words = 'td, th, li, strong, code, text, span:not([aria-hidden])';
  return Array.from(block.querySelectorAll(words)).map(e => {
    const ink = light(getComputedStyle(e.closest('svg') || e).color);
    return (Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05);
  });
}
"""


@pytest.mark.parametrize(
    "theme", ["JupyterLab Light", pytest.param("JupyterLab Dark", marks=pytest.mark.thorough)]
)
def test_a_run_from_start_to_end(lab, open_notebook, pictures, theme):
    lab.write("run.ipynb", SETUP, FIT)
    notebook = open_notebook("run.ipynb", theme=theme)
    short = theme.split()[-1].casefold()
    notebook.run_cells(2)

    notebook.shows("Fine-tuning minilm-l6 #2")
    seen = notebook.output.aria_snapshot()
    notebook.output.screenshot(path=pictures / f"middle-{short}.png")
    assert 'progressbar "Time used of the budget"' in seen
    assert 'progressbar "Progress of: Fine-tuning minilm-l6 #2"' in seen
    assert re.search(r'status: "brisk-heron: running · fine-tune · accuracy 0\.83', seen)
    assert 'list "Steps"' in seen

    notebook.shows("model.predict(new_rows)")
    seen = notebook.output.aria_snapshot()
    notebook.output.screenshot(path=pictures / f"end-{short}.png")
    assert "progressbar" not in seen
    assert 'img "Best score over time: accuracy' in seen
    assert 'img "Learning curves: score' in seen
    assert 'table "Leaderboard"' in seen
    assert 'table "Test score on 800 rows kept aside"' in seen
    assert "accuracy 0.8388 [0.8148, 0.8628]" in seen
    assert min(notebook.output.locator("> *").first.evaluate(CONTRAST)) >= 4.5
    assert notebook.outside == []


def test_the_view_outlives_its_kernel_and_fits_a_narrow_page(lab, open_notebook, pictures):
    lab.write("kept.ipynb", SETUP, "fake.play['speed'] = 300", FIT)
    notebook = open_notebook("kept.ipynb")
    notebook.run_cells(3)
    notebook.shows("model.predict(new_rows)")
    before = notebook.output.aria_snapshot()
    notebook.saved("kept.ipynb", "predict(new_rows)")
    lab.forget_kernels()
    again = open_notebook("kept.ipynb", width=520)
    assert again.output.aria_snapshot() == before
    again.output.screenshot(path=pictures / "narrow.png")
    wide, room = again.output.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide <= room <= 420
    assert again.outside == []


def test_a_run_behind_the_cell_is_stopped_from_another(lab, open_notebook):
    behind = f"run = {FIT} --background"
    drive = "import threading; threading.Thread(target=run.wait).start()"
    lab.write(
        "behind.ipynb",
        SETUP,
        "fake.play.update(speed=60, endless=True)",
        behind,
        drive,
        "%automl stop",
    )
    notebook = open_notebook("behind.ipynb")
    notebook.run_cells(4)
    notebook.shows("running")
    notebook.shows("'%automl stop' ends it early")
    notebook.page.locator(".jp-Cell").nth(4).click()
    notebook.page.keyboard.press("Shift+Enter")
    notebook.page.get_by_text("brisk-heron is stopping").wait_for(timeout=30_000)
    notebook.shows("Stopped by hand.")
    assert 'status: "brisk-heron: stopped, accuracy' in notebook.output.aria_snapshot()
