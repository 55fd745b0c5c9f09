"""Models asked what they cannot answer, bundles and runs that were damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from automl_nb.core.errors import (
    BundleError,
    ColumnError,
    DataError,
    LabelError,
    RunError,
    SourceError,
)
from tests.bad_input.cases import Case, Place, good, saved


def _with(**columns) -> Callable[[Place], pd.DataFrame]:
    return lambda _: good().assign(**columns)


USE = (
    Case(
        "a column too few",
        ColumnError,
        "column that the model learnt from must be there",
        "no column 'city'",
        "Did you mean 'cities'?",
        lambda _: good().rename(columns={"city": "cities"}),
        verb="predict",
    ),
    Case(
        "a column too few beside one that is not alike",
        ColumnError,
        "column that the model learnt from must be there",
        "no column 'city'",
        "Known: 'x', 'purity', 'member'",
        lambda _: good().rename(columns={"city": "purity"}),
        verb="predict",
    ),
    Case(
        "words where numbers were",
        ColumnError,
        "'x' must hold numbers",
        "'many'",
        "60 of 60 rows",
        _with(x="many"),
        verb="predict",
    ),
    Case(
        "numbers where dates were",
        ColumnError,
        "'day' must hold dates",
        "1.5",
        "60 of 60 rows",
        _with(day=1.5),
        verb="predict",
    ),
    Case(
        "words where truth values were",
        ColumnError,
        "'member' must hold true or false",
        "'perhaps'",
        "60 of 60 rows",
        _with(member="perhaps"),
        verb="predict",
    ),
    Case(
        "lists where categories were",
        ColumnError,
        "'city' must hold plain values",
        "['Ulm']",
        "Correct it",
        lambda _: good().assign(city=pd.Series([["Ulm"]] * 60, dtype=object)),
        verb="predict",
    ),
    Case(
        "bare values for several columns",
        DataError,
        "each row must name its values",
        "1",
        "x, city, member, day",
        lambda _: [1, 2, 3],
        verb="predict",
    ),
    Case(
        "nothing that can be read",
        SourceError,
        "must be a DataFrame",
        "object",
        "pandas",
        lambda _: object(),
        verb="predict",
    ),
    Case(
        "no such file to predict for",
        SourceError,
        "of this name",
        "gone.csv",
        "",
        lambda _: "gone.csv",
        verb="predict",
    ),
    Case(
        "chances of a number",
        DataError,
        "Probabilities need classes",
        "the number 'x'",
        "predict()",
        verb="proba",
        model=saved("numbers"),
    ),
    Case(
        "judging without the label",
        ColumnError,
        "label must be a column",
        "'y'",
        "Known: 'x'",
        lambda _: good().drop(columns="y"),
        verb="evaluate",
    ),
    Case(
        "judging with unknown labels",
        LabelError,
        "one of the classes that the model knows",
        "'yess'",
        "Did you mean 'yes'",
        lambda _: good().replace({"y": {"yes": "yess"}}),
        verb="evaluate",
    ),
    Case(
        "judging with labels missing",
        LabelError,
        "Every row needs a label",
        "1 of 60 rows",
        "Drop these rows",
        lambda _: good().assign(y=lambda f: f["y"].where(f.index > 0)),
        verb="evaluate",
    ),
    Case(
        "judging with words for numbers",
        LabelError,
        "must be a finite number",
        "'many'",
        "Correct the row",
        _with(x="many"),
        verb="evaluate",
        model=saved("numbers"),
    ),
    Case(
        "judging with infinite numbers",
        LabelError,
        "must be a finite number",
        "inf",
        "Correct the row",
        _with(x=np.inf),
        verb="evaluate",
        model=saved("numbers"),
    ),
    Case(
        "judging without rows",
        DataError,
        "needs rows",
        "0 rows",
        "",
        lambda _: good(0),
        verb="evaluate",
    ),
)


def _copy(change: Callable[[Path], object]) -> Callable[[Place], Path]:
    """A saved model with something done to it."""

    def build(place: Place) -> Path:
        whole = next(place.models["table"].glob("model-*"))
        shutil.copytree(whole, "saved")
        change(Path("saved"))
        return Path("saved")

    return build


def _manifest(change: Callable[[dict], object]) -> Callable[[Path], object]:
    def rewrite(folder: Path) -> None:
        path = folder / "model.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        change(manifest)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return rewrite


def _arrays(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*")) if path.suffix in {".npy", ".npz"})


def _flip(folder: Path) -> None:
    data = bytearray(_arrays(folder).read_bytes())
    data[-1] ^= 1
    _arrays(folder).write_bytes(bytes(data))


def _text(_: Place) -> Path:
    Path("model.txt").write_text("no model", encoding="utf-8")
    return Path("model.txt")


def _empty(_: Place) -> Path:
    Path("nothing").mkdir()
    return Path("nothing")


AGAIN = "Copy the whole folder again"
ALTERED = "must be those that were saved"

BUNDLES = (
    Case(
        "a bit flipped in a bundle",
        BundleError,
        ALTERED,
        "was changed",
        AGAIN,
        model=_copy(_flip),
        verb="load",
    ),
    Case(
        "a file of a bundle lost",
        BundleError,
        ALTERED,
        "is missing",
        AGAIN,
        model=_copy(lambda folder: _arrays(folder).unlink()),
        verb="load",
    ),
    Case(
        "a file added to a bundle",
        BundleError,
        ALTERED,
        "'extra.pkl' was added",
        AGAIN,
        model=_copy(lambda folder: (folder / "extra.pkl").write_bytes(b"cos\nsystem\n")),
        verb="load",
    ),
    Case(
        "classes of a bundle swapped",
        BundleError,
        ALTERED,
        "'model.json' was changed",
        AGAIN,
        model=_copy(_manifest(lambda manifest: manifest["task"]["classes"].reverse())),
        verb="load",
    ),
    Case(
        "a bundle of a newer version",
        BundleError,
        "format must be at most 1",
        "format 99",
        "pip install -U automl_nb",
        model=_copy(_manifest(lambda manifest: manifest.update(format=99))),
        verb="load",
    ),
    Case(
        "a bundle's manifest cut off",
        BundleError,
        "a readable model.json",
        "saved",
        "save() wrote",
        model=_copy(lambda folder: (folder / "model.json").write_bytes(b'{"format": 1')),
        verb="load",
    ),
    Case(
        "a file that is no bundle",
        BundleError,
        "a readable model.json",
        "model.txt",
        "save() wrote",
        model=_text,
        verb="load",
    ),
    Case(
        "a folder that is no bundle",
        BundleError,
        "a readable model.json",
        "nothing",
        "save() wrote",
        model=_empty,
        verb="load",
    ),
)


def _run(change: Callable[[Path], object]) -> Callable[[Place], Path]:
    def build(place: Place) -> Path:
        shutil.copytree(place.models["table"], "run")
        change(Path("run"))
        return Path("run")

    return build


def _damage(folder: Path) -> None:
    path = folder / "journal.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], lines[2][:9], *lines[3:]]), encoding="utf-8")


def _newer(folder: Path) -> None:
    path = folder / "journal.jsonl"
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    event = json.loads(first)
    event["format_version"] = 99
    path.write_text(json.dumps(event) + "\n" + rest, encoding="utf-8")


RUNS = (
    Case(
        "no such run",
        RunError,
        "a run must be",
        "'earlyer'",
        "Did you mean 'earlier'?",
        verb="open",
        model=lambda _: "earlyer",
    ),
    Case(
        "a folder that is no run",
        RunError,
        "hold its journal",
        "nothing",
        "journal.jsonl",
        verb="open",
        model=_empty,
    ),
    Case(
        "a journal damaged in its middle",
        RunError,
        "must be a whole event",
        "line 3",
        "still load",
        verb="open",
        model=_run(_damage),
    ),
    Case(
        "a journal of a newer version",
        RunError,
        "format must be at most",
        "format 99",
        "pip install -U automl_nb",
        verb="open",
        model=_run(_newer),
    ),
)
