"""Catalogues of interchangeable parts: one `Spec` line makes a part known.

Adding an algorithm is one file and one line. A target is imported when it is
first used, so that listing what exists costs nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from automl_nb.core.errors import MissingExtraError, SettingError, UnknownNameError


@dataclass(frozen=True)
class Spec:
    """One entry of a registry.

    Args:
        name: What a user types.
        target: Where the part lives, as ``"package.module:attribute"``.
        summary: One sentence for the listing.
        paper: Where the method comes from (authors, year, arXiv id).
        extra: The extra of this package that it needs, or "".
        requires: The modules that must be importable for it to run.
        tags: Free words to filter by, such as ``"text"``.
        params: The names of what may be set of it.
        searched: The names of what may be searched of it, where these can't be set.
    """

    name: str
    target: str
    summary: str
    paper: str = ""
    extra: str = ""
    requires: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether everything that the part needs can be imported here."""
        return all(_importable(module) for module in self.requires)

    def load(self) -> Any:
        """Import the part.

        Raises:
            MissingExtraError: A package that it needs isn't installed.
        """
        missing = [module for module in self.requires if not _importable(module)]
        if missing:
            raise MissingExtraError(f"'{self.name}'", extra=self.extra, package=missing[0])
        module, _, attribute = self.target.partition(":")
        return getattr(importlib.import_module(module), attribute)


class Registry:
    """A named catalogue of `Spec` entries, in the order that they were added.

    Example:
        >>> metrics = Registry("metric")
        >>> metrics.add(Spec("accuracy", "sklearn.metrics:accuracy_score", "Share of rows right."))
        >>> metrics["acuracy"]
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.UnknownNameError: ... Did you mean 'accuracy'?
    """

    def __init__(self, kind: str, specs: tuple[Spec, ...] = ()) -> None:
        self.kind = kind
        self._specs: dict[str, Spec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: Spec) -> None:
        """Make a part known.

        Raises:
            SettingError: The name is taken.
        """
        if spec.name in self._specs:
            raise SettingError(
                f"Each {self.kind} needs a name of its own.",
                received=spec.name,
                hint="Choose another name, or change the existing entry.",
            )
        self._specs[spec.name] = spec

    def __getitem__(self, name: str) -> Spec:
        if name not in self._specs:
            raise UnknownNameError(self.kind, name, self._specs)
        return self._specs[name]

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[Spec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def names(self, tag: str | None = None) -> list[str]:
        """The names of all entries, or of those that carry `tag`."""
        return [spec.name for spec in self if tag is None or tag in spec.tags]


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
