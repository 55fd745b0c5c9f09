"""The form: choose rows and a label, see what will happen, start, steer, and use the model."""

from __future__ import annotations

import contextvars
import os
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from automl_nb.core.errors import AutoMLError
from automl_nb.core.nearby import is_frame
from automl_nb.core.options import names as listed
from automl_nb.core.show import facts, parts
from automl_nb.core.show.messages import say
from automl_nb.core.state import RunState
from automl_nb.core.types import ColumnKind
from automl_nb.notebook import live, lookup
from automl_nb.notebook.background import Follower
from automl_nb.notebook.columns import files_of_tables
from automl_nb.notebook.explained import Explained
from automl_nb.notebook.failures import lines_of
from automl_nb.notebook.form.all_fields import Fields, wrapped
from automl_nb.notebook.form.columns_panel import ColumnsPanel
from automl_nb.notebook.form.draft import Draft
from automl_nb.notebook.form.fields import OPTIONS, Field, alert
from automl_nb.notebook.form.looks import AS_IT_IS, FITTING, NAMED, made, show
from automl_nb.notebook.form.new_cell import cell_at_work, write_cell
from automl_nb.notebook.form.result import ResultPanel
from automl_nb.notebook.form.steering import SteeringPanel

SUGGESTED = {"time": "3m"}
STILL = "VOILA_BASE_URL"  # set where outputs stay as they were when the page was made


class Form:
    """One form in one cell; its run is followed below it.

    Args:
        session: Gives the namespace and the engine, and remembers the run.
        draft: What it is filled with.
    """

    def __init__(self, session: Any, draft: Draft) -> None:
        self._session, self.draft = session, draft
        self.run: Any = None
        self._starting = False
        self._seen: Any = None
        self._seen_at_start: Any = None
        self._looked_at: Any = None
        self._cell, self._above = contextvars.copy_context(), ""
        self._display_id, self._explained_id = (f"automl-nb-{uuid.uuid4().hex}" for _ in "12")
        self._build()
        self._data.fill(draft.data)
        self._look()

    # -- how it looks ---------------------------------------------------------------------

    def _build(self) -> None:
        self._data = Field(
            "data", say("form.field.data"), [], self._set, hint=say("form.data.hint")
        )
        self._data.input.on_msg(self._entered)
        self._again = made(widgets.Button, description=say("form.do.look"))
        self._again.on_click(lambda _: self._look())
        self._fields = Fields(self._set, self._fill)
        self._columns = ColumnsPanel(lambda kinds: self._set("kinds", kinds))
        self._kinds_problem, self._oddities = made(widgets.HTML), made(widgets.HTML)
        self._outlook, self._told, self._head = (made(widgets.HTML) for _ in range(3))
        line = say("form.line")
        self._line = made(widgets.Text, place=FITTING, style=NAMED, description=line)
        self._copy = made(widgets.Button, place=FITTING, description=say("form.do.cell"))
        self._copy.on_click(lambda _: self._write_line())
        self._start = made(widgets.Button, description=say("form.do.start"), button_style="primary")
        self._start.on_click(lambda _: self.start())
        self._steering = SteeringPanel(self._tell)
        self._result = ResultPanel(self._name_model)
        self.widget = made(
            widgets.VBox,
            [
                wrapped([self._data, *self._fields.first]),
                self._again,
                self._head,
                self._columns,
                self._kinds_problem,
                self._oddities,
                *self._fields.further,
                self._outlook,
                self._line,
                wrapped([self._start, self._copy]),
                self._told,
                self._steering,
                self._result,
            ],
        )
        self.widget.add_class("automl-nb-form")
        show(self._steering, False)
        self._still = {id_: made(widgets.HTML) for id_ in (self._display_id, self._explained_id)}

    def _fill(self, name: str, field: Field) -> None:
        """Show what the draft says of an option."""
        value = self.draft.options.get(name, "")
        field.fill(bool(value) if not OPTIONS[name].metavar else self.draft.text(name))
        if name in SUGGESTED and not value:
            field.input.placeholder = SUGGESTED[name]
        if OPTIONS[name].values == "columns":
            field.offer(list(self._names()))

    def _ipython_display_(self) -> None:
        """Show the form, and below it the place where its run will be followed."""
        self._cell, self._above = contextvars.copy_context(), cell_at_work(self._session.shell)
        display(self.widget)
        for place, still in self._still.items():
            if STILL in os.environ:
                display(still)
            else:
                display(_empty(), raw=True, display_id=place)

    # -- while it is filled in ------------------------------------------------------------

    def _set(self, name: str, value: Any) -> None:
        """A field was changed by the person."""
        if name == "data":
            self.draft = Draft(str(value), self.draft.options, self.draft.output)
            self._look()
            return
        if name == "label" and isinstance(value, str) and value not in self._names():
            several = listed("--label", value)
            value = several if len(several) > 1 else value
        self.draft = self.draft.with_value(name, value)
        self._check()

    def _entered(self, _: Any, content: dict[str, Any], __: Any) -> None:
        """Enter was pressed in the field of the data, which may name the same as before."""
        if content.get("event") == "submit":
            self._look()

    def _names(self) -> tuple[str, ...]:
        return () if self._seen is None else tuple(self._seen.names)

    def _look(self) -> None:
        """Look at the rows that are named now; what was told of those before is past."""
        if not self._is_at_work():
            self._told.value = ""
        names = self._session.names()
        self._data.offer([*lookup.frames(names), *files_of_tables()])
        self._seen, problem = None, ""
        try:
            self._looked_at = lookup.data_of(self.draft.data, names)
            self._seen = self._session.api.glance(self._looked_at, self.draft.options.get("sql"))
        except AutoMLError as error:
            problem = str(error) if self.draft.data else say("form.data.none")
        for field in self._fields:
            if OPTIONS[field.name].values == "columns":
                field.offer(list(self._names()))
        self._check(problem)

    def _check(self, data_problem: str = "") -> bool:
        """Show each problem where it is, what will happen, and the line; True if it can start."""
        checked = self._session.api.check(self.draft.options, self._seen)
        problems = dict(checked.problems)
        if data_problem:
            problems["data"] = data_problem
        elif self._seen is None:
            problems["data"] = say("form.data.none")
        self._data.blame(problems.get("data", ""))
        show(self._again, bool(problems))  # at any field it may have come with the rows
        self._fields.blame(problems)
        self._show_columns(checked, problems.get("kinds", ""))
        lines = [*self._session.api.outlook(checked), *self._going_on(problems)]
        self._outlook.value = _lines(lines, problems.get("", ""))
        self._show_line()
        self._start.disabled = bool(problems) or self._is_at_work()
        self._start.tooltip = say("form.why.problems") if problems else ""
        return not problems

    def _going_on(self, problems: Mapping[str, str]) -> list[str]:
        """The run that Start would go on with, if there is one."""
        if problems or self._is_at_work():
            return []
        options = self._session.defaults() | self.draft.keywords()
        try:
            told = self._session.api.foreseen(self._looked_at, **options)
        except AutoMLError:  # told where it is started
            return []
        return [told] if told else []

    def _show_columns(self, checked: Any, problem: str) -> None:
        seen = checked.seen or self._seen
        there = seen is not None
        for one in (self._head, self._columns):
            show(one, there)
        if there:
            self._columns.show(seen.columns, self.draft.options.get("kinds", {}))
        self._kinds_problem.value = alert(problem) if problem else ""
        part = _part(self._seen)
        self._head.value = _heading(say("form.columns"), part)
        self._oddities.value = _noted(self._session.api.oddities(checked), part)

    def _show_line(self) -> None:
        try:
            self._line.value = self.draft.line()
        except AutoMLError as error:
            self._line.value = str(error)

    def _write_line(self) -> None:
        """Write the line into a new cell, where the front end can."""
        write_cell(self._line.value, self._above, self._wrote)

    def _wrote(self, written: bool) -> None:
        self._tell(say("form.cell.written" if written else "form.cell.not"), not written)

    # -- the run --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, unless a run of this form is at work or the rows have changed meanwhile."""
        if self._is_at_work():  # the second of two clicks, whose first is being answered
            return
        if not self._still_there():
            self._look()
            self._tell(say("form.changed"), True)
            return
        if not self._check():
            return
        self._start.disabled = self._starting = True
        self._seen_at_start = self._seen  # fields may name other rows meanwhile
        self._tell(say("form.starting"), False)
        threading.Thread(target=self._cell.run, args=(self._begin,), daemon=True).start()

    def _is_at_work(self) -> bool:
        return self._starting or (self.run is not None and not self.run.done)

    def _still_there(self) -> bool:
        """Whether the frame is the one that was looked at; files are read anew anyway."""
        try:
            now = lookup.data_of(self.draft.data, self._session.names())
        except AutoMLError:
            return False
        return not is_frame(now) or (self._seen is not None and self._seen.is_of(now))

    def _begin(self) -> None:
        """In a thread of its own, as the engine's libraries take seconds to load."""
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        options = self._session.defaults() | self.draft.keywords()
        label = options.pop("label", None)
        try:
            run = self._session.api.start(
                self._looked_at, label, on_event=events.put, in_turn=True, **options
            )
        except Exception as error:  # noqa: BLE001  (nobody else would tell the person)
            self._start.disabled = self._starting = False
            self._tell("\n".join(lines_of(error)), True)
            return
        self.run = self._session.began(run)
        self._starting = False
        self._steering.follow(run)
        show(self._steering, True)
        show(self._result, False)
        begun = say("form.started", run=run.name)
        self._tell(facts.waits_line(run.state) if run.state.behind else begun, False)
        at, draw = self._display_id, self._draw_in(self._display_id)
        view = live.LiveView(folder=str(run.folder), display_id=at, draw=draw)
        at, draw = self._explained_id, self._draw_in(self._explained_id)
        steps = Explained(self._session).view("html", display_id=at, draw=draw)
        renderer = live.Both(view, steps, _Heard(self._steering))
        Follower(events, renderer, self._ended).start()

    def _draw_in(self, place: str) -> Callable[[dict[str, str]], None] | None:
        """What draws there where outputs stay as they are; None where they are drawn anew."""
        if STILL not in os.environ:
            return None
        return lambda data: setattr(self._still[place], "value", data["text/html"])

    def _ended(self, state: RunState) -> None:
        self._start.disabled = False
        self._start.description = say("form.do.again")
        show(self._steering, False)
        while not self.run.done:
            self.run.poll(0.1)
        key = "form.ended" if state.leaderboard else "form.ended.none"
        self._tell(say(key, run=self.run.name), False)
        if state.leaderboard:
            self._result.offer(self.run, _examples(self._seen_at_start, self.run.model))

    def _name_model(self, model: Any) -> None:
        """Store the model that was chosen under the name that was asked for."""
        if self.draft.output:
            self._session.store(self.draft.output, model)

    def _tell(self, words: str, is_problem: bool) -> None:
        said = f'<span {AS_IT_IS} role="status">{escape(words)}</span>'
        self._told.value = alert(words) if is_problem else said


class _Heard:
    """Tells the buttons each state that is drawn."""

    def __init__(self, buttons: SteeringPanel) -> None:
        self._buttons = buttons

    def update(self, state: RunState) -> None:
        self._buttons.update(state)

    def stopping(self, _state: RunState) -> None:
        """Nothing: the words that answered the click are there."""

    def close(self, state: RunState) -> None:
        self._buttons.update(state)


def _examples(seen: Any, model: Any) -> dict[str, str]:
    """The first row's values as they are typed; a gap is "" and a picture isn't typed."""
    if seen is None or len(seen.rows) == 0:
        return {}
    pictures = {c.name for c in seen.columns if c.kind is ColumnKind.IMAGE}
    names = [name for name in model.inputs if name in {*seen.names} - pictures]
    first = {name: seen.rows[name].iloc[:1] for name in names}
    return {name: "" if one.isna().all() else str(one.iloc[0]) for name, one in first.items()}


def _heading(text: str, remark: str) -> str:
    return f'<strong role="heading" aria-level="4">{escape(text)}</strong> {escape(remark)}'


def _part(seen: Any) -> str:
    """How many of the rows were looked at; "" for all of them."""
    if seen is None or len(seen.rows) == seen.n_rows:
        return ""
    return say("form.part", seen=f"{len(seen.rows):,}", n=f"{seen.n_rows:,}")


def _lines(lines: list[str], problem: str) -> str:
    if problem:
        return alert(problem)
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    head = escape(say("form.will"))
    return (
        f"<div {AS_IT_IS} style='line-height:1.5'><strong>{head}</strong><ul>{items}</ul></div>"
        if lines
        else ""
    )


def _noted(lines: list[str], remark: str) -> str:
    items = "".join(
        f'<li><span aria-hidden="true" style="color:{parts.WARN}">⚠</span> {escape(line)}</li>'
        for line in lines
    )
    told = f"<li>{escape(remark)}</li>" if remark else ""
    style = "list-style:none;padding:0;margin:0;line-height:1.5"
    return f'<ul {AS_IT_IS} style="{style}">{items}{told}</ul>' if lines else ""


def _empty() -> dict[str, str]:
    return {"text/plain": "", "text/html": ""}
