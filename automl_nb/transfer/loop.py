"""The one training loop: batches in, the best averaged weights out, on any device.

Accelerate places the network and computes in mixed precision; the schedule is linear warm-up
and decay over as many steps as the budget allows (Li, Yumer & Ramanan 2020, "Budgeted
training"); an exponential moving average of the weights is what is judged and kept. A training
that was killed goes on from its last checkpoint (see ADR 20).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.checkpoints import Checkpoints
from automl_nb.core.clock import now
from automl_nb.core.errors import SettingError
from automl_nb.core.trials import Cancelled, CancelToken, Deadline, Decision, Report, TooSlow
from automl_nb.features.memory import free_device_memory, is_out_of_memory
from automl_nb.transfer.averages import Average, Best
from automl_nb.transfer.resume import Keeper
from automl_nb.transfer.stream import Stream

if TYPE_CHECKING:
    import torch
    from torch import nn

_TIMED_STEPS = 6  # steps that tell how long one takes; looked at again after 9, 13, 19, 28, …
WARM_UP = 0.1  # of the steps
_CLIP = 1.0
_MARGIN = 0.95  # of the time left may be planned for
_RUNG = "memory"  # the name of what `with_less_memory` keeps
_START_SHARE = 0.05  # of the time left may go into judging the start


@dataclass
class Lesson:
    """What the loop trains.

    Attributes:
        module: Parameters with gradients on are trained.
        groups: AdamW's parameter groups, each with its learning rate.
        batches: Gives the batches of an epoch by its number: (inputs, targets).
        loss: Mean loss of a batch, from inputs and targets.
        judge: Held-out loss and other metrics of the averaged weights; smaller
            ``"loss"`` is better. Called with those weights in place. None where no rows are
            held out: the last averaged weights are kept.
        steps_an_epoch: Batches in an epoch.
        epochs: As many as help when there is time.
        least_epochs: Fewer than this are not worth beginning.
        judge_share: Cost of judging as a share of an epoch.
        judge_s: Seconds of judging, as guessed before any step; 0 if nobody knows.
        work: How much a batch's inputs cost beside a usual batch; the first few steps would
            foretell the time of all others wrongly where batches differ in length.
        accumulate: Batches whose gradients are added up for one step, so that less
            memory doesn't mean a smaller effective batch.
        weight_decay: AdamW's pull towards zero (Loshchilov & Hutter 2019), where a group
            doesn't name its own.
        ema: Most that the average of the weights keeps of itself at a step; 0 for none.
        keeps_start: Whether the start is what comes out where no later weights are better.
        after_step: Called after each step with the steps done and planned, and the
            schedule's share of the full learning rate.
        rest: Gives the batches of an epoch but the first few; None where there is no shorter
            way than to make these and drop them.
        remembers: Epochs from the first on whose batches shape what later ones give, so that
            they must be gone through once more where a training is continued.
    """

    module: nn.Module
    groups: list[dict[str, Any]]
    batches: Callable[[int], Iterable[tuple[Any, torch.Tensor]]]
    loss: Callable[[Any, torch.Tensor], torch.Tensor]
    judge: Callable[[], dict[str, float]] | None
    steps_an_epoch: int
    epochs: float
    least_epochs: float
    judge_share: float
    judge_s: float = 0.0
    work: Callable[[Any], float] = lambda _: 1.0
    accumulate: int = 1
    weight_decay: float = 0.01
    ema: float = 0.999
    keeps_start: bool = True
    after_step: Callable[[int, int, float], None] = lambda *_: None
    rest: Callable[[int, int], Iterable[tuple[Any, torch.Tensor]]] | None = None
    remembers: int = 0


@dataclass(frozen=True)
class Outcome:
    """What the loop reached; the module holds the best averaged weights.

    Attributes:
        metrics: Those of the weights that were kept.
        epochs: Passes over the rows.
        seconds_a_step: Measured, for a usual step.
        accumulate: Batches a step.
        start: The metrics before the first step, or None where time was too short for them.
        wanted: Passes that there would have been with more time; 0 where none were cut off.
    """

    metrics: dict[str, float]
    epochs: float
    seconds_a_step: float
    accumulate: int = 1
    start: dict[str, float] | None = None
    wanted: float = 0.0


def train(
    lesson: Lesson,
    *,
    trial_id: str,
    device: str,
    mixed: str,
    deadline: Deadline,
    cancel: CancelToken,
    judgements_an_epoch: int = 2,
    patience: int = 4,
    checkpoints: Checkpoints | None = None,
) -> Generator[Report, Decision, Outcome]:
    """Train until the schedule's end, until nothing improves, or until told to stop.

    The start is judged as well, and kept if no later weights are better, unless that would
    take more than a twentieth of the time that is left.

    Args:
        lesson: What to train.
        trial_id: Named in reports.
        device: cpu, cuda, cuda:N or mps.
        mixed: Accelerate's mixed precision: no, bf16 or fp16.
        deadline: The schedule is fitted to it after a few timed steps.
        cancel: Checked once a batch; the best so far is kept.
        judgements_an_epoch: How often held-out rows are scored.
        patience: Judgements without improvement after which to stop.
        checkpoints: Where the training is kept while it goes on. One that is there already is
            continued, after its reports have been given once more.

    Raises:
        TooSlow: Fewer than `least_epochs` would fit.
        Cancelled: Stopped before anything was judged.
    """
    training = _Training(lesson, _accelerator(device, mixed), device, cancel)
    keeper = Keeper(training, deadline, checkpoints)
    every = max(1, lesson.steps_an_epoch // judgements_an_epoch)
    try:
        if not keeper.restore():
            training.judging = training.may_judge_start(deadline)
        answer = yield from _again(training.reports, trial_id)
        while answer is not Decision.STOP and training.goes_on and not cancel.cancelled:
            if not training.advance(every, deadline, keeper):
                continue
            training.ended = training.best.misses >= patience
            answer = yield training.report(trial_id)
    except Cancelled:
        pass  # while judging; what was judged before is kept
    except Exception:
        keeper.drop()
        raise
    training.ended = not (cancel.cancelled and training.goes_on)
    keeper.end()
    if training.best.state is None:
        raise Cancelled(cancel.reason)
    return training.outcome()


def _again(reports: list[Report], trial_id: str) -> Generator[Report, Decision, Decision]:
    """What was reported before a training was interrupted."""
    answer = Decision.CONTINUE
    for report in list(reports):
        if answer is not Decision.STOP:
            answer = yield replace(report, trial_id=trial_id)
    return answer


class _Training:
    """The network with its optimiser, the average of its weights, and the best of these."""

    def __init__(self, task: Lesson, accelerator: Any, device: str, cancel: CancelToken) -> None:
        import torch

        self.task, self.accelerator, self.cancel = task, accelerator, cancel
        # Accelerate takes the first card of a process; the features are on the one asked for.
        self.module = task.module.to(device)
        fused = accelerator.device.type in {"cpu", "cuda"}
        adamw = torch.optim.AdamW(task.groups, weight_decay=task.weight_decay, fused=fused)
        # Losses in float16 are scaled up; what Accelerate wraps scales the gradients back, and
        # leaves out a step where they are infinite.
        self.scaler = accelerator.scaler
        wraps = self.scaler is not None
        self.optimiser = accelerator.prepare_optimizer(adamw, False) if wraps else adamw
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.shadow = Average(self.module, task.groups, task.ema)
        self.best = Best(keeps_start=task.keeps_start)
        self.stream = Stream(task, cancel)
        self.step, self.total = 0, max(1, round(task.epochs * task.steps_an_epoch))
        self.seconds_a_step = 0.0
        self.judging = self.ended = False  # whether a judgement is due, and whether nothing is
        self.reports: list[Report] = []
        self.losses: list[float] = []  # since the last judgement
        self._judged: dict[str, float] = {}  # by the last judgement
        # Since when steps are timed, and how many usual ones were taken since then.
        self._timed, self.worked = 0.0, 0.0
        self.look_again = _TIMED_STEPS
        self._began = now()
        self._cold_s: float | None = None  # what was timed before, until a continued one is warm
        self.module.train()

    def take_step(self, deadline: Deadline) -> None:
        """One step of the optimiser; the schedule follows the time that steps turn out to take.

        Batches differ in length: the first few steps may be twice as slow as the mean, which
        would leave half of the time unused.
        """
        factor = _set_rates(self.optimiser, self.rates, self.step, self.total)
        loss, worked = _step(self.task, self.stream, self.accelerator, self.optimiser)
        self.losses.append(loss)
        self.step += 1
        self.task.after_step(self.step, self.total, factor)
        self.shadow.update(self.module, self.step, self.total)
        self._time(worked)
        if self.step >= self.look_again and self.worked and self.step < self.total:
            self.look_again += self.look_again // 2
            self.seconds_a_step = self.timed_s() / self.worked
            self.total = _fit_schedule(self.task, self.seconds_a_step, deadline, self.step)
        else:
            self._end_in_time(deadline)

    def _end_in_time(self, deadline: Deadline) -> None:
        """This step is the last if the next ones would end too late."""
        if self.seconds_a_step and not deadline.allows(2 * self.seconds_a_step):
            self.total = self.step

    def _time(self, worked: float) -> None:
        """Count a step among the timed ones, but for the first: it pays for allocations."""
        if self.step == 1:
            self._cold_s = 0.0
        if self._cold_s is None:
            self.worked += worked
        else:
            self._timed, self._cold_s = now() - self._cold_s, None

    def advance(self, every: int, deadline: Deadline, keeper: Keeper) -> bool:
        """A step, unless a judgement is due first, and what is due then; whether it was judged.

        Raises:
            Cancelled: While judging.
        """
        if not self.judging:
            self.take_step(deadline)
            self.judging = self.step % every == 0 or self.step == self.total
            keeper.keep_if_due()
        if not self.judging:
            return False
        self._judged = self.judge()
        self._end_in_time(deadline)  # else a late step would have to be judged as well
        return True

    def report(self, trial_id: str) -> Report:
        """What the last judgement said, which belongs to the state from now on."""
        made = Report(
            trial_id=trial_id,
            resource=self.step / self.task.steps_an_epoch,
            metrics=self._judged,
            elapsed_s=self.elapsed_s,
            peak_memory_bytes=_peak_memory(),
            total=self.total / self.task.steps_an_epoch,
        )
        self.reports.append(made)
        return made

    def may_judge_start(self, deadline: Deadline) -> bool:
        """Whether the time for judging the start is a small part of what is left."""
        return self.task.judge is not None and deadline.allows(self.task.judge_s / _START_SHARE)

    def judge(self) -> dict[str, float]:
        """Held-out metrics of the averaged weights, which are kept if they are the best."""
        began = now()
        if self.task.judge is None:
            metrics: dict[str, float] = {}
            self.best.take(metrics, self.shadow)
        else:
            self.module.eval()
            with self.shadow.in_place(self.module):
                metrics = self.task.judge()
            self.module.train()
            self.best.offer(metrics, self.shadow, trained=self.step > 0)
        self.lose(now() - began)
        self.judging = False
        if self.losses:
            metrics["train_loss"] = float(np.mean(self.losses))
        self.losses.clear()
        return metrics

    # -- what is kept of it, see `automl_nb.transfer.resume` ------------------------

    @property
    def goes_on(self) -> bool:
        """Whether a step or a judgement is to come."""
        return not self.ended and (self.judging or self.step < self.total)

    @property
    def form(self) -> dict[str, Any]:
        """All that a state must share with it to fit."""
        task = self.task
        return {
            "weights": [[list(p.shape) for p in group["params"]] for group in task.groups],
            "steps_an_epoch": task.steps_an_epoch,
            "accumulate": task.accumulate,
            "epochs": task.epochs,
            "mixed": self.accelerator.mixed_precision,
        }

    @property
    def place(self) -> tuple[int, int]:
        """The epoch, and the batches taken of it."""
        return self.stream.epoch, self.stream.taken

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began, in this process or another."""
        return now() - self._began

    def timed_s(self) -> float:
        """Seconds that the timed steps took."""
        return now() - self._timed if self._cold_s is None else self._cold_s

    def lose(self, seconds: float) -> None:
        """Time that was no step's."""
        self._timed += seconds

    def go_on(
        self, place: tuple[int, int], timed_s: float, elapsed_s: float, deadline: Deadline
    ) -> None:
        """Continue from this place among the batches, and by this clock.

        Raises:
            TooSlow: Few steps were done, and there is less time than the least of epochs takes.
        """
        self.stream.move(*place)
        self._began, self._cold_s = now() - elapsed_s, timed_s
        if self.goes_on and self.seconds_a_step:
            self.total = _fit_schedule(self.task, self.seconds_a_step, deadline, self.step)

    def outcome(self) -> Outcome:
        """The best averaged weights in the network, and what they reached."""
        self.best.restore(self.module)
        self.module.eval()
        planned = max(1, round(self.task.epochs * self.task.steps_an_epoch))
        return Outcome(
            self.best.metrics,
            self.step / self.task.steps_an_epoch,
            self.seconds_a_step,
            self.task.accumulate,
            self.best.start,
            self.task.epochs if self.total <= self.step < planned else 0.0,
        )


def _step(task: Lesson, stream: Stream, accelerator: Any, optimiser: Any) -> tuple[float, float]:
    """One step of the optimiser; the mean loss of its batches, and their mean work."""
    loss_sum, work = 0.0, 0.0
    for _ in range(task.accumulate):
        inputs, targets = next(stream)
        with accelerator.autocast():
            loss = task.loss(inputs, targets) / task.accumulate
        accelerator.backward(loss)
        loss_sum += float(loss.detach())
        work += task.work(inputs)
    accelerator.clip_grad_norm_(task.module.parameters(), _CLIP)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return loss_sum, work / task.accumulate


def _fit_schedule(task: Lesson, seconds_a_step: float, deadline: Deadline, done: int) -> int:
    """Steps in all that fit the deadline, the judging among them included.

    Raises:
        TooSlow: Few steps are done, and fewer than the least number of epochs would fit.
    """
    epoch = seconds_a_step * task.steps_an_epoch * (1.0 + 2.0 * task.judge_share)
    wanted = max(1, round(task.epochs * task.steps_an_epoch))
    left = deadline.left
    if epoch * (wanted - done) / task.steps_an_epoch / _MARGIN <= left:
        return wanted
    deadline.pressed = True
    possible = done + int(_MARGIN * left / epoch * task.steps_an_epoch)
    least = min(task.least_epochs, task.epochs) * task.steps_an_epoch
    if possible < least and done <= _TIMED_STEPS:
        raise TooSlow(epoch, left)
    return min(wanted, possible)


def _accelerator(device: str, mixed: str) -> Any:
    """A fresh Accelerator: its settings are global and outlive a run otherwise."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state(reset_partial_state=True)  # noqa: SLF001 - no public way
    accelerator = Accelerator(mixed_precision=mixed, cpu=device == "cpu")
    kind = device.partition(":")[0]
    if accelerator.device.type != kind:
        raise SettingError(
            "The device must be one that Accelerate can use here.",
            received=device,
            hint=f"Use device='{accelerator.device.type}'.",
        )
    return accelerator


def rate_share(step: int, total: int) -> float:
    """The share of the full learning rate at a step: warm-up, then a straight fall to zero.

    Args:
        step: Counted from 0.
        total: Steps in all.

    Example:
        >>> [rate_share(step, 20) for step in (0, 1, 2, 11, 20)]
        [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    warm = max(1, int(WARM_UP * total))
    return (step + 1) / warm if step < warm else max(0.0, (total - step) / max(1, total - warm))


def _set_rates(optimiser: Any, rates: list[float], step: int, total: int) -> float:
    """Set the rates of a step; returns their share of the full ones."""
    factor = rate_share(step, total)
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate * factor
    return factor


def _peak_memory() -> int:
    with suppress(ImportError):
        import resource
        import sys

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(peak if sys.platform == "darwin" else peak * 1024)
    return 0


def with_less_memory(
    attempt: Callable[[int, int], Generator[Report, Decision, Any]],
    batch: int,
    at_once: int | None = None,
    spare: Callable[[], bool] = lambda: False,
    checkpoints: Checkpoints | None = None,
) -> Generator[Report, Decision, Any]:
    """Halve the batch until it fits the memory, at a constant effective batch.

    Single rows that don't fit are tried again as long as `spare` finds something to spare,
    such as intermediate results that can be computed twice.

    Args:
        attempt: Trains with a batch size and a number of batches to a step.
        batch: The effective batch, a power of two.
        at_once: The batch size to begin with, if not all of `batch`.
        spare: Makes an attempt need less memory at the price of time; whether it could.
        checkpoints: Remember how far down it went, so that a continued trial begins there.

    Raises:
        MemoryError: The smallest doesn't fit either.
    """
    last, size, spared = "", at_once or batch, 0
    found = checkpoints.find(_RUNG) if checkpoints else None
    if found is not None:
        size, spared = found.facts["size"], sum(spare() for _ in range(found.facts["spared"]))
    while size >= 1:
        try:
            result = yield from attempt(size, batch // size)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            last = str(error)[:200]
        else:
            return result
        free_device_memory()
        if size == 1 and spare():
            spared += 1
        else:
            size //= 2
        if checkpoints:
            checkpoints.keep(_RUNG, {}, {"size": size, "spared": spared})
    raise MemoryError(last)


def length_mixed_batches(
    lengths: np.ndarray, rows: np.ndarray, size: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Shuffled batches of alike lengths: sorted within pools of 32 batches.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> made = length_mixed_batches(np.arange(10), np.arange(10), 4, rng)
        >>> sorted(int(row) for batch in made for row in batch) == list(range(10))
        True
    """
    order = rng.permutation(rows)
    pool = 32 * size
    batches: list[np.ndarray] = []
    for start in range(0, len(order), pool):
        some = order[start : start + pool]
        some = some[np.argsort(lengths[some], kind="stable")]
        batches += [some[i : i + size] for i in range(0, len(some), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
