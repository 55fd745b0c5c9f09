"""What a search begins with: what worked in tasks alike, and what works on most tasks."""

import json
from dataclasses import replace

import numpy as np
import pytest

import automl_nb
from automl_nb.core import events as ev
from automl_nb.core.types import TaskKind
from automl_nb.explorer.advice import ALIKE
from automl_nb.explorer.memory import open_memory
from automl_nb.explorer.record import SettingsFound, TaskRecord
from automl_nb.explorer.table_print import TablePrint, table_likeness
from automl_nb.explorer.worked import Worked, worked
from automl_nb.pipeline.search_space import MODEL, Searched, joint_space, space_of
from automl_nb.pipeline.search_start import MOST, starts
from automl_nb.search.worked import recorded, worked_elsewhere
from tests.explorer.test_memory import print_of, record
from tests.support import frames

MODELS = {
    one.label: one
    for one in (
        Searched("svm", ("tfidf-word(text)",)),
        Searched("knn", ("frozen-text(text, minilm-l6)",)),
        Searched("svm", ("tfidf-char(text)",)),
    )
}


def found(strategy="svm", **config):
    return Worked("brisk-heron", 0.83, (SettingsFound(strategy, config),))


def begun(remembered=(), narrowed="", n_trials=None):
    space = joint_space(MODELS.values(), narrowed)
    configs, sentence = starts(space, MODELS, remembered, n_trials)
    assert all(space.holds(config) for config in configs)
    assert configs[0] == space.configuration()
    return configs[1:], sentence


def test_portfolios_lie_in_the_strategies_spaces():
    from automl_nb.pipeline.search_space import space_of

    strategies = recorded()["portfolios"]
    assert {"logistic", "svm", "knn", "kernel", "boosting", "mlp"} == set(strategies)
    for strategy in strategies:
        found = worked_elsewhere(strategy)
        assert 1 <= len(found) <= 4
        assert all(space_of(strategy).holds(config) for config in found)
    assert worked_elsewhere("prior") == ()


def test_portfolios_bring_more_on_unseen_tasks_than_the_usual_settings():
    told = recorded()["left_out"].values()
    assert np.mean([one["portfolio"] for one in told]) < np.mean([one["usual"] for one in told])


def test_the_portfolio_follows_the_usual_settings_by_turns():
    configs, sentence = begun()
    assert sentence == ""
    assert 0 < len(configs) <= MOST
    assert [c["svm.C"] for c in configs if "svm.C" in c] == [
        one["C"] for one in worked_elsewhere("svm") if one["C"] != space_of("svm")["C"].default
    ]
    assert {c[MODEL] for c in configs} == {*list(MODELS)[:2]}  # each strategy's best model


def test_what_lies_outside_of_the_search_is_left_out():
    configs, _ = begun([found(C=0.01)], "C=0.5..0.6,k=2..3")
    assert all(0.5 <= c["svm.C"] <= 0.6 for c in configs if "svm.C" in c)
    assert all(2 <= c["knn.k"] <= 3 for c in configs if "knn.k" in c)
    strange = [found(C=1e9), found(C="much"), found("mlp", width=3), found(no_such=1.0)]
    assert begun(strange) == begun()


def test_what_worked_in_tasks_alike_comes_first_and_is_told():
    configs, sentence = begun([found(C=0.123), found("knn", k=17)])
    assert configs[0] == {MODEL: next(iter(MODELS)), "svm.C": 0.123}
    assert configs[1]["knn.k"] == 17
    assert sentence == (
        "The search starts from what worked in 'brisk-heron' (similarity .83, weight .70): "
        "svm C=0.123."
    )


def test_starts_take_a_third_of_the_trials_at_most():
    assert len(begun([found(C=0.123)], n_trials=3)[0]) == 1
    assert begun([found(C=0.123)], n_trials=2) == ([], "")


def test_only_searches_on_tasks_alike_count_the_most_similar_first():
    settings = (SettingsFound("svm", {"C": 2.0}),)
    near, nearer, far = (print_of(shift, seed=4) for shift in (0.3, 0.1, 9.0))
    records = [
        record("far", settings=settings, fingerprint=far),
        record("near", settings=settings, fingerprint=near, n_rows=70),
        record("unsearched"),
        record("nearer", settings=settings, fingerprint=nearer),
    ]
    told = worked(print_of(seed=4), records, kind=TaskKind.MULTICLASS.value)
    assert [one.run for one in told] == ["nearer", "near"]
    assert told[0].settings == settings
    assert told[0].likeness > told[1].likeness


def test_tables_are_compared_with_tables_the_most_similar_first():
    settings = (SettingsFound("boosting", {"leaves": 7}),)
    own = TablePrint(700, {"number": 8, "category": 2}, 2, 0.8, 0.01, 0.2, {"trees": 0.5})
    records = [
        record("text", settings=settings),
        record("other", settings=settings, table=replace(own, rows=10**6, kinds={"date": 90})),
        record("near", settings=settings, fingerprint=None, table=replace(own, rows=2000)),
        record("nearer", settings=settings, fingerprint=None, table=replace(own, rows=800)),
        record("again", settings=settings, fingerprint=None, table=own, kind="regression"),
    ]
    told = worked(own, records, kind=TaskKind.BINARY.value)
    assert [one.run for one in told] == ["nearer", "near"]
    assert 1.0 > told[0].weight > told[1].weight > 0.0
    kept = TaskRecord.from_line(records[2].to_line())
    assert kept == records[2]


def test_settings_are_kept_and_older_lines_are_read():
    kept = record(settings=(SettingsFound("knn", {"k": 7}),))
    assert TaskRecord.from_line(kept.to_line()) == kept
    line = record().to_line().replace('"settings": [], ', "")
    line = line.replace(', "table": null', "")
    assert "settings" not in line
    assert "table" not in line
    assert TaskRecord.from_line(line) == record()


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Two runs on tables alike, a third on one that is none of them."""
    asked = {"time": 600, "strategies": ["logistic", "knn"], "trials": 6, "searcher": "tpe"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("AUTOML_NB_MEMORY", raising=False)
        place, rows = tmp_path_factory.mktemp("runs"), frames.table()
        mixed = rows.sample(len(rows), random_state=0).reset_index(drop=True)
        first = automl_nb.fit(mixed[:130], "cultivar", name="first", run_dir=place, **asked)
        second = automl_nb.fit(mixed[40:], "cultivar", name="second", run_dir=place, **asked)
        (told, kept) = open_memory(pytest.fail).tasks()
        memory = automl_nb.memory()
        exported = automl_nb.memory_export(place / "memory.json").read_text(encoding="utf-8")
        wiped = automl_nb.memory_wipe()
        return first, second, (kept, told), memory, exported, wiped, [*rows.columns]


def test_a_table_starts_from_what_worked_on_one_alike(tables):
    first, second, (kept, _), *_ = tables
    assert kept.run == "first"
    assert kept.settings
    assert "starts from what worked" not in said(first)
    assert "The search starts from what worked in 'first' (similarity ." in said(second)
    assert ", weight ." in said(second)
    tried = [tuple(v for k, v in e.config.items() if k != MODEL) for e in told(second)[:3]]
    assert any(tuple(one.config.values()) in tried for one in kept.settings)


def test_what_is_kept_of_a_table_is_listed_exported_and_wiped_and_holds_no_row(tables):
    *_, (kept, second), memory, exported, wiped, names = tables
    assert kept.table.rows == kept.n_rows
    assert kept.table.classes == kept.n_classes == 3
    assert kept.table.kinds == {"number": len(names) - 1}
    assert 0.9 < kept.table.balance <= 1.0
    assert 0.5 < kept.table.skills["linear"] <= 1.0
    assert table_likeness(kept.table, second.table) > ALIKE
    assert [*memory["run"]] == ["second", "first"]
    assert json.loads(exported)[0]["table"]["classes"] == 3
    assert not any(name in exported for name in names)
    assert wiped == 2


HEADS = {
    "time": 600, "strategies": ["logistic", "knn"], "backbones": ["minilm-l3"], "trials": 8,
    "searcher": "tpe",
}  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two runs on rows alike; the memory is this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_NB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("AUTOML_NB_MEMORY", raising=False)
        place = tmp_path_factory.mktemp("runs")
        rows = frames.texts(130)
        first = automl_nb.fit(rows.iloc[:90], "library", name="first", run_dir=place, **HEADS)
        (kept,) = open_memory(pytest.fail).tasks()
        second = automl_nb.fit(rows.iloc[20:], "library", name="second", run_dir=place, **HEADS)
        patch.setenv("AUTOML_NB_MEMORY", "off")
        third = automl_nb.fit(
            rows.iloc[20:], "library", name="third", run_dir=place, fresh=True, **HEADS
        )
        return first, kept, second, third


def told(run):
    return [e for e in run.events if isinstance(e, ev.SearchTold)]


def said(run):
    return "\n".join(message.text for message in run.state.messages)


def test_a_search_is_remembered_and_the_next_one_starts_from_it(pair):
    first, kept, second, _ = pair
    assert 1 <= len(kept.settings) <= 3
    best = min(told(first), key=lambda e: e.value).config
    assert kept.settings[0].strategy == best[MODEL].partition("@")[0]
    assert [*kept.settings[0].config.values()] == [v for k, v in best.items() if k != MODEL]
    assert "starts from what worked in 'first'" in said(second)
    tried = [tuple(v for k, v in e.config.items() if k != MODEL) for e in told(second)[:3]]
    assert tuple(kept.settings[0].config.values()) in tried


def test_without_a_memory_nothing_changes(pair):
    first, _, _, third = pair
    assert "starts from what worked" not in said(first) + said(third)
    assert [e.config for e in told(first)[:3]] == [e.config for e in told(third)[:3]]
