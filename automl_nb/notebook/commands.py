"""What each subcommand of `%automl` does: look names up, call the api, show."""

from __future__ import annotations

import argparse
import queue
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from IPython.display import FileLink, display

from automl_nb.core import steer_words
from automl_nb.core.cache_words import cache_action
from automl_nb.core.errors import RunError, SettingError
from automl_nb.core.no_model import why_no_model
from automl_nb.core.options import EXPLORE, fit_options
from automl_nb.core.places import check_card_place
from automl_nb.core.recollect import memory_action
from automl_nb.core.show.amounts import counted
from automl_nb.core.show.facts import waits_line
from automl_nb.core.show.messages import say, use_language
from automl_nb.core.show.page import bundle
from automl_nb.core.show.words import clip
from automl_nb.core.space_words import space_asked
from automl_nb.core.state import RunState
from automl_nb.core.steer_words import VERBS, Verb, steer
from automl_nb.core.watch import watch
from automl_nb.notebook import live, lookup
from automl_nb.notebook.background import Follower
from automl_nb.notebook.body_places import check_columns, placed
from automl_nb.notebook.explained import Explained
from automl_nb.notebook.front_end import is_watched
from automl_nb.notebook.line import Var
from automl_nb.notebook.parsers import overview, parser_of
from automl_nb.notebook.session import Session
from automl_nb.notebook.typed_rows import answered, typed_rows

Args = argparse.Namespace
Names = Mapping[str, Any]
Handler = Callable[[Session, Args, Names], Any]


def fit(session: Session, args: Args, names: Names) -> Any:
    """Train; give the run back, or store its model under the name of ``-o``.

    A run with the same data and settings that was left before its end is gone on with.
    """
    given = vars(args)
    places = given.pop("places", {})
    output, background = given.pop("output", ""), given.pop("background", False)
    _speak(given.pop("language", ""))
    data = lookup.data_of(given.pop("data"), names)
    for part in ("test", "valid", "unlabelled"):
        if part in given:
            given[part] = lookup.data_of(given[part], names)
    with placed(places):
        typed = fit_options(_values(given))
        if places:
            check_columns(data, typed)
        options = session.defaults() | typed
        label = options.pop("label", None)
        if background:
            return _fit_behind(session, data, label, options, output)
        run = session.began(session.api.start(data, label, **options))
        return _watched(session, run, output, explains=bool(options.get("explain_steps")))


def _speak(code: str) -> None:
    """In another language from now on, if one was named."""
    if code:
        use_language(code)


def _watched(session: Session, run: Any, output: str, *, explains: bool = False) -> Any:
    watch(run, _renderer(session, run, output, explains=explains))
    session.drew(run)
    if run.error is not None:
        raise run.error
    return session.give(output, lambda: run.model, run)


def _fit_behind(
    session: Session, data: Any, label: Any, options: dict[str, Any], output: str
) -> Any:
    """Begin, and follow from behind the cell.

    A notebook that is executed without a person isn't held up either: later cells may steer the
    run, and a budget is long. What is saved says that it was at work, and how to wait for it.
    """
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    start = session.api.start
    run = session.began(start(data, label, on_event=events.put, in_turn=True, **options))
    if run.state.behind:
        session.write(f"{waits_line(run.state)}\n{say('queue.hint', run=run.name)}")
    explains = bool(options.get("explain_steps"))
    view = _renderer(session, run, output, behind=True, explains=explains)

    def store(state: RunState) -> None:
        if output and state.leaderboard:
            session.store(output, run.model)

    if output and session.may_replace(output):
        session.store(output, run)  # which answers as its model does, as soon as there is one
    # A last frame alone has no place to be drawn in: it would turn up in whichever cell is at work.
    at_home = is_watched(session.shell) or session.mode == "off"
    Follower(events, view, store, in_its_cell=at_home).start()
    return run


def _renderer(
    session: Session, run: Any, output: str, *, behind: bool = False, explains: bool = False
) -> Any:
    left = behind and not is_watched(session.shell)
    hint = "left.hint" if left else "stop.hint.background" if behind else "stop.hint"
    return live.renderer(
        session.mode,
        folder=str(run.folder),
        model_name=output,
        run_name=session.name_of(run),
        hint=say(hint, run=run.name),
        error_follows=not behind,
        may_be_left=left,
        explained=Explained(session) if explains else None,
    )


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """Options with `$names` replaced by what they stand for."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):  # a repeated option; one `$name` may hold several columns
            parts = [part.value if isinstance(part, Var) else part for part in value]
            made[name] = [*parts[0]] if parts and isinstance(parts[0], list | tuple) else parts
        else:
            made[name] = value.value if isinstance(value, Var) else value
    return made


def form(session: Session, args: Args, _names: Names) -> Any:
    """The form, filled with what the line says."""
    from automl_nb.notebook.form.draft import Draft
    from automl_nb.notebook.form.open import opened

    _speak(getattr(args, "language", ""))
    return opened(session, Draft.of(vars(args)))


def explore(session: Session, args: Args, names: Names) -> Any:
    """Compare pretrained networks on a task; the card is the cell's result."""
    given = vars(args)
    output, target = given.pop("output", ""), str(_values(given).pop("out", ""))
    check_card_place(target)
    data = lookup.data_of(given.pop("data"), names)
    asked = fit_options(_values(given))
    wanted = {option.name for option in EXPLORE} - {"time", "sample"}
    options = {k: v for k, v in session.defaults().items() if k in wanted} | asked
    label = options.pop("label", None)
    with live.line(session.mode) as heard:
        card = session.api.explore(data, label, on_progress=heard, **options)
    if target:
        card.save(target)
    if output:
        display(card)
    return session.give(output, lambda: card, card)


def predict(session: Session, args: Args, names: Names) -> Any:
    """Answers for new rows: those of DATA, or those that stand below the line."""
    if "rows" in args:
        return _predict_below(session, args, names)
    model, data = lookup.model_and_data("%automl predict", args, names, session.api)
    answer = model.predict_proba if getattr(args, "proba", False) else model.predict
    return session.give(_output(args), lambda: answer(data))


def _predict_below(session: Session, args: Args, names: Names) -> Any:
    word = getattr(args, "model", None)
    if word is None:
        raise SettingError(
            "Above the rows stands the model that answers.", hint="Write: %%automl predict MODEL"
        )
    model = lookup.model_of(word, names, session.api)
    rows = typed_rows(model, args.rows)
    proba = getattr(args, "proba", False)
    return session.give(_output(args), lambda: answered(model, rows, proba=proba))


def evaluate(session: Session, args: Args, names: Names) -> Any:
    """Judge a model on labelled rows."""
    model, data = lookup.model_and_data("%automl evaluate", args, names, session.api)
    return session.give(_output(args), lambda: model.evaluate(data))


def leaderboard(session: Session, args: Args, names: Names) -> Any:
    """The models of a run, best first."""
    run = _current(session, args, names)
    if run.state.ended is not None:
        _check_has_models(run, "leaderboard")
    return session.give(_output(args), lambda: run.leaderboard)


def _check_has_models(run: Any, verb: str) -> None:
    """Raise if a run has trained nothing that could be shown, and say why it hasn't."""
    if run.state.leaderboard:
        return
    why = why_no_model(run.state, run.status)
    raise RunError(
        f"'{verb}' needs a run that has trained a model.",
        received=f"run '{run.name}', {run.status}",
        hint=f"{clip(why, 200)} Another run: %automl {verb} RUN, as %automl runs lists them.",
    )


def ledger(session: Session, args: Args, names: Names) -> Any:
    """What a run tried, why each trial ended, and what it cost."""
    run = _current(session, args, names)
    return session.give(_output(args), lambda: run.ledger)


def status(session: Session, args: Args, names: Names) -> Any:
    """Draw a run again, from what this kernel knows of it or from its folder; or list several."""
    if "run" not in args and len(there := session.api.at_work()) > 1:
        return there
    run = _current(session, args, names)
    display(bundle(run.state, session.frame_of(run)), raw=True)
    return None


def report(session: Session, args: Args, names: Names) -> Any:
    """Write a run's report and link to it."""
    run = _current(session, args, names)
    path = Path(run.report(getattr(args, "to", None)))
    return session.give(_output(args), lambda: path, FileLink(_relative(path)))


def _relative(path: Path) -> Path:
    """The path from here, as a front end's link needs it, if there is one."""
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


def code(session: Session, args: Args, names: Names) -> None:
    """Write a model as plain Python into a new cell below, or print it where there can be none."""
    run = _current(session, args, names)
    _check_has_models(run, "code")
    among = {name: names[name] for name in lookup.frames(names)}
    written = run.code(getattr(args, "model", ""), among=among)
    if is_watched(session.shell):
        session.shell.set_next_input(written, replace=False)
        session.write(say("code.written", run=run.name))
    else:  # no front end would make a cell of it
        session.write(f"{say('code.here', run=run.name)}\n\n{written}")


def runs(session: Session, args: Args, _names: Names) -> Any:
    """All runs on disk."""
    return session.give(_output(args), session.api.runs)


def stop(session: Session, args: Args, names: Names) -> None:
    """Ask a run to end and keep its best model."""
    session.write(steer_words.stop(_current(session, args, names)))


def _steering(verb: Verb) -> Handler:
    def handler(session: Session, args: Args, names: Names) -> None:
        session.write(steer(verb, _current(session, args, names), args))

    return handler


def resume(session: Session, args: Args, names: Names) -> Any:
    """End a pause, or go on where a run was left, watching it."""
    run = _current(session, args, names)
    at_work = run.state.ended is None and not run.killed
    if at_work:
        run.resume()
        session.write(say("resume.asked", run=run.name))
        return None
    data = lookup.data_of(args.data, names) if "data" in args else None
    again = session.began(
        session.api.resume(
            run.folder,
            data,
            time=getattr(args, "time", None),
            among=lookup.frames_in(names),
        )
    )
    explains = bool(again.state.settings.get("explain_steps"))
    return _watched(session, again, _output(args), explains=explains)


def list_(session: Session, args: Args, _names: Names) -> Any:
    """What can be chosen."""
    kind = getattr(args, "kind", None)
    if kind is None:
        lines = [f"  %automl list {known}" for known in session.api.kinds()]
        session.write("\n".join([say("list.kinds"), *lines]))
        return None
    return session.give(_output(args), lambda: session.api.available(str(kind)))


def space(session: Session, args: Args, _names: Names) -> Any:
    """What may be set and searched of a strategy."""
    return session.give(_output(args), lambda: session.api.space(**space_asked(args)))


def memory(session: Session, args: Args, _names: Names) -> Any:
    """The tasks seen before: list, export, wipe."""
    action, path = memory_action(args)
    if action == "export":
        session.write(say("memory.exported", path=session.api.memory_export(path)))
        return None
    if action == "wipe":
        session.write(say("memory.wiped", n=counted(session.api.memory_wipe(), "task")))
        return None
    return session.give(_output(args), session.api.memory)


def cache(session: Session, args: Args, _names: Names) -> Any:
    """What is kept between runs: list it, or make room."""
    action, to = cache_action(args)
    if action == "list":
        return session.give(_output(args), session.api.cache)
    api = session.api
    session.write(str(api.cache_trim(to) if action == "trim" else api.cache_clear()))
    return None


def doctor(session: Session, _args: Args, _names: Names) -> Any:
    """Device, versions, weights, caches, and what to do."""
    return session.api.doctor()


def traceback(session: Session, _args: Args, _names: Names) -> None:
    """The whole traceback of the last error."""
    session.write(session.last_traceback or say("traceback.none"))


def help_(session: Session, args: Args, _names: Names) -> None:
    """The overview, or one subcommand's options."""
    name = getattr(args, "subcommand", None)
    session.write(parser_of(str(name)).format_help() if name else overview())


def _current(session: Session, args: Args, names: Names) -> Any:
    """The run that is meant, with every event that has come so far."""
    run = lookup.run_of(getattr(args, "run", None), names, session.api, session.last_run)
    while not run.done and run.poll(0):
        pass
    return run


def _output(args: Args) -> str:
    return str(getattr(args, "output", ""))


HANDLERS: dict[str, Handler] = {
    "fit": fit,
    "form": form,
    "explore": explore,
    "predict": predict,
    "evaluate": evaluate,
    "leaderboard": leaderboard,
    "ledger": ledger,
    "status": status,
    "report": report,
    "code": code,
    "runs": runs,
    "stop": stop,
    **{verb.name: _steering(verb) for verb in VERBS},
    "resume": resume,
    "list": list_,
    "space": space,
    "memory": memory,
    "cache": cache,
    "doctor": doctor,
    "traceback": traceback,
    "help": help_,
}
