"""One suite for every scheduler: it is rebuilt from what it was told, and stops what is worse."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_nb.control.drive import drive
from automl_nb.control.schedulers.catalog import SCHEDULERS
from automl_nb.core.errors import SettingError
from automl_nb.core.trials import CancelToken, Deadline, Decision, Report

NAMES = SCHEDULERS.names()
STOPPING = [name for name in NAMES if name != "none"]
TOTAL = 9.0


def made(name, **options):
    return SCHEDULERS[name].load()(total=TOTAL, **options)


def curve(quality, step):
    """Rises to `quality`."""
    return quality * step / (step + 1.0)


def raced(scheduler, qualities, *, unit=1.0, sign=1.0):
    """Run trials one after the other; where each was stopped, or None."""
    stopped = []
    for number, quality in enumerate(qualities):
        name, ended = f"t{number}", None
        for step in range(1, 10):
            value = sign * curve(quality, step)
            if scheduler.heard(name, step * unit, value) is Decision.STOP:
                ended = step
                break
        scheduler.ended(name, whole=ended is None)
        stopped.append(ended)
    return stopped


def drawn(n, seed=0):
    rng = random.Random(seed)
    return [rng.random() for _ in range(n)]


told = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.floats(0, 12),
        st.one_of(st.floats(-5, 5), st.sampled_from([math.nan, math.inf, -math.inf])),
        st.sampled_from(["on", "whole", "failed"]),
    ),
    max_size=60,
)


def replayed(name, lines):
    """What a new scheduler answers to these reports, each trial's in the order of its resource."""
    scheduler, over, far = made(name), set(), {}
    answers = []
    for trial, resource, value, end in lines:
        if trial in over:
            continue
        far[trial] = max(resource, far.get(trial, 0.0))
        answers.append(scheduler.heard(trial, far[trial], value))
        if answers[-1] is Decision.STOP or end != "on":
            over.add(trial)
            scheduler.ended(trial, whole=end == "whole" and answers[-1] is not Decision.STOP)
    return answers


@pytest.mark.parametrize("name", NAMES)
def test_told_the_same_it_answers_the_same(name):
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(lines=told)
    def check(lines):
        assert replayed(name, lines) == replayed(name, lines)
        assert set(replayed(name, lines)) <= {Decision.CONTINUE, Decision.STOP}

    check()


@pytest.mark.parametrize("name", STOPPING)
def test_the_bad_are_stopped_and_the_best_is_not(name):
    qualities = drawn(60)
    stopped = raced(made(name), qualities)
    assert stopped.count(None) < 45
    assert stopped[qualities.index(max(qualities))] is None
    halves = [stopped[i] is not None for i in sorted(range(60), key=qualities.__getitem__)]
    assert sum(halves[:30]) > sum(halves[30:])


def test_without_a_scheduler_all_go_on():
    assert set(raced(made("none"), drawn(20))) == {None}


@pytest.mark.parametrize("name", NAMES)
def test_less_of_a_loss_is_as_more_of_a_score(name):
    more = raced(made(name), drawn(40))
    less = raced(made(name, direction="minimize"), drawn(40), sign=-1.0)
    assert more == less


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("unit", [1 / 9, 1e6])
def test_the_unit_of_the_resource_does_not_matter(name, unit):
    scheduler = SCHEDULERS[name].load()(total=TOTAL * unit)
    assert raced(scheduler, drawn(40), unit=unit) == raced(made(name), drawn(40))


@pytest.mark.parametrize("name", STOPPING)
@pytest.mark.parametrize("value", [math.nan, -math.inf, math.inf])
def test_no_number_is_worse_than_all_others(name, value):
    scheduler = made(name)
    raced(scheduler, [0.5] * 30)
    numbers = [f"n{i}" for i in range(30)]  # hyperband's last bracket stops nothing
    answers = [scheduler.heard(n, step, value) for step in (1.0, 3.0, 6.0) for n in numbers]
    assert Decision.STOP in answers
    assert scheduler.heard("good", 6.0, 0.9) is Decision.CONTINUE


@pytest.mark.parametrize("name", NAMES)
def test_at_its_end_nothing_is_stopped(name):
    scheduler = made(name)
    raced(scheduler, [0.9] * 20)
    for number in range(20):
        assert scheduler.heard(f"late{number}", 9.0, 0.1) is Decision.CONTINUE
        assert scheduler.heard(f"late{number}", 9.5, 0.1) is Decision.CONTINUE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("resource", [-1.0, math.nan, math.inf])
def test_what_is_no_resource_is_refused(name, resource):
    with pytest.raises(SettingError, match="consumed"):
        made(name).heard("a", resource, 0.5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [{"total": 0.0}, {"total": math.nan}, {"total": math.inf}, {"direction": "up"}],
)
def test_settings_that_make_no_sense_are_refused(name, options):
    with pytest.raises(SettingError):
        SCHEDULERS[name].load()(**options)


@pytest.mark.parametrize("name", STOPPING)
def test_it_ends_a_driven_trial(name):
    def trial(number, quality):
        for step in range(1, 10):
            report = Report(f"t{number}", step, {"score": curve(quality, step)}, total=TOTAL)
            if (yield report) is Decision.STOP:
                return step
        return 9

    def driven(number, quality):
        return drive(
            trial(number, quality),
            heard=lambda r: scheduler.heard(r.trial_id, r.resource, r.metrics["score"]),
            deadline=Deadline(60.0),
            cancel=CancelToken(),
        )

    scheduler, reached = made(name), []
    for number, quality in enumerate(drawn(30)):
        reached.append(driven(number, quality))
        scheduler.ended(f"t{number}", whole=reached[-1] == 9)
    assert min(reached) < 9 == max(reached)


@pytest.mark.parametrize("spec", SCHEDULERS, ids=NAMES)
def test_it_says_its_name(spec):
    assert spec.load().name == spec.name
