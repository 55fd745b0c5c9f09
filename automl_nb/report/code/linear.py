"""Heads that weigh features and add them up."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import MARGINS, SOFTMAX, side_by_side
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.transfer.ridge import PENALTIES

_RATIO = plain(
    '''
    def log_count_ratio(X, positive):
        """How much more one class uses a word than the other (Wang & Manning 2012)."""
        inside = np.asarray(X[positive].sum(axis=0)).ravel() + 1
        outside = np.asarray(X[~positive].sum(axis=0)).ravel() + 1
        return np.abs(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))
    '''
)


def logistic(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """scikit-learn's logistic regression on blocks of one common scale."""
    reads = side_by_side(name, member.inputs, telling)
    code = [
        "# A weight for each feature and class; a small C keeps the weights small.",
        *reads.lines,
        f"{name} = LogisticRegression(C={_C(member)}, max_iter=200, tol=1e-3{_weights(telling)})",
        f"{name}.fit({reads.train}, y_train)",
    ]
    return Snippet(
        "\n".join(code),
        f"{name}.predict_proba({reads.new})",
        (*reads.imports, "from sklearn.linear_model import LogisticRegression"),
        reads.helpers,
    )


def svm(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """scikit-learn's linear support vector machine."""
    dense = float(str(member.config.get("dense", 1.0)))
    reads = side_by_side(name, member.inputs, telling, dense=dense)
    code = [
        "# A linear machine that sets the classes apart by as wide a margin as it can.",
        *reads.lines,
        f"{name} = {_machine(member, telling)}",
        f"{name}.fit({reads.train}, y_train)",
    ]
    return Snippet(
        "\n".join(code),
        f"from_margins({name}.decision_function({reads.new}))",
        (*reads.imports, SOFTMAX, "from sklearn.svm import LinearSVC"),
        (*reads.helpers, MARGINS),
    )


def nb_svm(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The same machine on words that are weighed by what they say about the class."""
    if telling.classes != 2 or len(member.inputs) != 1:
        raise refused(f"'{member.name}' of several blocks or classes")
    block = telling.names[member.inputs[0]]
    code = [
        "# Words count by how differently the two classes use them.",
        f"{name}_weights = log_count_ratio(train_{block}, y_train == 1)",
        f"squares = train_{block}.multiply({name}_weights).power(2).sum()",
        f"{name}_weights /= np.sqrt(squares / len(y_train))  # rows of length 1 on average",
        f"{name} = {_machine(member, telling)}",
        f"{name}.fit(train_{block}.multiply({name}_weights).tocsr(), y_train)",
    ]
    return Snippet(
        "\n".join(code),
        f"from_margins({name}.decision_function(new_{block}.multiply({name}_weights).tocsr()))",
        ("import numpy as np", SOFTMAX, "from sklearn.svm import LinearSVC"),
        (_RATIO, MARGINS),
    )


def _machine(member: Ingredient, telling: Telling) -> str:
    return (
        f"LinearSVC(C={_C(member)}, tol=1e-3, max_iter=400, random_state={telling.seed}"
        f"{_weights(telling)})"
    )


def ridge(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """Least squares with a penalty; on dense blocks the one of least leave-one-out error."""
    reads = side_by_side(name, member.inputs, telling)
    if any(key in telling.sparse for key in member.inputs):
        alpha = number(member.config.get("alpha", 1.0))
        machine, kind = f'Ridge(alpha={alpha}, solver="sparse_cg", tol=1e-3)', "Ridge"
    else:
        powers = f"{number(_power(0))}, {number(_power(-1))}, {len(PENALTIES)}"
        machine = f"RidgeCV(np.logspace({powers}) * max(1, len(train) / 1000))"
        kind = "RidgeCV"
    several = telling.classes > 2
    target = "targets" if several else target_of(telling)
    code = [
        "# Least squares; the penalty keeps weights small that few rows speak for.",
        *reads.lines,
        *([f"targets = {target_of(telling)}"] if several else []),
        f"{name} = {machine}",
        f"{name}.fit({reads.train}, {target}{_row_weights(telling)})",
    ]
    value, imports = f"{name}.predict({reads.new})", [f"from sklearn.linear_model import {kind}"]
    if telling.is_regression:
        return Snippet("\n".join(code), value, (*reads.imports, *imports), reads.helpers)
    return Snippet(
        "\n".join(code),
        f"from_margins(3 * {value})",
        (*reads.imports, *imports, *_balance(telling), SOFTMAX),
        (*reads.helpers, MARGINS),
    )


def _power(place: int) -> float:
    """The exponent of a penalty."""
    from math import log10

    return log10(PENALTIES[place])


def target_of(telling: Telling) -> str:
    """What least squares learn: values, or -1 and 1 a class."""
    if telling.is_regression:
        return "y_train"
    return "2 * y_train - 1" if telling.classes == 2 else "2 * np.eye(len(classes))[y_train] - 1"


def _C(member: Ingredient) -> str:  # noqa: N802 - the field's name of it
    return number(member.config.get("C", 1.0))


def _weights(telling: Telling) -> str:
    return ', class_weight="balanced"' if telling.recipe.balanced else ""


def _row_weights(telling: Telling) -> str:
    if not telling.recipe.balanced:
        return ""
    return ', sample_weight=compute_sample_weight("balanced", y_train)'


def _balance(telling: Telling) -> tuple[str, ...]:
    if not telling.recipe.balanced:
        return ()
    return ("from sklearn.utils.class_weight import compute_sample_weight",)
