"""What is to be searched as a mapping, written as it is typed: ``C=0.1..10,loss=focal|poly``."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from automl_nb.core.errors import SettingError

_DIVIDERS = (",", "=")  # what stands between settings
_EXAMPLE = "Such as search={'C': (0.1, 10), 'k': '5..50'}."


def written_search(asked: Mapping[Any, Any]) -> str:
    """A mapping from settings to ranges as the one text that means the same.

    Args:
        asked: For each setting a value, its two ends, a list of words, or text such as ``"5..50"``.

    Raises:
        SettingError: There is no setting, or its range can't be written.

    Example:
        >>> written_search({"C": (0.1, 10), "k": "5..50", "loss": ["focal", "poly"], "depth": 3})
        'C=0.1..10,k=5..50,loss=focal|poly,depth=3'
    """
    if not asked:
        raise SettingError(
            "A search by a mapping names at least one setting.",
            received=dict(asked),
            hint=f"{_EXAMPLE} All usual ones: search='auto'.",
        )
    return ",".join(f"{_word(name, name)}={_range(name, value)}" for name, value in asked.items())


def _range(name: object, value: Any) -> str:
    """A value, two ends, or choices."""
    if not isinstance(value, list | tuple):
        return _value(name, value)
    parts = [_value(name, one) for one in value]
    if len(parts) == 2 and all(_is_number(one) for one in value):
        return "..".join(parts)
    if not parts:
        raise SettingError(f"{name} needs a value to try.", received=value, hint=_EXAMPLE)
    return "|".join(parts)


def _value(name: object, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Integral):  # NumPy's too
        return repr(int(value))
    if isinstance(value, Real):
        return repr(float(value))
    return _word(name, value)


def _word(name: object, value: object) -> str:
    if isinstance(value, str) and value.strip() and not any(one in value for one in _DIVIDERS):
        return value.strip()
    raise SettingError(
        f"What is searched of {name} is given as two ends, a list of words, a value or text.",
        received=value,
        hint=_EXAMPLE,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
