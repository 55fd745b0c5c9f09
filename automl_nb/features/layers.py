"""Which of a network's layers are read where there are more than can be kept."""

from __future__ import annotations

from automl_nb.core.errors import SettingError

MOST_LAYERS = 8


def check_most(most: int) -> int:
    """A number of layers that can be read.

    Raises:
        SettingError: It is less than two, or no whole number.
    """
    if not isinstance(most, int) or most < 2:
        raise SettingError(
            "Layers are read from two upwards.",
            received=most,
            hint="For one layer use frozen-text or frozen-image.",
        )
    return most


def spread(count: int, most: int) -> list[int]:
    """At most `most` of `count` layers by number, evenly spread, first and last among them.

    Example:
        >>> spread(7, 8), spread(13, 5)
        ([0, 1, 2, 3, 4, 5, 6], [0, 3, 6, 9, 12])
    """
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
