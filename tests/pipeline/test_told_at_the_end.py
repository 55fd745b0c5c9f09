"""What a run says at its end of what it did not use, and of what it did not keep."""

from types import SimpleNamespace

import numpy as np
import pytest

import automl_nb
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import LeaderboardRow, Objective, Task, TaskKind
from automl_nb.pipeline.champion import Judge, choose_champion, judge_candidate
from automl_nb.pipeline.kept_below import tell_kept_below
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.prior import Constant
from automl_nb.transfer.tuner import Tuner
from tests.support import frames
from tests.support.scripted_tuner import candidate

OPTIONS = {"time": 60_000, "fresh": True, "backbones": "minilm-l3"}


def told(run) -> str:
    return " ".join(message.text for message in run.state.messages)


@pytest.fixture
def scripted(monkeypatch):
    """Networks that read the column and know nothing of the labels, in no time."""

    def train(self, context, inputs, config):
        yield from ()
        made = candidate(context, {**config, "strategy": self.name}, 0.1)
        made.predictor.encoder = Reading((config["column"],))
        return made

    monkeypatch.setattr(Tuner, "train", train)


class Reading:
    def __init__(self, columns):
        self.columns = columns


def test_columns_of_a_table_that_a_named_network_does_not_read_are_named(scripted):
    run = automl_nb.fit(frames.mixed(), "library", strategies="finetune", **OPTIONS)
    said = told(run)
    assert "No strategy that was trained reads 'size' and 'shop', which have no effect" in said
    assert "Name boosting too, or leave strategies out." in said


def test_texts_that_nothing_reads_are_named_too():
    frame = frames.mixed().drop(columns="shop")
    run = automl_nb.fit(frame, "library", strategies="boosting", time=60_000, backbones="none")
    assert "reads 'text', which has no effect on the model. Name ridge too" in told(run)


def test_nothing_is_said_where_all_is_read(mixed_run, text_run, picture_run, table_run):
    for run in (mixed_run, text_run, picture_run, table_run):
        assert "No strategy that was trained reads" not in told(run)


class Bench(SimpleNamespace):
    """What a run's end is told from: judged candidates, their rows, and the model that is kept."""

    def __init__(self, candidates, judge):
        kept = choose_champion(candidates, judge)
        scores = {c.name: judge_candidate(c, judge, kept).value for c in candidates}
        scores[kept.name] = kept.score.value
        super().__init__(
            candidates=candidates,
            judge=judge,
            objective=judge.objective,
            champion=kept,
            kept_score=None,
            settings=FitSettings("y"),
            rows={name: row(name, score) for name, score in scores.items()},
            said=[],
        )

    def say(self, text):
        self.said.append(text)

    def show(self, shown):
        self.rows[shown.model] = shown


def row(name, score):
    return LeaderboardRow(name, "", (), score, score, score, 0.0, 0.0, "", 0.0, "C=1")


def made(strategy, oof):
    return Candidate(strategy, strategy, (), Constant(np.ones(2) / 2), oof, 0.0)


def test_why_a_better_network_is_not_kept_where_few_rows_judged_it():
    """Two rows of a part put right are no sure gain."""
    y = np.random.default_rng(0).integers(0, 2, 600)
    judge = Judge(y, Task(TaskKind.BINARY, "y", ("a", "b")), Objective("accuracy"))
    said = np.where(np.random.default_rng(1).random(600) < 0.75, y, 1 - y)
    whole = np.where(np.arange(2) == said[:, None], 0.8, 0.2)
    part = np.arange(0, 600, 3)
    luck = np.full_like(whole, np.nan)
    luck[part] = whole[part]
    wrong = part[said[part] != y[part]][:2]
    luck[wrong] = whole[wrong][:, ::-1]
    bench = Bench([made("svm", whole), made("finetune", luck)], judge)
    tell_kept_below(bench)
    (text,) = bench.said
    assert text.startswith("svm is kept (accuracy 0.7")
    assert "though finetune scored better" in text
    assert text.endswith("mixing it in brings no sure gain on the 200 rows where it was judged.")
    assert bench.rows["svm"].note.startswith("kept, as mixing it in brings no sure gain")
    assert bench.rows["svm"].note.endswith("; C=1")


def test_why_half_of_a_contrasted_network_is_kept_where_rows_are_very_few():
    y = np.arange(24) % 2
    judge = Judge(y, Task(TaskKind.BINARY, "y", ("a", "b")), Objective("accuracy"))
    said = np.where(np.arange(24) < 3, 1 - y, y)
    right = np.where(np.arange(2) == said[:, None], 0.6, 0.4)
    wrong = np.where(np.arange(2) == y[:, None], 0.1, 0.9)
    bench = Bench([made("lda", right), made("contrastive", wrong)], judge)
    tell_kept_below(bench)
    (text,) = bench.said
    assert "ensemble is kept" in text
    assert "half of it is contrastive, and where half of the classes have 16 rows or fewer" in text


def test_nothing_is_said_where_the_best_is_kept():
    y = np.arange(24) % 2
    judge = Judge(y, Task(TaskKind.BINARY, "y", ("a", "b")), Objective("accuracy"))
    bench = Bench([made("lda", np.where(np.arange(2) == y[:, None], 0.6, 0.4))], judge)
    tell_kept_below(bench)
    assert not bench.said
