"""Which model is best: judged alike, never replaced by a worse one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from automl_nb.core.types import Objective, Task, TaskKind
from automl_nb.pipeline.champion import (
    Judge,
    _tells,
    choose_champion,
    judge_candidate,
)
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.prior import Constant

BINARY = Task(TaskKind.BINARY, "y", ("a", "b"))
N = 600
Y = np.random.default_rng(0).integers(0, 2, N)
JUDGE = Judge(Y, BINARY, Objective("accuracy"))


def candidate(name, right, rows=None, *, seed=0, trust=0.8):
    """Says the truth in a share `right` of the rows; scores only `rows`, if given."""
    rng = np.random.default_rng(seed)
    said = np.where(rng.random(N) < right, Y, 1 - Y)
    oof = np.full((N, 2), 1 - trust)
    oof[np.arange(N), said] = trust
    if rows is not None:
        oof[np.setdiff1d(np.arange(N), rows)] = np.nan
    return Candidate(name, "ridge", (), Constant(np.array([0.5, 0.5])), oof, 0.1)


def test_without_candidates_there_is_none():
    assert choose_champion([], JUDGE) is None


def test_a_single_candidate_is_it():
    only = candidate("only", 0.7)
    made = choose_champion([only], JUDGE)
    assert made.name == "only"
    assert made.score.value == pytest.approx(np.mean(only.oof.argmax(axis=1) == Y))
    assert made.score.low < made.score.value < made.score.high


def test_the_blend_of_two_good_ones_is_better_than_either():
    both = [candidate("one", 0.75, seed=1), candidate("two", 0.75, seed=2)]
    third = candidate("three", 0.75, seed=3)
    made = choose_champion([*both, third], JUDGE)
    assert made.name == "ensemble"
    assert sum(weight for _, weight, _ in made.members) == pytest.approx(1.0)
    assert made.loss < min(choose_champion([c], JUDGE).loss for c in [*both, third])


def test_a_single_best_one_is_kept_alone():
    made = choose_champion([candidate("best", 0.97), candidate("noise", 0.5, seed=1)], JUDGE)
    assert made.name == "best"


def test_another_candidate_never_makes_it_worse():
    rng = np.random.default_rng(5)
    known = []
    for number in range(8):
        known.append(candidate(f"c{number}", rng.uniform(0.5, 0.8), seed=number))
        made = choose_champion(known, JUDGE)
        incumbent = choose_champion(known[:-1], JUDGE)
        if incumbent is not None:
            assert made.score.value >= incumbent.score.value


def test_a_worse_one_does_not_beat_the_incumbent():
    good = choose_champion([candidate("good", 0.8)], JUDGE)
    bad = choose_champion([candidate("bad", 0.7, seed=1)], JUDGE)
    assert good.beats(bad, JUDGE.objective)
    assert not bad.beats(good, JUDGE.objective)
    assert not good.beats(good, JUDGE.objective)
    assert good.beats(None, JUDGE.objective)


def test_where_less_is_better_less_wins():
    y = np.random.default_rng(0).normal(size=200)
    judge = Judge(y, Task(TaskKind.REGRESSION, "y"), Objective("rmse", greater_is_better=False))

    def guess(name, spread):
        oof = (y + np.random.default_rng(1).normal(0, spread, 200))[:, None]
        return Candidate(name, "ridge", (), Constant(np.zeros(1)), oof, 0.1)

    near, far = (choose_champion([guess(*c)], judge) for c in (("near", 0.2), ("far", 2.0)))
    assert near.beats(far, judge.objective)
    assert not far.beats(near, judge.objective)
    assert choose_champion([guess("near", 0.2), guess("far", 2.0)], judge).name == "near"


def test_an_easy_part_flatters_nobody():
    """One judged where the champion is always right gains nothing by it."""
    base = candidate("base", 0.7)
    champion = choose_champion([base], JUDGE)
    easy = np.flatnonzero(base.oof.argmax(axis=1) == Y)
    lucky = candidate("lucky", 0.9, rows=easy, seed=7)
    alone = judge_candidate(lucky, JUDGE, None)
    beside = judge_candidate(lucky, JUDGE, champion)
    assert alone.value == pytest.approx(0.9, abs=0.04)
    assert beside.value == pytest.approx(champion.score.value - 0.1, abs=0.04)
    assert beside.high - beside.low == pytest.approx(alone.high - alone.low)


def test_a_part_judged_alike_is_compared_on_that_part():
    base = candidate("base", 0.7)
    champion = choose_champion([base], JUDGE)
    part = np.arange(0, N, 3)
    twin = candidate("twin", 0.7, rows=part)
    assert judge_candidate(twin, JUDGE, champion).value == pytest.approx(champion.score.value)


def test_twins_of_a_part_get_one_score_whichever_comes_first():
    base = candidate("base", 0.55)
    part = np.arange(0, N, 3)
    first, second = (candidate(name, 0.95, rows=part, seed=11) for name in ("first", "second"))
    champion = choose_champion([base], JUDGE)
    judged = judge_candidate(first, JUDGE, champion)
    leader = replace(choose_champion([first], JUDGE), score=judged)
    assert judge_candidate(second, JUDGE, leader).value == pytest.approx(judged.value)


def test_one_judged_on_a_part_joins_if_it_helps():
    base = candidate("base", 0.75)
    part = np.arange(0, N, 3)
    tuned = candidate("tuned", 0.93, rows=part, seed=11)
    made = choose_champion([base, tuned], JUDGE)
    assert {c.name for c, _, _ in made.members} >= {"tuned"}
    assert made.score.value > choose_champion([base], JUDGE).score.value
    useless = candidate("useless", 0.5, rows=part, seed=12)
    assert choose_champion([base, useless], JUDGE).name == "base"


def test_one_judged_on_a_part_does_not_join_by_luck():
    """Two rows of a part put right are no reason for a dearer model."""
    base = candidate("base", 0.75)
    part = np.arange(0, N, 3)
    wrong = part[base.oof[part].argmax(axis=1) != Y[part]]
    oof = np.full_like(base.oof, np.nan)
    oof[part] = base.oof[part]
    oof[wrong[:2]] = np.eye(oof.shape[1])[Y[wrong[:2]]] * 0.9 + 0.1 / oof.shape[1]
    lucky = replace(base, name="lucky", oof=oof)
    assert choose_champion([base, lucky], JUDGE).name == "base"
    oof = oof.copy()
    oof[wrong] = np.eye(oof.shape[1])[Y[wrong]] * 0.9 + 0.1 / oof.shape[1]
    better = replace(base, name="better", oof=oof)
    assert choose_champion([base, better], JUDGE).name == "better"


@pytest.mark.parametrize("n", [2, 3, 5, 10, 300])
def test_a_handful_of_rows_must_say_it_the_louder(n):
    """As Student's test does, which knows that few rows hardly tell their own noise."""
    rng, sure = np.random.default_rng(n), stats.norm.sf(2.0)
    answers = []
    for shift in np.linspace(0.0, 8.0, 60) / n**0.5:
        gains = rng.normal(shift, 1.0, n)
        answers.append(_tells(gains))
        assert answers[-1] == (stats.ttest_1samp(gains, 0.0, alternative="greater").pvalue < sure)
    assert True in answers
    assert False in answers
    assert not _tells(np.ones(1))


def test_whatever_learnt_something_is_better_than_the_prior():
    share = np.bincount(Y) / N
    prior = replace(candidate("prior", 0.5), strategy="prior", oof=np.tile(share, (N, 1)))
    few = np.arange(30)  # too few to be sure of so small a gain
    tuned = candidate("tuned", 0.64, rows=few, seed=3, trust=0.6)
    assert choose_champion([prior, tuned], JUDGE).name == "tuned"
    known = replace(prior, strategy="ridge")
    assert choose_champion([known, tuned], JUDGE).name == "prior"


def test_one_that_scored_nothing_is_left_out():
    lost = candidate("lost", 0.9, rows=np.array([], dtype=int))
    assert choose_champion([lost], JUDGE) is None
    assert choose_champion([candidate("base", 0.7), lost], JUDGE).name == "base"


def test_the_model_predicts_as_the_blend_was_judged():
    import pandas as pd

    from automl_nb.transfer.given import GivenBlocks

    class Said:
        def __init__(self, oof):
            self.oof = oof

        def predict(self, blocks):
            return self.oof

    made = [candidate(f"c{seed}", 0.7, seed=seed) for seed in range(3)]
    members = [Candidate(c.name, c.strategy, c.inputs, Said(c.oof), c.oof, c.fit_s) for c in made]
    champion = choose_champion(members, JUDGE)

    class Data:
        task = BINARY
        schema = cleaner = label_values = root = None
        origin = ""

    model = champion.model(Data, {}, JUDGE.objective)
    blocks = GivenBlocks({}, pd.DataFrame(index=range(N)))
    np.testing.assert_allclose(model.scores_of(blocks), champion.oof, atol=1e-9)


def test_no_score_leaves_the_range_of_its_metric():
    """Where a part is harder than the rest, adding the difference could promise 110%."""
    base = candidate("base", 0.8)
    champion = choose_champion([base], JUDGE)
    hard = np.flatnonzero(base.oof.argmax(axis=1) != Y)
    perfect = candidate("perfect", 1.0, rows=hard, seed=5)
    judged = judge_candidate(perfect, JUDGE, champion)
    assert (judged.low, judged.value, judged.high) == (1.0, 1.0, 1.0)
    assert choose_champion([base, perfect], JUDGE).score.value <= 1.0


def test_what_was_tuned_for_very_few_rows_is_half_whatever_they_say():
    y = np.arange(24) % 3
    task = Task(TaskKind.MULTICLASS, "y", ("a", "b", "c"))
    judge = Judge(y, task, Objective("accuracy"))
    rng = np.random.default_rng(0)

    def made(strategy, sure):
        oof = rng.dirichlet(np.ones(3), 24)
        oof[np.arange(24), y] += sure
        return Candidate(
            name=strategy,
            strategy=strategy,
            inputs=(),
            predictor=Constant(np.ones(3) / 3),
            oof=oof / oof.sum(axis=1, keepdims=True),
            fit_s=0.0,
        )

    heads, contrast = [made("ridge", 1.0), made("lda", 0.9)], made("contrastive", 0.1)
    alone = choose_champion(heads, judge)
    both = choose_champion([*heads, contrast], judge)
    weights = {c.name: weight for c, weight, _ in both.members}
    assert weights["contrastive"] == pytest.approx(0.5)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert both.beats(alone, judge.objective)
    assert not alone.beats(both, judge.objective)
    (softened,) = (t for c, _, t in both.members if c.name == "contrastive")
    assert softened.value == 1.0  # nor is it made unsure by what so few rows say
    prior = made("prior", 0.4)  # lucky on these rows
    beside_nothing = choose_champion([prior, contrast], judge)
    assert [c.name for c, _, _ in beside_nothing.members] == ["contrastive"]  # no half constant
    assert beside_nothing.beats(choose_champion([prior], judge), judge.objective)
    assert choose_champion([contrast], judge).name == "contrastive"
