"""The picture of a decision card: what it covers, and what its colours say."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from automl_nb.explorer.card import DecisionCard, Entry, Recommendation
from automl_nb.explorer.curve import Forecast, PowerLaw
from automl_nb.explorer.language import LanguageFit
from automl_nb.report.ink import COLOURS

BLUE = COLOURS[0]
UNREAD = LanguageFit(1.0, 0.8, {"Han": 1.0}, False, "", 0.0, "can't read 100% of the rows.")


def entry(column, name, rank=None, reading=None):
    foretold = Forecast(0.9, 0.3, 1.0, 96, (12, 24, 48), (0.5, 0.7, 0.8), PowerLaw(0.0, 1.6, 0.5))
    scores = {} if rank is None else {"ridge": 0.8}
    return Entry(
        column,
        name,
        "text",
        is_baseline=rank is None,
        scores=scores,
        mean_rank=rank,
        forecast=foretold,
        reading=reading,
    )


@pytest.fixture
def picture():
    entries = [
        *(entry("a", name, rank) for name, rank in (("six", 1.0), ("three", 2.0), ("words", None))),
        *(entry("b", name, rank, UNREAD) for name, rank in (("three", 2.0), ("six", 1.0))),
    ]
    advice = (
        Recommendation("a", "six", "weak", "Use six for 'a'."),
        Recommendation("b", "", "none", "No network can be recommended for 'b'."),
    )
    return DecisionCard("y", "binary", "accuracy", 96, 60, tuple(entries), advice).plot()


def bars(axes):
    return [to_hex(patch.get_facecolor()) for patch in axes.patches if isinstance(patch, Rectangle)]


def test_a_legend_lies_on_no_curve_and_no_interval(picture):
    for axes in picture.axes:
        if axes.get_legend() is not None:
            box = axes.get_legend().get_window_extent()
            assert not box.overlaps(axes.get_window_extent())
            assert all(
                not box.overlaps(other.get_tightbbox())
                for other in picture.axes
                if other is not axes
            )


def test_only_a_recommended_network_is_drawn_in_its_colour(picture):
    curves, ranks, other_curves, other_ranks = picture.axes
    assert [bar == BLUE for bar in bars(ranks)] == [True, False]
    assert BLUE in {line.get_color() for line in curves.lines}
    assert BLUE not in {line.get_color() for line in other_curves.lines}
    assert BLUE not in bars(other_ranks)
    assert "none recommended" in other_ranks.get_title(loc="left")
    assert "None is recommended for 'b'." in picture.description


def test_a_network_that_cannot_read_the_column_says_so_in_both_halves(picture):
    _, ranks, curves, other_ranks = picture.axes
    names = [text.get_text() for text in curves.get_legend().get_texts()]
    assert names == ["three (can't read it)", "six (can't read it)"]
    written = [text.get_text() for text in other_ranks.texts]
    assert written[::2] == ["six (can't read it)", "three (can't read it)"]  # the best on top
    assert not any("can't read" in text.get_text() for text in ranks.texts)
