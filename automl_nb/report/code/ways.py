"""Where ways to tune differ from the usual loop: what starts, learns, is added and is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.snippet import number, plain
from automl_nb.transfer.adapters import FASTER
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.tuning import usual_rate
from automl_nb.zoo.load import resolve


@dataclass(frozen=True)
class Way:
    """Statements at the places of the loop that a way to tune changes.

    Attributes:
        begin: Before the head: other weights to begin with.
        groups: The optimiser's groups, whole, where the usual ones won't do.
        decay: Of the layers, where it isn't that of the head.
        penalty: An expression that is added to a batch's loss.
        before: Before the first step.
        after: After each step, before the rates change.
        settle: After the last, on the weights that were kept.
        keeps_start: Whether the start is kept where nothing later is better.
        imports: Lines.
    """

    begin: str = ""
    groups: str = ""
    decay: str = ""
    penalty: str = ""
    before: str = ""
    after: str = ""
    settle: str = ""
    keeps_start: bool = True
    imports: tuple[str, ...] = ()


_NO_DECAY = ', "weight_decay": 0'
_SOURCE = """
# The weights of the layers are drawn back to where they came from, not to zero (Li et al. 2018).
source = {weight: weight.detach().clone() for group in groups[1:] for weight in group["params"]}
"""
_DRAWN_BACK = """
for group in optimiser.param_groups[1:]:
    for weight in group["params"]:
        moved = softshrink(weight.detach() - source[weight], group["{rate}"] * {alpha})
        weight.data = source[weight] + moved
"""
_BIASES = """
# Only the biases learn, a thousandth of the weights (Ben Zaken et al. 2022).
{name}_network.requires_grad_(False)
biases = [w for path, w in {name}_network.named_parameters() if path.endswith("bias")]
for bias in biases:
    bias.requires_grad_(True)
groups = [
    {{"params": list({name}_head.parameters()), "lr": 20 * {usual}}},
    {{"params": biases, "lr": {rate}, "weight_decay": 0}},
]
"""
_ALL_ANEW = """
# Everything learns from random weights at one rate: a control that shows what those of many
# texts are worth (He et al. 2019).
groups = [
    {{"params": list({name}_head.parameters()), "lr": 20 * {rate}}},
    {{"params": list({name}_network.parameters()), "lr": {rate}}},
]
{name}_network.requires_grad_(True)
"""
_RANDOM = """
torch.manual_seed({seed})
random = AutoModel.from_config({name}_network.config{options}).eval()
"""
_TOP_ANEW = """
# The upper layers begin as random numbers: they are bound most to what they were trained for
# (Zhang et al. 2021).
for layer, drawn in zip({stack}[-{top}:], random.{path}[-{top}:]):
    layer.load_state_dict(drawn.state_dict())
"""
_DRAWN_LAYERS = """
# A random part of the layers learns: what chosen ones must be better than.
drawn = np.random.default_rng({seed}).permutation(len(layers))[:{wanted}]
for number, layer in enumerate(layers):
    layer.requires_grad_(number in drawn)
"""
_TOP_FIRST = """
# The top layer learns first; one more joins after a while (Howard & Ruder 2018).
for layer in layers[:-1]:
    layer.requires_grad_(False)
"""
_THAWED = """
thawed = 1 + int(step / max(1, total * {thaw}) * (len(layers) - 1))
for layer in layers[-thawed:]:
    layer.requires_grad_(True)
"""
_BETWEEN = """
# On the straight line from where it began to where it came lies a better network than either
# (Wortsman et al. 2022): some points of it are judged.
tuned = [weight.detach().clone() for weight in weights]
points = np.linspace(0, 1, {grid} + 1)
judgements = []
for share in points:
    for weight, first, last in zip(weights, begun, tuned):
        weight.data = torch.lerp(first, last, float(share))
    margins = {name}_read({name}_margins, column[judged])
    judgements.append(judged_loss(margins, targets[judged]))
share = points[np.argmin(judgements)]
for weight, first, last in zip(weights, begun, tuned):
    weight.data = torch.lerp(first, last, float(share))
"""


@dataclass(frozen=True)
class Told:
    """What a way is told.

    Attributes:
        name: Of the model's variables.
        member: Its settings.
        seed: Of the run.
        path: Of the stack of layers within the network.
        options: How a network of this family is made without a pooling layer.
    """

    name: str
    member: Ingredient
    seed: int
    path: str = ""
    options: str = ""

    def setting(self, name: str) -> Any:
        """What was set, or what is usual for the strategy."""
        made: Any = STRATEGIES[self.member.strategy].load()()
        return made.setting(self.member.config, name)


def usual(told: Told) -> Way:
    """The loop as it is."""
    del told
    return Way()


def l2_sp(told: Told) -> Way:
    """The squared distance from the source."""
    alpha, beta = (number(told.setting(name)) for name in ("alpha", "beta"))
    far = "sum((weight - at).square().sum() for weight, at in source.items())"
    head = f"{told.name}_head.weight.square().sum()"
    return Way(
        decay=_NO_DECAY, before=plain(_SOURCE), penalty=f"({alpha} * {far} + {beta} * {head}) / 2"
    )


def l1_sp(told: Told) -> Way:
    """Weights that move little stay exactly as they came."""
    alpha = number(told.setting("alpha"))
    return Way(
        decay=_NO_DECAY,
        before=plain(_SOURCE),
        after=plain(_DRAWN_BACK).format(rate="lr", alpha=alpha),
        settle=plain(_DRAWN_BACK).format(rate="initial_lr", alpha=alpha),
        imports=("from torch.nn.functional import softshrink",),
    )


def bss(told: Told) -> Way:
    """The weakest directions of a batch's features fade."""
    eta, k = number(told.setting("eta")), told.setting("k")
    weakest = f"torch.linalg.svdvals(features)[-{k}:].square().sum()"
    enough = f"min(features.shape) > {k}"
    return Way(
        before="# The weakest directions of the features are let go (Chen et al. 2019).",
        penalty=f"{eta} * {weakest} / features.detach().square().mean() * ({enough})",
    )


def bitfit(told: Told) -> Way:
    """The biases alone."""
    rate = usual_rate(resolve(str(told.member.config["backbone"])))
    chosen = told.member.config.get("lr", rate * FASTER)
    groups = plain(_BIASES).format(name=told.name, usual=number(rate), rate=number(chosen))
    return Way(groups=groups)


def random_init(told: Told) -> Way:
    """The same network from random weights."""
    drawn = plain(_RANDOM).format(name=told.name, seed=told.seed, options=told.options)
    return Way(
        begin=f"{drawn}\n{told.name}_network.load_state_dict(random.state_dict())",
        groups=plain(_ALL_ANEW).format(name=told.name, rate=number(told.setting("lr"))),
    )


def reinit_top(told: Told) -> Way:
    """The top layers from random weights."""
    most = max(1, resolve(str(told.member.config["backbone"])).n_layers - 1)
    top, stack = min(most, told.setting("top")), f"{told.name}_network.{told.path}"
    drawn = plain(_RANDOM).format(name=told.name, seed=told.seed, options=told.options)
    return Way(begin=f"{drawn}\n{plain(_TOP_ANEW).format(stack=stack, path=told.path, top=top)}")


def random_subset(told: Told) -> Way:
    """Layers that the seed draws."""
    n = resolve(str(told.member.config["backbone"])).n_layers
    wanted = max(1, round(told.setting("share") * n))
    return Way(before=plain(_DRAWN_LAYERS).format(seed=told.seed, wanted=wanted))


def gradual(told: Told) -> Way:
    """From the top layer downwards."""
    thawed = plain(_THAWED).format(thaw=number(told.setting("thaw")))
    return Way(before=plain(_TOP_FIRST), after=thawed)


def wise_ft(told: Told) -> Way:
    """The best point between the source and the tuned weights."""
    return Way(
        before="begun = [weight.detach().clone() for weight in weights]",
        settle=plain(_BETWEEN).format(name=told.name, grid=told.setting("grid")),
        keeps_start=False,
    )


WAYS: dict[str, Callable[[Told], Way]] = {
    "finetune": usual,
    "full": usual,
    "weight-decay": usual,
    "top-layers": usual,
    "l2-sp": l2_sp,
    "l1-sp": l1_sp,
    "bss": bss,
    "bitfit": bitfit,
    "random-init": random_init,
    "reinit-top": reinit_top,
    "random-subset": random_subset,
    "gradual": gradual,
    "wise-ft": wise_ft,
}
OF_PICTURES = ("finetune", "full", "weight-decay", "l2-sp", "l1-sp", "bss", "bitfit", "wise-ft")
