"""Further pretraining on the task's own texts, then fine-tuning.

The network first goes on with what it was pretrained by, guessing hidden words, on the texts of
the task and on any without a label (DAPT and TAPT: Gururangan et al. 2020, arXiv 2004.10964). Texts
that judge are left out, and test texts are never here. What it learnt is kept only if nearest
neighbours among the training rows find their class as well as before; then the head is solved
and all is tuned, as ``finetune`` does. Stopped before any of this was judged, what comes out is the
network as it came with a head on it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.errors import SettingError
from automl_nb.core.space import Float, Space
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report
from automl_nb.core.types import Task, TaskKind
from automl_nb.features.text import FrozenText, column_texts
from automl_nb.transfer.base import Candidate, Trial, TrialContext
from automl_nb.transfer.crossfit import one_vs_rest
from automl_nb.transfer.held_out import judged_on
from automl_nb.transfer.loop import Lesson, length_mixed_batches, train
from automl_nb.transfer.resume import noted, recalled
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.transfer.tuner import Tuner, rows_of
from automl_nb.transfer.tuning import TextNetwork, layers_of
from automl_nb.zoo.backbone import hash_weights

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.masking import Guesser
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard

PASSES = 2.0
RATE = 1e-4
_TIME_SHARE = 0.4  # of the time left; the rest is for the task itself
_LEAST_PASSES = 0.2
_FRESH_RATE = 10.0  # of the new transform beside the network's own
_PROBE_ROWS = 2000
_NEIGHBOURS = 10
_SHARPNESS = 20.0  # of a neighbour's vote, as in `knn`

_Read = tuple[np.ndarray, np.ndarray]  # rows, and their features by the network as it came


class FurtherPretraining(Tuner):
    """Strategy ``further-pretraining``: hidden words first, then the task."""

    name = "further-pretraining"

    def __init__(self) -> None:
        self._ready: Network | None = None
        self._said = ""

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Pictures have no words to hide."""
        del task
        if card.modality == "text":
            return ""
        return f"it hides words, and '{card.name}' reads {card.modality}s"

    def space(self) -> Space:
        """Passes over the texts, and the rate."""
        return Space(
            (
                Float("passes", 0.1, 100.0, PASSES, log=True, summary="over the texts"),
                Float("mlm_lr", 1e-6, 1e-2, RATE, log=True, summary="rate of this part"),
            )
        )

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """The network as further pretraining left it."""
        return self._ready or super().network(context, config, fit)

    def settle(self, student: Any, fit: np.ndarray, judge: Any) -> None:
        """Says what became of the first part."""
        del fit, judge
        student.note = self._said

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Guess hidden words, look whether that helps, tune.

        Args:
            context: The trial's data and limits.
            inputs: Not used: the column is read itself.
            config: ``column``, ``backbone``; further what `COMMON` and `space` name.

        Raises:
            SettingError: The column isn't text, or the backbone has no mask.
            TooSlow: There is no time for both parts.
        """
        started = now()
        settings: dict[str, Any] = dict(config)
        self._check(settings, context.task)
        fit, judge = rows_of(context)
        context.cancel.check()
        network = super().network(context, settings, fit)
        _must_hide(network)
        assert isinstance(network, TextNetwork)
        read = network.frozen_features(context, fit)
        made = self._as_it_came(context, network, settings, read, (fit, judge))
        try:
            stopped = yield from self._pretrained(context, network, settings, fit, read)
            self._ready = network
            if stopped:
                settings["epochs"] = min(float(settings.get("epochs", 1.0)), 1.0)
            made, _ = yield from _heard(super().train(context, inputs, settings), 1.0)
        except Cancelled:
            made = replace(made, fit_s=now() - started)
        return replace(made, config={k: v for k, v in config.items() if k != "name"})

    def _as_it_came(
        self,
        context: TrialContext,
        network: TextNetwork,
        config: dict[str, Any],
        read: _Read,
        parts: tuple[np.ndarray, np.ndarray],
    ) -> Candidate:
        """A head on the network as it came, judged; there before anything has been learnt."""
        fit, judge = parts
        head = self.head_on(read, context, network, fit, config)
        # An encoder of its own: the network's will read with what further pretraining made.
        predictor = TunedPredictor(network.encoder_with(network.backbone), head)
        return judged_on(
            judge,
            predictor,
            context,
            config,
            strategy=self.name,
            started=now(),
            note="stopped before anything was judged: the head on the network as it came",
        )

    def _pretrained(
        self,
        context: TrialContext,
        network: TextNetwork,
        config: dict[str, Any],
        fit: np.ndarray,
        read: _Read,
    ) -> Generator[Report, Decision, bool]:
        """Changes `network` if that helps; returns whether to stop."""
        import torch

        from automl_nb.transfer.masking import Guesser

        probe = np.sort(np.random.default_rng(context.seed).permutation(fit)[:_PROBE_ROWS])
        before = _kept_score(context, "before", network.encoder, probe, _of(probe, network, read))
        torch.manual_seed(context.seed)
        further = network.backbone.trainable()
        clock = Deadline(_TIME_SHARE * max(0.0, context.deadline.left))
        trial = train(
            _lesson(context, network, Guesser(further.module), config, fit),
            trial_id=context.trial_id,
            device=network.device,
            mixed=network.mixed,
            deadline=clock,
            cancel=context.cancel,
            checkpoints=context.part("hidden-words").checkpoints,
        )
        reached, stopped = yield from _heard(trial, 0.0)
        context.deadline.pressed = context.deadline.pressed or clock.pressed
        encoder = network.encoder_with(further)
        after = _kept_score(context, "after", encoder, probe)
        helps = after >= before
        self._said = (
            f"{reached.epochs:.1f} passes of hidden words "
            f"{'kept' if helps else 'not kept'}: neighbours {before:.3f} -> {after:.3f}"
        )
        if helps:
            network.start_from(replace(further, weights_sha=hash_weights(further.module)))
        return stopped


def _must_hide(network: Network) -> None:
    tokenizer = network.backbone.tokenizer
    if not isinstance(network, TextNetwork) or tokenizer is None:
        raise SettingError(
            "Further pretraining hides words, so it needs a column of text.",
            received=f"'{network.backbone.card.name}', which reads pictures",
            hint="Choose strategy='finetune' for pictures.",
        )
    if tokenizer.mask_id is None:
        raise SettingError(
            "Further pretraining needs a network whose vocabulary has a mask.",
            received=f"'{network.backbone.card.name}'",
            hint="BERT, MiniLM and RoBERTa have one.",
        )


def _lesson(
    context: TrialContext,
    network: TextNetwork,
    guesser: Guesser,
    config: dict[str, Any],
    fit: np.ndarray,
) -> Lesson:
    """Hidden words of the training rows' texts and of those without a label."""
    rate = float(config.get("mlm_lr", RATE))
    trained = [p for layer in layers_of(guesser.body) for p in layer]
    ids = _known_ids(context, network, fit)
    size = network.at_once
    return Lesson(
        module=guesser,
        groups=[
            {"params": guesser.fresh(), "lr": _FRESH_RATE * rate},
            {"params": trained, "lr": rate},
        ],
        batches=lambda epoch: _hidden_batches(network, ids, size, [context.seed, epoch]),
        loss=lambda inputs, targets: guesser(network.on_device(inputs), targets.to(network.device)),
        judge=None,
        steps_an_epoch=max(1, -(-len(ids) // size)),
        epochs=float(config.get("passes", PASSES)),
        least_epochs=_LEAST_PASSES,
        judge_share=0.0,
    )


def _known_ids(context: TrialContext, network: TextNetwork, fit: np.ndarray) -> list[list[int]]:
    """Token ids of the texts to learn from, each text once."""
    encoder = network.encoder
    assert isinstance(encoder, FrozenText)
    column = encoder.columns[0]
    texts = column_texts(context.blocks.take(fit).frame, column)
    if context.unlabelled is not None:
        texts += column_texts(context.unlabelled.frame, column)
    return encoder.tokens(list(dict.fromkeys(texts)))


def _hidden_batches(
    network: TextNetwork, ids: list[list[int]], size: int, seed: list[int]
) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
    import torch

    from automl_nb.transfer.masking import hide

    tokenizer = network.backbone.tokenizer
    assert tokenizer is not None
    body: Any = network.backbone.module
    n_words = int(body.get_input_embeddings().weight.shape[0])
    rng = np.random.default_rng(seed)
    lengths = np.array([len(one) for one in ids])
    most = int(network.encoder.settings()["max_length"])
    for batch in length_mixed_batches(lengths, np.arange(len(ids)), size, rng):
        padded, mask = tokenizer.pad([ids[row] for row in batch], most)
        hidden, targets = hide(padded, mask, tokenizer, n_words, rng=rng)
        inputs = {"input_ids": torch.from_numpy(hidden), "attention_mask": torch.from_numpy(mask)}
        yield inputs, torch.from_numpy(targets)


def _of(probe: np.ndarray, network: TextNetwork, read: _Read) -> np.ndarray | None:
    """Features of the probe's rows, if they were read; those at hand may be of longer texts."""
    rows, features = read
    known = not network.known and bool(np.isin(probe, rows).all())
    return features[np.searchsorted(rows, probe)] if known else None


def _kept_score(
    context: TrialContext,
    name: str,
    encoder: Any,
    rows: np.ndarray,
    features: np.ndarray | None = None,
) -> float:
    """What nearest neighbours tell; asked once, as all rows must be read for it."""
    known = recalled(context, name)
    if known is None:
        known = noted(context, name, _by_neighbours(context, encoder, rows, features))
    return float(known)


def _by_neighbours(
    context: TrialContext, encoder: Any, rows: np.ndarray, features: np.ndarray | None
) -> float:
    if features is None:
        features = encoder.transform(context.blocks.take(rows).frame, cancel=context.cancel)
    targets = one_vs_rest(context.task, context.y[rows])
    return neighbour_score(np.asarray(features), targets, context.task.kind)


def neighbour_score(X: np.ndarray, targets: np.ndarray, kind: TaskKind) -> float:
    """How well each row's ten nearest others answer for it.

    Args:
        X: (n, d) features; nearness is the cosine.
        targets: (n, k) 0/1 a class, or (n, 1) values.
        kind: The share of right answers for classes, of right labels for multi-label; R^2
            for regression.

    Example:
        >>> X = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
        >>> neighbour_score(X, np.eye(2)[[0, 0, 1, 1]], TaskKind.BINARY)
        1.0
    """
    unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    k = min(_NEIGHBOURS, len(X) - 1)
    near = np.argsort(-alike, axis=1, kind="stable")[:, :k]
    weight = np.exp(_SHARPNESS * (np.take_along_axis(alike, near, axis=1) - 1.0))
    votes = np.einsum("nk,nkc->nc", weight, targets[near].astype(np.float64))
    votes /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    if kind is TaskKind.REGRESSION:
        spread = max(float(np.var(targets)), 1e-12)
        return 1.0 - float(np.mean((votes - targets) ** 2)) / spread
    if kind is TaskKind.MULTILABEL:
        return float(np.mean((votes > 0.5) == (targets > 0.5)))
    return float(np.mean(votes.argmax(axis=1) == targets.argmax(axis=1)))


def _heard(
    trial: Generator[Report, Decision, Any], done: float
) -> Generator[Report, Decision, tuple[Any, bool]]:
    """One of two parts, its reports counted as halves; its result, and whether to stop."""
    answer, stopped = None, False
    while True:
        try:
            report = next(trial) if answer is None else trial.send(answer)
        except StopIteration as end:
            return end.value, stopped
        share = report.resource / report.total if report.total else 0.0
        answer = yield replace(report, resource=done + min(1.0, share), total=2.0)
        stopped = stopped or answer is Decision.STOP
