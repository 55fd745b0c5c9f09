"""What each command understands, and does."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_nb.cli.demo import DEMO_TIME, demo
from automl_nb.cli.interrupts import INTERRUPTED, beginning
from automl_nb.cli.tables import frame_of, out, show_frame, writer_of
from automl_nb.core.answering import lacking, model_and_data
from automl_nb.core.cache_words import cache_action, cache_words
from automl_nb.core.config import configured
from automl_nb.core.console import Console
from automl_nb.core.errors import SettingError
from automl_nb.core.options import EXPLORE, add_fit_options, fit_options
from automl_nb.core.parser import Parser, takes_nothing
from automl_nb.core.places import check_card_place, check_place
from automl_nb.core.recollect import memory_action, memory_words
from automl_nb.core.settings import progress_mode, saved_runs
from automl_nb.core.show.amounts import counted
from automl_nb.core.show.messages import say
from automl_nb.core.space_words import space_asked, space_words
from automl_nb.core.steer_words import VERBS, Verb, fill, steer, stop
from automl_nb.core.watch import watch

DONE = 0
_MODEL = "a saved model's or a run's folder"
_DATA = "a file, folder or URL"
_NARROW = {"low", "high", "began_s", "ended_s", "strategy", "reads"}  # left out on a terminal


@dataclass(frozen=True)
class Command:
    """One verb of the command line."""

    name: str
    summary: str
    fill: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


def _api() -> Any:
    with beginning():
        return importlib.import_module("automl_nb.api")


def _fit_words(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", help=_DATA)
    add_fit_options(parser)
    parser.add_argument("--out", metavar="FOLDER", help="also save the best model there")


def _fit(args: argparse.Namespace) -> int:
    given = vars(args)
    data, folder = given.pop("data"), given.pop("out", "")
    options = configured() | fit_options(given)
    if folder and Path(folder).exists():
        raise SettingError(
            "--out must name a folder that isn't there yet.",
            received=folder,
            hint="Choose another name.",
        )
    check_place(folder)
    with beginning():
        run = _api().start(data, options.pop("label", None), **options)
    status = _watched(run)
    if folder and run.state.leaderboard:
        run.model.save(folder)
        out(f"{say('where')}: {folder}")
    return status


def _watched(run: Any) -> int:
    """Draw a run to its end."""
    quiet = progress_mode() == "off"
    view = Console(
        folder=str(run.folder), in_shell=True, quiet=quiet, explain=_api().explained_lines
    )
    interrupted = watch(run, view)
    if run.error is not None:
        raise run.error
    return INTERRUPTED if interrupted else DONE


def _explore_words(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", help=_DATA)
    add_fit_options(parser, EXPLORE)
    parser.add_argument("--out", metavar="FILE", help="also write the decision card as JSON")


def _explore(args: argparse.Namespace) -> int:
    given = vars(args)
    data, target = given.pop("data"), given.pop("out", "")
    check_card_place(target)
    wanted = {option.name for option in EXPLORE} - {"time", "sample"}
    options = {k: v for k, v in configured().items() if k in wanted} | fit_options(given)
    card = _api().explore(data, options.pop("label", None), **options)
    out(str(card))
    if target:
        card.save(target)
    return INTERRUPTED if card.ended == "interrupted" else DONE


def _predict_words(parser: Parser) -> None:
    model_and_data(parser, _MODEL, _DATA, options="[--proba] [--out FILE]")
    parser.add_argument("--proba", action="store_true", help="probabilities, one column a class")
    parser.add_argument("--out", metavar="FILE", help=".csv, .tsv, .jsonl or .parquet")


def _predict(args: argparse.Namespace) -> int:
    _check_both("predict", args)
    write = writer_of(getattr(args, "out", ""))
    model = _loaded(args.model)
    answer = model.predict_proba if "proba" in args else model.predict
    write(frame_of(answer(args.data), model))
    return DONE


def _loaded(folder: str) -> Any:
    """A model from its folder; what there is to say of it goes beside the answers, as a line."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        model = _api().load(folder)
    for one in told:
        sys.stderr.write(f"automl-nb: warning: {one.message}\n")
    return model


def _check_both(name: str, args: argparse.Namespace) -> None:
    """A model is a folder; a file or URL in its place is data."""
    word = getattr(args, "model", None)
    if word is None or "data" not in args:
        is_data = word is not None and ("://" in word or Path(word).is_file())
        raise lacking(f"automl-nb {name}", word, is_data=is_data, models=saved_runs())


def _evaluate_words(parser: Parser) -> None:
    model_and_data(parser, _MODEL, f"{_DATA}, with the label", options="[--out FILE]")
    parser.add_argument("--out", metavar="FILE", help="also write the scorecard as JSON")


def _evaluate(args: argparse.Namespace) -> int:
    _check_both("evaluate", args)
    check_place(getattr(args, "out", ""))
    card = _loaded(args.model).evaluate(args.data)
    out(str(card))
    if "out" in args:
        text = json.dumps(card.to_dict(), indent=2, ensure_ascii=False)
        Path(args.out).write_text(text + "\n", encoding="utf-8")
    return DONE


def _demo_words(parser: Parser) -> None:
    parser.add_argument("--out", metavar="FOLDER", help="where model, notebook and report go")
    parser.add_argument("--time", metavar="TIME", help=f"the budget, by itself {DEMO_TIME}")


def _demo(args: argparse.Namespace) -> int:
    folder = Path(getattr(args, "out", "automl_demo"))
    interrupted = demo(_api(), folder, getattr(args, "time", DEMO_TIME))
    return INTERRUPTED if interrupted else DONE


def _list_words(parser: Parser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help="backbones, metrics, ...")


def _list(args: argparse.Namespace) -> int:
    kind = getattr(args, "kind", None)
    if kind is None:
        lines = [f"  automl-nb list {known}" for known in _api().kinds()]
        out("\n".join([say("list.kinds"), *lines]))
        return DONE
    show_frame(_api().available(kind), ("name", "installed", "summary", "params"))
    return DONE


def _space(args: argparse.Namespace) -> int:
    out(str(_api().space(**space_asked(args))))
    return DONE


def _runs(_args: argparse.Namespace) -> int:
    show_frame(_api().runs(), ("name", "status", "score", "metric", "started", "model"))
    return DONE


def _run_word(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or folder")


def _steering(verb: Verb) -> Command:
    def words(parser: Parser) -> None:
        _run_word(parser)
        fill(verb, parser)

    def run(args: argparse.Namespace) -> int:
        out(steer(verb, _api().open_run(args.run), args))
        return DONE

    return Command(verb.name, verb.summary, words, run)


def _stop(args: argparse.Namespace) -> int:
    out(stop(_api().open_run(args.run)))
    return DONE


def _resume_words(parser: Parser) -> None:
    _run_word(parser)
    parser.add_argument("data", metavar="DATA", nargs="?", help=f"{_DATA}, if it has moved")
    parser.add_argument("--time", metavar="TIME", help="the whole budget from now on")


def _resume(args: argparse.Namespace) -> int:
    api = _api()
    with beginning():
        run = api.resume(args.run, getattr(args, "data", None), time=getattr(args, "time", None))
    if run.done:  # it works in another process, and was paused there
        out(say("resume.asked", run=run.name))
        return DONE
    return _watched(run)


def _report_words(parser: Parser) -> None:
    _run_word(parser)
    help_ = "where to write it; Markdown if it ends in .md"
    parser.add_argument("--out", metavar="FILE", help=help_)


def _report(args: argparse.Namespace) -> int:
    out(str(_api().open_run(args.run).report(getattr(args, "out", None))))
    return DONE


def _code_words(parser: Parser) -> None:
    _run_word(parser)
    parser.add_argument("--model", metavar="NAME", help="another one of its leaderboard")
    parser.add_argument("--to", metavar="FILE", help="where to write it")


def _code(args: argparse.Namespace) -> int:
    target = getattr(args, "to", "")
    check_place(target)
    written = _api().open_run(args.run).code(getattr(args, "model", ""))
    if target:
        Path(target).write_text(written, encoding="utf-8")
    else:
        out(written.rstrip("\n"))
    return DONE


def _ledger_words(parser: Parser) -> None:
    _run_word(parser)
    parser.add_argument("--out", metavar="FILE", help=".csv, .tsv, .jsonl or .parquet")


def _ledger(args: argparse.Namespace) -> int:
    target = getattr(args, "out", "")
    write = writer_of(target) if target else None
    frame = _api().open_run(args.run).ledger
    if write is not None:
        write(frame)
    else:
        show_frame(frame, tuple(name for name in frame.columns if name not in _NARROW))
    return DONE


def _memory(args: argparse.Namespace) -> int:
    action, path = memory_action(args)
    if action == "export":
        out(say("memory.exported", path=_api().memory_export(path)))
    elif action == "wipe":
        out(say("memory.wiped", n=counted(_api().memory_wipe(), "task")))
    else:
        shown = ("run", "task", "reads", "rows", "strategy", "backbone", "metric", "score", "made")
        show_frame(_api().memory(), shown)
    return DONE


def _cache(args: argparse.Namespace) -> int:
    action, to = cache_action(args)
    if action == "list":
        show_frame(_api().cache(), ("part", "n", "size", "last use", "folder"))
        return DONE
    out(str(_api().cache_trim(to) if action == "trim" else _api().cache_clear()))
    return DONE


def _doctor(_args: argparse.Namespace) -> int:
    frame = _api().doctor()
    frame["what to do"] = frame["what to do"].str.replace("%automl ", "automl-nb ")
    show_frame(frame, tuple(frame.columns))
    return DONE


COMMANDS = {
    made.name: made
    for made in (
        Command("fit", "train, choose and judge models", _fit_words, _fit),
        Command("explore", "which pretrained network suits the task", _explore_words, _explore),
        Command("predict", "answers for new rows", _predict_words, _predict),
        Command("evaluate", "judge a model on labelled rows", _evaluate_words, _evaluate),
        Command("demo", "the whole way on embedded data", _demo_words, _demo),
        Command("list", "what can be chosen: backbones, metrics, ...", _list_words, _list),
        Command("space", "what may be set and searched of a strategy", space_words, _space),
        Command("runs", "all runs on disk", takes_nothing, _runs),
        Command("ledger", "what a run tried, and what it cost", _ledger_words, _ledger),
        Command(
            "report", "write a run's report as one HTML file, or Markdown", _report_words, _report
        ),
        Command("code", "write a model as plain Python", _code_words, _code),
        Command("stop", "end a run at work, keeping its best model", _run_word, _stop),
        *map(_steering, VERBS),
        Command("resume", "go on with a paused, stopped or killed run", _resume_words, _resume),
        Command("memory", "tasks seen before: list, export, wipe", memory_words, _memory),
        Command("cache", "what is kept between runs: list, trim, clear", cache_words, _cache),
        Command("doctor", "device, versions, weights, caches", takes_nothing, _doctor),
    )
}
