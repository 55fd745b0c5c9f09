"""The options of `fit`, once for the magic, the command line and completion."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.listed import items, pair, plain, written_pairs
from automl_nb.core.typed import quoted
from automl_nb.core.types import ColumnKind


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        flag: As it is typed.
        summary: What it does, for the help.
        metavar: A word for its value; "" for a switch.
        convert: Turns the typed text into the value that `fit` takes.
        values: What completes it: a kind of registry, "columns", "classes", "frames",
            "params", "searches", "kinds", or words divided by "|".
        repeats: It may be given several times.
        alias: Another way to type the flag, or "".
    """

    flag: str
    summary: str
    metavar: str = ""
    convert: Callable[[str, str], Any] = lambda _, text: text
    values: str = ""
    repeats: bool = False
    alias: str = ""

    @property
    def name(self) -> str:
        """The keyword of `fit`."""
        return self.flag.lstrip("-").replace("-", "_")


def whole(flag: str, text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{flag} must be a whole number.", received=text) from None


def share(flag: str, text: str) -> float:
    """A number such as 0.2 or 20%."""
    try:
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise SettingError(
            f"{flag} must be a number.", received=text, hint=f"Such as {flag} 0.2 or {flag} 20%."
        ) from None


def names(_flag: str, text: str) -> tuple[str, ...]:
    """Names divided by commas; one that holds a comma stands in quotes."""
    return tuple(plain(part) for part in items(text) if part.strip())


def _pairs(flag: str, text: str, rule: str, example: str) -> dict[str, str]:
    found = {}
    for part in items(text):
        key, equals, value = pair(part)
        if not (equals and key and value):
            hint = f"Such as {flag} {example}"
            raise SettingError(f"{flag} {rule}.", received=text, hint=hint)
        if key in found:
            raise SettingError(
                f"{flag} takes each name once.", received=text, hint=f"Leave one '{key}' out."
            )
        found[key] = value
    return found


def pairs(flag: str, text: str) -> dict[str, str]:
    """Pairs such as ``stars=category,text=text``, or ``"a,b"=text`` for a name with a comma."""
    rule = "takes pairs of a column and its kind"
    example = """'"a,b"=text'""" if "," in text else "stars=category,text=text"
    return _pairs(flag, text, rule, example)


def assignments(flag: str, text: str) -> dict[str, str]:
    """Pairs such as ``lr=5e-5,epochs=3``."""
    return _pairs(flag, text, "takes pairs of a setting and its value", "lr=5e-5,epochs=3")


def ranges(flag: str, text: str) -> dict[str, str]:
    """Pairs such as ``lr=1e-5..1e-4,epochs=3,loss=focal|poly``; `Space.narrowed` reads them."""
    rule = "takes pairs of a setting and its range, value or choices"
    return _pairs(flag, text, rule, "lr=1e-5..1e-4,epochs=3")


# What a column is offered to be; sets of labels are found by themselves.
KINDS = "|".join(kind for kind in ColumnKind if kind is not ColumnKind.LABELS)

FIT = (
    Option(
        "--label",
        "the column to predict (repeat for several)",
        "COLUMN",
        values="columns",
        repeats=True,
    ),
    Option("--test", "rows to judge the final model on", "DATA", values="frames"),
    Option("--valid", "rows to choose models on", "DATA", values="frames"),
    Option("--unlabelled", "further rows without a label", "DATA", values="frames"),
    Option("--sql", "the query, when DATA is a database URL", "QUERY"),
    Option(
        "--time", "the whole budget, such as 90s, 3m, 1h", "TIME", values="30s|1m|3m|10m|30m|1h"
    ),
    Option("--metric", "the measure to improve", "NAME", values="metrics"),
    Option(
        "--task",
        "instead of the inferred task",
        "TASK",
        values="binary|multiclass|multilabel|regression",
    ),
    Option(
        "--backbones",
        "pretrained models to use: names, hub ids or folders",
        "A,B",
        names,
        "backbones",
        alias="--backbone",
    ),
    Option(
        "--strategies",
        "ways of training to use",
        "A,B",
        names,
        "strategies",
        alias="--strategy",
    ),
    Option("--loss", "what tuned networks make small", "NAME", values="losses"),
    Option("--augment", "changes to rows in training", "NAME", values="augmentations"),
    Option("--head", "where tuned networks' heads start", "NAME", values="initialisers"),
    Option(
        "--params",
        "how networks are tuned, such as lr=5e-5,epochs=3; the list of strategies names all",
        "NAME=VALUE,..",
        assignments,
        "params",
    ),
    Option(
        "--search",
        "search settings: auto, or ranges such as C=0.1..10,k=5..20 or lr=1e-5..1e-3",
        "NAME=RANGE,..",
        values="searches",
    ),
    Option("--searcher", "how settings are searched, by name", "NAME", values="searchers"),
    Option(
        "--trials",
        "most trials of the search, 0 for no limit but the time",
        "N",
        whole,
        "20|50|100",
    ),
    Option(
        "--scheduler",
        "what ends hopeless trials early where the tuning of networks is searched",
        "NAME",
        values="schedulers",
    ),
    Option(
        "--patience",
        "end the search when nothing got better for so long",
        "TIME",
        values="30s|1m|3m|10m",
    ),
    Option("--reruns", "further seeds for the best models, to see the spread", "N", whole, "2|4"),
    Option(
        "--prefer",
        "keep the best model, or a faster or smaller one that is as good",
        "WHAT",
        values="accurate|fast|small",
    ),
    Option("--kinds", "column kinds instead of the inferred ones", "COL=KIND,..", pairs, "kinds"),
    Option("--drop", "columns to leave out", "A,B", names, "columns"),
    Option("--seed", "seeds everything", "N", whole, "0|1|2|3|4"),
    Option("--split", "how to divide the rows", "HOW", values="auto|stratified|random|group|time"),
    Option("--split-column", "a column that says train, valid or test", "COLUMN", values="columns"),
    Option(
        "--group", "rows that share this column's value stay together", "COLUMN", values="columns"
    ),
    Option("--time-column", "the column that orders the rows in time", "COLUMN", values="columns"),
    Option("--test-size", "share of rows kept aside for the test", "SHARE", share, "0.1|0.2|0.3"),
    Option("--folds", "folds of cross-validation", "N", whole, "3|5|10"),
    Option("--sample", "most training rows to use", "N", whole, "1000|10000|100000"),
    Option("--positive", "the positive class of a binary task", "CLASS", values="classes"),
    Option("--device", "where to compute", "DEVICE", values="auto|cpu|cuda|mps"),
    Option("--clip-outliers", "clip numbers to the range of usual values"),
    Option("--strip-punctuation", "remove punctuation and digits from texts"),
    Option("--fresh", "train anew what an earlier run trained on the same rows"),
    Option("--executor", "where trials run", "NAME", values="executors"),
    Option("--memory", "the most that the run may hold, such as 4GB", "SIZE", values="2GB|4GB|8GB"),
    Option("--explain-steps", "explain each step with a picture made from these rows"),
    Option("--name", "the run's name", "NAME"),
    Option("--run-dir", "the folder for runs", "FOLDER"),
)


# Of `explore`: those of `fit` that say what the rows are and which networks to look at.
_EXPLORED = {
    *("label", "sql", "time", "task", "positive", "backbones", "kinds", "drop", "seed", "sample"),
    *("split", "split_column", "group", "time_column", "test_size", "device"),
}
EXPLORE = tuple(option for option in FIT if option.name in _EXPLORED)


def add_fit_options(parser: argparse.ArgumentParser, options: tuple[Option, ...] = FIT) -> None:
    """Let a parser understand every option of `fit`, or some of them."""
    for option in options:
        if not option.metavar:
            parser.add_argument(option.flag, action="store_true", help=option.summary)
        elif option.repeats:
            parser.add_argument(
                option.flag, metavar=option.metavar, action="append", help=option.summary
            )
        else:
            flags = [flag for flag in (option.flag, option.alias) if flag]
            action = _Joined if _is_list(option) else _Once
            parser.add_argument(*flags, metavar=option.metavar, action=action, help=option.summary)


def _is_list(option: Option) -> bool:
    """Whether its value is a list with commas, which several values add up to."""
    return "," in option.metavar


class _Joined(argparse.Action):
    """``--strategies ridge --strategies knn`` is ``--strategies ridge,knn``."""

    def __call__(self, _parser: Any, given: Any, value: Any, _flag: str | None = None) -> None:
        before = getattr(given, self.dest, "")
        setattr(given, self.dest, f"{before},{value}" if before else value)


class _Once(argparse.Action):
    """A second value would silently take the place of the first."""

    def __call__(self, _parser: Any, given: Any, value: Any, flag: str | None = None) -> None:
        if hasattr(given, self.dest):
            raise SettingError(
                f"{flag} takes one value.",
                received=f"{getattr(given, self.dest)} and {value}",
                hint="Leave one out.",
            )
        setattr(given, self.dest, value)


def fit_options(given: dict[str, Any]) -> dict[str, Any]:
    """The keywords of `fit` from what a parser found; values that aren't text pass through.

    Raises:
        SettingError: A value cannot be understood.

    Example:
        >>> fit_options({"label": ["y"], "backbones": "a,b", "seed": "3"})
        {'label': 'y', 'backbones': ('a', 'b'), 'seed': 3}
    """
    made = {}
    for option in FIT:
        if option.name not in given:
            continue
        value = given[option.name]
        if option.repeats:
            value = value[0] if len(value) == 1 else tuple(value)
        made[option.name] = option.convert(option.flag, value) if isinstance(value, str) else value
    return made


def as_typed(advice: str) -> str:
    """Advice that names keywords of `fit`, as a person types them in a magic or a shell.

    Example:
        >>> as_typed("Say task='multiclass', or kinds={'stars': 'text'}.")
        'Say --task multiclass, or --kinds stars=text.'
    """
    return _KEYWORD.sub(_as_flag, advice)


_KEYWORD = re.compile(
    rf"\b({'|'.join(option.name for option in FIT)})="
    r"(?:'(?P<text>[^']*)'|\{'(?P<key>[^']*)': '(?P<value>[^']*)'\}|(?P<number>\d+(?:\.\d+)?))"
)


def _as_flag(found: re.Match[str]) -> str:
    one = written_pairs({found["key"]: found["value"]}) if found["key"] else ""
    value = found["text"] or one or found["number"]
    typed = quoted(value) if value else "''"
    return f"--{found[1].replace('_', '-')} {typed}"
