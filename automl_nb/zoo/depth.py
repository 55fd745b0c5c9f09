"""How far from the input each weight lies, for freezing and learning rates by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def depths(module: nn.Module) -> dict[str, int]:
    """The depth of each parameter by name.

    0 is what comes before the stack of blocks (embeddings, stem), i + 1 is block i, and
    what comes after the stack has the depth of the last block.

    Args:
        module: A network with its blocks in one `ModuleList`, as all families have.

    Example:
        >>> from automl_nb.zoo.load import load_backbone
        >>> found = depths(load_backbone("minilm-l6").module)
        >>> found["embeddings.word_embeddings.weight"], max(found.values())
        (0, 6)
    """
    stack, n_blocks = _stack(module)
    made: dict[str, int] = {}
    reached = 0
    for name, _ in module.named_parameters():
        if stack and name.startswith(stack):
            reached = int(name[len(stack) :].partition(".")[0]) + 1
            made[name] = reached
        else:
            made[name] = n_blocks if reached else 0
    return made


def _stack(module: nn.Module) -> tuple[str, int]:
    """The prefix and length of the longest list of blocks that isn't within another."""
    from torch import nn

    lists = {name: part for name, part in module.named_modules() if isinstance(part, nn.ModuleList)}
    outer = {
        name: len(part)
        for name, part in lists.items()
        if not any(name.startswith(f"{other}.") for other in lists)
    }
    if not outer:
        return "", 0
    longest = max(outer, key=outer.__getitem__)
    return f"{longest}.", outer[longest]
