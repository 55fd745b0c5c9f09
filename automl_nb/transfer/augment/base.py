"""What an augmentation is: seeded changes to the rows of a training batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    import torch


class Augmentation:
    """An augmentation of the registry; each place that it leaves as it is changes nothing.

    Attributes:
        name: As in the registry.
        modality: "text", "image", or "any".
        mixes: Whether targets become shares of several classes.
    """

    name: ClassVar[str]
    modality: ClassVar[str] = "any"
    mixes: ClassVar[bool] = False

    def picture(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(high, wide, 3) uint8 pixels to others of the same shape."""
        del rng
        return pixels

    def text(self, text: str, rng: np.random.Generator) -> str:
        """A text to another that should mean the same."""
        del rng
        return text

    def batch(
        self, inputs: dict[str, torch.Tensor], targets: torch.Tensor, rng: np.random.Generator
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Rows mixed with each other: normalised inputs and (n, k) targets."""
        del rng
        return inputs, targets

    @property
    def changes_texts(self) -> bool:
        """Whether texts must be read anew in every epoch."""
        return type(self).text is not Augmentation.text


def changes_rows(augmentation: Augmentation) -> bool:
    """Whether a row differs between epochs."""
    kind = type(augmentation)
    return kind.picture is not Augmentation.picture or kind.text is not Augmentation.text


def mixes_rows(augmentation: Augmentation) -> bool:
    """Whether rows of a batch are mixed before the first layer."""
    return augmentation.mixes or type(augmentation).batch is not Augmentation.batch


def augmentation_for(config: dict[str, Any], modality: str) -> Augmentation:
    """The augmentation that a trial's settings ask for.

    Raises:
        SettingError: It is for another kind of column.
    """
    from automl_nb.core.errors import SettingError
    from automl_nb.transfer.augment.catalog import AUGMENTATIONS, USUAL

    chosen = str(config.get("augment", "auto"))
    made: Augmentation = AUGMENTATIONS[USUAL[modality] if chosen == "auto" else chosen].load()()
    if made.modality not in {"any", modality}:
        raise SettingError(
            f"The augmentation of {modality} columns must be for {modality}s.",
            received=f"{made.name}, which changes {made.modality}s",
            hint="List them: %automl list augmentations.",
        )
    return made
