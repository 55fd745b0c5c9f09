"""Opening a form, from the magic or from Python."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import SettingError
from automl_nb.notebook.form.draft import Draft

if TYPE_CHECKING:
    from automl_nb.notebook.form.form import Form


def opened(session: Any, draft: Draft) -> Form:
    """A form that is filled with a draft.

    Raises:
        SettingError: This is a terminal, or ipywidgets isn't installed.
    """
    if type(session.shell).__name__ == "TerminalInteractiveShell":
        raise SettingError(
            "A form needs a notebook.",
            received="a terminal, where there is nothing to click on",
            hint=f"The same as a line: {draft.line()}",
        )
    try:
        from automl_nb.notebook.form.form import Form
    except ModuleNotFoundError as error:
        if error.name != "ipywidgets":
            raise
        raise SettingError(
            "A form needs ipywidgets.", hint="pip install 'automl_nb[lab]', or use: %automl fit"
        ) from None
    return Form(session, draft)


def form(data: Any = None, label: str | list[str] | None = None, **options: Any) -> Form:
    """A form for a table, in the cell that calls this.

    Args:
        data: A frame, or a file, folder or URL; without it one is chosen in the form. A frame
            that no variable holds is stored under a free name, `data` or `data_2`, so that the
            line that the form shows is about these rows.
        label: The column to predict.
        **options: Of `fit`, such as ``time="10m"``.

    Raises:
        SettingError: This isn't a notebook, or ipywidgets isn't installed.
        UnknownNameError: There is no such option.
    """
    from automl_nb.core.errors import UnknownNameError
    from automl_nb.core.options import FIT

    session = _session()
    known = {option.name for option in FIT}
    for name in options:
        if name not in known:
            raise UnknownNameError("option", name, sorted(known))
    given = {"label": label, **options} if label else options
    words = {name: _typed(value) for name, value in given.items() if value is not None}
    if data is None or isinstance(data, str | os.PathLike):
        return opened(session, Draft(os.fspath(data or ""), words))
    return opened(session, Draft(_name_of(data, session), words))


def _name_of(data: Any, session: Any) -> str:
    """The variable that holds this object; one is made where there is none."""
    names: dict[str, Any] = session.names()
    for name in (name for name, value in names.items() if value is data):
        if not name.startswith("_"):  # such as `_`, which is another's after the next cell
            return name
    numbered = (f"data_{n}" for n in count(2))
    free = next(name for name in chain(["data"], numbered) if _is_free(name, session))
    session.store(free, data)
    return free


def _is_free(name: str, session: Any) -> bool:
    """Whether a line that says this name means nothing yet, neither a variable nor a file."""
    return name not in session.shell.user_ns and not Path(name).exists()


def _typed(value: Any) -> Any:
    """A keyword's value as a field holds it."""
    if isinstance(value, dict | bool) or value is None:
        return value
    return tuple(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _session() -> Any:
    """Of the extension, which is loaded if it isn't yet."""
    from IPython import get_ipython

    from automl_nb.notebook import extension
    from automl_nb.notebook.magics import AutoMLMagics

    shell = get_ipython()
    if shell is None:
        raise SettingError("A form needs a notebook.", hint="In Python use automl_nb.fit(...)")
    if not any(isinstance(one, AutoMLMagics) for one in shell.configurables):
        extension.load(shell)
    return next(one.session for one in shell.configurables if isinstance(one, AutoMLMagics))
