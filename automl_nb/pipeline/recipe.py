"""A model's recipe, taken down while candidates and encoders are at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from automl_nb.core.recipe import Block, Ingredient, Recipe
from automl_nb.features.base import Encoder
from automl_nb.features.frozen import FrozenEncoder
from automl_nb.features.tabular import TabularLinear, TabularTree
from automl_nb.features.tfidf import Tfidf
from automl_nb.pipeline.champion import Champion
from automl_nb.transfer.base import Candidate
from automl_nb.transfer.boosting import BoosterPredictor
from automl_nb.transfer.cells.predictor import CellPredictor
from automl_nb.transfer.mlp import MlpPredictor
from automl_nb.transfer.tuned import TunedPredictor

# What LightGBM's text says of itself, as far as a run may change it.
_TREES = (
    *("boosting", "objective", "num_class", "learning_rate", "num_leaves", "min_data_in_leaf"),
    *("feature_fraction", "feature_fraction_bynode", "bagging_fraction", "bagging_freq"),
    *("lambda_l2", "extra_trees", "max_bin", "seed"),
)


def recipe_of(made: Champion, encoders: Mapping[str, Encoder], *, balanced: bool) -> Recipe:
    """How a champion was made.

    Args:
        made: A blend, or a candidate alone.
        encoders: Those of the run, by block.
        balanced: Whether rows of rare classes counted more in its trials.
    """
    keys = dict.fromkeys(key for candidate, _, _ in made.members for key in candidate.inputs)
    return Recipe(
        members=tuple(
            Ingredient(
                candidate.name,
                candidate.strategy,
                candidate.inputs,
                _config(candidate),
                weight,
                temperature.value,
            )
            for candidate, weight, temperature in made.members
        ),
        blocks=tuple(_block(key, encoders[key]) for key in keys),
        temperature=made.temperature.value,
        offsets=made.thresholds.offsets,
        balanced=balanced,
    )


def _config(candidate: Candidate) -> dict[str, object]:
    """The settings as they came out, with what training itself found."""
    return {**candidate.config, **_found(candidate)}


def _found(candidate: Candidate) -> dict[str, object]:
    predictor = candidate.predictor
    if isinstance(predictor, BoosterPredictor):
        texts = predictor.ensembles[0].texts
        return {"trees": _trees_of(texts[0]), "models": len(texts), "lightgbm": _said(texts[0])}
    if isinstance(predictor, MlpPredictor):
        widths = [len(bias) for _, bias in predictor.networks[0][:-1]]
        epochs = re.match(r"(\d+) epochs", candidate.note)
        return {
            "widths": widths,
            "models": len(predictor.networks),
            "best_epoch": int(epochs[1]) if epochs else 0,
        }
    if isinstance(predictor, CellPredictor):
        return {"widths": [*predictor.widths]}
    if isinstance(predictor, TunedPredictor):
        epochs = re.search(r"([\d.]+) epochs", candidate.note)
        # What was asked for goes before: "layers" may be how many learnt, or which are read.
        return {
            **predictor.encoder.settings(),
            **candidate.config,
            "trained_epochs": float(epochs[1]) if epochs else 0.0,
        }
    return {}


def _trees_of(text: str) -> int:
    """Rounds of a booster: of several classes each has a tree a round."""
    per_round = re.search(r"^num_tree_per_iteration=(\d+)$", text, re.MULTILINE)
    assert per_round is not None
    return text.count("\nTree=") // int(per_round[1])


def _said(text: str) -> dict[str, object]:
    """The parameters at the end of a booster's text."""
    found = dict(re.findall(r"^\[(\w+): (.*)\]$", text, re.MULTILINE))
    return {name: found[name] for name in _TREES if name in found}


def _block(key: str, encoder: Encoder) -> Block:
    return Block(key, encoder.name, _columns(encoder), _settings(encoder))


def _columns(encoder: Encoder) -> tuple[str, ...]:
    """What it reads; () for the whole table, which the schema knows."""
    return () if isinstance(encoder, TabularLinear | TabularTree) else encoder.columns


def _settings(encoder: Any) -> dict[str, object]:
    if isinstance(encoder, Tfidf):
        return {k: [*v] if isinstance(v, tuple) else v for k, v in encoder.options.items()}
    if isinstance(encoder, FrozenEncoder):
        return {**encoder.settings(), "backbone": encoder.card.name}
    if isinstance(encoder, TabularLinear | TabularTree):
        reader = encoder.reader
        made: dict[str, object] = {
            "dates": {name: [*parts] for name, parts in reader.parts.items()},
            "ordered": {
                name: dict(zip(levels.names, levels.places, strict=True))
                for name, levels in reader.levels.items()
                if levels.places
            },
        }
        if isinstance(encoder, TabularLinear):
            pieces = [len(scale.centres) for scale in encoder.scales.scales]
            made["pieces"] = max(pieces, default=0)
        return made
    return {}
