"""The form as its controls drive it, with the real engine on a small table."""

from __future__ import annotations

import re
import threading
from html import unescape

import numpy as np
import pandas as pd
import pytest

from automl_nb.core.state import RunState
from automl_nb.notebook.form.form import Form
from tests.support import frames

FAST = "%automl form wine --label cultivar --time 20s --strategies ridge,knn"


@pytest.fixture
def opened(ip, monkeypatch, tmp_path):
    """Opens a form by its line, in a shell that knows the frame `wine`."""
    monkeypatch.chdir(tmp_path)
    ip.run_line_magic("load_ext", "automl_nb")
    ip.user_ns["wine"] = frames.table()

    def opened(line: str = FAST) -> Form:
        form = ip.run_line_magic(*line.removeprefix("%").split(" ", 1))
        form.ended = threading.Event()
        on_end = form._ended

        def noticed(state: RunState):
            on_end(state)
            form.ended.set()

        form._ended = noticed
        return form

    return opened


def set_to(form, name, value):
    field = form._data if name == "data" else form._fields[name]
    field.input.value = value


def problem(form, name):
    field = form._data if name == "data" else form._fields[name]
    return field._problem.value if 'role="alert"' in field._problem.value else ""


def through(form):
    form._start.click()
    assert form.ended.wait(120)


def test_it_opens_filled_in_and_shows_what_will_happen(opened):
    form = opened()
    assert form._line.value == FAST.replace("form", "fit")
    assert "one of several classes (3 classes)" in form._outlook.value
    assert form._fields["label"].input.options[0] == "alcohol"
    assert not form._start.disabled


def test_widgets_that_look_alike_have_one_layout(opened):
    """A saved notebook holds each in full."""
    form = opened()
    seen = list(inside(form.widget))
    assert len(seen) > 60
    assert len({one.layout.model_id for one in seen}) < 15
    form._fields["label"].blame("a problem")
    shown = [field._problem.layout.display for field in form._fields.first]
    assert shown.count(None) == 1


def inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def test_the_line_follows_every_change(opened):
    form = opened()
    set_to(form, "metric", "f1_macro")
    form._columns._lines[0]._kind.value = "category"
    assert "--metric f1_macro" in form._line.value
    assert "--kinds alcohol=category" in form._line.value
    set_to(form, "metric", "")
    assert "--metric" not in form._line.value


def test_a_column_with_a_comma_gets_its_kind_by_the_line_that_is_written(opened, ip):
    ip.user_ns["wine"] = frames.table().rename(columns={"alcohol": "a,sh"})
    form = opened()
    form._columns._lines[0]._kind.value = "category"
    assert """--kinds '"a,sh"=category'""" in unescape(form._line.value)
    line = form.draft.line().replace("%automl fit", "%automl form")
    assert opened(line).draft.options["kinds"] == {"a,sh": "category"}


def test_a_problem_stands_at_its_field_and_holds_the_start(opened):
    form = opened()
    set_to(form, "time", "soon")
    assert "length of time" in problem(form, "time")
    assert form._start.disabled
    form._start.click()
    assert form.run is None
    set_to(form, "time", "20s")
    assert problem(form, "time") == ""
    assert not form._start.disabled


@pytest.mark.parametrize(
    "data", ["", "nothing", "no/such.csv", "<script>alert(1)</script>", "x" * 9000]
)
def test_data_that_is_not_there(opened, data):
    form = opened()
    set_to(form, "data", data)
    assert problem(form, "data")
    assert "<script>" not in problem(form, "data")
    assert form._start.disabled


def test_a_run_from_the_form_gives_a_model_that_answers(opened, ip):
    form = opened(f"{FAST} -o model")
    through(form)
    assert form.run.status == "finished"
    assert ip.user_ns["model"].inputs[0] == "alcohol"
    for name, field in form._result.answers._inputs.items():
        field.value = str(ip.user_ns["wine"][name][0])
    form._result.answers._ask.click()
    assert "<strong>cultivar:</strong> class_0" in form._result.answers._answer.value
    form._result.answers._inputs["alcohol"].value = "much"
    form._result.answers._ask.click()
    assert 'role="alert"' in form._result.answers._answer.value


def test_another_model_is_chosen_saved_and_looked_at(opened, ip):
    form = opened(f"{FAST} -o model")
    through(form)
    result = form._result
    names = [name for _, name in result.models.options]
    assert names[0] == form.run.state.ended.model
    other = next(name for name in names if name.endswith("knn"))
    row = next(line for line, name in result.models.options if name == other)
    assert "accuracy" in row
    assert result.whose.value == ""
    result.models.value = other
    assert names[0] in result.whose.value  # of which the pictures are
    assert "accuracy" in result.about.value
    assert [member.name for member in ip.user_ns["model"].members] == [result.models.value]
    saving = result.saving
    saving.place.value = "mine"
    saving._save.click()
    assert "Saved in mine" in saving.saved.value
    saving._save.click()
    assert 'role="alert"' in saving.saved.value
    result.models.value = names[0]
    assert saving.saved.value == ""
    drawn = []
    result.picture.observe(lambda change: drawn.append(change["new"]), "value")
    result.pictures.value = "leaderboard"
    assert "being drawn" in drawn[0]
    assert "<svg" in drawn[-1]


def test_a_second_start_while_it_works_is_refused(opened):
    form = opened()
    told = []
    form._told.observe(lambda change: told.append(change["new"]), "value")
    form._start.click()
    form._start.click()
    form.start()
    assert form.ended.wait(120)
    assert "Starting" in told[0]
    assert not any('role="alert"' in words for words in told)
    assert len(form._session.api.runs()) == 1


def test_rows_that_changed_since_they_were_looked_at_are_looked_at_again(opened, ip):
    form = opened()
    ip.user_ns["wine"]["new"] = 1.5
    form._start.click()
    assert form.run is None
    assert "have changed" in form._told.value
    assert "new" in form._fields["label"].input.options
    del ip.user_ns["wine"]
    form._start.click()
    assert form.run is None
    assert "no data frame or file" in problem(form, "data")


def test_rows_whose_values_changed_in_place_are_looked_at_again(opened, ip):
    form = opened()
    wine = ip.user_ns["wine"]
    wine["alcohol"] = [f"word {i % 7}" for i in range(len(wine))]
    form._start.click()
    assert form.run is None
    assert not form._starting
    assert "have changed" in form._told.value
    assert "word 0" in form._columns._lines[0]._words.value


def test_a_frame_that_is_made_again_is_found(opened, ip):
    wine = ip.user_ns["wine"]
    form = opened()
    assert form._again.layout.display == "none"
    for again in (form._again.click, lambda: form._data.input._handle_msg(submitted())):
        del ip.user_ns["wine"]
        form._start.click()
        assert "no data frame or file" in problem(form, "data")
        assert form._again.layout.display is None
        ip.user_ns["wine"] = wine
        again()
        assert problem(form, "data") == ""
        assert not form._start.disabled


def test_a_label_that_is_there_again_is_found(opened, ip):
    form = opened()
    wine = ip.user_ns["wine"]
    for again in (form._again.click, lambda: form._data.input._handle_msg(submitted())):
        labels = wine.pop("cultivar")
        form._start.click()
        assert "have changed" in form._told.value
        assert "cultivar" in problem(form, "label")
        assert form._again.layout.display is None
        wine["cultivar"] = labels
        again()
        assert problem(form, "label") == form._told.value == ""
        assert form._again.layout.display == "none"
        assert not form._start.disabled


def submitted():
    """The message of a front end in which Enter was pressed in a field."""
    data = {"method": "custom", "content": {"event": "submit"}}
    return {"content": {"data": data}, "buffers": []}


def test_hostile_names_are_shown_as_they_are(opened, ip):
    ip.user_ns["evil"] = pd.DataFrame(
        {"<script>alert(1)</script>": ["<img src=x onerror=alert(1)>"] * 30, "y": list("ab") * 15}
    )
    form = opened("%automl form evil --label y")
    shown = form._outlook.value + form._oddities.value
    shown += "".join(line._words.value for line in form._columns._lines)
    assert "&lt;img" in shown
    assert "<script" not in shown
    assert "<img" not in shown


def test_many_columns_are_shown_by_pages(opened, ip):
    wide = pd.DataFrame(np.ones((40, 30)), columns=[f"c{i}" for i in range(30)])
    ip.user_ns["wide"] = wide.assign(y=list("ab") * 20)
    form = opened("%automl form wide --label y")
    assert "1 to 12 of 31" in form._columns._place.value
    form._columns._on.click()
    assert form._columns._lines[0]._kind.description == "c12"
    form._columns._lines[0]._kind.value = "category"
    assert "--kinds c12=category" in form._line.value


def test_python_opens_it_too(opened, ip):
    import automl_nb

    opened()
    form = automl_nb.form(ip.user_ns["wine"], "cultivar", time="1m")
    assert form._line.value == "%automl fit wine --label cultivar --time 1m"
    nameless = automl_nb.form(ip.user_ns["wine"].copy(), "cultivar")
    assert not nameless._start.disabled


def test_the_line_of_a_frame_without_a_name_is_about_its_rows(opened, ip, tmp_path):
    import automl_nb

    opened()
    wine = ip.user_ns["wine"]
    mine = ip.user_ns["data"] = wine.head(3)
    form = automl_nb.form(wine[["alcohol", "cultivar"]], label="cultivar", time="20s")
    assert form._line.value == "%automl fit data_2 --label cultivar --time 20s"
    assert ip.user_ns["data_2"].columns.tolist() == ["alcohol", "cultivar"]
    assert len(ip.user_ns["data_2"]) == len(wine)
    assert ip.user_ns["data"] is mine
    assert form._still_there()
    wine.to_csv(tmp_path / "wine.csv", index=False)
    assert automl_nb.form(tmp_path / "wine.csv")._data.input.value == str(tmp_path / "wine.csv")


def test_without_widgets_the_way_out_is_told(opened, monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "automl_nb.notebook.form.form")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(automl_error(), match="pip install 'automl_nb"):
        opened()


def automl_error():
    from automl_nb.core.errors import SettingError

    return SettingError


def test_steps_are_explained_at_the_tick_of_a_box(opened, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "automl_nb.notebook.explained.display", lambda data, **how: drawn.append((data, how))
    )
    form = opened()
    form._fields["explain_steps"].input.value = True
    assert form._line.value.endswith("--explain-steps")
    through(form)
    assert all(how["update"] and how["display_id"] == form._explained_id for _, how in drawn)
    assert "Rows are held out first" in drawn[-1][0]["text/html"]


def test_what_is_told_from_a_part_of_the_rows_says_so(ip, opened):
    ip.user_ns["long"] = pd.DataFrame({"x": np.arange(5_000) % 97 + 0.5, "y": ["a", "b"] * 2_500})
    told = "Told from 2,000 of 5,000 rows."
    form = opened("%automl form long --label y")
    assert told in form._head.value
    assert told in form._oddities.value or not form._oddities.value
    assert told not in opened()._head.value


def test_further_options_are_made_when_they_are_shown_or_have_a_problem(opened):
    form = opened()
    assert not form._fields._inside.children
    form._fields._switch.value = True
    assert len(form._fields._inside.children) > 20
    form = opened(f"{FAST} --folds 1 --group alcohl")
    assert form._fields._switch.value
    assert "Did you mean 'alcohol'?" in unescape(problem(form, "group"))
    assert "Folds must be" in problem(form, "folds")
    assert form._fields["group"].input.value == "alcohl"
    assert "alcohol" in form._fields["group"].input.options
    about = form._fields["seed"]
    assert about.input.description == "Seed"
    assert "seeds everything" in about._problem.value


def test_what_cannot_run_on_these_columns_is_told_before_the_start(opened):
    form = opened()
    set_to(form, "strategies", "finetune")
    assert "read by a network at hand" in problem(form, "strategies")
    assert form._start.disabled
    assert form._outlook.value == ""
    set_to(form, "strategies", "")
    set_to(form, "backbones", "minilm-l6")
    assert "needs a column of texts" in problem(form, "backbones")
    set_to(form, "backbones", "")
    assert not form._start.disabled


def test_problems_speak_of_fields(opened):
    form = opened()
    for name, value in {
        "time": "soon",
        "backbones": "nope",
        "folds": "1",
        "test_size": "much",
    }.items():
        set_to(form, name, value)
        told = re.sub("<[^>]*>", "", problem(form, name))
        assert told
        assert "--" not in told
        assert "ackbone" not in told
        set_to(form, name, "")


def test_the_run_that_it_would_go_on_with_is_told_before_the_start(opened, ip):
    form = opened()
    through(form)
    set_to(form, "time", "50s")
    assert "goes on with the run of" in form._outlook.value
    set_to(form, "strategies", "ridge")
    assert "goes on with the run of" not in form._outlook.value


def test_a_trial_is_skipped_and_a_network_dropped_by_its_buttons(opened, ip):
    ip.user_ns["docs"] = frames.texts()
    networks = "--strategies finetune --backbones minilm-l3,minilm-l6"
    form = opened(f"%automl form docs --label library --time 5m {networks} --fresh")
    steering, begun = form._steering, threading.Event()
    follow = steering.follow
    steering.follow = lambda run: (follow(run), begun.set())
    form._start.click()
    assert begun.wait(60)

    def tuned():
        return [one for one in form.run.state.trials.values() if one.strategy == "finetune"]

    while not tuned() and not form.run.done:
        form.run.poll(0.1)
    first = tuned()[0].trial
    other = "minilm-l6" if "minilm-l3" in first else "minilm-l3"
    steering._which.value = other
    steering._drop.click()
    assert other in form._told.value
    steering._skip.click()
    assert form.ended.wait(120)
    assert [(one.trial, one.status) for one in tuned()] == [(first, "skipped")]
    assert steering._skip.disabled
