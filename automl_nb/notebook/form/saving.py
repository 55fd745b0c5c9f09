"""Where the chosen model is saved: a place, and what can be done where it is none."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from automl_nb.core.errors import BundleExistsError
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip
from automl_nb.notebook.form.fields import alert, problems_in
from automl_nb.notebook.form.looks import NAMED, NARROW, WRAPPED, layout, made, show

_MOST = 80  # letters of a path in a sentence


class SavingPanel(widgets.VBox):  # type: ignore[misc]
    """A place and a button; where a model stands there already, another one that replaces it.

    Args:
        model: Gives the model that is to be saved.
    """

    def __init__(self, model: Callable[[], Any]) -> None:
        self._model = model
        words = say("form.save.place")
        self.place = made(widgets.Text, place=NARROW, style=NAMED, description=words)
        self._save = made(widgets.Button, description=say("form.do.save"))
        self._replace = made(widgets.Button, description=say("form.do.replace"))
        self.saved = made(widgets.HTML)
        self.place.observe(lambda _: self.forget(), "value")
        self._save.on_click(lambda _: self._saved())
        self._replace.on_click(lambda _: self._saved(overwrite=True))
        fields = made(widgets.HBox, [self.place, self._save, self._replace], place=WRAPPED)
        super().__init__([fields, self.saved], layout=layout())
        self.forget()

    def forget(self) -> None:
        """Another place or another model: what was told of the one before holds no more."""
        self.saved.value = ""
        show(self._replace, False)

    def _saved(self, *, overwrite: bool = False) -> None:
        self.forget()
        with problems_in(self.saved):
            try:
                path = self._model().save(self.place.value.strip(), overwrite=overwrite)
            except BundleExistsError:
                place = clip(self.place.value, _MOST)
                self.saved.value = alert(say("form.save.there", path=place))
                show(self._replace, True)
                return
            words = say("form.saved", path=clip(str(path), _MOST))
            self.saved.value = f'<span role="status">{escape(words)}</span>'
