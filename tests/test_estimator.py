"""The engine as a scikit-learn estimator, held to scikit-learn's own checks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.estimator import AutoMLClassifier, AutoMLRegressor
from tests.support import frames

CLASSIFIER = AutoMLClassifier(time=60, strategies=("logistic",))
REGRESSOR = AutoMLRegressor(time=60, strategies=("ridge",))
# It asks for another array library, which scikit-learn itself has to be told to allow.
APART = {"check_array_api_input"}
CHECKS = [
    (estimator, check)
    for prototype in (CLASSIFIER, REGRESSOR)
    for estimator, check in estimator_checks_generator(prototype)
    if getattr(check, "func", check).__name__ not in APART
]


@pytest.mark.filterwarnings("ignore")  # the checks warn on purpose
@pytest.mark.parametrize(
    ("estimator", "check"),
    CHECKS,
    ids=[
        f"{type(e).__name__}-{getattr(c, 'func', c).__name__}-{i}"
        for i, (e, c) in enumerate(CHECKS)
    ],
)
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


def test_classes_are_learnt():
    X, y = load_wine(return_X_y=True)
    names = np.array(["ulm", "bonn", "jena"])[y]
    model = clone(CLASSIFIER).fit(X[::2], names[::2])
    assert list(model.classes_) == ["bonn", "jena", "ulm"]
    shares = model.predict_proba(X[1::2])
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(X[1::2])).all()
    assert model.score(X[1::2], names[1::2]) > 0.9
    assert "logistic" in set(model.leaderboard_["strategy"])


def test_answers_are_the_most_probable_classes_where_thresholds_were_tuned():
    rng = np.random.default_rng(0)
    y = (rng.random(900) < 0.12).astype(int)
    X = rng.normal(size=(900, 3)) + 0.9 * y[:, None]
    model = clone(CLASSIFIER).set_params(metric="f1").fit(X[:600], y[:600])
    assert model.model_.thresholds.offsets  # without them there is nothing to see
    shares = model.predict_proba(X[600:])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(X[600:])).all()


def test_values_are_learnt():
    X, y = load_diabetes(return_X_y=True)
    model = clone(REGRESSOR).fit(X[:200], y[:200])
    assert model.score(X[200:], y[200:]) > 0.35


def test_texts_and_categories_come_as_frames():
    frame = frames.mixed(90)
    y = frame.pop("library")
    model = AutoMLClassifier(time=60, strategies=("svm",), backbones="none").fit(frame, y)
    assert list(model.feature_names_in_) == list(frame.columns)
    assert set(model.predict(frame.head(5))) <= set(y)


def test_gaps_in_numbers_are_allowed():
    X, y = load_breast_cancer(return_X_y=True)
    X, y = X[:150].copy(), y[:150]
    X[::3, 0] = np.nan
    model = clone(CLASSIFIER).fit(X, y)
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match="infinity"):
        clone(CLASSIFIER).fit(np.where(np.isnan(X), np.inf, X), y)


def test_a_single_class_is_all_that_it_answers():
    model = clone(CLASSIFIER).fit(np.eye(4), ["only"] * 4)
    assert set(model.predict(np.zeros((3, 4)))) == {"only"}


def test_it_fits_into_pipelines_and_searches():
    X, y = load_wine(return_X_y=True)
    pipe = make_pipeline(StandardScaler(), clone(CLASSIFIER))
    assert cross_val_score(pipe, X, y, cv=2).min() > 0.9
    search = GridSearchCV(clone(CLASSIFIER), {"metric": ["accuracy", "log_loss"]}, cv=2)
    assert search.fit(X, y).best_score_ > 0.9


def test_the_same_seed_gives_the_same_answers():
    X, y = load_wine(return_X_y=True)
    first, again = (
        AutoMLClassifier(time=60, strategies=("logistic",), random_state=3).fit(X, y)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    generator = np.random.RandomState(3)
    AutoMLClassifier(time=60, strategies=("logistic",), random_state=generator).fit(X, y)


def test_it_is_silent_and_leaves_no_files(tmp_path, monkeypatch, capfd):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "text")
    X, y = load_wine(return_X_y=True)
    clone(CLASSIFIER).fit(X, y)
    assert capfd.readouterr() == ("", "")
    assert list(here.iterdir()) == []


def test_a_label_may_have_any_name():
    frame = pd.DataFrame({"target": np.arange(60.0), "target_": np.arange(60.0) % 7})
    model = clone(REGRESSOR).fit(frame.astype(str).assign(target=frame["target"]), np.arange(60.0))
    assert model.model_.task.label not in frame.columns


def test_settings_are_checked_when_it_is_fitted():
    X, y = load_wine(return_X_y=True)
    with pytest.raises(SettingError, match="time budget"):
        AutoMLClassifier(time="soon").fit(X, y)
    with pytest.raises(NotFittedError):
        AutoMLRegressor().predict(X)


def test_a_smaller_model_may_be_preferred():
    model = AutoMLClassifier(
        time=60, strategies=("logistic", "kernel", "knn"), prefer="small", random_state=1
    )
    rows = load_wine(as_frame=True)
    model.fit(rows.data, rows.target)
    assert "Preferred as small" in model.model_.facts["preferred"]
    board = model.leaderboard_.set_index("model")["size_mb"]
    assert board[model.model_.facts["name"]] < board.max()
    with pytest.raises(UnknownNameError, match="small"):
        AutoMLClassifier(prefer="smal").fit(rows.data, rows.target)
