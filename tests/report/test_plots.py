"""Pictures: of the right things, readable in both themes, and never cut off."""

import base64
import io
import sys
import threading
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.state import Curve, RunState, replay
from automl_nb.report import alt_text, draw, drawable
from automl_nb.report.catalog import PLOTS
from automl_nb.report.confusion_plot import tints
from automl_nb.report.ink import COLOURS, Ink, styled
from automl_nb.report.picture import Picture
from automl_nb.report.scale import interesting
from tests.report.conftest import ARCHITECTURES, row

OF_RUNS = PLOTS.names("run")
CASES = [
    ("binary", "confusion"),
    ("binary", "roc"),
    ("binary", "pr"),
    ("binary", "calibration"),
    ("awkward", "confusion"),
    ("awkward", "roc"),
    ("awkward", "pr"),
    ("many", "confusion"),
    ("many", "roc"),
    ("many", "calibration"),
    ("multilabel", "roc"),
    ("multilabel", "calibration"),
    ("regression", "residuals"),
]


@pytest.fixture
def state(events):
    return replay(events)


def room(picture):
    """Inches between all that is drawn and the picture's nearest edge."""
    box, (width, height) = picture.get_tightbbox(), picture.get_size_inches()
    return min(box.x0, box.y0, width - box.x1, height - box.y1)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("kind", OF_RUNS)
def test_pictures_of_a_run_show_all_their_words(kind, state):
    assert room(draw(kind, state)) > -0.02


def test_a_narrow_picture_shows_all_of_a_long_title():
    name = "image-layers(image, efficientnet-lite0): nas-head"
    found = row(name, 0.9, 3.0, architectures=ARCHITECTURES[:1])
    picture = draw("architecture", RunState(leaderboard=[found]))
    assert room(picture) > -0.02
    assert picture.get_suptitle().split() == f"Wiring of {name}".split()


@pytest.mark.parametrize(("card", "kind"), CASES)
def test_pictures_of_answers_show_all_their_words(card, kind, state, cards):
    assert room(draw(kind, state, cards[card])) > -0.02


@pytest.mark.parametrize(("card", "kind"), CASES)
def test_a_picture_is_svg_that_parses_with_its_description(card, kind, state, cards):
    picture = draw(kind, state, cards[card])
    root = ET.fromstring(picture.svg())
    assert root.attrib["aria-label"] == alt_text(kind, state, cards[card])
    assert root.attrib["role"] == "img"
    assert picture.svg() == picture.svg()


def test_names_in_other_scripts_stay_words_in_svg(state, cards):
    svg = draw("confusion", state, cards["awkward"]).svg()
    assert "这是一个很长的中文类别名称" in svg
    assert "naïve $x^$ price" in svg
    assert "<script" not in svg


def test_a_picture_in_any_thread_leaves_matplotlib_as_it_was(state, cards):
    before = dict(mpl.rcParams)
    made = []
    worker = threading.Thread(target=lambda: made.append(draw("roc", state, cards["binary"])))
    worker.start()
    worker.join()
    assert isinstance(made[0], Picture)
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_a_persons_own_style_does_not_mix_in(state, cards):
    plain = draw("roc", state, cards["binary"]).svg()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "pink", "text.usetex": True}):
        assert draw("roc", state, cards["binary"]).svg() == plain


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_background_is_transparent(theme, state):
    image = Image.open(io.BytesIO(draw("leaderboard", state, theme=theme).png()))
    pixels = np.array(image.convert("RGBA"))
    assert pixels[0, 0, 3] == 0
    assert (pixels[..., 3] == 0).mean() > 0.5


def test_a_notebook_gets_the_page_s_colours_and_a_picture_for_where_they_are_stripped(state):
    data, _ = draw("leaderboard", state)._repr_mimebundle_()
    html = data["text/html"]
    assert "currentColor" in html
    assert Ink.of("auto").text not in html
    assert html.index("</svg>") < html.index("<img alt=")
    assert base64.b64encode(data["image/png"]).decode("ascii") in html
    assert "*{" not in html  # no style for the page around


def test_a_theme_that_was_asked_for_and_outputs_to_compare_have_the_picture_alone(
    state, monkeypatch
):
    assert "text/html" not in draw("leaderboard", state, theme="dark")._repr_mimebundle_()[0]
    monkeypatch.setenv("AUTOML_NB_PROGRESS", "off")
    assert "text/html" not in draw("leaderboard", state)._repr_mimebundle_()[0]


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#111111")])
def test_words_stand_out_from_the_page(theme, page):
    assert contrast(Ink.of(theme).text, page) >= 7
    assert contrast(Ink.of("auto").text, page) >= 4


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
@pytest.mark.parametrize("line", COLOURS)
def test_every_line_stands_out_from_both_pages(line, page):
    assert contrast(line, page) >= 3


def test_white_figures_stand_out_from_filled_cells():
    filled = tints(np.array([[0.5, 0.75, 1.0]]))[0]
    assert all(cell[3] == 1 for cell in filled)
    assert all(contrast("white", tuple(cell[:3])) >= 3 for cell in filled)
    empty = tints(np.array([[0.0, 0.1]]))[0]
    assert empty[0][3] == 0.0
    assert 0 < empty[1][3] < 0.5


def test_the_leaderboard_names_models_best_first(state):
    ax = draw("leaderboard", state).axes[0]
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == ["joined + ridge", "tfidf + ridge", "majority"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    values = [text.get_text() for text in ax.texts]
    assert values == ["0.9400", "0.9100", "0.5000"]


LONG = "frozen-text(what the customer wrote, minilm-l6)+table"


@pytest.mark.parametrize(
    "names",
    [
        (f"{LONG}: ridge", f"{LONG}: logistic #1", f"{LONG}: logistic #2"),
        tuple(f"{LONG} of {part}, and {'more ' * 20}" for part in ("words", "rows", "columns")),
    ],
)
def test_models_with_long_names_are_told_apart(run_of, names):
    run = replay(run_of(models=names))
    shown = [tick.get_text() for tick in draw("leaderboard", run).axes[0].get_yticklabels()]
    assert len(set(shown)) == len(names)
    assert max(map(len, shown)) <= 42
    legend = [text.get_text() for text in draw("curves", run).legends[0].get_texts()]
    assert len(set(legend)) == len(names)
    for kind in ("leaderboard", "timeline"):
        assert names[-1].strip()[-8:] in draw(kind, run).description


def test_a_trivial_model_does_not_flatten_the_leaderboard(state):
    low, high = draw("leaderboard", state).axes[0].get_xlim()
    assert low > 0.7
    assert high < 1.0


def test_lower_is_better_where_it_is(run_of):
    state = replay(run_of(up=False))
    ax = draw("leaderboard", state).axes[0]
    assert ax.get_yticklabels()[0].get_text() == "joined + ridge"
    assert "lower is better" in ax.get_xlabel()
    assert draw("timeline", state).axes[0].get_ylim()[1] < 30


def test_the_timeline_steps_where_the_incumbent_changed(state):
    ax = draw("timeline", state).axes[0]
    steps = ax.lines[0].get_xydata()
    expected = [(e.t, e.score) for e in state.incumbents] + [(15.0, state.incumbents[-1].score)]
    assert [tuple(point) for point in steps.tolist()] == expected


def test_learning_curves_are_those_reported(state):
    score, loss = draw("curves", state).axes
    drawn = {line.get_label(): line.get_ydata().tolist() for line in score.lines}
    assert drawn["joined + ridge"] == state.curves["joined + ridge"].metrics["score"]
    assert len(loss.lines) == 3


def test_a_confusion_matrix_of_many_classes_names_them_all(state, cards):
    ax = draw("confusion", state, cards["many"]).axes[0]
    assert len(ax.get_yticklabels()) == 52
    assert len(ax.texts) == 0
    few = draw("confusion", state, cards["binary"]).axes[0]
    assert sum(int(text.get_text().replace(",", "")) for text in few.texts) == 600


@pytest.mark.parametrize("panel", ["loss", "score"])
def test_a_trial_that_diverged_leaves_the_others_readable(panel, state):
    """The axis follows those that can be read, and says what lies beyond it."""
    far = 1e6 if panel == "loss" else -1e6
    told = {"loss": [1.0, 0.5, 0.3], "score": [0.5, 0.8, 0.9]}
    for name in ("calm", "steady"):
        state.curves[name] = Curve(name, [1.0, 2.0, 3.0], dict(told))
    state.curves["astray"] = Curve("astray", [1.0, 2.0, 3.0], told | {panel: [0.9, far, far]})
    score, loss = draw("curves", state).axes
    axis = loss if panel == "loss" else score
    low, high = axis.get_ylim()
    assert high - low < 10.0
    assert any("astray" in text.get_text() for text in axis.texts)
    assert "Beyond the axis: astray, " in alt_text("curves", state)
    assert room(draw("curves", state)) > -0.02


def test_many_roc_curves_are_the_mean_and_the_hardest(state, cards):
    lines = draw("roc", state, cards["many"]).axes[0].lines
    assert len(lines) == 9  # 8 and the diagonal
    assert lines[0].get_label().startswith("mean of 52 classes")


def test_the_calibration_picture_shows_the_curve_of_the_card(state, cards):
    card = cards["binary"]
    points = draw("calibration", state, card).axes[0].lines[1].get_xydata()
    assert points[:, 0].tolist() == list(card.calibration.said)
    assert points[:, 1].tolist() == list(card.calibration.observed)


def test_descriptions_say_what_matters(state, cards):
    assert "joined + ridge is first with accuracy 0.9400" in alt_text("leaderboard", state)
    assert "0.9400 after 12 s (joined + ridge)" in alt_text("timeline", state)
    told = alt_text("confusion", state, cards["binary"])
    right = sum(cards["binary"].confusion.counts[i][i] for i in range(2))
    assert f"{right} of 600 rows are right" in told


def test_only_what_can_be_drawn_is_offered(state, cards):
    assert drawable(RunState()) == []
    assert drawable(state) == OF_RUNS
    assert "confusion" not in drawable(state, cards["multilabel"])
    assert drawable(state, cards["regression"]) == [*OF_RUNS, "residuals"]


def test_asking_for_what_is_not_there_says_what_is(state):
    with pytest.raises(SettingError, match="needs something to draw") as caught:
        draw("roc", state)
    assert "timeline, leaderboard, curves" in caught.value.hint
    with pytest.raises(UnknownNameError, match="Did you mean 'leaderboard'"):
        draw("leaderbord", state)
    with pytest.raises(SettingError, match="light, dark or auto"):
        draw("timeline", state, theme="pink")


def test_a_notebook_gets_a_png_with_its_description(state):
    picture = draw("timeline", state)
    data, facts = picture._repr_mimebundle_()
    assert data["text/plain"] == picture.description
    assert data["image/png"].startswith(b"\x89PNG")
    assert facts["image/png"]["alt"] == picture.description
    assert base64.b64decode(picture.data_uri().partition(",")[2]) == picture.png()


def test_words_that_no_font_holds_are_left_to_the_browser(state, cards, monkeypatch):
    assert "image/svg+xml" not in draw("confusion", state, cards["binary"])._repr_mimebundle_()[0]
    monkeypatch.setattr("automl_nb.report.picture.have_glyphs", str.isascii)
    data = draw("confusion", state, cards["awkward"])._repr_mimebundle_()[0]
    assert "这是一个很长的中文类别名称" in data["image/svg+xml"]


def test_interesting_limits():
    assert interesting([], greater_is_better=True) is None
    assert interesting([float("nan")], greater_is_better=True) is None
    low, high = interesting([0.5], greater_is_better=True)
    assert low < 0.5 < high
    low, high = interesting([100.0, 3.6, 3.5, 3.7], greater_is_better=False)
    assert low < 3.5
    assert 3.7 < high < 10


def test_a_font_without_a_bold_face_is_no_matter_for_the_reader(caplog):
    from matplotlib import font_manager

    bold = font_manager.FontProperties(family="DejaVu Sans Display", weight="bold")  # has none
    with styled(Ink.of("light")):
        font_manager.fontManager.findfont(bold, rebuild_if_missing=False)
    assert caplog.records == []
    font_manager.fontManager._findfont_cached.cache_clear()
    font_manager.fontManager.findfont(bold, rebuild_if_missing=False)
    assert "bold" in caplog.text  # it would have been said
