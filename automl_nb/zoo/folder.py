"""A folder of weights to a `Backbone`: checked first, then built from known code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import WeightsError
from automl_nb.zoo.architectures import ARCHITECTURES, OWN_TYPE, build_own, check_config
from automl_nb.zoo.backbone import Backbone, hash_weights
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.depth import depths
from automl_nb.zoo.pictures import PictureSpec, spec_from_config
from automl_nb.zoo.quiet import quiet
from automl_nb.zoo.tokenizer import TextTokenizer

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
_LFS = b"version https://git-lfs.github.com/spec/"  # how a pointer of Git LFS begins
MOST_JSON_BYTES = 16 * 2**20
MOST_TOKENS = 8192
_LAYER = re.compile(r"(.*?\w)\.\d+\.")  # the stack that a weight's name says it is in


def read_folder(
    folder: Path,
    card: BackboneCard,
    *,
    picture_spec: PictureSpec | None = None,
    expected_sha: str = "",
    device: str = "cpu",
) -> Backbone:
    """Build the backbone that a folder holds.

    Args:
        folder: With ``config.json``, safetensors and, for text, ``tokenizer.json``.
        card: Its facts.
        picture_spec: Instead of the folder's ``preprocessor_config.json``.
        expected_sha: What `hash_weights` must give, or "" for anything.
        device: Where to put the weights.

    Raises:
        WeightsError: A file is missing, damaged, altered or not of a known family.
    """
    config = read_config(folder)
    kind = check_config(config, str(folder))
    check_safetensors(folder)
    is_own = kind == OWN_TYPE
    module = _build_own(folder, config) if is_own else _build_transformers(folder, kind)
    _check_numbers(folder, module)
    sha = hash_weights(module)
    if expected_sha and sha != expected_sha:
        raise WeightsError(
            "The weights of a saved backbone must be those that were saved.",
            received=f"{folder} with SHA-256 {sha[:12]}…",
            hint="Fetch or train the model again; this copy was changed.",
        )
    tokenizer = _tokenizer(folder, config) if card.modality == "text" else None
    if tokenizer is not None:
        _check_vocabulary(folder, module, tokenizer)
    if card.modality == "image" and picture_spec is None:
        picture_spec = read_picture_spec(folder, config)
    network = freeze(module).to(device)
    made = Backbone(_complete(card, network), network, sha, tokenizer, picture_spec)
    return replace(made, card=replace(made.card, dimension=_dimension(made)))


def freeze(module: nn.Module) -> nn.Module:
    """The network in eval mode and without gradients."""
    return module.eval().requires_grad_(False)


def read_json(path: Path) -> dict[str, Any]:
    """A small JSON object from a file.

    Raises:
        WeightsError: Not there, too large or not a JSON object.
    """
    hint = "Give the folder that save_pretrained wrote, or fetch the weights again."
    try:
        with path.open("rb") as stream:  # what is cut off at the limit isn't JSON any more
            value = json.loads(stream.read(MOST_JSON_BYTES).decode("utf-8"))
    except (OSError, ValueError) as error:
        rule = f"A backbone's folder must hold a {path.name} that can be read."
        raise WeightsError(rule, received=str(path), hint=hint) from error
    if not isinstance(value, dict):
        rule = f"A backbone's {path.name} must be a JSON object."
        raise WeightsError(rule, received=str(path), hint=hint)
    return value


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's ``config.json`` (see `read_json`)."""
    return read_json(folder / "config.json")


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a folder, none if it holds none."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        return []
    parts = read_json(folder / INDEX).get("weight_map")
    named = list(parts.values()) if isinstance(parts, dict) else []
    # A name with a path in it could point outside of the folder.
    names = {name for name in named if isinstance(name, str) and Path(name).name == name}
    if not names or names != {*map(str, named)}:
        raise WeightsError(
            f"{INDEX} must name, for each weight, a file beside it.",
            received=f"{folder / INDEX} with a weight_map of {type(parts).__name__}",
            hint="Save the weights again with save_pretrained, or fetch them again.",
        )
    return [folder / name for name in sorted(names)]


def check_safetensors(folder: Path) -> None:
    """Make sure that the weights are whole safetensors files.

    Raises:
        WeightsError: There are none, or one is cut off or no such file.
    """
    from safetensors import SafetensorError, safe_open

    files = weight_files(folder)
    if not files:
        raise WeightsError(
            f"A backbone's folder must hold its weights as {WEIGHTS}.",
            received=str(folder),
            hint="Save them with save_pretrained; of pickled files only pytorch_model.bin is read.",
        )
    for path in files:
        try:
            with safe_open(str(path), framework="np"):
                pass
        except (OSError, SafetensorError) as error:
            if is_pointer(path):
                raise WeightsError(
                    "A safetensors file must hold the weights, not point to them.",
                    received=f"{path}, a pointer of Git LFS",
                    hint="Run 'git lfs pull' in the folder, which fetches the weights.",
                ) from error
            raise WeightsError(
                "A safetensors file must be whole.",
                received=str(path),
                hint=f"Fetch the weights again. ({error})",
            ) from error


def is_pointer(path: Path) -> bool:
    """Whether a file stands for one that Git LFS hasn't fetched (its specification, version 1)."""
    try:
        with path.open("rb") as file:
            return file.read(len(_LFS)) == _LFS
    except OSError:
        return False


def read_picture_spec(folder: Path, config: dict[str, Any]) -> PictureSpec:
    """The picture spec beside the weights, or the usual one at the config's size."""
    vision = config.get("vision_config") or {}
    size = config.get("image_size") or vision.get("image_size") or 224
    path = folder / "preprocessor_config.json"
    return spec_from_config(read_json(path) if path.is_file() else {}, int(size))


def _build_own(folder: Path, config: dict[str, Any]) -> nn.Module:
    from safetensors.torch import load_file

    module = build_own(config)
    state = load_file(str(folder / WEIGHTS))
    try:
        module.load_state_dict(state)  # copies into float32, whatever was stored
    except RuntimeError as error:
        raise _mismatch(folder, str(error)) from error
    return module


def _build_transformers(folder: Path, kind: str) -> nn.Module:
    import torch

    architecture = ARCHITECTURES[kind]
    options = {"add_pooling_layer": False} if architecture.has_pooler else {}
    config_class, model_class = architecture.config_class(), architecture.model_class()
    try:
        with quiet():
            config = config_class.from_pretrained(folder, local_files_only=True)
            module, notes = model_class.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are told below, by name
                **options,
            )
    except ImportError as error:  # such as a peft that is installed but damaged
        raise WeightsError(
            "The packages that load a network must work.",
            received=" ".join(str(error).split())[:200],
            hint="Install the package that it names anew, or remove it if you don't need it.",
        ) from error
    except Exception as error:  # transformers raises many kinds for a bad folder
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise _mismatch(folder, what) from error
    missing = [name for name in notes["missing_keys"] if "pooler" not in name]
    if missing:
        raise _mismatch(folder, f"{len(missing)} weights are missing, such as {missing[0]}")
    shapes = [
        f"{name} is {tuple(found)}, not {tuple(wanted)}"
        for name, found, wanted in sorted(notes["mismatched_keys"])
    ]
    if shapes:
        raise _mismatch(folder, f"{len(shapes)} weights have other shapes: {shapes[0]}")
    if left_over := _of_further_layers(module, notes["unexpected_keys"]):
        raise _mismatch(folder, f"config.json has too few layers for {left_over}")
    built: nn.Module = module
    return built


def _of_further_layers(module: nn.Module, unexpected: Iterable[str]) -> str:
    """A weight that would be a further layer of a stack of the network's own, or ""."""
    own = {found[1] for name in module.state_dict() if (found := _LAYER.match(name))}
    base = getattr(module, "base_model_prefix", "")  # where the weights were saved with a head
    stacks = own | {f"{base}.{stack}" for stack in own}
    layers = [(n, found[1]) for n in unexpected if (found := _LAYER.match(n))]
    # A config without any layer leaves no stack to compare with.
    further = [name for name, stack in layers if stack in stacks or not own]
    return min(further, default="")


def _complete(card: BackboneCard, module: nn.Module) -> BackboneCard:
    """The card with the numbers of weights and of blocks, which a config may not tell."""
    weights = sum(tensor.numel() for tensor in module.parameters())
    return replace(card, parameters=weights, n_layers=max(depths(module).values()))


def _dimension(backbone: Backbone) -> int:
    """Length of a feature vector; an image family without it in its config is tried out."""
    if backbone.card.dimension or backbone.picture_spec is None:
        return backbone.card.dimension
    import torch

    side = backbone.picture_spec.size
    with torch.inference_mode():
        blank = torch.zeros(1, 3, side, side, device=backbone.device)
        return int(backbone.embed({"pixels": blank}).shape[1])


def _check_numbers(folder: Path, module: nn.Module) -> None:
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise WeightsError(
                "A network's weights must be finite numbers.",
                received=f"{name} in {folder}",
                hint="Fetch or train the weights again; these came out of a training that failed.",
            )


def _check_vocabulary(folder: Path, module: nn.Module, tokenizer: TextTokenizer) -> None:
    embeddings: Any = getattr(module, "get_input_embeddings", lambda: None)()
    known = getattr(embeddings, "num_embeddings", None)
    if known is not None and tokenizer.size > known:
        raise WeightsError(
            "A backbone's network must know each token of its tokenizer.",
            received=f"{tokenizer.size:,} tokens and {known:,} embeddings in {folder}",
            hint="Use tokenizer and weights of the same backbone.",
        )


def _mismatch(folder: Path, what: str) -> WeightsError:
    first_lines = " ".join(what.split())[:200]
    return WeightsError(
        "The weights must fit the network that config.json describes.",
        received=str(folder),
        hint=f"Use config and weights of the same backbone. ({first_lines})",
    )


def _tokenizer(folder: Path, config: dict[str, Any]) -> TextTokenizer:
    pad_id = config.get("pad_token_id") or 0
    return TextTokenizer.read(folder, pad_id=int(pad_id), max_length=max_tokens(config))


def max_tokens(config: dict[str, Any]) -> int:
    """Most tokens that a text network can place, from its config.

    RoBERTa and its relatives count positions from ``pad_token_id + 1``.

    Example:
        >>> max_tokens({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1})
        512
    """
    positions = int(config.get("max_position_embeddings") or 512)
    if config.get("model_type") in {"roberta", "xlm-roberta", "camembert", "mpnet"}:
        positions -= int(config.get("pad_token_id") or 1) + 1
    return max(1, min(positions, MOST_TOKENS))
