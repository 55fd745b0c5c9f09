"""A text network that goes on learning: fine-tuning, as a loop of torch."""

from __future__ import annotations

from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Ingredient
from automl_nb.core.state import RunState
from automl_nb.core.types import TaskKind
from automl_nb.report.code.held_out import developed, held_out, learnt_rows
from automl_nb.report.code.layout import quoted
from automl_nb.report.code.network import batch_of, weights
from automl_nb.report.code.snippet import Snippet, Telling, number, plain
from automl_nb.report.code.training import (
    EXCHANGE,
    NETWORK,
    SHUFFLED,
    SOLVED,
    TRAINING,
)
from automl_nb.report.code.words import texts_helper
from automl_nb.transfer.tuner import usual_epochs
from automl_nb.transfer.tuning import usual_rate
from automl_nb.transfer.weight_decay import WeightDecay
from automl_nb.zoo.architectures import cut_of
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.load import resolve

# Of these families all that learns lies in the layers themselves.
_FAMILIES = ("bert", "camembert", "distilbert", "roberta", "xlm-roberta")
_READ_FOR_HEAD = 3000  # rows at most, where their frozen features weren't at hand
_IMPORTS = (
    "import itertools",
    "import math",
    "import numpy as np",
    "import torch",
    "from torch.nn.functional import cross_entropy",
    "from torch.nn.functional import normalize as normalized",
)


def unwritten(member: Ingredient, state: RunState, *, balanced: bool) -> str:
    """Why a tuned network can't be written, or "" if it can.

    Args:
        member: Of a strategy that `tuned` writes.
        state: The run.
        balanced: Whether rows of rare classes counted more.
    """
    config = member.config
    if config.get("modality", "text") != "text":
        return "a network tuned on pictures"
    if state.task is not None and state.task.kind is TaskKind.REGRESSION:
        return "a network tuned to numbers"
    if balanced:
        return "a network tuned with weighed classes"
    for option, written in (
        ("loss", {"auto", "cross-entropy"}),
        ("augment", {"auto", "none"}),
        ("head", {"auto", "logistic"}),
    ):
        if str(config.get(option, "auto")) not in written:
            return f"the {option} '{config[option]}'"
    try:
        family = resolve(str(config["backbone"])).family
    except AutoMLError:
        return f"the network '{config['backbone']}', which isn't here,"
    return "" if family in _FAMILIES else f"layers of the family '{family}'"


def tuned(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The network with its head, the loop that trains both, and the best weights kept."""
    backbone, column = str(member.config["backbone"]), quoted(str(member.config["column"]))
    loaded, divided, two = weights(backbone), held_out(telling), telling.classes == 2
    own = {"name": name, "length": member.config["max_length"], "column": column}
    linear = f"{name}_head({name}_features(some))"
    network = plain(NETWORK).format(
        **own,
        folder=quoted(loaded.folder),
        tokenizer=loaded.tokenizer,
        options=loaded.options,
        batch=batch_of(backbone, "some"),
        all_texts=batch_of(backbone, "column"),
        classes="each class" if not two else "each class: 0 for the first, as two need one number",
        margins=f"torch.nn.functional.pad({linear}, (1, 0))" if two else linear,
    )
    head, imports = _head(name, member, telling)
    code = [_why(backbone, member), network, divided.code, head, _training(name, member, telling)]
    value = f"{name}_read({name}_margins, texts(new[{column}]).to_numpy()).softmax(1).numpy()"
    return Snippet(
        "\n\n".join(code),
        value,
        (*_IMPORTS, *loaded.imports, *imports),
        (texts_helper(telling), *divided.helpers, plain(SHUFFLED), plain(EXCHANGE)),
    )


def _why(backbone: str, member: Ingredient) -> str:
    parts = "its upper layers learn" if member.strategy == "top-layers" else "it learns"
    return (
        f"# {backbone} has learnt from very many texts what words mean. Here {parts} on, from\n"
        "# these rows: fine-tuning."
    )


def _head(name: str, member: Ingredient, telling: Telling) -> tuple[str, tuple[str, ...]]:
    """The head as training begins, and what its lines import."""
    begin = "learnt"
    if learnt_rows(telling) > _READ_FOR_HEAD and not member.config.get("features"):
        drawn = f"np.random.default_rng({telling.seed}).permutation(learnt)"
        begin = f"np.sort({drawn}[:{_READ_FOR_HEAD}])"
    solved = plain(SOLVED).format(name=name, begin=begin)
    return solved, ("from sklearn.linear_model import LogisticRegression",)


def _training(name: str, member: Ingredient, telling: Telling) -> str:
    config, few = member.config, developed(telling) < 1000
    usual_decay = WeightDecay().setting({}, "weight_decay")
    decay = usual_decay if member.strategy == "weight-decay" else 0.01
    smoothing = float(str(config.get("smoothing", 0.05)))
    return plain(TRAINING).format(
        name=name,
        seed=telling.seed,
        layers=_layers(name, member),
        rate=number(config.get("lr", usual_rate(_card(member)))),
        fall=number(config.get("decay", 0.9)),
        decay=number(config.get("weight_decay", decay)),
        epochs=number(_epochs(member, telling)),
        size=16 if few else 32,
        smoothing=f", label_smoothing={number(smoothing)}" if smoothing else "",
        ema=number(config.get("ema", 0.999)),
    )


def _layers(name: str, member: Ingredient) -> str:
    """The layers that learn, from the bottom up."""
    card = _card(member)
    cut = cut_of(card.family)
    assert cut is not None
    stack = f"{name}_network.{cut.layers}"
    if member.strategy != "top-layers":
        return stack
    asked = member.config.get("layers")
    n = asked if isinstance(asked, int) and asked else max(1, round(card.n_layers / 3))
    return f"{stack}[-{n}:]"


def _card(member: Ingredient) -> BackboneCard:
    return resolve(str(member.config["backbone"]))


def _epochs(member: Ingredient, telling: Telling) -> float:
    """Passes that the rate's schedule was laid out for; a run may have ended before."""
    config, reached = member.config, float(str(member.config.get("trained_epochs", 0)))
    told = {key: value for key, value in config.items() if key in ("column", "backbone")}
    for trial in telling.state.trials.values():
        curve = telling.state.curves.get(trial.trial)
        same = told.items() <= trial.config.items() and trial.strategy == member.strategy
        if same and curve and curve.total and abs(curve.resource[-1] - reached) < 0.06:
            return curve.total
    return reached or float(str(config.get("epochs", usual_epochs(learnt_rows(telling)))))
