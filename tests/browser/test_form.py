"""The form in a real JupyterLab, with the real engine on a small table."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import ROOT
from tests.browser.test_narrow import SMALLEST

pytestmark = pytest.mark.browser

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import frames
wine = frames.table()
evil = wine.rename(columns={{"alcohol": "<script>window.hit = 1</script>"}})
evil["said"] = "<img src=x onerror='window.hit = 1'>"
%load_ext automl_nb
"""
FORM = "%automl form wine --label cultivar --time 40s --strategies ridge,knn -o model"
LONG = (
    "%automl form docs --label library --time 5m --strategies finetune --params epochs=90 "
    "--backbones minilm-l3"
)
# What can be focused has a name to be called by; what has a name is seen.
NAMELESS = """
form => Array.from(form.querySelectorAll('input, select, textarea, button'))
  .filter(e => e.offsetParent !== null)
  .filter(e => !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label')))
  .map(e => e.outerHTML)
"""
CUT = "form => [form.scrollWidth, form.clientWidth]"


def form_of(notebook):
    form = notebook.page.locator(".automl-nb-form").last
    form.get_by_text("What will happen").wait_for(timeout=60_000)
    return form


def pictured(notebook, form, path):
    """A screenshot of the whole form, however long it is."""
    size = notebook.page.viewport_size
    notebook.page.set_viewport_size({**size, "height": 2600})
    form.screenshot(path=path)
    notebook.page.set_viewport_size(size)


def barriers(notebook):
    """What axe-core calls a serious or critical barrier, in the form and in the run below it."""
    found = Axe().run(notebook.page, context=".jp-OutputArea")
    return [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in found.response["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]


def button(form, name):
    return form.get_by_role("button", name=name, exact=True)


def test_from_the_fields_to_an_answer_by_keyboard_alone(lab, open_notebook, pictures):
    lab.write("form.ipynb", SETUP, FORM)
    notebook = open_notebook("form.ipynb")
    notebook.run_cells(2)
    form, keys = form_of(notebook), notebook.page.keyboard
    pictured(notebook, form, pictures / "form.png")
    assert form.evaluate(NAMELESS) == []
    assert barriers(notebook) == []

    form.get_by_label("Time", exact=True).focus()
    keys.press("Control+a")
    keys.type("soon")
    keys.press("Tab")
    alert = form.get_by_role("alert").filter(has_text="length of time")
    alert.wait_for()
    assert button(form, "Start").is_disabled()
    pictured(notebook, form, pictures / "form-problem.png")
    form.get_by_label("Time", exact=True).focus()
    keys.press("Control+a")
    keys.type("40s")
    keys.press("Tab")
    alert.wait_for(state="detached")

    button(form, "Write into a new cell").click()
    form.get_by_text("The line stands in the cell below.").wait_for()
    below = notebook.page.locator(".jp-Cell").nth(2)
    assert FORM.replace("form", "fit") in below.inner_text()

    while not button(form, "Start").evaluate("e => e === document.activeElement"):
        keys.press("Tab")
    keys.press("Enter")
    button(form, "Predict").wait_for(timeout=60_000)
    notebook.shows("accuracy")
    assert re.search(r'status: "cultivar.*finished', notebook.output.aria_snapshot())
    models = form.get_by_role("listbox", name="Leaderboard")
    rows = models.get_by_role("option")
    assert rows.first.evaluate("row => row.selected")
    last = rows.count() - 1
    models.focus()
    keys.press("End")
    form.get_by_text("which the run kept and tested").wait_for()
    assert rows.nth(last).evaluate("row => row.selected")
    rows.first.click()
    form.get_by_text("which the run kept and tested").wait_for(state="detached")
    form.get_by_label("alcohol", exact=True).last.focus()
    keys.press("Control+a")  # a value of the data stands there
    keys.type("13.2")
    button(form, "Predict").focus()
    keys.press("Enter")
    form.get_by_text("cultivar:").wait_for()
    assert form.get_by_label("alcohol", exact=True).last.input_value() == "13.2"
    pictured(notebook, form, pictures / "form-result.png")
    form.get_by_label("alcohol", exact=True).last.fill("<script>window.hit = 5</script>")
    button(form, "Predict").click()
    form.get_by_text("Received: '<script>window.hit = 5</script>'.").wait_for()
    assert notebook.page.evaluate("window.hit") is None

    form.get_by_label("Save to").fill("x" * 300)
    button(form, "Save").click()
    form.get_by_text("Choose a shorter name.").wait_for()
    form.get_by_label("Save to").fill("mine")
    button(form, "Save").click()
    form.get_by_text("Saved in mine").wait_for()
    button(form, "Save").click()
    form.get_by_text("choose another name, or replace it").wait_for()
    pictured(notebook, form, pictures / "form-there.png")
    button(form, "Replace it").click()
    form.get_by_text("Saved in mine").wait_for()
    assert button(form, "Replace it").is_hidden()
    assert form.evaluate(NAMELESS) == []
    assert barriers(notebook) == []
    assert notebook.outside == []


def test_pause_resume_and_stop_by_its_buttons_on_a_narrow_page(lab, open_notebook, pictures):
    lab.write("steer.ipynb", SETUP, "docs = frames.texts()", LONG)
    notebook = open_notebook("steer.ipynb", theme="JupyterLab Dark", width=400)
    notebook.run_cells(3)
    form = form_of(notebook)
    wide, room = form.evaluate(CUT)
    assert wide <= room
    button(form, "Start").click()
    notebook.shows("Best so far")
    button(form, "Pause").click()
    notebook.shows("paused")
    assert barriers(notebook) == []
    assert button(form, "Pause").is_disabled()
    button(form, "Resume").click()
    notebook.shows("running")
    button(form, "+5 min").click()
    notebook.shows("of 10:00 min")
    button(form, "Stop and keep the best").click()
    button(form, "Predict").wait_for(timeout=60_000)
    pictured(notebook, form, pictures / "form-narrow.png")
    wide, room = form.evaluate(CUT)
    assert wide <= room
    for kind in ("leaderboard", "trials"):
        form.get_by_label("Picture", exact=True).select_option(kind)
        assert form.locator(".automl-plot").evaluate(SMALLEST) >= 9


def test_nothing_in_names_and_values_runs(lab, open_notebook):
    lab.write("evil.ipynb", SETUP, FORM.replace("wine", "evil"))
    notebook = open_notebook("evil.ipynb")
    notebook.run_cells(2)
    form = form_of(notebook)
    assert "<script>" in form.inner_text()
    assert notebook.page.evaluate("window.hit") is None


def test_dollar_signs_in_names_and_values_stay_as_they_are(lab, open_notebook):
    paid = "wine = wine.rename(columns={'ash': '$ash$ \\\\(x\\\\)'})\n"
    paid += "wine.insert(0, '$paid$ & <i>', [['$5 or $6', '$7 or $8'][i % 2] for i in wine.index])"
    drawn = "import ipywidgets; ipywidgets.Label('$x^2$')"  # by which one sees that it is done
    lab.write("dollars.ipynb", SETUP, paid, FORM, drawn)
    notebook = open_notebook("dollars.ipynb")
    notebook.run_cells(4)
    form = form_of(notebook)
    notebook.page.locator("mjx-container").first.wait_for(timeout=60_000)
    form.get_by_label("$paid$ & <i>", exact=True).wait_for()
    form.get_by_label("$ash$ \\(x\\)", exact=True).wait_for()
    assert "$5 or $6" in form.inner_text()
    assert form.locator("mjx-container").count() == 0


def test_it_speaks_as_the_browser_does_unless_another_language_is_chosen(lab, open_notebook):
    told = "from automl_nb.core.show.messages import language; print(f'speaks {language()}')"
    lab.write("form.ipynb", SETUP, told, FORM, FORM.replace("wine", "wine --language en"))
    notebook = open_notebook("form.ipynb", locale="zh-CN")
    notebook.run_cells(1)
    notebook.page.locator(".jp-InputPrompt").first.get_by_text("[1]:").wait_for(timeout=60_000)
    notebook.page.keyboard.press("Shift+Enter")
    notebook.page.get_by_text("speaks zh").last.wait_for(timeout=60_000)
    notebook.page.keyboard.press("Shift+Enter")
    form = notebook.page.locator(".automl-nb-form").last
    button(form, "开始").wait_for(timeout=60_000)
    notebook.page.keyboard.press("Shift+Enter")
    button(form_of(notebook), "Start").wait_for(timeout=60_000)
