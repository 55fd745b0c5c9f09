"""What may be set of the training of networks, known without importing any strategy.

The parameters that all share are here; the names of a strategy's or loss's own stand in its
catalogue, so that a listing and the Tab key cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from automl_nb.core.space import Choice, Float, Int, Space
from automl_nb.transfer.augment.catalog import AUGMENTATIONS
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.initialise.catalog import INITIALISERS
from automl_nb.transfer.losses.catalog import LOSSES

USUAL_STRATEGY, USUAL_LOSS = "finetune", "cross-entropy"
OPTIONS = ("loss", "augment", "head")  # options of their own, beside the parameters

COMMON = Space(
    (
        Float("epochs", 0.05, 1000.0, 4.0, log=True, summary="passes over the rows"),
        Float("lr", 1e-7, 1e-1, 1e-4, log=True, summary="learning rate of the top layer"),
        Float("decay", 0.1, 1.0, 0.9, summary="a layer's rate beside that of the one above"),
        Float("weight_decay", 0.0, 1.0, 0.01, summary="AdamW's pull towards zero"),
        Float("ema", 0.0, 0.9999, 0.999, summary="longest memory of the averaged weights"),
        Int("max_length", 8, 8192, 128, summary="tokens read of a text"),
        Choice("loss", ("auto", *LOSSES.names()), "auto", summary="what is made small"),
        Choice("augment", ("auto", *AUGMENTATIONS.names()), "auto", summary="changes to rows"),
        Choice("head", ("auto", *INITIALISERS.names()), "auto", summary="where the head starts"),
    )
)


def tuning(strategies: Iterable[str]) -> tuple[str, ...]:
    """The strategies that tune networks, of those that were asked for.

    Raises:
        UnknownNameError: A name that no strategy has.

    Example:
        >>> tuning(["auto"]), tuning(["svm", "l2-sp"])
        (('finetune',), ('l2-sp',))
    """
    asked = tuple(strategies)
    named = (name for name in asked if name != "auto" and "backbone" in STRATEGIES[name].tags)
    return tuple(named) or ((USUAL_STRATEGY,) if "auto" in asked else ())


def searching(strategies: Iterable[str]) -> tuple[str, ...]:
    """The heads with settings of their own, of those that were asked for by name.

    Raises:
        UnknownNameError: A name that no strategy has.

    Example:
        >>> searching(["auto", "svm", "nas-head", "l2-sp"])
        ('nas-head',)
    """
    named = (name for name in strategies if name != "auto")
    specs = (STRATEGIES[name] for name in named)
    return tuple(spec.name for spec in specs if spec.params and "backbone" not in spec.tags)


def searchable(strategies: Iterable[str], loss: str = "") -> tuple[str, ...]:
    """What may be searched, the settings of heads before those of networks.

    Args:
        strategies: As they are asked for; "auto" for all heads and the usual way to tune.
        loss: Its own parameters are among them; "" or "auto" for the usual one.

    Raises:
        UnknownNameError: A name that no strategy or loss has.

    Example:
        >>> searchable(["svm", "knn"]), searchable(["gradual"])[:2]
        (('C', 'dense', 'k'), ('thaw', 'fall'))
    """
    asked = tuple(strategies)
    heads = [spec.name for spec in STRATEGIES] if "auto" in asked else []
    specs = [STRATEGIES[name] for name in (*heads, *asked) if name != "auto"]
    own = (name for spec in specs for name in spec.searched)
    shared = COMMON.names() if tuning(asked) else ()
    return tuple(dict.fromkeys((*own, *settable(asked, loss), *shared)))


def settable(strategies: Iterable[str], loss: str = "") -> tuple[str, ...]:
    """What `params` may set, own names before the common ones; few heads have any.

    Args:
        strategies: As they are asked for.
        loss: Its own parameters are among them; "" or "auto" for the usual one.

    Raises:
        UnknownNameError: A name that no strategy or loss has.

    Example:
        >>> settable(["gradual"], "focal")[:4]
        ('thaw', 'fall', 'focal_gamma', 'epochs')
    """
    asked = tuple(strategies)
    tuned = tuning(asked)
    own = [name for strategy in (*searching(asked), *tuned) for name in STRATEGIES[strategy].params]
    if not tuned:
        return tuple(dict.fromkeys(own))
    of_loss = LOSSES[USUAL_LOSS if loss in {"", "auto"} else loss].params
    shared = (name for name in COMMON.names() if name not in OPTIONS)
    return tuple(dict.fromkeys((*own, *of_loss, *shared)))
