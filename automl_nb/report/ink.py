"""Colours and fonts that work on light and on dark pages, and for labels in any script."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from automl_nb.core.errors import SettingError
from automl_nb.evaluate.words import label, labels_apart

# Matplotlib's settings are one table for all threads: two pictures at once would put back each
# other's.
_ONE_AT_A_TIME = threading.RLock()
Theme = Literal["light", "dark", "auto"]

# Each has a contrast of 3 or more with white and with #111111 (WCAG's rule for graphics).
COLOURS = (
    "#3987c9",
    "#d9730d",
    "#2e9e62",
    "#9b6dd7",
    "#d64550",
    "#17929e",
    "#cf5aa4",
    "#a6761d",
)
STYLES = ("-", "--", "-.", ":")
# "auto" is one grey that reads on both; inside a page it is swapped for the page's own colour.
_TEXT = {"light": "#24292f", "dark": "#e6e6e6", "auto": "#7b7b7b"}
# Families that hold Chinese, Japanese or Korean, and other scripts that DejaVu lacks.
_WIDE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Noto Sans CJK JP",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Nirmala UI",
)


@dataclass(frozen=True)
class Ink:
    """The colours of one picture.

    Attributes:
        text: Of words, axes and ticks.
        faint: As `text`, for grids and helping lines; to be drawn with `alpha`.
    """

    text: str
    faint: str
    alpha: float = 0.35

    @classmethod
    def of(cls, theme: str) -> Ink:
        """The colours of a theme.

        Raises:
            SettingError: Not light, dark or auto.
        """
        if theme not in _TEXT:
            raise SettingError(
                "A theme must be light, dark or auto.",
                received=theme,
                hint="Leave it out for colours that work in both.",
            )
        return cls(_TEXT[theme], _TEXT[theme])


def colour(position: int) -> str:
    """The colour of the line at a position; styles differ where colours repeat."""
    return COLOURS[position % len(COLOURS)]


def style(position: int) -> str:
    """The dash pattern of the line at a position, so that colour isn't the only mark."""
    return STYLES[position % len(STYLES)]


def shown(text: str, limit: int = 24) -> str:
    r"""A name as matplotlib can draw it: one line, no mathematics, not hidden from legends.

    Example:
        >>> shown("_price in $"), shown("a very long name of a class", 12)
        (' _price in \\$', 'a very long…')
    """
    line = label(text, limit).replace("$", r"\$")
    return f" {line}" if line.startswith("_") else line


def shown_apart(names: Sequence[str], limit: int) -> list[str]:
    """As `shown`, of names that stand beside each other: those that differ stay different."""
    return [shown(name, limit) for name in labels_apart(names, limit)]


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """The font families to try in turn; only such as are installed, so that none is missed."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _WIDE_FAMILIES if name in installed))


def have_glyphs(text: str) -> bool:
    r"""Whether the installed fonts can draw every character of a text.

    Example:
        >>> have_glyphs("naïve"), have_glyphs("\U000f0000")
        (True, False)
    """
    fonts = _fonts()
    return all(c.isspace() or any(font.get_char_index(ord(c)) for font in fonts) for c in text)


@lru_cache(maxsize=1)
def _fonts() -> tuple[Any, ...]:
    from matplotlib import font_manager

    return tuple(font_manager.get_font(font_manager.findfont(name)) for name in families())


@contextmanager
def styled(ink: Ink, salt: str = "") -> Iterator[None]:
    """Matplotlib's settings for one picture, put back afterwards.

    They start from the defaults, so that a person's own style doesn't mix in. SVG keeps
    words as words, and its ids hang on `salt`, so that pictures of one page differ.
    """
    from matplotlib import style as mpl_style

    settings: dict[str, Any] = {
        "font.family": list(families()),
        "font.size": 9.5,
        "text.color": ink.text,
        "axes.edgecolor": ink.faint,
        "axes.facecolor": "none",
        "axes.labelcolor": ink.text,
        "axes.titlecolor": ink.text,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "xtick.color": ink.text,
        "ytick.color": ink.text,
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
        "svg.fonttype": "none",
        "svg.hashsalt": salt or "automl_nb",
        "legend.frameon": False,
        "legend.fontsize": 8.5,
    }
    with _ONE_AT_A_TIME, _no_word_of_fonts(), mpl_style.context(["default", settings]):
        yield


@contextmanager
def _no_word_of_fonts() -> Iterator[None]:
    """Many a font for Chinese has no bold face: the usual one takes its place, unremarked."""
    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)
