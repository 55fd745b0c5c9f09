"""Texts become ids: cut, padded, and the same in any company."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.zoo.load import load_backbone
from automl_nb.zoo.tokenizer import TextTokenizer

TEXTS = st.lists(st.text(max_size=60), min_size=1, max_size=6)


def tokenizer():
    found = load_backbone("minilm-l3").tokenizer
    assert found is not None
    return found


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.integers(3, 40))
def test_any_text_has_ids_that_do_not_depend_on_the_others(texts, limit):
    together = tokenizer().encode(texts, limit)
    assert together == [tokenizer().encode([text], limit)[0] for text in texts]
    assert all(2 <= len(ids) <= limit for ids in together)
    assert all((ids[0], ids[-1]) == (101, 102) for ids in together)


@given(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=7), min_size=1, max_size=5))
def test_padding_keeps_the_ids_and_masks_the_rest(ids):
    made = TextTokenizer.__new__(TextTokenizer)
    made.pad_id = 0
    filled, mask = made.pad(ids)
    assert filled.shape == mask.shape == (len(ids), max(map(len, ids)))
    assert [row[keep == 1].tolist() for row, keep in zip(filled, mask, strict=True)] == ids
    assert not np.any(filled[mask == 0])


@given(
    st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=77), min_size=1, max_size=3),
    st.integers(77, 100),
)
def test_lengths_are_rounded_up_so_that_batches_come_in_few_shapes(ids, most):
    made = TextTokenizer.__new__(TextTokenizer)
    made.pad_id = 0
    filled, mask = made.pad(ids, most)
    longest, length = max(map(len, ids)), filled.shape[1]
    assert length == most or (length % 8 == 0 and longest <= length < longest + 8)
    assert longest <= length <= most
    assert mask.sum() == sum(map(len, ids))


def test_a_text_longer_than_the_network_reads_is_cut_to_its_beginning():
    long = "tea " * 100_000
    ids = tokenizer().encode([long])[0]
    assert len(ids) == 512
    assert tokenizer().encode(["tea " * 600])[0] == ids


def test_saving_keeps_the_rules_but_no_length(tmp_path):
    tokenizer().encode(["a"], 5)
    tokenizer().save(tmp_path)
    again = TextTokenizer.read(tmp_path, pad_id=0, max_length=512)
    assert again.encode(["one two three four five six seven"]) == tokenizer().encode(
        ["one two three four five six seven"]
    )
