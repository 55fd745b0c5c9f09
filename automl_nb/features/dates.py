"""Dates as numbers: how long ago, and where in the year, the week and the day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

PARTS = ("elapsed", "year", "month", "day", "yearday", "weekday", "hour")
PERIODS = {"month": 12.0, "weekday": 7.0, "hour": 24.0, "yearday": 365.25}
_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000


def date_parts(times: pd.Series[Any]) -> dict[str, np.ndarray]:
    """Parts of dates, NaN where the date is missing.

    Args:
        times: (n,) datetime64 without a zone.

    Returns:
        (n,) float64 for each of `PARTS`; ``elapsed`` counts days since 1970 with their
        fraction, ``weekday`` starts with Monday as 0, ``hour`` has its fraction.

    Example:
        >>> parts = date_parts(pd.Series(pd.to_datetime(["2024-02-29 18:30", None])))
        >>> {name: float(values[0]) for name, values in parts.items()}
        {'elapsed': 19782.77..., 'year': 2024.0, 'month': 2.0, 'day': 29.0, 'yearday': 60.0,
         'weekday': 3.0, 'hour': 18.5}
    """
    micros = times.to_numpy(dtype="datetime64[us]")
    missing = np.isnat(micros)
    counted = micros.astype(np.int64)
    at = times.dt
    parts = {
        "elapsed": np.where(missing, np.nan, counted / _DAY_US),
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "yearday": at.day_of_year,
        "weekday": at.day_of_week,
        "hour": np.where(missing, np.nan, counted % _DAY_US / _HOUR_US),
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in parts.items()}


def cyclic(part: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Sine and cosine of a part that comes round again, so that December is near January.

    Example:
        >>> sorted(cyclic("weekday", np.array([0.0, 3.5])))
        ['weekday cos', 'weekday sin']
        >>> cyclic("year", np.array([2024.0]))
        {}
    """
    if part not in PERIODS:
        return {}
    angle = 2 * np.pi * values / PERIODS[part]
    return {f"{part} sin": np.sin(angle), f"{part} cos": np.cos(angle)}
