"""What a case of bad input is, and the good rows that most of them start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import automl_nb
from automl_nb.core.errors import AutoMLError
from automl_nb.core.options import as_typed

QUICK = {"strategies": ("prior",), "time": 20}  # the quickest run that leaves a model


@dataclass(frozen=True)
class Place:
    """Where a case builds its input.

    Attributes:
        folder: An empty folder of its own.
        models: Bundles of good models by name: ``table``, ``numbers``, ``pictures``.
    """

    folder: Path
    models: Mapping[str, Path]


def good(n: int = 60) -> pd.DataFrame:
    """Rows that can be learnt from: numbers, a category, a truth value, dates, a label."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "x": x,
            "city": rng.choice(["Ulm", "Bonn", "Jena"], n),
            "member": rng.random(n) < 0.5,
            "day": pd.date_range("2024-01-01", periods=n, freq="D"),
            "y": np.where(x + 0.3 * rng.normal(size=n) > 0, "yes", "no"),
        }
    )


def changed(**columns: Any) -> Callable[[Place], pd.DataFrame]:
    """Good rows with other values in some columns."""
    return lambda _: good().assign(
        **{
            name: pd.Series(list(values), dtype=object, index=range(60))
            for name, values in columns.items()
        }
    )


def rows(_: Place) -> pd.DataFrame:
    """Good rows."""
    return good()


def saved(name: str) -> Callable[[Place], Path]:
    """A good model's folder."""
    return lambda place: place.models[name]


TABLE = saved("table")


@dataclass(frozen=True)
class Case:
    """One bad input, and what a person must be told.

    Attributes:
        name: What is bad.
        error: The class of the error.
        rule: Words of the rule that was broken.
        received: Words of the value that was received.
        hint: Words of what to do next.
        data: Builds DATA: a frame, a path, a URL.
        verb: fit, predict, proba, evaluate, load, open or list.
        label: The label of a fit.
        options: Further keywords of a fit.
        model: Builds MODEL (or RUN, or KIND) of the other verbs.
        in_python: It can't be typed on a line.
    """

    name: str
    error: type[AutoMLError]
    rule: str
    received: str
    hint: str
    data: Callable[[Place], Any] = rows
    verb: str = "fit"
    label: Any = "y"
    options: Mapping[str, Any] = field(default_factory=dict)
    model: Callable[[Place], Any] = TABLE
    in_python: bool = False

    def check(self, error: object, *, typed: bool = False) -> None:
        """Whether an error says what it must; `typed` as to someone who types options."""
        remedy = as_typed(self.hint) if typed else self.hint
        assert isinstance(error, self.error), repr(error)
        assert self.rule.casefold() in error.rule.casefold(), error.lines()
        assert self.received.casefold() in str(error.received).casefold(), error.lines()
        assert remedy.casefold() in error.hint.casefold(), error.lines()
        assert 2 <= len(error.lines()) <= 3
        assert "secret" not in " ".join(error.lines())
        assert all(len(line) < 500 and "\n" not in line for line in error.lines())


def call(case: Case, place: Place, data: Any) -> Any:
    """The case through the Python API."""
    if case.verb == "fit":
        return automl_nb.fit(data, case.label, **{**QUICK, **case.options})
    subject = case.model(place)
    if case.verb == "list":
        return automl_nb.available(subject)
    if case.verb == "open":
        return automl_nb.open_run(subject).report(place.folder / "report.html")
    model = automl_nb.load(subject)
    verbs = {"predict": model.predict, "proba": model.predict_proba, "evaluate": model.evaluate}
    return model if case.verb == "load" else verbs[case.verb](data)


def typed(case: Case, place: Place) -> tuple[str, dict[str, Any]]:
    """The case as a line of the magic, and the names that it uses."""
    names: dict[str, Any] = {}
    if case.verb == "list":
        return f"list {case.model(place)}", names
    if case.verb == "open":
        return f"report {_word(case.model(place), 'run', names)} -o kept", names
    data = _word(case.data(place), "data", names)
    if case.verb == "fit":
        words = ["fit", data]
        labels = [case.label] if isinstance(case.label, str) else case.label or []
        for label in labels:
            words += ["--label", _word(label, "label", names)]
        for name, value in {**QUICK, **case.options}.items():
            words += [f"--{name.replace('_', '-')}", _word(value, name, names)]
        return " ".join([*words, "-o kept"]), names
    model = _word(case.model(place), "model", names)
    verb, more = {"proba": ("predict", "--proba"), "load": ("predict", "")}.get(
        case.verb, (case.verb, "")
    )
    return f"{verb} {model} {data} {more} -o kept", names


def _word(value: Any, name: str, names: dict[str, Any]) -> str:
    """A value as a person types it; what has no text is put into the namespace."""
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return f"'{','.join(value)}'"
    if isinstance(value, dict) and name in {"kinds", "params"}:
        return "'" + ",".join(f"{column}={kind}" for column, kind in value.items()) + "'"
    if isinstance(value, str | Path | int | float):
        return f"'{value}'"
    names[name] = value
    return f"${name}"
