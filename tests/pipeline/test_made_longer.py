"""A run that is gone on with, with more time or without: none of its models becomes worse by it."""

import shutil
from dataclasses import replace

import pytest

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.trials import Report
from automl_nb.pipeline.trial_means import TrialMeans
from automl_nb.transfer.knn import Knn
from tests.support import frames

TRIAL = "tabular-linear: knn"
WHOLE_S = 400.0  # that a whole training would take


class Hurried:
    """Neighbours that get as far as their time lets them; the rest of their answers is noise.

    Attributes:
        given_s: Seconds that a training has.
        luck: A factor on how good what comes out of it is.
        fails: Whether it fails.
        shares: Of a whole training, for each.
    """

    def __init__(self, patch):
        self.given_s, self.luck, self.fails, self.shares = 200.0, 1.0, False, []
        train, context = Knn.train, TrialMeans.context

        def timed(means, trial_id, *args, **options):
            made = context(means, trial_id, *args, **options)
            if trial_id == TRIAL:
                made.deadline.extend(self.given_s - made.deadline.left)
            return made

        def hurried(strategy, own, inputs, config):
            share = min(1.0, self.given_s / WHOLE_S)
            self.shares.append(share)
            if self.fails:
                raise RuntimeError("no more")
            own.deadline.allows(WHOLE_S)
            yield Report(own.trial_id, share, {"loss": 1.0 - share * self.luck}, total=1.0)
            made = yield from train(strategy, own, inputs, config)
            known = 0.9 * share * self.luck
            oof = known * made.oof + (1.0 - known) / made.oof.shape[1]
            note = f"{share:.0%} of a training"
            return replace(made, oof=oof, fit_s=share * WHOLE_S, note=note)

        patch.setattr(TrialMeans, "context", timed)
        patch.setattr(Knn, "train", hurried)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A run whose model had half of the time it wanted: as a kill near its end leaves it, and ended."""
    root = tmp_path_factory.mktemp("longer")

    def copied(event):
        if isinstance(event, ev.StageStarted) and event.stage == "test":
            shutil.copytree(root / "ended" / "run", root / "killed" / "run")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_CACHE", str(root / "cache"))
        Hurried(patch)
        run = fit(root / "ended", 600, on_event=copied)
    assert row(run).note == "50% of a training"
    return root


@pytest.fixture
def hurried(folders, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(folders / "cache"))
    return Hurried(monkeypatch)


@pytest.fixture
def ended(folders, tmp_path):
    shutil.copytree(folders / "ended", tmp_path, dirs_exist_ok=True)
    return automl_nb.open_run(tmp_path / "run")


def fit(root, time, **options):
    return automl_nb.fit(
        frames.table(),
        "cultivar",
        run_dir=root,
        name="run",
        time=time,
        strategies=["knn"],
        metric="log_loss",
        **options,
    )


def row(run):
    (found,) = [row for row in run.state.leaderboard if row.model == TRIAL]
    return found


def said(run) -> str:
    return " ".join(message.text for message in run.state.messages)


def is_as_before(run, before):
    """The model on the leaderboard, its curve, what is kept on disk, and what was said of it."""
    assert run.folder == before.folder
    assert (row(run).score, row(run).note) == (row(before).score, row(before).note)
    assert run.state.curves[TRIAL] == before.state.curves[TRIAL]
    assert run.state.incumbent.score <= before.state.incumbent.score
    assert run.state.ended.score <= before.state.ended.score
    if run.state.ended.model == before.state.ended.model:
        rows = frames.table(9)
        assert run.predict_proba(rows).equals(before.predict_proba(rows))
    return True


def test_a_little_more_time_repeats_no_trial(ended, hurried, tmp_path):
    hurried.given_s = 150.0
    run = fit(tmp_path, 700)
    assert hurried.shares == []
    assert is_as_before(run, ended)
    assert f"{TRIAL} was cut short" in run.state.ended.reason


def test_time_for_more_makes_it_better_and_the_next_run_finds_that(ended, hurried, tmp_path):
    hurried.given_s = 300.0
    run = fit(tmp_path, 700)
    assert hurried.shares == [0.75]
    assert row(run).score < row(ended).score
    assert run.state.ended.score < ended.state.ended.score
    hurried.given_s = 200.0
    more = fit(tmp_path, 800)
    assert hurried.shares == [0.75]
    assert is_as_before(more, run)


@pytest.mark.parametrize("how", ["worse", "fails"])
def test_what_comes_out_no_better_takes_no_place(how, ended, hurried, tmp_path):
    hurried.given_s, hurried.luck, hurried.fails = 400.0, 0.2, how == "fails"
    run = fit(tmp_path, 700)
    assert hurried.shares == [1.0]
    assert is_as_before(run, ended)
    assert f"{TRIAL} was trained again with more time: it came out no better" in said(run)
    assert run.state.trials[TRIAL].status == "done"


@pytest.mark.parametrize(("given_s", "trained"), [(150.0, []), (300.0, [0.75])])
def test_so_it_is_where_its_result_is_gone(given_s, trained, ended, hurried, tmp_path):
    shutil.rmtree(tmp_path / "run" / "trials")
    hurried.given_s, hurried.luck = given_s, 0.2
    run = fit(tmp_path, 700)
    assert hurried.shares == trained
    assert (row(run).score, row(run).note) == (row(ended).score, row(ended).note)
    assert run.state.ended.score <= ended.state.ended.score
    assert ("isn't trained again" in said(run)) is (not trained)


def test_a_kill_before_the_very_end_loses_no_trial(folders, hurried, tmp_path):
    shutil.copytree(folders / "killed", tmp_path, dirs_exist_ok=True)
    before = automl_nb.open_run(tmp_path / "run")
    assert before.status == "killed"
    hurried.given_s = 4.0
    run = fit(tmp_path, 600)
    assert run.status == "finished"
    assert hurried.shares == []
    assert row(run).score == row(before).score
    assert run.state.ended.score == before.state.incumbent.score
    assert not (tmp_path / "run" / "checkpoints").exists()
