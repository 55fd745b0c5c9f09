"""How a model was made, as far as another program would need it to make it again."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Block:
    """Features that a member reads.

    Attributes:
        key: The block's name within the run, such as ``"tfidf-word(review)"``.
        encoder: A name of the encoder registry.
        columns: What it reads of a row; () for all that a table's encoder reads.
        settings: What was chosen for the encoder, by a person or from the rows.
    """

    key: str
    encoder: str
    columns: tuple[str, ...]
    settings: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Ingredient:
    """One member of a model.

    Attributes:
        name: On the leaderboard.
        strategy: A name of the strategy registry.
        inputs: Keys of the blocks that it reads.
        config: The settings that it was trained with in the end.
        weight: Its share; those of all members sum to 1.
        temperature: Of its own scores, before they are blended.
    """

    name: str
    strategy: str
    inputs: tuple[str, ...]
    config: dict[str, object] = field(default_factory=dict)
    weight: float = 1.0
    temperature: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """A model as a blend of members, with what turns their scores to answers.

    Attributes:
        members: At least one.
        blocks: All that a member reads.
        temperature: Of the blend.
        offsets: Added to the logarithms of the classes' probabilities; () for none.
        balanced: Whether rows of rare classes counted more.
    """

    members: tuple[Ingredient, ...]
    blocks: tuple[Block, ...] = ()
    temperature: float = 1.0
    offsets: tuple[float, ...] = ()
    balanced: bool = False
