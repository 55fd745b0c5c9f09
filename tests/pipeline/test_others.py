"""Every model of the leaderboard can be had in the process that trained it."""

from __future__ import annotations

import pytest

import automl_nb
from automl_nb.core.errors import RunError, UnknownNameError
from tests.support import frames


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return automl_nb.fit(
        frames.table(),
        "cultivar",
        time=20,
        strategies=["ridge", "knn", "logistic"],
        run_dir=tmp_path_factory.mktemp("runs"),
    )


def test_each_row_has_its_model(run):
    rows = frames.table().tail(5)
    for row in run.state.leaderboard:
        model = run.model_of(row.model)
        assert len(model.predict(rows)) == 5
        if row.strategy != "ensemble":
            assert [member.name for member in model.members] == [row.model]


def test_the_kept_one_is_the_run_s_model(run):
    assert run.model_of(run.state.ended.model) is run.model


def test_what_is_not_there_is_told(run):
    with pytest.raises(UnknownNameError, match="ridge"):
        run.model_of("tabular-linear: ridg")
    again = automl_nb.open_run(run.folder)
    assert len(again.model_of(again.state.ended.model).predict(frames.table().head(2))) == 2
    other = next(r.model for r in again.state.leaderboard if r.model != again.state.ended.model)
    with pytest.raises(RunError, match="another process"):
        again.model_of(other)
