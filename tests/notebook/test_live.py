"""How progress is drawn in each mode, and what a run looks like as a result."""

from __future__ import annotations

import pytest

from automl_nb.core.errors import SettingError
from automl_nb.core.state import replay
from automl_nb.core.watch import Pace
from automl_nb.notebook.live import LiveView
from tests.support import scripted


def test_html_mode_draws_one_output_again_and_again(shell):
    shell.run("%config AutoMLMagics.progress = 'html'")
    cell = shell.run("%automl fit reviews --label Größe -o model")
    first, *later = cell.html
    assert "running" in first
    assert later
    assert "finished" in later[-1]
    assert "model.predict(new_rows)" in later[-1]


@pytest.mark.parametrize("steps", [20_000])
def test_frames_are_few_however_many_events_come(ip, monkeypatch, steps):
    now, drawn = [0.0], []
    monkeypatch.setattr("automl_nb.notebook.live.display", lambda data, **how: drawn.append(how))
    view = LiveView(folder="x", pace=Pace(clock=lambda: now[0]))
    state = replay(scripted.reviews()[:40])
    for step in range(steps):
        now[0] = step / 1000
        state.t = max(state.t, step / 1000)
        view.update(state)
    view.close(state)
    assert len(drawn) <= 4 * steps / 1000 + 2
    assert drawn[0]["update"] is False
    assert all(how["update"] for how in drawn[1:])
    assert len({how["display_id"] for how in drawn}) == 1


def test_an_idle_run_still_shows_its_clock(monkeypatch):
    now, drawn = [100.0], []
    monkeypatch.setattr(
        "automl_nb.notebook.live.display", lambda data, **_: drawn.append(data["text/plain"])
    )
    view = LiveView(folder="x", pace=Pace(clock=lambda: now[0]))
    state = replay([scripted.started()])
    for tenths in range(50):
        now[0] = 100.0 + tenths / 10
        view.update(state)
    assert len(drawn) == 5
    assert "4.0 s of 3:00 min" in drawn[-1]


def test_off_draws_the_end_once_and_alike_each_time(shell, api, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    cells = []
    for name in ("one", "two"):
        api.script = lambda _, name=name: scripted.reviews(name)
        cells.append(shell.run("%automl fit reviews --label Größe"))
    assert [len(cell.html) for cell in cells] == [1, 1]
    assert cells[0].displays == cells[1].displays
    page = cells[0].html[0]
    assert "0.8421" in page
    assert "2:22" not in page
    assert "automl_runs" not in page


def test_a_trait_is_stronger_than_the_environment(shell, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "html")
    shell.run("%config AutoMLMagics.progress = 'off'")
    assert len(shell.run("%automl fit reviews --label Größe -o m").html) == 1


def test_an_unknown_mode_is_refused(shell, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "loud")
    assert "AUTOML_NB_PROGRESS must be" in shell.fails("%automl fit reviews --label Größe")[0]
    with pytest.raises(SettingError):
        raise shell.run("%automl fit reviews --label Größe", success=False).error


def test_a_bare_cell_shows_the_end_once_and_a_later_cell_shows_it_whole(shell):
    shell.run("%config AutoMLMagics.progress = 'html'")
    cell = shell.run("%automl fit reviews --label Größe")
    assert len([page for page in cell.html if "Saved in" in page]) == 1
    assert cell.out.strip().endswith(": brisk-heron: finished, accuracy 0.8421")
    shell.run("1")
    later, _ = shell.ip.display_formatter.format(cell.result)
    assert "Saved in" in later["text/html"]


def test_a_killed_run_is_shown_as_broken_off(shell, api):
    api.script = lambda name: scripted.reviews(name)[:60]
    cell = shell.run("%automl status brisk-heron")
    assert "brisk-heron: killed, accuracy 0.8118" in cell.text
