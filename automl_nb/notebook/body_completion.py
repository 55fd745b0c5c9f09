r"""What the Tab key offers below `%%automl fit DATA`: keys, tables, and values of keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from automl_nb.core.options import KINDS, share, whole
from automl_nb.core.show.messages import CATALOGUE
from automl_nb.notebook.statements import Statement, statements
from automl_nb.notebook.toml_body import BESIDE, OPTIONS, SWITCHES, TABLES, option_name

_HALF = re.compile(r"""(?:"[^"]*|'[^']*|[^\s"',=\[\]{}]*)$""")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_DATA = {"test", "valid", "unlabelled"}


@dataclass(frozen=True)
class Offer:
    """What can stand at the cursor.

    Attributes:
        fragment: The text that it replaces.
        kind: What kind of thing it is.
        texts: As they are written in TOML.
    """

    fragment: str
    kind: str
    texts: tuple[str, ...] = ()


def offer(
    before: str,
    given: Iterable[str],
    named: Callable[[str, Callable[[str], str]], Iterable[str]],
) -> Offer:
    """What can stand at the cursor.

    Args:
        before: The body up to the cursor.
        given: Options that stand on the magic's line.
        named: The names of what an option's `values` says; it is told how to ask what the body
            gives an option, by its keyword.
    """
    done, _, line = before.rpartition("\n")
    found = [*statements(done)]
    table = found[-1].table if found else ""
    fragment = _fragment(line)
    if line.lstrip().startswith("["):
        return _fitting(line.lstrip(), "table", [f"[{name}]" for name in TABLES])
    key, equals, _ = line.partition("=")

    def of(what: str) -> Iterable[str]:
        return named(what, lambda name: _value(found, name))

    if equals:
        return _fitting(fragment, "value", _values(table, key, of))
    there = {*given, *(option_name(one.key) for one in found if one.table == table)}
    keys = _keys(table, of)
    return _fitting(fragment, "key", [f"{_key(name)} = " for name in keys if name not in there])


def _fragment(line: str) -> str:
    """The half-typed word at the end of a line; an open quote belongs to it."""
    if line.count('"') % 2:
        return line[line.rindex('"') :]
    if line.count("'") % 2:
        return line[line.rindex("'") :]
    found = _HALF.search(line)
    return found[0] if found else ""


def _keys(table: str, named: Callable[[str], Iterable[str]]) -> Iterable[str]:
    if table == "kinds":
        return named("columns")
    if table in {"params", "search"}:
        return named("params" if table == "params" else "searches")
    return [*OPTIONS, *BESIDE, *named("searches")] if not table else []


def _values(table: str, key: str, named: Callable[[str], Iterable[str]]) -> list[str]:
    """The values of a key as they are written."""
    if table == "kinds":
        return [json.dumps(kind) for kind in KINDS.split("|")]
    name = option_name(key.strip())
    if table:
        return []
    if name in SWITCHES:
        return ["true", "false"]
    if name == "language":
        return [json.dumps(code) for code in CATALOGUE]
    if name == "search":
        return ['"auto"']
    if name not in OPTIONS:
        return []
    option = OPTIONS[name]
    what = "frames" if name in _DATA else option.values
    if not what or what in {"kinds", "params"}:
        return []
    is_number = option.convert in {whole, share}
    return [each if is_number else json.dumps(each, ensure_ascii=False) for each in named(what)]


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _value(found: Iterable[Statement], name: str) -> str:
    """What the body gives an option, as the line would have it."""
    text = next((one.value for one in found if option_name(one.key) == name), "")
    return re.sub(r"[\"'\[\]]", "", text).strip()


def _fitting(fragment: str, kind: str, texts: Iterable[str]) -> Offer:
    start = fragment.lstrip("\"'").casefold()
    fit = [text for text in dict.fromkeys(texts) if text.lstrip('"').casefold().startswith(start)]
    return Offer(fragment, kind, tuple(fit))
