"""What the Tab key offers on a `%automl` line, and below one.

Everything comes from memory or from the first line of a file, so that an answer takes
milliseconds: subcommands, options and their values, data frames and their columns,
models and runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from automl_nb import catalogues  # a part of the api that imports next to nothing
from automl_nb.core.errors import AutoMLError
from automl_nb.core.listed import divided, pair, plain, written
from automl_nb.core.options import FIT, KINDS, Option
from automl_nb.core.settings import saved_runs
from automl_nb.core.show.messages import CATALOGUE
from automl_nb.core.typed import quoted as in_quotes
from automl_nb.notebook import lookup
from automl_nb.notebook.body_completion import offer
from automl_nb.notebook.columns import classes_of, columns_of
from automl_nb.notebook.parsers import SUBCOMMANDS, parser_of
from automl_nb.notebook.session import Session

IDENTIFIER = "automl_nb"
FILES = "IPCompleter.file_matcher"
_LINE = re.compile(r"\s*(?:[^\W\d][\w.]*\s*=\s*)?%%?automl\s(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+(?=\s)""")
_PART = re.compile(r"""'?"(?:[^"]|"")*"[^,]*|'"[^"]*$|[^,]*""")
_OPTIONS = {flag: option for option in FIT for flag in (option.flag, option.alias) if flag}
_LANGUAGE = Option("--language", "", "CODE", values="|".join(CATALOGUE))
_VALUED = {"-o", "--output", "--out", "--to", "--model", "--language"}  # of no option of `fit`

Given = Callable[[str], str]  # an option's value as it was typed, "" where there is none


@dataclass(frozen=True)
class Typed:
    """A line as far as it is typed: whole words, and the one at the cursor."""

    words: tuple[str, ...]
    current: str

    @property
    def verb(self) -> str:
        """The subcommand."""
        return self.words[0]

    @property
    def before(self) -> str:
        """The last whole word."""
        return self.words[-1]


def typed(text: str) -> Typed | None:
    """The words of a `%automl` line up to the cursor; None for any other line.

    Example:
        >>> typed('m = %automl fit "my data.csv" --lab')
        Typed(words=('fit', 'my data.csv'), current='--lab')
    """
    line = _LINE.fullmatch(text)
    if line is None:
        return None
    rest, place = line["rest"], 0
    words: list[str] = []
    while True:
        place += len(rest[place:]) - len(rest[place:].lstrip())
        word = _WORD.match(rest, place)
        if word is None:
            return Typed(tuple(words), rest[place:])
        words.append(re.sub("['\"]", "", word[0]))
        place = word.end()


class Completion:
    """Completes `%automl` lines of one shell.

    Args:
        session: Gives the namespace and the engine.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

        @context_matcher(identifier=IDENTIFIER, priority=200)  # type: ignore[untyped-decorator]
        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            after = context.line_with_cursor[context.cursor_position :]
            if context.cursor_line:
                above = context.full_text.split("\n")[: context.cursor_line]
                return self.complete_below(above, context.text_until_cursor, after)
            return self.complete(context.text_until_cursor, after)

        self.matcher = matcher

    def complete(self, text: str, after: str = "") -> SimpleMatcherResult:
        """The completions of a line up to the cursor; `after` is what follows it."""
        line = typed(text)
        if line is None:
            return SimpleMatcherResult(completions=[])
        try:
            fragment, kind, found = self._candidates(line)
        except AutoMLError:  # half-typed names are no reason to complain
            return SimpleMatcherResult(completions=[])
        opened = fragment[:1] if fragment[:1] in {"'", '"'} else ""
        start = fragment.lstrip("'\"").casefold()
        names = dict.fromkeys(found)
        fitting = [name for name in names if name.lstrip('"').casefold().startswith(start)]
        closed = bool(opened) and after.startswith(opened)  # some editors close quotes at once
        texts = [quoted(name, opened) for name in fitting]
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text[: -closed or None], type=kind) for text in texts],
            matched_fragment=fragment,
            suppress=True,
            do_not_suppress={FILES} if kind in {"data", "model", "run"} else set(),
            ordered=True,
        )

    def complete_below(self, above: list[str], text: str, after: str = "") -> SimpleMatcherResult:
        """The completions of a line below `%%automl fit`; of any other line none.

        Args:
            above: The lines before it, the first with the magic.
            text: The line up to the cursor.
            after: What follows the cursor.
        """
        line = typed(f"{above[0]} ") if above[0].startswith("%%") else None
        if line is None:  # a line magic among others
            return self.complete(text, after)
        if line.words[:1] != ("fit",):
            return SimpleMatcherResult(completions=[])
        flags = (word.partition("=")[0] for word in line.words)
        given = [_OPTIONS[flag].name for flag in flags if flag in _OPTIONS]
        try:
            found = offer("\n".join([*above[1:], text]), given, self._named_below(line))
        except AutoMLError:
            return SimpleMatcherResult(completions=[])
        closed = found.fragment[:1] == '"' and after.startswith('"')
        return SimpleMatcherResult(
            completions=[
                SimpleCompletion(each[: -closed or None], type=found.kind) for each in found.texts
            ],
            matched_fragment=found.fragment,
            suppress=True,
            ordered=True,
        )

    def _named_below(self, line: Typed) -> Callable[[str, Given], Iterable[str]]:
        """The names of a kind, where what the body gives stands before what the line does."""
        return lambda what, below: self._named(
            what, line, lambda flag: below(_OPTIONS[flag].name) or value_in(line, flag)
        )

    def _candidates(self, line: Typed) -> tuple[str, str, Iterable[str]]:
        """The fragment to replace, what kind of thing it is, and what it could be."""
        if not line.words:
            return line.current, "subcommand", SUBCOMMANDS
        flag, equals, value = line.current.partition("=")
        options = _OPTIONS | {_LANGUAGE.flag: _LANGUAGE}
        if equals and flag in options:
            return self._value(options[flag], value, line)
        if line.before in options and options[line.before].metavar:
            return self._value(options[line.before], line.current, line)
        if line.verb == "code" and line.before == "--model":
            return line.current, "name", self._models_of(line)
        if line.current.startswith("-"):
            return line.current, "option", parser_of(line.verb).flags
        return line.current, *self._positional(line)

    def _positional(self, line: Typed) -> tuple[str, Iterable[str]]:
        wanted = SUBCOMMANDS[line.verb].words if line.verb in SUBCOMMANDS else ()
        place = len(positionals(line))
        if place >= len(wanted):
            return "option", parser_of(line.verb).flags
        return wanted[place], self._named(wanted[place], line)

    def _models_of(self, line: Typed) -> list[str]:
        """The leaderboard of the run that the line names, or of the last one, if it is at hand."""
        named = positionals(line)
        run = self._session.names().get(named[0]) if named else self._session.last_run
        if run is None or not lookup.is_ours(run, "Run"):
            return []
        return [row.model for row in run.state.ranked()]

    def _value(self, option: Option, text: str, line: Typed) -> tuple[str, str, Iterable[str]]:
        if "," not in option.metavar:
            return text, option.values, self._named(option.values, line)
        *before, last = _parts(text)
        given = {pair(part.lstrip("'"))[0] or plain(part) for part in before}
        name, equals, value = last.rpartition("=")
        name = name if equals else last
        if option.values == "searches":
            if equals:
                return value.rpartition("|")[2], "choice", catalogues.choices(name)
            whole = [] if before else ["auto"]
            return name, "setting", [*whole, *self._keys("searches", line, given)]
        if option.values not in {"kinds", "params"}:
            found = self._named(option.values, line)
            return last, option.values, [written(each) for each in found if each not in given]
        if equals:  # a quote there ends the one that stands around the name
            kinds = KINDS.split("|") if option.values == "kinds" else []
            return value.lstrip("'\""), "kind", kinds
        what = "columns" if option.values == "kinds" else option.values
        return name, "column", self._keys(what, line, given)

    def _keys(self, what: str, line: Typed, given: set[str]) -> list[str]:
        return [f"{written(each)}=" for each in self._named(what, line) if each not in given]

    def _named(self, what: str, line: Typed, given: Given | None = None) -> Iterable[str]:
        """What there is of a kind; `given` tells what an option's value is, by its flag."""
        given = given or (lambda flag: value_in(line, flag))
        names = self._session.names()
        if what in {"data", "frames"}:
            return lookup.frames(names)
        if what == "columns":
            words = positionals(line)
            return columns_of(words[0], names) if words else []
        if what == "classes":
            words = positionals(line)
            return classes_of(words[0], given("--label"), names) if words else []
        if what == "model":
            return lookup.models(names)
        if what == "run":
            return [*lookup.named(names, "Run"), *saved_runs()]
        if what == "subcommand":
            return SUBCOMMANDS
        if what in {"params", "searches"}:
            asked = ",".join(positionals(line)) if line.verb == "space" else given("--strategies")
            found = catalogues.params if what == "params" else catalogues.searches
            return found(asked, given("--loss"))
        if what == "registry":
            return catalogues.kinds()
        if what in catalogues.kinds():
            return catalogues.names(what)
        return what.split("|") if what else []


def _parts(text: str) -> list[str]:
    r"""The parts of a half-typed list, where the line's own quotes stand around those of a name.

    Example:
        >>> _parts("ash=text,'\"a,s")
        ['ash=text', '\'"a,s']
    """
    return divided(text, _PART)


def positionals(line: Typed) -> list[str]:
    """The words after the subcommand that are neither options nor their values."""
    found, value_of = [], False
    for word in line.words[1:]:
        if value_of:
            value_of = False
        elif word.startswith("-"):
            option = _OPTIONS.get(word)
            value_of = word in _VALUED or bool(option and option.metavar)
        else:
            found.append(word)
    return found


def value_in(line: Typed, flag: str) -> str:
    """What the line gives an option by its flag or alias; "" if it doesn't.

    Example:
        >>> value_in(Typed(("fit", "rows", "--loss=focal", "--seed", "3"), ""), "--seed")
        '3'
    """
    for word, after in zip(line.words, (*line.words[1:], ""), strict=True):
        typed_flag, equals, value = word.partition("=")
        option = _OPTIONS.get(typed_flag)
        if option is not None and option.flag == flag:
            return value if equals else after
    return ""


def quoted(name: str, opened: str = "") -> str:
    """A name as it has to be typed: in quotes if it holds spaces, quotes or a dollar sign.

    Example:
        >>> quoted("stars"), quoted("my column"), quoted("price $"), quoted("a", '"')
        ('stars', '"my column"', "'price $'", '"a"')
    """
    if opened and opened not in name:
        return f"{opened}{name}{opened}"
    return in_quotes(name) if re.search(r"[\s'\"$]", name) else name
