"""The magic: one line, one verb; its settings; and errors as two or three plain lines."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from traitlets import Bool, CaselessStrEnum, CUnicode, Int, Unicode, observe

from automl_nb.core.show.messages import use_language
from automl_nb.notebook.body import take_body
from automl_nb.notebook.failures import readable
from automl_nb.notebook.line import split
from automl_nb.notebook.parsers import overview, parser_of
from automl_nb.notebook.session import Session, check_name


@magics_class
class AutoMLMagics(Magics):  # type: ignore[misc]
    """Settings of `%automl`; change one with ``%config AutoMLMagics.time = "10m"``."""

    time = CUnicode("", help="The budget of every fit, such as 10m; by itself 3m.").tag(config=True)
    metric = Unicode("", help="The measure to improve; by itself chosen by task.").tag(config=True)
    device = Unicode("", help="Where to compute: cpu, cuda, mps.").tag(config=True)
    seed = Int(0, help="Seeds everything.").tag(config=True)
    progress = CaselessStrEnum(
        ["auto", "html", "text", "off"],
        "auto",
        help="How progress is shown; AUTOML_NB_PROGRESS holds where this is auto.",
    ).tag(config=True)
    language = Unicode(
        "", help="en or zh; by itself what AUTOML_NB_LANG, the front end or the system says."
    ).tag(config=True)
    verbose_errors = Bool(False, help="Show the whole traceback of every error.").tag(config=True)

    def __init__(self, shell: Any = None, **options: Any) -> None:
        super().__init__(shell=shell, **options)
        self.session = Session(shell, self)

    @observe("language")  # type: ignore[untyped-decorator]
    def _speak(self, change: dict[str, Any]) -> None:
        use_language(change["new"])

    def fit_defaults(self) -> dict[str, Any]:
        """The settings that the person changed, as keywords of `fit`."""
        asked = {"time": self.time, "metric": self.metric, "device": self.device, "seed": self.seed}
        return {name: value for name, value in asked.items() if value}

    @no_var_expand  # type: ignore[untyped-decorator]
    @needs_local_scope  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def automl(
        self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None
    ) -> Any:
        """Run one subcommand; below `fit` stand settings or a query, below `predict` rows."""
        inside = local_ns is not None and local_ns is not self.shell.user_ns  # in a function
        names = self.session.names() | (local_ns if inside and local_ns else {})
        try:
            return self._dispatch(split(line, names), cell, names)
        except (Exception, KeyboardInterrupt) as error:
            readable(error, self.session, verbose=self.verbose_errors)
            raise

    automl.__doc__ = overview()

    def _dispatch(self, words: list[str], body: str | None, names: dict[str, Any]) -> Any:
        verb, *rest = words or ["help"]
        if verb in {"-h", "--help"}:
            verb, rest = "help", []
        parser = parser_of(verb)
        if {"-h", "--help"} & set(rest):
            verb, rest, parser = "help", [verb], parser_of("help")
        args = parser.parse(rest)
        if body and body.strip():
            take_body(verb, args, body)
        if "output" in args:
            check_name(args.output)
        from automl_nb.notebook.commands import HANDLERS  # imported late: %load_ext stays light

        return HANDLERS[verb](self.session, args, names)
