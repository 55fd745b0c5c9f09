"""Contrastive tuning for few rows: the backbone learns which rows belong together.

As SetFit does (Tunstall et al. 2022, arXiv 2209.11055) the network is tuned on pairs first and
a head is then solved on its features. The pairs are those within a batch (Khosla et al. 2020,
arXiv 2004.11362): a batch of n rows has n (n - 1) of them for n forward passes, where pairs drawn
one by one cost two passes each.

So few rows can't spare any for early stopping. The recipe is fixed instead, a few folds say
how well it does, and the model that is kept has learnt from all rows. The folds' networks take
half as many passes, so that what is said of the model is rather too little than too much.

Held-out losses are reported where they cost next to nothing: of heads on the network as it came,
for which the rows are read once (a hundredth of the trial), and after each network that judges. The
network that is kept has no rows left to be judged on.
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
from automl_nb.transfer.few_folds import few_folds
from automl_nb.transfer.initialise.base import width_of
from automl_nb.transfer.loop import Lesson, train, with_less_memory
from automl_nb.transfer.resume import noted, recalled
from automl_nb.transfer.solved_heads import Headed, Judged, as_it_came, solved
from automl_nb.transfer.supcon import TEMPERATURE, balanced_batches, supervised_contrast
from automl_nb.transfer.tuned import TunedPredictor
from automl_nb.transfer.tuner import Tuner, network_in_time, targets_of

if TYPE_CHECKING:
    import torch

    from automl_nb.data.split import Fold
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

        Stopped early, the last network that was judged is what comes out, or the one that came,
        with a head of its own, where none was or it does no worse.

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
        frozen, by_frozen = as_it_came(context, network.encoder, plan.folds)
        judged = Judged(context)
        last: Headed | None = None
        try:
            answer = yield _told(context, plan, 0, by_frozen, started)
            for number, fold in enumerate(plan.folds):
                if answer is Decision.STOP:
                    break
                part = context.part(f"network-{number}")
                tuned = yield from self._tuned(part, network, plan.judging, number, fold.fit)
                judged.add(fold.judge, tuned)
                last = tuned
                if last.stopped:
                    break
                answer = yield _told(context, plan, number + 1, judged, started)
            else:
                if answer is not Decision.STOP:
                    part, number = context.part("network"), len(plan.folds)
                    last = yield from self._tuned(part, network, plan, number, everything)
        except Cancelled:
            pass  # what was judged before is kept
        kept, judged = _kept((frozen, by_frozen), last, judged)
        name = judged.best()
        predictor = TunedPredictor(kept.encoder, kept.heads[name], judged.seconds_a_row)
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=(),
            predictor=predictor,
            oof=judged.oof[name],
            fit_s=now() - started,
            note=_note(kept, name, judged),
            refitted=kept.rows == len(everything),
            config={key: value for key, value in config.items() if key != "name"},
        )

    def _tuned(
        self, context: TrialContext, network: Network, plan: _Plan, number: int, rows: np.ndarray
    ) -> Generator[Report, Decision, Headed]:
        """The network tuned on some rows, and the heads solved on what it makes of them."""
        left = max(0.1, context.deadline.left)
        clock = Deadline(left * plan.share(number, len(context.y)))
        made: Headed = yield from with_less_memory(
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
    ) -> Generator[Report, Decision, Headed]:
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
        frame = context.blocks.take(rows).frame
        features = np.asarray(encoder.transform(frame, cancel=context.cancel))
        heads = solved(context, features, rows)
        return Headed(encoder, heads, reached.epochs, len(rows), stopped)

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
        beside = _ENCODING * epoch_s * (2.0 + judging)  # as it came, too
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


def _no_head(context: TrialContext, network: Network) -> LinearPredictor:
    from automl_nb.transfer.linear import LinearPredictor

    width = width_of(context.task)
    shape = (network.backbone.card.dimension, width)
    return LinearPredictor((), np.zeros(shape), np.zeros(width), context.task.kind)


def _kept(
    frozen: tuple[Headed, Judged], last: Headed | None, judged: Judged
) -> tuple[Headed, Judged]:
    """The network as it came where nothing was tuned, or tuning was cut short and is no better."""
    if last is None:
        return frozen
    cut_short = last.rows < frozen[0].rows
    common = np.intersect1d(judged.rows, frozen[1].rows)
    if cut_short and len(common) and frozen[1].loss(common) <= judged.loss(common):
        return frozen
    return last, judged


def _note(kept: Headed, head: str, judged: Judged) -> str:
    if not kept.epochs:
        return f"stopped before contrast helped: {head} head on the network as it came"
    return f"{kept.epochs:.1f} epochs, {head} head, {judged.folds} folds"


def _told(context: TrialContext, plan: _Plan, done: int, judged: Judged, started: float) -> Report:
    """So many networks are done; the held-out loss of what was judged."""
    return Report(
        trial_id=context.trial_id,
        resource=float(done),
        metrics={"loss": judged.loss()},
        elapsed_s=now() - started,
        total=len(plan.folds) + 1.0,
    )


def _renumbered(report: Report, number: int, plan: _Plan) -> Report:
    """One network's report as a report on all of them."""
    share = report.resource / report.total if report.total else 1.0
    return replace(report, resource=number + min(1.0, share), total=len(plan.folds) + 1.0)
