"""The end of a search whose winner can't change: real studies on problems with known answers."""

import math

import numpy as np
import pytest

from automl_nb.control.settled import Settled
from automl_nb.core.space import Choice, Float, Space
from automl_nb.search.study import Study
from automl_nb.search.tried import State

SPACE = Space(
    (
        Choice("model", ("a", "b", "c"), "a"),
        Float("C", 1e-3, 1e3, 1.0, log=True),
        Float("x", -1.0, 1.0, 0.9),
        Float("y", -1.0, 1.0, -0.9),
    )
)
TRIALS = 250


def planted(seed, rows=300):
    """Losses of rows: a bowl over the settings, and what each row makes of them."""
    rng = np.random.default_rng(seed)
    base, best = rng.gamma(2, 0.2, rows), rng.uniform(-0.7, 0.7, 3)
    slopes, tilts = rng.normal(0, 0.5, (rows, 3)), rng.normal(0, 0.15, (3, rows))

    def losses(config):
        z = np.array([math.log10(config["C"]) / 3, config["x"], config["y"]]) - best
        model = "abc".index(config["model"])
        return base + 0.05 * model + 0.5 * float(z @ z) + slopes @ z + tilts[model]

    return losses


def search(searcher, seed, losses, trials=TRIALS):
    """All losses, and after which trial the rule ended it (None: never)."""
    study, settled, ended = Study(SPACE, searcher, seed=seed, direction="minimize"), Settled(), None
    seen = []
    for number in range(trials):
        proposal = study.ask()
        seen.append(losses(proposal.config))
        value = float(seen[-1].mean())
        study.tell(proposal.number, value, State.DONE)
        settled.hear(value, seen[-1], seconds=1.0)
        if ended is None and settled.why(left_s=float(trials - number - 1)):
            ended = number + 1
    return np.array(seen), ended


def test_what_an_ended_search_would_have_found_cannot_be_told_from_its_winner():
    told, ends = [], []
    for searcher, seed in (("evolution", 0), ("evolution", 1), ("cma-es", 2), ("cma-es", 3)):
        seen, ended = search(searcher, seed, planted(seed))
        if ended is None:
            continue
        means = seen.mean(axis=1)
        gain = seen[means[:ended].argmin()] - seen[means.argmin()]
        error = gain.std(ddof=1) / math.sqrt(len(gain))
        ends.append(ended)
        told.append(gain.mean() > 2.5 * error > 0)
    assert len(ends) >= 2
    assert not any(told)


def test_a_search_that_still_improves_goes_on():
    rows = np.random.default_rng(0).normal(1.0, 0.3, 300)
    settled = Settled()
    for number in range(200):  # by less than the noise each time, but always
        wobble = np.random.default_rng([1, number]).normal(0.0, 0.1, 300)
        losses = rows + wobble - wobble.mean() - 0.002 * number
        settled.hear(float(losses.mean()), losses, seconds=1.0)
        assert not settled.why(left_s=300.0)


def test_a_lucky_find_that_nothing_comes_near_is_no_end():
    rng = np.random.default_rng(0)
    settled = Settled()
    for number in range(150):
        losses = rng.normal(1.0, 0.1, 400) - (0.5 if number == 20 else 0.0)
        settled.hear(float(losses.mean()), losses, seconds=1.0)
        assert not settled.why(left_s=50.0) or number < 20


def alike(n, settled, seed=0):
    """Settings that nothing divides but noise."""
    base = np.random.default_rng(seed).normal(1.0, 0.3, 300)
    for number in range(n):
        losses = base + np.random.default_rng([seed, number]).normal(0.0, 0.1, 300)
        settled.hear(float(losses.mean()), losses, seconds=0.5)
    return settled


def test_where_nothing_matters_it_ends_and_says_why():
    settled = alike(60, Settled())
    why = settled.why(left_s=30.0)
    assert why.startswith("More trials can't change the winner: the 5 best of 60 ")
    assert settled.noise == pytest.approx(0.1 * math.sqrt(2 / 300), rel=0.3)


def test_the_more_time_is_left_the_later_it_ends():
    settled = alike(60, Settled())
    assert settled.why(left_s=30.0)
    assert not settled.why(left_s=1e7)


def test_few_trials_end_nothing():
    assert not alike(29, Settled()).why(left_s=1.0)


def test_what_was_known_before_an_interruption_still_counts():
    whole = Settled()
    again = Settled()
    base = np.random.default_rng(0).normal(1.0, 0.3, 300)
    for number in range(60):
        losses = base + np.random.default_rng([0, number]).normal(0.0, 0.1, 300)
        whole.hear(float(losses.mean()), losses, seconds=0.5)
        again.hear(float(losses.mean()), seconds=0.5, noise=whole.noise)
    assert again.why(left_s=30.0) == whole.why(left_s=30.0) != ""


def learning(n_starts, n):
    """Alike starts, then a searcher that comes from far off and learns by each of its trials."""
    base, settled = np.random.default_rng(0).normal(1.0, 0.3, 300), Settled()
    for number in range(n):
        given = number < n_starts
        wobble = np.random.default_rng([2, number]).normal(0.0, 0.1, 300)
        far = 0.0 if given else 0.3 - 0.01 * (number - n_starts)
        losses = base + wobble - wobble.mean() + far
        settled.hear(float(losses.mean()), losses, seconds=1.0, given=given)
    return settled


def test_good_starts_do_not_hide_that_the_searcher_still_learns():
    assert not learning(17, 40).why(left_s=300.0)  # it has 23 trials of its own
    assert not learning(12, 44).why(left_s=300.0)  # 32 of them, and will soon be better


def test_a_searcher_that_comes_nowhere_near_good_starts_is_ended():
    base, settled = np.random.default_rng(0).normal(1.0, 0.3, 300), Settled()
    for number in range(60):
        wobble = np.random.default_rng([2, number]).normal(0.0, 0.1, 300)
        losses = base + wobble - wobble.mean() + (1e-5 * number if number < 12 else 0.3)
        settled.hear(float(losses.mean()), losses, seconds=1.0, given=number < 12)
    assert settled.why(left_s=60.0).startswith("More trials can't change the winner: the 5 best")


def flat_near_the_best(searcher, trials, settled):
    """A search of one number whose rows disagree more the farther settings are apart."""
    rng = np.random.default_rng(0)
    base, slopes = rng.gamma(2, 0.2, 300), rng.normal(0, 1.0, 300)
    space = Space((Float("x", -1.0, 1.0, 0.9),))
    study = Study(space, searcher, seed=1, direction="minimize")
    for number in range(trials):
        proposal = study.ask()
        x = proposal.config["x"]
        losses = base + 0.05 * x * x + (slopes - slopes.mean()) * x
        study.tell(proposal.number, float(losses.mean()), State.DONE)
        settled.hear(float(losses.mean()), losses, seconds=1.0)
        if why := settled.why(left_s=float(trials - number - 1)):
            return number + 1, why
    return None, ""


@pytest.mark.parametrize("searcher", ["random", "quasi-random", "tpe", "evolution"])
def test_every_searcher_is_ended_where_what_is_better_could_not_be_told(searcher):
    """The best settings of a random search come ever closer together, and so does their noise."""
    ended, why = flat_near_the_best(searcher, 200, Settled())
    assert ended is not None
    assert why.startswith("More trials can't change the winner: the 5 best of ")


def test_no_more_is_to_gain_than_the_loss_that_is_left():
    settled = Settled()
    for number in range(40):  # it learns steadily, and is nearly at 0
        wobble = np.random.default_rng(number).normal(0.0, 0.1, 300)
        losses = 0.0405 - 0.001 * number + wobble - wobble.mean()
        settled.hear(float(losses.mean()), losses, seconds=1.0)
        assert bool(settled.why(left_s=1e6)) == (losses.mean() < settled.noise and number >= 29)


def test_a_model_of_which_hardly_anything_was_tried_keeps_a_search_going():
    settled = Settled({"a": 3, "b": 2})
    base = np.random.default_rng(0).normal(1.0, 0.3, 300)
    for number in range(60):
        losses = base + np.random.default_rng([0, number]).normal(0.0, 0.1, 300)
        settled.hear(float(losses.mean()), losses, seconds=0.5, model="a" if number else "b")
    assert not settled.why(left_s=30.0)
    settled.hear(float(losses.mean()) + 1.0, losses + 1.0, seconds=0.5, model="b")
    assert settled.why(left_s=30.0)


def test_the_tie_is_known_again_after_an_interruption():
    whole, again = Settled(), Settled()
    base = np.random.default_rng(0).normal(1.0, 0.3, 300)
    for number in range(100):
        losses = base + 1e-4 * number + np.random.default_rng(number).normal(0.0, 0.1, 300)
        whole.hear(float(losses.mean()), losses, seconds=0.5)
        again.hear(float(losses.mean()), seconds=0.5, noise=whole.noise, tie=whole.tie)
    assert whole.tie > 0.0
    assert (again.noise, again.tie) == (whole.noise, whole.tie)
    assert all(again.why(left) == whole.why(left) for left in (1.0, 30.0, 1e3, 1e6))


def test_what_is_remembered_of_a_long_search_stays_small():
    settled, base = Settled(), np.random.default_rng(0).normal(1.0, 0.3, 50)
    for number in range(1000):
        losses = base + np.random.default_rng(number).normal(0.0, 0.1, 50)
        settled.hear(float(losses.mean()), losses, seconds=0.5)
    assert len(settled._ladder) <= 64
    assert min(settled._ladder) == settled._best[0]
    assert max(settled._ladder) > 1.0


def test_a_clear_winner_that_nothing_comes_near_is_one_at_last():
    settled, base = Settled(), np.random.default_rng(0).normal(1.0, 0.3, 300)
    for number in range(150):
        losses = base + np.random.default_rng(number).normal(0.0, 0.1, 300)
        losses -= 0.06 if number == 20 else 0.0
        settled.hear(float(losses.mean()), losses, seconds=1.0)
        assert number >= 99 or not settled.why(left_s=5.0)
    assert settled.why(left_s=5.0).startswith("More trials can't change the winner: after 150 of")
    assert not settled.why(left_s=600.0)  # another such find would be worth it
