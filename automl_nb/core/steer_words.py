"""The words by which a run at work is steered, once for the magic and the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.parser import Parser
from automl_nb.core.refused import it_is_over
from automl_nb.core.settings import parse_time
from automl_nb.core.show.amounts import lasting
from automl_nb.core.show.messages import say


@dataclass(frozen=True)
class Verb:
    """One way to steer.

    Attributes:
        name: As it is typed.
        summary: What it does, for the help.
        give: Asks the run for it, with the parsed words.
        told: The answer's words, see `say`.
        option: A flag that it needs, or "". Its value may stand behind the run as well.
    """

    name: str
    summary: str
    give: Callable[[Any, argparse.Namespace], None]
    told: Callable[[argparse.Namespace], dict[str, str]] = lambda _: {}
    option: str = ""
    metavar: str = ""
    values: str = ""

    @property
    def example(self) -> str:
        """A value that it may have."""
        return self.values.split("|")[0] if "|" in self.values else "minilm-l6"


def _backbone(args: argparse.Namespace) -> str:
    return str(args.backbone)


VERBS = (
    Verb("pause", "hold a run; its time stands still", lambda run, _: run.pause()),
    Verb(
        "extend",
        "give a run at work more time",
        lambda run, args: run.extend(args.time),
        lambda args: {"time": lasting(parse_time(args.time))},
        "--time",
        "TIME",
        "1m|5m|10m|1h",
    ),
    Verb("skip", "end the trial at work, go on with the next", lambda run, _: run.skip()),
    Verb(
        "drop",
        "try nothing more with a network",
        lambda run, args: run.drop(_backbone(args)),
        lambda args: {"name": _backbone(args)},
        "--backbone",
        "NAME",
        "backbones",
    ),
)


def fill(verb: Verb, parser: Parser) -> None:
    """Let a parser understand the option of a verb, and its value without the option."""
    if verb.option:
        same = f"the same as {verb.option} {verb.metavar}"
        parser.add_argument("value", metavar=verb.metavar, nargs="?", help=same)
        parser.add_argument(verb.option, metavar=verb.metavar, help=verb.summary)


def stop(run: Any) -> str:
    """End a run at work, or take it off the queue; gives the answer for the person.

    Raises:
        RunError: The run is over.
    """
    if run.state.ended is not None or run.killed:
        status = "killed" if run.killed else run.state.status
        raise it_is_over(run.name, status, run.state, "stopped")
    words = "queue.left" if run.state.behind else "stop.asked.background"
    run.stop("Stopped by hand.")
    return say(words, run=run.name)


def steer(verb: Verb, run: Any, args: argparse.Namespace) -> str:
    """Ask for it; gives the answer for the person.

    Raises:
        SettingError: The verb's value is missing, or there are two.
        RunError: The run is over.
    """
    if verb.option:
        args = _with_option(verb, run, args)
    verb.give(run, args)
    return say(f"{verb.name}.asked", run=run.name, **verb.told(args))


def _with_option(verb: Verb, run: Any, args: argparse.Namespace) -> argparse.Namespace:
    """The words as if the value had been given by the option, which it may have been."""
    name, given = verb.option.lstrip("-"), vars(args)
    values = [str(given[key]) for key in ("value", name) if key in given]
    if len(values) != 1:
        received = " ".join(values) or None
        raise SettingError(
            f"'{verb.name}' needs {verb.option}{', once' if values else ''}.",
            **({"received": received} if received else {}),
            hint=f"Such as {verb.name} {run.name} {verb.option} {verb.example}",
        )
    return argparse.Namespace(**(given | {name: values[0]}))
