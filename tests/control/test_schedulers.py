"""What is special to each scheduler, against Optuna's own or a literal reading of the paper."""

import random
import statistics

import optuna
import pytest
from optuna.trial import TrialState

from automl_nb.control.schedulers.asha import Asha
from automl_nb.control.schedulers.hyperband import Hyperband
from automl_nb.control.schedulers.median import Median
from automl_nb.core.errors import SettingError
from automl_nb.core.trials import Decision


def interleaved(n=60, seed=0, most=9):
    """Reports (trial, step, value) of trials that run four at a time."""
    rng = random.Random(seed)
    at_work, begun = {}, 0
    while at_work or begun < n:
        while len(at_work) < 4 and begun < n:
            at_work[begun], begun = (0, rng.random()), begun + 1
        trial = rng.choice(sorted(at_work))
        step, quality = at_work[trial]
        at_work[trial] = (step + 1, quality)
        stopped = yield trial, step + 1, quality * (step + 1) / (step + 2) + 0.05 * rng.random()
        if stopped or step + 1 == most:
            del at_work[trial]


def race(heard, **options):
    reports, found = interleaved(**options), []
    report = next(reports)
    while True:
        found.append((report[0], report[1], heard(*report)))
        try:
            report = reports.send(found[-1][2])
        except StopIteration:
            return found


def by_optuna(pruner, most=9):
    """What an Optuna study with whole steps would prune."""
    study = optuna.create_study(study_name="trials", pruner=pruner, direction="maximize")
    trials = {}

    def heard(number, step, value):
        trial = trials.setdefault(number, None) or study.ask()
        trials[number] = trial
        trial.report(value, step)
        stops = step < most and trial.should_prune()
        if stops or step == most:
            state = TrialState.PRUNED if stops else TrialState.COMPLETE
            study.tell(trial, None if stops else value, state=state)
        return stops

    return heard


def by_ours(scheduler):
    def heard(number, step, value):
        stops = scheduler.heard(f"t{number}", float(step), value) is Decision.STOP
        if stops or step == scheduler.total:
            scheduler.ended(f"t{number}", whole=not stops)
        return stops

    return heard


@pytest.mark.parametrize("eta", [2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_asha_is_optunas_successive_halving(eta, seed):
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=eta)
    ours = race(by_ours(Asha(total=9.0, eta=eta)), seed=seed)
    assert ours == race(by_optuna(pruner), seed=seed)
    assert any(stopped for _, _, stopped in ours)


@pytest.mark.parametrize(("most", "eta"), [(9, 3), (16, 4), (16, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_hyperband_is_optunas(most, eta, seed):
    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=most, reduction_factor=eta)
    options = {"seed": seed, "n": 90, "most": most}
    ours = race(by_ours(Hyperband(total=float(most), eta=eta, least=1 / most)), **options)
    assert ours == race(by_optuna(pruner, most), **options)
    rungs = {eta**k for k in range(9) if eta**k < most}
    assert {step for _, step, stopped in ours if stopped} == rungs


def test_a_third_goes_on_at_each_rung():
    """Trials that come in a random order: 1/3 pass, give or take those that came too early."""
    asha, rng = Asha(total=9.0), random.Random(0)
    passed = [asha.heard(f"{n}", 1.0, rng.random()) is Decision.CONTINUE for n in range(900)]
    assert 0.3 < sum(passed[100:]) / 800 < 0.37


def test_rungs_lie_at_shares_that_are_no_whole_steps():
    asha = Asha(total=0.9, least=1 / 9)  # at 0.1, 0.3
    assert asha.heard("a", 0.0999, 0.5) is Decision.CONTINUE
    assert asha.heard("b", 0.0999, 0.1) is Decision.CONTINUE  # nobody is judged yet
    assert asha.heard("a", 0.1, 0.5) is Decision.CONTINUE
    assert asha.heard("b", 0.05 + 0.05, 0.1) is Decision.STOP
    assert asha.heard("c", 0.1 + 0.2, 0.1) is Decision.STOP  # it came past the first rung at once


def test_brackets_have_their_shares_of_the_trials():
    hyperband = Hyperband()
    brackets = [hyperband.bracket(f"{number}") for number in range(1700)]
    shares = [brackets.count(bracket) / 1700 for bracket in range(3)]
    assert shares == pytest.approx([9 / 17, 5 / 17, 3 / 17], abs=0.03)  # Algorithm 1, R=9, eta=3
    assert {*brackets[:12]} == {0, 1, 2}


def literal_median(reports, *, total, grace, least):
    """Golovin et al. 2017, section 3.2, read word by word."""
    histories, completed, answers = {}, [], []
    for trial, step, value in reports:
        history = histories.setdefault(trial, [])
        history.append((step, value))
        averages = []
        for other in completed:
            upto = [v for s, v in histories[other] if s <= step]
            if upto:
                averages.append(sum(upto) / len(upto))
        best = max(v for _, v in history)
        judged = step >= grace * total and len(averages) >= least and step < total
        stops = judged and best < statistics.median(averages)
        if step == total:
            completed.append(trial)
        answers.append(stops)
        yield stops


@pytest.mark.parametrize("kept", [2, 1000])
@pytest.mark.parametrize("seed", range(4))
def test_the_median_rule_is_that_of_the_paper(seed, kept, monkeypatch):
    monkeypatch.setattr("automl_nb.control.schedulers.median._KEPT", kept)
    seen = []
    median = Median(total=9.0, grace=0.3, least_trials=3)
    ours = by_ours(median)

    def heard(*report):
        seen.append(report)
        return ours(*report)

    found = [stopped for _, _, stopped in race(heard, seed=seed)]
    assert found == [*literal_median(seen, total=9.0, grace=0.3, least=3)]
    assert any(found)
    assert all(step >= 3 for (_, step, _), stopped in zip(seen, found, strict=True) if stopped)


def test_on_flat_curves_it_is_optunas_median_pruner():
    """There running averages are the values that Optuna compares with."""
    rng = random.Random(1)
    values = [rng.random() for _ in range(40)]

    def flat(heard):
        answers = []
        for number, value in enumerate(values):
            for step in range(1, 10):
                answers.append(heard(number, step, value))
                if answers[-1]:
                    break
        return answers

    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=3, n_min_trials=5)
    ours = flat(by_ours(Median(total=9.0, grace=1 / 3)))
    assert ours == flat(by_optuna(pruner))
    assert any(ours)


def test_the_median_rule_wraps_another():
    both = Median(Asha(total=9.0), total=9.0)
    assert both.heard("a", 1.0, 0.9) is Decision.CONTINUE
    assert both.heard("b", 1.0, 0.1) is Decision.STOP  # by the other


def test_what_counts_otherwise_is_not_wrapped():
    with pytest.raises(SettingError, match="as the one that it wraps"):
        Median(Asha(total=9.0), total=1.0)
    with pytest.raises(SettingError, match="as the one that it wraps"):
        Median(Asha(direction="minimize"))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Asha, {"eta": 1}), (Asha, {"eta": 2.5}), (Asha, {"eta": True}), (Asha, {"least": 0.0}),
        (Hyperband, {"least": 1.5}), (Hyperband, {"eta": 0}),
        (Median, {"grace": 0.0}), (Median, {"least_trials": 0}),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(kind, options):
    with pytest.raises(SettingError):
        kind(**options)


def test_failed_trials_are_compared_with_nobody():
    median = Median(total=4.0, least_trials=1)
    median.heard("failed", 2.0, 0.9)
    median.ended("failed", whole=False)
    assert median.heard("next", 2.0, 0.1) is Decision.CONTINUE
