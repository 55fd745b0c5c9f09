"""Boosted trees: honest scores, the right number of trees, and what is saved."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.trials import Deadline
from automl_nb.core.types import Objective, TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.boosting import PLANNED, PRESETS, Boosting
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.trees import Grove
from tests.support import trials


def boosted(context, inputs=("x",), **config):
    return trials.trained("boosting", context, inputs, **config)


def waves(n=400, noise=0.3, seed=0):
    """Values that bend, with columns that say nothing beside them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * (X[:, 2] > 0) + rng.normal(0, noise, n)
    return X, y


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_learns_what_bends(preset):
    X, y = waves()
    context = trials.context(X, y, TaskKind.REGRESSION)
    oof = boosted(context, preset=preset).oof[:, 0]
    assert np.mean((oof - y) ** 2) < 0.5 * y.var()


def test_the_planned_presets_are_there():
    assert set(PLANNED) < set(PRESETS)
    assert "quick" in PRESETS


def test_an_unknown_preset_is_named_with_its_neighbours():
    with pytest.raises(UnknownNameError, match="extra-trees"):
        boosted(trials.table(TaskKind.BINARY), preset="extra-tree")


def test_scores_of_pure_noise_are_no_better_than_chance():
    # Stopping each fold where its own judged rows like it best would flatter it here.
    rng = np.random.default_rng(0)
    areas = []
    for seed in range(6):
        y = rng.integers(0, 2, 240)
        context = trials.context(rng.normal(size=(240, 20)), y, TaskKind.BINARY, seed=seed)
        areas.append(roc_auc_score(y, boosted(context, preset="quick").oof[:, 1]))
    assert np.mean(areas) < 0.53


def test_each_fold_is_scored_with_as_many_trees_as_the_others_ask_for():
    X, y = waves(240)
    context = trials.context(X, y, TaskKind.REGRESSION)
    settings = {
        "objective": "regression",
        "learning_rate": 0.2,
        "num_leaves": 8,
        "seed": 0,
        "rounds": 40,
        "patience": 40,
        "bins": 63,
        "categorical": [],
        "boosting": "gbdt",
    }
    matrix = context.blocks["x"]
    grove = Grove(matrix, y, None, context.folds, settings, shift=2.0, scale=3.0, threads=1)
    for lane in grove.lanes:
        lane.grow(40, context.cancel)
    table = np.array([lane.losses for lane in grove.lanes])
    for number, fold in enumerate(context.folds):
        # The curves are those that LightGBM's own training records.
        fit = lgb.Dataset(matrix[fold.fit], y[fold.fit], params={"verbosity": -1, "max_bin": 63})
        record: dict = {}
        lgb.train(
            {"learning_rate": 0.2, "num_leaves": 8, "seed": 0, "objective": "regression"}
            | {"num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}
            | {"feature_pre_filter": False, "max_bin": 63},
            fit,
            40,
            valid_sets=[lgb.Dataset(matrix[fold.judge], y[fold.judge], reference=fit)],
            callbacks=[lgb.record_evaluation(record)],
        )
        np.testing.assert_allclose(table[number], record["valid_0"]["l2"], rtol=1e-6)
        asked = int(np.delete(table, number, axis=0).mean(axis=0).argmin()) + 1
        expected = grove.lanes[number].booster.predict(matrix[fold.judge], num_iteration=asked)
        np.testing.assert_allclose(
            grove.left_out(number, matrix[fold.judge]), expected * 3.0 + 2.0, rtol=1e-12
        )
    assert grove.best_round == int(table.mean(axis=0).argmin()) + 1


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS])
def test_what_is_saved_is_what_lightgbm_reads(kind, tmp_path):
    context = trials.table(kind)
    candidate = boosted(context, preset="quick")
    config = candidate.predictor.save(tmp_path)
    boosters = [lgb.Booster(model_file=str(path)) for path in sorted(tmp_path.glob("*.txt"))]
    assert len(boosters) == len(context.folds) == config["ensembles"][0]["boosters"]
    mean = np.mean([booster.predict(context.blocks["x"]) for booster in boosters], axis=0)
    expected = np.column_stack([1 - mean, mean]) if kind is TaskKind.BINARY else mean
    np.testing.assert_allclose(candidate.predictor.predict(context.blocks), expected, atol=1e-9)


def test_a_label_has_boosters_of_its_own_and_may_never_occur():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    y = np.stack([X[:, 0] > 0, X[:, 1] > 0, np.zeros(150)], axis=1).astype(np.float32)
    context = trials.context(X, y, TaskKind.MULTILABEL)
    candidate = boosted(context, preset="quick")
    assert len(candidate.predictor.ensembles) == 3
    assert roc_auc_score(y[:, 0], candidate.oof[:, 0]) > 0.9
    assert roc_auc_score(y[:, 1], candidate.oof[:, 1]) > 0.9
    assert candidate.oof[:, 2].max() < 0.05


def test_a_class_that_a_fold_lacks_gets_small_probabilities():
    context = trials.table(TaskKind.MULTICLASS)
    y = context.y.copy()
    y[y == 2] = 1
    y[:2] = 2
    candidate = boosted(replace(context, y=y), preset="quick")
    assert np.isfinite(candidate.oof).all()
    assert candidate.oof[2:, 2].mean() < 0.2


def test_values_of_any_size_and_origin_are_learnt():
    X, y = waves()
    near = boosted(trials.context(X, y, TaskKind.REGRESSION), preset="quick").oof[:, 0]
    far = trials.context(X, y * 1e-3 + 1e9, TaskKind.REGRESSION)
    moved = boosted(far, preset="quick").oof[:, 0]
    np.testing.assert_allclose((moved - 1e9) / 1e-3, near, atol=0.05)


def test_absolute_errors_are_minimised_where_they_are_the_metric():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.where(rng.random(400) < 0.2, 50.0, 0.0)  # the median is 0, the mean 10
    context = trials.context(X, y, TaskKind.REGRESSION, objective=Objective("mae", False))
    assert np.median(boosted(context, preset="quick").oof) < 2.0
    assert np.median(boosted(replace(context, objective=Objective("rmse", False))).oof) > 5.0


def test_level_codes_can_be_sets():
    rng = np.random.default_rng(0)
    codes, noise = rng.integers(0, 40, 1500), rng.normal(size=(1500, 2))
    y = rng.permutation(40)[codes] % 2  # no order of the codes tells anything
    blocks = GivenBlocks(
        {"x": noise.astype(np.float32), "t": codes[:, None].astype(np.float32)},
        trials.table(TaskKind.BINARY).blocks.frame,
    )
    context = replace(trials.context(noise, y, TaskKind.BINARY), blocks=blocks)
    few = {"rounds": 3, "learning_rate": 0.5, "num_leaves": 4, "feature_fraction": 1.0}
    sets = boosted(context, ("x", "t"), preset="levels", categorical={"t": (0,)}, **few)
    numbers = boosted(context, ("x", "t"), preset="levels", **few)
    assert roc_auc_score(y, sets.oof[:, 1]) > roc_auc_score(y, numbers.oof[:, 1]) + 0.1


def test_sparse_columns_are_read():
    rng = np.random.default_rng(0)
    X = sparse.random(200, 400, 0.1, format="csr", random_state=0, dtype=np.float32)
    y = (np.asarray(X[:, :5].sum(axis=1)).ravel() + rng.normal(0, 0.05, 200) > 0.2).astype(int)
    context = trials.context(X, y, TaskKind.BINARY)
    candidate = boosted(context, preset="quick")
    assert roc_auc_score(y, candidate.oof[:, 1]) > 0.7
    assert np.isfinite(candidate.predictor.predict(context.blocks)).all()


def test_without_columns_it_does_not_apply():
    context = trials.context(np.zeros((30, 0)), np.arange(30) % 2, TaskKind.BINARY)
    assert Boosting().applies(context, ("x",))
    assert Boosting().applies(context, ())


def test_past_its_deadline_it_returns_what_it_has():
    context = replace(trials.table(TaskKind.BINARY), deadline=Deadline(0.0))
    candidate, reports = trials.finish(Boosting().train(context, ("x",), {"preset": "gbdt"}))
    assert len(reports) == 1
    assert np.isfinite(candidate.oof).all()


def test_one_holdout_part_is_enough():
    context = trials.table(TaskKind.BINARY)
    fold = context.folds[0]
    candidate = boosted(replace(context, folds=(fold,)), preset="quick")
    scored = np.isfinite(candidate.oof).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(scored), fold.judge)


def test_folds_that_chain_in_time_are_followed_by_a_refit_on_all_rows():
    X, y = waves(300)
    rows = np.arange(300)
    folds = tuple(Fold(rows[: 75 * k], rows[75 * k : 75 * (k + 1)]) for k in (1, 2, 3))
    context = trials.context(X, y, TaskKind.REGRESSION, folds=folds)
    candidate = boosted(context, preset="quick", bagging_fraction=1.0)
    assert candidate.refitted
    (text,) = candidate.predictor.ensembles[0].texts
    tree = lgb.Booster(model_str=text).dump_model()["tree_info"][0]["tree_structure"]
    assert tree["internal_count"] == 300
    bag = boosted(trials.context(X, y, TaskKind.REGRESSION), preset="quick")
    assert len(bag.predictor.ensembles[0].texts) == 3


def test_the_curve_falls_as_reports_tell():
    X, y = waves()
    trial = Boosting().train(trials.context(X, y, TaskKind.REGRESSION), ("x",), {})
    _, reports = trials.finish(trial)
    losses = [report.metrics["loss"] for report in reports]
    assert losses[-1] < losses[0]


def test_nothing_is_printed(capfd):
    X, y = waves(60)
    for preset in PRESETS:
        candidate = boosted(trials.context(X, y, TaskKind.REGRESSION), preset=preset, rounds=50)
        candidate.predictor.predict(trials.context(X, y, TaskKind.REGRESSION).blocks)
    assert capfd.readouterr() == ("", "")
