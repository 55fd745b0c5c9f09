"""Likeness to the training rows."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import MARGINS, SOFTMAX
from automl_nb.report.code.linear import targets
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.transfer.kernel import LANDMARKS, PENALTIES, REACH

_ODDS = plain(
    '''
    def log_odds(margins, y):
        """A slope, and a shift a class, that turn margins to log-odds (Platt 1999)."""
        if margins.ndim == 1:
            margins = np.column_stack([-margins / 2, margins / 2])
        shares = lambda at: softmax(at[0] * margins + at[1:], axis=1)[np.arange(len(y)), y]
        loss = lambda at: -np.log(np.maximum(shares(at), 1e-15)).mean() + 1e-3 * (at[1:] ** 2).sum()
        return minimize(loss, [3.0, *np.zeros(margins.shape[1])]).x
    '''
)


def kernel(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """Kernel ridge regression on landmarks: Nystroem's features, then least squares."""
    kind = str(member.config.get("kernel", "laplace"))
    if kind != "laplace" or telling.recipe.balanced:
        raise refused(f"'{member.name}' with the kernel '{kind}' or with weighed rows")
    reach = number(member.config.get("reach", REACH[kind]))
    most = int(str(member.config.get("landmarks", LANDMARKS)))
    X = f"train_{telling.names[member.inputs[0]]}"
    new = f"new_{telling.names[member.inputs[0]]}"
    if len(member.inputs) != 1:
        raise refused(f"'{member.name}' of several blocks")
    target, _ = targets(telling)
    lines = [
        "# Rows that are near each other get like answers: a row is described by its likeness",
        "# exp(-distance) to training rows, and these are weighed by least squares.",
        f"pairs = np.random.default_rng({telling.seed}).integers(0, len({X}), (2, 2000))",
        f"usual = np.abs({X}[pairs[0]] - {X}[pairs[1]]).sum(axis=1).mean()",
        f"{name}_likeness = Nystroem(",
        f'    kernel="laplacian", gamma={reach} / usual, n_components=min({most}, len({X})),',
        f"    random_state={telling.seed},",
        f").fit({X})",
        f"{name}_train = {name}_likeness.transform({X})",
        f"{name} = RidgeCV(np.logspace(-3, 3, {len(PENALTIES)})).fit({name}_train, {target})",
    ]
    values = f"{name}.predict({name}_likeness.transform({new}))"
    imports = [
        "import numpy as np",
        "from sklearn.kernel_approximation import Nystroem",
        "from sklearn.linear_model import RidgeCV",
    ]
    if telling.is_regression:
        return Snippet("\n".join(lines), values, tuple(imports))
    lines += [
        "# How sure a margin is, is told by rows that weren't learnt from.",
        f"left_out = cross_val_predict(Ridge({name}.alpha_), {name}_train, {target}, cv=5)",
        f"{name}_odds = log_odds(left_out, y_train)",
    ]
    imports += [
        "from scipy.optimize import minimize",
        SOFTMAX,
        "from sklearn.linear_model import Ridge",
        "from sklearn.model_selection import cross_val_predict",
    ]
    if telling.classes == 2:
        shift = f"({name}_odds[2] - {name}_odds[1])"
    else:
        shift = f"{name}_odds[1:]"
    value = f"from_margins({name}_odds[0] * {values} + {shift})"
    return Snippet("\n".join(lines), value, tuple(imports), (_ODDS, MARGINS))
