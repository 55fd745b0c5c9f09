"""Which scheduler fits: by the number of trials that there may be."""

from __future__ import annotations

from dataclasses import dataclass

from automl_nb.core.show.words import count

FEW = 4  # trials, of which a third that goes on is hardly one


@dataclass(frozen=True)
class Chosen:
    """A scheduler's name, and a sentence that says why."""

    name: str
    why: str


def choose(n_trials: float) -> Chosen:
    """The scheduler for so many trials of one kind; ``inf`` for as many as there may be.

    Example:
        >>> choose(4).name, choose(12).name
        ('none', 'asha')
        >>> choose(12).why
        'asha: of about 12 trials of a kind, the best third at each rung goes on.'
    """
    if n_trials <= FEW:
        if n_trials < 2:
            return Chosen("none", "none: with 1 trial of a kind there is nobody to compare with.")
        about = count(int(n_trials), "trial")
        return Chosen("none", f"none: with {about} of a kind, none has enough to be compared with.")
    if n_trials > 1000:
        return Chosen("asha", "asha: of many trials the best third at each rung goes on.")
    return Chosen(
        "asha",
        f"asha: of about {int(n_trials)} trials of a kind, the best third at each rung goes on.",
    )
