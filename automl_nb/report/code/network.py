"""Texts as a frozen network reads them."""

from __future__ import annotations

from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Block
from automl_nb.report.code.snippet import Snippet, Telling, plain, refused
from automl_nb.report.code.words import texts_helper
from automl_nb.zoo.load import resolve
from automl_nb.zoo.starter import starter_folder

_READ = '''
tokenizer_{name} = {tokenizer}
network_{name} = AutoModel.from_pretrained({folder}).eval()


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
        vectors.append(torch.cat([normalize(part, dim=1) for part in parts], 1))
    return torch.cat(vectors).numpy()


train_{name} = {name}(texts(train[{column!r}]))
'''
_POOLED = {
    "mean": "(layer * mask).sum(1) / mask.sum(1)",
    "cls": "layer[:, 0]",
    "max": "layer.masked_fill(mask == 0, -torch.inf).amax(1)",
}
_HOW = {"mean": "the mean of its tokens", "cls": "its first token", "max": "its tokens' maximum"}
_IMPORTS = (
    "import torch",
    "from torch.nn.functional import normalize",
    "from transformers import AutoModel",
)


def frozen_text(block: Block, telling: Telling) -> Snippet:
    """transformers' network, its tokens pooled as in the run."""
    settings, name = block.settings, telling.names[block.key]
    backbone, pooling = str(settings["backbone"]), str(settings["pooling"])
    folder, tokenizer, imports = weights(backbone)
    prefix, some = resolve(backbone).prefix, "column[start : start + 32]"
    column = block.columns[0]
    code = plain(_READ).format(
        name=name,
        tokenizer=tokenizer,
        folder=folder,
        how=_HOW[pooling] + " (of each of its layers)" * ("mean" in str(settings["layers"])),
        length=settings["max_length"],
        batch=f"[{prefix!r} + text for text in {some}]" if prefix else f"list({some})",
        pooled=_parts(str(settings["layers"]), _POOLED[pooling]),
        column=column,
    )
    why = (
        f"# {backbone} has learnt from very many texts what words mean. It is used as it is:\n"
        "# texts that mean alike get vectors that lie close.\n"
    )
    value = f"{name}(texts(new[{column!r}]))"
    return Snippet(why + code, value, (*_IMPORTS, *imports), (texts_helper(telling),))


def _parts(layers: str, pooled: str) -> str:
    """Lines that pool the layers that were chosen."""
    expressions = {"last": "pooled[-1]", "mean": "torch.stack(pooled[1:]).mean(0)"}
    chosen = [expressions.get(part, f"pooled[{part}]") for part in layers.split("+")]
    return (
        f"        pooled = [{pooled} for layer in layers]\n"
        f"        parts = [{', '.join(chosen)}]"
    )


def weights(backbone: str) -> tuple[str, str, tuple[str, ...]]:
    """Where transformers finds a network, how its tokenizer is made, and what that imports.

    Raises:
        SettingError: Its weights aren't at hand.
    """
    try:
        card = resolve(backbone)
        where = str(starter_folder(card)) if card.source == "starter" else card.location
    except AutoMLError as error:
        raise refused(f"the network '{backbone}', whose weights aren't here", error.hint) from error
    if card.source != "starter":
        tokenizer = f"AutoTokenizer.from_pretrained({where!r})"
        return repr(where), tokenizer, ("from transformers import AutoTokenizer",)
    tokenizer = (
        f"PreTrainedTokenizerFast(\n    tokenizer_file={where + '/tokenizer.json'!r},\n"
        '    pad_token="[PAD]", unk_token="[UNK]",\n)'
    )
    return repr(where), tokenizer, ("from transformers import PreTrainedTokenizerFast",)
