"""Boosted trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.layout import quoted
from automl_nb.report.code.rows import folds
from automl_nb.report.code.snippet import Snippet, Telling, plain, refused

_USUAL = {
    "boosting": "gbdt",
    "num_class": "1",
    "feature_fraction": "1",
    "feature_fraction_bynode": "1",
    "extra_trees": "0",
    "max_bin": "255",
    "lambda_l2": "0",
}
BOTH = plain(
    '''
    def both(positive):
        """(n, 2) probabilities of two classes, from those of the second."""
        return np.column_stack([1 - positive, positive])
    '''
)


def boosting(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """LightGBM with the parameters that were used, one model a fold."""
    if len(member.inputs) != 1 or member.config.get("preset") == "levels":
        raise refused(f"'{member.name}', whose trees read sets of levels or several blocks")
    block = telling.names[member.inputs[0]]
    trees, models = member.config["trees"], int(str(member.config["models"]))
    weighed = f"{name}_weights[fit]" if telling.recipe.balanced else ""
    data = "lightgbm.Dataset(train_{0}{1}, y_train{1}{2})"
    lines = [f"{name}_settings = {{", *_settings(member.config["lightgbm"]), "}"]
    imports = ["import lightgbm", "import numpy as np"]
    if telling.recipe.balanced:
        imports.append("from sklearn.utils.class_weight import compute_sample_weight")
        lines.append(f'{name}_weights = compute_sample_weight("balanced", y_train)')
    helpers: tuple[str, ...] = ()
    if models > 1:
        dealt = folds(telling, models)
        helpers = dealt.helpers
        weight = f", weight={weighed}" if weighed else ""
        lines += [
            f"# {models} models, each without another part of the rows: their mean is steadier.",
            dealt.code,
            f"{name} = []",
            f"for left_out in range({models}):",
            "    fit = part != left_out",
            f"    rows_to_learn = {data.format(block, '[fit]', weight)}",
            f"    {name}.append(lightgbm.train({name}_settings, rows_to_learn, {trees}))",
        ]
    else:
        weight = f", weight={name}_weights" if weighed else ""
        learnt = data.format(block, "", weight)
        lines.append(f"{name} = [lightgbm.train({name}_settings, {learnt}, {trees})]")
    mean = f"np.mean([model.predict(new_{block}) for model in {name}], axis=0)"
    if telling.classes == 2:
        mean, helpers = f"both({mean})", (*helpers, BOTH)
    why = "# Trees, one after the other: each learns what those before it got wrong."
    return Snippet("\n".join([why, *lines]), mean, tuple(imports), helpers)


def _settings(said: Any) -> list[str]:
    assert isinstance(said, Mapping)
    kept = {name: value for name, value in said.items() if _USUAL.get(name) != value}
    if "extra_trees" in kept:
        kept["extra_trees"] = "True"
    made = [f'    "{name}": {_value(name, str(value))},' for name, value in kept.items()]
    return [*made, '    "deterministic": True,', '    "verbosity": -1,']


def _value(name: str, text: str) -> str:
    """A parameter as Python writes it; an objective is a name, with what it was set to behind."""
    return quoted(text.split(maxsplit=1)[0]) if name in {"objective", "boosting"} else text
