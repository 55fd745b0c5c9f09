"""The ledger: each trial once, with how it ended and what it cost."""

import math

import pytest

from automl_nb.core import events as ev
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.ledger import Entry, comparable, ledger, ledger_rows, searched
from automl_nb.core.show.ledger_table import settings_table
from automl_nb.core.state import Trial, replay
from automl_nb.core.types import LeaderboardRow
from tests.support import searched as support


def row(model, score=0.9, t=3.0):
    return LeaderboardRow(
        model, "ridge", ("words",), score, score - 0.1, score + 0.1, 1.0, 0.1, "s", t
    )


def ended(t, trial, status="done", took=1.0, note="", cpu_s=0.0, peak=0, *, reused=False):
    return ev.TrialEnded(t, trial, status, took, note, cpu_s, peak, reused)


def resumed(t):
    return ev.RunResumed(t, 60.0, "0.1.0")


def test_a_row_tells_what_was_tried_why_it_ended_and_what_it_cost():
    rows = ledger_rows(replay(support.events(20)))
    assert len(rows) == 20
    failed = rows[7]
    assert (failed["status"], failed["why"]) == ("failed", "out of memory: 3 GB asked for")
    assert math.isnan(failed["accuracy"])
    stopped = rows[5]
    assert stopped["status"] == "stopped"
    assert 0.5 < stopped["accuracy"] < 1.0  # what it had reported
    assert math.isnan(stopped["low"])
    done = rows[0]
    assert done["low"] < done["accuracy"] < done["high"]
    assert done["cpu_s"] == pytest.approx(1.7 * done["seconds"], abs=0.01)
    assert done["memory_mb"] > 20
    assert done["ended_s"] - done["began_s"] == pytest.approx(done["seconds"], abs=0.02)
    assert (done["reads"], done["stage"]) == ("joined", "search")
    assert done["config"].startswith("C=")


def test_a_network_is_what_a_trial_reads():
    told = [ev.TrialStarted(1.0, "t", "finetune", {"backbone": "minilm-l6", "lr": 1e-4}, ("x",))]
    assert ledger(replay(told))[0].reads == "minilm-l6"


def test_what_is_told_again_after_an_interruption_stays_one_trial_with_its_first_cost():
    told = [
        ev.TrialStarted(1.0, "a", "ridge", {"alpha": 1.0}),
        ended(3.0, "a", took=2.0, cpu_s=4.0, peak=10**7),
        ev.ModelAdded(3.0, row("a")),
        resumed(5.0),
        ev.TrialStarted(5.1, "a", "ridge", {"alpha": 1.0}),
        ended(5.1, "a", took=0.0, reused=True),
        ev.ModelAdded(5.1, row("a", t=5.1)),
    ]
    (only,) = ledger_rows(replay(told))
    assert (only["status"], only["seconds"], only["cpu_s"]) == ("done", 2.0, 4.0)
    assert (only["began_s"], only["ended_s"], only["memory_mb"]) == (1.0, 3.0, 10.0)


def test_an_interrupted_trial_that_goes_on_costs_both_parts():
    told = [
        ev.TrialStarted(1.0, "a", "ridge"),
        ev.TrialReported(4.0, "a", 1.0, {"score": 0.5}),
        resumed(4.0),
    ]
    (cut,) = ledger_rows(replay(told))
    assert (cut["status"], cut["seconds"]) == ("interrupted", 3.0)
    told += [ev.TrialStarted(6.0, "a", "ridge")]
    assert ledger(replay(told))[0].trial.status == "running"
    told += [ended(10.0, "a", took=4.0)]
    (whole,) = ledger_rows(replay(told))
    assert (whole["status"], whole["seconds"]) == ("done", 7.0)
    assert (whole["began_s"], whole["ended_s"]) == (1.0, 10.0)


def test_what_is_trained_anew_after_an_interruption_costs_again():
    told = [
        ev.TrialStarted(1.0, "a", "ridge"),
        ended(3.0, "a", took=2.0),
        resumed(5.0),
        ev.TrialStarted(5.0, "a", "ridge"),
        ended(8.0, "a", took=3.0),
    ]
    assert ledger_rows(replay(told))[0]["seconds"] == 5.0


def test_what_an_earlier_run_did_says_so():
    told = [ev.TrialStarted(1.0, "a", "ridge"), ended(1.0, "a", took=0.0, reused=True)]
    assert ledger_rows(replay(told))[0]["why"] == "an earlier run did it"


def test_a_trial_that_goes_on_has_no_end():
    (row,) = ledger_rows(replay([ev.TrialStarted(1.0, "a", "ridge")]))
    assert row["status"] == "running"
    assert math.isnan(row["ended_s"])


def test_nothing_runs_in_a_run_that_is_over():
    told = [ev.TrialStarted(1.0, "a", "ridge")]
    assert ledger_rows(replay(told), killed=True)[0]["status"] == "interrupted"
    told += [ev.RunEnded(2.0, "stopped", "Stopped.")]
    assert ledger_rows(replay(told))[0]["status"] == "interrupted"


def test_the_journals_of_earlier_versions_have_a_ledger():
    old = [ev.TrialStarted(1.0, "a", "ridge", {}), ev.TrialEnded(2.0, "a", "done", 1.0, "")]
    (row,) = ledger_rows(replay(old))
    assert (row["cpu_s"], row["memory_mb"], row["reads"]) == (0.0, 0.0, "")


def entries(**settings):
    n = len(next(iter(settings.values())))
    return [
        Entry(
            Trial(
                str(i),
                "ridge",
                config={k: v[i] for k, v in settings.items() if v[i] is not None},
            ),
            0.9,
            0.8,
            1.0,
        )
        for i in range(n)
    ]


def test_settings_that_never_differ_are_left_out():
    found = searched(entries(a=[1, 2, 3], b=["x", "x", "x"], c=[None, 0.5, None]))
    assert [setting.name for setting in found] == ["a"]


def test_factors_are_told_from_differences():
    spread = [10.0**e for e in range(-4, 4)]
    even = [0.001 + 0.1 * i for i in range(8)]
    found = {
        s.name: s.log for s in searched(entries(lr=spread, dropout=even, zero=[0.0, *spread[1:]]))
    }
    assert found == {"lr": True, "dropout": False, "zero": False}
    assert searched(entries(dropout=even), log=["dropout"])[0].log


def test_words_and_switches_are_options():
    (kind, flag) = searched(entries(kind=["a", None, "b"], flag=[True, False, True]))
    assert kind.options == ("a", "b")
    assert kind.values == ("a", None, "b")
    assert flag.options == ("True", "False")


def test_the_most_trials_with_different_settings_are_compared():
    tried = ledger(replay(support.events(12)))
    assert comparable(tried) == [entry for entry in tried if entry.scored]
    assert comparable([]) == []
    same = [Entry(Trial(str(i), "knn"), 0.9, 0.8, 1.0) for i in range(5)]
    assert comparable(same) == []


def of_loss(number, loss):
    trial = Trial(f"#{number}", "knn", config={"k": number}, loss=loss)
    return Entry(trial, math.nan, math.nan, math.nan)


def test_losses_on_drawn_rows_and_scores_are_never_compared_with_each_other():
    losses = [of_loss(k, 0.1 * k) for k in (1, 2, 3)]
    scores = [Entry(Trial(str(k), "knn", config={"k": k}), 0.9, 0.8, 1.0) for k in (4, 5)]
    assert comparable([*scores, *losses]) == losses
    assert comparable([*scores, losses[0]]) == scores
    assert comparable([scores[0], losses[0]]) == []


def test_settings_have_a_column_each_in_their_own_type():
    frame = settings_table(replay(support.events(20)))
    assert len(frame) == 20
    assert frame["C"].dtype == float
    assert frame["layers"].dtype == int
    assert set(frame["penalty"]) <= {"l2", "elastic", "none"}
    assert frame["l1"].isna().equals(frame["penalty"] != "elastic")
    assert "config" not in frame
    with pytest.raises(UnknownNameError, match="logistic"):
        settings_table(replay(support.events(3)), "logistik")
    assert settings_table(replay([])).empty
