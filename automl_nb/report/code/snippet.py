"""A piece of the plain Python that a model is written as, and what all pieces are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

from automl_nb.core.errors import SettingError
from automl_nb.core.recipe import Ingredient, Recipe
from automl_nb.core.state import RunState
from automl_nb.core.types import Schema, Task, TaskKind


@dataclass(frozen=True)
class Snippet:
    """Statements that run once, and an expression for rows to come.

    Attributes:
        code: Statements; they know `train`, `y_train` and what came before.
        value: What it gives for the rows `new`; "" for what only prepares.
        imports: Lines.
        helpers: Whole functions that it calls, each written once.
    """

    code: str
    value: str = ""
    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Telling:
    """What pieces may ask of the run.

    Attributes:
        state: The run.
        recipe: Of the model that is written.
        names: A word for each block, by its key: `train_<word>` and `new_<word>` hold it.
        sparse: Keys of the blocks that are sparse matrices.
    """

    state: RunState
    recipe: Recipe
    names: Mapping[str, str]
    sparse: frozenset[str]

    @property
    def task(self) -> Task:
        """What is learnt."""
        assert self.state.task is not None
        return self.state.task

    @property
    def schema(self) -> Schema:
        """The columns."""
        assert self.state.schema is not None
        return self.state.schema

    @property
    def is_regression(self) -> bool:
        """Whether numbers are predicted."""
        return self.task.kind is TaskKind.REGRESSION

    @property
    def seed(self) -> int:
        """What the run was seeded with."""
        return int(str(self.state.settings.get("seed", 0)))

    @property
    def classes(self) -> int:
        """How many there are; 0 where numbers are predicted."""
        return len(self.task.classes)

    def features(self, member: Ingredient) -> tuple[str, str]:
        """The dense features that it reads, side by side: of the training rows, and of new ones."""
        blocks = [self.names[key] for key in member.inputs]
        train, new = (
            f"np.hstack([{', '.join(f'{rows}_{block}' for block in blocks)}])"
            if len(blocks) > 1
            else f"{rows}_{blocks[0]}"
            for rows in ("train", "new")
        )
        return train, new


def plain(text: str) -> str:
    """A template as it is written, without the indent of its place and the outer line ends."""
    return dedent(text).strip("\n")


def word(text: str) -> str:
    """Part of a variable's name.

    Example:
        >>> word("MiniLM-L6 v2"), word("评论")
        ('minilm_l6_v2', '评论')
    """
    found = re.sub(r"\W+", "_", text.casefold()).strip("_")
    return found if found.isidentifier() else f"x_{found}".rstrip("_")


def number(value: object) -> str:
    """A number as a person would write it.

    Example:
        >>> number(10.0), number(0.000123456789), number(0.5)
        ('10', '0.000123457', '0.5')
    """
    return f"{float(str(value)):.6g}"


def refused(what: str, instead: str = "") -> SettingError:
    """That something can't be written as plain Python."""
    return SettingError(
        "A model is written as plain Python where libraries that everyone has can make it.",
        received=what,
        hint=instead
        or "Words, tables and frozen networks with linear heads, neighbours, kernels, "
        "boosted trees or small networks can be, and networks that were tuned with "
        "cross-entropy: choose one of the leaderboard by model='NAME'.",
    )
