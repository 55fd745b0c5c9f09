"""A network that goes on learning: fine-tuning, as a loop of torch."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Ingredient
from automl_nb.core.state import RunState
from automl_nb.core.types import TaskKind
from automl_nb.report.code import training
from automl_nb.report.code.held_out import developed, held_out, learnt_rows
from automl_nb.report.code.layout import comment, quoted
from automl_nb.report.code.network import batch_of, weights
from automl_nb.report.code.pictures import (
    BATCH,
    IMPORTS,
    OPENED,
    PIXELS,
    check_readable,
    picture_network,
)
from automl_nb.report.code.snippet import Snippet, Telling, number, plain
from automl_nb.report.code.ways import OF_PICTURES, WAYS, Told, Way
from automl_nb.report.code.words import texts_helper
from automl_nb.transfer.augment.catalog import USUAL
from automl_nb.transfer.tuner import usual_epochs
from automl_nb.transfer.tuning import usual_rate
from automl_nb.transfer.weight_decay import WeightDecay
from automl_nb.zoo.architectures import OWN_TYPE, cut_of
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.load import resolve

# Of these families it is known what learns: of texts the layers alone, of pictures all there is.
_TEXT_FAMILIES = ("bert", "camembert", "distilbert", "roberta", "xlm-roberta")
_PICTURE_FAMILIES = (OWN_TYPE,)
_READ_FOR_HEAD = 3000  # rows at most, where their frozen features weren't at hand
_DRAWN = ("random", "xavier", "he")  # heads that begin as random numbers
_CHANGES = {
    "mirror-shift": ("mirror_shift", training.MIRROR_SHIFT),
    "flip": ("flip", training.FLIP),
}
_IMPORTS = (
    "import itertools",
    "import math",
    "import numpy as np",
    "import torch",
    "from torch.nn.functional import cross_entropy",
)
_STILL = """ Vectors of words
# stay as they are: words that these rows don't show couldn't move along."""
_NORMALIZE = "from torch.nn.functional import normalize as normalized"


def unwritten(member: Ingredient, state: RunState, *, balanced: bool) -> str:
    """Why a tuned network can't be written, or "" if it can.

    Args:
        member: Of a strategy that `tuned` writes.
        state: The run.
        balanced: Whether rows of rare classes counted more.
    """
    config, shown = member.config, _of_pictures(member)
    if shown and member.strategy == "top-layers":
        return "a few kept views of each picture, which the upper layers alone read,"
    if shown and member.strategy not in OF_PICTURES:
        return f"a picture network tuned by '{member.strategy}'"
    if config.get("parts") == "tensors":
        return "single tensors drawn at random, which learn"
    if shown and state.schema is not None and state.schema[str(config["column"])].n_missing:
        return "a network tuned on pictures some of which are missing"
    if state.task is not None and state.task.kind is TaskKind.REGRESSION:
        return "a network tuned to numbers"
    if balanced:
        return "a network tuned with weighed classes"
    for option, written in (
        ("loss", {"auto", "cross-entropy"}),
        ("augment", {"auto", "none", *(_CHANGES if shown else ())}),
        ("head", {"auto", "logistic", *_DRAWN}),
    ):
        if str(config.get(option, "auto")) not in written:
            return f"the {option} '{config[option]}'"
    try:
        family = resolve(str(config["backbone"])).family
    except AutoMLError:
        return f"the network '{config['backbone']}', which isn't here,"
    known = _PICTURE_FAMILIES if shown else _TEXT_FAMILIES
    return "" if family in known else f"layers of the family '{family}'"


@dataclass(frozen=True)
class _Network:
    """A network as it came, and how its rows are taken.

    Attributes:
        code: Loads it and defines its features; `column` holds the rows, ready to be shown.
        new: The rows `new`, ready to be shown.
        batches: What gives the rows of a step.
        taken: Statements: `some` of the rows.
        shown: An expression: these rows as the network is shown them.
        imports: Lines.
        helpers: Functions.
    """

    code: tuple[str, str]
    new: str
    batches: str
    taken: str
    shown: str
    imports: tuple[str, ...]
    helpers: tuple[str, ...]


def tuned(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The network with its head, the loop that trains both, and the best weights kept."""
    network = (_pictures if _of_pictures(member) else _texts)(name, member, telling)
    divided, two = held_out(telling), telling.classes == 2
    linear = f"{name}_head({name}_features(some))"
    margins = plain(training.MARGINS).format(
        name=name,
        classes="each class" if not two else "each class: 0 for the first, as two need one number",
        margins=_margins(linear, telling),
    )
    head, imports = _head(name, member, telling)
    way = WAYS[member.strategy](_told(name, member, telling))
    before, column = network.code
    begin = [way.begin] if way.begin else []
    loop = _training(name, member, telling, network, way)
    code = [_why(member), before, *begin, "", margins, "", column, divided.code, head, loop]
    return Snippet(
        "\n\n".join(code),
        f"{name}_read({name}_margins, {network.new}).softmax(1).numpy()",
        (*_IMPORTS, *network.imports, *imports, *way.imports),
        (*network.helpers, *divided.helpers, plain(training.JUDGED), plain(training.EXCHANGE)),
    )


def _margins(linear: str, telling: Telling) -> str:
    """An expression of (n, k) margins: of two classes the head gives one number."""
    return f"torch.nn.functional.pad({linear}, (1, 0))" if telling.classes == 2 else linear


def _told(name: str, member: Ingredient, telling: Telling) -> Told:
    """What a way to tune is told of the network."""
    cut = cut_of(_card(member).family)
    options = ""
    if not _of_pictures(member) and "add_pooling_layer" in weights(_card(member).name).options:
        options = ", add_pooling_layer=False"
    return Told(name, member, telling.seed, cut.layers if cut else "", options)


def _of_pictures(member: Ingredient) -> bool:
    return member.config.get("modality", "text") != "text"


def _texts(name: str, member: Ingredient, telling: Telling) -> _Network:
    """A network of transformers, the mean of its tokens."""
    backbone, column = str(member.config["backbone"]), quoted(str(member.config["column"]))
    loaded = weights(backbone)
    own = {"name": name, "length": member.config["max_length"], "column": column}
    network = plain(training.TEXT_NETWORK).format(
        **own,
        folder=quoted(loaded.folder),
        tokenizer=loaded.tokenizer,
        options=loaded.options,
        batch=batch_of(backbone, "some"),
    )
    rows = plain(training.TEXT_COLUMN).format(**own, all_texts=batch_of(backbone, "column"))
    return _Network(
        (network, rows),
        f"texts(new[{column}]).to_numpy()",
        f"shuffled_batches(lengths[learnt], {_size(member, telling)}, {telling.seed})",
        "some = learnt[next(batches)]",
        "column[some]",
        (_NORMALIZE, *loaded.imports),
        (texts_helper(telling), plain(training.SHUFFLED)),
    )


def _pictures(name: str, member: Ingredient, telling: Telling) -> _Network:
    """A picture network, shown each picture a little changed in every pass."""
    check_readable(telling)
    column = quoted(str(member.config["column"]))
    loaded = picture_network(str(member.config["backbone"]), f"{name}_network")
    network = plain(training.PICTURE_NETWORK).format(
        name=name,
        load=loaded.load,
        pixels=loaded.pixels,
        scale=loaded.scale,
        pooled=loaded.pooled,
    )
    asked = str(member.config.get("augment", "auto"))
    change = _CHANGES.get(USUAL["image"] if asked == "auto" else asked)
    one = f"{change[0]}(column[row], rng)" if change else "column[row]"
    return _Network(
        (network, f"column = {name}_pixels(train[{column}])"),
        f"{name}_pixels(new[{column}])",
        f"shuffled_pictures(len(learnt), {_size(member, telling)}, {telling.seed})",
        "batch, rng = next(batches)\nsome = learnt[batch]",
        f"[{one} for row in some]",
        (*IMPORTS, *loaded.imports),
        (
            OPENED,
            PIXELS,
            BATCH,
            *loaded.helpers,
            plain(training.SHUFFLED_PICTURES),
            *([plain(change[1])] if change else []),
        ),
    )


def _size(member: Ingredient, telling: Telling) -> int:
    """Rows of a step."""
    return 16 if _of_pictures(member) or developed(telling) < 1000 else 32


def _why(member: Ingredient) -> str:
    texts, mean = "texts", "words mean"
    if _of_pictures(member):
        texts, mean = "pictures", "things look like"
    learns = "its upper layers learn" if member.strategy == "top-layers" else "it learns"
    return comment(
        f"{member.config['backbone']} has learnt from very many {texts} what {mean}. "
        f"Here {learns} on, from these rows: fine-tuning."
    )


def _head(name: str, member: Ingredient, telling: Telling) -> tuple[str, tuple[str, ...]]:
    """The head as training begins, and what its lines import."""
    chosen = str(member.config.get("head", "auto"))
    if chosen in _DRAWN or (chosen == "auto" and member.strategy == "full"):
        return _drawn(name, chosen, member, telling), ()
    begin = "learnt"
    if learnt_rows(telling) > _READ_FOR_HEAD and not member.config.get("features"):
        drawn = f"np.random.default_rng({telling.seed}).permutation(learnt)"
        begin = f"np.sort({drawn}[:{_READ_FOR_HEAD}])"
    solved = plain(training.SOLVED).format(name=name, begin=begin)
    return solved, ("from sklearn.linear_model import LogisticRegression",)


def _drawn(name: str, chosen: str, member: Ingredient, telling: Telling) -> str:
    """Random numbers, as they were drawn in the run."""
    outputs = 1 if telling.classes == 2 else telling.classes
    width = _card(member).dimension
    spread = {"xavier": f"(2 / {width + outputs}) ** 0.5", "he": f"(2 / {width}) ** 0.5"}
    return plain(training.DRAWN).format(
        name=name,
        seed=telling.seed,
        spread=spread.get(chosen, "0.02"),
        width=width,
        outputs=outputs,
    )


def _training(name: str, member: Ingredient, telling: Telling, network: _Network, way: Way) -> str:
    config = member.config
    usual_decay = WeightDecay().setting({}, "weight_decay")
    decay = usual_decay if member.strategy == "weight-decay" else 0.01
    return plain(training.TRAINING).format(
        name=name,
        groups=way.groups or _groups(name, member, way),
        batches=network.batches,
        taken=indent(_taken(name, network, way, telling), "    "),
        backward=indent(_backward(member, way), "    "),
        before=f"{way.before}\n" if way.before else "",
        after=indent(f"{way.after}\n", "    ") if way.after else "",
        settle=f"{way.settle}\n" if way.settle else "",
        later="" if way.keeps_start else "[1:]",
        decay=number(config.get("weight_decay", decay)),
        epochs=number(_epochs(member, telling)),
        size=_size(member, telling),
        ema=number(config.get("ema", 0.999)),
    )


def _groups(name: str, member: Ingredient, way: Way) -> str:
    """What learns, and how fast."""
    shown, fall = _of_pictures(member), member.config.get("decay", 0.9)
    if member.config.get("fall") == "2.6":
        fall = 1 / 2.6
    return plain(training.GROUPS).format(
        name=name,
        rows="pictures" if shown else "texts",
        still="" if shown else _STILL,
        layers=_layers(name, member),
        rate=number(member.config.get("lr", usual_rate(_card(member)))),
        fall=number(fall),
        nodecay=way.decay,
    )


def _taken(name: str, network: _Network, way: Way, telling: Telling) -> str:
    """Statements: some rows and their margins, with their features if these are looked at."""
    if "features" not in way.penalty:
        return f"{network.taken}\nmargins = {name}_margins({network.shown})"
    margins = _margins(f"{name}_head(features)", telling)
    return f"{network.taken}\nfeatures = {name}_features({network.shown})\nmargins = {margins}"


def _backward(member: Ingredient, way: Way) -> str:
    """Statements: the loss, and which way it falls."""
    smoothing = float(str(member.config.get("smoothing", 0.05)))
    more = f", label_smoothing={number(smoothing)}" if smoothing else ""
    loss = f"cross_entropy(margins, targets[some]{more})"
    if not way.penalty:
        return f"{loss}.backward()"
    return f"loss = {loss}\nloss += {way.penalty}\nloss.backward()"


def _layers(name: str, member: Ingredient) -> str:
    """The layers that learn, from the bottom up."""
    card = _card(member)
    cut = cut_of(card.family)
    assert cut is not None
    if _of_pictures(member):
        network = f"{name}_network"
        below = f"{network}.embeddings, {network}.encoder.top_conv, {network}.encoder.top_bn"
        return f"[torch.nn.ModuleList([{below}]), *{network}.encoder.blocks]"
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
