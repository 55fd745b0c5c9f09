"""What a real search of heads leaves of its trials: in the ledger, in tables and in pictures."""

import math

import pytest

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.ledger import DRAWN_LOSS, ledger
from automl_nb.report import alt_text, draw, drawable, sections
from automl_nb.report.to_html import html_of
from tests.support import frames

N = 12


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_MEMORY", "off")
        return automl_nb.fit(
            frames.table(), "cultivar", run_dir=tmp_path_factory.mktemp("runs"), time=600, seed=3,
            strategies=["kernel"], search="auto", trials=N, searcher="random",
        )  # fmt: skip


@pytest.fixture(scope="module")
def losses(run):
    """As the searcher heard them, by number."""
    return {e.number: e.value for e in run.events if isinstance(e, ev.SearchTold)}


def of_search(frame):
    return frame[frame["trial"].str.contains(r" #\d+$") & ~frame["trial"].str.contains("searched")]


def test_the_ledger_has_the_loss_of_each_trial_and_what_it_read(run, losses):
    rows = of_search(run.ledger)
    assert rows["search_loss"].tolist() == [losses[number] for number in range(N)]
    assert {*rows["reads"]} == {"tabular-linear"}
    assert rows["accuracy"].isna().all()
    others = run.ledger.drop(rows.index)
    assert others["search_loss"].isna().all()
    assert others["accuracy"].notna().all()


def test_settings_tried_are_those_of_the_search(run):
    frame = run.settings_tried()
    assert {*frame["strategy"]} == {"kernel"}
    assert of_search(frame)["reach"].nunique() > N // 2
    assert of_search(frame)["search_loss"].notna().all()


def test_trials_of_a_search_stand_on_an_axis_of_losses(run, losses):
    above, below = draw("trials", run.state).axes
    assert above.get_ylabel() == "accuracy"
    assert below.get_ylabel() == f"{DRAWN_LOSS}\n(less is better)"
    lines = {line.get_label(): line.get_xydata() for line in below.lines}
    low, high = min(below.get_yticks()), max(below.get_yticks())
    seen = {loss for loss in losses.values() if low <= loss <= high}
    assert seen <= {*lines["done"][:, 1]}
    assert len(lines["done"]) == N
    assert lines["best so far"][-1, 1] == min(losses.values())
    scores = {e.score for e in ledger(run.state) if e.scored}
    drawn = next(line for line in above.lines if line.get_label() == "done").get_ydata()
    assert len(drawn) == len(run.ledger) - N
    assert scores & {*drawn}
    assert f"{N} trials of a search, judged by {DRAWN_LOSS}" in alt_text("trials", run.state)


def test_settings_are_drawn_to_the_loss_and_the_least_is_the_best(run):
    entries = [e for e in ledger(run.state) if e.by_loss and e.trial.strategy == "kernel"]
    ax = draw("parallel", run.state).axes[0]
    names = [tick.get_text().replace("\n", " ") for tick in ax.get_xticklabels()]
    assert names[-1] == DRAWN_LOSS
    assert "orange where the loss is lower" in ax.get_xlabel()
    best = min(entries, key=lambda entry: entry.loss)
    dots = next(line for line in ax.lines if line.get_marker() == "o").get_ydata()
    assert dots[-1] < 0.3  # of the height: the best is low
    told = alt_text("parallel", run.state)
    assert told.startswith(f"{len(entries)} trials of kernel")
    assert f"reach {best.trial.config['reach']:.4g}" in told


def test_what_mattered_is_told_of_the_loss(run):
    assert "importance" in drawable(run.state)
    assert (
        draw("importance", run.state)
        .axes[0]
        .get_title(loc="left")
        .startswith(f"What mattered for {DRAWN_LOSS} in ")
    )
    assert f"for {DRAWN_LOSS} over" in alt_text("importance", run.state)


def test_the_report_has_a_column_for_the_loss(run):
    assert f"{DRAWN_LOSS}</th>" in html_of(sections.tried(run.state))


def test_a_run_without_a_search_has_one_axis_and_no_losses(table_run):
    assert len(draw("trials", table_run.state).axes) == 1
    assert f"{DRAWN_LOSS}</th>" not in html_of(sections.tried(table_run.state))
    assert all(math.isnan(entry.loss) for entry in ledger(table_run.state))
