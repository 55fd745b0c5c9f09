"""Write constraints.txt: the exact versions, in this environment, of all that the extras need.

    .venv/bin/python scripts/pins.py

Only packages that pyproject.toml's dependencies and extras lead to are pinned, so that
what else happens to be installed stays out. A build's local mark (as in 2.13.0+cpu) is
left off: the pin then means that version in whatever build a machine has.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = "automl_nb"
EXTRAS = {"starter", "files", "sql", "http", "lab", "adapters", "dev", "bench"}
HEAD = """\
# Exact versions that work together; written by scripts/pins.py.
# pip install -c constraints.txt -e '.[starter,files,sql,http,lab,adapters,dev]'
"""


def main() -> None:
    """Walk the requirements and write the file."""
    found: dict[str, str] = {}
    _collect(ROOT, frozenset(EXTRAS), found, set())
    found.pop(ROOT, None)
    lines = [f"{name}=={version}" for name, version in sorted(found.items())]
    target = Path(__file__).resolve().parent.parent / "constraints.txt"
    target.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _collect(
    name: str,
    extras: frozenset[str],
    found: dict[str, str],
    seen: set[tuple[str, frozenset[str]]],
) -> None:
    key = _canonical(name)
    if (key, extras) in seen:
        return
    seen.add((key, extras))
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return  # for another system or another Python
    found[key] = package.version.split("+")[0]
    for line in package.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in extras | {""}
        ):
            _collect(needed.name, frozenset(needed.extras), found, seen)


def _canonical(name: str) -> str:
    return ROOT if name == ROOT else re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
