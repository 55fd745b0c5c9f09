"""The backbones that have a name here. Adding one is one card."""

from __future__ import annotations

from automl_nb.core.registry import Registry, Spec
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.catalog_image import IMAGE_CARDS
from automl_nb.zoo.catalog_text import TEXT_CARDS

CARDS: dict[str, BackboneCard] = {card.name: card for card in (*TEXT_CARDS, *IMAGE_CARDS)}


class BackboneSpec(Spec):
    """An entry that counts as installed when its weights are on this machine."""

    @property
    def installed(self) -> bool:
        """Whether the weights can be had without the network."""
        from automl_nb.zoo.load import is_available

        return is_available(CARDS[self.name])[0]


def _spec(card: BackboneCard) -> BackboneSpec:
    in_starter = card.source == "starter"
    return BackboneSpec(
        name=card.name,
        target="automl_nb.zoo.load:load_backbone",
        summary=card.summary,
        paper=card.paper,
        extra="starter" if in_starter else "",
        requires=(card.location,) if in_starter else (),
        tags=(card.modality, card.source, *card.languages),
    )


BACKBONES = Registry("backbone", tuple(map(_spec, CARDS.values())))
