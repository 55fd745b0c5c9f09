"""What a user asks of a run, checked once, before any work is done."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path

from automl_nb.core.errors import SettingError

_UNITS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?", re.ASCII)
_SIZES = {"mb": 1e6, "gb": 1e9, "tb": 1e12, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([mgt]i?b)", re.ASCII)
_LEAST_SIZE = 1e6
MAX_TIME_S = 30 * 86400.0


@dataclass(frozen=True)
class FitSettings:
    """Every option of `fit`; the names are those of the magic's options.

    Attributes:
        label: The column (or columns, for multi-label) to predict.
        task: binary, multiclass, multilabel, regression, or auto.
        metric: A name of the metric registry, or auto.
        time_s: The whole budget in seconds.
        seed: Seeds everything.
        backbones: Names of cards, hub ids or folders, or ("auto",).
        strategies: Names of the strategy registry, or ("auto",).
        loss: A name of the loss registry, or auto.
        augment: A name of the augmentation registry, or auto.
        head: A name of the initialiser registry, where tuned networks' heads start, or auto.
        params: Settings of the named strategies, such as ``{"lr": 5e-5}``.
        kinds: Column kinds that override the inferred ones.
        drop: Columns to leave out.
        split: How to divide rows: auto, stratified, random, group, time.
        split_column: A column whose values say train, valid or test.
        group: The column that must not be torn apart.
        time_column: The column that orders the rows in time.
        test_size: Share of rows sealed as the test part when none is given.
        folds: Folds of cross-validation, 0 for automatic.
        sample: Most training rows to use, 0 for all.
        clip_outliers: Clip numbers to the range fences fitted on training rows.
        strip_punctuation: Remove punctuation and digits from texts.
        device: auto, cpu, cuda, cuda:N, mps.
        positive: The positive class of a binary task, or "".
        fresh: Train everything anew, even what an earlier run trained on the same rows.
        search: Ranges of settings to search, such as ``"C=0.1..10,k=5..50"``, or "auto". `fit`
            takes a mapping as well, such as ``{"C": (0.1, 10), "loss": ["focal", "poly"]}``.
        searcher: A name of the searcher registry, or "" where none is asked for. `fit` takes an
            Optuna sampler as well, of which its class and arguments are written here.
        trials: Most trials of the search, 0 for as many as the time allows.
        patience_s: Seconds without a better trial after which the search ends, 0 for no limit.
        scheduler: What ends hopeless trials of a search of how networks are tuned, a name of the
            scheduler registry, or auto.
        reruns: Further seeds with which the three best models, and the members of an ensemble that
            leads, are trained again at the end, for the spread of their scores; 0 for none.
        executor: Where trials run, a name of the executor registry: thread, or process.
        prefer: Which of the models that are as good is kept: accurate, fast, or small.
        memory_bytes: The most that the run's processes may hold, 0 for what the machine has.
        explain_steps: Take down what each step does with the rows, so that it can be explained.
    """

    label: str | tuple[str, ...] = ""
    task: str = "auto"
    metric: str = "auto"
    time_s: float = 180.0
    seed: int = 0
    backbones: tuple[str, ...] = ("auto",)
    strategies: tuple[str, ...] = ("auto",)
    loss: str = "auto"
    augment: str = "auto"
    head: str = "auto"
    params: dict[str, object] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    split: str = "auto"
    split_column: str = ""
    group: str = ""
    time_column: str = ""
    test_size: float = 0.2
    folds: int = 0
    sample: int = 0
    clip_outliers: bool = False
    strip_punctuation: bool = False
    device: str = "auto"
    positive: str = ""
    fresh: bool = False
    search: str = ""
    searcher: str = ""
    trials: int = 0
    patience_s: float = 0.0
    scheduler: str = "auto"
    reruns: int = 0
    executor: str = "thread"
    prefer: str = "accurate"
    memory_bytes: int = 0
    explain_steps: bool = False


def parse_time(value: object, option: str = "time") -> float:
    """Seconds from a number, or from text such as ``"90s"``, ``"3m"``, ``"1.5h"``.

    Args:
        value: The number or the text.
        option: Whose value it is, for what is said of a mistake.

    Raises:
        SettingError: Not a time, not positive, or beyond 30 days.

    Example:
        >>> parse_time("3m")
        180.0
    """
    hint = f"Write seconds, or a number with s, m or h, such as {option}='3m'."
    what = "A time budget" if option == "time" else option
    seconds = math.nan
    if isinstance(value, bool):
        pass
    elif isinstance(value, Real):
        seconds = float(value)
    elif isinstance(value, str) and (match := _TIME.fullmatch(value.strip().casefold())):
        seconds = float(match[1]) * _UNITS[match[2] or "s"]
    elif isinstance(value, str) and re.fullmatch(r"-\s*\d.*", value.strip()):
        seconds = -1.0
    if math.isnan(seconds):
        raise SettingError(
            f"{what} must be a length of time.",
            received="None" if value is None else value,
            hint=hint,
        )
    if seconds <= 0:
        raise SettingError(f"{what} must be more than zero.", received=value, hint=hint)
    if seconds > MAX_TIME_S:
        raise SettingError(f"{what} can be 30 days at most.", received=value, hint=hint)
    return seconds


def parse_size(value: object, name: str = "memory") -> int:
    """Bytes from a number of them, or from text such as ``"4GB"``, ``"1.5 GiB"``, ``"800MB"``.

    Args:
        value: It.
        name: What it is the size of, for the error.

    Raises:
        SettingError: Not a size, or less than a megabyte.

    Example:
        >>> parse_size("1.5GB")
        1500000000
    """
    size = math.nan
    if isinstance(value, bool):
        pass
    elif isinstance(value, Real):
        size = float(value)
    elif isinstance(value, str) and (match := _SIZE.fullmatch(value.strip().casefold())):
        size = float(match[1]) * _SIZES[match[2]]
    if not math.isfinite(size) or size < _LEAST_SIZE:
        raise SettingError(
            f"{name.capitalize()} must be a size of a megabyte or more.",
            received="None" if value is None else value,
            hint=f"Write it with its unit, such as {name}='4GB'.",
        )
    return int(size)


def cache_dir() -> Path:
    """Where features, converted weights and probe results are kept.

    ``AUTOML_NB_CACHE`` overrides the platform's usual cache folder.
    """
    given = os.environ.get("AUTOML_NB_CACHE")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path  # imported late: %load_ext must stay light

    return user_cache_path("automl_nb", appauthor=False)


def runs_dir() -> Path:
    """Where runs are kept: ``AUTOML_NB_RUNS`` or ``automl_runs`` in the working folder."""
    return Path(os.environ.get("AUTOML_NB_RUNS") or "automl_runs").expanduser()


def saved_runs() -> list[str]:
    """The names of the runs on disk, newest first."""
    try:
        with os.scandir(runs_dir()) as entries:
            found = [(entry.stat().st_mtime, entry.name) for entry in entries if entry.is_dir()]
    except OSError:
        return []
    return [name for _, name in sorted(found, reverse=True)]


def memory_setting() -> str:
    """Where tasks are remembered: "" for the cache folder, "off", or a database's URL.

    ``AUTOML_NB_MEMORY`` holds it.

    Raises:
        SettingError: The variable holds something else.
    """
    given = os.environ.get("AUTOML_NB_MEMORY", "").strip()
    if given.casefold() in {"", "off"}:
        return given.casefold()
    if "://" not in given:
        raise SettingError(
            "AUTOML_NB_MEMORY must be off, or the URL of a database.",
            received=given,
            hint="Such as postgresql+psycopg://user:password@host/name; unset it for a local file.",
        )
    return given


def progress_mode() -> str:
    """How progress is shown: auto, html, text or off (``AUTOML_NB_PROGRESS``).

    Raises:
        SettingError: The variable holds another word.
    """
    mode = os.environ.get("AUTOML_NB_PROGRESS", "auto").strip().casefold() or "auto"
    if mode not in {"auto", "html", "text", "off"}:
        raise SettingError(
            "AUTOML_NB_PROGRESS must be auto, html, text or off.",
            received=mode,
            hint="Unset the variable or give it one of these words.",
        )
    return mode
