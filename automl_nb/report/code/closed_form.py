"""Heads in closed form, and the floor of every leaderboard: nothing is searched for."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import SOFTMAX
from automl_nb.report.code.snippet import Snippet, Telling, plain

_MEANS = plain(
    '''
    def class_means(Z, y, shares):
        """Means of the classes, and the sharpness of least log loss (Snell et al. 2017).

        Each row is held against means without it: from its own class's it is n / (n - 1) as far.
        """
        counts = np.bincount(y)
        means = np.array([Z[y == k].mean(axis=0) for k in range(len(counts))])
        distance = ((Z[:, None] - means) ** 2).sum(axis=2)
        rows = np.arange(len(y))
        usual = distance[rows, y].mean()
        distance[rows, y] *= (counts[y] / np.maximum(counts[y] - 1, 1)) ** 2
        distance, right = distance[counts[y] > 1], y[counts[y] > 1]
        # Smoothed, lest rows that are all right ask for boundless sharpness.
        goal = np.eye(len(counts))[right] + 1 / (len(right) * len(counts))

        def loss(log_sharpness):
            margins = np.log(shares) - np.exp(log_sharpness) / usual * distance
            return -(goal * log_softmax(margins, axis=1)).sum(axis=1).mean()

        found = minimize_scalar(loss, bounds=(-9.2, 9.2), method="bounded")
        return means, np.exp(found.x) / usual
    '''
)


def prior(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """Class shares with one imagined row a class (Laplace), or the mean."""
    del member
    why = "# The floor: what is most likely, whatever a row says. A model must do better than that."
    if telling.is_regression:
        return Snippet(why, "np.full(len(new), y_train.mean())", ("import numpy as np",))
    shares = "(np.bincount(y_train, minlength=len(classes)) + 1) / (len(y_train) + len(classes))"
    return Snippet(
        f"{why}\n{name} = {shares}", f"np.tile({name}, (len(new), 1))", ("import numpy as np",)
    )


def class_mean(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The nearest class mean, its sharpness fitted."""
    train, new = _read(member, telling)
    code = [
        "# A class is its mean; the nearer a row, the likelier the class.",
        f"{name}_shares = {_shares(telling)}",
        f"{name}_centre = {train}.mean(axis=0)",
        f"{name}, {name}_sharpness = class_means(",
        f"    {train} - {name}_centre, y_train, {name}_shares",
        ")",
        "",
        f"def {name}_margins(X):",
        '    """(n, k) how near each class is."""',
        f"    distance = (((X - {name}_centre)[:, None] - {name}) ** 2).sum(axis=2)",
        f"    return np.log({name}_shares) - {name}_sharpness * distance",
    ]
    imports = ("import numpy as np", "from scipy.optimize import minimize_scalar", SOFTMAX)
    value = f"softmax({name}_margins({new}), axis=1)"
    more = ("from scipy.special import log_softmax", *_balance(telling))
    return Snippet("\n".join(code), value, (*imports, *more), (_MEANS,))


def lda(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The linear discriminant, its covariance shrunk (Ledoit & Wolf 2004)."""
    train, new = _read(member, telling)
    code = [
        "# What sets the means of the classes apart, measured by the spread within classes; of few",
        "# rows that spread is drawn towards a ball's (Ledoit & Wolf 2004).",
        f"means = np.array([{train}[y_train == k].mean(axis=0) for k in range(len(classes))])",
        f"spread = ledoit_wolf({train} - means[y_train], assume_centered=True)[0]",
        f"{name}_centre = {train}.mean(axis=0)",
        f"{name} = np.linalg.solve(spread, (means - {name}_centre).T)",
        f"{name}_shift = np.log({_shares(telling)})",
        f"{name}_shift -= ((means - {name}_centre) * {name}.T).sum(axis=1) / 2",
    ]
    imports = ("import numpy as np", SOFTMAX, "from sklearn.covariance import ledoit_wolf")
    value = f"softmax(({new} - {name}_centre) @ {name} + {name}_shift, axis=1)"
    return Snippet("\n".join(code), value, (*imports, *_balance(telling)))


def _read(member: Ingredient, telling: Telling) -> tuple[str, str]:
    """The features of the training rows, and of new ones, in double precision."""
    train, new = telling.features(member)
    return f"{train}.astype(float)", new


def _shares(telling: Telling) -> str:
    """Of the classes, as their rows count."""
    if not telling.recipe.balanced:
        return "np.bincount(y_train) / len(y_train)"
    weights = 'compute_sample_weight("balanced", y_train)'
    return f"np.bincount(y_train, {weights}) / len(y_train)"


def _balance(telling: Telling) -> tuple[str, ...]:
    if not telling.recipe.balanced:
        return ()
    return ("from sklearn.utils.class_weight import compute_sample_weight",)
