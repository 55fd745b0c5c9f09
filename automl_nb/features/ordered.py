"""Levels whose words have an order, such as poor < fair < good, or "1-5" < "6-10".

No label is looked at: the order is read off the words. It lets a tree cut a scale with
one split, and a linear model spend one weight on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LEAST = 3  # with two levels any order is as good as the other
NOTHING = frozenset(("no", "none", "non", "not", "never", "zero", "nil", "without", "absent"))
SCALES: tuple[tuple[str, ...], ...] = (
    (
        *("worst", "very poor|very bad|awful|terrible", "poor|bad", "fair|weak", "below average"),
        *("average|typical|ok|okay|regular|acceptable|satisfactory", "above average", "good"),
        *("better", "very good|great", "excellent", "very excellent|outstanding", "best"),
    ),
    (
        *("very low|minimal|tiny|very small|extra small|xs", "low|small|mild|slight|minor|s"),
        *("medium|moderate|mid|middle|normal|average|m", "high|large|big|major|l"),
        *("very high|very large|extra large|severe|xl", "extreme|critical|xxl"),
    ),
    (
        "very rarely",
        "rarely|seldom",
        "sometimes|occasionally",
        "often|frequently|usually",
        "always",
    ),
    (
        *("strongly disagree|very dissatisfied|very unlikely", "disagree|dissatisfied|unlikely"),
        *("neutral|undecided|unsure", "agree|satisfied|likely"),
        "strongly agree|very satisfied|very likely",
    ),
    (
        *("primary|elementary", "secondary|high school|below college", "some college|college"),
        *("associate", "bachelor|bachelors|undergraduate", "master|masters|graduate"),
        "doctor|doctorate|phd",
    ),
)
_PLACES = [
    {word: float(place) for place, words in enumerate(scale) for word in words.split("|")}
    for scale in SCALES
]
_COUNTS = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_GRADE = re.compile(r"([a-z])(\d)")
_LESS = re.compile(r"<|\b(?:less|under|below|lt|up to)\b")
_MORE = re.compile(r">|\+|\b(?:more|over|above|ge|gt|plus)\b")


def natural_order(levels: Sequence[str]) -> tuple[float, ...] | None:
    """Each level's place in the order that its words name, or None where they name none.

    One level may mean "nothing" (it comes lowest), such as "No pool" among grades.

    Example:
        >>> natural_order(["Good", "Poor", "No pool", "Fair"])
        (3.0, 1.0, 0.0, 2.0)
        >>> natural_order(["6-10 years", "10+ years", "< 1 year", "1-5 years"])
        (2.0, 3.0, 0.0, 1.0)
        >>> natural_order(["red", "green", "blue"]) is None
        True
    """
    if len(levels) < LEAST:
        return None
    texts = [" ".join(_words(level)) for level in levels]
    nothing = [text.split(" ")[0] in NOTHING for text in texts]
    named = [text for text, is_nothing in zip(texts, nothing, strict=True) if not is_nothing]
    places = _by_words(named) or _by_grade(named) or _by_number(levels, nothing)
    if places is None or sum(nothing) > 1:
        return None
    found = iter(places)
    values = [float("-inf") if is_nothing else next(found) for is_nothing in nothing]
    order = sorted(set(values))
    return tuple(float(order.index(v)) for v in values) if len(order) >= LEAST else None


def _words(level: str) -> list[str]:
    return re.sub(r"[\W_]+", " ", level.casefold()).split()


def _by_words(texts: list[str]) -> list[float] | None:
    """Places on one of the scales, words that all levels share left aside."""
    split = [text.split() for text in texts]
    shared = set.intersection(*map(set, split)) if split else set()
    cores = [" ".join(word for word in words if word not in shared) for words in split]
    for places in _PLACES:
        for phrases in (texts, cores):
            if phrases and all(phrase in places for phrase in phrases):
                return [places[phrase] for phrase in phrases]
    return None


def _by_grade(texts: list[str]) -> list[float] | None:
    """A letter and a digit, such as A1 < A2 < B1."""
    matches = [_GRADE.fullmatch(text) for text in texts]
    if not all(matches):
        return None
    return [10.0 * ord(match[1]) + float(match[2]) for match in matches if match]


def _by_number(levels: Sequence[str], nothing: list[bool]) -> list[float] | None:
    """The number in each level, where the text before it is the same throughout."""
    found: list[float] = []
    stems = set()
    for level, is_nothing in zip(levels, nothing, strict=True):
        if is_nothing:
            continue
        text = re.sub(r"[a-z]+", lambda m: _COUNTS.get(m[0], m[0]), level.casefold())
        text = text.replace("_", " ")
        number = _NUMBER.search(text)
        if number is None:
            return None
        stem = _MORE.sub("", _LESS.sub("", text[: number.start()]))
        stems.add("".join(_words(stem)))
        shift = 0.5 * bool(_MORE.search(text)) - 0.5 * bool(_LESS.search(text))
        found.append(float(number[0]) + shift)
    return found if len(stems) <= 1 and found else None
