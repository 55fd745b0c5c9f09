"""A model as a script that reads from top to bottom as the run went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.recipe import Block, Ingredient, Recipe
from automl_nb.core.state import RunState
from automl_nb.core.types import TaskKind
from automl_nb.report.code import catalog
from automl_nb.report.code.folds import folded
from automl_nb.report.code.layout import comment, imports, spaced
from automl_nb.report.code.rows import rows
from automl_nb.report.code.scores import blended, scored
from automl_nb.report.code.snippet import Snippet, Telling, refused, word
from automl_nb.report.code.tuned import unwritten


def plain_code(state: RunState, model: str, sources: Mapping[str, str]) -> str:
    """A model of a run as plain Python.

    Args:
        state: The run.
        model: A name of the leaderboard, or "" for the one that is kept.
        sources: Names of data frames, or paths of files, by what `fit` was given: ``data``, and
            ``test`` where test rows were given.

    Returns:
        A script that trains the model on the run's rows, prints its score on the rows kept
        aside, and leaves `answers(new_rows)`. It needs nothing of this package.

    Raises:
        UnknownNameError: The leaderboard has no such model.
        SettingError: It can't be written with what everyone has.
    """
    name, recipe = _recipe(state, model)
    assert state.task is not None
    if state.task.kind is TaskKind.MULTILABEL:
        raise refused(f"a model of several labels a row, '{name}'", "Learn one label at a time.")
    _check(name, recipe, state)
    told = Telling(
        state,
        recipe,
        _names(recipe.blocks),
        frozenset(block.key for block in recipe.blocks if block.encoder in catalog.SPARSE),
    )
    blocks = [(block, _block(block, told)) for block in recipe.blocks]
    heads = [(member, _head(member, place, told)) for place, member in enumerate(recipe.members)]
    new = "\n".join(f"new_{told.names[block.key]} = {made.value}" for block, made in blocks)
    values = [(member, made.value) for member, made in heads]
    return _script(
        _title(name, recipe, state),
        [
            ("The rows", [rows(told, sources)]),
            ("What the models read", [made for _, made in blocks]),
            ("The models" if len(heads) > 1 else "The model", [made for _, made in heads]),
            ("Answers", [blended(told, values, Snippet(new)), scored(told)]),
        ],
    )


def _recipe(state: RunState, model: str) -> tuple[str, Recipe]:
    known = {row.model: row for row in state.leaderboard}
    kept = state.incumbent.model if state.incumbent else ""
    name = model or kept
    if name not in known:
        raise UnknownNameError("model", name, [row.model for row in state.ranked()])
    recipe = known[name].recipe
    if recipe is None:
        raise refused(
            f"'{name}', of a run that an earlier version made", "Run fit again with fresh=True."
        )
    return name, recipe


def _check(name: str, recipe: Recipe, state: RunState) -> None:
    """Refuse what nobody wrote a piece for, and name the best model that has them all."""
    lacking = _lacking(recipe, state)
    if not lacking:
        return
    known = [row for row in state.ranked() if row.recipe and not _lacking(row.recipe, state)]
    hint = f"The best one that can be written is '{known[0].model}': model='NAME'." if known else ""
    raise refused(f"'{name}', of which {lacking} can't", hint)


def _lacking(recipe: Recipe, state: RunState) -> str:
    """The first member or block that can't be written, or ""."""
    for member in recipe.members:
        if member.strategy not in catalog.HEADS:
            why = catalog.UNWRITTEN.get(member.strategy, "nobody has written it down")
            return f"'{member.name}' ({why})"
        if member.strategy in catalog.TUNED:
            why = unwritten(member, state, balanced=recipe.balanced)
            if why:
                return f"{why} of '{member.name}'"
    lacking = (block for block in recipe.blocks if block.encoder not in catalog.BLOCKS)
    return next((f"'{block.key}'" for block in lacking), "")


def _block(block: Block, telling: Telling) -> Snippet:
    return catalog.BLOCKS[block.encoder](block, telling)


def _head(member: Ingredient, place: int, telling: Telling) -> Snippet:
    several = [one.strategy for one in telling.recipe.members].count(member.strategy) > 1
    reads = "_".join(telling.names[key] for key in member.inputs)
    parts = (member.strategy, reads, str(place + 1)) if several else (member.strategy,)
    name = word("_".join(filter(None, parts)))
    name = f"{name}_model" if name in _TAKEN else name
    return catalog.HEADS[member.strategy](name, member, telling)


_TAKEN = {"rows", "train", "test", "y", "classes", "part", "score", "new"}


def _names(blocks: Sequence[Block]) -> dict[str, str]:
    """A word for each block, with its column where another has the same."""
    plainly = [
        catalog.WORDS.get(b.encoder) or word(str(b.settings.get("backbone"))) for b in blocks
    ]
    return {
        block.key: name if plainly.count(name) == 1 else word("_".join((name, *block.columns)))
        for block, name in zip(blocks, plainly, strict=True)
    }


def _title(name: str, recipe: Recipe, state: RunState) -> list[str]:
    lines = [comment(f"The model '{name}' of the run '{state.run}', as plain Python.")]
    if len(recipe.members) > 1:
        lines.append("# It is the weighed mean of what several models say, as each errs elsewhere:")
        lines += [comment(f"  {m.weight:.0%} {m.name}", inner="      ") for m in recipe.members]
    lines.append("# Afterwards answers(new_rows) answers for your own rows.")
    return lines


def _script(title: list[str], parts: list[tuple[str, list[Snippet]]]) -> str:
    pieces = [piece for _, made in parts for piece in made]
    helpers = dict.fromkeys(helper for piece in pieces for helper in piece.helpers)
    lines = [*title, "", *imports(line for piece in pieces for line in piece.imports)]
    for helper in helpers:
        lines += ["", helper]
    for heading, made in parts:
        if not made:
            continue
        lines += ["", f"# --- {heading} ".ljust(80, "-"), ""]
        for piece in made:
            lines += [piece.code, ""]
    return folded(spaced("\n".join(lines)))
