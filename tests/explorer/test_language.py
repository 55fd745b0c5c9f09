"""Scripts are told apart, and what a tokenizer can't read is noticed."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.explorer.language import (
    cut_of,
    language_fit,
    readable_share,
    reads,
    unread,
    words_of,
)
from automl_nb.explorer.scripts import (
    CHARACTERS,
    count_scripts,
    main_scripts,
    row_shares,
    script_of,
    script_shares,
)
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import load_backbone

PROPERTY = settings(deadline=None, derandomize=True, max_examples=60)
SAID = {
    "Latin": "This tea is good, I shall buy it again: größer, naïve, \uff46\uff55\uff4c\uff4c",
    "Cyrillic": "Этот чай очень хороший",
    "Han": "这茶很好而且便宜",
    "Japanese": "このお茶はとても美味しいです、カタカナー",
    "Hangul": "이 차는 아주 맛있고 저렴해요",
    "Arabic": "هذا الشاي جيد جدا",
    "Devanagari": "यह चाय बहुत अच्छी है",
    "Greek": "Αυτό το τσάι είναι πολύ καλό",
    "Hebrew": "התה הזה טוב מאוד",
    "Thai": "ชานี้ดีมาก",
    "Ethiopic": "ይህ ሻይ በጣም ጥሩ ነው",
}


class Letters:
    """A tokenizer of one token a character, which knows the first 128 alone."""

    unknown_id = 1

    def encode(self, texts, max_length=None):
        return [
            [0, *(2 if ord(sign) < 128 else 1 for sign in text if sign != " "), 0] for text in texts
        ]


@pytest.mark.parametrize("script", SAID)
def test_a_text_has_its_script(script):
    assert main_scripts([SAID[script], "12 !"]) == [script, ""]
    inside = {"Han", "Hiragana", "Katakana"} if script == "Japanese" else {script}
    assert set(script_shares(SAID[script])) <= inside


def test_the_larger_part_of_a_mixed_text_decides():
    assert main_scripts(["чай чай tea", "чай tea tea tea"]) == ["Cyrillic", "Latin"]
    assert script_shares("чай tea") == {"Cyrillic": 0.5, "Latin": 0.5}


def test_one_kana_in_a_chinese_text_is_no_japanese():
    assert main_scripts(["这茶很好而且便宜我会再买の"]) == ["Han"]


@PROPERTY
@given(st.lists(st.text(max_size=40), max_size=6))
def test_counting_together_is_counting_letter_by_letter(texts):
    names, counts = count_scripts(texts)
    assert counts.shape == (len(texts), len(names))
    for text, row in zip(texts, counts, strict=True):
        slow = {}
        for sign in text:
            if script := script_of(sign):
                slow[script] = slow.get(script, 0) + 1
        assert {n: c for n, c in zip(names, row.tolist(), strict=True) if c} == slow


@PROPERTY
@given(st.text(max_size=60))
def test_shares_sum_to_one_or_there_are_no_letters(text):
    shares = script_shares(text)
    letters = [sign for sign in text if script_of(sign)]
    assert sum(shares.values()) == pytest.approx(1.0 if letters else 0.0)
    assert main_scripts([text])[0] in {*shares, "Japanese", ""}
    assert (main_scripts([text])[0] == "") == (not letters)


@PROPERTY
@given(st.characters())
def test_only_letters_have_a_script(sign):
    assert (script_of(sign) == "") or sign.isalpha()
    if unicodedata.name(sign, "").startswith("LATIN SMALL LETTER"):
        assert script_of(sign) == "Latin"


@PROPERTY
@given(st.text(alphabet="abc чай 茶", max_size=30), st.integers(1, 3))
def test_a_rows_script_is_that_of_its_copies(text, times):
    assert main_scripts([text * times])[0] == main_scripts([text])[0]


def test_only_the_beginning_of_a_long_text_is_read():
    assert main_scripts(["a" * CHARACTERS + "я" * 10 * CHARACTERS]) == ["Latin"]


def test_half_characters_are_no_letters():
    assert main_scripts(["\ud83d", "a\udc00"]) == ["", "Latin"]


def test_shares_of_rows_leave_out_rows_without_letters():
    assert row_shares(["Han", "", "Han", "Latin", "Latin", "Han"]) == {"Han": 0.6, "Latin": 0.4}
    assert row_shares(["", ""]) == {}


def test_languages_have_scripts():
    zh, multi, en = CARDS["chinese-bert"], CARDS["multilingual-e5-small"], CARDS["bert"]
    assert [reads(card, "Han") for card in (zh, multi, en)] == [True, True, False]
    assert [reads(card, "Latin") for card in (zh, multi, en)] == [False, True, True]
    serbian = replace(en, languages=("sr",))
    assert [reads(serbian, script) for script in ("Latin", "Cyrillic", "Han")] == [
        True,
        True,
        False,
    ]
    assert readable_share(en, {"Latin": 0.6, "Han": 0.4}) == pytest.approx(0.6)
    assert readable_share(en, {}) == 1.0


def test_fertility_counts_tokens_a_word():
    cut = cut_of(Letters(), ["good tea!", "tea"], spaced=True)
    assert (cut.words, cut.tokens, cut.unknown) == (3, 10, 0)
    assert cut.fertility == pytest.approx(10 / 3)
    unspaced = cut_of(Letters(), ["好茶。"], spaced=False)
    assert (unspaced.words, unspaced.tokens, unspaced.unknown_share) == (2, 2, 1.0)
    assert cut_of(Letters(), ["", "!"], spaced=True).fertility == 0.0


def test_marks_belong_to_their_word():
    assert words_of("बहुत अच्छी है।") == ["बहुत", "अच्छी", "है"]


@pytest.mark.parametrize("script", SAID)
def test_an_english_backbone_reads_latin_rows_alone(script):
    backbone = load_backbone("minilm-l3")
    found = language_fit(backbone.card, backbone.tokenizer, [SAID[script]])
    assert found.fits == (script == "Latin")
    assert found.scripts == {script: 1.0}
    assert found.readable == float(script == "Latin")
    assert found.reason.startswith("minilm-l3 ")


@pytest.mark.parametrize("script", ["Cyrillic", "Han", "Japanese", "Hangul", "Greek", "Arabic"])
def test_a_tokenizer_gives_away_languages_that_no_card_names(script):
    backbone = load_backbone("minilm-l3")
    nameless = replace(backbone.card, languages=())
    assert not language_fit(nameless, backbone.tokenizer, [SAID[script]]).fits
    german = ["Der Tee ist sehr gut und billig, ich kaufe ihn wieder."]
    assert language_fit(nameless, backbone.tokenizer, german).fits


def test_a_mixed_table_is_measured_part_by_part():
    backbone = load_backbone("minilm-l3")
    texts = [SAID["Latin"]] * 6 + [SAID["Han"]] * 4
    found = language_fit(backbone.card, backbone.tokenizer, texts)
    assert found.readable == pytest.approx(0.6)
    assert not found.fits
    assert "40% of the rows" in found.reason
    assert "Han" in found.reason


def test_rows_in_several_scripts_are_one_reason_and_a_few_unread_rows_are_told_too():
    backbone = load_backbone("minilm-l3")

    def read(**times):
        texts = [SAID[script] for script, n in times.items() for _ in range(n)]
        return language_fit(backbone.card, backbone.tokenizer, texts)

    mixed, few = read(Latin=6, Han=3, Cyrillic=1), read(Latin=19, Han=1)
    assert mixed.reason == (
        "minilm-l3 can't read 40% of the rows: they are written in Han and Cyrillic."
    )
    assert few.fits
    assert unread({"b": few, "a": few, "c": read(Latin=2)}) == [
        "a and b can't read 5% of the rows: they are written in Han."
    ]


def test_rows_without_letters_fit_any_backbone():
    found = language_fit(CARDS["bert"], Letters(), ["", "12", "!"])
    assert found.fits
    assert found.fertility == 0.0
    assert language_fit(CARDS["bert"], Letters(), []).fits


@PROPERTY
@given(st.lists(st.text(max_size=20), max_size=8))
def test_measures_are_shares(texts):
    found = language_fit(CARDS["multilingual-e5-small"], Letters(), texts)
    assert 0.0 <= found.unknown_share <= 1.0
    assert found.fertility >= 0.0
    assert 0.0 <= found.readable <= 1.0 + 1e-9
    assert np.isclose(sum(found.scripts.values()), 1.0) or not found.scripts
