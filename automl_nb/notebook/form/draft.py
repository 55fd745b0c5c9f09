"""What a form asks for, as the line of `%automl fit` that asks for the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from automl_nb.core.errors import SettingError
from automl_nb.core.options import FIT, fit_options
from automl_nb.notebook.line import split
from automl_nb.notebook.parsers import parser_of

_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


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
            return ",".join(f"{key}={kind}" for key, kind in value.items())
        return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

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
        words = ["%automl fit", _typed(self.data) if self.data else "DATA"]
        for option in FIT:
            value = self.options.get(option.name)
            if value is None:
                continue
            several = value if option.repeats and isinstance(value, tuple) else (value,)
            for one in several:
                text = self.text(option.name) if one is value else str(one)
                words += _given(option.flag, text) if option.metavar else [option.flag]
        return " ".join([*words, *(["-o", self.output] if self.output else [])])


def _given(flag: str, text: str) -> list[str]:
    """An option with its value; joined where the value looks like an option itself."""
    return [f"{flag}={_typed(text)}"] if text.startswith("-") else [flag, _typed(text)]


def _typed(text: str) -> str:
    """A value as it has to be typed, so that `split` reads the same.

    Raises:
        SettingError: It holds both kinds of quotes, or a line's end.
    """
    if re.fullmatch(r"[\w.,:/=+%*|@-]+", text):
        return text
    both = "'" in text and re.search(r'["${]', text)
    if both or any(end in text for end in _ENDS):
        raise SettingError(
            "A name with both kinds of quotes, or with a line's end, can't be typed on a line.",
            received=text,
            hint="Rename the column, or start the run from the form.",
        )
    return f"'{text}'" if re.search(r'["${]', text) else f'"{text}"'
