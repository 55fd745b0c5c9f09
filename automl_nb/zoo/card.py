"""What is known of a backbone before its weights are touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Modality = Literal["text", "image"]
Source = Literal["starter", "hub", "folder"]


@dataclass(frozen=True)
class BackboneCard:
    """The facts of one pretrained network.

    Attributes:
        name: What a user types.
        modality: What it reads.
        source: Where the weights come from: a package of the starter extra, the
            model hub, or a local folder.
        location: The package, the hub id or the path.
        revision: The version of the package, or branch, tag or commit on the hub.
        parameters: Number of weights without a task's head.
        dimension: Length of one feature vector.
        input_size: Most tokens of a text, or pixels on a picture's side.
        licence: SPDX name, or the publisher's word for it.
        paper: Authors, year and arXiv id.
        languages: Of a text backbone, such as ``("en",)``; ``("multi",)`` for many.
        n_layers: Blocks that could be frozen or read one by one.
        summary: One sentence for the listing.
        sha256: Of the starter's weights file; "" for the rest.
        prefix: What a text backbone was trained to see before each text.
        family: The ``model_type`` of its config, see `automl_nb.zoo.architectures`.

    Example:
        >>> from automl_nb.zoo.catalog import CARDS
        >>> CARDS["minilm-l6"].dimension
        384
    """

    name: str
    modality: Modality
    source: Source
    location: str
    revision: str
    parameters: int
    dimension: int
    input_size: int
    licence: str
    paper: str
    languages: tuple[str, ...] = ()
    n_layers: int = 0
    summary: str = ""
    sha256: str = ""
    prefix: str = ""
    family: str = ""
