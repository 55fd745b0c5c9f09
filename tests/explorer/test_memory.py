"""The memory of tasks: kept, shared, repaired, switched off; and it holds no row."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import automl_nb
from automl_nb.core.errors import MissingExtraError, SettingError, SourceError
from automl_nb.core.settings import cache_dir
from automl_nb.core.types import TaskKind
from automl_nb.explorer import store, store_sqlite
from automl_nb.explorer.fingerprint import FEWEST, fingerprint_of
from automl_nb.explorer.memory import NAME, Memory, open_memory
from automl_nb.explorer.record import TaskRecord
from automl_nb.explorer.store_sql import SqlStore
from automl_nb.explorer.store_sqlite import SqliteStore
from tests.support import postgres


def print_of(shift=0.0, n=60, d=6, seed=0, k=3, space="s"):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    rows = rng.normal(size=(n, d)) + shift
    rows[:, 0] += 3 * y
    return fingerprint_of(rows, y, TaskKind.MULTICLASS, space=space)


def record(run="brisk-heron", **more):
    facts = {
        "run": run,
        "made": "2026-11-25T10:00:00+00:00",
        "kind": "multiclass",
        "modality": "text",
        "n_rows": 60,
        "n_classes": 3,
        "scripts": {"Latin": 1.0},
        "metric": "accuracy",
        "greater_is_better": True,
        "score": 0.9,
        "strategy": "logistic",
        "backbone": "minilm-l6",
        "seconds": 12.0,
        "tried": {"prior": 0.4, "logistic minilm-l6": 0.9},
        "fingerprint": print_of(),
    }
    return TaskRecord(**{**facts, **more})


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AUTOML_NB_MEMORY", raising=False)
    return tmp_path / "cache"


@contextmanager
def database(folder):
    """A real PostgreSQL where its programs are installed; SQLite through SQLAlchemy elsewhere."""
    found = postgres.programs()
    if found is None:
        yield f"sqlite:///{folder / 'shared.db'}"
        return
    with postgres.server(found) as url:
        yield url


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with database(tmp_path_factory.mktemp("database")) as made:
        yield made


@pytest.fixture(params=["file", "database"])
def memory(request, tmp_path, monkeypatch):
    if request.param == "file":
        yield Memory(SqliteStore(tmp_path / "deep" / NAME, warn=pytest.fail))
        return
    monkeypatch.setenv("AUTOML_NB_MEMORY", request.getfixturevalue("url"))
    made = open_memory(pytest.fail)
    made.wipe()
    yield made


def test_what_is_kept_comes_back_newest_first(memory):
    assert memory.tasks() == []
    kept = [record(f"run-{i}", n_rows=60 + i) for i in range(3)]
    for one in kept:
        memory.keep(one)
    assert memory.tasks() == kept[::-1]


def test_a_wiped_memory_is_empty(memory):
    memory.keep(record())
    memory.keep(record("other"))
    assert memory.wipe() == 2
    assert memory.tasks() == []
    assert memory.wipe() == 0


def test_of_too_many_tasks_the_oldest_are_forgotten(memory, monkeypatch):
    for module in (store_sqlite, sys.modules[SqlStore.__module__], store):
        monkeypatch.setattr(module, "MOST_LINES", 3)
    for i in range(5):
        memory.keep(record(f"run-{i}"))
    assert [one.run for one in memory.tasks()] == ["run-4", "run-3", "run-2"]


def test_an_export_is_json_that_holds_everything(memory, tmp_path):
    memory.keep(record())
    assert memory.export(tmp_path / "tasks.json") == 1
    (told,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert told["run"] == "brisk-heron"
    assert told["fingerprint"]["classes"] == [0.33333] * 3
    with pytest.raises(SettingError, match="can be written"):
        memory.export(tmp_path / "nowhere" / "tasks.json")


WRITER = """
import sys
from tests.explorer.test_memory import record
from automl_nb.explorer.memory import open_memory
memory = open_memory(lambda text: sys.exit(text))
for i in range(10):
    memory.keep(record(f"{sys.argv[1]}-{i}"))
"""


@pytest.mark.parametrize("where", ["file", "database"])
def test_two_processes_may_write_at_once(where, request, cache):
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    if where == "database":
        env["AUTOML_NB_MEMORY"] = request.getfixturevalue("url")
        Memory(SqlStore(env["AUTOML_NB_MEMORY"])).wipe()
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], env=env, cwd=root)
        for name in ("a", "b")
    ]
    assert [process.wait(timeout=250) for process in both] == [0, 0]
    found = (
        Memory(SqlStore(env["AUTOML_NB_MEMORY"]))
        if where == "database"
        else open_memory(pytest.fail)
    )
    runs = [one.run for one in found.tasks()]
    assert sorted(runs) == sorted(f"{name}-{i}" for name in "ab" for i in range(10))
    assert [run for run in runs if run[0] == "a"] == [f"a-{i}" for i in range(9, -1, -1)]


@pytest.mark.parametrize("damage", ["text", "torn", "holes"])
def test_a_damaged_file_is_put_aside_and_a_new_one_begun(cache, damage):
    said = []
    memory = open_memory(said.append)
    for i in range(30):
        memory.keep(record(f"run-{i}"))
    path = cache / NAME
    whole = path.read_bytes()
    path.write_bytes(
        {
            "text": b"this is no database " * 300,
            "torn": whole[: len(whole) // 2],
            "holes": whole[:4096] + b"\xff" * (len(whole) - 4096),
        }[damage]
    )
    hurt = path.read_bytes()
    assert memory.tasks() == []
    assert len(said) == 1
    assert "was damaged" in said[0]
    aside = cache / "memory.damaged-1"
    assert aside.read_bytes() == hurt
    memory.keep(record("after"))
    assert [one.run for one in memory.tasks()] == ["after"]
    assert memory.wipe() == 1
    assert not aside.exists()  # it may hold what was to be forgotten


def test_lines_that_cannot_be_read_are_passed_over(cache):
    memory = open_memory(pytest.fail)
    memory.keep(record())
    with closing(sqlite3.connect(cache / NAME)) as connection, connection:
        later = json.dumps({"version": 99})
        for line in ("", "{", "[]", later, '{"version": 1}'):
            connection.execute("INSERT INTO tasks (facts) VALUES (?)", (line,))
    assert [one.run for one in memory.tasks()] == ["brisk-heron"]


def test_a_file_of_a_newer_version_is_left_alone(cache):
    memory = open_memory(pytest.fail)
    memory.keep(record())
    with closing(sqlite3.connect(cache / NAME)) as connection:
        connection.execute("PRAGMA user_version = 7")
    before = (cache / NAME).read_bytes()
    for ask in (memory.tasks, memory.wipe, lambda: memory.keep(record())):
        with pytest.raises(SourceError, match="newer version"):
            ask()
    assert (cache / NAME).read_bytes() == before


def test_a_place_that_cannot_be_written_is_told_plainly(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.delenv("AUTOML_NB_MEMORY", raising=False)
    with pytest.raises(SourceError, match="can be read and written") as caught:
        open_memory(pytest.fail).keep(record())
    assert "AUTOML_NB_MEMORY=off" in caught.value.hint


def test_listing_writes_nothing(cache):
    memory = open_memory(pytest.fail)
    memory.keep(record())
    before = (cache / NAME).read_bytes(), (cache / NAME).stat().st_mtime_ns
    with closing(sqlite3.connect(cache / NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # nobody else may write now
        assert len(memory.tasks()) == 1
    assert ((cache / NAME).read_bytes(), (cache / NAME).stat().st_mtime_ns) == before


def test_a_database_of_something_else_is_an_empty_memory(cache):
    cache.mkdir()
    with closing(sqlite3.connect(cache / NAME)) as connection, connection:
        connection.execute("CREATE TABLE other (a)")
    memory = open_memory(pytest.fail)
    assert memory.tasks() == []
    memory.keep(record())
    assert len(memory.tasks()) == 1


def test_a_database_that_is_held_is_told_plainly(cache):
    memory = open_memory(pytest.fail)
    memory.keep(record())
    holder = sqlite3.connect(cache / NAME, isolation_level=None)
    with closing(holder), pytest.MonkeyPatch.context() as patch:
        holder.execute("BEGIN EXCLUSIVE")
        patch.setattr(store_sqlite, "_PATIENCE_S", 0.0)
        with pytest.raises(SourceError, match="locked"):
            memory.keep(record())


def test_off_remembers_nothing(cache, monkeypatch):
    monkeypatch.setenv("AUTOML_NB_MEMORY", "OFF")
    assert open_memory(pytest.fail) is None
    for verb in (automl_nb.memory, automl_nb.memory_wipe, lambda: automl_nb.memory_export("x")):
        with pytest.raises(SettingError, match="switched on"):
            verb()
    assert not cache.exists()


def test_a_setting_that_is_neither_is_told_before_any_work(monkeypatch):
    monkeypatch.setenv("AUTOML_NB_MEMORY", "postgres")
    with pytest.raises(SettingError, match="AUTOML_NB_MEMORY"):
        automl_nb.fit(automl_nb.sample("wine"), "cultivar", time=60)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nosuch://somewhere", SourceError),
        ("postgresql+nosuch://somewhere", SourceError),
        ("mysql+mysqldb://me:secret@nowhere/db", MissingExtraError),
        ("postgresql+psycopg://me:secret@127.0.0.1:9/db", SourceError),
        ("sqlite:////nowhere/at/all.db", SourceError),
    ],
)
def test_a_database_out_of_reach_is_told_without_its_password(monkeypatch, url, error):
    monkeypatch.setenv("AUTOML_NB_MEMORY", url)
    with pytest.raises(error) as caught:
        open_memory(pytest.fail).keep(record())
    assert "secret" not in " ".join(caught.value.lines())


def test_the_verbs_list_export_and_wipe(cache, tmp_path):
    assert automl_nb.memory().empty
    assert not cache.exists()  # looking makes nothing
    open_memory(pytest.fail).keep(record(scripts={"Latin": 0.6, "Han": 0.4}))
    listed = automl_nb.memory()
    assert listed[["run", "strategy", "score", "rows"]].values.tolist() == [
        ["brisk-heron", "logistic", 0.9, 60]
    ]
    assert listed["scripts"][0] == "Latin 60% Han 40%"
    assert automl_nb.memory_export(tmp_path / "out.json") == tmp_path / "out.json"
    assert automl_nb.memory_wipe() == 1
    assert automl_nb.memory().empty
    with pytest.raises(SettingError, match="file"):
        automl_nb.memory_export(5)


def test_the_verbs_warn_of_a_damaged_file(cache):
    cache.mkdir()
    (cache / NAME).write_bytes(b"no database " * 500)
    with pytest.warns(UserWarning, match="was damaged"):
        assert automl_nb.memory().empty


def test_tests_keep_away_from_a_persons_memory():
    assert str(cache_dir()).startswith(os.environ["AUTOML_NB_TEST_SESSION"])


def test_no_row_can_be_read_back():
    """Each number kept is the same, or nearly, if any one row is taken away."""
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(200, 6)), np.arange(200) % 2
    whole = fingerprint_of(rows, y, TaskKind.BINARY, space="s")
    sizes = {len(whole.mean), len(whole.covariance), len(whole.task), len(whole.classes)}
    assert sizes == {6, 21, 2}
    for gone in (0, 7, 199):
        kept = np.arange(200) != gone
        less = fingerprint_of(rows[kept], y[kept], TaskKind.BINARY, space="s")
        np.testing.assert_allclose(less.mean, whole.mean, atol=0.05)
        np.testing.assert_allclose(less.covariance, whole.covariance, atol=0.15)


def test_too_few_rows_leave_no_fingerprint():
    assert print_of(n=FEWEST - 1) is None
    assert print_of(n=FEWEST) is not None
    memory_line = replace(record(), fingerprint=None).to_line()
    assert TaskRecord.from_line(memory_line).fingerprint is None


def test_the_record_names_no_class_and_no_column():
    text = record().to_line()
    assert set(json.loads(text)) == {"version", *TaskRecord.__dataclass_fields__}
    assert len(text) < 20_000
