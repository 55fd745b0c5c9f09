"""A small neural network on dense blocks, averaged over the folds.

Number columns come with a piecewise-linear basis from the encoder, the embedding that lets a
plain network keep up with trees on tables (Gorishniy et al. 2022, arXiv 2203.05556). How many
epochs are right is read from one curve, the mean loss on the rows left out; each fold is
scored after the epoch that the *other* folds' curve asks for, which keeps its scores honest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy import special

from automl_nb.core.clock import now
from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.core.space import Float, Int, Space
from automl_nb.core.trials import Cancelled, Decision, Report
from automl_nb.core.types import Task, TaskKind
from automl_nb.data.split import Fold
from automl_nb.transfer.bagging import bags_well, is_over
from automl_nb.transfer.base import Blocks, Candidate, Trial, TrialContext
from automl_nb.transfer.crossfit import row_weights
from automl_nb.transfer.dense_blocks import why_not_dense
from automl_nb.transfer.lanes import Curve, Lanes, Layers, Lesson, Recipe, run
from automl_nb.transfer.resume import under

_PATIENCE = 10
_STEPS = 1_600  # about so many are enough on any table; with few rows that is many epochs
_EPOCHS = (12, 120)  # at least, at most


class Mlp:
    """Strategy ``mlp``.

    Config:
        Any field of `automl_nb.transfer.lanes.Recipe`; ``width`` for the widths w and w / 2.
    """

    name = "mlp"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """Dense blocks that fit into memory."""
        return why_not_dense(context, inputs)

    def space(self) -> Space:
        """The first layer's width (the second has half of it), and how it is trained."""
        return Space(
            (
                Int("width", 16, 1024, 256, log=True, summary="units of the first layer"),
                Float("rate", 1e-5, 1e-1, 2e-3, log=True, summary="highest learning rate"),
                Float("decay", 1e-3, 100.0, 1.0, log=True, summary="weight decay"),
                Float("dropout", 0.0, 0.9, 0.4, summary="hidden units left out"),
            )
        )

    def in_full(self, config: Mapping[str, Any], task: Task) -> dict[str, Any]:
        """A configuration with the dropout that it is trained with where it says none."""
        return {"dropout": _dropout(task), **config}

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Train all folds' networks, an epoch at a time, until their mean curve rises."""
        started = now()
        inner = _Inner.prepare(context, inputs)
        recipe = _recipe(context, config)
        lanes = inner.lanes(context, recipe)
        best = _Best(context, inner)
        kept = _Kept(context, lanes, best)
        kept.restore()
        decision = Decision.CONTINUE
        for report in list(kept.reports):
            decision = yield replace(report, trial_id=context.trial_id)
            if decision is Decision.STOP:
                break
        begun = recipe.epochs if decision is Decision.STOP else len(best.curve.losses)
        for epoch in range(begun + 1, recipe.epochs + 1):
            lanes.epoch(lambda: is_over(context))
            if context.cancel.cancelled and not best.networks:
                raise Cancelled(context.cancel.reason)
            best.judge(lanes, epoch)
            report = _report(context, epoch, recipe.epochs, best.curve, started)
            decision = yield report
            if decision is Decision.STOP or is_over(context) or best.curve.waited() >= _PATIENCE:
                break
            kept.add(report)
        networks, whole = (
            best.networks,
            context.only_judged or bags_well(context.folds, len(context.y)),
        )
        if not whole and decision is not Decision.STOP:
            again = inner.refitted(context, recipe, best.epoch)
            networks, whole = again or networks, bool(again)
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=inputs,
            predictor=MlpPredictor(inputs, context.task.kind, inner.folded(networks), inner.target),
            oof=best.oof,
            fit_s=now() - started,
            note=f"{best.epoch} epochs",
            refitted=whole,
            config={key: value for key, value in config.items() if key != "name"},
        )


class _Best:
    """The best epoch so far: for each fold by the other folds' curve, and for all."""

    def __init__(self, context: TrialContext, inner: _Inner) -> None:
        self.folds, self.inner = context.folds, inner
        self.curve = Curve()
        self.oof = np.full((len(context.y), context.task.n_outputs), np.nan)
        self.networks: list[Layers] = []
        self.epoch = 0

    def judge(self, lanes: Lanes, epoch: int) -> None:
        losses, outputs = lanes.judged()
        self.curve.add(losses)
        for number, fold in enumerate(self.folds):
            if self.curve.is_best(without=number):
                self.oof[fold.judge] = self.inner.scores(outputs[number])
        if self.curve.is_best():
            self.networks, self.epoch = lanes.networks(), epoch


class _Kept:
    """The epochs done, on disk where the trial keeps checkpoints (see ADR 20)."""

    def __init__(self, context: TrialContext, lanes: Lanes, best: _Best) -> None:
        self._checkpoints, self._lanes, self._best = context.checkpoints, lanes, best
        self.reports: list[Report] = []

    def restore(self) -> None:
        """Go on where an earlier process was."""
        found = self._checkpoints.find("training") if self._checkpoints else None
        if found is None:
            return
        best, arrays, facts = self._best, found.arrays, found.facts
        self._lanes.restore(under("lanes", arrays), facts["steps"])
        best.curve.losses[:] = list(arrays["curve"])
        best.oof[:], best.epoch = arrays["oof"], facts["best"]
        best.networks = unpacked(under("best", arrays), facts["depths"])
        self.reports[:] = [from_dict(Report, report) for report in facts["reports"]]

    def add(self, report: Report) -> None:
        """One epoch more; kept if the last one that was is old enough."""
        self.reports.append(report)
        if not self._checkpoints or not self._checkpoints.due:
            return
        best, lanes = self._best, self._lanes
        arrays = {
            **{f"lanes/{name}": values for name, values in lanes.state().items()},
            **{f"best/{name}": values for name, values in packed(best.networks).items()},
            "curve": np.stack(best.curve.losses),
            "oof": best.oof,
        }
        facts = {
            "steps": lanes.steps,
            "best": best.epoch,
            "depths": [len(network) for network in best.networks],
            "reports": to_dict(self.reports),
        }
        self._checkpoints.keep("training", arrays, facts)


def packed(networks: list[Layers]) -> dict[str, np.ndarray]:
    """The networks' arrays by name; `unpacked` puts them together again."""
    return {
        f"{number}.{depth}.{part}": np.ascontiguousarray(values, dtype=np.float32)
        for number, network in enumerate(networks)
        for depth, layer in enumerate(network)
        for part, values in zip(("weight", "bias"), layer, strict=True)
    }


def unpacked(arrays: dict[str, np.ndarray], depths: list[int]) -> list[Layers]:
    """Networks of so many layers each."""
    return [
        [(arrays[f"{i}.{depth}.weight"], arrays[f"{i}.{depth}.bias"]) for depth in range(layers)]
        for i, layers in enumerate(depths)
    ]


class MlpPredictor:
    """The mean of several networks, by NumPy alone.

    Args:
        inputs: Keys of the blocks.
        kind: How outputs turn to scores.
        networks: Layers of each network.
        target: Mean and standard deviation of a regression's values.
    """

    def __init__(
        self,
        inputs: tuple[str, ...],
        kind: TaskKind,
        networks: list[Layers],
        target: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.inputs, self.kind, self.networks, self.target = tuple(inputs), kind, networks, target

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) float64 scores, see `automl_nb.transfer.base.Predictor`."""
        X = np.hstack([np.asarray(blocks[key], dtype=np.float32) for key in self.inputs])
        each = [_scores(run(network, X), self.kind, self.target) for network in self.networks]
        return np.asarray(np.mean(each, axis=0))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``networks.safetensors``."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file(packed(self.networks), folder / "networks.safetensors")
        return {
            "inputs": list(self.inputs),
            "kind": self.kind.value,
            "target": list(self.target),
            "depths": [len(network) for network in self.networks],
        }

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        from safetensors.numpy import load_file

        arrays = load_file(folder / "networks.safetensors")
        networks = unpacked(arrays, config["depths"])
        mean, std = config["target"]
        return cls(tuple(config["inputs"]), TaskKind(config["kind"]), networks, (mean, std))


def _scores(outputs: np.ndarray, kind: TaskKind, target: tuple[float, float]) -> np.ndarray:
    """(n, k) float64 scores of what one network gives out."""
    values = outputs.astype(np.float64)
    if kind is TaskKind.REGRESSION:
        return np.asarray(values * target[1] + target[0])
    if kind is TaskKind.MULTILABEL:
        return np.asarray(special.expit(values))
    return np.asarray(special.softmax(values, axis=1))


class _Inner:
    """The blocks centred and scaled for the networks, and how to undo it.

    Each block gets one scale, so that a typical column has unit variance: where columns
    are standardised already nothing changes, and a backbone's vectors keep their shape.
    """

    def __init__(
        self,
        X: np.ndarray,
        centre: np.ndarray,
        scale: np.ndarray,
        kind: TaskKind,
        target: tuple[float, float],
    ) -> None:
        self.X, self.centre, self.scale, self.kind, self.target = X, centre, scale, kind, target

    @classmethod
    def prepare(cls, context: TrialContext, inputs: tuple[str, ...]) -> Self:
        blocks = [np.asarray(context.blocks[key], dtype=np.float32) for key in inputs]
        centre = np.concatenate([block.mean(axis=0, dtype=np.float64) for block in blocks])
        spreads = [float(np.sqrt(block.var(axis=0, dtype=np.float64).mean())) for block in blocks]
        scale = np.concatenate(
            [
                np.full(block.shape[1], 1.0 / spread if spread > 1e-12 else 1.0)
                for block, spread in zip(blocks, spreads, strict=True)
            ]
        )
        X = ((np.hstack(blocks) - centre) * scale).astype(np.float32)
        target = (0.0, 1.0)
        if context.task.kind is TaskKind.REGRESSION:
            target = (float(np.mean(context.y)), float(np.std(context.y)) or 1.0)
        return cls(X, centre, scale, context.task.kind, target)

    def refitted(self, context: TrialContext, recipe: Recipe, epochs: int) -> list[Layers]:
        """One network of all rows, or none where the time was over."""
        rows = np.arange(len(context.y))
        lanes = self.lanes(replace(context, folds=(Fold(rows, rows[:1]),)), recipe)
        for _ in range(epochs):
            lanes.epoch(lambda: is_over(context))
        return [] if is_over(context) else lanes.networks()

    def lanes(self, context: TrialContext, recipe: Recipe) -> Lanes:
        """A network a fold, which knows nothing yet."""
        y = context.y
        if self.kind is TaskKind.REGRESSION:
            y = ((y - self.target[0]) / self.target[1]).astype(np.float32)[:, None]
        weights = row_weights(context, np.arange(len(y)))
        lesson = Lesson(self.X, y, self.kind, context.task.n_outputs, context.folds, weights)
        return Lanes(lesson, recipe, seed=context.seed, device=context.device)

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        return _scores(outputs, self.kind, self.target)

    def folded(self, networks: list[Layers]) -> list[Layers]:
        """The networks with centre and scale worked into their first layer."""
        made = []
        for (W, b), *rest in networks:
            scaled = W * self.scale[:, None]
            shifted = b - self.centre @ scaled
            made.append([(scaled.astype(np.float32), shifted.astype(np.float32)), *rest])
        return made


def _recipe(context: TrialContext, config: dict[str, object]) -> Recipe:
    known = {key: value for key, value in config.items() if key in Recipe.__dataclass_fields__}
    if "width" in config:
        width = int(config["width"])  # type: ignore[call-overload]
        known["widths"] = (width, max(1, width // 2))
    elif "widths" in known:
        known["widths"] = tuple(known["widths"])  # type: ignore[arg-type]
    batch = int(known.get("batch", Recipe.batch))  # type: ignore[call-overload]
    rows = max(len(fold.fit) for fold in context.folds)
    epochs = epochs_for(rows, batch)
    usual = {"epochs": epochs, "dropout": _dropout(context.task)}
    return Recipe(**{**usual, **known})  # type: ignore[arg-type]


def _dropout(task: Task) -> float:
    """Values carry more than classes do, and need less held back."""
    return 0.2 if task.kind is TaskKind.REGRESSION else Recipe.dropout


def epochs_for(rows: int, batch: int) -> int:
    """Passes over so many rows at most; the learning rate falls to 0 over them.

    Example:
        >>> epochs_for(1_000, 128), epochs_for(100, 128), epochs_for(1_000_000, 128)
        (120, 120, 12)
    """
    return int(np.clip(_STEPS / max(1, rows / batch), *_EPOCHS))


def _report(context: TrialContext, done: int, total: int, curve: Curve, started: float) -> Report:
    return Report(
        trial_id=context.trial_id,
        resource=float(done),
        metrics={"loss": float(curve.losses[-1].mean())},
        elapsed_s=now() - started,
        total=float(total),
    )
