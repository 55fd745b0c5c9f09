"""A backbone that was meant to be a folder here: what is wrong with the path, and what is right."""

import pytest

from automl_nb.core.errors import UnknownNameError, WeightsError
from automl_nb.zoo.load import resolve


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with a backbone's files, none of which is read here."""
    made = tmp_path / "models" / "minilm"
    made.mkdir(parents=True)
    (made / "config.json").write_text("{}", encoding="utf-8")
    (made / "net.safetensors").write_bytes(b"")
    (tmp_path / "models" / "alone.safetensors").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"


def refused(name):
    with pytest.raises(WeightsError) as caught:
        resolve(name)
    assert "HF_HUB_OFFLINE" not in caught.value.hint  # the hub has nothing to do with it
    return caught.value


def test_a_file_of_weights_is_refused_with_its_folder(models):
    for name in ("models/minilm/net.safetensors", "models/minilm/config.json"):
        error = refused(name)
        assert "the folder that holds config.json, the weights and" in error.rule
        assert "'models/minilm'" in error.hint
    assert "one folder" in refused("models/alone.safetensors").hint
    assert "the folder" in refused(str(models / "minilm" / "net.safetensors")).rule


@pytest.mark.parametrize(
    "name",
    ["org/net.safetensors", "gone.bin", "~/gone/net.pt", "gone/deep/net.ckpt", "C:\\net\\a.onnx"],
)
def test_a_file_of_weights_that_is_not_there_is_no_hub_id_either(models, name):
    error = refused(name)
    assert "the folder that holds" in error.rule
    assert "isn't there" in error.received


def test_a_missing_folder_is_told_with_the_one_beside_it(models):
    assert "no such folder. Did you mean './models/minilm'?" in refused("./models/minlm").hint
    assert "Did you mean './models/minilm'?" in refused("./models/minlm/").hint
    whole = str(models / "minilmm")
    assert f"Did you mean '{models / 'minilm'}'?" in refused(whole).hint
    assert "no such folder. Give the path" in refused("./models/quite-another").hint
    assert "Did you mean './models'?" in refused("./modells/net.bin").hint


@pytest.mark.parametrize(
    "name", ["", " ", "~nobody-of-this-name/net", "./" + 300 * "a", "..\\models\\x", "D:/nets/bert"]
)
def test_whatever_else_is_a_path_is_refused_as_one(models, name):
    assert "folder must be there" in refused(name).rule


def test_what_may_be_a_hub_id_is_asked_for_there_and_its_neighbours_are_named(models):
    with pytest.raises(WeightsError, match=r"HF_HUB_OFFLINE.*Did you mean 'models/minilm'\?"):
        resolve("models/minlm")
    with pytest.raises(UnknownNameError):
        resolve("minilm-16")
