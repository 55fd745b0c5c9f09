"""How a run orders its networks: by evidence where there is time, as usual elsewhere."""

import numpy as np
import pytest

import automl_nb
from automl_nb.core.errors import WeightsError
from automl_nb.core.events import Message
from automl_nb.core.trials import Cancelled, CancelToken
from automl_nb.core.types import Task, TaskKind
from automl_nb.explorer import choose
from automl_nb.explorer.choose import ranked
from automl_nb.explorer.scores.base import Evidence
from automl_nb.zoo.catalog import CARDS
from tests.support.frames import texts
from tests.support.gaussians import clouds

TASK = Task(TaskKind.MULTICLASS, "library", ("matplotlib", "numpy", "scipy"))
PAIR = [CARDS["minilm-l3"], CARDS["minilm-l6"]]


def rows(n=100):
    frame = texts(n)
    return frame, np.unique(frame["library"].to_numpy(), return_inverse=True)[1]


def test_networks_are_compared_on_some_rows_and_the_reason_is_told():
    frame, y = rows()
    made = ranked(frame, "text", y, TASK, PAIR, deadline_s=600.0)
    assert set(made.names) == {"minilm-l3", "minilm-l6"}
    assert made.reason.startswith(f"{made.names[0]} comes first for 'text': accuracy")
    assert set(made.reached) == {*made.names}
    assert f"{made.names[0]} {made.reached[made.names[0]]:.3f}" in made.reason
    assert f"{made.measure} of a linear head on {made.n_rows} rows" in made.reason
    assert made == ranked(frame, "text", y, TASK, PAIR, deadline_s=600.0)


@pytest.mark.parametrize("time_s", [0.0, 0.001])
def test_without_time_the_usual_order_stays(time_s):
    frame, y = rows()
    made = ranked(frame, "text", y, TASK, PAIR, deadline_s=time_s)
    assert made.names == ("minilm-l3", "minilm-l6")
    assert "no time to compare" in made.reason


def test_few_rows_or_one_network_need_no_comparing():
    frame, y = rows()
    assert ranked(frame, "text", y, TASK, PAIR[:1], deadline_s=9.0).reason == ""
    assert ranked(frame.head(50), "text", y[:50], TASK, PAIR, deadline_s=9.0).reason == ""


def test_a_stop_ends_it():
    frame, y = rows()
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        ranked(frame, "text", y, TASK, PAIR, deadline_s=600.0, cancel=token)


def test_weights_that_cannot_be_had_leave_the_usual_order(monkeypatch):
    def damaged(*_args):
        raise WeightsError("The weights must be whole.")

    frame, y = rows()
    monkeypatch.setattr(choose.Pair, "encoder", lambda *_, **__: type("E", (), {"fit": damaged})())
    assert ranked(frame, "text", y, TASK, PAIR, deadline_s=600.0).names == (
        "minilm-l3",
        "minilm-l6",
    )


def evidence(apart):
    X, y = clouds(150, 8, 3, apart=apart)
    return Evidence(X, y, TaskKind.MULTICLASS)


def test_a_clear_difference_turns_the_order_and_a_small_one_does_not():
    clear = choose._chosen(("weak", "good"), {"weak": evidence(0.1), "good": evidence(3.0)}, "text")
    assert clear.names == ("good", "weak")
    assert "can't tell" not in clear.reason
    alike = {"usual": evidence(0.5), "other": evidence(0.5)}
    same = choose._chosen(("usual", "other"), alike, "text")
    assert same.names == ("usual", "other")
    assert "usual stays first" in same.reason


def messages(run):
    return [event.text for event in run.events if isinstance(event, Message)]


def test_a_long_run_chooses_by_evidence_and_says_so(monkeypatch):
    def turned(*_args, **_options):
        return choose.Choice(("minilm-l3", "minilm-l6"), "minilm-l3 comes first for a reason.")

    monkeypatch.setattr(choose, "ranked", turned)
    run = automl_nb.fit(texts(90), "library", time=180, strategies=["ridge"])
    assert messages(run).count("minilm-l3 comes first for a reason.") == 1
    assert any("minilm-l3" in row.model for row in run.state.leaderboard)
    assert not any("minilm-l6" in row.model for row in run.state.leaderboard)


def test_a_short_run_does_not_compare(monkeypatch):
    def compared(*_args, **_options):
        raise AssertionError("no time for that")

    monkeypatch.setattr(choose, "ranked", compared)
    run = automl_nb.fit(texts(90), "library", time=100, strategies=["ridge"])
    assert any("minilm-l6" in row.model for row in run.state.leaderboard)


def test_comparing_that_fails_costs_nothing_but_the_comparison(monkeypatch):
    def broken(*_args, **_options):
        raise MemoryError("no room")

    monkeypatch.setattr(choose, "ranked", broken)
    run = automl_nb.fit(texts(90), "library", time=180, strategies=["ridge"])
    assert run.status == "finished"
    assert any("keep their usual order" in text for text in messages(run))
