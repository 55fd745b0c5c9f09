"""What a form asks for, as the line of `%automl fit` that asks for the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from automl_nb.core.listed import written_list, written_pairs
from automl_nb.core.options import FIT, fit_options
from automl_nb.core.typed import typed, with_flag
from automl_nb.notebook.line import split
from automl_nb.notebook.parsers import parser_of


@dataclass(frozen=True)
class Draft:
    """Values by the names of options; what is left to itself has none.

    Attributes:
        data: A data frame's name, or a file, folder or URL.
        options: Typed texts by keyword of `fit`; a mapping for ``kinds``, several names for
            ``label``, True for a switch.
        output: The name that the model gets, or "".
    """

    data: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""

    @classmethod
    def read(cls, line: str, names: Mapping[str, Any]) -> Self:
        """The draft of a typed line, such as ``reviews --label stars --time 3m``.

        Raises:
            SettingError: An option is unknown, or a value can't be read.

        Example:
            >>> Draft.read("reviews --label stars -o model", {}).options
            {'label': 'stars'}
        """
        return cls.of(vars(parser_of("form").parse(split(line, names))))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The draft of parsed words."""
        options = {option.name: given[option.name] for option in FIT if option.name in given}
        if "label" in options:
            several = tuple(map(str, options["label"]))
            options["label"] = several[0] if len(several) == 1 else several
        if isinstance(options.get("kinds"), str):
            options["kinds"] = fit_options({"kinds": options["kinds"]})["kinds"]
        data = str(given.get("data", "")).removeprefix("$")
        return cls(data, options, str(given.get("output", "")))

    def text(self, name: str) -> str:
        """What an option's field shows.

        Example:
            >>> Draft("rows", {"kinds": {"stars": "category"}}).text("kinds")
            'stars=category'
        """
        value = self.options.get(name, "")
        if isinstance(value, Mapping):
            return written_pairs(value)
        return written_list(value) if isinstance(value, list | tuple) else str(value)

    def with_value(self, name: str, value: Any) -> Self:
        """The same with another value of an option; an empty one leaves it to itself."""
        rest = {key: kept for key, kept in self.options.items() if key != name}
        return replace(
            self, options=rest if value in ("", (), {}, False) else {**rest, name: value}
        )

    def keywords(self) -> dict[str, Any]:
        """The keywords of `fit`.

        Raises:
            SettingError: A value can't be understood.
        """
        label = {"label": self.options["label"]} if "label" in self.options else {}
        rest = {name: value for name, value in self.options.items() if name != "label"}
        return label | fit_options(rest)

    def line(self) -> str:
        """The same as one line of the magic.

        Raises:
            SettingError: A column's name can't be written on a line.

        Example:
            >>> Draft("reviews", {"label": "my stars", "time": "3m"}, "model").line()
            '%automl fit reviews --label "my stars" --time 3m -o model'
        """
        words = ["%automl fit", typed(self.data) if self.data else "DATA"]
        for option in FIT:
            value = self.options.get(option.name)
            if value is None:
                continue
            several = value if option.repeats and isinstance(value, tuple) else (value,)
            for one in several:
                text = self.text(option.name) if one is value else str(one)
                words += with_flag(option.flag, text) if option.metavar else [option.flag]
        return " ".join([*words, *(["-o", self.output] if self.output else [])])
