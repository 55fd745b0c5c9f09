r"""Settings of `%%automl fit` in a cell's body, as TOML.

::

    %%automl fit reviews
    label = "stars"
    time = "10m"
    lr = 1e-5..1e-4        # a range is searched

    [kinds]
    zip = "category"

A range (``a..b``) or a choice (``a|b``) is no value of TOML: it is a setting to search, wherever it
stands; so is a number or a bare word given to what is no option but a setting of a strategy.
Everything else is an option of `fit`, or one of the tables kinds, params and search.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, NoReturn

from automl_nb import catalogues
from automl_nb.core.errors import AutoMLError, SettingError, UnknownNameError, suggest
from automl_nb.core.options import FIT, KINDS, Option
from automl_nb.core.types import ColumnKind
from automl_nb.notebook.statements import Statement, place, statements

TABLES = ("kinds", "params", "search")
OPTIONS = {option.name: option for option in FIT}
# Of the magic alone.
BESIDE = {"background": "--background", "language": "--language", "output": "-o"}
SWITCHES = {name for name, option in OPTIONS.items() if not option.metavar} | {"background"}
LISTS = {name for name, one in OPTIONS.items() if one.repeats or one.metavar == "A,B"}
_BOTH = {"loss", "augment", "head"}  # options by a text, settings to search by a bare word
_ALIAS = {one.alias.lstrip("-"): one.name for one in FIT if one.alias}
_BARE = re.compile(r"[^\"'\[\]{}=,\s]+(?:\s*(?:\.\.|\|)\s*[^\"'\[\]{}=,\s]+)*")
_SPAN = re.compile(r"\.\.|\|")
_NUMBER_OR_WORD = re.compile(r"[-+]?[\w.]+")
_STAND = (
    "below '%%automl fit DATA' stand settings, one a line; below '%%automl fit URL' also a query"
)
_AT = re.compile(r"\s*\((?:at line (\d+), column (\d+)|at end of document)\)$")


def settings_in(body: str) -> tuple[dict[str, Any], dict[str, Statement]]:
    r"""The options in a body by keyword of `fit`, and the statement that gives each.

    Raises:
        SettingError: It can't be read, or a value isn't of the right type; line and column of
            the cell are named.
        UnknownNameError: A key is no option, table or setting to search.

    Example:
        >>> settings_in('label = "stars"\nC = 0.1..10\n[kinds]\nzip = "category"')[0]
        {'label': ['stars'], 'kinds': {'zip': 'category'}, 'search': 'C=0.1..10'}
    """
    found = [*statements(body)]
    _check_each_once(found)
    searched = [one for one in found if _is_searched(one)]
    for one in searched:  # in its place blanks, so that every other place stays what it is
        blank = re.sub(r"[^\n]", " ", one.text)
        body = body[: one.start] + blank + body[one.end :]
    parsed = _parsed(body)
    where = {name: one for one in reversed(found) for name in _known_as(one)}
    made: dict[str, Any] = {}
    for key, value in parsed.items():
        name = option_name(key)
        if name != "search" or not isinstance(value, dict):
            made[name] = _checked(name, value, where)
    in_table = parsed.get("search")
    ranges = _ranges(in_table if isinstance(in_table, dict) else {}, searched, where)
    if ranges and "search" in made:
        _refuse(_of("search", where), "what is searched is given once", hint="Leave this line out.")
    if ranges:
        made["search"] = ",".join(f"{name}={value}" for name, value in ranges.items())
        where["search"] = searched[0] if searched else _of("search", where)
    return made, where


def _known_as(one: Statement) -> list[str]:
    """What a statement is looked up by: its option or table, and its key in a table."""
    if one.table:
        return [one.table, f"{one.table}.{one.key}"]
    return [option_name(one.key.partition(".")[0])]


def _of(name: str, where: dict[str, Statement]) -> Statement:
    """The statement of a name; the first one where the name is written in a way of its own."""
    return where.get(name) or next(iter(where.values()))


def option_name(key: str) -> str:
    """A key as the keyword of `fit`: ``test-size`` and ``strategy`` are understood, too."""
    name = key.replace("-", "_")
    return _ALIAS.get(name, name)


def is_setting(line: str) -> bool:
    """Whether a line can only be one of settings: it assigns, or begins a table.

    Example:
        >>> is_setting('time = "3m"'), is_setting("[kinds]"), is_setting("SELECT a FROM b")
        (True, True, False)
    """
    return next((bool(one.key) or one.text[0] == "[" for one in statements(line)), False)


def _is_searched(one: Statement) -> bool:
    may_be = one.key and one.table in {"", "search"} and one.value not in {"true", "false"}
    if not may_be or not _BARE.fullmatch(one.value):
        return False
    if _SPAN.search(one.value) or one.table == "search":
        return True
    if option_name(one.key) in {*OPTIONS, *BESIDE, *TABLES}:
        return one.key in _BOTH and one.value.isidentifier()
    if one.key.rpartition(".")[2] in catalogues.searched():
        return _NUMBER_OR_WORD.fullmatch(one.value) is not None
    known = [*OPTIONS, *BESIDE, *TABLES, *catalogues.searched()]
    raise UnknownNameError("setting", one.key, known, hint=_stands(one))


def _parsed(body: str) -> dict[str, Any]:
    try:
        return tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        line, column = _place_of(error, body)
        text = body.split("\n")[line - 1].strip()
        said = _AT.sub("", getattr(error, "msg", str(error)))
        rule = f"this is no TOML ({said})" if "=" in text or text[:1] == "[" else _STAND
        raise SettingError(
            f"Line {line + 1} of the cell, column {column}: {rule}.",
            received=text,
            hint=_advice(text),
        ) from None


def _place_of(error: tomllib.TOMLDecodeError, body: str) -> tuple[int, int]:
    """Line and column from 1; as attributes from Python 3.14 on, in the message before."""
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    if isinstance(line, int) and isinstance(column, int):
        return line, column
    found = _AT.search(str(error))
    if found is not None and found[1]:
        return int(found[1]), int(found[2])
    return place(body, len(body.rstrip()))


def _advice(text: str) -> str:
    """What to write in place of a line that can't be read."""
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        return "A table is written as: [kinds]" if text[:1] == "[" else 'Such as: label = "stars"'
    name = key.strip("\"'")
    named = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
    if named not in {key, name}:
        return (
            f"A name with other signs than a to z, 0 to 9, - and _ stands in quotes: {named} = ..."
        )
    if value[:1] in {"[", "{"}:
        return "Close each bracket, and leave nothing behind it."
    word = re.match(r"[\"']*([^\"'#]*)", value)
    inside = word[1].strip() if word else ""
    return f'Text stands in quotes, such as: {named} = "{inside or "..."}"'


def _check_each_once(found: list[Statement]) -> None:
    seen: dict[tuple[str, str], Statement] = {}
    for one in found:
        table = one.table if one.key or one.text[0] == "[" else f"{one.start}"
        key = option_name(one.key) if not one.table else one.key
        first = seen.setdefault((table, key), one)
        if first is not one:
            what = f"'{one.key}'" if one.key else f"the table [{one.table}]"
            _refuse(one, f"{what} is given once", hint=f"Line {first.line + 1} gives it too.")


def _checked(name: str, value: Any, where: dict[str, Statement]) -> Any:
    """A value as the parsed line has it."""
    if isinstance(value, dict):
        return _table(name, value, where)
    one = _of(name, where)
    if name not in OPTIONS and name not in BESIDE:
        known = [*OPTIONS, *BESIDE, *TABLES, *catalogues.searched()]
        raise UnknownNameError("setting", one.key, known, hint=_stands(one))
    if isinstance(value, list) and name in TABLES:
        _refuse(one, "a table stands in single brackets", hint=f"Write: [{name}]")
    if name in SWITCHES:
        if not isinstance(value, bool):
            _refuse_value(one, "a switch is true or false", hint=f"Write: {one.key} = true")
        return value
    if isinstance(value, list) and name in LISTS:
        if not value or any(isinstance(each, list | dict | bool) for each in value):
            _refuse_value(one, "a list holds names", hint=f'Write: {one.key} = ["a", "b"]')
        return [*map(str, value)] if name == "label" else tuple(map(str, value))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        _refuse_value(one, "the value must be a text or a number", hint=f'Write: {one.key} = "..."')
    return _plain(OPTIONS.get(name), value, one)


def _plain(option: Option | None, value: str | float, one: Statement) -> Any:
    if option is not None and option.repeats:
        return [str(value)]
    if option is None or not isinstance(value, str):
        return value
    try:
        option.convert(one.key, value)
    except AutoMLError as error:
        _refuse_value(one, error.rule, hint=f"Such as: {one.key} = {_example(option, error)}")
    return value


def _example(option: Option, error: AutoMLError) -> str:
    """A value as it is written here: numbers as they are, text in quotes."""
    if "|" in option.values:
        return option.values.split("|")[0]
    return json.dumps(error.hint.rpartition(" ")[2].rstrip(".").strip("'"), ensure_ascii=False)


def _table(name: str, value: dict[str, Any], where: dict[str, Statement]) -> dict[str, Any]:
    one = _of(name, where)
    if name not in OPTIONS and name not in TABLES:
        raise UnknownNameError("table", name, TABLES, hint=_stands(one))
    if name not in TABLES:
        _refuse(one, f"'{name}' is no table", hint=f'Write: {name} = "..."')
    for key, each in value.items():
        one = where.get(f"{name}.{key}", one)
        if isinstance(each, dict):
            _refuse(one, "a name with a dot stands in quotes", hint=f'Such as: "{key}.b" = "..."')
        if name == "kinds" and not isinstance(each, str):
            _refuse_value(one, "a column's kind is a text", hint=f'Write: "{key}" = "category"')
        if name == "kinds" and each not in [*ColumnKind]:
            known = suggest(each, KINDS.split("|"))
            _refuse_value(one, "a column is of one of the kinds that are known", hint=known)
    return value


def _ranges(
    table: dict[str, Any], searched: list[Statement], where: dict[str, Statement]
) -> dict[str, str]:
    """Each setting to search with its range, as `--search` takes it."""
    given = [(one.key, one.value, one) for one in searched]
    for key, value in table.items():
        dotted = value.items() if isinstance(value, dict) else [("", value)]
        for rest, each in dotted:
            name = f"{key}.{rest}" if rest else key
            given.append((name, each, where.get(f"search.{name}") or _of("search", where)))
    made: dict[str, str] = {}
    for name, value, one in given:
        if name in made:
            _refuse(one, f"'{name}' is searched once", hint="Leave one of both out.")
        made[name] = _range(value, one)
    return made


def _range(value: Any, one: Statement) -> str:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "|".join(value)
    if isinstance(value, list) and len(value) == 2 and not any(map(_is_odd, value)):
        return f"{value[0]}..{value[1]}"
    if _is_odd(value) or (isinstance(value, str) and ("," in value or "=" in value)):
        _refuse_value(
            one, "what is searched is a range or a choice", hint="Such as: lr = 1e-5..1e-4"
        )
    return "".join(str(value).split())


def _is_odd(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, str | int | float)


def _stands(one: Statement) -> str:
    return f"It stands in line {one.line + 1} of the cell, column {one.column}."


def _refuse(one: Statement, rule: str, *, hint: str) -> NoReturn:
    raise _wrong(one, (one.line, one.column), rule, hint)


def _refuse_value(one: Statement, rule: str, *, hint: str) -> NoReturn:
    raise _wrong(one, one.value_at, rule, hint)


def _wrong(one: Statement, at: tuple[int, int], rule: str, hint: str) -> SettingError:
    return SettingError(f"{in_cell(at)}: {rule.rstrip('.')}.", received=one.text, hint=hint)


def in_cell(at: tuple[int, int]) -> str:
    """Where in the cell a place of its body is: the magic's line is the first.

    Example:
        >>> in_cell((2, 8))
        'Line 3 of the cell, column 8'
    """
    return f"Line {at[0] + 1} of the cell, column {at[1]}"
