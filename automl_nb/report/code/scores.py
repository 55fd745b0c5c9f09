"""The last lines: the members as one model, its answers, and their score."""

from __future__ import annotations

from collections.abc import Sequence

from automl_nb.core.recipe import Ingredient
from automl_nb.core.types import TaskKind
from automl_nb.report.code.snippet import Snippet, Telling, number, plain

_SOFTENED = plain(
    '''
    def softened(shares, temperature):
        """Probabilities made less sure (above 1) or surer; they still sum to 1 a row."""
        powers = np.maximum(shares, 1e-15) ** (1 / temperature)
        return powers / powers.sum(axis=1, keepdims=True)
    '''
)
_METRICS = "from sklearn.metrics import {}"
# Of answers: the function, and what it is asked beside them.
_OF_ANSWERS = {
    "accuracy": ("accuracy_score", ""),
    "balanced_accuracy": ("balanced_accuracy_score", ""),
    "mcc": ("matthews_corrcoef", ""),
    **{
        f"{name}{form}": (f"{name}_score", f', average="{form[1:]}"')
        for name in ("f1", "precision", "recall")
        for form in ("_macro", "_weighted")
    },
    "rmse": ("root_mean_squared_error", ""),
    "mae": ("mean_absolute_error", ""),
    "medae": ("median_absolute_error", ""),
    "r2": ("r2_score", ""),
}
_OF_PROBABILITIES = {
    "roc_auc": ("roc_auc_score", ', multi_class="ovr"'),
    "pr_auc": ("average_precision_score", ""),
    "log_loss": ("log_loss", ""),
}


def blended(telling: Telling, values: Sequence[tuple[Ingredient, str]], blocks: Snippet) -> Snippet:
    """`probabilities` (or `values`) and `answers` for new rows.

    Args:
        telling: The run.
        values: Each member with the expression of its scores.
        blocks: Its code gives the members' features of the rows `new`.
    """
    recipe = telling.recipe
    indented = [f"    {line}" if line else "" for line in blocks.code.splitlines()]
    if telling.is_regression:
        mean = " + ".join(_weighed(member, value) for member, value in values)
        return Snippet(
            "\n".join(
                [
                    "def answers(new):",
                    '    """The predicted values of rows like those of the table."""',
                    *indented,
                    f"    return {mean}",
                ]
            )
        )
    soft = _needs_temperature(telling)
    lines = [
        "def probabilities(new):",
        '    """(n, k) probabilities of the classes, for rows like those of the table."""',
        *indented,
    ]
    terms = [
        _weighed(member, _soft(value, member.temperature) if soft else value)
        for member, value in values
    ]
    if not soft:
        lines.append(f"    return {terms[0]}")
    else:
        lines.append(f"    shares = {terms[0]}")
        lines += [f"    shares = shares + {term}" for term in terms[1:]]
        lines.append(f"    return {_soft('shares', recipe.temperature)}")
    chosen = "probabilities(new)"
    if recipe.offsets:
        offsets = ", ".join(number(offset) for offset in recipe.offsets)
        chosen = f"(np.log(np.maximum(probabilities(new), 1e-15)) + [{offsets}])"
    lines += ["", "", "def answers(new):"]
    lines.append('    """The most probable class of each row')
    lines[-1] += ', rare ones favoured as far as that paid."""' if recipe.offsets else '."""'
    lines.append(f"    return classes[{chosen}.argmax(axis=1)]")
    imports = ("import numpy as np",) if recipe.offsets else ()
    return Snippet("\n".join(lines), imports=imports, helpers=(_SOFTENED,) if soft else ())


def _needs_temperature(telling: Telling) -> bool:
    """Whether how sure the members are changes an answer or the score."""
    metric = telling.state.objective.metric if telling.state.objective else ""
    several = len(telling.recipe.members) > 1 or bool(telling.recipe.offsets)
    return several or metric not in _OF_ANSWERS


def _soft(value: str, temperature: float) -> str:
    if abs(temperature - 1.0) < 1e-3:
        return value
    return f"softened({value}, {number(temperature)})"


def _weighed(member: Ingredient, value: str) -> str:
    return value if member.weight == 1.0 else f"{number(member.weight)} * {value}"


def scored(telling: Telling) -> Snippet:
    """The run's metric on the rows kept aside, and what the run reached."""
    metric = telling.state.objective.metric if telling.state.objective else ""
    expression, imports = _score(metric, telling)
    name = metric if expression else ("rmse" if telling.is_regression else "accuracy")
    lines = ["# The rows kept aside say how good the model is: it has never seen them."]
    if not expression:
        lines.append(f"# (The run was judged by {metric}; this is the {name}.)")
        expression, imports = _score(name, telling)
    reached = _reached(telling, name)
    if reached is not None:
        lines.append(f"# In the run it was {reached:.4f} there.")
    lines += [
        f"score = {expression}",
        f'print(f"{name} on {{len(test):,}} rows kept aside: {{score:.4f}}")',
    ]
    return Snippet("\n".join(lines), imports=imports)


def _score(metric: str, telling: Telling) -> tuple[str, tuple[str, ...]]:
    """The expression of a metric, "" if scikit-learn has none that is the same; and imports."""
    truth = "y_test" if telling.is_regression else "classes[y_test]"
    if metric in {"f1", "precision", "recall"}:
        binary = telling.task.kind is TaskKind.BINARY
        more = ", pos_label=classes[1]" if binary else ', average="macro"'
        function = f"{metric}_score"
        return f"{function}({truth}, answers(test){more})", (_METRICS.format(function),)
    if metric in _OF_ANSWERS:
        function, more = _OF_ANSWERS[metric]
        return f"{function}({truth}, answers(test){more})", (_METRICS.format(function),)
    if metric in _OF_PROBABILITIES:
        function, more = _OF_PROBABILITIES[metric]
        ranks = metric != "log_loss"
        given = "[:, 1]" if ranks and telling.classes == 2 else ""
        more = more if telling.classes > 2 else ""
        return (
            f"{function}(y_test, probabilities(test){given}{more})",
            (_METRICS.format(function),),
        )
    return "", ()


def _reached(telling: Telling, metric: str) -> float | None:
    """The run's own test score; of the model that it kept alone."""
    state = telling.state
    kept = state.incumbent.model if state.incumbent else ""
    names = {row.model for row in state.leaderboard if row.recipe is telling.recipe}
    card = state.scorecard or {}
    metrics = card.get("metrics")
    if kept not in names or not isinstance(metrics, dict) or metric not in metrics:
        return None
    return float(metrics[metric]["value"])
