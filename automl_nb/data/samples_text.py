"""Documentation of the installed scientific libraries, read from their source files.

Nothing is imported: the sources are parsed, so that no library runs.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

Made = tuple[pd.DataFrame, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
LIBRARIES = ("matplotlib", "numpy", "pandas", "scipy", "sklearn", "torch")
USUAL_ROWS = 3_000
LEAST_CHARS, MOST_CHARS = 60, 600
MOST_BYTES = 100_000  # larger source files take long to parse
_NAMES = re.compile(
    r"\b(?:matplotlib|mpl|plt|pyplot|numpy|np|pandas|pd|scipy|sklearn|scikit-learn|scikit"
    r"|(?:py)?torch|aten|cuda)\b(?:\.(?=\w))?",
    re.IGNORECASE,
)
_IMPORT = re.compile(r"^\s*(?:>>>|\.\.\.)?\s*(?:import|from) .*$", re.MULTILINE)
_VERSION = re.compile(r"^\s*\.\. (?:versionadded|versionchanged|deprecated)::.*$", re.MULTILINE)


def docstrings(n: int, seed: int) -> Made:
    """Columns ``text`` and ``library``; classes of one size."""
    rows = [
        {"text": text, "library": library}
        for library in LIBRARIES
        for text, _ in _documented(library, _share(n), seed)
    ]
    return pd.DataFrame(rows), "library"


def products(n: int, seed: int) -> Made:
    """What a function says it does, beside plain facts about its code.

    Columns: ``summary`` (first sentence), ``kind``, ``arguments``, ``defaults``,
    ``lines``, ``branches``, ``annotated``, ``doc_words`` and the label ``product``.
    """
    rows = [
        {"summary": _summary(text), **_facts(node), "doc_words": len(text.split())}
        | {"product": library}
        for library in LIBRARIES
        for text, node in _documented(library, _share(n), seed)
    ]
    return pd.DataFrame(rows), "product"


def _share(n: int) -> int:
    return -(-(n or USUAL_ROWS) // len(LIBRARIES))


def _documented(library: str, most: int, seed: int) -> Iterator[tuple[str, Function]]:
    """Up to `most` different documentation texts of a library with what they document."""
    seen: set[str] = set()
    for file in _sources(library, seed):
        tree = ast.parse(file.read_text(encoding="utf-8", errors="replace"))
        for node in _definitions(tree.body):
            text = _text(ast.get_docstring(node, clean=False) or "")
            if len(text) < LEAST_CHARS or text in seen:
                continue
            seen.add(text)
            yield text, node
            if len(seen) == most:
                return


def _definitions(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions and classes, and the methods of the latter."""
    for node in body:
        if isinstance(node, Function):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node.body)


def _sources(library: str, seed: int) -> list[Path]:
    """Source files in an order that only the seed and their names decide."""
    spec = importlib.util.find_spec(library)
    if spec is None or spec.origin is None:
        return []
    root = Path(spec.origin).parent
    files = [file for file in root.rglob("*.py") if "test" not in str(file.relative_to(root))]
    files = [file for file in files if file.stat().st_size <= MOST_BYTES]

    def key(file: Path) -> str:
        name = f"{seed} {file.relative_to(root).as_posix()}"
        return hashlib.sha256(name.encode()).hexdigest()

    return sorted(files, key=key)


def _text(documentation: str) -> str:
    """A docstring without imports, versions and names of the libraries."""
    text = inspect.cleandoc(documentation)
    text = _NAMES.sub("", _VERSION.sub("", _IMPORT.sub("", text)))
    text = re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS].rpartition(" ")[0]


def _summary(text: str) -> str:
    return " ".join(re.split(r"\n|(?<=[.!?])\s", text, maxsplit=1)[0].split())


def _facts(node: Function) -> dict[str, object]:
    within = list(ast.walk(node))
    if isinstance(node, ast.ClassDef):
        kind, arguments, defaults = "class", len(node.bases), 0
    else:
        taken = node.args
        everything = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
        kind = "method" if everything and everything[0].arg in {"self", "cls"} else "function"
        arguments = len(everything)
        defaults = len(taken.defaults) + sum(value is not None for value in taken.kw_defaults)
    return {
        "kind": kind,
        "arguments": arguments,
        "defaults": defaults,
        "lines": (node.end_lineno or node.lineno) - node.lineno + 1,
        "branches": sum(isinstance(item, ast.If | ast.For | ast.While) for item in within),
        "annotated": any(isinstance(item, ast.arg) and item.annotation for item in within),
    }
