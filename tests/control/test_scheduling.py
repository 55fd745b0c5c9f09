"""Schedulers of a search: one a kind, chosen when it is known how many trials there may be."""

import numpy as np
import pytest

from automl_nb.control.scheduling import Scheduling
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.trials import Decision

SHARES = (0.0, 0.12, 0.35, 0.7, 1.0)


def carry_out(scheduling, n=20, seed=0, begin=0):
    """Trials with falling curves; what each reported, and whether it came to its end."""
    rng, told = np.random.default_rng(seed), []
    for number, floor in enumerate(rng.uniform(0.1, 1.0, n)):
        if number < begin:
            continue
        kind, reports = f"kind {number % 2}", []
        for share in SHARES:
            reports.append((share, float(floor + 1.0 - share)))
            if scheduling.heard(kind, str(number), *reports[-1]) is Decision.STOP:
                break
        whole = reports[-1][0] == 1.0
        scheduling.ended(kind, str(number), whole=whole)
        told.append((kind, str(number), tuple(reports), whole))
    return told


@pytest.mark.parametrize("name", ["none", "asha", "hyperband", "median"])
def test_told_again_it_goes_on_as_if_nothing_had_happened(name):
    whole = carry_out(Scheduling(name))
    again = Scheduling(name)
    for kind, trial, reports, ended in whole[:8]:
        again.again(kind, trial, reports, whole=ended)
    assert carry_out(again, begin=8) == whole[8:]


def test_kinds_are_not_compared():
    alone, both = Scheduling("asha"), Scheduling("asha")
    for number in range(9):
        both.heard("good", f"g{number}", 0.5, 0.01)
    losses = np.random.default_rng(1).uniform(1.0, 2.0, 30)
    answers = [
        [one.heard("bad", str(n), 0.5, loss) for n, loss in enumerate(losses)]
        for one in (alone, both)
    ]
    assert answers[0] == answers[1]
    assert Decision.STOP in answers[0]


def test_until_it_is_chosen_nothing_ends_and_nothing_is_forgotten():
    auto, named = Scheduling(), Scheduling("asha")
    assert auto.name == ""
    assert auto.prunes  # it may
    for one in (auto, named):
        assert one.heard("kind", "first", 0.5, 0.2) is Decision.CONTINUE
        one.ended("kind", "first", whole=True)
    assert auto.expect(12)
    assert not auto.expect(2)  # it is settled
    assert (auto.name, auto.prunes) == ("asha", True)
    assert "12 trials" in auto.why
    for loss in (0.9, 0.1, 0.15, 0.05):
        answers = {one.heard("kind", str(loss), 0.5, loss) for one in (auto, named)}
        assert len(answers) == 1
    few = Scheduling()
    assert few.expect(3)
    assert (few.name, few.prunes) == ("none", False)


def test_an_unknown_one_is_named():
    with pytest.raises(UnknownNameError, match="asha"):
        Scheduling("ashe")
