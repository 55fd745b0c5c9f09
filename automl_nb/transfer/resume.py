"""A training that another process goes on with: what is kept of it, and how it comes back.

The state is whole: weights, AdamW's moments, the average and the best of it, the schedule with
its clock, torch's generators, the float16 scaler, the place among the batches, the reports. What
is continued therefore takes the very steps that it would have taken undisturbed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from automl_nb.core.checkpoints import Checkpoints, Kept
from automl_nb.core.clock import now
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.trials import Deadline, Report

if TYPE_CHECKING:
    import torch
    from torch import nn

    from automl_nb.transfer.averages import Average, Best
    from automl_nb.transfer.base import TrialContext

_NAME = "training"
_CLOCK = ("step", "total", "seconds_a_step", "worked", "look_again", "judging", "ended")
_BEST = ("metrics", "start", "misses", "least")


class Training(Protocol):
    """What is read and set of the loop's state; see `automl_nb.transfer.loop`."""

    module: nn.Module
    optimiser: Any
    scaler: Any
    shadow: Average
    best: Best
    reports: list[Report]
    losses: list[float]
    step: int
    ended: bool

    @property
    def form(self) -> dict[str, Any]:
        """All that a state must share with it to fit."""
        ...

    @property
    def place(self) -> tuple[int, int]:
        """The epoch, and the batches taken of it."""
        ...

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        ...

    def timed_s(self) -> float:
        """Seconds that the timed steps took."""
        ...

    def lose(self, seconds: float) -> None:
        """Time that was no step's."""
        ...

    def go_on(
        self, place: tuple[int, int], timed_s: float, elapsed_s: float, deadline: Deadline
    ) -> None:
        """Continue from this place among the batches, and by this clock."""
        ...


class Keeper:
    """Keeps a training's state when that is due, and finds what an earlier process kept.

    Args:
        training: What is kept.
        deadline: Whether it pressed belongs to the state.
        checkpoints: The trial's, or None to keep nothing.
    """

    def __init__(
        self, training: Training, deadline: Deadline, checkpoints: Checkpoints | None
    ) -> None:
        self._training, self._deadline, self._checkpoints = training, deadline, checkpoints
        self._step, self._ended = 0, False  # of what is kept

    def restore(self) -> bool:
        """Put the training where an earlier process left it; whether there was such a place."""
        kept = self._checkpoints.find(_NAME) if self._checkpoints else None
        if kept is None or self._checkpoints is None:
            return False
        if kept.facts["form"] != _plain(self._training.form):
            self._checkpoints.ignore(_NAME, "it is of another batch size or network")
            return False
        _restore(self._training, kept, self._deadline)
        self._step, self._ended = self._training.step, self._training.ended
        return True

    def keep_if_due(self) -> None:
        """Keep the state between two steps, if the last one is old enough."""
        if self._checkpoints is not None and self._checkpoints.due:
            self._keep(_arrays_of(self._training))

    def end(self) -> None:
        """Keep what came of it, or where it was left without having ended."""
        training, checkpoints = self._training, self._checkpoints
        if checkpoints is None or self._ended:
            return
        if not training.ended:
            if training.step != self._step:
                self._keep(_arrays_of(training))
        elif training.best.state is not None and checkpoints.worth(training.elapsed_s):
            self._keep(named("best", training.best.state))

    def drop(self) -> None:
        """What failed isn't gone on with."""
        if self._checkpoints is not None:
            self._checkpoints.drop(_NAME)

    def _keep(self, arrays: dict[str, np.ndarray]) -> None:
        assert self._checkpoints is not None
        began = now()
        self._checkpoints.keep(_NAME, arrays, _facts_of(self._training, self._deadline))
        self._step = self._training.step
        self._training.lose(now() - began)


def recalled(context: TrialContext, name: str) -> Any:
    """What was noted when this trial began, in this process or another; None if nothing was."""
    found = context.checkpoints.find(name) if context.checkpoints else None
    if found is None:
        return None
    context.deadline.pressed |= bool(found.facts["pressed"])
    return found.facts["value"]


def noted(context: TrialContext, name: str, value: Any) -> Any:
    """Note what the clock or the memory decided: a continued trial must not decide otherwise."""
    if context.checkpoints:
        facts = {"value": value, "pressed": context.deadline.pressed}
        context.checkpoints.keep(name, {}, facts)
    return value


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _facts_of(training: Training, deadline: Deadline) -> dict[str, Any]:
    parameters = _parameters(training)
    return {
        "form": training.form,
        "clock": {name: getattr(training, name) for name in _CLOCK},
        "best": {name: getattr(training.best, name) for name in _BEST},
        "place": training.place,
        "timed_s": training.timed_s(),
        "elapsed_s": training.elapsed_s,
        "losses": training.losses,
        "reports": to_dict(training.reports),
        "learns": [bool(p.requires_grad) for p in parameters],
        "scaler": None if training.scaler is None else training.scaler.state_dict(),
        "pressed": deadline.pressed,
    }


def _arrays_of(training: Training) -> dict[str, np.ndarray]:
    best = training.best.state or {}
    weights = {str(number): p for number, p in enumerate(_parameters(training))}
    return {
        **named("weight", weights),
        **named("moment", moments_of(training.optimiser)),
        **named("average", training.shadow.weights),
        **named("best", best),
        **named("buffer", _buffers(training.module)),
        **named("random", _generators(training)),
    }


def _restore(training: Any, kept: Kept, deadline: Deadline) -> None:
    """The training as it was kept; of one that has ended, what came of it."""
    import torch

    facts = kept.facts
    for name in _CLOCK:
        setattr(training, name, facts["clock"][name])
    for name in _BEST:
        setattr(training.best, name, facts["best"][name])
    training.losses[:] = facts["losses"]
    training.reports[:] = [from_dict(Report, report) for report in facts["reports"]]
    deadline.pressed |= bool(facts["pressed"])
    like = training.shadow.weights
    best = under("best", kept.arrays)
    training.best.state = {n: torch.from_numpy(a).to(like[n]) for n, a in best.items()} or None
    if not training.ended:
        _restore_weights(training, kept)
    place, timed_s, elapsed_s = (facts[name] for name in ("place", "timed_s", "elapsed_s"))
    training.go_on(tuple(place), timed_s, elapsed_s, deadline)


def _restore_weights(training: Training, kept: Kept) -> None:
    import torch

    arrays, facts = kept.arrays, kept.facts
    weights, parameters = under("weight", arrays), _parameters(training)
    with torch.no_grad():
        for number, parameter in enumerate(parameters):
            parameter.requires_grad_(facts["learns"][number])
            parameter.copy_(torch.from_numpy(weights[str(number)]))
        for name, values in under("average", arrays).items():
            training.shadow.weights[name].copy_(torch.from_numpy(values))
        for name, buffer in _buffers(training.module).items():
            buffer.copy_(torch.from_numpy(arrays[f"buffer/{name}"]))
    load_moments(training.optimiser, under("moment", arrays))
    if training.scaler is not None and facts["scaler"]:
        training.scaler.load_state_dict(facts["scaler"])
    _seed(training, under("random", arrays))


def moments_of(optimiser: Any) -> dict[str, torch.Tensor]:
    """What AdamW remembers of each weight, by the weight's place and the name of the number."""
    return {
        f"{place}/{name}": value
        for place, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }


def load_moments(optimiser: Any, arrays: dict[str, np.ndarray]) -> None:
    """Give AdamW back what `moments_of` gave."""
    import torch

    states: dict[int, dict[str, torch.Tensor]] = {}
    for path, values in arrays.items():
        place, _, name = path.partition("/")
        states.setdefault(int(place), {})[name] = torch.from_numpy(values)
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": states, "param_groups": groups})


def _parameters(training: Any) -> list[torch.Tensor]:
    """All that the optimiser may change, in its order; a loss's own numbers among them."""
    return [p for group in training.optimiser.param_groups for p in group["params"]]


def _buffers(module: nn.Module) -> dict[str, torch.Tensor]:
    parameters = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    state = module.state_dict()
    return {name: value for name, value in state.items() if name not in parameters}


def _generators(training: Training) -> dict[str, torch.Tensor]:
    """States of torch's generators; all other random numbers come from seeds by epoch."""
    import torch

    made = {"cpu": torch.get_rng_state()}
    device = next(training.module.parameters()).device
    if device.type == "cuda":
        made["device"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        made["device"] = torch.mps.get_rng_state()
    return made


def _seed(training: Training, states: dict[str, np.ndarray]) -> None:
    import torch

    torch.set_rng_state(torch.from_numpy(states["cpu"]))
    device = next(training.module.parameters()).device
    if device.type == "cuda":
        torch.cuda.set_rng_state(torch.from_numpy(states["device"]), device)
    elif device.type == "mps":
        torch.mps.set_rng_state(torch.from_numpy(states["device"]))


def named(kind: str, tensors: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """The tensors as arrays, their names under a kind's; `under` takes them out again."""
    return {f"{kind}/{name}": _array(value) for name, value in tensors.items()}


def _array(tensor: torch.Tensor) -> np.ndarray:
    """The numbers where the disk can read them; NumPy has no bfloat16, float32 holds it all."""
    import torch

    there = tensor.detach().cpu()
    return np.asarray((there.float() if there.dtype == torch.bfloat16 else there).numpy())


def under(kind: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a kind by their own names."""
    start = f"{kind}/"
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}
