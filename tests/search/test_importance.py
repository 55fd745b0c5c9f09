"""What mattered is found, and what didn't isn't; few trials are refused."""

import numpy as np
import pytest

from automl_nb.core.errors import SettingError
from automl_nb.core.ledger import Setting
from automl_nb.search.importance import importance


def tried(n, seed=0):
    """Settings of which `lr` decides, `kind` helps, and `width` and `depth` do nothing."""
    rng = np.random.default_rng(seed)
    lr = 10 ** rng.uniform(-5, -1, n)
    kind, width = rng.choice(["a", "b"], n), rng.uniform(1, 2, n)
    depth = rng.integers(1, 5, n)
    scores = -((np.log10(lr) + 3) ** 2) + 0.5 * (kind == "a") + rng.normal(0, 0.1, n)
    made = (
        Setting("lr", tuple(lr.tolist()), (), log=True),
        Setting("kind", tuple(kind.tolist()), ("a", "b"), log=False),
        Setting("width", tuple(width.tolist()), (), log=False),
        Setting("depth", tuple(depth.tolist()), (), log=False),
    )
    return made, tuple(scores.tolist())


def test_what_decides_comes_first_with_an_interval_that_holds_its_share():
    settings, scores = tried(200)
    found = importance(settings, scores)
    assert found[0].name == "lr"
    assert found[0].share > 0.5
    assert sum(one.share for one in found) == pytest.approx(1.0)
    assert all(0 <= one.low <= one.share <= one.high <= 1 for one in found)
    without = {one.name: one for one in found}
    assert without["width"].share < 0.1
    assert without["depth"].share < 0.15


def test_the_direction_counts():
    settings, scores = tried(200)
    down = importance(settings, tuple(-s for s in scores), greater_is_better=False)
    assert down == importance(settings, scores)


def test_a_setting_that_counts_in_some_trials_alone_is_told_of():
    settings, scores = tried(100)
    on = settings[1].values
    some = Setting(
        "gamma",
        tuple(v if k == "a" else None for v, k in zip(settings[2].values, on, strict=True)),
        (),
        log=False,
    )
    found = importance((*settings[:2], some), scores)
    assert {one.name for one in found} == {"lr", "kind", "gamma"}


def test_scores_that_are_all_the_same_tell_nothing():
    settings, scores = tried(20)
    found = importance(settings, (0.5,) * len(scores))
    assert {one.share for one in found} == {0.25}


def test_few_trials_are_refused():
    settings, scores = tried(9)
    with pytest.raises(SettingError, match="at least 10 trials"):
        importance(settings, scores)
    with pytest.raises(SettingError, match="at least 10 trials"):
        importance((), (0.5,) * 20)
