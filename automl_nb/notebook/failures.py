"""Errors as a person sees them: two or three plain lines, and still an error.

IPython shows what an exception's `_render_traceback_` returns, and sends it as an
`error` message, so that notebook tests and papermill notice. (IPython's own
`UsageError` would only print, and a failing notebook would pass.)
"""

from __future__ import annotations

import traceback
from typing import Any

from automl_nb.core.errors import AutoMLError
from automl_nb.core.options import as_typed
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip


def readable(error: BaseException, session: Any, *, verbose: bool) -> None:
    """Make IPython show this error in a few lines, or whole if `verbose`.

    The traceback is kept as text only: its frames would hold on to models and to the
    memory of the GPU for as long as the kernel remembers the error.
    """
    session.last_traceback = "".join(traceback.format_exception(error))
    if verbose:
        whole = session.last_traceback.splitlines()
        error._render_traceback_ = lambda: whole  # type: ignore[attr-defined]
        return
    if isinstance(error, AutoMLError):
        error.hint = as_typed(error.hint)
    else:
        error._render_traceback_ = lambda: lines(error)  # type: ignore[attr-defined]
    error.__traceback__ = None
    error.__cause__ = None
    error.__context__ = None


def lines_of(error: BaseException) -> list[str]:
    """Any error in the few lines that a person sees."""
    return error.lines() if isinstance(error, AutoMLError) else lines(error)


def lines(error: BaseException) -> list[str]:
    """An unexpected error in a few plain lines."""
    if isinstance(error, KeyboardInterrupt):
        return [f"KeyboardInterrupt: {say('interrupted')}"]
    text = clip(str(error), 300)
    return [f"{type(error).__name__}: {text}", say("unexpected"), say("unexpected.more")]
