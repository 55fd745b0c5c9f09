"""Which earlier task a new one looks like, and what is said of it."""

import numpy as np
import pytest

from automl_nb.core.types import TaskKind
from automl_nb.explorer.advice import advise, nearest
from automl_nb.explorer.fingerprint import fingerprint_of, likeness
from automl_nb.explorer.similarity.frechet import frechet2
from automl_nb.explorer.similarity.gauss import moments
from tests.explorer.test_memory import print_of, record


def test_the_likeness_of_a_task_falls_with_the_shift_of_its_rows():
    found = [likeness(print_of(), print_of(shift, seed=1)) for shift in (0.0, 0.5, 1.0, 2.0, 4.0)]
    assert found == sorted(found, reverse=True)
    assert likeness(print_of(), print_of()) == pytest.approx(1.0, abs=1e-6)
    assert found[0] > 0.85
    assert found[-1] < 0.5


def test_it_is_symmetric_and_between_none_and_one():
    prints = [
        print_of(shift, seed=seed, k=k) for shift, seed, k in ((0, 0, 3), (1, 1, 2), (9, 2, 5))
    ]
    for a in prints:
        for b in prints:
            assert likeness(a, b) == pytest.approx(likeness(b, a))
            assert 0.0 <= likeness(a, b) <= 1.0 + 1e-9


def test_prints_of_two_networks_are_never_alike():
    assert likeness(print_of(), print_of(space="other")) == 0.0
    assert likeness(print_of(), print_of(d=7)) == 0.0


def test_a_print_keeps_the_moments_that_it_was_made_of():
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(80, 5)) * 3, np.arange(80) % 2
    found = fingerprint_of(rows, y, TaskKind.BINARY, space="s")
    assert frechet2(*found._moments, *moments(rows)) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("kind", list(TaskKind))
def test_tasks_of_every_kind_have_a_print(kind):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 5))
    y = {
        TaskKind.REGRESSION: rows[:, 0],
        TaskKind.MULTILABEL: (rows[:, :3] > 0).astype(np.float32),
    }.get(kind, (rows[:, 0] > 0).astype(int))
    found = fingerprint_of(rows, y, kind, space="s")
    assert sum(found.classes) == pytest.approx(1.0, abs=1e-3)
    assert likeness(found, found) == pytest.approx(1.0, abs=1e-6)


def test_the_nearest_come_first_and_weigh_most():
    far, near = record("far", fingerprint=print_of(3.0)), record("near", fingerprint=print_of(0.1))
    found = nearest(print_of(), [far, near, record("nothing", fingerprint=None)], kind="multiclass")
    assert [one.record.run for one in found] == ["near", "far"]
    assert found[0].weight > found[1].weight
    assert found[0].weight == pytest.approx(np.exp(-0.5 * ((1 - found[0].likeness) / 0.2) ** 2))


def test_values_are_not_compared_with_classes():
    assert nearest(print_of(), [record(kind="regression")], kind="multiclass") == ()
    assert len(nearest(print_of(), [record(kind="binary")], kind="multiclass")) == 1


def test_without_an_earlier_task_there_is_no_advice():
    assert advise(print_of(), [], kind="multiclass", n_rows=60) is None
    other = record(fingerprint=print_of(space="other"))
    assert advise(print_of(), [other], kind="multiclass", n_rows=60) is None


def test_what_worked_in_tasks_that_look_alike_is_advised():
    like = [
        record(f"like-{i}", strategy="finetune", score=0.95, fingerprint=print_of(0.05, seed=i))
        for i in range(3)
    ]
    unlike = [record(f"unlike-{i}", fingerprint=print_of(4.0, seed=i)) for i in range(2)]
    found = advise(print_of(), [*unlike, *like], kind="multiclass", n_rows=90)
    assert (found.strategy, found.backbone) == ("finetune", "minilm-l6")
    assert not found.weak
    assert 0.5 < found.weight < 1.0
    assert found.sentence.startswith("This looks like the run 'like-")
    assert "finetune with minilm-l6 worked best there (accuracy 0.95; weight ." in found.sentence
    assert "Weak evidence" not in found.sentence


def test_neither_constants_nor_controls_are_advised():
    known = [record(f"run-{name}", strategy=name) for name in ("prior", "random-init")]
    assert advise(print_of(), known, kind="multiclass", n_rows=61) is None


@pytest.mark.parametrize(("greater", "best"), [(True, "svm"), (False, "finetune")])
def test_of_several_runs_on_the_same_rows_the_best_one_counts(greater, best):
    known = [
        record(name, strategy=name, score=score, greater_is_better=greater, backbone="")
        for name, score in (("finetune", 0.24), ("svm", 0.57), ("ridge", 0.5))
    ]
    found = advise(print_of(), known, kind="multiclass", n_rows=61)
    assert found.strategy == best
    assert len(found.neighbours) == 1
    other = record("other", fingerprint=print_of(0.3, seed=9))
    assert len(nearest(print_of(), [*known, other], kind="multiclass")) == 2


def test_what_was_tried_alone_is_not_called_the_best():
    known = record(strategy="svm", backbone="", tried={"svm": 0.5, "prior": 0.2})
    found = advise(print_of(), [known], kind="multiclass", n_rows=61)
    assert "svm was all that was tried there" in found.sentence


def test_one_earlier_task_is_weak_evidence():
    found = advise(print_of(), [record()], kind="multiclass", n_rows=61)
    assert found.weak
    assert found.weight == pytest.approx(0.5, abs=0.01)
    assert "Weak evidence: only 1 earlier task can be compared." in found.sentence


def test_tasks_that_are_far_off_are_weak_evidence():
    known = [record(f"run-{i}", fingerprint=print_of(5.0, seed=i)) for i in range(4)]
    found = advise(print_of(), known, kind="multiclass", n_rows=61)
    assert found.weak
    assert found.weight < 0.3
    assert "no earlier task is very similar" in found.sentence


def test_more_tasks_that_agree_weigh_more():
    weights = [
        advise(
            print_of(),
            [record(f"run-{i}", fingerprint=print_of(seed=i)) for i in range(n)],
            kind="multiclass",
            n_rows=61,
        ).weight
        for n in (1, 2, 4)
    ]
    assert weights == sorted(weights)


ASKED = {"kind": "multiclass", "n_rows": 60, "n_classes": 7}


def with_company(known):
    """Three tasks are needed for evidence that isn't weak."""
    more = [
        record(f"more-{i}", n_rows=70 + i, fingerprint=print_of(1.0, seed=5 + i)) for i in range(2)
    ]
    return [record(**known), *more]


def test_a_tuned_network_is_offered_while_it_is_there(tmp_path):
    place = tmp_path / "network"
    known = with_company({"fingerprint": print_of(seed=1), "checkpoint": str(place), "n_rows": 500})
    assert advise(print_of(), known, **ASKED).source_checkpoint is None
    place.mkdir()
    (place / "config.json").write_text("{}")
    found = advise(print_of(), known, **ASKED)
    assert found.source_checkpoint == str(place)
    assert (
        f"The network tuned in '{known[0].run}' can be a start, which seldom helps"
        in found.sentence
    )
    assert str(place) in found.sentence
    alone = advise(print_of(), known[:1], **ASKED)  # weak evidence is no ground
    assert alone.source_checkpoint is None


@pytest.mark.parametrize(
    "known",
    [
        {"fingerprint": print_of(), "n_rows": 500},  # the same rows, as it seems
        {"fingerprint": print_of(seed=1), "n_rows": 60},  # as many rows
        {"fingerprint": print_of(seed=1), "n_rows": 500, "n_classes": 7},  # as many classes
        {"fingerprint": print_of(5.0), "n_rows": 500},  # another task
    ],
)
def test_a_network_that_may_have_seen_the_answers_is_not_offered(tmp_path, known):
    (tmp_path / "config.json").write_text("{}")
    found = advise(print_of(), with_company({"checkpoint": str(tmp_path), **known}), **ASKED)
    assert found.source_checkpoint is None


def beside(*tried, **more):
    """Three tasks alike, in which these were tried, named as the memory names them."""
    scores = {"prior": 0.2, **dict.fromkeys(tried, 0.5)}
    facts = {"strategy": "ridge", "backbone": "minilm-l3", "tried": scores, **more}
    return [record(f"run-{i}", fingerprint=print_of(0.3, seed=i), **facts) for i in range(3)]


def test_a_network_that_was_used_alone_has_not_won():
    alone = beside("ridge minilm-l3", "logistic minilm-l3", "svm")
    found = advise(print_of(), alone, kind="multiclass", n_rows=61)
    assert (found.backbone, found.winner, found.weak) == ("minilm-l3", "", False)
    assert "No other network was tried there." in found.sentence
    both = beside("ridge minilm-l3", "ridge minilm-l6")
    found = advise(print_of(), both, kind="multiclass", n_rows=61)
    assert found.winner == "minilm-l3"
    assert "No other network" not in found.sentence
    few = advise(print_of(), [*both[:2], alone[2]], kind="multiclass", n_rows=61)
    assert few.winner == ""


def test_runs_on_the_same_rows_compare_together():
    small = beside("ridge minilm-l3", score=0.5)
    large = beside("ridge minilm-l6", backbone="minilm-l6", score=0.6)
    for known in ([*small, *large], [*large, *small]):
        assert advise(print_of(), known, kind="multiclass", n_rows=61).winner == "minilm-l6"


@pytest.mark.parametrize(
    ("tried", "rivalled"),
    [(("ridge minilm-l3", "random-init minilm-l3"), False), (("ridge minilm-l3", "svm"), True)],
)
def test_a_strategy_has_won_only_against_another(tried, rivalled):
    found = advise(print_of(), beside(*tried), kind="multiclass", n_rows=61)
    assert found.rivalled == rivalled


def test_the_score_of_an_ensemble_is_not_that_of_its_heaviest_part():
    known = beside("ridge minilm-l3", "svm", score=0.661)
    said = advise(print_of(), known, kind="multiclass", n_rows=61).sentence
    assert "the best model there rests most on ridge with minilm-l3 (accuracy 0.661, " in said
    assert "ridge with minilm-l3 by itself 0.5;" in said
    assert "worked best" not in said
