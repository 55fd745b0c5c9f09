"""The magic in a real Jupyter kernel: messages, completion, interrupts, output routing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
WAIT = 60

SETUP = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.environ.pop("AUTOML_NB_PROGRESS", None)
import pandas as pd
from tests.support import scripted
fake = scripted.install(chunk=8)
reviews = pd.DataFrame({{"text": ["good", "bad"], "my column": ["y", "n"]}})
%load_ext automl_nb
"""

ENGINE = """
import os
os.environ.pop("AUTOML_NB_PROGRESS", None)
import automl_nb
docs = automl_nb.sample("docstrings")
%load_ext automl_nb
"""


class Kernel:
    """Runs cells and keeps every message that belongs to them."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.others = []  # messages of other cells that came meanwhile

    def begin(self, code):
        return self.client.execute(code)

    def next(self, request, kind):
        """The next message of this kind that belongs to a cell."""
        while True:
            message = self.others.pop(0) if self.others else self._message()
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return message["content"]

    def _message(self):
        return self.client.get_iopub_msg(timeout=WAIT)

    def reply(self, request):
        while True:
            message = self.client.get_shell_msg(timeout=WAIT)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def run(self, code):
        """The reply and the messages of a whole cell."""
        request, messages, self.others = self.begin(code), [], []
        while True:
            message = self._message()
            if message["parent_header"].get("msg_id") != request:
                self.others.append(message)
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return self.reply(request), messages
            messages.append((message["msg_type"], message["content"]))


def started(folder, setup):
    """A kernel in a folder of its own, set up, and shut down at the end."""
    environment = os.environ | {
        "IPYTHONDIR": str(folder / "ipython"),
        "AUTOML_NB_CONFIG": str(folder / "none.toml"),
        "AUTOML_NB_RUNS": str(folder / "runs"),
    }
    manager, client = start_new_kernel(cwd=str(folder), env=environment)
    made = Kernel(manager, client)
    reply, _ = made.run(setup)
    assert reply["status"] == "ok", reply
    yield made
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    yield from started(tmp_path_factory.mktemp("scripted"), SETUP)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    yield from started(tmp_path_factory.mktemp("engine"), ENGINE)


@pytest.fixture(autouse=True)
def _fresh_script(request):
    if "kernel" not in request.fixturenames:
        return
    kernel = request.getfixturevalue("kernel")
    kernel.run("fake.play.clear(); fake.play.update(chunk=8); fake.script = scripted.reviews")


def of(messages, kind):
    return [content for name, content in messages if name == kind]


def html(content):
    return content["data"]["text/html"]


def test_the_live_view_is_one_output_that_is_updated(kernel):
    reply, messages = kernel.run("%automl fit reviews --label 'my column' -o model")
    assert reply["status"] == "ok"
    shown, updates = of(messages, "display_data"), of(messages, "update_display_data")
    assert len(shown) == 1
    assert updates
    assert {u["transient"]["display_id"] for u in updates} == {shown[0]["transient"]["display_id"]}
    assert "running" in html(shown[0])
    assert "model.predict(new_rows)" in html(updates[-1])
    assert not of(messages, "stream")
    assert not of(messages, "execute_result")


def test_a_bare_cell_results_in_one_line_and_a_later_one_in_the_page(kernel):
    _, messages = kernel.run("%automl fit reviews --label 'my column'")
    (result,) = of(messages, "execute_result")
    assert result["data"] == {"text/plain": "brisk-heron: finished, accuracy 0.8421"}
    _, messages = kernel.run("_")
    (result,) = of(messages, "execute_result")
    assert "Leaderboard" in html(result)


def test_off_sends_one_display_and_nothing_else(kernel):
    kernel.run("os.environ['AUTOML_NB_PROGRESS'] = 'off'")
    _, messages = kernel.run("%automl fit reviews --label 'my column' -o model")
    kernel.run("del os.environ['AUTOML_NB_PROGRESS']")
    assert [kind for kind, _ in messages if kind not in {"status", "execute_input"}] == [
        "display_data"
    ]


def test_a_mistake_is_an_error_reply_of_a_few_lines(kernel):
    reply, messages = kernel.run("%automl fit revews --label x")
    assert (reply["status"], reply["ename"]) == ("error", "UnknownNameError")
    (error,) = of(messages, "error")
    assert 2 <= len(error["traceback"]) <= 3
    assert "'reviews'" in " ".join(error["traceback"])


def test_the_tab_key(kernel):
    code = "x = 1\nrun = %automl fit reviews --label my"
    request = kernel.client.complete(code, len(code))
    reply = kernel.reply(request)
    assert reply["matches"] == ['"my column"']
    assert code[reply["cursor_start"] : reply["cursor_end"]] == "my"


def test_the_stop_button_ends_gracefully(kernel):
    kernel.run("fake.play.update(speed=20, endless=True)")
    request = kernel.begin("run = %automl fit reviews --label 'my column'")
    kernel.next(request, "update_display_data")
    kernel.manager.interrupt_kernel()
    assert kernel.reply(request)["status"] == "ok"
    _, messages = kernel.run("print(run.state.status, run.stopped_for)")
    assert of(messages, "stream")[0]["text"] == "stopped Stopped by an interrupt.\n"


def test_stopping_twice_raises(kernel):
    kernel.run("fake.play.update(speed=20, endless=True, stubborn=True)")
    request = kernel.begin("run = %automl fit reviews --label 'my column'")
    kernel.next(request, "update_display_data")
    kernel.manager.interrupt_kernel()
    while "interrupt again" not in html(kernel.next(request, "update_display_data")):
        pass
    kernel.manager.interrupt_kernel()
    reply = kernel.reply(request)
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    assert len(reply["traceback"]) == 1


def test_output_from_behind_stays_with_its_cell(kernel):
    kernel.run("fake.play.update(speed=100)")
    code = "run = %automl fit reviews --label 'my column' --background -o behind"
    request = kernel.begin(code)
    assert kernel.reply(request)["status"] == "ok"
    kernel.run("print('a later cell')\nrun.wait()")
    last = kernel.next(request, "update_display_data")
    while "finished" not in html(last):
        last = kernel.next(request, "update_display_data")
    assert "behind.predict(new_rows)" in html(last)


def saved(messages):
    """A cell's outputs as the front end saves them: what was updated, in its last state."""
    last = {u["transient"]["display_id"]: u["data"] for u in of(messages, "update_display_data")}
    kept = []
    for kind, content in messages:
        if kind in {"display_data", "execute_result"}:
            shown = content.get("transient", {}).get("display_id")
            kept.append({"data": last.get(shown, content["data"]), "metadata": content["metadata"]})
        elif kind == "stream":
            kept.append(content)
    return json.dumps(kept, indent=1, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def told(engine):
    """The messages of a cell that trained."""
    engine.run("wine = automl_nb.sample('wine')")
    options = "--label cultivar --time 60s --strategies logistic,knn --name told -o model"
    reply, messages = engine.run(f"%automl fit wine {options}")
    assert reply["status"] == "ok"
    return messages


def test_what_a_finished_run_adds_to_the_notebook_is_small(engine, told):
    view = saved(told)
    assert b"model.predict(new_rows)" in view  # its last state
    _, messages = engine.run("automl_nb.open_run('told').plot('leaderboard')")
    picture = saved(messages)
    assert b"image/png" in picture
    assert len(view) + len(picture) <= 150_000


@pytest.mark.usefixtures("told")
def test_a_picture_of_rows_finds_them_among_the_notebook_s_frames(engine):
    """After a restart nothing is left of a run but its folder."""
    reply, messages = engine.run("automl_nb.open_run('told').plot('errors')")
    assert reply["status"] == "ok"
    (result,) = of(messages, "execute_result")
    assert "rows kept aside" in result["data"]["text/plain"]


def test_stopping_the_engine_keeps_and_tests_its_best_model(engine):
    request = engine.begin("run = %automl fit docs --label library --time 10m -o model")
    page = html(engine.next(request, "update_display_data"))
    while "Best so far" not in page:
        page = html(engine.next(request, "update_display_data"))
    engine.manager.interrupt_kernel()
    assert engine.reply(request)["status"] == "ok"
    while "Test score on" not in page:
        page = html(engine.next(request, "update_display_data"))
    assert "stopped" in page
    assert "Stopped by an interrupt." in page
    _, messages = engine.run("print(len(model.predict(docs[['text']].head(3))))")
    assert of(messages, "stream")[0]["text"] == "3\n"


def test_the_language_of_the_front_end_is_asked_for_and_spoken(kernel):
    reply, messages = kernel.run("%reload_ext automl_nb")
    assert reply["status"] == "ok"
    (asked,) = [c for c in of(messages, "comm_open") if c["target_name"] == "automl_nb:locale"]
    answer = {"comm_id": asked["comm_id"], "data": {"locale": "zh-CN"}}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_msg", answer))
    chosen = "from automl_nb.core.show import messages; os.environ.pop('AUTOML_NB_LANG', None)"
    _, messages = kernel.run(f"{chosen}; print(messages.language())")
    kernel.run("messages.front_end_speaks(''); os.environ['AUTOML_NB_LANG'] = 'en'")
    assert "".join(c["text"] for c in of(messages, "stream")) == "zh\n"
