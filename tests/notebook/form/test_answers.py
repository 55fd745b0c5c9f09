"""The box for one's own row, with real models."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pandas as pd
from PIL import Image

import automl_nb
from automl_nb.notebook.form.answers import AnswerPanel
from automl_nb.notebook.form.form import _examples

TEXTS = [
    "The kettle boils and the tea is ready for all of us.",
    "Rain fell over the hills until the river rose again.",
    "A kettle sings before the tea is poured into the cups.",
    "The river rose with the rain that came from the hills.",
]


def asked(frame, label):
    """The panel of a model of this frame as the form fills it in, and the model."""
    from automl_nb.outlook.glance import glance

    model = automl_nb.fit(frame, label, time="10s", strategies="ridge", backbones="none").model
    panel = AnswerPanel()
    panel.offer(model, _examples(glance(frame), model))
    return panel, model


def test_what_is_shown_is_what_is_predicted():
    wines = automl_nb.sample("wine")
    wines.loc[0, "ash"] = None
    panel, model = asked(wines, "cultivar")
    panel._ask.click()
    first = model.predict_proba(wines.head(1)).iloc[0].max()
    assert f": {first:.1%}" in panel._answer.value
    gap = panel._inputs["ash"]
    assert (gap.value, gap.placeholder) == ("", "missing")
    for name in ("alcohol", "malic_acid", "proline", "color_intensity", "flavanoids"):
        panel._inputs[name].value = ""
    panel._ask.click()
    assert f": {first:.1%}" not in panel._answer.value
    for field in panel._inputs.values():
        field.value = " "
    panel._ask.click()
    assert "Every field is empty" in panel._answer.value


def test_a_value_that_cannot_be_is_told_whole_and_is_only_words():
    panel, _ = asked(automl_nb.sample("wine"), "cultivar")
    for value in ("<script>window.hit=5</script>", "much", "'\"&amp;", "名" * 9000, "\\u0000"):
        panel._inputs["alcohol"].value = value
        panel._ask.click()
        assert re.findall(r"<(?!/?span\b)", panel._answer.value) == []
        told = unescape(re.sub("<[^>]*>", "", panel._answer.value))
        assert "Column 'alcohol' must hold numbers. Received: " in told
        assert told.endswith("Correct it, or empty the field: it may be missing.")
        whole = f"{value[:117]}…'" if len(value) > 117 else repr(value)
        assert f"{whole}. Correct" in told


def test_a_number_must_be_finite():
    panel, _ = asked(automl_nb.sample("wine"), "cultivar")
    for value in ("1e999", "-inf", " Infinity ", "1e37"):
        panel._inputs["alcohol"].value = value
        panel._ask.click()
        told = unescape(re.sub("<[^>]*>", "", panel._answer.value))
        assert "Column 'alcohol' must hold finite numbers, less than 1e+37 in size." in told
        assert f"Received: {value!r}. Correct" in told
    panel._inputs["alcohol"].value = "1e36"
    panel._ask.click()
    assert 'role="alert"' not in panel._answer.value


def test_dollar_signs_of_a_title_are_not_drawn_as_mathematics():
    wines = automl_nb.sample("wine").rename(columns={"alcohol": "$a$ <i>", "ash": "a <i>"})
    panel, _ = asked(wines, "cultivar")
    drawn, plain = panel._inputs["$a$ <i>"], panel._inputs["a <i>"]
    assert 'class="mathjax_ignore' in drawn.description
    assert drawn.description.endswith(">$a$ &lt;i&gt;</span>")
    assert drawn.description_allow_html
    assert (plain.description, plain.description_allow_html) == ("a <i>", False)


def test_columns_without_a_field_keep_the_first_rows_values():
    wines = automl_nb.sample("wine")
    wide = wines.drop(columns="cultivar").add_suffix(" again").join(wines)
    panel, model = asked(wide, "cultivar")
    assert "values: 2." in panel._fields.children[-1].value
    panel._ask.click()
    first = model.predict_proba(wide.head(1)).iloc[0].max()
    assert f": {first:.1%}" in panel._answer.value


def test_a_picture_must_be_there():
    rng = np.random.default_rng(0)
    shades = [Image.new("L", (16, 16), int(rng.integers(0, 90)) + 120 * (i % 2)) for i in range(60)]
    panel, _ = asked(pd.DataFrame({"seen": shades, "y": ["dark", "light"] * 30}), "y")
    panel._ask.click()
    assert 'role="alert"' in panel._answer.value
    assert "Choose a picture." in panel._answer.value


def test_a_text_must_be_there():
    panel, _ = asked(pd.DataFrame({"text": TEXTS * 15, "y": list("abab") * 15}), "y")
    assert panel._inputs["text"].value == TEXTS[0]
    panel._inputs["text"].value = " "
    panel._ask.click()
    assert "Type a text." in panel._answer.value


def test_the_same_row_may_be_asked_of_another_model():
    wines = automl_nb.sample("wine")
    panel, model = asked(wines, "cultivar")
    panel._inputs["alcohol"].value = "11.5"
    panel._ask.click()
    panel.offer(model, dict.fromkeys(model.inputs, "1"))
    assert panel._inputs["alcohol"].value == "11.5"
    assert panel._answer.value == ""  # that was another's answer
    fewer = automl_nb.fit(
        wines.drop(columns="hue"), "cultivar", time="10s", strategies="ridge", backbones="none"
    ).model
    panel.offer(fewer, dict.fromkeys(fewer.inputs, "1"))
    assert "hue" not in panel._inputs
    assert panel._inputs["alcohol"].value == "1"
