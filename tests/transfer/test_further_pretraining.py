"""Hidden words: which are hidden, that guessing is learnt, and when the result is kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from automl_nb.core.errors import SettingError
from automl_nb.core.trials import CancelToken
from automl_nb.core.types import TaskKind
from automl_nb.transfer import further_pretraining as further
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.further_pretraining import FurtherPretraining, neighbour_score
from automl_nb.transfer.given import GivenBlocks
from automl_nb.transfer.masking import NOT_ASKED, Guesser, hide
from automl_nb.transfer.tuner import rows_of
from automl_nb.zoo.load import load_backbone, resolve
from tests.support import trials

CONFIG = {
    "column": "text",
    "backbone": "minilm-l3",
    "modality": "text",
    "epochs": 1.0,
    "passes": 0.5,
    "max_length": 16,
}


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("minilm-l3")


def test_words_are_hidden_as_in_the_paper(backbone):
    tokenizer = backbone.tokenizer
    ids, mask = tokenizer.pad(tokenizer.encode(["the quick brown fox"] * 4000 + ["a"] * 10))
    hidden, targets = hide(ids, mask, tokenizer, 30522, rng=np.random.default_rng(0))
    asked = targets != NOT_ASKED
    assert not asked[np.isin(ids, list(tokenizer.special_ids))].any()
    assert not asked[mask == 0].any()
    np.testing.assert_array_equal(targets[asked], ids[asked])
    np.testing.assert_array_equal(hidden[~asked], ids[~asked])
    words = (mask == 1) & ~np.isin(ids, list(tokenizer.special_ids))
    assert asked.sum() / words.sum() == pytest.approx(0.15, abs=0.01)
    became_mask = (hidden == tokenizer.mask_id)[asked].mean()
    assert became_mask == pytest.approx(0.8, abs=0.03)
    assert (hidden == ids)[asked].mean() == pytest.approx(0.1, abs=0.02)


def test_only_the_hidden_words_are_scored(backbone):
    torch.manual_seed(0)
    guesser = Guesser(backbone.trainable().module)
    ids, mask = backbone.tokenizer.pad(backbone.tokenizer.encode(["a fine cup of tea", "tea"]))
    inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
    targets = torch.full(ids.shape, NOT_ASKED)
    assert float(guesser(inputs, targets).detach()) == 0.0
    targets[0, 2] = int(ids[0, 2])
    with torch.no_grad():
        hidden = guesser.body(**inputs).last_hidden_state[0, 2]
        made = guesser.norm(torch.nn.functional.gelu(guesser.dense(hidden)))
        scores = guesser.body.get_input_embeddings().weight @ made + guesser.bias
        expected = -torch.log_softmax(scores, dim=0)[int(ids[0, 2])]
        torch.testing.assert_close(guesser(inputs, targets), expected)


def test_word_embeddings_stay_as_they_are(backbone):
    guesser = Guesser(backbone.trainable().module)
    names = [name for name, _ in guesser.named_parameters()]
    assert "words" not in names
    assert sum(p.numel() for p in guesser.fresh()) < 30522 + 400 * 400


def learnt_from(monkeypatch, context, **config):
    """The texts whose hidden words were guessed."""
    seen = []

    def watched(network, ids, size, seed):
        seen.extend(ids)
        return known(network, ids, size, seed)

    known = further._hidden_batches
    monkeypatch.setattr(further, "_hidden_batches", watched)
    candidate = trials.trained("further-pretraining", context, (), **{**CONFIG, **config})
    return {tuple(one) for one in seen}, candidate


def test_texts_that_judge_are_never_read_and_unlabelled_ones_are(monkeypatch, backbone):
    context = trials.texts(60)
    more = pd.DataFrame({"text": ["A text about tea and nothing else.", "Of bread."]})
    context = replace(context, unlabelled=GivenBlocks({}, more))
    seen, candidate = learnt_from(monkeypatch, context)
    fit, judge = rows_of(context)

    def ids(texts):
        return {tuple(one) for one in backbone.tokenizer.encode(list(texts), 16)}

    text = context.blocks.frame["text"]
    assert seen == ids(text.iloc[fit]) | ids(more["text"])
    assert not seen & (ids(text.iloc[judge]) - ids(text.iloc[fit]))
    assert np.isfinite(candidate.oof[judge]).all()
    assert np.isnan(candidate.oof[fit]).all()


@pytest.mark.parametrize(("scores", "word"), [([0.5, 0.4], "not kept"), ([0.4, 0.4], "kept")])
def test_what_makes_neighbours_worse_is_not_kept(monkeypatch, scores, word):
    given = iter(scores)
    monkeypatch.setattr(further, "_by_neighbours", lambda *_: next(given))
    strategy = FurtherPretraining()
    candidate, _ = trials.finish(strategy.train(trials.texts(60), (), CONFIG))
    assert f"hidden words {word}:" in candidate.note
    pretrained = load_backbone("minilm-l3")
    assert (strategy._ready.backbone is pretrained) == (word == "not kept")


def test_guessing_hidden_words_is_learnt(backbone):
    from automl_nb.transfer.loop import train
    from automl_nb.transfer.tuning import network_for

    context = trials.texts(60)
    network = network_for(context, CONFIG)
    torch.manual_seed(0)
    guesser = Guesser(network.backbone.trainable().module)
    rows = np.arange(60)
    lesson = further._lesson(context, network, guesser, {**CONFIG, "passes": 6.0}, rows)
    _, reports = trials.finish(
        train(
            lesson,
            trial_id="t",
            device="cpu",
            mixed="no",
            deadline=context.deadline,
            cancel=context.cancel,
        )
    )
    losses = [report.metrics["train_loss"] for report in reports]
    assert losses[-1] < 0.8 * losses[0]


def test_the_probe_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    X = rng.normal(size=(60, 5)) + 2.0 * np.eye(3, 5)[y]
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)

    def weigh(distance):  # of unit vectors: |a - b|^2 = 2 - 2 cos
        return np.exp(-20.0 * distance**2 / 2.0)

    right = []
    for i in range(60):
        rest = np.delete(np.arange(60), i)
        known = KNeighborsClassifier(10, weights=weigh).fit(unit[rest], y[rest])
        right.append(known.predict(unit[i : i + 1])[0] == y[i])
    assert neighbour_score(X, np.eye(3)[y], TaskKind.MULTICLASS) == pytest.approx(np.mean(right))
    line = np.stack([np.cos(np.linspace(0, 1, 50)), np.sin(np.linspace(0, 1, 50))], axis=1)
    values = np.linspace(0, 1, 50)[:, None]
    assert neighbour_score(line, values, TaskKind.REGRESSION) > 0.9
    several = np.eye(3)[y]
    assert 0.8 < neighbour_score(X, several, TaskKind.MULTILABEL) <= 1.0


def test_pictures_and_networks_without_a_mask_are_refused_in_words(monkeypatch):
    task = trials.texts(20).task
    strategy = FurtherPretraining()
    assert strategy.refuses(resolve("minilm-l3"), task) == ""
    assert "reads image" in strategy.refuses(resolve("efficientnet-lite0"), task)
    monkeypatch.setattr("automl_nb.zoo.tokenizer.TextTokenizer.mask_id", None)
    with pytest.raises(SettingError, match="mask"):
        trials.trained("further-pretraining", trials.texts(60), (), **CONFIG)


@pytest.mark.parametrize("reports", [0, 1])
def test_stopped_while_words_are_guessed_a_head_on_the_network_that_came_is_left(
    reports, monkeypatch
):
    """Before the first report of hidden words, and after it."""
    token = CancelToken()
    context = replace(trials.texts(60), cancel=token)
    guess = Guesser.forward

    def stopping(self, inputs, targets):
        if not reports:
            token.cancel("enough")
        return guess(self, inputs, targets)

    monkeypatch.setattr(Guesser, "forward", stopping)
    trial = FurtherPretraining().train(context, (), CONFIG)
    if reports:
        next(trial)
        token.cancel("enough")
    candidate, _ = trials.finish(trial, begun=bool(reports))
    assert "as it came" in candidate.note
    rows = np.flatnonzero(np.isfinite(candidate.oof).all(axis=1))
    prior = trials.trained("prior", replace(context, cancel=CancelToken())).oof
    own, floor = (
        plain_loss(s[rows], context.y[rows], context.task) for s in (candidate.oof, prior)
    )
    assert own < floor
    answers = candidate.predictor.predict(context.blocks)
    assert (answers.argmax(axis=1) == context.y).mean() > 0.8
    np.testing.assert_allclose(answers[rows], candidate.oof[rows], atol=1e-6)
    assert candidate.config == {k: v for k, v in CONFIG.items() if k != "name"}
