"""The verbs. Notebook and command line do nothing but call these and draw events."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.cached import cache, cache_clear, cache_trim
from automl_nb.catalogues import kinds, names, params_of, registry
from automl_nb.core.errors import (
    BundleError,
    RunError,
    SettingError,
    UnknownNameError,
    suggest,
)
from automl_nb.core.events import Event, RunEnded, RunWaiting, StepExplained
from automl_nb.core.refused import line_for_more
from automl_nb.core.settings import (
    FitSettings,
    memory_setting,
    parse_time,
    progress_mode,
    runs_dir,
    saved_runs,
)
from automl_nb.core.threads import let_threads_sleep
from automl_nb.outlook.checked import Checked, check
from automl_nb.outlook.glance import Glance, glance
from automl_nb.outlook.words import oddities, outlook
from automl_nb.pipeline.asked import check_device, check_unlabelled, settings_of
from automl_nb.pipeline.asked_sampler import own_sampler, sampler_again
from automl_nb.pipeline.model import Model
from automl_nb.queued import at_work
from automl_nb.remembered import memory, memory_export, memory_wipe
from automl_nb.run import Run

if TYPE_CHECKING:
    import pandas as pd
    from optuna.samplers import BaseSampler

    from automl_nb.core.events import Progress
    from automl_nb.core.space import Space
    from automl_nb.explained.show import Album
    from automl_nb.explorer.card import DecisionCard
    from automl_nb.pipeline.continued import Earlier
    from automl_nb.pipeline.engine import Teacher
    from automl_nb.report.ink import Theme
    from automl_nb.report.picture import Picture

__all__ = [
    "Checked",
    "Glance",
    "Model",
    "Run",
    "album",
    "at_work",
    "available",
    "cache",
    "cache_clear",
    "cache_trim",
    "check",
    "demo",
    "doctor",
    "explained_lines",
    "explore",
    "fit",
    "foreseen",
    "glance",
    "kinds",
    "load",
    "memory",
    "memory_export",
    "memory_wipe",
    "names",
    "oddities",
    "open_run",
    "outlook",
    "resume",
    "runs",
    "runs_of",
    "sample",
    "show_augmentations",
    "space",
    "start",
]


def start(
    data: Any,
    label: str | list[str] | tuple[str, ...] | None = None,
    *,
    test: Any = None,
    valid: Any = None,
    sql: str | None = None,
    unlabelled: Any = None,
    name: str | None = None,
    run_dir: str | Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    in_turn: bool = False,
    **options: Any,
) -> Run:
    """Begin to learn `label` from `data` in a thread of its own, and return at once.

    A run with the same data and settings that was left before its end (stopped, or its process
    killed) is gone on with in its own folder; so is one that has ended and has more time now. Time
    that it has used counts: with no more than that it ends with its best model so far. With
    ``fresh=True`` all begins anew.

    Args:
        data: A frame, file, folder of pictures, URL, database URL or Hugging Face
            `Dataset`.
        label: The column to predict; several 0/1 columns for a multi-label task. Of a folder
            of pictures the subfolders' names are the label, and it can be left out.
        test: Rows to judge the final model on; a share of `data` is sealed otherwise.
        valid: Rows to choose models on; cross-validation otherwise.
        sql: The query, where `data` is a database URL.
        unlabelled: Further rows without a label; `self-training` and `further-pretraining`
            learn from them, and from rows of `data` whose label is missing.
        name: The run's name; made from the label otherwise.
        run_dir: The folder for runs, ``automl_runs`` otherwise.
        on_event: Called with each event, in the worker's thread; of a run that is gone on with,
            with its earlier events first.
        in_turn: Begin when the runs of this machine that were started so before have ended; the
            budget counts from then. See `at_work`.
        **options: See `automl_nb.core.settings.FitSettings`; the budget is ``time``. ``searcher``
            is a name, or any instance of `optuna.samplers.BaseSampler`: each search has a copy.

    Raises:
        SettingError: An option is unknown or has a value that cannot work.
        SourceError: A folder of pictures has no subfolder, and no label is given.
        RunError: The run's folder cannot be made.
    """
    from automl_nb.control.memory import check_budget
    from automl_nb.control.steering import Steering
    from automl_nb.control.turns import Turns
    from automl_nb.control.worker import Worker
    from automl_nb.pipeline.backbones import check_backbones
    from automl_nb.pipeline.engine import Job
    from automl_nb.pipeline.in_turn import forget_unbegun, work_in_turn
    from automl_nb.pipeline.place import find_place
    from automl_nb.pipeline.source_print import source_prints
    from automl_nb.pipeline.vault import Vault

    started = clock.monotonic()
    let_threads_sleep()
    settings = settings_of(_label_of(data, label), options)
    if unlabelled is not None:
        check_unlabelled(settings)
    check_backbones(settings)
    check_device(settings.device)
    check_budget(settings.memory_bytes)
    memory_setting()  # a mistake in it is told before any work
    sources = {"data": data, "sql": sql, "test": test, "valid": valid, "unlabelled": unlabelled}
    place = find_place(
        Path(run_dir) if run_dir else runs_dir(),
        settings,
        name or "",
        lambda: source_prints(sources),
    )
    job = Job(
        data,
        settings,
        name=place.folder.name,
        folder=place.folder,
        started=started,
        vault=Vault(place.folder),
        steering=Steering(),
        lock=place.lock,
        teacher=_teacher(settings, place.earlier),
        earlier=place.earlier,
        said=place.said,
        sql=sql,
        test=test,
        valid=valid,
        unlabelled=unlabelled,
        sampler=own_sampler(options),
    )
    before = () if place.earlier is None else place.earlier.events
    turn = Turns(forget=forget_unbegun).take(job.name, job.folder, waits=in_turn)
    behind = () if turn is None else turn.before()
    work = work_in_turn(job, turn)
    if on_event is not None:
        work = _also(work, on_event, before)
    worker = Worker(work, job.steering)
    run = Run(job.name, job.folder, worker, job.vault, before)
    if behind:
        run.state.apply(RunWaiting(0.0, job.name, behind))
    try:
        worker.start()
    except BaseException:  # an interrupt between the thread's start and our return
        worker.cancel.cancel()
        raise
    return run


def fit(data: Any, label: str | list[str] | tuple[str, ...] | None = None, **options: Any) -> Run:
    """Learn `label` from `data` and wait for the end; the options are those of `start`.

    Progress is shown as text where there is a terminal (``AUTOML_NB_PROGRESS``).

    Settings are searched by a name of ``available("searchers")``, or by any instance of
    `optuna.samplers.BaseSampler`, such as ``searcher=optuna.samplers.CmaEsSampler(seed=1)``.
    Each search works on a copy of it and follows the loss alone. The same call with such a sampler
    goes on with a run that was left.

    Raises:
        AutoMLError: The data cannot be used, or an option cannot work.
        KeyboardInterrupt: Interrupted twice; the first interrupt keeps the best so far.

    Example:
        >>> import automl_nb
        >>> wine = automl_nb.sample("wine")
        >>> run = automl_nb.fit(wine, "cultivar", time=60, strategies=["logistic"])
        >>> run.scorecard.metrics["accuracy"].value > 0.8
        True
    """
    import sys

    from automl_nb.core.console import Console
    from automl_nb.core.watch import watch

    run = start(data, label, **options)
    mode = progress_mode()
    if mode in {"text", "html"} or (mode == "auto" and sys.stderr.isatty()):
        watch(run, Console(sys.stderr, folder=str(run.folder), explain=explained_lines))
    return run.wait()


def resume(
    run: str | Path,
    data: Any = None,
    *,
    time: str | float | None = None,
    among: Iterable[Any] = (),
    searcher: BaseSampler | None = None,
    **sources: Any,
) -> Run:
    """Go on with a run: end its pause, or begin again where it was left, in the background.

    Args:
        run: Its name or folder.
        data: The rows that it began with; not needed where they were read from a file.
        time: The whole budget from now on, what was used included; as before if None.
        among: Frames that may be the run's, recognised by their content.
        searcher: The sampler of your own that searched it, if one did.
        **sources: ``test``, ``valid``, ``unlabelled`` and ``sql``, as they were given to `fit`.

    Raises:
        RunError: There is no such run, it came to its end, or its data or sampler isn't to be had.
    """
    from automl_nb.pipeline.continued import read_left, settings_again, sources_again

    opened = open_run(run)
    if opened.state.ended is None and not opened.killed:
        opened.resume()
        return opened
    settings = settings_again(opened.events)
    settings["searcher"] = sampler_again(opened.name, settings["searcher"], searcher)
    budget = settings["time"] if time is None else parse_time(time)
    if read_left(opened.folder, budget) is None:
        raise RunError(
            "Only a run that was left before its end, or has more time now, can be gone on with.",
            received=f"run '{opened.name}', {opened.status}",
            hint="Put right what it failed for, and call fit for a new run."
            if opened.status == "failed"
            else f"More than before is {line_for_more(opened.name, opened.state)}; "
            "or call fit for a new run.",
        )
    found = sources_again(opened.events, {"data": data, **sources}, among)
    options = {**settings, **found, "time": budget}
    return start(**options, name=opened.name, run_dir=opened.folder.parent)


def explore(
    data: Any,
    label: str | list[str] | tuple[str, ...] | None = None,
    *,
    time: str | float = "60s",
    sql: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> DecisionCard:
    """Which pretrained network suits a task, before any of them is trained.

    Every network at hand that can read a text or picture column reads some of its rows;
    scores, learning curves of linear heads and their forecasts are compared. The rows that
    `fit` would seal away as its test part aren't looked at. An interrupt ends it early, with
    what is known.

    Args:
        data: As for `start`.
        label: The column to predict.
        time: The budget.
        sql: The query, where `data` is a database URL.
        on_progress: Called with each `automl_nb.core.events.Progress`; without it progress
            is shown as text where there is a terminal (``AUTOML_NB_PROGRESS``).
        **options: Of `automl_nb.core.settings.FitSettings`, those that say what the rows are,
            and ``backbones``, ``device``, ``seed``; ``sample`` is the number of rows to look
            at, 2,000 by itself.

    Raises:
        DataError: The data cannot be used, or no column holds texts or pictures.
        SettingError: An option is unknown or has a value that cannot work.
        WeightsError: A network that was asked for cannot be had.

    Example:
        >>> import automl_nb
        >>> rows = automl_nb.sample("docstrings").head(200)
        >>> card = automl_nb.explore(rows, "library", backbones=["minilm-l3"], time="30s")
        >>> card.backbones
        ('minilm-l3',)
    """
    from dataclasses import replace

    from automl_nb.control.turns import at_work as working
    from automl_nb.core.options import EXPLORE
    from automl_nb.core.progress_line import progress_line
    from automl_nb.core.settings import cache_dir
    from automl_nb.core.trials import Deadline
    from automl_nb.data.dataset import load_dataset
    from automl_nb.explorer.survey import Survey
    from automl_nb.features.store import FeatureStore
    from automl_nb.pipeline.backbones import check_backbones, check_modalities

    started = clock.monotonic()
    let_threads_sleep()
    known = {option.name for option in EXPLORE}
    for option in options:
        if option not in known:
            raise UnknownNameError("option", option, sorted(known), hint="See: help(explore)")
    settings = settings_of(label, {"time": time, **options})
    check_backbones(settings)
    check_device(settings.device)
    with progress_line(on_progress) as heard, working("explore"):
        dataset = load_dataset(data, replace(settings, sample=0), sql=sql)
        survey = Survey(
            dataset,
            settings,
            deadline=Deadline(settings.time_s, started=started),
            heard=heard,
            store=FeatureStore(cache_dir() / "features"),
        )
        modalities = set(survey.columns.values())
        check_modalities(settings, text="text" in modalities, image="image" in modalities)
        return survey.run()


def foreseen(
    data: Any,
    label: str | list[str] | tuple[str, ...] | None = None,
    *,
    name: str | None = None,
    run_dir: str | Path | None = None,
    **options: Any,
) -> str:
    """A sentence on the earlier run that `start` would go on with; "" where it would begin anew.

    Of a frame of more than two million values it is said at the start alone, as reading them takes
    long.

    Args:
        data: As for `start`, like all others.
        label: The column to predict.
        name: The run's name.
        run_dir: The folder for runs.
        **options: Those of `start`.

    Raises:
        SettingError: An option is unknown or has a value that cannot work.

    Example:
        >>> import tempfile, automl_nb
        >>> foreseen(automl_nb.sample("wine"), "cultivar", run_dir=tempfile.mkdtemp())
        ''
    """
    from automl_nb.pipeline.foreseen import foreseen as told

    rest = ("test", "valid", "unlabelled", "sql")
    sources = {"data": data, **{one: options.pop(one) for one in rest if one in options}}
    settings = settings_of(_label_of(data, label), options)
    return told(settings, sources, name=name or "", root=run_dir)


def load(path: str | Path, *, device: str = "cpu") -> Model:
    """The model in a folder: one that `save` wrote, or the best so far of a run.

    Args:
        path: The folder.
        device: Where its networks compute: auto, cpu, cuda, cuda:N or mps.

    Raises:
        SettingError: There is no such device here.
        BundleError: It is damaged, altered, or of a newer version.
        RunError: It is a run that ended before its first model.
    """
    from automl_nb.control.journal import NAME as JOURNAL
    from automl_nb.pipeline.bundle import MANIFEST, read_bundle
    from automl_nb.pipeline.vault import POINTER, read_best, warn_if_outdone

    if not isinstance(path, str | os.PathLike):
        raise BundleError(
            "A model is loaded from a folder.", received=path, hint="Give the folder's path."
        )
    if not isinstance(device, str):
        raise SettingError(
            "A device is given by its name.", received=device, hint="Use auto, cpu, cuda or mps."
        )
    if device != "cpu":
        from automl_nb.zoo.device import choose_device

        device = choose_device(device)
    let_threads_sleep()
    folder = Path(path).expanduser()
    run = runs_dir() / folder  # the folder itself, where its path is absolute
    if not folder.exists() and run.is_dir():
        folder = run
    is_run = any((folder / name).is_file() for name in (POINTER, JOURNAL))
    if run != folder and run.is_dir() and not (is_run or (folder / MANIFEST).is_file()):
        raise BundleError(  # a damaged model must not be taken for the run either
            "A folder that is no model hides the run of the same name.",
            received=str(path),
            hint=f"Load the run by its path: {run}",
        )
    if not is_run:
        return read_bundle(folder, device=device)
    warn_if_outdone(folder)
    return read_best(folder, device=device)


def open_run(name: str | Path) -> Run:
    """A run replayed from its folder, by name or path.

    Raises:
        RunError: There is no such run.
    """
    folder = _run_folder(name)
    if not folder.is_dir():
        raise RunError(
            "A run must be a folder of runs_dir() or a path.",
            received=str(name),
            hint=suggest(str(name), saved_runs()),
        )
    from automl_nb.control.turns import Turns

    behind = Turns().waiting(folder)
    if not behind:
        return Run.open(folder)
    run = Run(folder.name, folder)
    run.state.apply(RunWaiting(0.0, run.name, behind))
    return run


def _run_folder(name: str | Path) -> Path:
    """The path, or the run of this name where the path is none, or another folder's."""
    from automl_nb.control.journal import NAME as JOURNAL

    folder, run = Path(name).expanduser(), runs_dir() / name
    return run if run.is_dir() and not (folder / JOURNAL).is_file() else folder


def runs(folder: str | Path | None = None) -> pd.DataFrame:
    """The runs of a folder, newest first."""
    from automl_nb.core.show.runs_table import RunsTable

    rows = []
    root = Path(folder) if folder else runs_dir()
    for item in root.glob("*"):
        if not (item / "journal.jsonl").is_file():
            continue
        try:
            rows.append(_run_row(Run.open(item)))
        except RunError as error:
            rows.append({"name": item.name, "status": f"unreadable: {error.rule}"})
    columns = ["name", "status", "metric", "score", "model", "started", "seconds"]
    frame = RunsTable(rows, columns=columns)
    return frame.sort_values("started", ascending=False, ignore_index=True)


def runs_of(frames: Iterable[Any], *, run_dir: str | Path | None = None) -> list[str]:
    """The names of the newest runs that learnt from one of these data frames, newest first.

    Args:
        frames: They are recognised by their content; of more than two million values it isn't
            looked at, as that takes long.
        run_dir: The folder for runs.

    Example:
        >>> import tempfile
        >>> runs_of([sample("wine")], run_dir=tempfile.mkdtemp())
        []
    """
    from automl_nb.pipeline.own_runs import own_runs

    return own_runs(Path(run_dir) if run_dir else runs_dir(), frames)


def available(kind: str) -> pd.DataFrame:
    """What can be chosen from: name, summary, paper, extra, installed.

    Of strategies and losses also ``params``: what ``params={...}`` of a fit may set of them.

    Args:
        kind: One of `kinds()`, such as ``"strategies"``.

    Raises:
        UnknownNameError: There is no such catalogue.

    Example:
        >>> available("strategies")["name"].tolist()[:2]
        ['prior', 'svm']
    """
    from automl_nb.core.show.whole_table import WholeTable

    frame = WholeTable(
        [
            {
                "name": spec.name,
                "summary": spec.summary,
                "paper": spec.paper,
                "extra": spec.extra,
                "installed": spec.installed,
            }
            for spec in registry(kind)
        ]
    )
    settable = params_of(kind)
    if settable:
        frame["params"] = frame["name"].map(settable)
    return frame


def space(strategy: str, search: str | Mapping[str, Any] = "", *, loss: str = "auto") -> Space:
    """What may be set and searched of a strategy, as a table.

    Args:
        strategy: Its name.
        search: As `fit` takes it, ``"auto"`` too: then the table has what that search varies, of
            networks nothing but what is named. Rates and passes lie around usual values, which in
            a run are those of its network.
        loss: Of a strategy that tunes networks: a loss may have settings too.

    Raises:
        UnknownNameError: There is no such strategy, loss or setting.
        SettingError: A range is empty, reversed or out of bounds.

    Example:
        >>> print(space("knn", "k=3..9"))
        Search space
          parameter  searched            usual value  what it is
          k          3 to 9, by factors            9  neighbours
    """
    from automl_nb.pipeline.shown_space import shown_space

    return shown_space(strategy, search, loss)


def sample(name: str) -> pd.DataFrame:
    """Embedded example data; `available("samples")` lists it.

    Example:
        >>> sample("wine").shape
        (178, 14)
    """
    from automl_nb.data.samples import load_sample

    return load_sample(name).frame


def show_augmentations(
    values: Any,
    names: str | Sequence[str] | None = None,
    *,
    seed: int = 0,
    theme: Theme = "auto",
) -> Picture:
    """What augmentations make of some pictures or texts, as a figure.

    Args:
        values: Pictures (paths, bytes, Pillow images or arrays) or texts; or just one.
        names: Of `available("augmentations")`; all that fit otherwise.
        seed: Another seed draws other changes.
        theme: light, dark, or auto for colours that read on both.

    Returns:
        A matplotlib figure: a row for each augmentation, a column for each draw.

    Raises:
        UnknownNameError: There is no augmentation of this name.
        SettingError: It is for the other kind of column, or there is nothing to change.
        DataError: A picture cannot be read.

    Example:
        >>> charts = sample("charts")["image"].head(3)
        >>> print(show_augmentations(charts, ["flip", "mixup"]).description)
        Augmentations of 3 pictures, a row each: none, flip, mixup.
    """
    from automl_nb.report.augmentation_plot import augmentations_figure

    return augmentations_figure(values, names, seed=seed, theme=theme)


def doctor() -> pd.DataFrame:
    """What there is here to compute with, and what to do about what is missing."""
    from automl_nb.health import examine

    return examine()


def demo(time: str | float = "100s", *, run_dir: str | Path | None = None) -> Run:
    """The main job on embedded data: from which library is this documentation?"""
    return fit(sample("docstrings"), "library", time=time, name="demo", run_dir=run_dir)


def _label_of(data: Any, label: Any) -> Any:
    """The label; of a folder of pictures the column with the names of its subfolders."""
    names = label is None or (isinstance(label, str) and label == "label")
    if not (names and isinstance(data, str | os.PathLike) and Path(data).expanduser().is_dir()):
        return label
    from automl_nb.data.folders import refuse_flat

    refuse_flat(Path(data).expanduser())
    return "label"


def _teacher(settings: FitSettings, earlier: Earlier | None) -> Teacher | None:
    """Who takes down what the steps do, if that is asked for."""
    if not settings.explain_steps:
        return None
    from automl_nb.explained.teacher import Teacher as Explains

    return Explains(() if earlier is None else earlier.events)


def explained_lines(event: StepExplained) -> list[str]:
    """An explained step as lines of text: its title, then a sentence each."""
    from automl_nb.explained.show import lines_of

    return lines_of(event)


def album() -> Album:
    """An empty album of explained steps: words and pictures, each drawn once."""
    from automl_nb.explained.show import Album

    return Album()


def _also(
    work: Callable[..., None], on_event: Callable[[Event], None], before: tuple[Event, ...]
) -> Callable[..., None]:
    def both(emit: Callable[[Event], None], cancel: Any) -> None:
        for event in before:
            if not isinstance(event, RunEnded):  # it goes on: whoever hears this must, too
                on_event(event)

        def heard(event: Event) -> None:
            emit(event)
            on_event(event)

        work(heard, cancel)

    return both


def _run_row(run: Run) -> dict[str, Any]:
    state = run.state
    return {
        "name": run.name,
        "status": run.status,
        "metric": state.objective.metric if state.objective else "",
        "score": state.incumbent.score if state.incumbent else float("nan"),
        "model": state.incumbent.model if state.incumbent else "",
        "started": state.started_at,
        "seconds": round(state.t, 1),
    }
