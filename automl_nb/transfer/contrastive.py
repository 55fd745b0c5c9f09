"""Contrastive tuning for few rows: the backbone learns which rows belong together.

As SetFit does (Tunstall et al. 2022, arXiv 2209.11055) the network is tuned on pairs first and
a head is then solved on its features. The pairs are those within a batch (Khosla et al. 2020,
arXiv 2004.11362): a batch of n rows has n (n - 1) of them for n forward passes, where pairs drawn
one by one cost two passes each.

So few rows can't spare any for early stopping. The recipe is fixed instead, a few folds say
how well it does, and the model that is kept has learnt from all rows. The folds' networks take
half as many passes, so that what is said of the model is rather too little than too much.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.space import Float, Int, Space
from automl_nb.core.trials import Cancelled, Deadline, Decision, Report, TooSlow
from automl_nb.core.types import Task, TaskKind
from automl_nb.transfer.augment.catalog import AUGMENTATIONS
from automl_nb.transfer.base import Candidate, Trial, TrialContext
from automl_nb.transfer.crossfit import plain_loss
from automl_nb.transfer.few_folds import few_folds
from automl_nb.transfer.initialise.base import probe_context, width_of
from automl_nb.transfer.loop import Lesson, train, with_less_memory
from automl_nb.transfer.resume import noted, recalled
from automl_nb.transfer.supcon import TEMPERATURE, balanced_batches, supervised_contrast
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.transfer.tuner import Tuner, network_in_time, targets_of

if TYPE_CHECKING:
    import torch

    from automl_nb.data.split import Fold
    from automl_nb.features.frozen import FrozenEncoder
    from automl_nb.transfer.linear import LinearPredictor
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard

FOLDS = 3  # networks that are tuned to be judged, beside the one that is kept
_FEW = 16  # rows in the median class; scores of so few can't weigh anything, and two are enough
EPOCHS = 20.0
_JUDGING_EPOCHS = 0.5  # of those of the network that is kept
_LEAST_EPOCHS = 4.0  # fewer make features worse than those that came, and are half of a model
_ENCODING = 0.35  # of a forward pass's cost in training: reading the rows once afterwards
_HEADS = ("logistic", "class-mean")


class Contrastive(Tuner):
    """Strategy ``contrastive``: supervised contrast, then the head solved anew."""

    name = "contrastive"
    fewest_rows = 6

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Rows must belong to one class each."""
        del card
        if task.kind in {TaskKind.BINARY, TaskKind.MULTICLASS}:
            return ""
        return "it learns which rows share a class, and here a row has no one class"

    def ignores(self, option: str, value: str) -> bool:
        """The contrast is the loss, the head comes last, and pairs are of whole rows."""
        if option != "augment":
            return True
        return value != "auto" and bool(AUGMENTATIONS[value].load().mixes)

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Two classes with two rows at least."""
        if context.task.kind not in {TaskKind.BINARY, TaskKind.MULTICLASS}:
            return "it learns which rows share a class, and here a row has no one class"
        if (np.bincount(context.y) > 1).sum() < 2:
            return "two classes with two rows each are needed to tell alike from unlike"
        return super().applies(context, inputs)

    def space(self) -> Space:
        """The temperature of the contrast, and how many folds judge."""
        return Space(
            (
                Float("temperature", 0.01, 1.0, TEMPERATURE, log=True, summary="of the contrast"),
                Int("folds", 2, 10, FOLDS, summary="networks tuned to be judged"),
            )
        )

    def usual(self, card: BackboneCard, n_rows: int) -> dict[str, float]:
        """As often over few rows as over many."""
        return {**super().usual(card, n_rows), "epochs": EPOCHS}

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The backbone's layers; the head comes later."""
        return super().groups(student)[1:]

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Tune a network a fold, score the rows it didn't see; then tune one on all rows.

        Args:
            context: The trial's data and limits.
            inputs: Not used: the column is read itself.
            config: ``column``, ``backbone``, ``modality``; further what `COMMON` and `space`
                name.

        Raises:
            TooSlow: The budget allows neither four passes over the rows nor what was asked for.
        """
        del inputs
        started = now()
        context.cancel.check()
        settings: dict[str, Any] = dict(config)
        self._check(settings, context.task)
        everything = np.arange(len(context.y))
        network = network_in_time(context, settings, everything)
        plan = _plan(context, network, settings)
        judged = _Judged(context)
        last: _Tuned | None = None
        try:
            for number, fold in enumerate(plan.folds):
                part = context.part(f"network-{number}")
                last = yield from self._tuned(part, network, plan.judging, number, fold.fit)
                judged.add(fold, last)
                if last.stopped:
                    break
            else:
                part, number = context.part("network"), len(plan.folds)
                last = yield from self._tuned(part, network, plan, number, everything)
        except Cancelled:
            if last is None:
                raise
        assert last is not None
        name = judged.best()
        predictor = TunedPredictor(last.encoder, last.heads[name], judged.seconds_a_row)
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=(),
            predictor=predictor,
            oof=judged.oof[name],
            fit_s=now() - started,
            note=f"{last.epochs:.1f} epochs, {name} head, {judged.folds} folds",
            refitted=last.rows == len(everything),
            config={key: value for key, value in config.items() if key != "name"},
        )

    def _tuned(
        self, context: TrialContext, network: Network, plan: _Plan, number: int, rows: np.ndarray
    ) -> Generator[Report, Decision, _Tuned]:
        """The network tuned on some rows, and the heads solved on what it makes of them."""
        left = max(0.1, context.deadline.left)
        clock = Deadline(left * plan.share(number, len(context.y)))
        made: _Tuned = yield from with_less_memory(
            lambda size, _: self._contrasted(context, network, plan, (number, rows, clock), size),
            plan.batch,
            min(plan.batch, network.at_once),
            checkpoints=context.checkpoints,
        )
        context.deadline.pressed = context.deadline.pressed or clock.pressed
        return made

    def _contrasted(
        self,
        context: TrialContext,
        network: Network,
        plan: _Plan,
        which: tuple[int, np.ndarray, Deadline],
        size: int,
    ) -> Generator[Report, Decision, _Tuned]:
        import torch

        from automl_nb.transfer.student import Student

        number, rows, clock = which
        torch.manual_seed(context.seed)
        student = Student(context, network, _no_head(context, network), plan.config, rows)
        self.shape(student)
        training = train(
            self._contrast(student, rows, size, plan.epochs),
            trial_id=context.trial_id,
            device=network.device,
            mixed=network.mixed,
            deadline=clock,
            cancel=context.cancel,
            checkpoints=context.checkpoints,
        )
        stopped, answer = False, None
        while True:
            try:
                report = next(training) if answer is None else training.send(answer)
            except StopIteration as end:
                reached = end.value
                break
            answer = yield _renumbered(report, number, plan)
            stopped = stopped or answer is Decision.STOP
        encoder = network.encoder_with(student.backbone)
        heads = _solved(context, encoder, rows)
        return _Tuned(encoder, heads, reached.epochs, len(rows), stopped)

    def _contrast(self, student: Student, rows: np.ndarray, size: int, epochs: float) -> Lesson:
        context, config = student.context, student.config
        temperature = self.setting(config, "temperature")
        y, targets = context.y, targets_of(context)

        def batches(epoch: int) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
            import torch

            rng = np.random.default_rng([context.seed, epoch])
            for batch in balanced_batches(y, rows, size, rng):
                made = student.network.load(batch, rng)
                yield made, torch.from_numpy(targets[batch])

        def loss(inputs: dict[str, torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
            import torch

            features = torch.nn.functional.normalize(student.features(inputs), dim=1)
            labels = targets.argmax(dim=1).to(features.device)
            return supervised_contrast(features, labels, temperature)

        return Lesson(
            module=student.module,
            groups=self.groups(student),
            batches=batches,
            loss=loss,
            judge=None,
            steps_an_epoch=max(1, -(-len(rows) // size)),
            epochs=epochs,
            least_epochs=min(1.0, epochs),
            judge_share=0.0,
            weight_decay=float(config.get("weight_decay", 0.01)),
            ema=float(config.get("ema", 0.999)),
            after_step=lambda *how: self.after_step(student, *how),
        )


@dataclass(frozen=True)
class _Plan:
    """The fixed recipe: which folds, how many passes, how large a batch."""

    folds: tuple[Fold, ...]
    epochs: float
    batch: int
    config: dict[str, Any]

    @property
    def judging(self) -> _Plan:
        """The recipe of the networks that are tuned to be judged."""
        return replace(self, epochs=_JUDGING_EPOCHS * self.epochs)

    def share(self, number: int, rows: int) -> float:
        """Of the time left, what the network of this number may take."""
        judging = [_JUDGING_EPOCHS * len(fold.fit) for fold in self.folds]
        costs = [*judging, float(rows)][number:]
        return costs[0] / sum(costs)


@dataclass(frozen=True)
class _Tuned:
    """A tuned network with the heads that were solved on it."""

    encoder: FrozenEncoder
    heads: dict[str, LinearPredictor]
    epochs: float
    rows: int
    stopped: bool


class _Judged:
    """Scores of rows that the network which gave them hadn't seen, for each head."""

    def __init__(self, context: TrialContext) -> None:
        self._context = context
        shape = (len(context.y), context.task.n_outputs)
        self.oof = {name: np.full(shape, np.nan) for name in _HEADS}
        self.folds, self.seconds_a_row = 0, 0.0

    def add(self, fold: Fold, tuned: _Tuned) -> None:
        """One fold more."""
        from automl_nb.transfer.linear import link

        frame = self._context.blocks.take(fold.judge).frame
        began = now()
        features = np.asarray(tuned.encoder.transform(frame, cancel=self._context.cancel))
        self.seconds_a_row = (now() - began) / len(fold.judge)
        for name, head in tuned.heads.items():
            margins = np.asarray(features @ head.coef, dtype=np.float64) + head.intercept
            self.oof[name][fold.judge] = link(margins, head.kind)
        self.folds += 1

    def best(self) -> str:
        """The head of least loss."""
        y = self._context.y
        rows = np.flatnonzero(np.isfinite(self.oof[_HEADS[0]]).all(axis=1))
        return min(
            _HEADS,
            key=lambda name: plain_loss(self.oof[name][rows], y[rows], self._context.task),
        )


def _plan(context: TrialContext, network: Network, config: dict[str, Any]) -> _Plan:
    """As many folds and passes as there is time for.

    Raises:
        TooSlow: The fewest passes that are worth it would take too long.
    """
    batch = int(config.get("batch", network.batch))
    if (begun := recalled(context, "plan")) is not None:
        folds = few_folds(context.folds, begun["folds"])
        return _Plan(folds, begun["epochs"], batch, config)
    epochs = float(config.get("epochs", EPOCHS))
    epoch_s = network.estimate_epoch_s(np.arange(len(context.y)))
    wanted = int(config.get("folds", _usual_folds(context)))
    for most in sorted({wanted, min(wanted, 2)}, reverse=True):
        folds = few_folds(context.folds, most)
        judging = sum(len(fold.fit) for fold in folds) / len(context.y)
        a_pass = epoch_s * (1.0 + _JUDGING_EPOCHS * judging)
        beside = _ENCODING * epoch_s * (1.0 + judging)
        if context.deadline.allows(epochs * a_pass + beside):
            break
    possible = min(epochs, (0.9 * context.deadline.left - beside) / max(a_pass, 1e-9))
    least = min(_LEAST_EPOCHS, epochs)
    if possible < least:
        if network.encoder.rate_again():
            return _plan(context, network, config)
        raise TooSlow(least * a_pass + beside, context.deadline.left)
    noted(context, "plan", {"folds": most, "epochs": possible})
    return _Plan(folds, possible, batch, config)


def _usual_folds(context: TrialContext) -> int:
    """Fewer where what they say can't count for much."""
    sizes = np.bincount(context.y)
    return 2 if np.median(sizes[sizes > 0]) <= _FEW else FOLDS


def _solved(
    context: TrialContext, encoder: FrozenEncoder, rows: np.ndarray
) -> dict[str, LinearPredictor]:
    """The heads on what the tuned network makes of the rows that it learnt from."""
    from automl_nb.transfer.discriminant import class_means, head_of
    from automl_nb.transfer.initialise.solved import FromLogistic
    from automl_nb.transfer.linear import LinearPredictor

    frame = context.blocks.take(rows).frame
    features = np.asarray(encoder.transform(frame, cancel=context.cancel))
    inner = probe_context(features, replace(context, y=context.y[rows]))
    task, y = context.task, context.y[rows]
    weight = None if context.class_weight is None else context.class_weight[y]
    coef, intercept = head_of(class_means, features, y, task.kind, len(task.classes), weight=weight)
    return {
        "logistic": FromLogistic().head(features, inner),
        "class-mean": LinearPredictor((), coef, intercept, task.kind),
    }


def _no_head(context: TrialContext, network: Network) -> LinearPredictor:
    from automl_nb.transfer.linear import LinearPredictor

    width = width_of(context.task)
    shape = (network.backbone.card.dimension, width)
    return LinearPredictor((), np.zeros(shape), np.zeros(width), context.task.kind)


def _renumbered(report: Report, number: int, plan: _Plan) -> Report:
    """One network's report as a report on all of them."""
    share = report.resource / report.total if report.total else 1.0
    return replace(report, resource=number + min(1.0, share), total=len(plan.folds) + 1.0)
