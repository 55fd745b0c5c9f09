"""The catalogue of augmentations. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.transfer.augment"

AUGMENTATIONS = Registry(
    "augmentation",
    (
        Spec("none", f"{_HERE}.none:Nothing", "Rows as they are.", tags=("text", "image")),
        Spec(
            "mirror-shift",
            f"{_HERE}.mirror_shift:MirrorShift",
            "Pictures mirrored half of the time and shifted a little.",
            tags=("image",),
        ),
        Spec(
            "flip",
            f"{_HERE}.flip:Flip",
            "Pictures mirrored half of the time.",
            tags=("image",),
        ),
        Spec(
            "crop",
            f"{_HERE}.crop:Crop",
            "A random part of the picture, brought back to its size.",
            "Szegedy et al. 2015, arXiv 1409.4842",
            tags=("image",),
        ),
        Spec(
            "colour",
            f"{_HERE}.colour:Colour",
            "Brightness, contrast and colour changed by up to 40%.",
            "Howard 2013, arXiv 1312.5402",
            tags=("image",),
        ),
        Spec(
            "trivial",
            f"{_HERE}.trivial:Trivial",
            "One change of a random kind and strength (TrivialAugment).",
            "Müller & Hutter 2021, arXiv 2103.10158",
            tags=("image",),
        ),
        Spec(
            "rand",
            f"{_HERE}.rand:Rand",
            "Two changes of random kinds and one strength (RandAugment).",
            "Cubuk et al. 2020, arXiv 1909.13719",
            tags=("image",),
        ),
        Spec(
            "mixup",
            f"{_HERE}.mixup:Mixup",
            "Pictures laid over each other, their answers mixed alike.",
            "Zhang et al. 2018, arXiv 1710.09412",
            tags=("image",),
        ),
        Spec(
            "cutmix",
            f"{_HERE}.cutmix:Cutmix",
            "A box of one picture in another, their answers mixed by area.",
            "Yun et al. 2019, arXiv 1905.04899",
            tags=("image",),
        ),
        Spec(
            "eda",
            f"{_HERE}.eda:Eda",
            "Texts with a few words moved, left out or said twice.",
            "Wei & Zou 2019, arXiv 1901.11196",
            tags=("text",),
        ),
    ),
)

# What "auto" stands for, by the kind of column.
USUAL = {"text": "none", "image": "mirror-shift"}
