"""The network families that can be built, by the ``model_type`` of their config.

This table is the allow-list: a folder whose config names another family, or asks for
code of its own, is refused. Each class is imported by itself, because importing all
of transformers' automatic classes takes seconds.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import WeightsError
from automl_nb.zoo.card import Modality

if TYPE_CHECKING:
    from torch import nn

OWN_TYPE = "efficientnet-lite"


@dataclass(frozen=True)
class Cut:
    """The parts of a network whose layers read nothing but what the layer below gives.

    Attributes:
        layers: The list of its layers, by its dotted name.
        below: What comes before the layers.
        above: What comes after them.
    """

    layers: str
    below: tuple[str, ...] = ("embeddings",)
    above: tuple[str, ...] = ()


_BERT = Cut("encoder.layer")
_CLIP = Cut("encoder.layers", ("embeddings", "pre_layrnorm"), ("post_layernorm",))
_CONVNEXT = Cut("encoder.stages", above=("layernorm",))
_OWN_CUT = Cut("blocks", ("stem",), ("head",))


@dataclass(frozen=True)
class Architecture:
    """Where a family lives in transformers.

    Attributes:
        modality: What it reads.
        package: The family's folder in ``transformers.models``.
        stem: The start of its class names.
        part: "" for the whole network, "Vision" for one half of a two-sided one.
        has_pooler: Whether an untrained pooling layer is to be left out.
        cut: Where the network can be cut in two, None where it can't.
        has_linear: Whether its layers hold matrices (`torch.nn.Linear`).
        has_biases: Whether they hold biases.
    """

    modality: Modality
    package: str
    stem: str
    part: str = ""
    has_pooler: bool = False
    cut: Cut | None = None
    has_linear: bool = True
    has_biases: bool = True

    def model_class(self) -> Any:
        """The network's class."""
        module = importlib.import_module(
            f"transformers.models.{self.package}.modeling_{self.package}"
        )
        return getattr(module, f"{self.stem}{self.part}Model")

    def config_class(self) -> Any:
        """The class of its settings."""
        module = importlib.import_module(
            f"transformers.models.{self.package}.configuration_{self.package}"
        )
        return getattr(module, f"{self.stem}{self.part}Config")


ARCHITECTURES: dict[str, Architecture] = {
    # All its layers are one and the same.
    "albert": Architecture("text", "albert", "Albert", has_pooler=True),
    "bert": Architecture("text", "bert", "Bert", has_pooler=True, cut=_BERT),
    "camembert": Architecture("text", "camembert", "Camembert", has_pooler=True, cut=_BERT),
    "deberta-v2": Architecture("text", "deberta_v2", "DebertaV2", cut=_BERT),
    "distilbert": Architecture("text", "distilbert", "DistilBert", cut=Cut("transformer.layer")),
    "electra": Architecture(
        "text", "electra", "Electra", cut=Cut("encoder.layer", ("embeddings", "embeddings_project"))
    ),
    "modernbert": Architecture(
        "text",
        "modernbert",
        "ModernBert",
        cut=Cut("layers", above=("final_norm",)),
        has_biases=False,
    ),
    "mpnet": Architecture("text", "mpnet", "MPNet", has_pooler=True, cut=_BERT),
    "roberta": Architecture("text", "roberta", "Roberta", has_pooler=True, cut=_BERT),
    "xlm-roberta": Architecture("text", "xlm_roberta", "XLMRoberta", has_pooler=True, cut=_BERT),
    "clip": Architecture("image", "clip", "CLIP", part="Vision", cut=_CLIP),
    "clip_vision_model": Architecture("image", "clip", "CLIP", part="Vision", cut=_CLIP),
    "convnext": Architecture("image", "convnext", "ConvNext", cut=_CONVNEXT),
    "convnextv2": Architecture("image", "convnextv2", "ConvNextV2", cut=_CONVNEXT),
    "dinov2": Architecture(
        "image", "dinov2", "Dinov2", cut=Cut("encoder.layer", above=("layernorm",))
    ),
    "efficientnet": Architecture(
        "image",
        "efficientnet",
        "EfficientNet",
        cut=Cut(
            "encoder.blocks",
            above=("encoder.top_conv", "encoder.top_bn", "encoder.top_activation"),
        ),
        has_linear=False,
    ),
    "mobilenet_v2": Architecture(
        "image",
        "mobilenet_v2",
        "MobileNetV2",
        cut=Cut("layer", ("conv_stem",), ("conv_1x1",)),
        has_linear=False,
    ),
    "resnet": Architecture(
        "image", "resnet", "ResNet", cut=Cut("encoder.stages", ("embedder",)), has_linear=False
    ),
    # Its layers must be told the picture's sides as well.
    "swin": Architecture("image", "swin", "Swin"),
    "vit": Architecture(
        "image", "vit", "ViT", has_pooler=True, cut=Cut("layers", above=("layernorm",))
    ),
}


def check_config(config: Mapping[str, Any], where: str) -> str:
    """The config's ``model_type``, if it is one that can be built here.

    Raises:
        WeightsError: It asks for code of its own, or names no known family.

    Example:
        >>> check_config({"model_type": "bert"}, "a folder")
        'bert'
    """
    # What would make transformers import code that lies beside the weights.
    remote = [key for key in ("auto_map", "custom_pipelines") if config.get(key)]
    if remote:
        raise WeightsError(
            "A backbone must be built from known code; code beside weights is never run.",
            received=f"{where} with {remote[0]!r} in its config",
            hint="Choose a backbone of a family that %automl list backbones shows.",
        )
    kind = config.get("model_type")
    if isinstance(kind, str) and (kind == OWN_TYPE or kind in ARCHITECTURES):
        return kind
    known = ", ".join(sorted(ARCHITECTURES))
    raise WeightsError(
        "A backbone's config must name a family that can be built.",
        received=f"model_type {kind!r} in {where}",
        hint=f"Families: {known}.",
    )


def modality_of(model_type: str) -> Modality:
    """What a family reads."""
    return "image" if model_type == OWN_TYPE else ARCHITECTURES[model_type].modality


def cut_of(family: str) -> Cut | None:
    """Where networks of a family can be cut in two; None where they can't.

    Example:
        >>> cut_of("bert").layers, cut_of("albert")
        ('encoder.layer', None)
    """
    if family == OWN_TYPE:
        return _OWN_CUT
    return ARCHITECTURES[family].cut if family in ARCHITECTURES else None


def has_linear_layers(family: str) -> bool:
    """Whether a family's layers hold matrices, as LoRA needs them.

    Example:
        >>> has_linear_layers("bert"), has_linear_layers("efficientnet-lite")
        (True, False)
    """
    return family in ARCHITECTURES and ARCHITECTURES[family].has_linear


def has_biases(family: str) -> bool:
    """Whether a family's layers have biases, those of normalisations counted.

    Example:
        >>> has_biases("bert"), has_biases("modernbert")
        (True, False)
    """
    return family == OWN_TYPE or (family in ARCHITECTURES and ARCHITECTURES[family].has_biases)


def build_own(config: Mapping[str, Any]) -> nn.Module:
    """The network of this package that a config describes, with random weights.

    Raises:
        WeightsError: There is no such variant.
    """
    from automl_nb.zoo.efficientnet_lite import VARIANTS, EfficientNetLite

    variant = config.get("variant")
    if variant not in VARIANTS:
        raise WeightsError(
            f"An EfficientNet-Lite's variant must be one of {', '.join(VARIANTS)}.",
            received=variant,
            hint="Use the config.json that was saved with the weights.",
        )
    return EfficientNetLite(str(variant))
