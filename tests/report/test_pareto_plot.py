"""Score over cost: the front, the kept model, and labels that can be read."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes

from automl_nb.core import events as ev
from automl_nb.core.errors import SettingError
from automl_nb.core.state import replay
from automl_nb.core.types import Objective
from automl_nb.report import alt_text, draw, drawable
from automl_nb.report.ink import Ink
from automl_nb.report.picture import finished
from automl_nb.report.place_labels import place_labels
from tests.report.conftest import row

MODELS = (  # name, score, milliseconds a row, bytes
    ("ensemble", 0.947, 2.6, 102_000_000),
    ("joined: svm", 0.938, 2.1, 93_000_000),
    ("minilm-l6(text): knn", 0.890, 2.0, 99_000_000),
    ("tfidf-pairs(text): svm", 0.911, 0.07, 1_500_000),
    ("table: logistic", 0.861, 0.003, 12_000),
    ("prior", 0.10, 0.0009, 100),
)


def run_of_models(models=MODELS, kept="joined: svm", up=True):
    made = [
        ev.ModelAdded(
            1.0, replace(row(name, score if up else 1 - score, 1.0), predict_ms=ms, size_bytes=size)
        )
        for name, score, ms, size in models
    ]
    return replay([*made, ev.IncumbentImproved(2.0, kept, 0.938, "model")])


def texts(figure):
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return " ".join(legends)


def test_both_costs_have_a_panel_on_a_logarithmic_axis():
    axes = draw("pareto", run_of_models()).axes
    assert [ax.get_xscale() for ax in axes] == ["log", "log"]
    assert "ms a row" in axes[0].get_xlabel()
    assert "on disk (1 model far off)" in axes[1].get_xlabel()


@pytest.mark.parametrize("up", [True, False])
def test_the_front_is_a_line_and_the_kept_model_has_a_ring(up):
    state = run_of_models()
    if not up:
        state = run_of_models(up=False)
        state.objective = Objective("rmse", greater_is_better=False)
    ax = draw("pareto", state).axes[0]
    line = max(ax.lines, key=lambda one: one.get_drawstyle() == "steps-post")
    assert sorted(line.get_xdata()) == [0.0009, 0.003, 0.07, 2.1, 2.6]
    ring = [one for one in ax.lines if one.get_markersize() == 12]
    assert [(one.get_xdata()[0]) for one in ring] == [2.1]


def test_the_key_names_what_has_a_number():
    told = texts(draw("pareto", run_of_models()))
    assert "1  ensemble  0.9470" in told
    assert "2  joined: svm  0.9380" in told
    assert "4  table: logistic  0.8610" in told
    assert "minilm-l6(text): knn" not in told  # another one is better and costs less
    assert "prior" not in told  # too far off to be shown


def test_no_more_models_are_named_than_can_be_read_and_the_kept_one_is_among_them():
    models = [(f"model {i}", 0.9 - i / 1000, 100.0 * 0.8**i, 10**6) for i in range(30)]
    told = texts(draw("pareto", run_of_models(models, kept="model 17")))
    assert told.count("model ") <= 11
    assert "model 0 " in told
    assert "model 17 " in told


def test_costs_that_lie_close_together_have_labelled_ticks():
    models = [(f"model {i}", 0.947 - i / 1000, 2.6 - i / 10, 10**8 - i * 10**6) for i in range(5)]
    figure = draw("pareto", run_of_models(models, kept="model 0"))
    for ax in figure.axes:
        low, high = ax.get_xlim()
        told = [
            label.get_text()
            for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
            if low <= tick <= high
        ]
        assert len(told) > 1
        assert len({*told}) == len(told)


def test_the_kept_model_is_shown_however_far_off_it_is():
    models = [(f"model {i}", 0.947 - i / 2000, 2.6 - i / 10, 10**8) for i in range(5)]
    state = run_of_models([*models, ("cheap", 0.87, 0.01, 10**4)], kept="cheap")
    ax = draw("pareto", state).axes[0]
    (ring,) = [one for one in ax.lines if one.get_markersize() == 12]
    low, high = ax.get_ylim()
    assert low < ring.get_ydata()[0] < high
    assert "cheap  0.8700" in texts(draw("pareto", state))


def test_costs_that_are_unknown_have_no_panel():
    models = [(name, score, ms, 0) for name, score, ms, _ in MODELS]
    assert len(draw("pareto", run_of_models(models)).axes) == 1
    with pytest.raises(SettingError, match="three models"):
        draw("pareto", run_of_models(models[:2]))
    assert "pareto" not in drawable(run_of_models(models[:2]))


def test_it_is_told_in_words():
    told = alt_text("pareto", run_of_models())
    assert "ensemble has the best score, 0.9470, for 2.6" in told
    assert "table: logistic costs least, 12.0 kB, with 0.8610" in told
    assert "joined: svm is kept" in told


def test_it_is_part_of_the_report_where_there_are_three_models(tmp_path):
    from automl_nb.report import write_report

    path = write_report(tmp_path / "r.html", run_of_models())
    assert "Score over cost of 6 models" in path.read_text(encoding="utf-8")
    path = write_report(tmp_path / "r.html", run_of_models(MODELS[:2]))
    assert "Score over cost" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", range(3))
def test_labels_cover_neither_each_other_nor_points(seed):
    rng, boxes = np.random.default_rng(seed), []
    points = [(float(x), float(y)) for x, y in rng.random((10, 2)) * 0.5]

    def put(figure):
        ax: Axes = figure.subplots()
        ax.set(xlim=(-0.2, 1), ylim=(-0.2, 1))
        figure.draw_without_rendering()
        boxes.extend(place_labels(ax, points, [str(i) for i in range(10)], color="black"))
        middles.extend(ax.transData.transform(points))

    middles: list[np.ndarray] = []
    finished(put, (6.0, 4.0), "labels", Ink.of("light"))
    assert len(boxes) == 10
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert not any(box.contains(*middle) for box in boxes for middle in middles)


def test_labels_keep_off_the_line_of_the_front():
    steps, boxes, lines = [(0.1 * i, 0.05 * i) for i in range(6)], [], []
    bends = [(x, y) for (_, y), (x, _) in pairwise(steps)]
    path = [one for both in zip(steps, bends, strict=False) for one in both] + steps[-1:]

    def put(figure):
        ax: Axes = figure.subplots()
        ax.set(xlim=(-0.3, 1), ylim=(-0.3, 1))
        figure.draw_without_rendering()
        names = [str(i) for i in range(6)]
        boxes.extend(place_labels(ax, steps, names, color="black", line=path))
        lines.extend(pairwise(ax.transData.transform(path)))

    finished(put, (6.0, 4.0), "labels", Ink.of("light"))
    for (x0, y0), (x1, y1) in lines:
        assert not any(
            box.x0 < max(x0, x1) and box.x1 > min(x0, x1)
            and box.y0 < max(y0, y1) + 0.1 and box.y1 > min(y0, y1) - 0.1
            for box in boxes
        )  # fmt: skip
