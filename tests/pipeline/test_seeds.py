"""The best models trained again with other seeds, and what is tied with the first."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import automl_nb
from automl_nb.control.journal import NAME as JOURNAL
from automl_nb.core import events as ev
from automl_nb.core.errors import SettingError
from automl_nb.pipeline.workbench import Workbench
from tests.support import frames
from tests.support.steered import Steered

ROOT = Path(automl_nb.__file__).parents[1]
ASKED = {"strategies": ["mlp", "logistic", "knn"], "reruns": 2, "metric": "log_loss", "seed": 5}
MLP = "tabular-linear: mlp"


def begun(events):
    """Trials with another seed that were really carried out."""
    done = [e for e in events if isinstance(e, ev.TrialEnded) and not e.reused]
    return [e.trial for e in done if ", seed " in e.trial and e.status == "done"]


def note(run):
    return next(stage for stage in run.state.stages if stage.name == "other seeds").note


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return automl_nb.fit(frames.table(), "cultivar", run_dir=root, time=600, **ASKED)


def test_a_row_shows_mean_and_spread_over_its_seeds(run):
    row = run.leaderboard.set_index("model").loc[MLP]
    scores = run.ledger.set_index("trial")["log_loss"]
    each = scores[[MLP, f"{MLP}, seed 6", f"{MLP}, seed 7"]]
    assert each.nunique() == 3
    assert (row["seeds"], row["log_loss"]) == (3, pytest.approx(each.mean()))
    assert row["spread"] == pytest.approx(each.std())
    assert row["low"] < row["log_loss"] < row["high"]


def test_an_ensemble_that_leads_is_put_together_again_with_each_seed(run):
    board, scores = run.leaderboard.set_index("model"), run.ledger.set_index("trial")["log_loss"]
    row, members = board.loc["ensemble"], board.loc["ensemble", "note"].split(" + ")
    assert run.state.incumbent.model == "ensemble"
    assert row["seeds"] == 3
    assert row["spread"] > 0.0
    shown = next(one for one in run.state.leaderboard if one.model == "ensemble")
    assert shown.score == pytest.approx(np.mean(shown.seed_scores))
    assert shown.low < shown.score < shown.high
    names = [one.partition("% ")[2] for one in members]
    assert MLP in names  # what hangs on the seed
    for seed, score in zip(shown.seeds, shown.seed_scores, strict=True):
        alone = scores[MLP if seed == 5 else f"{MLP}, seed {seed}"]
        assert score < alone  # put together of that seed's member
    assert "ensemble: 3 seeds" in note(run)


def test_reruns_are_trials_and_no_models(run):
    assert begun(run.events).count(f"{MLP}, seed 7") == 1
    assert not run.leaderboard["model"].str.contains("seed").any()
    assert len(run.leaderboard) == run.leaderboard["model"].nunique()


def test_what_does_not_depend_on_the_seed_is_found_out_once(run):
    again = begun(run.events)
    assert "table: logistic, seed 6" in again
    assert "table: logistic, seed 7" not in again
    assert "table: logistic: 1 seed (it doesn't depend on the seed)" in note(run)
    (told,) = [m.text for m in run.state.messages if "the same with another seed" in m.text]
    assert "table: logistic" in told
    assert MLP not in told
    row = run.leaderboard.set_index("model").loc["table: logistic"]
    assert row["seeds"] == 1
    assert np.isnan(row["spread"])


def test_ranks_are_equal_where_models_are_tied(run):
    board = run.leaderboard
    assert board["rank"].iloc[0] == 1
    assert board.set_index("model").loc["prior", "rank"] == len(board)  # surely worse
    tied = board.loc[board["rank"] == 1, "model"]
    assert set(tied) == set(run.state.ties.models)
    assert len(tied) > 1
    text = run._repr_mimebundle_()["text/plain"]
    assert "tied with the first: the difference is within noise." in text
    assert text.count("=1") == len(tied)
    html = Path(run.report()).read_text(encoding="utf-8")
    assert html.count(">=1<") == len(tied)
    assert "3 seeds" in html


@pytest.mark.thorough
def test_a_run_that_was_stopped_repeats_no_finished_rerun(run, tmp_path):
    def first_again(event):
        return isinstance(event, ev.TrialEnded) and event.trial == f"{MLP}, seed 6"

    steered = Steered(
        frames.table(), "cultivar", tmp_path, first_again, lambda r: r.stop(), fresh=True, **ASKED
    )
    stopped = steered.run.wait()
    assert stopped.status == "stopped"
    assert f"{MLP}, seed 7" not in begun(stopped.events)
    more = automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, time=600, **ASKED)
    assert more.folder == stopped.folder
    assert begun(more.events).count(f"{MLP}, seed 6") == 1
    same = ["model", "log_loss", "spread", "seeds", "rank"]
    assert more.leaderboard[same].equals(run.leaderboard[same])


KILLED = """
import sys
import time
import automl_nb
from automl_nb.core import events as ev
from tests.support import frames
from tests.support.steered import Steered

def on_event(event):
    if isinstance(event, ev.TrialStarted) and event.trial == "tabular-linear: mlp, seed 7":
        print("now", flush=True)
        time.sleep(600)

automl_nb.start(
    frames.table(), "cultivar", run_dir=sys.argv[1], name="run", time=600, fresh=True,
    on_event=on_event, strategies=["mlp", "logistic", "knn"], reruns=2, metric="log_loss", seed=5,
).wait()
"""


def test_a_killed_run_goes_on_with_the_rerun_at_work(run, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "now\n"
    process.kill()
    process.communicate()
    more = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, name="run", time=600, **ASKED
    )
    assert more.folder.name == "run"
    lines = (more.folder / JOURNAL).read_text(encoding="utf-8").splitlines()
    assert any("RunResumed" in json.dumps(json.loads(line)) for line in lines)
    assert begun(more.events).count(f"{MLP}, seed 6") == 1
    same = ["model", "log_loss", "spread", "seeds", "rank"]
    assert more.leaderboard[same].equals(run.leaderboard[same])


def test_what_would_not_end_in_time_is_not_begun(monkeypatch, tmp_path):
    allows = Workbench.allows

    def in_time(bench, seconds):
        return allows(bench, seconds) and not (bench.stage == "other seeds" and seconds > 0.0)

    monkeypatch.setattr(Workbench, "allows", in_time)
    run = automl_nb.fit(
        frames.table(), "cultivar", run_dir=tmp_path, time=600, strategies=["logistic"], reruns=1
    )
    assert not begun(run.events)
    assert "no time left" in note(run)
    assert run.status == "finished"


def test_the_spread_of_an_ensemble_that_could_not_be_repeated_is_said_to_be_unknown(
    run, monkeypatch, tmp_path
):
    allows = Workbench.allows

    def in_time(bench, seconds):
        return allows(bench, seconds) and not (bench.stage == "other seeds" and seconds > 0.0)

    monkeypatch.setattr(Workbench, "allows", in_time)
    again = automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, time=600, **ASKED)
    row = again.leaderboard.set_index("model").loc["ensemble"]
    assert row["seeds"] == 1
    assert np.isnan(row["spread"])
    said = "its spread over seeds isn't known ("
    assert row["note"].startswith(said)
    assert "no time left)" in row["note"]
    assert f"ensemble: {said}" in note(again)
    assert said in Path(again.report()).read_text(encoding="utf-8").replace("&#x27;", "'")


def test_nothing_is_trained_again_unless_it_is_asked_for(table_run):
    assert "other seeds" not in [stage.name for stage in table_run.state.stages]
    assert (table_run.leaderboard["seeds"] == 1).all()
    assert table_run.state.ties is not None


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"reruns": -1}, "reruns must be a whole number"),
        ({"reruns": 1.5}, "reruns must be a whole number"),
        ({"reruns": 2, "strategies": ["prior"]}, "strategies that learn"),
    ],
)
def test_reruns_that_make_no_sense_are_refused(asked, rule, tmp_path):
    with pytest.raises(SettingError, match=rule):
        automl_nb.fit(frames.table(), "cultivar", run_dir=tmp_path, **asked)
    assert not list(tmp_path.iterdir())
