"""Only the upper layers learn; what the layers below give is computed once and kept.

The lower layers of a pretrained network hold what most tasks share, the upper ones what
was special to its own (Yosinski et al. 2014, arXiv 1411.1792); a fourth to a third of the
layers reach most of what all of them reach (Lee, Tang & Lin 2019, arXiv 1911.03090).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_nb.core.space import Choice, Int, Space
from automl_nb.core.types import Task
from automl_nb.transfer.augment.base import mixes_rows
from automl_nb.transfer.base import TrialContext
from automl_nb.transfer.tuner import Tuner, head_group, network_in_time, rates
from automl_nb.zoo.architectures import cut_of

if TYPE_CHECKING:
    from automl_nb.transfer.student import Student
    from automl_nb.transfer.tuning import Network
    from automl_nb.zoo.card import BackboneCard


class TopLayers(Tuner):
    """Strategy ``top-layers``: a third of the layers, unless told otherwise.

    Example:
        >>> TopLayers().space().check({"layers": "2", "cache": "off"})
        {'layers': 2, 'cache': 'off'}
    """

    name = "top-layers"
    copies = 1.0  # few of them are trained

    def refuses(self, card: BackboneCard, task: Task) -> str:
        """Networks whose layers are one, or read more than the layer below gives."""
        del task
        if cut_of(card.family) is None:
            return f"{card.name} can't be cut between its layers ({card.family or 'unknown'})"
        return ""

    def oversteps(self, card: BackboneCard, config: dict[str, Any]) -> str:
        """More layers than there are."""
        if 0 < card.n_layers < self.setting(config, "layers"):
            return f"{card.name} has {card.n_layers} layers"
        return ""

    def space(self) -> Space:
        """How many layers, and what is kept of those below."""
        return Space(
            (
                Int("layers", 0, 200, 0, summary="upper layers that learn; 0 for a third"),
                Choice("cache", ("on", "off"), "on", "whether the rest is computed once"),
                Int("views", 1, 64, 4, summary="augmented versions of a row that are kept"),
            )
        )

    def network(self, context: TrialContext, config: dict[str, Any], fit: np.ndarray) -> Network:
        """The upper layers alone, or the whole where rows are mixed below them."""
        from automl_nb.transfer.upper import KeptBelow, UpperLayers

        layers, views = self.setting(config, "layers"), self.setting(config, "views")

        def changed(whole: Network) -> Network:
            plain = UpperLayers(whole, layers, config)
            if self.setting(config, "cache") == "off":
                return plain
            if mixes_rows(whole.augmentation):
                plain.note = "nothing kept of the lower layers, as rows are mixed below them"
                return plain
            kept = KeptBelow(whole, layers, config, context, views)
            if kept.agrees(fit[:2]):
                return kept
            plain.note = "nothing kept of the lower layers, as the upper ones read more than that"
            return plain

        return network_in_time(context, config, fit, changed)

    def shape(self, student: Student) -> None:
        """Freeze all but the upper layers and what comes after them."""
        from automl_nb.transfer.upper import UpperLayers

        network = student.network
        assert isinstance(network, UpperLayers)
        n = network.layers
        learnt = "the top layer alone" if n == 1 else f"the upper {n} layers alone"
        student.note = ", ".join(filter(None, (learnt, network.note)))
        student.body.requires_grad_(False)
        for layer in network.trained(student.body):
            for parameter in layer:
                parameter.requires_grad_(True)

    def groups(self, student: Student) -> list[dict[str, Any]]:
        """The head, then each layer from the top down with a falling rate."""
        from automl_nb.transfer.upper import UpperLayers

        network = student.network
        assert isinstance(network, UpperLayers)
        rate, decay = rates(student)
        above, *layers = network.trained(student.body)
        made = [head_group(student, rate)]
        if above:
            made.append({"params": above, "lr": rate})
        made += [{"params": layer, "lr": rate * decay**d} for d, layer in enumerate(layers)]
        return made
