"""Notebook 7 and Voila, each a real server before a real Chromium."""

from __future__ import annotations

import pytest

from tests.browser.conftest import ROOT, Lab, Notebook, _note_outside

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

TABLE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.support import frames
wine = frames.table()
%load_ext automl_nb
"""
FIT = "run = %automl fit wine --label cultivar --time 1m --strategies ridge,knn"
FORM = "%automl form wine --label cultivar --time 40s --strategies ridge,knn"


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1000, "height": 1400})
    yield context.new_page()
    context.close()


@pytest.fixture
def served(tmp_path):
    servers = []

    def start(module: str, *own: str):
        server = Lab(tmp_path / module, module, own)
        servers.append(server)
        server.write("wine.ipynb", TABLE, FIT, FORM)
        server.write("form.ipynb", TABLE, FORM)
        server.wait()
        return server

    (tmp_path / "notebook").mkdir()
    yield start
    for server in servers:
        server.close()


def pressed(page):
    """Fill nothing in, press Start, and come to a model that answers."""
    form = page.locator(".automl-nb-form")
    form.get_by_text("What will happen").wait_for(timeout=60_000)
    form.get_by_role("button", name="Start", exact=True).click()
    form.get_by_role("button", name="Predict", exact=True).wait_for(timeout=60_000)
    return form


def test_notebook_7(served, page, pictures):
    pytest.importorskip("notebook")
    server, outside = served("notebook"), []
    page.on("request", lambda request: _note_outside(request.url, server.url, outside))
    page.goto(f"{server.url}/notebooks/wine.ipynb")
    page.locator(".jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    notebook = Notebook(page, outside)
    notebook.run_cells(3)
    page.get_by_text("Leaderboard", exact=True).first.wait_for(timeout=60_000)
    form = pressed(page)
    form.screenshot(path=pictures / "notebook-7.png")
    assert outside == []


def test_voila(served, page, pictures):
    """Only what cells show is seen, and the form needs no more."""
    pytest.importorskip("voila")
    server, outside = served("notebook"), []  # which serves it as an extension
    page.on("request", lambda request: _note_outside(request.url, server.url, outside))
    server.write("empty.ipynb", "'nothing of ours'")
    page.goto(f"{server.url}/voila/render/empty.ipynb")
    page.get_by_text("nothing of ours").wait_for(timeout=60_000)
    own = set(outside)  # its page asks for fonts elsewhere by itself
    page.goto(f"{server.url}/voila/render/form.ipynb")
    pressed(page)
    page.get_by_text("Leaderboard", exact=True).first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "voila.png", full_page=True)
    assert set(outside) <= own
