"""Rows that a model hadn't learnt from: kept while its process is there, found again later."""

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import DataError, SettingError
from automl_nb.core.nearby import look_in
from automl_nb.report.mistakes import mistakes
from tests.support import frames


@pytest.fixture
def again(table_run):
    """As a process sees it that didn't train."""
    return automl_nb.open_run(table_run.folder)


@pytest.fixture
def near():
    yield look_in
    look_in(None)


def test_the_rows_that_were_kept_aside_are_those_that_were_scored(table_run):
    rows, card = table_run.answered(), table_run.scorecard
    assert rows.part == "test"
    assert rows.n_rows == card.n_rows == len(rows.frame)
    assert rows.n_wrong == card.n_rows - np.trace(card.confusion.counts)
    assert np.array_equal(
        table_run.predict(rows.frame), [rows.task.classes[i] for i in rows.predicted]
    )


@pytest.mark.parametrize("how", ["given", "near"])
def test_a_run_opened_again_finds_the_same_rows(how, table_run, again, near):
    near(lambda: {"wines": frames.table(), "others": pd.DataFrame({"a": [1]}), "n": 1})
    rows = again.answered(frames.table() if how == "given" else None)
    before = table_run.answered()
    pd.testing.assert_frame_equal(rows.frame, before.frame)
    assert np.array_equal(rows.y, before.y)
    assert np.allclose(rows.scores, before.scores)
    assert again.plot("embedding").description == table_run.plot("embedding").description


def test_without_the_rows_it_says_what_is_missing(again, tmp_path):
    assert "errors" not in again.plots
    with pytest.raises(SettingError, match="folder keeps none of them") as caught:
        again.plot("errors")
    assert "data=df" in caught.value.hint
    text = again.report(tmp_path / "r.md").read_text(encoding="utf-8")
    assert "Errors row by row aren't shown." in text


def test_other_rows_with_the_label_are_looked_at_as_they_are(again):
    some = frames.table().sample(30, random_state=1)
    rows = again.answered(some)
    assert (rows.part, rows.n_rows) == ("given rows", 30)
    assert "30 given rows" in again.plot("embedding", data=some).description
    with pytest.raises(DataError):
        again.plot("errors", data=some.drop(columns="cultivar"))
    with pytest.raises(SettingError, match="takes no data"):
        again.plot("confusion", data=some)


def test_rows_in_a_file_are_read_again(tmp_path):
    frames.table().to_csv(tmp_path / "wine.csv", index=False)
    options = {"time": 600, "strategies": ["knn"], "run_dir": tmp_path, "test_size": 0.3}
    run = automl_nb.fit(tmp_path / "wine.csv", "cultivar", **options)
    opened = automl_nb.open_run(run.folder)
    assert {"errors", "embedding"} <= {*opened.plots}
    assert opened.answered().n_rows == run.scorecard.n_rows
    (tmp_path / "wine.csv").unlink()
    with pytest.raises(SettingError, match="folder keeps none of them"):
        automl_nb.open_run(run.folder).plot("errors")


def test_where_no_rows_were_kept_aside_answers_out_of_fold_are_looked_at(tmp_path):
    options = {"time": 600, "strategies": ["knn"], "run_dir": tmp_path, "test_size": 0.0}
    run = automl_nb.fit(frames.table(), "cultivar", **options)
    rows = run.answered()
    assert (rows.part, rows.n_rows) == ("out of fold", len(frames.table()))
    best = run.leaderboard.iloc[0]
    assert 1.0 - rows.n_wrong / rows.n_rows == pytest.approx(best["accuracy"])
    with pytest.raises(SettingError, match="hadn't learnt from are needed"):
        automl_nb.open_run(run.folder).answered(frames.table())


def test_texts_and_pictures_are_shown_with_what_was_said(text_run, picture_run):
    found = mistakes(text_run.answered(), 3)
    assert found.n_rows == text_run.scorecard.n_rows
    texts = set(frames.texts()["text"].str.split().str.join(" ").str[:20])
    assert all(row.text[:20] in texts for row in found.rows)
    assert "frozen-text(text, minilm-l3)" in text_run.plot("embedding").description
    rows = picture_run.answered()
    assert mistakes(rows).rows == () or mistakes(rows).rows[0].picture is not None
    assert "frozen-image(photo, " in picture_run.plot("embedding").description
