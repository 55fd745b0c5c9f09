"""Votes of the training rows that are most alike."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.snippet import Snippet, Telling, plain

_VOTES = plain(
    '''
    def votes(queries, rows, targets, k, imagined):
        """What the k rows of the least angle say, near ones counting more.

        `imagined` votes are spread as all rows' are, so that no class gets nothing at all.
        """
        likeness = normalize(queries) @ normalize(rows).T
        near = np.argsort(-likeness, axis=1)[:, :k]
        likeness = np.take_along_axis(likeness, near, axis=1)
        weights = np.exp(20 * (likeness - likeness.max(axis=1, keepdims=True)))
        found = (weights[:, :, None] * targets[near]).sum(axis=1)
        found = found + imagined * targets.mean(axis=0)
        return found / (weights.sum(axis=1, keepdims=True) + imagined)
    '''
)


def knn(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """Cosine neighbours; a class's share of votes is never quite 0."""
    train, new = telling.features(member)
    lines = ["# Nothing is learnt: the training rows themselves answer for those like them."]
    imports = ("import numpy as np", "from sklearn.preprocessing import normalize")
    if telling.is_regression:
        value = f"votes({new}, {train}, y_train[:, None], {member.config['k']}, 0)[:, 0]"
        return Snippet(lines[0], value, imports, (_VOTES,))
    lines.append(f"{name}_targets = np.eye(len(classes))[y_train]")
    value = f"votes({new}, {train}, {name}_targets, {member.config['k']}, 0.5)"
    return Snippet("\n".join(lines), value, imports, (_VOTES,))
