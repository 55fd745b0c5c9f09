"""One suite for every catalogue: each entry loads, and is listed as a person needs it."""

import pytest

import automl_nb
from automl_nb.catalogues import kinds, names, registry
from automl_nb.core.errors import UnknownNameError

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
    assert list(frame.columns) == ["name", "summary", "paper", "extra", "installed"]
    assert frame["name"].tolist() == names(kind)
    assert frame["installed"].any()
    assert frame["installed"].dtype == bool


def test_an_unknown_catalogue_is_answered_with_close_ones():
    with pytest.raises(UnknownNameError, match="strategies"):
        automl_nb.available("strategie")
