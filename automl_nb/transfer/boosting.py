"""Gradient-boosted trees (LightGBM), grown on all folds in step and averaged.

The folds' boosters grow side by side, and one curve (the mean loss on the rows left out)
says how many trees are right. So that out-of-fold scores stay honest, each fold is scored
with the number of trees that the *other* folds' curve asks for. The finished predictor is
the mean of the folds' boosters (bagging), which needs no refit.

Ke et al. 2017, "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from automl_nb.core.clock import now
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.space import Choice, Float, Space
from automl_nb.core.trials import Cancelled, Decision, Report
from automl_nb.core.types import Task, TaskKind
from automl_nb.features.base import Matrix, join_blocks
from automl_nb.transfer.bagging import bags_well, is_over
from automl_nb.transfer.base import Blocks, Candidate, Trial, TrialContext
from automl_nb.transfer.crossfit import row_weights
from automl_nb.transfer.trees import Ensemble, Grove, grow_together, processors

DEFAULTS: dict[str, Any] = {
    "boosting": "gbdt",
    "learning_rate": 0.05,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 3.0,
    "rounds": 3000,  # at most
    "patience": 60,  # rounds without a better mean curve, after which growing ends
    "leaves": 1.0,  # a factor on the number of leaves that suits the rows
    "bins": 255,
    "native": False,  # whether level codes are sets of levels, or numbers
}
PRESETS: dict[str, dict[str, Any]] = {
    # Seconds matter: few large steps.
    "quick": {"learning_rate": 0.15, "rounds": 120, "patience": 12, "bins": 63},
    "gbdt": {"learning_rate": 0.05, "feature_fraction": 0.4, "lambda_l2": 5.0},
    # Cut points at random: smoother, and wrong in other places (Geurts et al. 2006).
    "extra-trees": {"extra_trees": True, "leaves": 2.0, "lambda_l2": 1.0},
    # Other columns at every cut, larger trees.
    "varied": {"leaves": 2.0, "feature_fraction": 1.0, "feature_fraction_bynode": 0.3},
    # Sets of levels instead of their frequency order.
    "levels": {"native": True, "feature_fraction": 0.6, "cat_smooth": 10.0, "cat_l2": 10.0},
}
PLANNED = ("gbdt", "extra-trees", "varied")  # in the order of what they add to a blend
_REPORT_S = 0.5
_AFTER_S = 1.5e-5  # to write down, read and ask one leaf, when the growing is over


class Boosting:
    """Strategy ``boosting``.

    Config:
        preset: A name of `PRESETS`; "gbdt" if not given.
        categorical: Positions of level codes by block key, for the preset "levels".
        Anything else overrides LightGBM's parameters, and of ours ``rounds``,
        ``patience``, ``leaves`` (a factor on the number of leaves) and ``bins``.
    """

    name = "boosting"

    def applies(self, context: TrialContext, inputs: tuple[str, ...]) -> str:
        """To any block with columns."""
        if not inputs or not sum(context.blocks[key].shape[1] for key in inputs):
            return "it needs features"
        return ""

    def space(self) -> Space:
        """The settings that matter most on tables; the number of trees is found by itself."""
        return Space(
            (
                Choice("preset", PLANNED, "gbdt", summary="the kind of trees"),
                Float("learning_rate", 5e-3, 0.5, 0.05, log=True, summary="step of a tree"),
                Float("leaves", 0.2, 8.0, 1.0, log=True, summary="factor on the usual leaves"),
                Float("feature_fraction", 0.05, 1.0, 0.5, summary="columns of a tree"),
                Float("bagging_fraction", 0.2, 1.0, 0.8, summary="rows of a tree"),
                Float("lambda_l2", 1e-3, 100.0, 3.0, log=True, summary="shrinkage of leaves"),
            )
        )

    def in_full(self, config: Mapping[str, Any], task: Task) -> dict[str, Any]:
        """A configuration with what its preset sets where it says nothing."""
        del task
        return {**DEFAULTS, **PRESETS[config.get("preset", "gbdt")], **config}

    def train(
        self, context: TrialContext, inputs: tuple[str, ...], config: dict[str, object]
    ) -> Trial:
        """Grow trees until the mean curve rises, then score each fold."""
        started = now()
        settings = _settings(context, inputs, config)
        matrix = join_blocks([context.blocks[key] for key in inputs])
        groves = _plant(context, matrix, settings)
        total = float(settings["rounds"])
        decision = Decision.CONTINUE
        for done in grow_together(groves, settings, context.cancel, every_s=_REPORT_S):
            decision = yield _report(context, done, total, groves, started)
            after = _AFTER_S * done * _trees_a_round(context, groves) * settings["num_leaves"]
            if decision is Decision.STOP or is_over(context) or not context.deadline.allows(after):
                break
        if not all(grove.rounds for grove in groves):
            raise Cancelled(context.cancel.reason or "no tree was grown in time")
        whole = context.only_judged or bags_well(context.folds, len(context.y))
        ensembles = [grove.ensemble() for grove in groves]
        if not whole and decision is not Decision.STOP:
            again = [grove.refitted(lambda: is_over(context)) for grove in groves]
            whole = all(again)
            ensembles = [one for one in again if one] if whole else ensembles
        predictor = BoosterPredictor(inputs, context.task.kind, ensembles)
        return Candidate(
            name=str(config.get("name", self.name)),
            strategy=self.name,
            inputs=inputs,
            predictor=predictor,
            oof=_out_of_fold(context, matrix, groves),
            fit_s=now() - started,
            note=f"{groves[0].best_round} trees a fold, {settings['num_leaves']} leaves",
            refitted=whole,
            config={"preset": "gbdt", **{k: v for k, v in config.items() if k != "name"}},
        )


class BoosterPredictor:
    """Means of boosters, one ensemble for the task or one a label.

    Args:
        inputs: Keys of the blocks, in the order of the columns that the trees know.
        kind: How raw values turn to scores.
        ensembles: One, or for multi-label one a label.
    """

    def __init__(self, inputs: tuple[str, ...], kind: TaskKind, ensembles: list[Ensemble]) -> None:
        self.inputs, self.kind, self.ensembles = tuple(inputs), kind, ensembles

    def predict(self, blocks: Blocks) -> np.ndarray:
        """(n, k) float64 scores, see `automl_nb.transfer.base.Predictor`."""
        matrix = join_blocks([blocks[key] for key in self.inputs])
        return _columns([ensemble.mean(matrix) for ensemble in self.ensembles], self.kind)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write each booster in LightGBM's text format."""
        folder.mkdir(parents=True, exist_ok=True)
        ensembles = []
        for i, ensemble in enumerate(self.ensembles):
            for j, text in enumerate(ensemble.texts):
                path = folder / f"booster-{i}-{j}.txt"
                path.write_text(text, encoding="utf-8", newline="\n")
            ensembles.append(
                {"boosters": len(ensemble.texts), "shift": ensemble.shift, "scale": ensemble.scale}
            )
        return {"inputs": list(self.inputs), "kind": self.kind.value, "ensembles": ensembles}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        ensembles = [
            Ensemble(
                [
                    (folder / f"booster-{i}-{j}.txt").read_text(encoding="utf-8")
                    for j in range(entry["boosters"])
                ],
                shift=float(entry["shift"]),
                scale=float(entry["scale"]),
            )
            for i, entry in enumerate(config["ensembles"])
        ]
        return cls(tuple(config["inputs"]), TaskKind(config["kind"]), ensembles)


def _columns(values: list[np.ndarray], kind: TaskKind) -> np.ndarray:
    """(n, k) scores from what the ensembles say."""
    if kind is TaskKind.BINARY:
        return np.column_stack([1.0 - values[0], values[0]])
    if kind is TaskKind.MULTICLASS:
        return np.asarray(values[0] / values[0].sum(axis=1, keepdims=True))
    return np.column_stack(values)


def _settings(
    context: TrialContext, inputs: tuple[str, ...], config: Mapping[str, object]
) -> dict[str, Any]:
    """LightGBM's parameters and ours, for this task and this many rows."""
    preset = str(config.get("preset", "gbdt"))
    if preset not in PRESETS:
        raise UnknownNameError("preset of boosting", preset, PRESETS)
    n = float(np.mean([len(fold.fit) for fold in context.folds]))
    settings: dict[str, Any] = {
        **DEFAULTS,
        "min_data_in_leaf": int(np.clip(n / 200, 3, 20)),
        **PRESETS[preset],
        **{k: v for k, v in config.items() if k not in {"name", "preset", "categorical"}},
    }
    # Few rows bear small trees only: 8 leaves up to 4,000 rows, 40 at 30,000.
    leaves = float(np.clip(8.0 * (n / 4_000.0) ** 0.8, 8, 96))
    settings.setdefault("num_leaves", round(settings["leaves"] * leaves))
    settings["categorical"] = _categorical(context, inputs, config) if settings["native"] else []
    settings |= _objective(context)
    settings["seed"] = context.seed
    return settings


def _objective(context: TrialContext) -> dict[str, Any]:
    kind = context.task.kind
    if kind is TaskKind.REGRESSION:
        absolute = context.objective.metric in {"mae", "medae"}
        return {"objective": "regression_l1" if absolute else "regression"}
    if kind is TaskKind.MULTICLASS:
        return {"objective": "multiclass", "num_class": len(context.task.classes)}
    return {"objective": "binary"}


def _categorical(
    context: TrialContext, inputs: tuple[str, ...], config: Mapping[str, object]
) -> list[int]:
    """Positions of level codes in the joined matrix."""
    given = config.get("categorical")
    positions: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    found, start = [], 0
    for key in inputs:
        found += [start + int(position) for position in positions.get(key, ())]
        start += context.blocks[key].shape[1]
    return found


def _plant(context: TrialContext, matrix: Matrix, settings: dict[str, Any]) -> list[Grove]:
    """One grove for the task, or one a label."""
    kind, y = context.task.kind, context.y
    targets = list(y.T) if kind is TaskKind.MULTILABEL else [y]
    shift, scale = 0.0, 1.0
    if kind is TaskKind.REGRESSION:  # LightGBM keeps targets as float32
        shift, scale = float(np.mean(y)), float(np.std(y)) or 1.0
    weights = row_weights(context, np.arange(len(y)))
    lanes = len(targets) * len(context.folds)
    threads = 1 if lanes > 1 else processors()
    return [
        Grove(
            *(matrix, (target - shift) / scale, weights, context.folds, settings),
            shift=shift,
            scale=scale,
            threads=threads,
        )
        for target in targets
    ]


def _trees_a_round(context: TrialContext, groves: list[Grove]) -> int:
    several = context.task.kind is TaskKind.MULTICLASS
    return sum(len(grove.lanes) for grove in groves) * (len(context.task.classes) if several else 1)


def _out_of_fold(context: TrialContext, matrix: Matrix, groves: list[Grove]) -> np.ndarray:
    oof = np.full((len(context.y), context.task.n_outputs), np.nan)
    for number, fold in enumerate(context.folds):
        values = [grove.left_out(number, matrix[fold.judge]) for grove in groves]
        oof[fold.judge] = _columns(values, context.task.kind)
    return oof


def _report(
    context: TrialContext, done: int, total: float, groves: list[Grove], started: float
) -> Report:
    loss = float(np.mean([grove.curve[-1] for grove in groves])) if done else math.nan
    return Report(
        trial_id=context.trial_id,
        resource=float(done),
        metrics={"loss": loss} if math.isfinite(loss) else {},
        elapsed_s=now() - started,
        total=total,
    )
