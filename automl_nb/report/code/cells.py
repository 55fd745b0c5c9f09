"""A head whose wiring was searched for: the network that was found, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import SOFTMAX
from automl_nb.report.code.layout import comment
from automl_nb.report.code.rows import folds
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.transfer.cells.architecture import IDENTITY, Architecture, Edge
from automl_nb.transfer.cells.learner import BATCHES, EPOCHS, STEPS, Recipe
from automl_nb.transfer.cells.lesson import WIDTH
from automl_nb.transfer.cells.ops import ATTENTION

_LINEAR = plain(
    '''
    def linear(inputs, outputs, *, bias=True, silent=False):
        """A layer of weights that keeps the size of what it reads, or says nothing at first."""
        layer = torch.nn.utils.skip_init(torch.nn.Linear, inputs, outputs, bias=bias)
        for weights in layer.parameters():
            torch.nn.init.zeros_(weights)
        if not silent:
            layer.weight.data = torch.randn(inputs, outputs).T / inputs**0.5
        return layer
    '''
)
_ATTENTION = plain(
    '''
    class Attention(torch.nn.Module):
        """Asks with one layer of a row which of all its layers to read (Vaswani et al. 2017)."""

        def __init__(self, width):
            super().__init__()
            self.asks = linear(width, {meet}, bias=False)
            self.keys = linear(width, {meet}, bias=False)

        def forward(self, x, layers):
            memory = torch.stack(layers, 1)
            asked = self.asks(x) @ self.keys.weight
            shares = (memory @ asked[:, :, None] / {meet}**0.5).softmax(1)
            return (shares * memory).sum(1)
    '''
).format(meet=ATTENTION)
_LAYERS = plain(
    '''
    def layers_on_one_scale(X, widths):
        """A function that parts rows into their layers, centred and on one scale."""
        mean, spreads = X.mean(axis=0), np.split(X.var(axis=0), np.cumsum(widths)[:-1])
        scale = np.repeat([max(spread.mean(), 1e-24) ** -0.5 for spread in spreads], widths)
        return lambda rows: torch.tensor((rows - mean) * scale).float().split(widths, dim=1)
    '''
)
_TAUGHT = '''
def taught_head(network, layers, targets, passes):
    """A head that has learnt these rows; of its weights the moving average counts."""
    averaged = copy.deepcopy(network)
    batch = int(np.clip(len(targets) // {batches}, 16, {batch}))
    steps = math.ceil(len(targets) / batch)  # of a pass
    total = steps * int(np.clip({steps} * batch / len(targets), {least}, {most}))
    optimiser = torch.optim.AdamW(network.parameters(), lr={rate}, weight_decay={decay})
    step = 0
    for _ in range(passes):
        for some in torch.randperm(len(targets)).chunk(steps):
            share = min(1, step / total)  # warm up, then slow down along half a wave
            slowed = {rate} * min(1, 20 * share + 0.05) * (1 + math.cos(math.pi * share)) / 2
            optimiser.param_groups[0]["lr"] = slowed
            margins = network([layer[some] for layer in layers])
            loss = torch.nn.functional.{loss}(margins, targets[some])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
            keep = min({average}, step / (step + 9))
            with torch.no_grad():
                for mean, weight in zip(averaged.parameters(), network.parameters()):
                    mean.lerp_(weight, 1 - keep)
    return averaged.eval()
'''
_SAID = """\
def said_by(heads, layers):
    with torch.no_grad():
        return [head(layers).numpy() for head in heads]"""
_CLASS = '''
class {name}(torch.nn.Module):
    """{wired}."""

    def __init__(self):
        super().__init__()
{parts}

    def forward(self, layers):
        """(n, k) margins, of the (n, d) layers."""
{steps}
        return self.last(torch.nn.functional.dropout(nodes, {dropout}, self.training))
'''


def nas_head(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """The architectures that were found as classes of torch, and a head a fold."""
    if telling.recipe.balanced:
        raise refused(f"'{member.name}' with weighed rows")
    config: Mapping[str, Any] = member.config
    widths, found = list(map(int, config["widths"])), list(config["architectures"])
    kinds = _kinds(name, config)
    used = [*{kind: place for place, kind in kinds.items()}.values()]
    outputs = 1 if telling.is_regression else telling.classes
    classes = [
        _class(kinds[place], Architecture.from_dict(found[place]), widths, outputs)
        for place in used
    ]
    train, new = telling.features(member)
    heads, helpers = _heads(name, config, kinds, telling)
    code = [
        comment(
            "A small head over all layers: how it is wired was searched for, which isn't "
            "repeated here. It learns anew."
        ),
        "\n\n\n".join(classes),
        f"\n{name}_layers = layers_on_one_scale({train}, {widths})",
        f"layers = {name}_layers({train})",
        f"targets = {_targets(telling)}",
        *heads,
    ]
    said = f"said_by({name}, {name}_layers({new}))"
    value = f"np.mean([softmax(out, axis=1) for out in {said}], axis=0)"
    if telling.is_regression:
        value = f"(np.mean({said}, axis=0)[:, 0] * y_train.std() + y_train.mean())"
    attends = any(edge.op == "attention" for place in used for edge in _edges(found[place]))
    return Snippet(
        "\n".join(code),
        value,
        (
            *("import copy", "import math", "import numpy as np", "import torch"),
            *(() if telling.is_regression else (SOFTMAX,)),
        ),
        (
            _LINEAR,
            *((_ATTENTION,) if attends else ()),
            _LAYERS,
            _taught(telling),
            _SAID,
            *helpers,
        ),
    )


def _kinds(name: str, config: Mapping[str, Any]) -> dict[int, str]:
    """The class of each architecture that is used; one where both halves found the same."""
    stem = "".join(part.capitalize() for part in name.split("_"))
    used = sorted({*config["heads"]})
    wired = [config["architectures"][place]["nodes"] for place in used]
    unlike = [one for place, one in enumerate(wired) if one not in wired[:place]]
    return {
        place: f"{stem}{unlike.index(own) + 1}" if len(unlike) > 1 else stem
        for place, own in zip(used, wired, strict=True)
    }


def _heads(
    name: str, config: Mapping[str, Any], kinds: Mapping[int, str], telling: Telling
) -> tuple[list[str], tuple[str, ...]]:
    """Lines that train a head of all rows, or one without each part of them; and helpers."""
    heads = list(config["heads"])
    passes = {place: config["architectures"][place]["epochs"] for place in heads}
    seeded = f"torch.manual_seed({telling.seed})"
    if len(heads) == 1:
        taught = f"taught_head({kinds[heads[0]]}(), layers, targets, {passes[heads[0]]})"
        return [seeded, f"{name} = [{taught}]"], ()
    dealt = folds(telling, len(heads))
    used = ", ".join(f"({kinds[place]}, {passes[place]})" for place in heads)
    lines = [
        f"# {len(heads)} heads, each without another part of the rows: their mean is steadier.",
        *(
            ["# Two searches, so that no head's wiring was chosen by rows that judge it."]
            if len({*config["heads"]}) > 1
            else []
        ),
        dealt.code,
        f"{name} = []",
        f"for left_out, (kind, passes) in enumerate([{used}]):",
        "    fit = part != left_out",
        f"    {seeded}",
        "    seen = [layer[fit] for layer in layers]",
        f"    {name}.append(taught_head(kind(), seen, targets[fit], passes))",
    ]
    return lines, dealt.helpers


def _targets(telling: Telling) -> str:
    if telling.is_regression:
        return "torch.tensor((y_train - y_train.mean()) / y_train.std()).float()[:, None]"
    return "torch.tensor(y_train)"


def _taught(telling: Telling) -> str:
    usual = Recipe()
    return plain(_TAUGHT).format(
        batches=BATCHES,
        batch=usual.batch,
        steps=STEPS,
        least=EPOCHS[0],
        most=EPOCHS[1],
        rate=number(usual.rate),
        decay=number(usual.decay),
        average=number(usual.average),
        loss="mse_loss" if telling.is_regression else "cross_entropy",
    )


def _edges(found: Mapping[str, Any]) -> list[Edge]:
    """All edges that carry something."""
    wired = Architecture.from_dict(found)
    return [edge for node in range(len(wired.nodes)) for edge in wired.used(node)]


def _class(name: str, wired: Architecture, widths: Sequence[int], outputs: int) -> str:
    """An architecture as a module of torch."""
    width, count = min(WIDTH, max(widths)), len(wired.nodes)
    parts, steps = _brought(widths, width) if count else ([], [])
    for node in range(count):
        terms = []
        for place, edge in enumerate(wired.nodes[node]):
            own = f"self.node_{node + 1}_{'ab'[place]}"
            made, term = _op(edge, own, _source(edge, len(wired.layers)), width)
            parts += [f"{own} = {made}"] if made else []
            terms += [term] if term else []
        value = " + ".join(terms) or "torch.zeros_like(layers[0])"
        steps.append(f"node_{node + 1} = {value}")
    names = ", ".join(f"node_{node + 1}" for node in range(count))
    steps.append(f"nodes = torch.cat([{names}], 1)" if count else "nodes = torch.cat(layers, 1)")
    reads = count * width if count else sum(widths)
    parts.append(f"self.last = linear({reads}, {outputs}, silent=True)")
    return plain(_CLASS).format(
        name=name,
        wired=_sentence(wired),
        parts="\n".join(f"        {line}" for line in parts),
        steps="\n".join(f"        {line}" for line in steps),
        dropout=number(Recipe().dropout),
    )


def _sentence(wired: Architecture) -> str:
    """The architecture in lines that fit a docstring."""
    said = comment(str(wired)).replace("\n# ", "\n    ").removeprefix("# ")
    return said[:1].upper() + said[1:]


def _brought(widths: Sequence[int], width: int) -> tuple[list[str], list[str]]:
    """Parts and steps that bring layers of other widths to the nodes' own."""
    if all(own == width for own in widths):
        return [], []
    each = [
        "torch.nn.Identity()" if own == width else f"linear({own}, {width}, bias=False)"
        for own in widths
    ]
    return (
        [f"self.bring = torch.nn.ModuleList([{', '.join(each)}])"],
        ["layers = [bring(layer) for bring, layer in zip(self.bring, layers)]"],
    )


def _source(edge: Edge, layers: int) -> str:
    return f"layers[{edge.source}]" if edge.source < layers else f"node_{edge.source - layers + 1}"


def _op(edge: Edge, own: str, source: str, width: int) -> tuple[str, str]:
    """What makes an edge's part, and what it gives; "" where there is none."""
    if edge.op == IDENTITY:
        return "", source
    if edge.op == "linear":
        return f"linear({width}, {width})", f"{own}({source})"
    if edge.op == "attention":
        return f"Attention({width})", f"{own}({source}, layers)"
    if edge.op.startswith("bottleneck"):
        narrow = edge.op.rpartition("-")[2]
        inner = f"linear({width}, {narrow}), torch.nn.SiLU(), linear({narrow}, {width})"
        return f"torch.nn.Sequential({inner})", f"{own}({source})"
    return "", ""
