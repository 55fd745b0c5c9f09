"""Checkpoints that someone brought and that don't fit, are damaged, or are not to be trusted."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file, save_file

from automl_nb.core.errors import SettingError, WeightsError
from tests.bad_input.cases import Case, Place, good
from tests.zoo.families import make_folder

Change = Callable[[Path], object]
WORDS = "embeddings.word_embeddings.weight"
LAYER = "encoder.layer.0.output.dense.weight"


class Evil:
    """What a pickle can do when it is read."""

    def __reduce__(self):
        return (os.system, ("echo ran > ran.txt",))


def _config(**changes) -> Change:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        config = json.loads(path.read_text(encoding="utf-8")) | changes
        path.write_text(json.dumps(config), encoding="utf-8")

    return change


def _weights(change: Callable[[dict], object]) -> Change:
    def rewrite(folder: Path) -> None:
        state = load_file(folder / "model.safetensors")
        change(state)
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})

    return rewrite


def _few_words(folder: Path) -> None:
    _weights(lambda state: state.update({WORDS: state[WORDS][:5000].clone()}))(folder)
    _config(vocab_size=5000)(folder)


def _cut_off(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"weight": Evil()}, folder / "pytorch_model.bin")


def _foreign(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.pkl").write_bytes(pickle.dumps(Evil()))


def _case(name: str, change: Change, rule: str, received: str, hint: str) -> Case:
    def build(_: Place) -> pd.DataFrame:
        folder = make_folder("bert", Path("net"))
        change(folder)
        return good()

    options = {"backbones": ("./net",)}
    return Case(name, WeightsError, rule, received, hint, build, options=options)


FIT = "must fit the network that config.json describes"
SAME = "of the same backbone"

BACKBONES = (
    _case("a width that the weights don't have", _config(hidden_size=64), FIT, "net", "not (64"),
    _case("heads that don't divide it", _config(num_attention_heads=7), FIT, "net", SAME),
    _case("layers that aren't there", _config(num_hidden_layers=5), FIT, "net", "are missing"),
    _case("sizes in words", _config(hidden_size="many"), "must hold numbers", "net", "many"),
    _case(
        "more tokens than embeddings",
        _few_words,
        "must know each token",
        "30,522 tokens and 5,000 embeddings",
        SAME,
    ),
    _case("weights cut off", _cut_off, "must be whole", "model.safetensors", "again"),
    _case(
        "weights that are no numbers",
        _weights(lambda state: state[LAYER].fill_(float("nan"))),
        "must be finite",
        LAYER,
        "again",
    ),
    _case(
        "weights beyond all numbers",
        _weights(lambda state: [tensor.mul_(1e30) for tensor in state.values()]),
        "able to read a row",
        "net",
        "no finite numbers",
    ),
    _case("weights that run code", _pickled, "nothing but tensors", "pytorch_model.bin", "code"),
    _case("weights in a foreign form", _foreign, "must hold its weights", "net", "pickled"),
    _case(
        "code beside the weights",
        _config(auto_map={"AutoModel": "evil.Model"}),
        "never run",
        "'auto_map'",
        "list backbones",
    ),
    _case(
        "a network that writes",
        _config(model_type="gpt2"),
        "a family that can be built",
        "'gpt2'",
        "bert",
    ),
    _case(
        "a tokenizer that isn't there",
        lambda folder: (folder / "tokenizer.json").unlink(),
        "needs a tokenizer.json",
        "net",
        "save_pretrained",
    ),
    _case(
        "a config that is no JSON",
        lambda folder: (folder / "config.json").write_text("{", encoding="utf-8"),
        "config.json that can be read",
        "config.json",
        "save_pretrained",
    ),
)

WRONG_KIND = (
    Case(
        "a picture backbone for texts",
        SettingError,
        "for images needs a column of images",
        "'efficientnet-lite0'",
        "kinds={'COLUMN': 'image'}",
        lambda _: good().assign(said="all is well with this long text " * 4),
        options={"backbones": ("efficientnet-lite0",), "kinds": {"said": "text"}},
    ),
    Case(
        "a backbone of the catalogue that no hub brings",
        WeightsError,
        "on a hub within reach",
        "deberta-v3-base",
        "minilm-l6",
        options={"backbones": ("deberta-v3-base",)},
    ),
)
