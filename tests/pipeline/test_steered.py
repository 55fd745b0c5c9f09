"""A run at work is paused, extended, and told to leave something out; from here and elsewhere."""

import pytest

import automl_nb
from automl_nb.control.orders import Order, give
from automl_nb.core import events as ev
from automl_nb.core.errors import RunError, SettingError, UnknownNameError
from automl_nb.run import Run
from tests.support import frames
from tests.support.steered import Steered

STOPPED = ev.RunEnded(9.0, "stopped", "Stopped.", "m", 0.9)
OUT_OF_TIME = ev.RunEnded(9.0, "finished", "There was no time for knn.", "m", 0.9)
HEADS = ["logistic", "ridge", "knn"]


def at_trial(name):
    return lambda event: isinstance(event, ev.TrialStarted) and name in event.trial


def by_folder(run):
    """The same run as another process sees it."""
    return automl_nb.open_run(run.folder)


@pytest.mark.parametrize("hand", [lambda run: run, by_folder], ids=["here", "elsewhere"])
def test_paused_nothing_moves_and_then_all_goes_on(hand, tmp_path):
    steered = Steered(
        frames.table(), "cultivar", tmp_path, at_trial("prior"), lambda run: hand(run).pause(),
        strategies=HEADS,
    )  # fmt: skip
    run = steered.run
    while run.status != "paused":
        run.poll(0.2)
        assert not run.done
    heard, t = len(run.events), run.state.t
    for _ in range(5):
        assert not run.poll(0.1)
    assert by_folder(run).status == "paused"
    hand(run).resume()
    run.wait()
    assert run.status == "finished"
    assert type(run.events[heard]) is ev.RunContinued
    assert run.events[heard].t == pytest.approx(t, abs=0.05)  # its time stood still
    names = [e.trial for e in run.events if isinstance(e, ev.TrialStarted)]
    assert len(names) == len(set(names))  # the paused trial went on, it didn't begin anew


def test_more_time(tmp_path):
    steered = Steered(
        frames.table(), "cultivar", tmp_path, at_trial("knn"), lambda run: run.extend("2m"),
        strategies=HEADS,
    )  # fmt: skip
    run = steered.run.wait()
    assert run.state.time_s == 720
    assert by_folder(run).state.time_s == 720


def test_a_skipped_trial_ends_and_the_rest_goes_on(tmp_path):
    def in_training(event):
        return isinstance(event, ev.TrialReported) and "fine-tuned" in event.trial

    steered = Steered(
        frames.texts(), "library", tmp_path, in_training, lambda run: run.skip(),
        strategies=["svm", "finetune"], backbones=["minilm-l3"], params={"epochs": 50},
    )  # fmt: skip
    run = steered.run.wait()
    assert steered.acted.is_set()
    ended = {e.trial: e.status for e in run.events if isinstance(e, ev.TrialEnded)}
    assert ended["minilm-l3(text): fine-tuned"] in {"stopped", "skipped"}
    assert run.status == "finished"
    assert run.scorecard is not None
    assert len(run.predict(frames.texts(3))) == 3


def test_a_dropped_network_is_used_no_more(tmp_path):
    steered = Steered(
        frames.texts(), "library", tmp_path, at_trial("logistic"),
        lambda run: run.drop("minilm-l3"), backbones=["minilm-l3"],
        strategies=["logistic", "ridge", "knn", "finetune"],
    )  # fmt: skip
    run = steered.run.wait()
    assert steered.acted.is_set()
    names = [e.trial for e in run.events if isinstance(e, ev.TrialStarted)]
    place = next(i for i, name in enumerate(names) if "minilm-l3" in name)
    assert not any("minilm-l3" in name for name in names[place + 1 :])
    assert any("dropped" in message.text for message in run.state.messages)


@pytest.fixture
def looks_always(monkeypatch):
    """An order that comes into the folder is seen at the next step, however short the trials."""
    monkeypatch.setattr("automl_nb.control.steering._LOOK_S", 0.0)


def told(run):
    return [message.text for message in run.state.messages]


@pytest.mark.usefixtures("looks_always")
def test_between_two_trials_there_is_nothing_to_skip(tmp_path):
    def one_ended(event):
        return isinstance(event, ev.TrialEnded) and "logistic" in event.trial

    steered = Steered(
        frames.table(), "cultivar", tmp_path, one_ended, lambda run: run.pause(), strategies=HEADS
    )
    run = steered.run
    while run.status != "paused":
        run.poll(0.2)
        assert not run.done
    for hand in (run, by_folder(run)):
        with pytest.raises(RunError, match=r"paused between two trials.*resume"):
            hand.skip()
    give(run.folder, Order("skip"))  # by one who didn't look
    run.resume()
    run.wait()
    assert any("There was nothing to skip" in text for text in told(run))
    assert {e.status for e in run.events if isinstance(e, ev.TrialEnded)} == {"done"}


@pytest.mark.usefixtures("looks_always")
@pytest.mark.parametrize(
    ("order", "status", "why"),
    [
        (Order("skip"), "stopped", "ended by hand"),
        (Order("stop", "Enough."), "stopped", "Enough"),
        (Order("extend", seconds=-1e6), "done", "cut short by the time"),
    ],
    ids=["skipped", "stopped", "out of time"],
)
def test_the_ledger_says_why_a_trial_of_a_search_ended_early(order, status, why, tmp_path):
    def in_training(event):
        return isinstance(event, ev.TrialReported) and "#" in event.trial

    steered = Steered(
        frames.table(), "cultivar", tmp_path, in_training,
        lambda run: give(run.folder, order),
        strategies=["mlp"], search="width=64", trials=1, fresh=True,
    )  # fmt: skip
    run = steered.run.wait()
    ledger = run.ledger.set_index("trial")
    (trial,) = [name for name in ledger.index if "mlp #" in name]
    assert (ledger.loc[trial, "status"], ledger.loc[trial, "why"]) == (status, why)


def test_what_goes_on_with_a_run_that_is_over_is_told(table_run):
    with pytest.raises(RunError, match=r"more time would change nothing\. Call fit with other"):
        table_run.pause()
    for ended, told in (
        (OUT_OF_TIME, r"More time goes on with it: %automl resume iris --time 15m$"),
        (STOPPED, r"To go on from where it was: %automl resume iris$"),
    ):
        run = Run("iris", table_run.folder, before=[*table_run.events[:-1], ended])
        with pytest.raises(RunError, match=told):
            run.skip()


def test_what_cannot_be_asked_is_told(tmp_path, table_run):
    for ask in (table_run.pause, table_run.resume, table_run.skip, lambda: table_run.extend("1m")):
        with pytest.raises(RunError, match="at work"):
            ask()
    with pytest.raises(UnknownNameError, match="minilm-l6"):
        table_run.drop("minlm-l6")
    with pytest.raises(SettingError):
        table_run.extend("soon")
