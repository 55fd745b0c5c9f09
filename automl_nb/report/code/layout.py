"""How the pieces lie on the page: imports first, functions apart, lists in lines that fit."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence

WIDTH = 96
_STANDARD = ("copy", "io", "itertools", "math", "pathlib")


def quoted(text: str) -> str:
    r"""A text as Python reads it, in double quotes.

    Example:
        >>> quoted("d'or"), quoted('a "b"\n')
        ('"d\'or"', '"a \\"b\\"\\n"')
    """
    return json.dumps(text, ensure_ascii=not text.isprintable())


def listed(texts: Sequence[str]) -> str:
    """A list of texts, in several lines where one is too short."""
    return _bracketed([quoted(text) for text in texts], "[]")


def mapped(values: Mapping[str, object]) -> str:
    """A dict of texts to plain values."""
    return _bracketed([f"{quoted(key)}: {value!r}" for key, value in values.items()], "{}")


def _bracketed(items: Sequence[str], brackets: str) -> str:
    line = f"{brackets[0]}{', '.join(items)}{brackets[1]}"
    if len(line) <= WIDTH - 16:
        return line
    lines, last = [], ""
    for item in items:
        if last and len(last) + len(item) + 2 > WIDTH - 4:
            lines.append(last)
            last = ""
        last += f"{' ' if last else ''}{item},"
    return "\n".join([brackets[0], *(f"    {one}" for one in [*lines, last]), brackets[1]])


def comment(text: str, *, inner: str = "") -> str:
    """A comment in lines that fit.

    Args:
        text: Its words.
        inner: What all lines but the first are indented by.
    """
    first, further = f"# {text[: len(text) - len(text.lstrip())]}", f"# {inner}"
    wrapped = textwrap.wrap(
        text.lstrip(),
        WIDTH,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapped)


def imports(lines: Iterable[str]) -> list[str]:
    """Each module once, as a person would write them."""
    whole: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for line in lines:
        first, module, *_ = line.split()
        if first == "import":
            whole[line] = module
        else:
            named.setdefault(module, set()).update(line.partition(" import ")[2].split(", "))
    whole |= {_from(module, sorted(names)): module for module, names in named.items()}
    standard = sorted(line for line, module in whole.items() if module in _STANDARD)
    others = sorted(whole.keys() - {*standard}, key=lambda line: (whole[line], line))
    return [*standard, *([""] if standard else []), *others]


def _from(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def spaced(text: str) -> str:
    """Two empty lines around each function or class, with its comment; one elsewhere at most."""
    made: list[str] = []
    in_function = False
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            paragraph.append(line)
            continue
        if not paragraph:
            continue
        if made and paragraph[0][0] == " ":  # a function goes on
            made += ["", *paragraph]
        else:
            begins = any(one.startswith(("def ", "class ")) for one in paragraph)
            apart = in_function or begins or paragraph[0].startswith("# ---")
            made += [*([""] * (1 + apart) if made else []), *paragraph]
            in_function = begins
        paragraph = []
    return "\n".join(made) + "\n"
