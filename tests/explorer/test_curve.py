"""Learning curves: nested subsets, the fit, and how often the forecast's interval holds."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from automl_nb.core.types import TaskKind
from automl_nb.data.split import Fold
from automl_nb.explorer.curve import (
    SHARES,
    Forecast,
    PowerLaw,
    Probed,
    fit_power_law,
    forecast,
    nested,
    probe,
)
from automl_nb.explorer.scores.base import targets_of
from automl_nb.explorer.squares import least_squares
from tests.support.gaussians import clouds

LAWS = [PowerLaw(0.05, 1.0, 0.4), PowerLaw(0.0, 2.0, 0.5), PowerLaw(0.15, 1.5, 0.6)]
SIZES = [100, 200, 400, 800]


@pytest.mark.parametrize("law", LAWS)
def test_a_curve_without_noise_is_found(law):
    found = fit_power_law(SIZES, [law(n) for n in SIZES], [1e-5] * 4)
    assert found(3200) == pytest.approx(law(3200), abs=2e-3)
    assert found.c == pytest.approx(law.c, abs=0.1)


def test_a_curve_without_floor_is_found_as_such():
    law = PowerLaw(0.0, 3.0, 0.7)
    found = fit_power_law(SIZES, [law(n) for n in SIZES], [1e-5] * 4, floor=False)
    assert found.a == pytest.approx(0.0, abs=1e-9)
    assert (found.b, found.c) == (pytest.approx(3.0, rel=0.02), pytest.approx(0.7, abs=0.01))


def test_one_point_that_is_off_does_not_bend_the_curve():
    law, sizes = PowerLaw(0.05, 2.0, 0.6), [50, 100, 200, 400, 800, 1600]
    errors = [law(n) for n in sizes]
    errors[2] += 0.05
    found = fit_power_law(sizes, errors, [0.002] * 6)
    assert found(6400) == pytest.approx(law(6400), abs=0.02)


def test_the_limits_hold_for_errors_that_rise():
    found = fit_power_law(SIZES, [0.1, 0.15, 0.2, 0.25], [0.01] * 4)
    assert 0 <= found.a <= 0.1 + 1e-9
    assert found.b >= 0
    assert 0.05 <= found.c <= 2.0


def simulated(law, n, seed):
    """0/1 losses of n rows at each size; hard rows are hard at every size."""
    rng = np.random.default_rng(seed)
    sizes = [round(share * 0.8 * n) for share in SHARES]
    hard = rng.random(n)
    losses = [np.where(rng.random(n) < 0.5, hard, rng.random(n)) < law(m) for m in sizes]
    return Probed(tuple(sizes), np.stack(losses)[None].astype(float))


@pytest.mark.parametrize(("n", "n_full", "n_test"), [(2000, 6500, 2500), (600, 757, 400)])
def test_the_interval_holds_what_is_then_measured_in_four_of_five_cases(n, n_full, n_test):
    held = []
    for law in LAWS:
        for seed in range(12):
            made = forecast(simulated(law, n, seed), n_full, n_test=n_test, seed=seed)
            measured = 1 - np.mean(np.random.default_rng(99 + seed).random(n_test) < law(n_full))
            held.append(made.low <= measured <= made.high)
            assert made.low <= made.value <= made.high
    assert np.mean(held) >= 0.8


def test_the_interval_narrows_with_rows_and_grows_with_distance():
    def width(made: Forecast) -> float:
        return made.high - made.low

    few, many = (forecast(simulated(LAWS[0], n, 1), 4000) for n in (300, 3000))
    assert width(many) < width(few)
    near, far = (forecast(simulated(LAWS[0], 1000, 1), n) for n in (1000, 30_000))
    assert width(near) < width(far)


def test_the_same_seed_gives_the_same_forecast():
    probed = simulated(LAWS[0], 400, 0)
    assert forecast(probed, 900, seed=3) == forecast(probed, 900, seed=3)


def test_every_beginning_of_the_nested_order_keeps_proportions():
    strata = np.repeat([0, 1, 2], [60, 30, 10])
    order = nested(strata, np.random.default_rng(0))
    assert sorted(order) == list(range(100))
    for n in (10, 20, 50):
        counts = np.bincount(strata[order[:n]], minlength=3)
        assert np.abs(counts - n * np.array([0.6, 0.3, 0.1])).max() <= 1.0


def test_a_probe_judges_by_models_of_nested_rows_that_do_not_hold_the_row():
    X, y = clouds(60, 4, 3, apart=0.7)
    targets = targets_of(y, TaskKind.MULTICLASS)
    folds = (Fold(np.arange(40), np.arange(40, 60)), Fold(np.arange(20, 60), np.arange(20)))
    model = least_squares(X)
    made = probe(model, y, TaskKind.MULTICLASS, folds=folds, draws=1)
    assert made.sizes == (10, 20, 40)
    assert np.isnan(made.losses[0, :, 20:40]).all()
    _, penalty = model.left_out(folds[0].fit, targets[folds[0].fit])
    for fold in folds:
        size = ((X[fold.fit] - X[fold.fit].mean(0)) ** 2).sum() / 40
        machine = Ridge(alpha=penalty * size).fit(X[fold.fit], targets[fold.fit])
        expected = machine.predict(X[fold.judge]).argmax(1) != y[fold.judge]
        assert np.array_equal(made.losses[0, -1, fold.judge], expected.astype(float))


def test_errors_fall_with_rows_and_a_probe_repeats_with_its_seed():
    X, y = clouds(300, 20, 3, apart=0.4)
    made, again = (probe(least_squares(X), y, TaskKind.MULTICLASS, seed=2) for _ in range(2))
    assert made.errors[0] > made.errors[-1]
    assert np.array_equal(made.losses, again.losses)
    assert np.isfinite(made.row_losses).all()


def test_a_probe_that_is_told_to_end_keeps_two_folds():
    X, y = clouds(100, 4, 2)
    made = probe(least_squares(X), y, TaskKind.BINARY, goes_on=lambda: False)
    assert np.isfinite(made.row_losses).sum() == 40
    assert forecast(made, 100).low <= 1.0


def test_numbers_have_r2_in_place_of_accuracy():
    X, _ = clouds(200, 5, 2)
    y = X[:, 0] + 0.1 * np.random.default_rng(0).normal(size=200)
    made = forecast(probe(least_squares(X), y, TaskKind.REGRESSION), 200)
    assert 0.9 < made.low <= made.value <= made.high <= 1.0
