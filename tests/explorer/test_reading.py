"""What a text network makes of a language is taken over as it is judged elsewhere."""

import importlib.util
import sys
import types

import pytest

import automl_nb
from automl_nb.explorer import reading
from tests.support.frames import texts


@pytest.fixture
def judged(monkeypatch):
    """A judge for whom minilm-l6 can't read anything."""

    def language_fit(card, tokenizer, rows):
        assert tokenizer.encode(rows[:1])
        return types.SimpleNamespace(
            fertility=1.4,
            unknown_share=0.25,
            scripts={"Latin": 1.0},
            fits=card.name != "minilm-l6",
            reason=f"{card.name} was tried on {len(rows)} rows.",
        )

    made = types.ModuleType(reading._LANGUAGE)
    made.language_fit = language_fit
    made.__spec__ = importlib.util.spec_from_loader(reading._LANGUAGE, None)
    monkeypatch.setitem(sys.modules, reading._LANGUAGE, made)


def test_a_network_that_cannot_read_the_rows_comes_last_and_is_not_recommended(judged):
    made = automl_nb.explore(texts(60), "library", time="60s", test_size=0)
    networks = [entry for entry in made.entries if not entry.is_baseline]
    assert [entry.name for entry in networks] == ["minilm-l3", "minilm-l6"]
    assert made.backbones == ("minilm-l3",)
    assert networks[1].reading.scripts == ("Latin",)
    for form in made.shown().values():
        assert "no, 1.4 tokens/word" in form
        assert "minilm-l6 was tried on 60 rows." in form
    assert made.frame["can_read"].tolist()[:2] == [True, False]


def test_where_nobody_judges_the_column_stays_empty(monkeypatch):
    monkeypatch.setattr(reading, "_LANGUAGE", "automl_nb.explorer.no_such_part")
    made = automl_nb.explore(texts(60), "library", time="60s", test_size=0, backbones=["minilm-l3"])
    assert made.entries[0].reading is None
    assert "tokens/word" not in str(made)
