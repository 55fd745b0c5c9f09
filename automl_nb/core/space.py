"""What may be set of an algorithm: names, bounds and usual values, as listable facts.

Written by strategies, checked when a person sets something, read by searchers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.options import ranges
from automl_nb.core.parameters import Choice, Float, Int, Parameter, When

__all__ = ["Choice", "Float", "Int", "Parameter", "Space", "When"]


@dataclass(frozen=True)
class Space:
    """The parameters of one algorithm.

    A *configuration* is a dict of the values of all parameters that count: where a
    condition (`When`) doesn't hold, the parameter is left out.

    Raises:
        SettingError: A name is there twice, or a condition can't be understood.

    Example:
        >>> space = Space((Float("alpha", 1e-4, 1.0, 0.01, log=True), Int("layers", 1, 12, 2)))
        >>> space.defaults()
        {'alpha': 0.01, 'layers': 2}
        >>> space.check({"alpha": "0.1"})
        {'alpha': 0.1}
        >>> print(space.narrowed("alpha=1e-3..0.1,layers=3"))
        Search space
          parameter  searched                   usual value
          alpha      0.001 to 0.1, by factors          0.01
          layers     3                                    3
    """

    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self.parameters)
        for parameter in self.parameters:
            if parameter.when is not None:
                _check_condition(parameter, parameter.when, self._by_name)
        _ = self.ordered  # conditions that lead in a circle are found at once

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Parameter:
        if name not in self._by_name:
            raise UnknownNameError("parameter", name, self._by_name)
        return self._by_name[name]

    def __add__(self, other: Space) -> Space:
        """Both; where a name is in both, the other's counts."""
        own = tuple(parameter for parameter in self.parameters if parameter.name not in other)
        return Space((*own, *other.parameters))

    def __str__(self) -> str:
        from automl_nb.core.show.space_table import as_text

        return as_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        """The table at IPython's prompt, too."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from automl_nb.core.show.space_table import as_html

        return as_html(self)

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def ordered(self) -> tuple[Parameter, ...]:
        """All parameters, each behind the one that its condition names."""
        placed: dict[str, Parameter] = {}
        waiting = list(self.parameters)
        while waiting:
            ready = [p for p in waiting if p.when is None or p.when.name in placed]
            if not ready:
                names = ", ".join(p.name for p in waiting)
                raise SettingError("Conditions must not lead in a circle.", received=names)
            placed |= {p.name: p for p in ready}
            waiting = [p for p in waiting if p.name not in placed]
        return tuple(placed.values())

    @cached_property
    def free(self) -> tuple[Parameter, ...]:
        """What a searcher decides: all that has several values and may count, parents first."""
        possible: set[str] = set()
        for parameter in self.ordered:
            when = parameter.when
            if when is None or (
                when.name in possible and any(self[when.name].holds(v) for v in when.among)
            ):
                possible.add(parameter.name)
        return tuple(p for p in self.ordered if p.name in possible and not p.fixed)

    def names(self) -> tuple[str, ...]:
        """What may be set."""
        return tuple(parameter.name for parameter in self.parameters)

    def defaults(self) -> dict[str, Any]:
        """The usual value of each."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def check(self, values: Mapping[str, object]) -> dict[str, Any]:
        """The values, each in its type and within its bounds.

        Raises:
            UnknownNameError: There is no such parameter.
            SettingError: A value is out of bounds.
        """
        return {name: self[name].check(value) for name, value in values.items()}

    def counts(self, name: str, values: Mapping[str, object]) -> bool:
        """Whether the parameter counts where these values, its parents among them, are set."""
        when = self[name].when
        if when is None:
            return True
        return values.get(when.name) in when.among and self.counts(when.name, values)

    def configuration(self, values: Mapping[str, object] | None = None) -> dict[str, Any]:
        """These values, and the usual ones elsewhere, of all parameters that then count.

        Raises:
            UnknownNameError: There is no such parameter.
            SettingError: A value is out of bounds.

        Example:
            >>> loss = Choice("loss", ("plain", "focal"), "plain")
            >>> space = Space((loss, Float("gamma", 0, 5, 2.0, when=When("loss", ("focal",)))))
            >>> space.configuration(), space.configuration({"loss": "focal"})
            ({'loss': 'plain'}, {'loss': 'focal', 'gamma': 2.0})
        """
        given = self.check(values or {})
        made: dict[str, Any] = {}
        for parameter in self.ordered:
            if self.counts(parameter.name, made):
                made[parameter.name] = given.get(parameter.name, parameter.default)
        return made

    def holds(self, config: Mapping[str, object]) -> bool:
        """Whether a searcher may come to this configuration: complete, counting, in range."""
        wanted = {p.name for p in self.ordered if self.counts(p.name, config)}
        return wanted == {*config} and all(self[name].holds(config[name]) for name in wanted)

    def narrowed(self, asked: str | Mapping[str, object]) -> Space:
        """With other ranges to search, as a person writes them.

        A range may be narrower or wider than before, within what the parameter can mean.

        Args:
            asked: ``"lr=1e-5..1e-4,epochs=3,loss=focal|poly"``, or a mapping from names to
                values, pairs of ends, or lists of words.

        Raises:
            UnknownNameError: There is no such parameter or option.
            SettingError: A range that is empty, reversed or out of bounds.
        """
        if isinstance(asked, str):
            asked = ranges("--search", asked) if asked.strip() else {}
        if not isinstance(asked, Mapping):
            raise SettingError("A search space is narrowed by text or by a dict.", received=asked)
        made = {name: self[name].narrowed(value) for name, value in asked.items()}
        return Space(tuple(made.get(p.name, p) for p in self.parameters))

    def written(self) -> str:
        """What was narrowed, as `narrowed` takes it; "" if nothing was.

        Example:
            >>> Space((Int("epochs", 1, 9, 3), Int("k", 1, 9, 3))).narrowed("k=2..4").written()
            'k=2..4'
        """
        return ",".join(f"{p.name}={p.written()}" for p in self if p.within is not None)

    def to_dict(self) -> dict[str, Any]:
        """All of it as dicts, lists, text and numbers, for JSON."""
        return {"parameters": [{"kind": _KIND[type(p)], **asdict(p)} for p in self]}

    @classmethod
    def from_dict(cls, data: Any) -> Space:
        """The space that `to_dict` gave, also after a way through JSON.

        Raises:
            SettingError: It isn't one.

        Example:
            >>> space = Space((Choice("loss", ("plain", "focal"), "plain"),))
            >>> Space.from_dict(space.to_dict()) == space
            True
        """
        try:
            return cls(tuple(_parameter(dict(item)) for item in data["parameters"]))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise SettingError(
                "A search space is read from what was written of one.",
                received=data,
                hint=f"It lacks or has something else: {error}.",
            ) from error


_KIND: dict[type, str] = {Float: "float", Int: "int", Choice: "choice"}
_CLASS = {"float": Float, "int": Int, "choice": Choice}


def _parameter(data: dict[str, Any]) -> Parameter:
    kind = _CLASS[data.pop("kind")]
    for name in ("within", "options"):  # JSON knows lists only
        if data.get(name) is not None:
            data[name] = tuple(data[name])
    if data.get("when") is not None:
        data["when"] = When(data["when"]["name"], tuple(data["when"]["among"]))
    made: Parameter = kind(**data)
    return made


def _check_names(parameters: tuple[Parameter, ...]) -> None:
    names = [parameter.name for parameter in parameters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingError("Each parameter stands once.", received=", ".join(twice))


def _check_condition(parameter: Parameter, when: When, known: Mapping[str, Parameter]) -> None:
    if when.name not in known:
        raise UnknownNameError(
            "parameter",
            when.name,
            known,
            hint=f"{parameter.name} counts only where it is {when.among}.",
        )
    parent = known[when.name]
    if isinstance(parent, Float) or not when.among:
        raise SettingError(
            "A condition names a choice or a whole number, and values of it.",
            received=f"{parameter.name} when {when}",
        )
    for value in when.among:
        if parent.check(value) != value:
            raise SettingError(
                f"{parameter.name}'s condition needs values of {parent.name}.", received=value
            )
