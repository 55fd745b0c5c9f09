"""A matplotlib figure that shows itself, in any front end and with labels in any script."""

from __future__ import annotations

import base64
import io
import math
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from automl_nb.core.settings import progress_mode
from automl_nb.core.show.parts import INK, readable_box
from automl_nb.core.state import RunState
from automl_nb.evaluate.scorecard import Scorecard
from automl_nb.report.ink import Ink, have_glyphs, styled

DPI = 110
_CSS_DPI, _POINTS = 96, 72  # in an inch: pixels of a page, points of a font
_READ = 9.0  # pixels of a font that can just be read
_TONES = 48  # of a small PNG: few hues, each with its soft edges
_XML_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
# Names of groups, which would be doubled where a page holds several pictures.
_GROUP_ID = re.compile(r' id="(?!C\d)[A-Za-z0-9.]+_\d+"')
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
# A style sheet would hold for the whole page around; what the root has is inherited.
_SHEET = re.compile(r"<defs>\s*<style type=\"text/css\">\*\{(?P<rules>[^}]*)\}</style>\s*</defs>")
_CLASS = "automl-plot"
_CELL_STYLE = (
    f"<style>.{_CLASS} svg{{color:{INK};max-width:100%;height:auto}}"
    f".{_CLASS} svg+img{{display:none}}"
    f"@media print{{.{_CLASS} div{{min-width:0!important}}}}</style>"
)


class Picture(Figure):
    """A figure with a description, drawn on no background.

    No pyplot state is involved, so it may be made in any thread. A character that no
    installed font holds is drawn as a box, without a warning; the SVG form keeps it as text,
    so that a browser can draw it.

    Attributes:
        description: What the picture shows, for people who can't see it.
        ink: Its colours.
    """

    description: str = ""
    ink: Ink = Ink.of("auto")

    def draw(self, renderer: Any) -> None:
        """Draw, without a warning for each character that no font holds."""
        # The style holds here too, as matplotlib makes ticks only when it draws them.
        with styled(self.ink, self.description), _no_glyph_warnings():
            super().draw(renderer)

    def get_tightbbox(self, *args: Any, **options: Any) -> Any:
        """The box around all that is drawn, as quietly as `draw`."""
        with styled(self.ink, self.description), _no_glyph_warnings():
            return super().get_tightbbox(*args, **options)

    @property
    def has_glyphs(self) -> bool:
        """Whether the fonts here hold every character of it."""
        return all(have_glyphs(text.get_text()) for text in self.findobj(Text))

    def png(self) -> bytes:
        """The picture as a PNG file's bytes, with a transparent background."""
        return self._saved("png")

    def svg(self) -> str:
        """The picture as an ``<svg>`` element with its words as text, described for readers."""
        with styled(self.ink, self.description):
            text = self._saved("svg").decode("utf-8")
        text = _GROUP_ID.sub("", _METADATA.sub("", _XML_HEAD.sub("", text)))
        sheet = _SHEET.search(text)
        rules = f'style="{sheet["rules"]}" ' if sheet else ""
        named = f'<svg role="img" aria-label="{escape(self.description)}" {rules}'
        return _SHEET.sub("", text).replace("<svg ", named, 1)

    def page_svg(self) -> str:
        """As `svg`, to stand in a page: what is in the colour for any page takes its text's."""
        return self.svg().replace(Ink.of("auto").text, "currentColor")

    @property
    def least_width(self) -> int:
        """Pixels of a page, below which its smallest words are too small to read."""
        texts = [one for one in self.findobj(Text) if isinstance(one, Text) and one.get_visible()]
        sizes = [float(one.get_fontsize()) for one in texts if one.get_text().strip()]
        width = float(self.get_size_inches()[0]) * _CSS_DPI
        smallest = min(sizes, default=math.inf) / _POINTS * _CSS_DPI
        return math.ceil(width * min(1.0, _READ / smallest))

    def html(self) -> str:
        """A cell's output in the notebook's own colours.

        A front end that doesn't trust the notebook strips ``<svg>``; then the PNG shows.
        """
        width, _ = self._pixels()
        image = f'<img alt="{escape(self.description)}" width="{width}" src="{self.data_uri()}">'
        box = readable_box(self.page_svg() + image, self.least_width)
        return f'<div class="{_CLASS}">{_CELL_STYLE}{box}</div>'

    def _pixels(self) -> tuple[int, int]:
        width, height = (self.get_size_inches() * DPI).astype(int).tolist()
        return width, height

    def data_uri(self) -> str:
        """The PNG as a ``data:`` address for an ``<img>``."""
        return "data:image/png;base64," + base64.b64encode(self._cell_png()).decode("ascii")

    def _cell_png(self) -> bytes:
        """The PNG that a notebook's file has to carry: small, but for what has many colours."""
        shaded = self.findobj(lambda part: isinstance(part, AxesImage | Collection))
        return self.png() if shaded else small_png(self.png())

    def _saved(self, form: str) -> bytes:
        buffer = io.BytesIO()
        no_date = {"Date": None} if form == "svg" else None
        with _no_glyph_warnings():
            # What is pixels within an SVG is printed, too.
            dpi: Any = 2 * DPI if form == "svg" else "figure"
            self.savefig(buffer, format=form, transparent=True, metadata=no_date, dpi=dpi)
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        width, height = self._pixels()
        facts = {"width": width, "height": height, "alt": self.description}
        data: dict[str, Any] = {"text/plain": self.description, "image/png": self._cell_png()}
        if self.ink == Ink.of("auto") and progress_mode() != "off":
            data["text/html"] = self.html()  # left out where saved outputs are compared
        if not self.has_glyphs:  # a browser's fonts may hold what ours don't
            data["image/svg+xml"] = self.svg()
        return data, {"image/png": facts}


def small_png(png: bytes) -> bytes:
    """The same picture in few tones, about a third as large."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGBA").quantize(_TONES, method=Image.Quantize.FASTOCTREE)
    buffer = io.BytesIO()
    few.save(buffer, "png", optimize=True)
    return buffer.getvalue()


@contextmanager
def _no_glyph_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        yield


@dataclass(frozen=True)
class Plot:
    """A kind of picture.

    Attributes:
        draw: Puts it on axes of a new figure, from the run, its scorecard and the colours.
        applies: Whether there is anything to draw.
        describe: What it shows, in a sentence or two.
        size: Width and height in inches, from what is drawn.
        needs: What there must be to draw, in words.
        options: The names of what `draw` can be asked, beside these.
        has: What there is of that where it is too little, in words; "" for nothing.
    """

    draw: Callable[..., None]
    applies: Callable[[RunState, Scorecard | None], bool]
    describe: Callable[[RunState, Scorecard | None], str]
    size: Callable[[RunState, Scorecard | None], tuple[float, float]] = lambda *_: (6.4, 3.6)
    needs: str = "something to draw"
    options: tuple[str, ...] = ()
    has: Callable[[RunState], str] = lambda _: ""

    def picture(self, state: RunState, card: Scorecard | None, ink: Ink, **options: Any) -> Picture:
        """The finished figure."""
        return finished(
            lambda made: self.draw(made, state, card, ink, **options),
            self.size(state, card),
            self.describe(state, card),
            ink,
        )


def finished(
    draw: Callable[[Picture], None], size: tuple[float, float], description: str, ink: Ink
) -> Picture:
    """A figure with its layout settled.

    Args:
        draw: Puts everything on a new figure.
        size: Width and height in inches.
        description: What it shows, in a sentence or two.
        ink: Its colours.
    """
    with styled(ink):
        made = Picture(figsize=size, dpi=DPI)
        made.ink, made.description = ink, description
        made.set_layout_engine("constrained", w_pad=0.08, h_pad=0.07)
        draw(made)
        made.draw_without_rendering()  # fonts and layout settle while the style holds
        made.set_layout_engine("none")  # and stay, so that every copy is the same
    return made


def title_over(figure: Picture, text: str) -> None:
    """A heading at the picture's left edge, for axes too narrow to carry one.

    What is wider than the picture goes on in further lines.
    """
    title = figure.suptitle(text, x=0.01, ha="left", fontweight="bold")
    title.set_fontsize(11)
    share = title.get_window_extent().width / (0.97 * figure.bbox.width)
    if share > 1.0:
        title.set_text(fill(text, int(0.95 * len(text) / share), break_on_hyphens=False))


def quiet_grid(axes: Axes, ink: Ink, axis: Any = "both") -> None:
    """A faint grid behind everything."""
    axes.grid(visible=True, axis=axis, color=ink.faint, alpha=ink.alpha / 2, linewidth=0.6)
    axes.set_axisbelow(True)
