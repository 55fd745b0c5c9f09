"""Rows as they are."""

from automl_nb.transfer.augment.base import Augmentation


class Nothing(Augmentation):
    """Augmentation ``none``."""

    name = "none"
