"""Exploring real rows with real networks, through the verbs; and what it refuses."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import (
    ColumnError,
    DataError,
    LabelError,
    SettingError,
    UnknownNameError,
)
from automl_nb.core.events import Progress
from automl_nb.explorer import looked, survey
from automl_nb.explorer.card import DecisionCard
from automl_nb.explorer.scores.catalog import SCORES
from tests.support.frames import mixed, pictures, table, texts

ROWS = 90  # tiny, as two networks read them on one thread


@pytest.fixture(scope="module")
def card():
    heard = []
    made = automl_nb.explore(
        texts(ROWS), "library", time="120s", test_size=0, on_progress=heard.append
    )
    assert heard
    assert all(isinstance(item, Progress) for item in heard)
    return made


def test_every_network_at_hand_is_compared_and_one_is_recommended(card):
    networks = {entry.name: entry for entry in card.entries if not entry.is_baseline}
    assert set(networks) == {"minilm-l6", "minilm-l3"}
    assert card.backbones[0] in networks
    assert card.recommendation.startswith(f"Use {card.backbones[0]} for 'text'")
    assert (card.n_rows, card.n_looked, card.ended) == (ROWS, ROWS, "")
    for entry in networks.values():
        assert set(entry.scores) == set(SCORES.names()) - {"leep"}
        assert entry.silent == {"leep": "no source head"}
        assert entry.forecast.n_rows == ROWS
        assert entry.items_per_s > 0
        assert entry.disk_bytes > 4 * entry.parameters * 0.99
        assert entry.memory_bytes > entry.disk_bytes
        assert entry.licence == "Apache-2.0"


def test_what_is_not_on_this_machine_is_named_with_its_prior(card):
    names = [entry.name for entry in card.elsewhere]
    assert {"deberta-v3-base", "multilingual-e5-small"} <= set(names)
    assert not {"minilm-l6", "resnet-18"} & set(names)
    priors = [entry.prior for entry in card.elsewhere]
    assert priors == sorted(priors, reverse=True)
    assert all("fetched" in entry.note and entry.licence for entry in card.elsewhere)
    for whole, told in ((False, True), (True, False)):
        assert all(
            ("deberta-v3-base" in said) == told for said in card.shown(stable=whole).values()
        )


def test_earlier_tasks_that_look_alike_have_a_say(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))
    monkeypatch.delenv("AUTOML_NB_MEMORY", raising=False)
    for i in range(3):
        automl_nb.fit(
            texts(ROWS + 30 * i),
            "library",
            name=f"earlier-{i}",
            run_dir=tmp_path,
            time=600,
            strategies=["ridge"],
            backbones=["minilm-l3"],
        )
    card = automl_nb.explore(texts(ROWS), "library", time="120s", backbones=["minilm-l3"])
    assert card.memory.startswith("This looks like the run 'earlier-")
    assert [one.run[:8] for one in card.alike] == ["earlier-"] * 3
    assert card.alike[0].likeness > 0.9
    assert "minilm-l3" in {one.backbone for one in card.alike}
    assert card.memory[:30] in card.shown()["text/html"].replace("&#x27;", "'")
    assert DecisionCard.from_dict(json.loads(json.dumps(card.to_dict()))) == card


def test_the_card_means_the_same_where_the_notebook_is_not_trusted(card):
    """There JupyterLab drops each style that holds var() or calc()."""
    kept = re.sub(r"[\w-]+:[^;\"]*(?:var|calc)\([^;\"]*;?", "", card.shown()["text/html"])
    dots = [float(left) for left in re.findall(r"left:([\d.]+)%;margin-left:-5px", kept)]
    foretold = [entry.forecast for entry in card.entries if entry.forecast]
    low, high = min(one.low for one in foretold), max(one.high for one in foretold)
    where = [100 * (one.value - low) / (high - low) for one in foretold]
    assert dots == pytest.approx(where, abs=0.06)
    assert re.search(r"border:1\.5px solid #[0-9a-f]{6}", kept)


def test_a_baseline_without_a_network_stands_beside_them(card):
    (without,) = [entry for entry in card.entries if entry.is_baseline]
    assert without.name == "tfidf-word"
    assert without.forecast.value > 0.4
    assert without.mean_rank is None


def test_the_deeper_network_counts_as_larger(card):
    priors = {entry.name: entry.prior for entry in card.entries}
    assert priors["minilm-l6"] == pytest.approx(2 * priors["minilm-l3"])


def test_a_card_goes_through_json(card, tmp_path):
    path = card.save(tmp_path / "card.json")
    read = json.loads(path.read_text(encoding="utf-8"))
    assert DecisionCard.from_dict(read) == card


def test_a_card_is_a_table(card):
    frame = card.frame
    assert frame["backbone"].tolist()[-1] == "tfidf-word"
    assert {"ridge", "knn", "h-score", "forecast", "low", "high", "items_per_s"} <= set(frame)
    assert frame["forecast"].between(frame["low"], frame["high"]).all()


def test_a_card_shows_itself_as_text_and_html(card):
    shown = card._repr_mimebundle_()
    assert card.recommendation.split(":")[0] in shown["text/plain"]
    assert "minilm-l6" in shown["text/html"]
    assert "No LEEP: no source head." in shown["text/plain"]
    assert "No LEEP: no source head." in shown["text/html"].partition("<details>")[0]
    for foreign in ("<script", "http://", "https://", "<link"):
        assert foreign not in shown["text/html"]


def test_with_progress_off_nothing_that_differs_is_shown(card, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    for form in card._repr_mimebundle_().values():
        assert "took" not in form
        assert "items/s" not in form


def test_a_card_is_a_picture_in_both_themes(card):
    for theme in ("light", "dark", "auto"):
        figure = card.plot(theme=theme)
        assert figure.png().startswith(b"\x89PNG")
        assert "foretold to reach accuracy" in figure.description


def test_the_same_seed_gives_the_same_card(card):
    again = automl_nb.explore(texts(ROWS), "library", time="120s", test_size=0)
    for entry, other in zip(card.entries, again.entries, strict=True):
        assert entry.scores == other.scores
        assert entry.forecast == other.forecast


def test_a_card_that_ended_before_its_curves_is_drawn_without(card):
    entries = tuple(replace(entry, forecast=None) for entry in card.entries)
    svg = replace(card, entries=entries).plot().svg()
    assert "no time was left for learning curves" in svg
    assert "rows to learn from" not in svg


def test_what_comes_from_data_is_escaped():
    frame = texts(ROWS).rename(columns={"text": "<script>alert(1)</script>", "library": "<b>y"})
    made = automl_nb.explore(
        frame, "<b>y", time="60s", backbones=["minilm-l3"], kinds={frame.columns[0]: "text"}
    )
    html = made._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "<b>" not in html
    assert made.plot().svg().count("<script") == 0


def test_pictures_are_compared_with_pixels_beside():
    made = automl_nb.explore(
        pictures(40), "colour", time="60s", backbones=["efficientnet-lite0"], test_size=0
    )
    names = [entry.name for entry in made.entries]
    assert names == ["efficientnet-lite0", "pixels"]
    assert made.entries[0].scores["leep"] < 0  # it comes with its source head
    assert "no other network" in made.recommendation.casefold()


def test_numbers_are_explored_by_the_error_that_fit_reports():
    frame = texts(ROWS)
    frame["length"] = frame["text"].str.len().astype(float) ** 0.5
    made = automl_nb.explore(
        frame[["text", "length"]], "length", time="5m", backbones=["minilm-l3"]
    )
    assert (made.task, made.measure, made.reported) == ("regression", "RMSE", "")
    assert "is foretold to reach RMSE" in made.recommendation
    assert "foretold RMSE" in str(made)
    assert re.search(r"ridge R²  +kNN R²", str(made))
    spread = float(frame["length"].std())
    assert all(0 < e.forecast.low <= e.forecast.value < 2 * spread for e in made.entries)
    (entry,) = [entry for entry in made.entries if not entry.is_baseline]
    assert set(entry.scores) == {"ridge", "knn", "logme"}
    assert "one class each" in entry.silent["h-score"]


def test_a_network_that_tells_no_row_from_another_has_no_scores(monkeypatch):
    from automl_nb.features.text import FrozenText

    read = FrozenText.transform

    def blind(self, frame, **how):
        found = read(self, frame, **how)
        return np.ones_like(found) if self.card.name == "minilm-l3" else found

    monkeypatch.setattr(FrozenText, "transform", blind)
    frame = texts(60)
    frame["text"] += " and so on"  # nobody else's, as what is read is kept
    made = automl_nb.explore(
        frame, "library", time="5m", backbones=["minilm-l3", "minilm-l6"], test_size=0
    )
    blind_one = next(entry for entry in made.entries if entry.name == "minilm-l3")
    assert blind_one.scores == {}
    assert set(blind_one.silent.values()) == {"constant features"}
    assert made.backbones == ("minilm-l6",)
    assert "constant features" in str(made)
    assert made.frame.set_index("backbone")["ridge"].isna()["minilm-l3"]


def test_rows_of_one_group_stay_together():
    frame = mixed(ROWS).assign(group=np.arange(ROWS) // 5)
    made = automl_nb.explore(
        frame, "library", time="60s", backbones=["minilm-l3"], group="group", test_size=0
    )
    assert made.entries[0].forecast is not None


def test_fewer_rows_can_be_asked_for():
    made = automl_nb.explore(
        texts(ROWS), "library", time="60s", backbones=["minilm-l3"], sample=60, test_size=0
    )
    assert (made.n_looked, made.n_rows) == (60, ROWS)


def test_rows_of_the_later_test_part_are_not_looked_at():
    made = automl_nb.explore(texts(ROWS), "library", time="60s", backbones=["minilm-l3"])
    assert made.n_rows == round(0.8 * ROWS)


def test_an_interrupt_gives_what_is_known(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(survey, "probe", interrupted)
    made = automl_nb.explore(texts(ROWS), "library", time="60s", backbones=["minilm-l3"])
    assert made.ended == "interrupted"
    assert made.entries[0].scores["ridge"] > 0.4
    assert made.entries[0].forecast is None
    assert made.backbones == ("minilm-l3",)
    assert "ended early: interrupted" in str(made)


def test_an_interrupt_before_anything_is_known_says_so(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(survey, "baseline", interrupted)
    made = automl_nb.explore(texts(ROWS), "library", time="60s", backbones=["minilm-l3"])
    assert made.recommendation.startswith("No network can be recommended")
    with pytest.raises(SettingError, match="looked at before it can be drawn"):
        made.plot()


def test_damaged_weights_cost_only_themselves(monkeypatch):
    from automl_nb.core.errors import WeightsError
    from automl_nb.explorer.candidates import Pair

    whole = Pair.encoder

    def damaged(pair, device, max_length=None):
        if pair.card.name == "minilm-l6":
            raise WeightsError("The weights must be whole.", received="half of them")
        return whole(pair, device, max_length)

    monkeypatch.setattr(Pair, "encoder", damaged)
    made = automl_nb.explore(texts(ROWS), "library", time="60s")
    assert made.backbones == ("minilm-l3",)
    assert "The weights must be whole" in str(made)


@pytest.mark.parametrize(
    ("seconds", "room", "rows", "kept"),
    [
        ((4.0, 8.0), 60.0, 2000, ["4", "8"]),
        ((4.0, 8.0), 6.0, 1000, ["4", "8"]),
        ((4.0, 8.0, 900.0), 12.0, 2000, ["4", "8"]),
        ((900.0,), 9.0, 120, ["900"]),
        ((900.0, 800.0), -1.0, 120, ["800"]),
    ],
)
def test_time_decides_how_many_rows_are_read_and_by_whom(seconds, room, rows, kept):
    readers = [looked.Reader("text", f"{s:g}", None, s) for s in seconds]
    who, n, slow = looked.who_reads(readers, 2000, room)
    assert ([reader.name for reader in who], n) == (kept, rows)
    assert len(who) + len(slow) == len(readers)


def test_a_network_that_is_too_slow_is_named_with_the_reason(monkeypatch):
    from automl_nb.features.text import FrozenText

    measured = FrozenText.estimate_s
    monkeypatch.setattr(
        FrozenText,
        "estimate_s",
        lambda self, frame: 9e9 if self.card.name == "minilm-l6" else measured(self, frame),
    )
    made = automl_nb.explore(texts(ROWS), "library", time="60s")
    assert made.backbones == ("minilm-l3",)
    assert "minilm-l6: it is too slow here" in str(made)


def test_a_network_for_which_no_time_was_left_is_not_called_slow(monkeypatch):
    from automl_nb.core.trials import Deadline

    monkeypatch.setattr(Deadline, "elapsed", property(lambda self: 2 * self.seconds))
    made = automl_nb.explore(texts(ROWS), "library", time="60s")
    assert len(made.backbones) == 1
    assert "the time was used up before it could be compared" in str(made)
    assert "slow" not in str(made)


@pytest.mark.parametrize("busy", [False, True])
def test_what_seemed_too_slow_is_compared_if_the_others_leave_it_the_time(monkeypatch, busy):
    from automl_nb.features.text import FrozenText

    measured, raced = FrozenText.estimate_s, []

    def estimated(self, frame):
        if self.card.name != "minilm-l6" or raced:
            return measured(self, frame)
        return 9e9 if busy else 1700.0  # more than the half of the time that all may read

    def race(self, *, always=False):
        raced.append((self.card.name, always))
        return True

    monkeypatch.setattr(FrozenText, "estimate_s", estimated)
    monkeypatch.setattr(FrozenText, "rate_again", race)
    made = automl_nb.explore(texts(ROWS), "library", time=3000, test_size=0)
    assert raced == ([("minilm-l6", True)] if busy else [])
    compared = {e.name: (e.n_rows, e.note) for e in made.entries if e.forecast}
    whole = (ROWS, "")
    assert compared == {"minilm-l6": whole, "minilm-l3": whole, "tfidf-word": whole}


@pytest.mark.parametrize(
    ("frame", "label", "options", "error", "told"),
    [
        (texts, "library", {"backbones": ["minilm-l7"]}, UnknownNameError, "minilm-l6"),
        (texts, "libary", {}, ColumnError, "Did you mean 'library'"),
        (texts, None, {}, SettingError, "name of the column"),
        (texts, "library", {"metric": "f1"}, UnknownNameError, "no option"),
        (texts, "library", {"time": "-3m"}, SettingError, "more than zero"),
        (table, "cultivar", {}, DataError, "no column of either"),
        (
            texts,
            "library",
            {"backbones": ["efficientnet-lite0"]},
            SettingError,
            "needs a column of images",
        ),
    ],
)
def test_bad_input_is_said_plainly_and_at_once(frame, label, options, error, told):
    with pytest.raises(error, match=told):
        automl_nb.explore(frame(), label, **options)


def test_a_label_with_one_class_is_refused():
    frame = pd.DataFrame({"text": texts(30)["text"], "y": ["a"] * 30})
    with pytest.raises(LabelError):
        automl_nb.explore(frame, "y")


def test_a_forecast_of_a_share_is_never_below_none():
    made = automl_nb.explore(
        texts(300).groupby("library").head(4), "library", time="60s", backbones=["minilm-l3"]
    )
    assert all(entry.forecast.low >= 0.0 for entry in made.entries if entry.forecast)


def test_texts_that_no_network_here_reads_get_a_next_step():
    frame = pd.DataFrame(
        {"text": [f"这部电影很好看第{i}次" if i % 2 else f"质量太差了{i}" for i in range(60)]}
    ).assign(y=["a", "b"] * 30)
    made = automl_nb.explore(frame, "y", time="60s")
    assert made.backbones == ()
    assert "chinese-roberta reads these rows, once fetched" in made.recommendation
    assert "Characters alone are foretold to reach" in made.recommendation


def test_exploring_needs_networks():
    with pytest.raises(SettingError, match="needs some"):
        automl_nb.explore(texts(ROWS), "library", backbones=["none"])


def test_a_place_that_cannot_be_written_is_told(card, tmp_path):
    with pytest.raises(SettingError, match="can be written"):
        card.save(tmp_path / "nowhere" / "card.json")
