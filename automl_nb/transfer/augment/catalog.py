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
    ),
)

# What "auto" stands for, by the kind of column.
USUAL = {"text": "none", "image": "mirror-shift"}
