"""The catalogue: every card is whole, listed, and true of the weights where they are here."""

import pytest

from automl_nb.zoo.architectures import ARCHITECTURES
from automl_nb.zoo.catalog import BACKBONES, CARDS
from automl_nb.zoo.load import is_available, load_backbone, resolve

STARTER = [name for name, card in CARDS.items() if card.source == "starter"]


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
def test_a_card_tells_all_that_a_listing_shows(card):
    assert card.modality in {"text", "image"}
    assert card.location
    assert card.revision
    assert card.licence
    assert card.paper
    assert card.summary.endswith(".")
    assert card.parameters > 1e6
    assert card.dimension >= 256
    assert card.input_size >= 128
    assert card.n_layers > 0
    assert bool(card.languages) == (card.modality == "text")
    assert card.source != "hub" or card.location.count("/") == 1
    assert BACKBONES[card.name].summary == card.summary


def test_the_starter_and_the_usual_families_are_there():
    assert {"minilm-l6", "minilm-l3", "efficientnet-lite0"} <= set(STARTER)
    assert {"efficientnet-lite1", "efficientnet-lite2"} <= set(STARTER)
    told = " ".join(f"{card.name} {card.location}".casefold() for card in CARDS.values())
    families = "minilm bert distilbert roberta deberta-v3 modernbert e5 xlm-roberta chinese"
    families += " resnet efficientnet mobilenet convnext vit swin dinov2 clip"
    assert [family for family in families.split() if family not in told] == []


@pytest.mark.parametrize("name", STARTER)
def test_starter_weights_are_as_their_cards_say(name):
    backbone = load_backbone(name)
    card = backbone.card
    assert sum(tensor.numel() for tensor in backbone.module.parameters()) == CARDS[name].parameters
    assert card == CARDS[name]
    assert is_available(card) == (True, "installed")
    assert BACKBONES[name].installed
    assert not any(tensor.requires_grad for tensor in backbone.module.parameters())
    assert not backbone.module.training


def test_every_family_that_can_be_built_exists_in_transformers():
    for architecture in ARCHITECTURES.values():
        assert hasattr(architecture.model_class(), "from_pretrained")
        assert hasattr(architecture.config_class(), "from_pretrained")


def test_a_card_resolves_to_itself():
    assert resolve(CARDS["minilm-l6"]) is CARDS["minilm-l6"]


def test_hub_entries_count_as_installed_only_when_their_weights_are_here():
    for spec in BACKBONES:
        assert spec.installed == is_available(CARDS[spec.name])[0]
    assert not BACKBONES["deberta-v3-base"].installed
