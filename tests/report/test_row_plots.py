"""Pictures of single rows: the worst mistakes and the map, of any task, whatever the texts hold."""

import base64
import itertools
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from automl_nb.core.errors import SettingError
from automl_nb.core.state import RunState
from automl_nb.evaluate.words import width
from automl_nb.pipeline.answered import DRAWN_ROWS, WORST_ROWS
from automl_nb.report import draw
from automl_nb.report.catalog import PLOTS
from automl_nb.report.errors_plot import wrapped
from automl_nb.report.mistakes import mistakes
from automl_nb.report.row_map import row_map
from tests.report.looked import rows_of
from tests.report.test_plots import room

TASKS = ("binary", "multiclass", "multilabel", "regression")
CLASSES = {"binary": ("no", "<b>yes"), "multiclass": tuple(f"类别 {i} $x$" for i in range(11))}


def looked(kind, **more):
    return rows_of(kind, classes=CLASSES.get(kind, ("x", "y", "z")), **more)


def drawn(plot, rows, **options):
    return draw(plot, RunState(), rows=lambda: rows, **options)


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("plot", PLOTS.names("rows"))
def test_a_picture_of_rows_shows_all_its_words_and_says_what_it_shows(plot, kind):
    picture = drawn(plot, looked(kind))
    assert room(picture) > -0.02
    svg = picture.svg()
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == picture.description
    assert "60 rows kept aside" in picture.description
    assert "<script" not in svg


def test_the_most_confident_errors_come_first_and_say_what_was_said():
    rows = looked("multiclass")
    wrong = rows.predicted != rows.y
    found = mistakes(rows, 5)
    sure = rows.scores[np.arange(60), rows.predicted][wrong]
    assert [row.sure for row in found.rows] == sorted(sure, reverse=True)[:5]
    assert found.n_wrong == wrong.sum()
    first = np.flatnonzero(wrong)[sure.argmax()]
    classes = rows.task.classes
    assert found.rows[0].said == classes[rows.predicted[first]]
    assert found.rows[0].right == classes[rows.y[first]]
    assert found.rows[0].likely == rows.scores[first, rows.y[first]]
    assert found.rows[0].text.startswith(rows.frame["note"][first].split("\n")[0][:15])


def test_the_largest_errors_of_values():
    rows = looked("regression", text=False)
    missed = np.abs(rows.scores[:, 0] - rows.y)
    found = mistakes(rows, 3)
    assert [row.sure for row in found.rows] == sorted(missed, reverse=True)[:3]
    assert found.rows[0].text.startswith("size: ")
    assert "off by" in drawn("errors", rows).description


def test_several_labels_are_wrong_where_one_is():
    rows = looked("multilabel")
    wrong = (rows.predicted != rows.y).any(axis=1)
    assert rows.n_wrong == wrong.sum()
    far = np.where(rows.predicted != rows.y, np.abs(rows.scores - rows.y), 0.0).max(axis=1)
    assert mistakes(rows, 1).rows[0].sure == far.max()


def test_where_all_is_right_there_is_nothing_to_show():
    rows = looked("binary")
    right = type(rows)(**{**vars(rows), "wrongness": np.full(60, -np.inf), "n_wrong": 0})
    picture = drawn("errors", right)
    assert "None of the 60 rows kept aside was answered wrongly." in picture.description
    assert room(picture) > -0.02


def test_pictures_are_shown_and_one_that_is_gone_is_said(tmp_path):
    rows = looked("binary")
    Image.new("RGB", (90, 30), "red").save(tmp_path / "there.png")
    paths = [str(tmp_path / name) for name in ("there.png", "gone.png")]
    frame = pd.DataFrame({"photo": [paths[i % 2] for i in range(60)]})
    schema = type(rows.schema)(
        (rows.schema.columns[0].__class__("photo", "image", "", "x", 0, 2),), 60
    )
    pictured = type(rows)(**{**vars(rows), "frame": frame, "schema": schema})
    ax = drawn("errors", pictured, most=20).axes[0]
    high, wide, _ = np.asarray(ax.images[0].get_array()).shape
    assert (wide, high) == (90, 30)
    words = [text.get_text() for text in ax.texts]
    assert "(gone)" in words
    assert "(empty)" not in words  # a picture needs no words beside it


@pytest.mark.parametrize(
    "names",
    [
        ("a class whose name is very long: one", "a class whose name is very long: two"),
        ("A CLASS WHOSE NAME IS VERY LONG: ONE", "A CLASS WHOSE NAME IS VERY LONG: TWO"),
        (
            "名称很长的类别名称很长的类别名称很长的类别一",
            "名称很长的类别名称很长的类别名称很长的类别二",
        ),
    ],
)
def test_a_long_answer_ends_before_how_sure_it_was(names):
    rows = rows_of("binary", classes=names)
    picture = drawn("errors", rows, most=100)
    lines, short = {}, set()
    for text in picture.axes[0].texts:
        if text.get_text() and text.get_position()[0] > 5:
            box = text.get_window_extent()
            lines.setdefault(round(text.get_position()[1], 3), []).append((box.x0, box.x1))
            short |= {text.get_text()} if "…" in text.get_text() else set()
    assert len(lines) == 2 * rows.n_wrong  # what was said and what is right
    for boxes in lines.values():
        assert all(a[1] < b[0] for a, b in itertools.pairwise(sorted(boxes)))
    assert {name[-1] for name in short} == {name[-1] for name in names}


def test_the_map_marks_wrong_answers_by_their_shape_and_names_the_rarest_together():
    picture = drawn("embedding", looked("multiclass"))
    names = [text.get_text() for text in picture.legends[0].get_texts()]
    assert "4 other classes" in names
    dots, crosses = (
        [a for a in picture.axes[0].collections if len(a.get_paths()[0].vertices) == n]
        for n in {len(a.get_paths()[0].vertices) for a in picture.axes[0].collections}
    )
    counted = sorted(sum(len(a.get_offsets()) for a in marks) for marks in (dots, crosses))
    rows = looked("multiclass")
    assert counted == sorted([60 - rows.n_wrong, rows.n_wrong])


def test_the_map_is_that_of_scikit_learn():
    from sklearn.decomposition import PCA

    rows = looked("binary")
    block = rows.of_drawn("tabular-linear").astype(float)
    found = row_map(rows, RunState())
    centred = block - block.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :2] * singular[:2]
    assert np.allclose(np.abs(found.points), np.abs(expected))
    assert found.shares == pytest.approx(PCA().fit(block).explained_variance_ratio_[:2])


def test_of_very_many_rows_some_are_drawn_and_the_worst_are_kept():
    rows = looked("binary", n=20_000)
    assert rows.n_drawn == DRAWN_ROWS
    assert DRAWN_ROWS < len(rows.frame) <= DRAWN_ROWS + WORST_ROWS
    assert rows.n_rows == 20_000
    assert mistakes(rows, WORST_ROWS).rows[-1].sure >= np.sort(rows.wrongness[:DRAWN_ROWS])[-5]
    assert "1,000 of 20,000 rows kept aside" in drawn("embedding", rows).description
    assert len(drawn("embedding", rows).page_svg()) < 300_000


@pytest.mark.parametrize(
    ("plot", "options", "rule"),
    [
        ("errors", {"most": 0}, "from 1 to 100"),
        ("errors", {"most": True}, "from 1 to 100"),
        ("errors", {"method": "pca"}, "no option of this name"),
        ("embedding", {"method": "tsne"}, "pca or umap"),
        ("embedding", {"method": "umap"}, "umap-learn"),
        ("embedding", {"share": True}, "no option of this name"),
    ],
)
def test_options_that_cannot_work_are_refused(plot, options, rule):
    with pytest.raises(SettingError, match=rule):
        drawn(plot, looked("binary"), **options)


def test_errors_with_long_texts_add_little_to_a_notebook():
    rng = np.random.default_rng(0)
    words = ["the", "service", "was", "terrible", "food", "cold", "Nothing", "restaurant"]
    rows = looked("binary", n=1000)
    rows.frame["note"] = [" ".join(rng.choice(words, 200)) for _ in range(len(rows.frame))]
    data, _ = drawn("errors", rows)._repr_mimebundle_()
    assert len(base64.b64encode(data["image/png"])) + len(data["text/html"]) <= 120_000
    assert "…" in data["text/html"]


def test_counts_and_rates(cards):
    counts = draw("confusion", RunState(), cards["binary"]).axes[0]
    rates = draw("confusion", RunState(), cards["binary"], share=True).axes[0]
    assert "100%" in rates.get_ylabel()
    whole = [int(text.get_text().rstrip("%")) for text in rates.texts]
    table = np.array(cards["binary"].confusion.counts)
    assert whole == np.round(100 * table / table.sum(axis=1, keepdims=True)).ravel().tolist()
    assert len(counts.texts) == len(rates.texts)
    with pytest.raises(SettingError, match="'roc' has no option"):
        draw("roc", RunState(), cards["binary"], share=True)


def test_lines_hold_as_much_as_there_is_room_for():
    for text in ("中文" * 100, "a bc " * 100, "W" * 500, ""):
        lines = wrapped(text, 20, 3)
        assert len(lines) <= 3
        assert all(width(line) <= 20 for line in lines)
    assert wrapped("one two", 20, 3) == ["one two"]
