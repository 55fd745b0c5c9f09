"""Columns that nothing which was trained reads: what they say can't have any effect."""

from __future__ import annotations

from automl_nb.core.types import ColumnKind
from automl_nb.data.schema import input_columns
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.base import Candidate

_MOST_NAMED = 8
_TABLES, _WORDS = "boosting", "ridge"  # what reads a table, and what reads texts and pictures
_READ_AS_WORDS = {ColumnKind.TEXT, ColumnKind.IMAGE}


def unread_columns(bench: Workbench) -> tuple[str, ...]:
    """Input columns that no trained model reads; none where nothing has learnt anything."""
    learnt = [one for one in bench.candidates if one.strategy != "prior"]
    if not learnt:
        return ()
    read = {column for one in learnt for column in _read_by(bench, one)}
    inputs = input_columns(bench.dataset.schema, bench.dataset.task)
    return tuple(name for name in inputs if name not in read)


def tell_unread(bench: Workbench) -> None:
    """Name them, and what would read them where strategies were named."""
    unread = unread_columns(bench)
    if not unread:
        return
    verb = "has" if len(unread) == 1 else "have"
    bench.say(
        f"No strategy that was trained reads {_listed(unread)}, which {verb} no effect on the "
        f"model.{_what_would(bench, unread)}",
        "warning",
    )


def _read_by(bench: Workbench, made: Candidate) -> tuple[str, ...]:
    """The columns of its blocks; a tuned network reads its column itself."""
    encoders = [bench.encoders[key] for key in made.inputs if key in bench.encoders]
    own = getattr(made.predictor, "encoder", None)
    return tuple(name for one in (*encoders, own) for name in getattr(one, "columns", ()))


def _what_would(bench: Workbench, unread: tuple[str, ...]) -> str:
    named = bench.settings.strategies
    if "auto" in named:
        return ""  # the time was too short, which is said
    as_words = {bench.dataset.schema[name].kind in _READ_AS_WORDS for name in unread}
    missing = [name for name, wanted in ((_TABLES, False), (_WORDS, True)) if wanted in as_words]
    missing = [name for name in missing if name not in named]
    if not missing:
        return ""
    return f" Name {' and '.join(missing)} too, or leave strategies out."


def _listed(names: tuple[str, ...]) -> str:
    """The first few in quotes, and how many more there are."""
    shown = [f"'{name}'" for name in names[:_MOST_NAMED]]
    if len(names) > _MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - _MOST_NAMED} more columns"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
