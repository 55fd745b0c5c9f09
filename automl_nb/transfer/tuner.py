"""What all strategies that train a network have in common: the recipe and its open places.

A strategy overrides the places where it differs (`refuses`, `space`, `network`, `shape`, `groups`,
`regulariser`, `after_step`, `settling_s`, `settle`); data, loop, memory and judging are the same
for all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.errors import SettingError
from automl_nb.core.space import Space
from automl_nb.core.trials import Decision, Report, TooSlow
from automl_nb.core.types import Task
from automl_nb.transfer.attempt import Attempt
from automl_nb.transfer.base import Trial, TrialContext
from automl_nb.transfer.crossfit import one_vs_rest, plain_loss
from automl_nb.transfer.held_out import judged_on
from automl_nb.transfer.initialise.base import initialiser_for
from automl_nb.transfer.linear import LinearPredictor
from automl_nb.transfer.loop import Lesson, Outcome, train, with_less_memory
from automl_nb.transfer.losses.base import RowLoss, loss_for, without_weights
from automl_nb.transfer.resume import noted, recalled
from automl_nb.transfer.tuned import TunedPredictor

if TYPE_CHECKING:
    import torch

    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard

_MOST_JUDGES = 1000  # held-out rows; the rest of their fold is trained on
_FEWEST_JUDGES = 200
_JUDGE_SHARE = 0.08
_FEWEST_ROWS = 64
_LENGTHS = (128, 64)  # tokens read of a text; memory and time grow with them
_GOOD_EPOCHS = 2.0
_LEAST_EPOCHS = 1.0  # half a one left reviews worse than their frozen features were

Judge = Callable[[], dict[str, float]]


class Tuner:
    """A strategy that trains a copy of a backbone with a linear head.

    Attributes:
        name: As in the registry.
        fewest_rows: Fewer teach a network nothing that a head doesn't know.
        keeps_start: Whether the start comes out where no later weights are better.
        copies: Arrays as large as the network that training holds at least: weights, gradients and
            AdamW's moments of most of them; the weights alone where few are trained.
    """

    name: ClassVar[str]
    fewest_rows: ClassVar[int] = _FEWEST_ROWS
    keeps_start: ClassVar[bool] = True
    copies: ClassVar[float] = 3.0

    # -- the places where strategies differ --------------------------------------

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Why this backbone can't be tuned so for this task, or an empty text if it can.

        Answered from facts alone, before any weights are loaded.
        """
        del card, task
        return ""

    def oversteps(self, card: BackboneCard, config: dict[str, Any]) -> str:
        """Why what is set can't be done with this backbone, or an empty text if it can."""
        del card, config
        return ""

    def ignores(self, option: str, value: str) -> bool:
        """Whether `loss`, `augment` or `head` of this value would be without effect."""
        del option, value
        return False

    def space(self) -> Space:
        """What may be set beside `settable.COMMON`; the names stand in the catalogue too."""
        return Space()

    def usual(self, card: BackboneCard, n_rows: int) -> dict[str, float]:
        """Rate and passes where nothing is set, for so many rows to learn from."""
        from automl_nb.transfer.tuning import usual_rate

        rate = self.space().defaults().get("lr", usual_rate(card))
        return {"lr": float(rate), "epochs": usual_epochs(n_rows)}

    def setting(self, config: Mapping[str, Any], name: str) -> Any:
        """What was set of `space`, within its bounds, or the usual value.

        Raises:
            SettingError: It is out of bounds.
        """
        space = self.space()
        return space.check({name: config.get(name, space.defaults()[name])})[name]

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """The backbone with its column; raises `TooSlow` where that can't be trained in time."""
        return network_in_time(context, config, fit)

    def head(self, context: TrialContext, network: Network, config: dict[str, Any]) -> str:
        """The initialiser of the head, where the config leaves it open."""
        del network, config
        return "logistic" if context.task.kind.is_classification else "ridge"

    def shape(self, student: Student) -> None:
        """Change the network before it is trained: new layers, new weights, fewer gradients."""

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """AdamW's groups: the head, then each layer with a rate that falls downwards."""
        rate, decay = rates(student)
        made = [head_group(student, rate)]
        for depth, layer in enumerate(reversed(student.layers)):
            trained = [p for p in layer if p.requires_grad]
            if trained:
                made.append({"params": trained, "lr": rate * decay**depth})
        return made

    def regulariser(
        self, student: Student, inputs: dict[str, torch.Tensor], features: torch.Tensor
    ) -> torch.Tensor | None:
        """A scalar that is added to a batch's loss, or None.

        Args:
            student: The network with its source weights.
            inputs: The batch, where the network is.
            features: (n, dimension), with gradients.
        """
        del student, inputs, features
        return None

    def after_step(self, student: Student, step: int, total: int, factor: float) -> None:
        """Called after each step of the optimiser.

        Args:
            student: The network.
            step: Steps done.
            total: Steps planned.
            factor: The schedule's share of the full learning rate in this step.
        """

    def settling_s(self, network: Network, judge: np.ndarray) -> float:
        """Seconds that `settle` needs; the schedule leaves them.

        Args:
            network: Knows how fast it reads.
            judge: (n,) held-out rows.
        """
        del network, judge
        return 0.0

    def settle(self, student: Student, fit: np.ndarray, judge: Judge) -> None:
        """Called once with the best weights in place: merge, average, solve the head anew.

        Args:
            student: The network.
            fit: (n,) rows that it was trained on.
            judge: Gives the held-out metrics of the weights as they are; smaller ``"loss"``
                is better. Raises `Cancelled` once the trial is to stop.
        """

    # -- the recipe ---------------------------------------------------------------

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """From 64 rows on, for most."""
        del inputs
        if len(context.y) < self.fewest_rows:
            return f"{len(context.y)} rows are too few to tune a network"
        return ""

    def least_bytes(self, config: Mapping[str, Any]) -> int:
        """Bytes that training holds in any case, known from the card alone."""
        from automl_nb.zoo.load import resolve

        return int(self.copies * 4 * resolve(config["backbone"]).parameters)

    def identity(self, config: dict[str, Any]) -> str:
        """The weights that it starts from."""
        from automl_nb.zoo.load import load_backbone

        return load_backbone(config["backbone"]).weights_sha

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Start the head, tune, keep the best averaged weights.

        Args:
            context: The trial's data and limits.
            inputs: Not used: the column is read itself.
            config: ``column``, ``backbone``, ``modality``; further what
                `settable.COMMON` and `space` name.

        Raises:
            SettingError: Loss, start of the head or backbone don't suit the task or the strategy.
            TooSlow: The budget doesn't allow the least number of epochs.
        """
        del inputs
        started = now()
        settings: dict[str, Any] = dict(config)
        self._check(settings, context.task)
        fit, judge = rows_of(context)
        network = self.network(context, settings, fit)
        try:
            learnt = yield from self._learnt(context, network, settings, fit, judge)
        except TooSlow:
            shorter = _shorter(network, settings)
            if not shorter:
                raise
            network = self.network(context, settings | {"max_length": shorter}, fit)
            learnt = yield from self._learnt(context, network, settings, fit, judge)
        reached, predictor, said = learnt
        return judged_on(
            judge,
            predictor,
            context,
            config,
            strategy=self.name,
            started=started,
            note=", ".join(filter(None, (_note(reached, len(judge), network), said))),
        )

    def _check(self, config: dict[str, Any], task: Task) -> None:
        """That loss, start of the head and backbone suit the task and this strategy."""
        from automl_nb.zoo.load import resolve

        loss_for(config, task)
        if config.get("head", "auto") != "auto":
            initialiser_for(str(config["head"]), task)
        if why := self.refuses(resolve(config["backbone"]), task):
            raise SettingError(
                f"A backbone must be one that '{self.name}' can tune.",
                received=why,
                hint="Choose another backbone or the strategy 'finetune'.",
            )

    def started_head(
        self, context: TrialContext, network: Network, fit: np.ndarray, config: dict[str, Any]
    ) -> LinearPredictor:
        """The head on the frozen features of the training rows."""
        rows, features = network.frozen_features(context, fit)
        return self.head_on((rows, features), context, network, fit, config)

    def head_on(
        self,
        read: tuple[np.ndarray, np.ndarray],
        context: TrialContext,
        network: Network,
        fit: np.ndarray,
        config: dict[str, Any],
    ) -> LinearPredictor:
        """The head on what was read: some of the training rows, and their features."""
        rows, features = read
        chosen = str(config.get("head", "auto"))
        name = self.head(context, network, config) if chosen == "auto" else chosen
        weight = loss_for(config, context.task).class_weight(context, fit, config)
        own = replace(context, y=context.y[rows], class_weight=weight)
        return initialiser_for(name, context.task).head(features, own)

    def _learnt(
        self,
        context: TrialContext,
        network: Network,
        settings: dict[str, Any],
        fit: np.ndarray,
        judge: np.ndarray,
    ) -> Generator[Report, Decision, tuple[Outcome, TunedPredictor, str]]:
        """One training, with as much at a time as the memory holds."""
        head = self._kept_head(context, network, fit, settings)
        learnt: tuple[Outcome, TunedPredictor, str] = yield from with_less_memory(
            lambda size, accumulate: self._tried(
                Attempt(context, network, head, fit, judge, size, accumulate, settings)
            ),
            network.batch,
            network.at_once,
            network.spare_memory,
            context.checkpoints,
        )
        return learnt

    def _kept_head(
        self, context: TrialContext, network: Network, fit: np.ndarray, config: dict[str, Any]
    ) -> LinearPredictor:
        """The head to begin with; solved once, as thousands of rows may be encoded for it."""
        kept, name = context.checkpoints, f"head-{getattr(network.encoder, 'max_length', 0)}"
        found = kept.find(name) if kept else None
        if found is not None:
            arrays = found.arrays
            return LinearPredictor((), arrays["coef"], arrays["intercept"], context.task.kind)
        began = now()
        head = self.started_head(context, network, fit, config)
        if kept and kept.worth(now() - began):
            kept.keep(name, {"coef": head.coef, "intercept": head.intercept}, {})
        return head

    def _tried(
        self, attempt: Attempt
    ) -> Generator[Report, Decision, tuple[Outcome, TunedPredictor, str]]:
        student, reached, judge = yield from self.taught(attempt)
        self.settle(student, attempt.fit, judge)
        tuned = student.network.encoder_with(student.backbone)
        return reached, TunedPredictor(tuned, student.solved()), student.note

    def taught(
        self, attempt: Attempt
    ) -> Generator[Report, Decision, tuple[Student, Outcome, Judge]]:
        """One run of the loop: a student with its best weights in place.

        Returns:
            The student, what the loop reached, and what judges it further.
        """
        import torch

        from automl_nb.transfer.student import Student

        context, network, config = attempt.context, attempt.network, attempt.config
        fit, judge = attempt.fit, attempt.judge
        torch.manual_seed(context.seed)
        student = Student(context, network, attempt.head, config, fit)
        self.shape(student)
        judging = network.batches(judge, targets_of(context), attempt.size, None)
        weight = loss_for(config, context.task).class_weight(context, fit, config)
        judged = partial(_judged, student, judging, weight)
        lesson = self._lesson(student, attempt, judged)
        lesson.judge_share = len(judge) / len(fit) / 3.0
        lesson.judge_s = judging_s(network, judge)
        deadline = context.deadline.sooner(self.settling_s(network, judge))
        try:
            reached = yield from train(
                lesson,
                trial_id=context.trial_id,
                device=network.device,
                mixed=network.mixed,
                deadline=deadline,
                cancel=context.cancel,
                checkpoints=context.checkpoints,
            )
        finally:
            context.deadline.pressed |= deadline.pressed
        return student, reached, judged

    def _lesson(self, student: Student, attempt: Attempt, judge: Any) -> Lesson:
        context, config, fit = attempt.context, attempt.config, attempt.fit
        measure = loss_for(config, context.task).prepare(context, fit, config)
        batches = student.network.batches(fit, student.targets(), attempt.size, context.seed)
        return Lesson(
            module=student.module,
            groups=[*self.groups(student), *_groups_of(measure, student)],
            batches=batches,
            work=batches.work,
            loss=self._loss(student, measure),
            judge=judge,
            steps_an_epoch=max(1, -(-len(fit) // (attempt.size * attempt.accumulate))),
            epochs=float(config.get("epochs", usual_epochs(len(fit)))),
            least_epochs=_LEAST_EPOCHS,
            judge_share=0.0,
            accumulate=attempt.accumulate,
            weight_decay=float(config.get("weight_decay", 0.01)),
            ema=float(config.get("ema", 0.999)),
            keeps_start=self.keeps_start,
            after_step=lambda *how: self.after_step(student, *how),
            rest=batches.rest,
            remembers=student.network.remembers,
        )

    def _loss(self, student: Student, measure: RowLoss) -> Any:
        """The mean loss of a batch, from inputs and targets."""

        def loss(inputs: dict[str, torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
            placed = student.network.on_device(inputs)
            features = student.module.features(placed)
            margins = student.module.head(features).float()
            mean: torch.Tensor = measure(margins, targets.to(margins.device)).mean()
            more = self.regulariser(student, placed, features)
            return mean if more is None else mean + more

        return loss


def rates(student: Student) -> tuple[float, float]:
    """The top layer's learning rate, and the factor from each layer to the one below."""
    config = student.config
    return float(config.get("lr", student.network.rate)), float(config.get("decay", 0.9))


def head_group(student: Student, rate: float) -> dict[str, Any]:
    """The head learns twenty times as fast as the top layer."""
    return {"params": list(student.linear.parameters()), "lr": rate * 20.0}


def _groups_of(measure: RowLoss, student: Student) -> list[dict[str, Any]]:
    """What a loss learns itself: few numbers of size 1, beside weights of a hundredth."""
    import torch

    if not isinstance(measure, torch.nn.Module):
        return []
    learnt = [p for p in measure.to(student.network.device).parameters() if p.requires_grad]
    rate = student.network.rate * 100.0
    return [{"params": learnt, "lr": rate, "weight_decay": 0.0}] if learnt else []


def usual_epochs(n: int) -> float:
    """More passes over fewer rows."""
    return float(np.clip(16_000 / max(1, n), 4.0, 15.0))


def targets_of(context: TrialContext) -> np.ndarray:
    """(n, k) float32 targets: 0 and 1 a class, or the values."""
    return one_vs_rest(context.task, context.y).astype(np.float32)


def network_in_time(
    context: TrialContext,
    config: dict[str, Any],
    fit: np.ndarray,
    changed: Callable[[Network], Network] = lambda network: network,
) -> Network:
    """The network with the longest texts that leave time for two epochs.

    A trial that is continued goes on with texts as long as it began with.

    Args:
        context: The trial's data and limits.
        config: The trial's settings.
        fit: (n,) rows to train on.
        changed: Makes what is to be trained of the whole network.

    Raises:
        TooSlow: Not even one epoch of the shortest would end in time.
    """
    from automl_nb.transfer.tuning import network_for

    begun = recalled(context, "length")
    if begun and begun == config.get("max_length", begun):
        return changed(network_for(context, {**config, "max_length": begun}))
    lengths = [config["max_length"]] if "max_length" in config else list(_LENGTHS)
    least = min(_LEAST_EPOCHS, float(config.get("epochs", _LEAST_EPOCHS)))
    for length in lengths:
        network = changed(network_for(context, {**config, "max_length": length}))
        needed = network.estimate_epoch_s(fit)
        if context.deadline.allows(_GOOD_EPOCHS * needed):
            break
    else:
        if not context.deadline.allows(least * needed):
            if network.encoder.rate_again():
                return network_in_time(context, config, fit, changed)
            raise TooSlow(least * needed, context.deadline.left)
    noted(context, "length", length)
    return network


def _shorter(network: Network, config: dict[str, Any]) -> int:
    """Tokens to read where so many as `network` reads take too long; 0 where fewer can't be."""
    reads = int(getattr(network.encoder, "max_length", 0))
    return _LENGTHS[-1] if reads > _LENGTHS[-1] and "max_length" not in config else 0


def rows_of(context: TrialContext) -> tuple[np.ndarray, np.ndarray]:
    """The first fold with a smaller held-out part: the network needs the rows."""
    fold = context.folds[0]
    n = len(context.y)
    wanted = most_judges(n)
    movable = context.interchangeable and len(context.folds) > 1
    if not movable or len(fold.judge) <= wanted:
        return fold.fit, fold.judge
    rng = np.random.default_rng(context.seed)
    judge = np.sort(rng.permutation(fold.judge)[:wanted])
    return np.setdiff1d(np.concatenate([fold.fit, fold.judge]), judge), judge


def most_judges(n: int) -> int:
    """Rows that are enough to judge a network by, of so many."""
    return int(np.clip(_JUDGE_SHARE * n, _FEWEST_JUDGES, _MOST_JUDGES))


def judging_s(network: Network, judge: np.ndarray) -> float:
    """Seconds that one look at held-out rows takes: a pass forward is a third of a step."""
    return network.estimate_epoch_s(judge) / 3.0


def _judged(student: Student, batches: Any, weight: np.ndarray | None) -> dict[str, float]:
    """Held-out loss and score of the weights as they are."""
    from automl_nb.evaluate.metrics import evaluate

    context = student.context
    context.cancel.check()
    scores, y = student.scores(batches), context.y[batches.rows]
    metric = context.objective.metric
    return {
        "loss": plain_loss(without_weights(scores, weight), y, context.task),
        metric: evaluate(metric, y, scores, context.task),
    }


def _note(reached: Outcome, judged: int, network: Network) -> str:
    wanted = f" of {reached.wanted:.3g}" if reached.wanted else ""
    short = ", cut short by the time" if wanted else ""
    note = f"{reached.epochs:.1f}{wanted} epochs{short}, judged on {judged:,} rows"
    if reached.start is not None:
        note = f"{_change(reached.start['loss'], reached.metrics['loss'])} in {note}"
    at_once = network.batch // reached.accumulate
    if at_once < network.at_once:
        note += f", {at_once} rows at a time for lack of memory"
    if network.recomputes:
        note += ", and every layer computed twice"
    return note


def _change(start: float, end: float) -> str:
    if end == start:  # it was kept: nothing later was better
        return f"loss {start:.3g} as at the start, no less"
    return f"loss from {start:.3g} to {end:.3g}"
