"""The one exception tree.

::

    AutoMLError
    ├── DataError            the rows cannot be used as they are
    │   ├── SourceError      a file, query, URL or folder cannot be read
    │   ├── ColumnError      a column is missing, doubled or of the wrong kind
    │   └── LabelError       the label cannot be learnt or doesn't fit the task
    ├── SettingError         an option has a value that cannot work
    │   └── UnknownNameError a name that no registry knows (close matches given)
    ├── MissingExtraError    an optional package isn't installed (pip line given)
    ├── WeightsError         pretrained weights cannot be had, read or trusted
    ├── RunError             a run or its folder cannot be used
    ├── TrialError           a trial failed in a way that costs only itself
    └── BundleError          a saved model is damaged, altered or too new, or has no place
        └── BundleExistsError  another saved model is in the place; it may be replaced

Each message has three parts: the rule that was broken, the value received,
and what to do next. In a notebook an error shows as two or three plain lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable


class AutoMLError(Exception):
    """Root of every error that this package raises on purpose.

    Args:
        rule: What must hold, as one plain sentence.
        received: The offending value, shown as it was given (cut when long).
        hint: What to do next.

    Example:
        >>> raise AutoMLError("A budget must be positive.", received="-3m", hint="Try '3m'.")
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.AutoMLError: A budget must be positive. Received: '-3m'. Try '3m'.
    """

    def __init__(self, rule: str, *, received: object = None, hint: str = "") -> None:
        self.rule = rule
        self.received = None if received is None else shorten(received)
        self.hint = hint
        super().__init__(" ".join(self._parts()))

    def _parts(self) -> list[str]:
        parts = [self.rule]
        if self.received is not None:
            parts.append(f"Received: {self.received}.")
        if self.hint:
            parts.append(self.hint)
        return parts

    def lines(self) -> list[str]:
        """The message as the two or three lines that a person sees."""
        head, *rest = self._parts()
        return [f"{type(self).__name__}: {head}", *rest]

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of drawing its traceback, and still sends an
        # `error` message, so that notebook tests notice (UsageError would hide it).
        return self.lines()


class DataError(AutoMLError):
    """The rows cannot be used as they are."""


class SourceError(DataError):
    """A file, query, URL or folder cannot be read."""


class ColumnError(DataError):
    """A column is missing, doubled or of the wrong kind."""


class LabelError(DataError):
    """The label cannot be learnt, or doesn't fit the task."""


class SettingError(AutoMLError):
    """An option has a value that cannot work."""


class UnknownNameError(SettingError):
    """A name that is not among the known ones; close matches are named."""

    def __init__(self, kind: str, name: object, known: Iterable[str], *, hint: str = "") -> None:
        super().__init__(
            f"There is no {kind} of this name.",
            received=name,
            hint=" ".join(part for part in (suggest(str(name), known), hint) if part),
        )


class MissingExtraError(AutoMLError):
    """An optional package isn't installed; the message holds the pip line."""

    def __init__(self, what: str, *, extra: str = "", package: str = "", beside: str = "") -> None:
        target = f"automl_nb[{extra}]" if extra else package
        target = f"'{target}'" if "[" in target else target  # a shell has other uses for brackets
        super().__init__(
            f"{what} needs a package that isn't installed.",
            received=package or extra,
            hint=f"Run: pip install {target}{f'. {beside}' if beside else ''}",
        )


class WeightsError(AutoMLError):
    """Pretrained weights cannot be had, read or trusted."""


class RunError(AutoMLError):
    """A run or its folder cannot be used."""


class TrialError(AutoMLError):
    """A trial failed in a way that costs only itself: its process ended, or it gave no numbers."""


class BundleError(AutoMLError):
    """A saved model is damaged, altered or too new for this version, or has no place."""


class BundleExistsError(BundleError):
    """Another saved model is in the place, which is replaced only where that is asked for."""


def shorten(value: object, limit: int = 120) -> str:
    """Show a value on one line, cut to `limit` characters; a text keeps its quotes.

    Example:
        >>> shorten("a long text", 8)
        "'a lon…'"
    """
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        value = value.item()  # type: ignore[attr-defined]  # 5, not np.int64(5)
    text = " ".join(repr(value).split())
    if len(text) <= limit:
        return text
    return f"{text[: limit - 2]}…{text[-1]}" if isinstance(value, str) else f"{text[: limit - 1]}…"


_NEAR, _NEARER = 0.6, 0.65  # shares of letters in common, in order


def _alike(wanted: str, item: str) -> bool:
    """Few letters differ; or more do, behind the same beginning or around the other name."""
    if difflib.SequenceMatcher(None, item, wanted).ratio() >= _NEARER:
        return True
    return wanted[:3] == item[:3] or wanted in item or item in wanted


def suggest(
    name: str, known: Iterable[str], *, most: int = 8, compared: Callable[[str], str] = str
) -> str:
    """Name the close matches of `name`, else the known names.

    Args:
        name: What was typed.
        known: What it may have been meant to be.
        most: Names to list where none is close.
        compared: The part of a name that tells names apart.

    Example:
        >>> suggest("acuracy", ["accuracy", "f1"])
        "Did you mean 'accuracy'?"
        >>> suggest("text", ["target"])
        "Known: 'target'."
    """
    names = [str(item) for item in known]
    lowered = {compared(item).casefold(): item for item in names}
    wanted = compared(name).casefold()
    near = difflib.get_close_matches(wanted, list(lowered), n=3, cutoff=_NEAR)
    close = [item for item in near if _alike(wanted, item)]
    if close:
        return f"Did you mean {', '.join(repr(lowered[item]) for item in close)}?"
    if not names:
        return "None are known."
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"Known: {', '.join(repr(item) for item in names[:most])}{more}."
