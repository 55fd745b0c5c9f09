"""Texts as a frozen network reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Block
from automl_nb.report.code.layout import quoted
from automl_nb.report.code.snippet import Snippet, Telling, plain, refused
from automl_nb.report.code.words import texts_helper
from automl_nb.zoo.load import resolve
from automl_nb.zoo.starter import starter_folder

_READ = '''
folder = {folder}
tokenizer_{name} = {tokenizer}
network_{name} = AutoModel.from_pretrained({options}).eval()


def {name}(column):
    """(n, d) one vector a text, {how}."""
    vectors = []
    for start in range(0, len(column), 32):
        batch = tokenizer_{name}(
            {batch},
            padding=True, truncation=True, max_length={length}, return_tensors="pt",
        )
        with torch.no_grad():  # nothing is learnt here, so that no gradients are needed
            layers = network_{name}(**batch, output_hidden_states=True).hidden_states
        mask = batch["attention_mask"].unsqueeze(2)  # 1 for a token, 0 for what fills up
{pooled}
        vectors.append(torch.cat([normalized(part, dim=1) for part in parts], 1))
    return torch.cat(vectors).numpy()


train_{name} = {name}(texts(train[{column}]))
'''
_POOLED = {
    "mean": "(layer * mask).sum(1) / mask.sum(1)",
    "cls": "layer[:, 0]",
    "max": "layer.masked_fill(mask == 0, -torch.inf).amax(1)",
}
_HOW = {"mean": "the mean of its tokens", "cls": "its first token", "max": "its tokens' maximum"}
_IMPORTS = (
    "import torch",
    "from torch.nn.functional import normalize as normalized",
)


def frozen_text(block: Block, telling: Telling) -> Snippet:
    """Transformers' network, its tokens pooled as in the run."""
    settings, name = block.settings, telling.names[block.key]
    backbone, pooling = str(settings["backbone"]), str(settings["pooling"])
    loaded = weights(backbone)
    column = block.columns[0]
    code = plain(_READ).format(
        name=name,
        tokenizer=loaded.tokenizer,
        folder=quoted(loaded.folder),
        options=loaded.options,
        how=_HOW[pooling] + _where(str(settings["layers"])),
        length=settings["max_length"],
        batch=batch_of(backbone, "column[start : start + 32]"),
        pooled=_parts(str(settings["layers"]), _POOLED[pooling]),
        column=quoted(column),
    )
    why = (
        f"# {backbone} has learnt from very many texts what words mean. It is used as it is:\n"
        "# texts that mean alike get vectors that lie close.\n"
    )
    value = f"{name}(texts(new[{quoted(column)}]))"
    return Snippet(why + code, value, (*_IMPORTS, *loaded.imports), (texts_helper(telling),))


def _where(layers: str) -> str:
    """Which layers, as a docstring goes on."""
    if "+" in layers:
        return ", in each of several layers"
    return " (of each of its layers)" if layers == "mean" else ""


def batch_of(backbone: str, some: str) -> str:
    """A list of some texts as the network was trained to see them."""
    prefix = resolve(backbone).prefix
    return f"[{quoted(prefix)} + text for text in {some}]" if prefix else f"list({some})"


def _parts(layers: str, pooled: str) -> str:
    """Lines that pool the layers that were chosen."""
    expressions = {"last": "pooled[-1]", "mean": "torch.stack(pooled[1:]).mean(0)"}
    chosen = [expressions.get(part, f"pooled[{part}]") for part in layers.split("+")]
    return f"        pooled = [{pooled} for layer in layers]\n        parts = [{', '.join(chosen)}]"


@dataclass(frozen=True)
class Weights:
    """How transformers loads a network.

    Attributes:
        folder: Where it lies, or its name on the hub.
        tokenizer: An expression, of `folder`.
        options: What `from_pretrained` is given, `folder` first.
        imports: Lines.
    """

    folder: str
    tokenizer: str
    options: str
    imports: tuple[str, ...]


def weights(backbone: str) -> Weights:
    """How transformers loads a text network of this name.

    Raises:
        SettingError: Its weights aren't at hand.
    """
    try:
        card = resolve(backbone)
        where = str(starter_folder(card)) if card.source == "starter" else card.location
    except AutoMLError as error:
        raise refused(f"the network '{backbone}', whose weights aren't here", error.hint) from error
    if card.source != "starter":
        auto = ("from transformers import AutoModel, AutoTokenizer",)
        return Weights(where, "AutoTokenizer.from_pretrained(folder)", "folder", auto)
    tokenizer = (
        "PreTrainedTokenizerFast(\n"
        '    tokenizer_file=folder + "/tokenizer.json", pad_token="[PAD]", unk_token="[UNK]"\n)'
    )
    options = "folder" if _pools(Path(where)) else "folder, add_pooling_layer=False"
    fast = ("from transformers import AutoModel, PreTrainedTokenizerFast",)
    return Weights(where, tokenizer, options, fast)


def _pools(folder: Path) -> bool:
    """Whether the file holds a last layer that nobody reads; without one, none is made."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        return any("pooler" in name for name in file.keys())  # noqa: SIM118 - no mapping
