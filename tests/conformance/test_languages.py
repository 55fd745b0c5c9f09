"""What is shown in another language holds no English word of the catalogue.

What the engine says of its own accord (messages, reasons, names of models and metrics) is English
in every language, and stands here as words that no catalogue has.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import automl_nb
from automl_nb import fit
from automl_nb.core import events as ev
from automl_nb.core.endings import ALL_DONE
from automl_nb.core.show import Frame, facts, page, text
from automl_nb.core.show.engine_words import SAID, translated
from automl_nb.core.show.messages import CATALOGUE, use_language
from automl_nb.core.state import replay
from automl_nb.explained.catalog import STEPS
from automl_nb.explained.show import explanation_of
from automl_nb.pipeline.plan import PLAN
from tests.support import frames, scripted
from tests.support.explained import SAMPLES, USER, with_words

OTHERS = pytest.mark.parametrize("code", [code for code in CATALOGUE if code != "en"])
# All that the engine's sources hold, but for the catalogues themselves.
ENGINE = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(automl_nb.__file__).parent.rglob("*.py")
    if "chinese" not in path.name
)
MEASURES = "accuracy balanced_accuracy f1_macro roc_auc log_loss mcc brier pr_auc"


@pytest.fixture
def spoken(code):
    use_language(code)
    yield code
    use_language("")


def words(said):
    """Of two letters at least, as units and names of variables are in every language."""
    return {*re.findall("[a-z]{2,}", re.sub(r"\{[^}]*\}|%\w+|\w+[._(]\w+", " ", said.casefold()))}


def english_in(said, code, *allowed):
    """The words of the English catalogue alone that were said."""
    english, own = (words(" ".join(CATALOGUE[each].values())) for each in ("en", code))
    return (words(said) & english) - own - words(" ".join(allowed))


class Seen(HTMLParser):
    """The texts, titles and labels of a page."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in {"title", "aria-label"}]

    def handle_data(self, data):
        self.found.append(data)

    @classmethod
    def of(cls, html):
        return " ".join(cls(html).found)


def moments():
    """A run of the whole plan: at work, and at its end."""
    names = ("data", *(stage.name for stage in PLAN), "test")
    made = [scripted.started("r1"), ev.StagePlanned(0.0, names), scripted.described("y")]
    made = [ev.DataDescribed(**(vars(e) | {"findings": ()})) if e is made[2] else e for e in made]
    for i, stage in enumerate(PLAN):
        made += [
            ev.StageStarted(10.0 * i + 1, stage.name, stage.why),
            scripted.model(f"m{i}", 0.7 + 0.01 * i, 10.0 * i + 2, 70.0 * i),
            scripted.best(f"m{i}", 0.7 + 0.01 * i, 10.0 * i + 2),
            ev.Progress(10.0 * i + 5, "w", 100.0, 4000.0, "rows", 75.0),
        ]
        yield replay(made)
        made += [ev.StageEnded(10.0 * i + 9, stage.name, "done", "")]
    made += [ev.TestScored(80.0, scripted.scorecard())]
    yield replay([*made, ev.RunEnded(81.0, "finished", "", "m5", 0.75)])


@OTHERS
def test_the_live_view(spoken):
    for state in moments():
        frame = Frame(now=state.t + 1, hint="")
        shown = f"{Seen.of(page(state, frame))} {text(state, frame)}"
        assert len(shown) > 100
        assert english_in(shown, spoken, MEASURES) == set()


@OTHERS
@pytest.mark.parametrize("name", STEPS.names())
def test_an_explained_step(spoken, name):
    told = explanation_of(ev.StepExplained(1.0, name, with_words(SAMPLES[name], USER)))
    data = " ".join(map(str, _texts(SAMPLES[name])))
    shown = " ".join([told.title, *told.sentences, told.alt])
    assert english_in(shown, spoken, USER, MEASURES.replace("_", " "), data) == set()


def _texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [t for one in value for t in _texts(one)] if isinstance(value, list) else [value]


@OTHERS
def test_the_form(spoken):
    from IPython.core.interactiveshell import InteractiveShell

    from automl_nb.notebook.form.draft import Draft
    from automl_nb.notebook.form.form import Form
    from automl_nb.notebook.magics import AutoMLMagics

    table = frames.table()
    session = AutoMLMagics(InteractiveShell()).session
    session.store("data", table)
    form = Form(session, Draft("data", {"label": "cultivar"}))
    shown = " ".join(_shown(form.widget, but=(form._line, form._oddities)))
    assert len(shown) > 300
    assert english_in(shown, spoken, MEASURES, *table.columns) == set()


def _shown(widget, but):
    """The words of a widget and of all within; of a column only what it and its kinds are called."""
    if any(widget is one for one in but):
        return
    if hasattr(widget, "_words"):
        yield from (label for label, _ in widget._kind.options)
        yield Seen.of(widget._words.value).partition(";")[
            0
        ]  # why it is of its kind; examples follow
        return
    for name in ("description", "placeholder", "tooltip"):
        yield getattr(widget, name, "") or ""
    if isinstance(getattr(widget, "value", None), str) and not hasattr(widget, "options"):
        yield Seen.of(widget.value)
    for child in getattr(widget, "children", ()):
        yield from _shown(child, but)


@OTHERS
def test_what_the_engine_says_at_each_step_of_a_plain_run(spoken, tmp_path):
    options = {"strategies": "ridge,knn", "run_dir": tmp_path, "fresh": True}
    run = fit(frames.table(), "cultivar", time="20s", **options)
    use_language("en")
    said = _of_the_engine(run.state)
    assert "there are no texts or pictures" in said
    assert ALL_DONE in said
    use_language(spoken)
    assert [line for line in _of_the_engine(run.state) if words(line) - words(MEASURES)] == []


def _of_the_engine(state):
    frame = Frame()
    return [note for stage in facts.stages(state, frame) if (note := stage.note)] + [
        text for _, text in facts.notes(state, frame, 99)[0]
    ]


@OTHERS
@pytest.mark.parametrize("said", SAID["zh"])
def test_a_sentence_is_known_as_long_as_the_engine_says_it(code, said):
    assert said in SAID[code]
    for part in re.split(r"\{\w+\}", said):
        assert part.rstrip(".") in ENGINE


@OTHERS
def test_what_is_filled_in_stays(spoken):
    told = translated(
        "b comes first for 'x: y': accuracy of a linear head on 256 rows: b .6, a .5."
    )
    assert all(part in told for part in ("“x: y”", "256", "b .6, a .5"))
    assert translated("dates written as text (%d.%m.%Y)").count("%d.%m.%Y") == 1
    assert translated("It has 3 models") == "It has 3 models"
    assert translated("{0} <b> nobody foresaw this") == "{0} <b> nobody foresaw this"
