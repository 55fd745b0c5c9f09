"""Makes the magic and its completion known to IPython, and takes them back."""

from __future__ import annotations

from typing import Any

from automl_nb.core.nearby import look_in
from automl_nb.notebook.completion import Completion
from automl_nb.notebook.front_end import ask_locale
from automl_nb.notebook.magics import AutoMLMagics


def load(shell: Any) -> None:
    """Register the magic and its completion; loading twice is loading once."""
    unload(shell)
    magics = AutoMLMagics(shell=shell)
    shell.register_magics(magics)
    look_in(lambda: shell.user_ns)
    if hasattr(shell, "kernel"):
        ask_locale()
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(Completion(magics.session).matcher)


def unload(shell: Any) -> None:
    """Remove everything that `load` added."""
    look_in(None)
    for magics in [item for item in shell.configurables if isinstance(item, AutoMLMagics)]:
        magics.session.forget()
        shell.configurables.remove(magics)
    for table in shell.magics_manager.magics.values():
        if isinstance(getattr(table.get("automl"), "__self__", None), AutoMLMagics):
            del table["automl"]
    shell.magics_manager.registry.pop(AutoMLMagics.__name__, None)
    if shell.Completer is not None:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [known for known in matchers if not is_our_matcher(known)]


def is_our_matcher(matcher: Any) -> bool:
    """Whether a matcher is the one that `load` added."""
    return getattr(matcher, "matcher_identifier", "") == "automl_nb"
