"""One suite for every catalogue: each entry loads, and is listed as a person needs it."""

import pytest

import automl_nb
from automl_nb.catalogues import kinds, names, registry
from automl_nb.core.errors import UnknownNameError
from automl_nb.core.settings import FitSettings
from automl_nb.core.space import Space
from automl_nb.pipeline.asked_tuning import space_of
from automl_nb.pipeline.search_space import space_of as searched_of
from automl_nb.transfer.settable import OPTIONS

ENTRIES = [(kind, spec) for kind in kinds() for spec in registry(kind)]


@pytest.mark.parametrize(("kind", "spec"), ENTRIES, ids=lambda part: getattr(part, "name", part))
def test_an_entry_loads_and_says_what_it_is(kind, spec):
    assert spec.installed or "hub" in spec.tags  # weights that are fetched when first used
    assert spec.load() is not None
    assert spec.summary.strip()
    assert "\n" not in spec.summary
    assert spec.name == spec.name.strip()
    assert " " not in spec.name


@pytest.mark.parametrize("kind", kinds())
def test_names_are_unique(kind):
    found = names(kind)
    assert found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("kind", kinds())
def test_an_unknown_name_is_answered_with_close_ones(kind):
    known = names(kind)[0]
    with pytest.raises(UnknownNameError) as caught:
        registry(kind)[known + "x"]
    assert known in caught.value.hint
    assert caught.value.received == repr(known + "x")


@pytest.mark.parametrize("kind", kinds())
def test_a_catalogue_is_a_table(kind):
    frame = automl_nb.available(kind)
    known = ["name", "summary", "paper", "extra", "installed"]
    assert list(frame.columns) == known + ["params"] * (kind in {"strategies", "losses"})
    assert frame["name"].tolist() == names(kind)
    assert frame["installed"].any()
    assert frame["installed"].dtype == bool


@pytest.mark.parametrize("kind", ["strategies", "losses"])
def test_the_catalogue_knows_what_may_be_set(kind):
    for spec in registry(kind):
        if kind == "losses" or "backbone" in spec.tags or spec.params:
            assert spec.params == spec.load()().space().names()
            assert all(parameter.summary for parameter in spec.load()().space())


def test_the_catalogue_knows_what_may_be_searched_of_heads():
    for spec in registry("strategies"):
        if "backbone" not in spec.tags and not spec.params:
            assert spec.searched == searched_of(spec.name).names()


def test_every_name_that_is_listed_can_be_set_and_no_other():
    listed = automl_nb.available("strategies").set_index("name")["params"]
    assert listed["svm"] == ""
    for strategy in names("strategies"):
        space = space_of(strategy, FitSettings("y")) if listed[strategy] else Space()
        assert {*listed[strategy].split(", ")} - {""} == {*space.names()} - {*OPTIONS}


def test_an_unknown_catalogue_is_answered_with_close_ones():
    with pytest.raises(UnknownNameError, match="strategies"):
        automl_nb.available("strategie")
