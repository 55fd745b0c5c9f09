"""What each subcommand of `%automl` understands: one argparse parser each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from automl_nb.core.answering import model_and_data
from automl_nb.core.cache_words import ACTIONS as CACHE_ACTIONS
from automl_nb.core.cache_words import cache_words
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.options import EXPLORE, add_fit_options
from automl_nb.core.parser import Parser, takes_nothing
from automl_nb.core.recollect import ACTIONS, memory_words
from automl_nb.core.space_words import space_words
from automl_nb.core.steer_words import VERBS, Verb, fill

_DATA = "a data frame's name, $name, file, folder or URL"
_MODEL = "a model, a run, or the name or folder of a saved one"
_ACTIONS = "|".join(ACTIONS)
_LANGUAGE = "en or zh, from now on"
_RUN = "a run, its model, name or folder; without it this notebook's last"


@dataclass(frozen=True)
class Subcommand:
    """One verb of the magic.

    Attributes:
        words: What completes each positional word: data, model, run, registry,
            subcommand.
    """

    name: str
    summary: str
    fill: Callable[[Parser], None]
    words: tuple[str, ...] = ()
    example: str = ""


def _fit(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", help=_DATA)
    add_fit_options(parser)
    parser.add_argument("--background", action="store_true", help="return at once; go on behind")
    parser.add_argument("--language", metavar="CODE", help=_LANGUAGE)
    _output(parser, "the model")


def _form(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", nargs="?", help=_DATA)
    add_fit_options(parser)
    parser.add_argument("--background", action="store_true", help="as a form always does")
    parser.add_argument("--language", metavar="CODE", help=_LANGUAGE)
    _output(parser, "the model")


def _explore(parser: Parser) -> None:
    parser.add_argument("data", metavar="DATA", help=_DATA)
    add_fit_options(parser, EXPLORE)
    parser.add_argument("--out", metavar="FILE", help="also write the decision card as JSON")
    _output(parser, "the decision card")


def _predict(parser: Parser) -> None:
    model_and_data(parser, _MODEL, _DATA, options="[--proba] [-o NAME]")
    parser.add_argument("--proba", action="store_true", help="probabilities, one column a class")
    _output(parser, "the predictions")


def _evaluate(parser: Parser) -> None:
    model_and_data(parser, _MODEL, f"{_DATA}, with the label", options="[-o NAME]")
    _output(parser, "the scorecard")


def _run(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help=_RUN)


def _steering(verb: Verb) -> Callable[[Parser], None]:
    def both(parser: Parser) -> None:
        _run(parser)
        fill(verb, parser)

    return both


def _resume(parser: Parser) -> None:
    _run(parser)
    parser.add_argument("data", metavar="DATA", nargs="?", help="its rows, if they aren't found")
    parser.add_argument("--time", metavar="TIME", help="the whole budget from now on")
    _output(parser, "the model")


def _leaderboard(parser: Parser) -> None:
    _run(parser)
    _output(parser, "the leaderboard")


def _ledger(parser: Parser) -> None:
    _run(parser)
    _output(parser, "the ledger")


def _report(parser: Parser) -> None:
    _run(parser)
    parser.add_argument(
        "--to", metavar="FILE", help="where to write it; Markdown if it ends in .md"
    )
    _output(parser, "the report's path")


def _code(parser: Parser) -> None:
    _run(parser)
    parser.add_argument("--model", metavar="NAME", help="another one of its leaderboard")


def _runs(parser: Parser) -> None:
    _output(parser, "the table")


def _list(parser: Parser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help="backbones, metrics, ...")
    _output(parser, "the table")


def _space(parser: Parser) -> None:
    space_words(parser)
    _output(parser, "the space")


def _memory(parser: Parser) -> None:
    memory_words(parser)
    _output(parser, "the list")


def _cache(parser: Parser) -> None:
    cache_words(parser)
    _output(parser, "the list")


def _help(parser: Parser) -> None:
    parser.add_argument("subcommand", metavar="SUBCOMMAND", nargs="?", help="such as fit")


def _output(parser: Parser, what: str) -> None:
    parser.add_argument("-o", "--output", metavar="NAME", help=f"store {what} under this name")


_FIT_BELOW = """

settings can stand below, as TOML:
  %%automl fit reviews
  label = "sentiment"
  lr = 1e-5..1e-4      # a range is searched
  [kinds]
  zip = "category"
below a database's URL a query can stand instead"""
_PREDICT_BELOW = """

rows can stand below: texts, one a line, or CSV with the columns' names first
  %%automl predict model --proba
  I liked it."""
_FIT_EXAMPLE = "%automl fit reviews --label sentiment --time 3m -o model"

SUBCOMMANDS = {
    made.name: made
    for made in (
        Subcommand(
            "fit", "train, choose and judge models", _fit, ("data",), _FIT_EXAMPLE + _FIT_BELOW
        ),
        Subcommand(
            "form",
            "choose, start and steer with fields and buttons",
            _form,
            ("data",),
            "%automl form reviews --label sentiment",
        ),
        Subcommand(
            "explore",
            "which pretrained network suits the task",
            _explore,
            ("data",),
            "%automl explore reviews --label sentiment --time 60s",
        ),
        Subcommand(
            "predict",
            "answers for new rows",
            _predict,
            ("model", "data"),
            "%automl predict model new_reviews -o answers" + _PREDICT_BELOW,
        ),
        Subcommand(
            "evaluate",
            "judge a model on labelled rows",
            _evaluate,
            ("model", "data"),
            "%automl evaluate model more_reviews",
        ),
        Subcommand("leaderboard", "the models of a run, best first", _leaderboard, ("run",)),
        Subcommand("ledger", "what was tried, why it ended, what it cost", _ledger, ("run",)),
        Subcommand("status", "draw a run again, or list those at work", _run, ("run",)),
        Subcommand(
            "report", "write a run's report as one HTML file, or Markdown", _report, ("run",)
        ),
        Subcommand(
            "code",
            "write a model as plain Python into a new cell",
            _code,
            ("run",),
            "%automl code sentiment",
        ),
        Subcommand("runs", "all runs on disk", _runs),
        Subcommand("stop", "end a run in the background, keeping its best model", _run, ("run",)),
        *(
            Subcommand(
                verb.name,
                verb.summary,
                _steering(verb),
                ("run", verb.values) if verb.option else ("run",),
            )
            for verb in VERBS
        ),
        Subcommand(
            "resume",
            "go on with a paused, stopped or killed run",
            _resume,
            ("run", "data"),
            "%automl resume sentiment --time 10m",
        ),
        Subcommand("list", "what can be chosen: backbones, metrics, ...", _list, ("registry",)),
        Subcommand(
            "space",
            "what may be set and searched of a strategy",
            _space,
            ("strategies",),
            "%automl space svm --search C=0.1..10",
        ),
        Subcommand("memory", "tasks seen before: list, export, wipe", _memory, (_ACTIONS,)),
        Subcommand(
            "cache",
            "what is kept between runs: list, trim, clear",
            _cache,
            ("|".join(CACHE_ACTIONS),),
            "%automl cache trim --to 2GB",
        ),
        Subcommand("doctor", "device, versions, weights, caches, and what to do", takes_nothing),
        Subcommand("traceback", "the whole traceback of the last error", takes_nothing),
        Subcommand("help", "this overview, or one subcommand's options", _help, ("subcommand",)),
    )
}


@lru_cache(maxsize=len(SUBCOMMANDS))
def parser_of(name: str) -> Parser:
    """The parser of a subcommand.

    Raises:
        UnknownNameError: There is no such subcommand.
    """
    if name not in SUBCOMMANDS:
        raise UnknownNameError("subcommand", name, SUBCOMMANDS, hint="See: %automl help")
    made = SUBCOMMANDS[name]
    example = f"example:\n  {made.example}" if made.example else ""
    parser = Parser(f"%automl {name}", made.summary, example)
    made.fill(parser)
    return parser


def overview() -> str:
    """All subcommands, a line each."""
    lines = [f"  %automl {made.name:<12} {made.summary}" for made in SUBCOMMANDS.values()]
    head = "Train models by transfer learning, in a notebook.\n"
    rest = (
        f"\nFor example:\n  {_FIT_EXAMPLE}\nOptions of one: %automl fit -h"
        "\nWays to train, and what --params may set of each: %automl list strategies"
    )
    return "\n".join([head, *lines, rest])
