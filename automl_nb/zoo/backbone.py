"""A pretrained network, ready to compute: weights, tokenizer or picture spec, facts."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.core.jsonable import from_dict, to_dict
from automl_nb.zoo.attention import PLAIN, attend
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.pictures import PictureSpec
from automl_nb.zoo.tokenizer import TextTokenizer

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, eq=False)
class Backbone:
    """A network of the zoo.

    Frozen ones are shared by everything in the process: never train `module` in
    place, train `trainable().module`.

    Attributes:
        card: Its facts.
        module: The network; float32, in eval mode, without gradients.
        weights_sha: SHA-256 over the weights' names, shapes and values.
        tokenizer: Of a text backbone.
        picture_spec: Of an image backbone.
    """

    card: BackboneCard
    module: nn.Module
    weights_sha: str
    tokenizer: TextTokenizer | None = None
    picture_spec: PictureSpec | None = None

    @property
    def device(self) -> str:
        """Where the weights are, as torch names it."""
        return str(next(self.module.parameters()).device)

    def embed(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """One vector a row, with gradients where the weights have them.

        Args:
            inputs: ``input_ids`` and ``attention_mask``, both (n, length) int64, or
                ``pixels``, (n, 3, size, size) normalised.

        Returns:
            (n, dimension): the mean over a text's tokens, or a picture's pooled map.
        """
        if "pixels" in inputs:
            return picture_features(self.module, inputs["pixels"])
        hidden = self.module(**inputs).last_hidden_state
        return mean_over_tokens(hidden, inputs["attention_mask"])

    def trainable(self) -> Backbone:
        """A copy of its own, with gradients on, that can be fine-tuned."""
        module = copy.deepcopy(self.module)
        if self.device == "cpu":
            attend(module, PLAIN)
        for parameter in module.parameters():
            parameter.requires_grad_(True)
        return replace(self, module=module)

    def save(self, folder: Path, *, half: bool = False) -> dict[str, Any]:
        """Write weights, config and tokenizer under `folder`.

        Args:
            folder: Made if it isn't there.
            half: Store float16: half the size, weights rounded to 11 bits.

        Returns:
            What `load` needs besides the folder, as plain JSON.
        """
        folder.mkdir(parents=True, exist_ok=True)
        _write_module(self.module, folder, half=half)
        if self.tokenizer is not None:
            self.tokenizer.save(folder)
        return {
            "card": to_dict(self.card),
            "picture_spec": None if self.picture_spec is None else to_dict(self.picture_spec),
            # Rounded or trained weights are not those that the name on the card promises.
            "weights_sha": "" if half else hash_weights(self.module),
        }

    def size_bytes(self) -> int:
        """Bytes that `save` writes, without writing the weights.

        Example:
            >>> from automl_nb.zoo.load import load_backbone
            >>> load_backbone("minilm-l3").size_bytes() > 4 * 17_000_000  # float32
            True
        """
        return _weight_bytes(self.module) + (
            0 if self.tokenizer is None else self.tokenizer.size_bytes()
        )

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any], *, device: str = "cpu") -> Backbone:
        """Rebuild what `save` wrote, without the hub or the starter's packages.

        Raises:
            WeightsError: The files are damaged, altered or not of a known family.
        """
        from automl_nb.zoo.folder import read_folder

        spec = config.get("picture_spec")
        return read_folder(
            folder,
            from_dict(BackboneCard, config["card"]),
            picture_spec=None if spec is None else from_dict(PictureSpec, spec),
            expected_sha=str(config.get("weights_sha", "")),
            device=device,
        )


def mean_over_tokens(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of (n, length, d) over the places where the (n, length) mask is 1."""
    weights = mask.to(hidden.dtype)
    weights = weights / weights.sum(1, keepdim=True).clamp(min=1.0)
    # As a product of matrices: no copy of `hidden` is made.
    return (weights.unsqueeze(1) @ hidden).squeeze(1)


def picture_features(module: nn.Module, pixels: torch.Tensor) -> torch.Tensor:
    """(n, 3, size, size) pixels to the (n, d) vectors that the family pools itself."""
    out = module(pixels)
    if hasattr(out, "last_hidden_state"):
        pooled = getattr(out, "pooler_output", None)
        out = out.last_hidden_state[:, 0] if pooled is None else pooled.flatten(1)
    features: torch.Tensor = out
    return features


def hash_weights(module: nn.Module) -> str:
    """SHA-256 over the names, types, shapes and values of a network's weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)};".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()


def _weight_bytes(module: nn.Module) -> int:
    """Of each weight once, under however many names; real numbers are written as float32."""
    return sum(
        tensor.numel() * (4 if tensor.is_floating_point() else tensor.element_size())
        for tensor in {t.data_ptr(): t for t in module.state_dict().values()}.values()
    )


def _write_module(module: nn.Module, folder: Path, *, half: bool) -> None:
    import torch
    from safetensors.torch import save_file

    from automl_nb.zoo.quiet import quiet

    dtype = torch.float16 if half else torch.float32
    save_pretrained: Any = getattr(module, "save_pretrained", None)
    if save_pretrained is not None:
        state = {name: _cast(tensor, dtype) for name, tensor in module.state_dict().items()}
        with quiet():
            save_pretrained(folder, state_dict=state, max_shard_size="100GB")
        return
    state = {
        name: _cast(tensor, dtype).contiguous().cpu()
        for name, tensor in module.state_dict().items()
    }
    save_file(state, str(folder / "model.safetensors"))
    config = json.dumps(module.config, indent=2)
    (folder / "config.json").write_text(config, encoding="utf-8")


def _cast(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return tensor.to(dtype) if tensor.is_floating_point() else tensor
