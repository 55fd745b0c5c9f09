"""Fine-tuning with the head solved first (LP-FT).

A random head's first gradients would distort the pretrained features (Kumar et al. 2022,
arXiv 2202.10054), so the head is solved on the frozen features and the network then starts
from there, upper layers faster than lower ones: lr_l = lr * 0.9^(L - l) (Howard & Ruder
2018, arXiv 1801.06146). What is left is a better encoder with a linear head.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from automl_nb.core.trials import Decision, Report, TooSlow
from automl_nb.core.types import TaskKind
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.transfer.base import Blocks, Candidate, Trial, TrialContext
from automl_nb.transfer.crossfit import one_vs_rest, plain_loss
from automl_nb.transfer.linear import LinearPredictor, link
from automl_nb.transfer.loop import Outcome, Task, train, with_less_memory

if TYPE_CHECKING:
    import torch
    from torch import nn

    from automl_nb.transfer.tuning import Network

_MOST_JUDGES = 1000  # held-out rows; the rest of their fold is trained on
_FEWEST_JUDGES = 200
_JUDGE_SHARE = 0.08
_FEWEST_ROWS = 64
_LENGTHS = (128, 64)  # tokens read of a text; memory and time grow with them
_GOOD_EPOCHS = 2.0
_LEAST_EPOCHS = 1.0  # half a one left reviews worse than their frozen features were


class TunedPredictor:
    """A fine-tuned backbone with its linear head.

    Args:
        encoder: Reads the column with the tuned network.
        head: Linear in its features.
        seconds_a_row: Measured while judging.
    """

    def __init__(
        self, encoder: FrozenEncoder, head: LinearPredictor, seconds_a_row: float = 0.0
    ) -> None:
        self.encoder, self.head, self.seconds_a_row = encoder, head, seconds_a_row

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) scores."""
        features = self.encoder.transform(blocks.frame)
        margins = np.asarray(features @ self.head.coef, dtype=np.float64) + self.head.intercept
        return link(margins, self.head.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the network and the head."""
        return {
            "encoder": self.encoder.name,
            "network": self.encoder.save(folder / "network"),
            "head": self.head.save(folder / "head"),
            "seconds_a_row": self.seconds_a_row,
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        from automl_nb.features.catalog import ENCODERS

        kind: type[FrozenEncoder] = ENCODERS[config["encoder"]].load()
        device = str(config.get("device", "cpu"))
        encoder = kind.load(folder / "network", config["network"], device=device)
        head = LinearPredictor.load(folder / "head", config["head"])
        return cls(encoder, head, float(config["seconds_a_row"]))


class FineTune:
    """Strategy ``finetune``."""

    name = "finetune"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """From 64 rows on; fewer teach a network nothing that a head doesn't know."""
        del inputs
        if len(context.y) < _FEWEST_ROWS:
            return f"{len(context.y)} rows are too few to tune a network"
        return ""

    def identity(self, config: dict[str, Any]) -> str:
        """The weights that it starts from."""
        from automl_nb.zoo.load import load_backbone

        return load_backbone(config["backbone"]).weights_sha

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Solve the head, tune everything, keep the best averaged weights.

        Args:
            context: The trial's data and limits.
            inputs: Not used: the column is read itself.
            config: ``column``, ``backbone``, ``modality``; further ``epochs``, ``lr``,
                ``decay`` (of the layer-wise rates), ``smoothing``, ``max_length``.

        Raises:
            TooSlow: The budget doesn't allow the least number of epochs.
        """
        del inputs
        started = time.monotonic()
        fit, judge = _rows(context)
        network = _network_in_time(context, dict(config), fit)
        head = _solved_head(context, network, fit)
        outcome: tuple[Outcome, TunedPredictor] = yield from with_less_memory(
            lambda size, accumulate: _attempt(
                context, (network, head), (fit, judge), (size, accumulate), dict(config)
            ),
            network.batch,
            network.at_once,
        )
        reached, predictor = outcome
        began = time.monotonic()
        oof = np.full((len(context.y), context.task.n_outputs), np.nan)
        oof[judge] = predictor.predict(context.blocks.take(judge))
        predictor.seconds_a_row = (time.monotonic() - began) / len(judge)
        return Candidate(
            name=str(config.get("name", "fine-tuned")),
            strategy=self.name,
            inputs=(),
            predictor=predictor,
            oof=oof,
            fit_s=time.monotonic() - started,
            note=_note(reached, len(judge), network),
            refitted=False,
            config={key: value for key, value in config.items() if key != "name"},
        )


def _network_in_time(context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
    """The network with the longest texts that leave time for two epochs.

    Raises:
        TooSlow: Not even one epoch of the shortest would end in time.
    """
    from automl_nb.transfer.tuning import network_for

    lengths = [config["max_length"]] if "max_length" in config else list(_LENGTHS)
    for length in lengths:
        network = network_for(context, {**config, "max_length": length})
        needed = network.estimate_epoch_s(fit)
        if context.deadline.allows(_GOOD_EPOCHS * needed):
            return network
    if not context.deadline.allows(_LEAST_EPOCHS * needed):
        raise TooSlow(_LEAST_EPOCHS * needed, context.deadline.left)
    return network


def _note(reached: Outcome, judged: int, network: Network) -> str:
    note = f"{reached.epochs:.1f} epochs, judged on {judged:,} rows"
    at_once = network.batch // reached.accumulate
    if at_once < network.at_once:
        note += f", {at_once} rows at a time for lack of memory"
    return note


def _rows(context: TrialContext) -> tuple[np.ndarray, np.ndarray]:
    """The first fold with a smaller held-out part: the network needs the rows."""
    fold = context.folds[0]
    n = len(context.y)
    wanted = int(np.clip(_JUDGE_SHARE * n, _FEWEST_JUDGES, _MOST_JUDGES))
    movable = context.interchangeable and len(context.folds) > 1
    if not movable or len(fold.judge) <= wanted:
        return fold.fit, fold.judge
    rng = np.random.default_rng(context.seed)
    judge = np.sort(rng.permutation(fold.judge)[:wanted])
    return np.setdiff1d(np.concatenate([fold.fit, fold.judge]), judge), judge


def _solved_head(context: TrialContext, network: Network, fit: np.ndarray) -> LinearPredictor:
    """The linear probe on the frozen features of the training rows."""
    from automl_nb.transfer.logistic import Logistic
    from automl_nb.transfer.ridge import Ridge

    rows, features = network.frozen_features(context, fit)
    from automl_nb.transfer.given import GivenBlocks

    inner = replace(
        context,
        blocks=GivenBlocks({"features": features}, context.blocks.take(rows).frame),
        y=context.y[rows],
    )
    everything = np.arange(len(rows))
    if context.task.kind.is_classification:
        return Logistic().fit(inner, ("features",), everything, {"C": 10.0})
    return Ridge().fit(inner, ("features",), everything, {})


def _attempt(
    context: TrialContext,
    start: tuple[Network, LinearPredictor],
    rows: tuple[np.ndarray, np.ndarray],
    sizes: tuple[int, int],
    config: dict[str, Any],
) -> Generator[Report, Decision, tuple[Outcome, TunedPredictor]]:
    import torch

    (network, head), (fit, judge), (size, accumulate) = start, rows, sizes
    torch.manual_seed(context.seed)
    tuned = network.backbone.trainable()
    module = _WithHead(tuned, head, network)
    targets = _targets(context)
    batches = network.batches(fit, targets, size, context.seed)
    judging = network.batches(judge, targets, size, None)
    device = network.device

    def judge_now() -> dict[str, float]:
        context.cancel.check()
        scores = _scores(module.network, judging, network, context.task.kind)
        loss = plain_loss(scores, context.y[judge], context.task)
        from automl_nb.evaluate.metrics import evaluate

        value = evaluate(context.objective.metric, context.y[judge], scores, context.task)
        return {"loss": loss, context.objective.metric: value}

    steps = max(1, -(-len(fit) // (size * accumulate)))
    epochs = float(config.get("epochs", _epochs(len(fit))))
    outcome = yield from train(
        Task(
            module=module.network,
            groups=_groups(
                module, float(config.get("lr", network.rate)), float(config.get("decay", 0.9))
            ),
            batches=batches,
            loss=_loss(module.network, context, network, float(config.get("smoothing", 0.05))),
            judge=judge_now,
            steps_an_epoch=steps,
            epochs=epochs,
            least_epochs=_LEAST_EPOCHS,
            judge_share=len(judge) / len(fit) / 3.0,
            accumulate=accumulate,
        ),
        trial_id=context.trial_id,
        device=device,
        mixed=network.mixed,
        deadline=context.deadline,
        cancel=context.cancel,
    )
    predictor = TunedPredictor(network.encoder_with(tuned), module.solved(context.task.kind))
    return outcome, predictor


def _epochs(n: int) -> float:
    """More passes over fewer rows."""
    return float(np.clip(16_000 / max(1, n), 4.0, 15.0))


class _WithHead:
    """The backbone and its head as one module."""

    def __init__(self, backbone: Any, head: LinearPredictor, shape: Network) -> None:
        import torch
        from torch import nn

        width = head.coef.shape[1]
        linear = nn.Linear(head.coef.shape[0], width)
        linear.weight.data = torch.from_numpy(head.coef.T.copy())
        linear.bias.data = torch.from_numpy(head.intercept.astype(np.float32))
        self.backbone = backbone
        self.linear = linear

        class _Network(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body, self.head = backbone.module, linear

            def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
                features = backbone.embed(inputs).float()
                if shape.normalised:
                    features = nn.functional.normalize(features, dim=1)
                made: torch.Tensor = linear(features)
                return made

            def train(self, mode: bool = True) -> Self:
                """Learn as it answers: without dropout, by the normalisation that it came with.

                Dropout takes a quarter of a step on a CPU and gains nothing in a few epochs;
                means of small batches undo what the head was solved for (see ADR 8).
                """
                del mode
                return super().train(False)

        self.network = _Network()

    def solved(self, kind: TaskKind) -> LinearPredictor:
        """The trained head as plain arrays."""
        return LinearPredictor(
            (),
            self.linear.weight.detach().float().cpu().numpy().T.copy(),
            self.linear.bias.detach().double().cpu().numpy(),
            kind,
        )


def _groups(module: _WithHead, rate: float, decay: float) -> list[dict[str, Any]]:
    """AdamW groups: the head, then each layer with a rate that falls downwards."""
    from automl_nb.transfer.tuning import layers_of

    layers = layers_of(module.backbone.module)
    groups = [{"params": list(module.linear.parameters()), "lr": rate * 20.0}]
    for depth, layer in enumerate(reversed(layers)):
        trained = [p for p in layer if p.requires_grad]
        if trained:
            groups.append({"params": trained, "lr": rate * decay**depth})
    return groups


def _targets(context: TrialContext) -> np.ndarray:
    """(n, k) float32 targets; regression values are standardised by the solved head's scale."""
    return one_vs_rest(context.task, context.y).astype(np.float32)


def _loss(network: nn.Module, context: TrialContext, shape: Network, smoothing: float) -> Any:
    import torch
    from torch.nn import functional as F  # noqa: N812 - torch's own habit

    kind = context.task.kind
    weight = context.class_weight
    weights = None if weight is None else torch.tensor(weight, dtype=torch.float32)
    spread = float(np.var(context.y)) if kind is TaskKind.REGRESSION else 1.0

    def loss(inputs: Any, targets: torch.Tensor) -> torch.Tensor:
        margins = network(shape.on_device(inputs)).float()
        targets = targets.to(margins.device)
        if kind is TaskKind.REGRESSION:
            return F.mse_loss(margins, targets) / max(spread, 1e-12)
        if kind is TaskKind.MULTILABEL:
            return F.binary_cross_entropy_with_logits(margins, targets)
        if margins.shape[1] == 1:
            margins = torch.cat([torch.zeros_like(margins), margins], dim=1)
        own = None if weights is None else weights.to(margins.device)
        return F.cross_entropy(margins, targets, weight=own, label_smoothing=smoothing)

    return loss


def _scores(network: nn.Module, batches: Any, shape: Network, kind: TaskKind) -> np.ndarray:
    """(n, k) scores in the order of the judged rows."""
    import torch

    parts, order = [], []
    with (
        torch.inference_mode(),
        torch.autocast(
            shape.device.partition(":")[0], dtype=torch.bfloat16, enabled=shape.mixed != "no"
        ),
    ):
        for rows, inputs in batches.in_order():
            parts.append(network(shape.on_device(inputs)).float().cpu().numpy())
            order.append(rows)
    margins = np.vstack(parts)[np.argsort(np.concatenate(order))]
    return link(margins.astype(np.float64), kind)
