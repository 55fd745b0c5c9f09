"""Likeness to the training rows."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import MARGINS, SOFTMAX
from automl_nb.report.code.linear import target_of
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.transfer.kernel import LANDMARKS, PENALTIES, REACH

_ODDS = plain(
    '''
    def log_odds(margins, y):
        """A slope, and a shift (of several classes one each), from margins to log-odds."""
        several = margins.ndim > 1

        def loss(at):
            shares = from_margins(at[0] * margins + (at[1:] if several else at[1]))
            missed = -np.log(np.maximum(shares[np.arange(len(y)), y], 1e-15))
            return missed.mean() + 1e-3 * (at[1:] ** 2).sum()

        found = minimize(loss, [3.0, *np.zeros(margins.shape[1] if several else 1)]).x
        return found[0], found[1:] if several else found[1]
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
    several = telling.classes > 2
    target = "targets" if several else target_of(telling)
    lines = [
        "# Rows that are near each other get like answers: a row is described by its likeness",
        "# exp(-distance) to training rows, and these are weighed by least squares.",
        *([f"targets = {target_of(telling)}"] if several else []),
        f"pairs = np.random.default_rng({telling.seed}).integers(0, len({X}), (2, 2000))",
        f"usual = np.abs({X}[pairs[0]] - {X}[pairs[1]]).sum(axis=1).mean()",
        f"{name} = make_pipeline(",
        "    Nystroem(",
        f'        kernel="laplacian", gamma={reach} / usual, n_components=min({most}, len({X})),',
        f"        random_state={telling.seed},",
        "    ),",
        f"    RidgeCV(np.logspace(-3, 3, {len(PENALTIES)})),",
        f").fit({X}, {target})",
    ]
    imports = [
        "import numpy as np",
        "from sklearn.kernel_approximation import Nystroem",
        "from sklearn.linear_model import RidgeCV",
        "from sklearn.pipeline import make_pipeline",
    ]
    values = f"{name}.predict({new})"
    if telling.is_regression:
        return Snippet("\n".join(lines), values, tuple(imports))
    lines += [
        "# How sure a margin is, is told by rows that weren't learnt from.",
        "left_out = cross_val_predict(",
        f"    Ridge({name}[1].alpha_), {name}[0].transform({X}), {target}, cv=5",
        ")",
        f"{name}_slope, {name}_shift = log_odds(left_out, y_train)",
    ]
    imports += [
        "from scipy.optimize import minimize",
        SOFTMAX,
        "from sklearn.linear_model import Ridge",
        "from sklearn.model_selection import cross_val_predict",
    ]
    value = f"from_margins({name}_slope * {values} + {name}_shift)"
    return Snippet("\n".join(lines), value, tuple(imports), (_ODDS, MARGINS))
