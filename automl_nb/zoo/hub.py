"""The model hub: what is in its cache, what can be fetched, and quick honest failure."""

from __future__ import annotations

import os
import time
from pathlib import Path

from automl_nb.core.errors import WeightsError
from automl_nb.core.settings import cache_dir
from automl_nb.core.shelf import used
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.folder import weight_files
from automl_nb.zoo.hashing import file_sha256
from automl_nb.zoo.starter import read_torch_weights, write_weights
from automl_nb.zoo.tokenizer import VOCABULARIES

CONNECT_S = 4.0
ASK_AGAIN_S = 60.0
PICKLED = "pytorch_model.bin"
SMALL_FILES = [
    *("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("special_tokens_map.json", "merges.txt", *VOCABULARIES),
]
WEIGHT_FILES = ["model.safetensors", "model.safetensors.index.json", "model-*.safetensors"]

_last_asked: dict[str, tuple[float, str]] = {}


def endpoint() -> str:
    """The hub's address: ``HF_ENDPOINT`` or the public one."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def unreachable_because() -> str:
    """Why the hub cannot be asked now, "" if it can; remembered for a minute."""
    if os.environ.get("HF_HUB_OFFLINE", "").strip().upper() in {"1", "ON", "YES", "TRUE"}:
        return "HF_HUB_OFFLINE is set"
    address = endpoint()
    asked, answer = _last_asked.get(address, (-ASK_AGAIN_S, ""))
    if time.monotonic() - asked < ASK_AGAIN_S:
        return answer
    import httpx

    try:
        httpx.head(address, timeout=CONNECT_S)
        answer = ""
    except httpx.HTTPError as error:
        answer = f"{address} cannot be reached ({type(error).__name__})"
    _last_asked[address] = (time.monotonic(), answer)
    return answer


def cached_folder(card: BackboneCard) -> Path | None:
    """The folder of a complete copy in the hub's cache, or None."""
    from huggingface_hub import try_to_load_from_cache

    revision = card.revision or "main"
    found = try_to_load_from_cache(card.location, "config.json", revision=revision)
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return folder if weight_files(folder) or (folder / PICKLED).is_file() else None


def fetch(card: BackboneCard, instead: str = "") -> Path:
    """The folder with a hub backbone's files, fetched if they aren't cached.

    Args:
        card: Its facts.
        instead: A sentence saying what can be had without the hub.

    Raises:
        WeightsError: The hub cannot be reached, refuses, or has no such weights.
    """
    cached = cached_folder(card)
    if cached is None:
        cached = _download(card.location, card.revision, [*SMALL_FILES, *WEIGHT_FILES], instead)
        if not weight_files(cached):
            cached = _download(card.location, card.revision, [*SMALL_FILES, PICKLED], instead)
    return with_safetensors(cached, card.name)


def fetch_config(name: str) -> Path:
    """The folder with at least the config of any hub id (see `fetch`)."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    if isinstance(found, str):
        return Path(found).parent
    folder = _download(name, "", SMALL_FILES, "")
    if not (folder / "config.json").is_file():
        raise WeightsError(
            "A backbone on the hub must have a config.json that names its family.",
            received=name,
            hint="Choose one that transformers can load.",
        )
    return folder


def with_safetensors(folder: Path, name: str) -> Path:
    """The folder itself, or a converted copy in the cache where it holds a pickle.

    The pickle is read once, by torch's reader that runs no code, and never again.

    Raises:
        WeightsError: The pickle holds more than tensors.
    """
    pickled = folder / PICKLED
    if weight_files(folder) or not pickled.is_file():
        return folder
    label = name.replace("/", "--")
    target = cache_dir() / "weights" / f"{label}-{file_sha256(pickled)[:12]}"
    if not (target / "config.json").is_file():
        write_weights(target, lambda made: _convert(folder, made))
    return used(target)


def _convert(folder: Path, made: Path) -> None:
    from safetensors.torch import save_file

    # A clone each: a checkpoint may hold one tensor under two names.
    state = {name: value.clone() for name, value in read_torch_weights(folder / PICKLED).items()}
    save_file(state, str(made / "model.safetensors"), metadata={"format": "pt"})
    for name in SMALL_FILES:
        if (folder / name).is_file():
            (made / name).write_bytes((folder / name).read_bytes())


def _download(location: str, revision: str, patterns: list[str], instead: str) -> Path:
    reason = unreachable_because()
    if reason:
        raise WeightsError(
            f"Weights from the hub need a network: {reason}.", received=location, hint=instead
        )
    from huggingface_hub import snapshot_download

    from automl_nb.zoo.quiet import quiet

    try:
        with quiet():
            folder = snapshot_download(
                location,
                revision=revision or None,
                endpoint=endpoint(),
                allow_patterns=patterns,
                etag_timeout=CONNECT_S,
            )
    except Exception as error:  # the client raises network, auth and not-found errors alike
        first = " ".join(str(error).split())[:160]
        raise WeightsError(
            "The hub must have these weights and let them be fetched.",
            received=location,
            hint=" ".join(part for part in (first, instead) if part),
        ) from error
    return Path(folder)
