"""The plain-text form of a run, for terminals, logs and ``text/plain``."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from automl_nb.core.show import facts
from automl_nb.core.show.amounts import lasting, sized
from automl_nb.core.show.facts import Frame
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip, interval, speed
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow

MOST_ROWS, MOST_MEASURES = 10, 8
# A wide character with the marks that may not begin a line, or a word with its blanks.
_WIDE = r"[\u2e80-\u9fff\uff00-\uffef]"
_PIECES = re.compile(
    rf"{_WIDE}[\u3001\u3002\u201d\uff09\uff0c\uff1a\uff1b]*\s*|(?:(?!{_WIDE})\S)+\s*|\s+"
)


def text(state: RunState, frame: Frame | None = None) -> str:
    """The whole state as a few lines of text.

    Example:
        >>> from automl_nb.core.state import RunState
        >>> print(text(RunState(run="brisk-heron")))
        brisk-heron: running
        0.0 s used
    """
    frame = frame or Frame()
    if state.ended is not None or frame.broken:
        return "\n".join([facts.summary(state, frame), *ending(state, frame)])
    lines = [facts.summary(state, frame)]
    now = facts.waits_line(state) if state.behind else facts.time_line(state, frame)
    lines += [] if frame.stable else [now]
    lines += [facts.work_line(state.progress)] if state.progress else []
    lines += [line for line in (facts.forecast_line(state, frame),) if line]
    return "\n".join(lines)


def ending(state: RunState, frame: Frame) -> list[str]:
    """What stands at the end: leaderboard, test score, where it lies, what comes next."""
    lines = [line for line in (facts.data_line(state),) if line]
    lines += leaderboard(state, frame)
    lines += [state.preferred.why] if state.preferred and not frame.stable else []
    lines += test_part(state)
    if facts.best(state) is not None:
        place = facts.place(state, frame)
        lines += [f"{say('where')}: {place}"] if place else []
        lines.append(f"{say('next')}: {facts.next_line(state, frame)}")
    return lines


def leaderboard(state: RunState, frame: Frame) -> list[str]:
    """The best rows of the leaderboard under a heading."""
    ranked = state.ranked()
    if not ranked:
        return []
    heads = [say("column.rank"), say("column.model"), facts.metric(state), say("column.interval")]
    heads += [] if frame.stable else [say("column.fit"), *_cost_head(state)]
    rows = []
    for rank, row in zip(facts.ranks(state), ranked[:MOST_ROWS], strict=False):
        cells = [rank, clip(row.model, 48), facts.score_words(row), interval(row.low, row.high)]
        rows.append(cells if frame.stable else [*cells, lasting(row.fit_s), *_cost(state, row)])
    hidden = len(ranked) - len(rows)
    more = [f"  {say('leaderboard.more', n=hidden)}"] if hidden else []
    more += [f"  {line}" for line in (facts.tie_line(state),) if line]
    return [say("leaderboard"), *columns([heads, *rows], words=(1,)), *more]


def _cost_head(state: RunState) -> list[str]:
    """Lines are short: of the costs that alone has a column by which a model is chosen."""
    heads = {"fast": say("column.speed"), "small": say("column.size")}
    asked = str(state.settings.get("prefer"))
    return [heads[asked]] if asked in heads else []


def _cost(state: RunState, row: LeaderboardRow) -> list[str]:
    cells = {"fast": speed(row.predict_ms), "small": sized(row.size_bytes or math.nan)}
    asked = str(state.settings.get("prefer"))
    return [cells[asked]] if asked in cells else []


def test_part(state: RunState) -> list[str]:
    """The test part's measures under a heading."""
    scores = facts.test_measures(state, MOST_MEASURES)
    if not scores:
        return []
    rows = [[score.name, score.value, score.interval] for score in scores]
    return [facts.test_caption(state), *columns(rows)]


def columns(rows: Sequence[Sequence[str]], *, words: tuple[int, ...] = (0,)) -> list[str]:
    """Rows as aligned lines; the columns in `words` are set left, the others right.

    Example:
        >>> for line in columns([["f1", "0.9"], ["accuracy", "12.0"]]):
        ...     print(line)
          f1         0.9
          accuracy  12.0
    """
    widths = [max(screen_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            pad = " " * (width - screen_width(cell))
            cells.append(cell + pad if place in words else pad + cell)
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def screen_width(cell: str) -> int:
    """Places on the screen: East Asian wide characters take two, accents none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in cell)
    return len(cell) + wide - sum(unicodedata.combining(char) > 0 for char in cell)


def filled(sentences: str, width: int) -> list[str]:
    """Lines of at most so many places: broken at blanks, in scripts without them anywhere.

    Example:
        >>> filled("A row is held out.", 9), filled("留出一部分行", 8)
        (['A row is', 'held out.'], ['留出一部', '分行'])
    """
    lines = [""]
    for piece in _PIECES.findall(sentences):
        if lines[-1] and screen_width(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
