"""A small neural network on dense features."""

from __future__ import annotations

from automl_nb.core.recipe import Ingredient
from automl_nb.report.code.joined import SOFTMAX
from automl_nb.report.code.rows import folds
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.transfer.lanes import Recipe
from automl_nb.transfer.mlp import epochs_for

_TAUGHT = '''
def taught(X, targets, widths, *, dropout, batch, rate, decay, average, epochs, best):
    """A small network that has learnt these rows; of its weights the moving average counts."""
    layers, widths = [], [X.shape[1], *widths]
    for before, after in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(before, after), torch.nn.SiLU(), torch.nn.Dropout(dropout)]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], {outputs}))
    for layer in network[::3]:
        torch.nn.init.normal_(layer.weight, std=layer.in_features ** -0.5)
        torch.nn.init.zeros_(layer.bias)
    averaged = copy.deepcopy(network)
    steps = math.ceil(len(X) / batch)  # an epoch
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    for step in range(best * steps):
        if step % steps == 0:
            order = torch.randperm(len(X))
        some = order[step % steps * batch :][:batch]
        share = step / (epochs * steps)  # warm up, then slow down along half a wave
        slowed = rate * min(1, 20 * share) * (1 + math.cos(math.pi * share)) / 2
        optimiser.param_groups[0]["lr"] = slowed
        loss = torch.nn.functional.{loss}(network(X[some]), targets[some])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        keep = min(average, (step + 1) / (step + 10))
        with torch.no_grad():
            for mean, weight in zip(averaged.parameters(), network.parameters()):
                mean.lerp_(weight, 1 - keep)
    return averaged.eval()
'''


def mlp(name: str, member: Ingredient, telling: Telling) -> Snippet:
    """A torch loop with the settings that were used, one network a fold."""
    if len(member.inputs) != 1 or telling.recipe.balanced:
        raise refused(f"'{member.name}' of several blocks or with weighed rows")
    block = telling.names[member.inputs[0]]
    models = int(str(member.config["models"]))
    X = f"{name}_inputs(train_{block})"
    target = "torch.tensor(y_train)"
    if telling.is_regression:
        target = "torch.tensor((y_train - y_train.mean()) / y_train.std()).float()[:, None]"
    lines = [
        "# Layers of weights with a bend between: what a sum of features can't say, these can.",
        f"torch.manual_seed({telling.seed})",
        f"{name}_mean, {name}_spread = train_{block}.mean(0), np.sqrt(train_{block}.var(0).mean())",
        f"{name}_inputs = lambda X: torch.tensor((X - {name}_mean) / {name}_spread).float()",
        f"{name}_settings = {_settings(member, telling)}",
        f"X, targets = {X}, {target}",
    ]
    helpers = [_taught(telling)]
    if models > 1:
        dealt = folds(telling, models)
        helpers += dealt.helpers
        lines += [
            f"# {models} networks, each without another part of the rows: their mean is steadier.",
            dealt.code,
            f"learnt = [part != out for out in range({models})]",
            f"{name} = [taught(X[of], targets[of], **{name}_settings) for of in learnt]",
        ]
    else:
        lines.append(f"{name} = [taught(X, targets, **{name}_settings)]")
    helpers.append(_OUTPUTS)
    outputs = f"outputs_of({name}, {name}_inputs(new_{block}))"
    if telling.is_regression:
        value = f"np.mean([out[:, 0] for out in {outputs}], axis=0)"
        value = f"({value} * y_train.std() + y_train.mean())"
    else:
        value = f"np.mean([softmax(out, axis=1) for out in {outputs}], axis=0)"
    imports = ("import copy", "import math", "import numpy as np", "import torch")
    more = () if telling.is_regression else (SOFTMAX,)
    return Snippet("\n".join(lines), value, (*imports, *more), tuple(helpers))


_OUTPUTS = """\
def outputs_of(networks, inputs):
    with torch.no_grad():
        return [network(inputs).numpy() for network in networks]"""


def _taught(telling: Telling) -> str:
    return plain(_TAUGHT).format(
        outputs=1 if telling.is_regression else "len(classes)",
        loss="mse_loss" if telling.is_regression else "cross_entropy",
    )


def _settings(member: Ingredient, telling: Telling) -> str:
    """What `taught` is told for this member."""
    config, usual = member.config, Recipe()
    batch = int(str(config.get("batch", usual.batch)))
    assert telling.state.split is not None
    told = {
        "widths": config["widths"],
        "dropout": number(config.get("dropout", 0.2 if telling.is_regression else usual.dropout)),
        "batch": batch,
        "rate": number(config.get("rate", usual.rate)),
        "decay": number(config.get("decay", usual.decay)),
        "average": number(config.get("average", usual.average)),
        "epochs": config.get("epochs", epochs_for(telling.state.split.n_train, batch)),
        "best": config["best_epoch"],
    }
    return f"dict({', '.join(f'{name}={value}' for name, value in told.items())})"
