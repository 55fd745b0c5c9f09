"""What the magic remembers between two cells of one kernel."""

from __future__ import annotations

import importlib
import keyword
import sys
import weakref
from collections.abc import Callable
from typing import Any

from automl_nb.core.config import configured
from automl_nb.core.errors import SettingError
from automl_nb.core.show.facts import Frame, summary
from automl_nb.core.show.page import bundle
from automl_nb.notebook import live
from automl_nb.notebook.lookup import is_ours

# By name, so that the engine isn't imported for them.
_RUN = ("automl_nb.run", "Run")
_NAME = "run"  # of the last run, in the person's namespace
_CARD = ("automl_nb.explorer.card", "DecisionCard")


class Session:
    """The shell, the magic's settings, the last run, and what was drawn where.

    Args:
        shell: The IPython shell.
        settings: The magics, whose traits are the person's settings.
    """

    def __init__(self, shell: Any, settings: Any) -> None:
        self.shell, self.settings = shell, settings
        self.last_run: Any = None
        self.last_traceback = ""
        self._drawn: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        shell.display_formatter.mimebundle_formatter.for_type_by_name(*_RUN, self._show_run)
        shell.display_formatter.mimebundle_formatter.for_type_by_name(*_CARD, self._show_card)

    @property
    def api(self) -> Any:
        """The engine, imported when a command first needs it."""
        return importlib.import_module("automl_nb.api")

    def names(self) -> dict[str, Any]:
        """The person's namespace without what IPython put there itself."""
        hidden = self.shell.user_ns_hidden
        items = list(self.shell.user_ns.items())
        return {name: value for name, value in items if hidden.get(name, self) is not value}

    @property
    def mode(self) -> str:
        """How progress is shown: html, text or off."""
        return live.mode(self.shell, self.settings.progress)

    def defaults(self) -> dict[str, Any]:
        """Options that the person set once: in a file, or (before it) with ``%config``."""
        return configured() | dict(self.settings.fit_defaults())

    def began(self, run: Any) -> Any:
        """Remember a run as the last one, and call it `run` where that name is free or was its.

        What is shown and said speaks of `run`, and a cell gives no name to what it returns.
        """
        names = self.shell.user_ns
        if names.get(_NAME, self.last_run) is self.last_run:
            names[_NAME] = run
        self.last_run = run
        return run

    def name_of(self, run: Any) -> str:
        """What the run is called in the person's namespace; "" where it has no name."""
        known = [name for name, value in self.names().items() if value is run]
        known = [name for name in known if not name.startswith("_")]
        return _NAME if _NAME in known else next(iter(known), "")

    def may_replace(self, name: str) -> bool:
        """Whether nothing of the person's own stands under this name."""
        held = self.shell.user_ns.get(name)
        return held is None or is_ours(held, "Model") or is_ours(held, "Run")

    def drew(self, run: Any) -> None:
        """Remember that this cell has shown the run already."""
        self._drawn[run] = self.shell.execution_count

    def give(self, output: str, make: Callable[[], Any], shown: Any = None) -> Any:
        """Store what `make` makes under `output`; without a name give it (or `shown`) back."""
        if output:
            self.store(output, make())
            return None
        return make() if shown is None else shown

    def store(self, name: str, value: Any) -> None:
        """Put a value into the person's namespace.

        Raises:
            SettingError: It cannot be the name of a variable.
        """
        check_name(name)
        self.shell.user_ns[name] = value

    def write(self, text: str) -> None:
        """Text for the person."""
        sys.stdout.write(text.rstrip("\n") + "\n")

    def frame_of(self, run: Any) -> Frame:
        """How to draw a run here and now."""
        return Frame(
            folder=str(run.folder),
            stable=self.mode == "off",
            broken=run.killed,
            run_name=self.name_of(run),
        )

    def forget(self) -> None:
        """Take back what was registered with the shell."""
        for kind in (_RUN, _CARD):
            self.shell.display_formatter.mimebundle_formatter.pop(".".join(kind), None)

    def _show_card(self, card: Any, **_options: Any) -> dict[str, str]:
        """A decision card as a cell's result."""
        shown: dict[str, str] = card.shown(stable=self.mode == "off")
        return shown

    def _show_run(self, run: Any, **_options: Any) -> dict[str, str]:
        """A run as a cell's result; one line if the cell has drawn it already."""
        frame = self.frame_of(run)
        if self._drawn.get(run) == self.shell.execution_count:
            return {"text/plain": summary(run.state, frame)}
        return bundle(run.state, frame)


def check_name(name: str) -> None:
    """Raise if a value cannot be stored under this name."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise SettingError(
            "-o takes the name of a variable.",
            received=name,
            hint="Letters, digits and underscores, such as -o model",
        )
