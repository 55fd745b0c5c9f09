"""Texts in other scripts never end on an English network alone."""

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.explorer.scripts import main_scripts, row_shares
from automl_nb.pipeline import backbones
from automl_nb.pipeline.backbones import route
from automl_nb.zoo.catalog import CARDS

GOOD = {
    "Latin": "a very good film and I liked the music",
    "Cyrillic": "очень хороший фильм и прекрасная музыка",
    "Han": "这部电影很好看音乐也好听",
}
BAD = {
    "Latin": "a waste of time with a boring plot",
    "Cyrillic": "пустая трата времени и скучный сюжет",
    "Han": "完全浪费时间情节太无聊",
}


def reviews(n, **shares):
    rng = np.random.default_rng(0)
    scripts = rng.choice(list(shares), n, p=list(shares.values()))
    y = rng.random(n) < 0.5
    rows = [
        (f"{(GOOD if up != (rng.random() < 0.1) else BAD)[s]} {i}", "up" if up else "down")
        for i, (s, up) in enumerate(zip(scripts, y, strict=True))
    ]
    return pd.DataFrame(rows, columns=["text", "opinion"])


@pytest.fixture
def at_hand(monkeypatch):
    """Say which backbones are at hand."""

    def there(*names):
        monkeypatch.setattr(backbones, "_here", lambda name: name in names)

    return there


def test_english_takes_the_usual_way(at_hand):
    at_hand("minilm-l6", "minilm-l3", "multilingual-e5-small")
    assert route("text", {"Latin": 0.95, "Han": 0.05}) == backbones.Route()
    assert route("text", {}) == backbones.Route()


@pytest.mark.parametrize("script", ["Cyrillic", "Han", "Arabic", "Hangul", "Japanese"])
def test_rows_in_another_script_take_a_network_that_reads_them(at_hand, script):
    at_hand("minilm-l6", "multilingual-e5-small")
    found = route("text", {script: 1.0})
    assert found.names == ("multilingual-e5-small",)
    assert script in found.sentence


@pytest.mark.parametrize("script", ["Cyrillic", "Han", "Arabic", "Hangul", "Japanese"])
def test_without_one_at_hand_no_network_is_used(at_hand, script):
    at_hand("minilm-l6", "minilm-l3")
    found = route("text", {script: 0.97, "Latin": 0.03})
    assert (found.names, found.beside) == ((), ())
    assert "multilingual-e5-small" in found.sentence or "chinese-roberta" in found.sentence


def test_a_chinese_network_is_for_chinese_rows_alone(at_hand):
    at_hand("minilm-l6", "chinese-roberta", "multilingual-e5-small")
    assert route("text", {"Han": 0.95, "Latin": 0.05}).names == ("chinese-roberta",)
    assert route("text", {"Latin": 0.6, "Han": 0.4}).names == ("multilingual-e5-small",)


def test_in_a_mixed_table_english_features_stand_beside_words(at_hand):
    at_hand("minilm-l6", "minilm-l3", "chinese-roberta")
    found = route("text", {"Latin": 0.6, "Han": 0.4})
    assert (found.names, found.beside) == ((), ("minilm-l6",))
    assert "Latin (60%) and Han (40%)" in found.sentence


def test_no_english_network_is_ever_chosen_for_rows_that_it_cant_read(at_hand):
    at_hand(*CARDS)
    for shares in ({"Cyrillic": 1.0}, {"Latin": 0.5, "Greek": 0.5}, {"Han": 0.3, "Latin": 0.7}):
        found = route("text", shares)
        assert all(CARDS[name].languages != ("en",) for name in found.names)


def told(run):
    return "\n".join(message.text for message in run.state.messages)


def test_a_russian_table_is_learnt_from_words_and_characters():
    run = automl_nb.fit(reviews(90, Cyrillic=1.0), "opinion", time=600)
    assert told(run).count("The rows of 'text' are written in Cyrillic") == 1
    assert not any("frozen" in key for row in run.state.leaderboard for key in row.inputs)
    assert run.scorecard.slices == ()


def test_a_mixed_table_never_rests_on_the_english_network_alone():
    frame = reviews(120, Latin=0.6, Han=0.4)
    run = automl_nb.fit(
        frame, "opinion", time=600, strategies=["svm", "logistic"], backbones="auto", test_size=0.3
    )
    reading = [row for row in run.state.leaderboard if any("frozen" in k for k in row.inputs)]
    assert reading  # tried beside words
    assert all(any("tfidf" in key for key in row.inputs) for row in reading)
    assert "only beside these" in told(run)
    slices = {one.name: one.n_rows for one in run.scorecard.slices}
    assert set(slices) == {"Latin", "Han"}
    assert sum(slices.values()) == run.scorecard.n_rows
    assert row_shares(main_scripts(frame["text"].tolist()))["Latin"] > 0.5
    again = run.model.evaluate(frame)
    assert {one.of for one in again.slices} == {"script of 'text'"}


def test_features_beside_words_that_have_no_time_are_not_called_unreadable(monkeypatch):
    from automl_nb.features.text import FrozenText

    monkeypatch.setattr(FrozenText, "estimate_s", lambda *_: 9e9)
    frame = reviews(60, Latin=0.6, Han=0.4)
    run = automl_nb.fit(frame, "opinion", time=600, strategies=["svm", "ridge"], test_size=0)
    (stage,) = [stage for stage in run.state.stages if stage.name == "frozen features"]
    assert (stage.outcome, stage.note) == ("skipped", "none could be computed in time")


def test_an_english_network_asked_for_by_name_is_used_and_warned_of():
    run = automl_nb.fit(
        reviews(80, Cyrillic=1.0),
        "opinion",
        time=600,
        strategies=["ridge"],
        backbones=["minilm-l3"],
    )
    assert "minilm-l3 can't read well; it is used as asked" in told(run)
    assert any("minilm-l3" in key for row in run.state.leaderboard for key in row.inputs)
