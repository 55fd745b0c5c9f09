"""The command line: ``automl-nb fit reviews.csv --label sentiment --out model``.

Results go to standard output, complaints to standard error as two plain lines.
The exit status is 0 when all went well, 1 when something failed, 2 when the command
was not understood, 130 after an interrupt (a first Ctrl-C still keeps the best model).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_nb import __version__
from automl_nb.core.console import Console
from automl_nb.core.errors import AutoMLError, SettingError, UnknownNameError
from automl_nb.core.options import add_fit_options, fit_options
from automl_nb.core.parser import Parser
from automl_nb.core.settings import progress_mode
from automl_nb.core.show.messages import say
from automl_nb.core.show.text import columns
from automl_nb.core.show.words import clip
from automl_nb.core.watch import watch

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Command:
    """One verb of the command line."""

    name: str
    summary: str
    fill: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a sign shows another one
            stream.reconfigure(errors="replace")
    whole = "--traceback" in words
    try:
        return _dispatch([word for word in words if word != "--traceback"])
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the last place that can tell the person)
        if whole:
            traceback.print_exception(error)
        complain(error)
        return MISUSED if isinstance(error, SettingError) else FAILED


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help", "help"}:
        print(overview())
        return DONE
    if words[0] == "--version":
        print(f"automl_nb {__version__}")
        return DONE
    verb, *rest = words
    if verb not in COMMANDS:
        raise UnknownNameError("command", verb, COMMANDS, hint="See: automl-nb --help")
    command = COMMANDS[verb]
    parser = Parser(f"automl-nb {verb}", command.summary)
    command.fill(parser)
    if {"-h", "--help"} & set(rest):
        print(parser.format_help(), end="")
        return DONE
    return command.run(parser.parse(rest))


def complain(error: Exception) -> None:
    """Say what went wrong in two plain lines."""
    if isinstance(error, AutoMLError):
        received = "" if error.received is None else f" Received: {error.received}."
        lines = [f"{error.rule}{received}", error.hint]
    else:
        lines = [f"{type(error).__name__}: {clip(str(error), 300)}", say("unexpected.cli")]
    print("\n".join(f"automl-nb: {line}" for line in lines if line), file=sys.stderr)


def overview() -> str:
    """All commands, a line each."""
    lines = [f"  automl-nb {made.name:<10} {made.summary}" for made in COMMANDS.values()]
    example = "automl-nb fit reviews.csv --label sentiment --time 3m --out model"
    head = "Train models by transfer learning.\n"
    rest = f"\nFor example:\n  {example}\nOptions of one: automl-nb fit -h"
    return "\n".join([head, *lines, rest])


def _api() -> Any:
    return importlib.import_module("automl_nb.api")


# --- what each command understands, and does -----------------------------------------


def _fit_words(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", help="a file, folder or URL")
    add_fit_options(parser)
    parser.add_argument("--out", metavar="FOLDER", help="also save the best model there")


def _fit(args: argparse.Namespace) -> int:
    given = vars(args)
    data, out = given.pop("data"), given.pop("out", "")
    options = fit_options(given)
    run = _api().start(data, options.pop("label", None), **options)
    return _follow(run, out)


def _follow(run: Any, out: str) -> int:
    """Watch a run in the terminal and save its model."""
    quiet = progress_mode() == "off"
    interrupted = watch(run, Console(folder=str(run.folder), quiet=quiet))
    if run.error is not None:
        raise run.error
    if out and run.state.leaderboard:
        run.model.save(out)
        print(f"{say('where')}: {out}")
    return INTERRUPTED if interrupted else DONE


def _predict_words(parser: Parser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a saved model's or a run's folder")
    parser.add_argument("data", metavar="DATA", help="a file, folder or URL")
    parser.add_argument("--proba", action="store_true", help="probabilities, one column a class")
    parser.add_argument("--out", metavar="FILE", help=".csv, .tsv, .jsonl or .parquet")


def _predict(args: argparse.Namespace) -> int:
    out = getattr(args, "out", "")
    write = writer_of(out)
    model = _api().load(args.model)
    answer = model.predict_proba if "proba" in args else model.predict
    write(_frame(answer(args.data), model))
    return DONE


def _evaluate_words(parser: Parser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a saved model's or a run's folder")
    parser.add_argument("data", metavar="DATA", help="a file, folder or URL, with the label")
    parser.add_argument("--out", metavar="FILE", help="also write the scorecard as JSON")


def _evaluate(args: argparse.Namespace) -> int:
    card = _api().load(args.model).evaluate(args.data)
    print(card)
    if "out" in args:
        text = json.dumps(card.to_dict(), indent=2, ensure_ascii=False)
        Path(args.out).write_text(text + "\n", encoding="utf-8")
    return DONE


def _list_words(parser: Parser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help="backbones, metrics, ...")


def _list(args: argparse.Namespace) -> int:
    if "kind" not in args or args.kind is None:
        lines = [f"  automl-nb list {kind}" for kind in _api().kinds()]
        print("\n".join([say("list.kinds"), *lines]))
        return DONE
    _print_frame(_api().available(args.kind), ("name", "installed", "summary"))
    return DONE


def _runs(_args: argparse.Namespace) -> int:
    _print_frame(_api().runs(), ("name", "status", "metric", "score", "model", "started"))
    return DONE


def _report_words(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's name or folder")
    parser.add_argument("--out", metavar="FILE", help="where to write it")


def _report(args: argparse.Namespace) -> int:
    print(_api().open_run(args.run).report(getattr(args, "out", None)))
    return DONE


def _doctor(_args: argparse.Namespace) -> int:
    frame = _api().doctor()
    _print_frame(frame, tuple(frame.columns))
    return DONE


def _demo_words(parser: Parser) -> None:
    parser.add_argument("--out", metavar="FOLDER", help="where model, notebook and report go")
    parser.add_argument("--time", metavar="TIME", help="the budget, such as 60s")


def _demo(args: argparse.Namespace) -> int:
    _api().demo(**vars(args))
    return DONE


def _nothing(_parser: Parser) -> None:
    pass


COMMANDS = {
    made.name: made
    for made in (
        Command("fit", "train, choose and judge models", _fit_words, _fit),
        Command("predict", "answers for new rows", _predict_words, _predict),
        Command("evaluate", "judge a model on labelled rows", _evaluate_words, _evaluate),
        Command("demo", "the whole way on embedded data", _demo_words, _demo),
        Command("list", "what can be chosen: backbones, metrics, ...", _list_words, _list),
        Command("runs", "all runs on disk", _nothing, _runs),
        Command("report", "write a run's report as one HTML file", _report_words, _report),
        Command("doctor", "device, versions, weights, caches", _nothing, _doctor),
    )
}


# --- tables ---------------------------------------------------------------------------


def _frame(answers: Any, model: Any) -> Any:
    """Answers as a data frame; its column is named after the label."""
    import pandas as pd

    if isinstance(answers, pd.DataFrame):
        return answers
    label = getattr(getattr(model, "task", None), "label", "prediction")
    return pd.DataFrame({label: list(answers)})


def writer_of(out: str) -> Callable[[Any], None]:
    """Writes a data frame to a file by its ending, or as CSV to standard output.

    Raises:
        SettingError: The ending is none that can be written.
    """
    writers: dict[str, Callable[[Any], None]] = {
        "": lambda frame: frame.to_csv(sys.stdout, index=False),
        ".csv": lambda frame: frame.to_csv(out, index=False),
        ".tsv": lambda frame: frame.to_csv(out, index=False, sep="\t"),
        ".jsonl": lambda frame: frame.to_json(out, orient="records", lines=True, force_ascii=False),
        ".parquet": lambda frame: frame.to_parquet(out, index=False),
    }
    ending = Path(out).suffix.casefold() if out else ""
    if out and (not ending or ending not in writers):
        raise SettingError(
            "--out must end in .csv, .tsv, .jsonl or .parquet.",
            received=out,
            hint="Without --out the answers are printed.",
        )
    return writers[ending]


def _print_frame(frame: Any, wanted: tuple[str, ...]) -> None:
    """Print the wanted columns of a data frame that are there."""
    heads = [name for name in wanted if name in frame.columns]
    rows = [[_shown(value) for value in row] for row in frame[heads].itertuples(index=False)]
    if not rows:
        print(say("nothing"))
        return
    texts = tuple(range(len(heads)))
    print("\n".join(columns([heads, *rows], words=texts)))


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )
