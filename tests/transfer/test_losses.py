"""The losses against their equations, written out row by row or computed by other libraries."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import integrate, special

from automl_nb.core.types import TaskKind
from automl_nb.transfer.losses.base import class_counts, without_weights
from automl_nb.transfer.losses.class_balanced import ClassBalanced, effective_weights
from automl_nb.transfer.losses.cross_entropy import CrossEntropy
from automl_nb.transfer.losses.focal import Focal
from automl_nb.transfer.losses.logit_adjusted import LogitAdjusted
from automl_nb.transfer.losses.robust import Robust, RobustRows, log_partition, rho
from automl_nb.transfer.losses.uncertainty import Uncertainty, UncertaintyRows
from tests.support import trials

RNG = np.random.default_rng(0)
MARGINS = RNG.normal(size=(6, 3))
SHARES = RNG.dirichlet(np.ones(3), 6)


def context(kind=TaskKind.MULTICLASS, weight=None):
    made = trials.table(kind)
    return replace(made, class_weight=weight)


def measured(loss, made, margins=MARGINS, targets=SHARES, **config):
    rows = np.arange(len(made.y))
    measure = loss.prepare(made, rows, config)
    with torch.no_grad():
        return measure(torch.tensor(margins), torch.tensor(targets)).numpy()


def test_focal_is_the_equation():
    weight = np.array([1.0, 2.0, 0.5])
    expected = []
    for margins, target in zip(MARGINS, SHARES, strict=True):
        p = np.exp(margins) / np.exp(margins).sum()
        expected.append(
            sum(
                -w * t * (1 - q) ** 2 * np.log(q) for w, t, q in zip(weight, target, p, strict=True)
            )
        )
    np.testing.assert_allclose(measured(Focal(), context(weight=weight)), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.MULTILABEL])
def test_focal_with_gamma_nought_is_cross_entropy(kind):
    made = context(kind)
    margins = MARGINS[:, :1] if kind is TaskKind.BINARY else MARGINS
    targets = (
        SHARES[:, :2] / SHARES[:, :2].sum(1, keepdims=True) if kind is TaskKind.BINARY else SHARES
    )
    np.testing.assert_allclose(
        measured(Focal(), made, margins, targets, focal_gamma=0.0),
        measured(CrossEntropy(), made, margins, targets, smoothing=0.0),
        rtol=1e-5,
    )


def test_focal_of_several_labels_is_the_mean_of_each_alone():
    p = special.expit(MARGINS)
    yes, no = -((1 - p) ** 3) * np.log(p), -(p**3) * np.log(1 - p)
    expected = (SHARES * yes + (1 - SHARES) * no).mean(1)
    got = measured(Focal(), context(TaskKind.MULTILABEL), focal_gamma=3.0)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_class_balanced_weights_are_those_of_the_paper():
    counts = np.array([5, 50, 5000])
    expected = np.array([(1 - 0.999) / (1 - 0.999**n) for n in counts])
    expected *= 3 / expected.sum()
    np.testing.assert_allclose(effective_weights(counts, 0.999), expected, rtol=1e-10)
    np.testing.assert_allclose(effective_weights(counts, 0.0), 1.0)
    by_number = effective_weights(counts, 0.99999)
    np.testing.assert_allclose(by_number[0] / by_number[2], 1000.0, rtol=0.03)


def test_class_balanced_is_weighed_cross_entropy():
    made = context()
    weight = effective_weights(np.bincount(made.y), 0.99)
    logs = MARGINS - special.logsumexp(MARGINS, axis=1, keepdims=True)
    expected = -(SHARES * weight * logs).sum(1)
    np.testing.assert_allclose(
        measured(ClassBalanced(), made, balance_beta=0.99), expected, rtol=1e-6
    )


def test_logit_adjustment_is_the_equation():
    made = context()
    shares = np.bincount(made.y) / len(made.y)
    handicapped = MARGINS + 1.5 * np.log(shares)
    logs = handicapped - special.logsumexp(handicapped, axis=1, keepdims=True)
    np.testing.assert_allclose(
        measured(LogitAdjusted(), made, logit_tau=1.5), -(SHARES * logs).sum(1), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("loss", "config"),
    [(LogitAdjusted(), {}), (ClassBalanced(), {}), (CrossEntropy(), {"smoothing": 0.0})],
    ids=lambda part: getattr(part, "name", ""),
)
def test_answers_lean_as_the_loss_says(loss, config):
    """The best constant answer, with the weights taken out, is the classes' shares."""
    made = context(weight=np.array([1.0, 4.0, 2.0]))
    rows = np.arange(len(made.y))
    measure = loss.prepare(made, rows, config)
    margins = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    targets = torch.eye(3, dtype=torch.float64)[made.y]
    optimiser = torch.optim.LBFGS([margins], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        total = measure(margins.expand(len(targets), 3), targets).mean()
        total.backward()
        return total

    optimiser.step(closure)
    answer = special.softmax(margins.detach().numpy(), axis=1)
    weight = loss.class_weight(made, rows, config)
    shares = np.bincount(made.y) / len(made.y)
    np.testing.assert_allclose(without_weights(answer, weight)[0], shares, atol=1e-3)


def test_a_class_without_rows_has_no_boundless_weight():
    made = context()
    some = np.flatnonzero(made.y != 2)
    assert class_counts(made, some)[2] == 1
    for loss in (ClassBalanced(), LogitAdjusted()):
        assert np.isfinite(loss.class_weight(made, some, {})).all()


X = torch.linspace(-6, 6, 49, dtype=torch.float64)


@pytest.mark.parametrize(
    ("alpha", "closed"),
    [
        (1.9999, lambda x: 0.5 * x**2),
        (1.0, lambda x: np.sqrt(x**2 + 1) - 1),
        (0.0001, lambda x: np.log(0.5 * x**2 + 1)),
    ],
    ids=["squares", "charbonnier", "cauchy"],
)
def test_the_robust_loss_has_the_papers_special_cases(alpha, closed):
    got = rho(X, torch.tensor(alpha, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(got, closed(X.numpy()), rtol=2e-3, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.3, 1.0, 1.5, 1.999])
def test_the_partition_function_is_the_integral(alpha):
    def density(x):
        away = 2 - alpha
        return np.exp(-(away / alpha) * ((x**2 / away + 1) ** (alpha / 2) - 1))

    whole = 2 * (
        integrate.quad(density, 0, 10)[0] + integrate.quad(density, 10, np.inf, limit=500)[0]
    )
    got = log_partition(torch.tensor(alpha, dtype=torch.float64))
    np.testing.assert_allclose(float(got), np.log(whole), rtol=1e-5)


def test_the_robust_loss_is_a_log_likelihood():
    rows = RobustRows(1.0, learnt=True).double()
    rows.log_scale.data.fill_(float(np.log(2.0)))
    x = np.linspace(-400, 400, 400_001)
    with torch.no_grad():
        losses = rows(torch.tensor(x)[:, None], torch.zeros(len(x), 1, dtype=torch.float64))
    density = np.exp(-losses.numpy())
    np.testing.assert_allclose(np.trapezoid(density, x), 1.0, rtol=1e-4)


@pytest.mark.parametrize(("tail", "robust"), [("normal", False), ("cauchy", True)])
def test_the_robust_loss_learns_how_wild_the_rows_are(tail, robust):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=800) if tail == "normal" else rng.standard_cauchy(800)
    rows = RobustRows(1.0, learnt=True)
    values = torch.tensor(noise[:, None], dtype=torch.float32)
    optimiser = torch.optim.Adam(rows.parameters(), lr=0.05)
    for _ in range(300):
        optimiser.zero_grad()
        rows(torch.zeros_like(values), values).mean().backward()
        optimiser.step()
    alpha = float(rows.alpha.detach())
    assert alpha < 0.3 if robust else alpha > 1.5


def test_a_fixed_shape_stays():
    made = context(TaskKind.REGRESSION)
    rows = Robust().prepare(made, np.arange(9), {"robust_alpha": 0.5, "robust_shape": "fixed"})
    assert float(rows.alpha.detach()) == pytest.approx(0.5)
    assert [name for name, p in rows.named_parameters() if p.requires_grad] == ["log_scale"]


def test_uncertainty_weights_are_the_equation():
    rows = UncertaintyRows(3).double()
    s = np.array([-0.5, 0.0, 1.2])
    rows.log_variance.data = torch.tensor(s)
    p = special.expit(MARGINS)
    each = -(SHARES * np.log(p) + (1 - SHARES) * np.log(1 - p))
    expected = (np.exp(-s) * each + s / 2).mean(1)
    with torch.no_grad():
        got = rows(torch.tensor(MARGINS), torch.tensor(SHARES)).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_learnt_uncertainties_are_those_of_least_loss():
    made = context(TaskKind.MULTILABEL)
    rows = Uncertainty().prepare(made, np.arange(9), {}).double()
    margins, targets = torch.tensor(MARGINS), torch.tensor((SHARES > 0.4).astype(float))
    optimiser = torch.optim.Adam(rows.parameters(), lr=0.05)
    for _ in range(600):
        optimiser.zero_grad()
        rows(margins, targets).mean().backward()
        optimiser.step()
    each = torch.nn.functional.binary_cross_entropy_with_logits(margins, targets, reduction="none")
    best = torch.log(2 * each.mean(0))
    torch.testing.assert_close(rows.log_variance.detach(), best, rtol=1e-3, atol=1e-3)


def test_weights_are_taken_out_of_answers():
    p = np.array([[0.2, 0.3, 0.5]])
    weight = np.array([3.0, 1.0, 0.5])
    leaning = p * weight / (p * weight).sum()
    np.testing.assert_allclose(without_weights(leaning, weight), p)
    assert without_weights(p, None) is p
