"""The table of what may be set tells what a search would vary, as `fit` takes it."""

import pytest

import automl_nb
from automl_nb.core.errors import SettingError, UnknownNameError


def test_of_networks_only_what_is_named_is_searched():
    space = automl_nb.space("finetune", "lr=1e-5..1e-4,epochs=3")
    assert {*space.names()} == {"lr", "epochs"}
    assert [parameter.name for parameter in space.free] == ["lr"]
    assert {"decay", "loss", "smoothing"} <= {*automl_nb.space("finetune").names()}


def test_auto_is_taken_as_fit_takes_it():
    assert automl_nb.space("finetune", "auto").names() == ("lr", "epochs", "decay")
    assert automl_nb.space("knn", "auto")["k"].searched == (1, 200)


def test_a_head_is_searched_whole_and_its_settings_may_bear_its_name():
    space = automl_nb.space("svm", "svm.C=1..2")
    assert space["C"].searched == (1.0, 2.0)
    assert space["dense"].searched == (0.1, 10.0)


def test_the_column_tells_what_may_be_from_what_is_searched():
    assert "searched" not in str(automl_nb.space("knn")).splitlines()[1]
    assert "searched" in str(automl_nb.space("knn", "k=3..9")).splitlines()[1]


@pytest.mark.parametrize("name", ["gamma", "focal_gamma"])
def test_a_setting_of_another_loss_is_answered_with_that_loss(name):
    asked = f"loss=focal|cross-entropy,{name}=1..3"
    with pytest.raises(UnknownNameError, match="focal_gamma is searched with loss='focal'"):
        automl_nb.space("finetune", asked)
    assert automl_nb.space("finetune", "focal_gamma=1..3", loss="focal").names() == ("focal_gamma",)


def test_what_has_nothing_to_search_says_so():
    with pytest.raises(SettingError, match="strategies that have settings to search"):
        automl_nb.space("prior", "auto")
