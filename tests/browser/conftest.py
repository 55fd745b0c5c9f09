"""A real JupyterLab on a free port of this machine, and a real Chromium before it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAB = (
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
)
SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import pandas as pd
from tests.support import scripted
fake = scripted.install(speed=30)
reviews = pd.DataFrame({{"text": ["good", "bad"], "sentiment": ["y", "n"]}})
%load_ext automl_nb
"""


class Lab:
    """A server of notebooks in a folder of its own: JupyterLab, Notebook or Voila.

    Args:
        folder: Where its settings and notebooks are kept.
        module: What is started.
        own: The options that only this one knows.
    """

    def __init__(self, folder: Path, module: str = "jupyterlab", own: Sequence[str] = LAB):
        self.folder, self.settings = folder, folder / "settings"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.setting("notification", {"fetchNews": "false", "checkForUpdates": False})
        private = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_PATH": "ours",  # looked at before what is installed
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }
        environment = os.environ | {name: str(folder / part) for name, part in private.items()}
        environment["AUTOML_NB_CONFIG"] = str(folder / "none.toml")
        for name in ("AUTOML_NB_PROGRESS", "AUTOML_NB_LANG"):
            environment.pop(name, None)
        shutil.copytree(ROOT / "labextension", folder / "ours" / "labextensions" / "automl_nb")
        (folder / "work").mkdir()
        self.log = (folder / "lab.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *self._options(), *own],
            cwd=folder / "work",
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def _options(self):
        return [
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.root_dir={self.folder / 'work'}",
        ]

    def setting(self, name: str, values: dict):
        path = self.settings / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/api/status", timeout=5) as answer:
                    return answer.status
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.said()
                time.sleep(0.2)
        raise AssertionError(self.said())

    def said(self):
        return (self.folder / "lab.log").read_text(encoding="utf-8")[-3000:]

    def write(self, name: str, *cells: str):
        """A notebook with these code cells."""
        made = [
            {
                "id": f"c{i}",
                "cell_type": "code",
                "source": cell.strip(),
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for i, cell in enumerate(cells)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = {
            "cells": made,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / "work" / name).write_text(json.dumps(book), encoding="utf-8")

    def forget_kernels(self):
        with urllib.request.urlopen(f"{self.url}/api/sessions", timeout=5) as answer:
            sessions = json.load(answer)
        for session in sessions:
            wanted = urllib.request.Request(
                f"{self.url}/api/sessions/{session['id']}", method="DELETE"
            )
            urllib.request.urlopen(wanted, timeout=10).close()

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


class Notebook:
    """A notebook that is open in the browser."""

    def __init__(self, page, outside):
        self.page, self.outside = page, outside

    @property
    def output(self):
        """The block that the live view draws."""
        return self.page.locator(".jp-OutputArea-output:has([role=status])").last

    def run_cells(self, how_many: int):
        self.page.locator(".jp-Cell").first.click()
        for _ in range(how_many):
            self.page.keyboard.press("Shift+Enter")

    def saved(self, name: str, text: str) -> str:
        """Save, and the file once it has this text: while it is written it may be without any."""
        self.page.keyboard.press("Control+s")
        return self.page.evaluate(
            """async ([name, text]) => {
              for (let look = 0; look < 300; look++) {
                const file = await (await fetch(`/api/contents/${name}`)).json();
                const content = JSON.stringify(file.content ?? null);
                if (content.includes(text)) return content;
                await new Promise(done => setTimeout(done, 100));
              }
              throw new Error(`${name} was not saved with ${text}`);
            }""",
            [name, text],
        )

    def shows(self, text: str):
        try:
            self.output.get_by_text(text, exact=False).first.wait_for(timeout=30_000)
        except Exception:
            self.page.screenshot(
                path=str(Path(tempfile.gettempdir()) / "automl_nb-browser-test.png")
            )
            raise


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        server.wait()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path, "Chromium is needed: see the README, or run 'make test', which installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(lab, chromium):
    contexts = []

    def opened(
        name: str, *, theme: str = "JupyterLab Light", width: int = 1100, locale: str = "en-US"
    ):
        lab.setting("themes", {"theme": theme})
        context = chromium.new_context(viewport={"width": width, "height": 1000}, locale=locale)
        contexts.append(context)
        page, outside = context.new_page(), []
        page.on("request", lambda request: _note_outside(request.url, lab.url, outside))
        page.goto(f"{lab.url}/doc/tree/{name}")
        page.locator(".jp-Cell").first.wait_for(timeout=60_000)
        page.get_by_text("(ipykernel) | Idle").wait_for(timeout=60_000)  # the status bar
        return Notebook(page, outside)

    yield opened
    for context in contexts:
        context.close()
    lab.forget_kernels()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Where screenshots go: AUTOML_NB_PICTURES, or a temporary folder."""
    given = os.environ.get("AUTOML_NB_PICTURES")
    folder = Path(given) if given else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _note_outside(url: str, ours: str, outside: list[str]):
    if not url.startswith((ours, "data:", "blob:")):
        outside.append(url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
