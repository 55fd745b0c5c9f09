"""The book of a search: its trials by number, and which settings they were, each tried once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automl_nb.search.tried import Proposal


@dataclass(frozen=True)
class Entry:
    """What is known of a trial beside what its searcher knows.

    Attributes:
        place: Its number among all that the searcher heard of, repeats among them.
        given: As in `Proposal`.
        passed: As in `Proposal`.
    """

    place: int
    given: bool
    passed: tuple[dict[str, Any], ...] = ()


class Book:
    """Which settings were tried, and what a searcher proposed in vain since the last trial.

    Attributes:
        entries: By the trial's number.

    Example:
        >>> book = Book()
        >>> book.noted(0, {"k": 3}).number, book.number_of({"k": 3})
        (0, 0)
        >>> book.passed_over({"k": 3})
        >>> book.noted(2, {"k": 5}).passed
        ({'k': 3},)
    """

    def __init__(self) -> None:
        from automl_nb.search.repeats import Key

        self.entries: list[Entry] = []
        self._numbers: dict[Key, int] = {}  # of the trials of what was tried
        self._passed: list[dict[str, Any]] = []  # repeats since the last trial

    @property
    def n_different(self) -> int:
        """How many different settings were tried."""
        return len(self._numbers)

    def noted(self, place: int, config: dict[str, Any], *, given: bool = False) -> Proposal:
        """A trial in the searcher's eyes becomes one in ours."""
        from automl_nb.search.repeats import key_of

        number, passed = len(self.entries), tuple(self._passed)
        self.entries.append(Entry(place, given, passed))
        self._passed = []
        self._numbers.setdefault(key_of(config), number)
        return Proposal(number, config, given, passed)

    def passed_over(self, config: dict[str, Any]) -> None:
        """What was proposed had been tried; it is written down with the next trial."""
        self._passed.append(config)

    def number_of(self, config: Mapping[str, Any]) -> int | None:
        """The trial of these settings; None where they weren't tried."""
        from automl_nb.search.repeats import key_of

        return self._numbers.get(key_of(config))

    def forget(self, number: int, config: Mapping[str, Any]) -> None:
        """A trial was never begun: its settings may be proposed again."""
        from automl_nb.search.repeats import key_of

        if self.number_of(config) == number:
            del self._numbers[key_of(config)]
