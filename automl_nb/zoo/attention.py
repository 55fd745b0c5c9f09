"""Which of its ways to compute attention a network takes.

On a CPU the fused kernel is the faster one for a forward pass, and three times slower than
plain matrix products on the way back, so a network that is trained there takes the plain way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

PLAIN = "eager"


def attention_of(module: nn.Module) -> str:
    """The way that a network takes, "" where it has no choice."""
    if not hasattr(module, "set_attn_implementation"):
        return ""
    config: Any = module.config
    return str(getattr(config, "_attn_implementation", None) or "")


def attend(module: nn.Module, way: str) -> None:
    """Let a network take another way from now on; the numbers stay the same but for rounding."""
    if way and attention_of(module) not in {"", way}:
        choose: Any = module.set_attn_implementation
        choose(way)
