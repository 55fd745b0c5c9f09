"""What is worth showing of a run, chosen once for text, terminal and HTML."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass, replace
from typing import Any

from automl_nb.core.events import Progress
from automl_nb.core.foretold import checked
from automl_nb.core.show.amounts import counted, lasting, over_seeds, step_named
from automl_nb.core.show.engine_words import translated
from automl_nb.core.show.messages import known, say
from automl_nb.core.show.words import clip, interval, margin, number
from automl_nb.core.state import RunState, StageView
from automl_nb.core.types import ColumnKind, Foretold, LeaderboardRow, Severity

COMPUTES = "Networks compute on {device}."
_AT_WORK = {"waiting", "running", "paused"}
_LEAST_S = 0.05  # left, below which it would be called none
_FRESH_S = 150.0  # of a forecast; a new one comes once a minute


@dataclass(frozen=True)
class Frame:
    """How a state is to be drawn.

    Attributes:
        now: Seconds since the run's start; the last event's time if None.
        folder: Where the run lies, or "".
        notice: A sentence that answers what the person just did, or "".
        hint: A sentence on what can be done while it runs, or "".
        model_name: The name that the model has in the person's namespace, or "".
        run_name: The name that the run has there; "" if none.
        stable: Leave out times, paths and anything that differs from one run to
            the next, so that a saved notebook can be compared with a fresh one.
        broken: The run ended without a last word (the process was killed).
        error_follows: The error that ended the run is shown by someone else.
        in_shell: The person types commands, not Python.
        may_be_left: This may be the last frame though the run goes on: nobody looks at it, and
            where it is drawn ends first.
    """

    now: float | None = None
    folder: str = ""
    notice: str = ""
    hint: str = ""
    model_name: str = ""
    run_name: str = "run"
    stable: bool = False
    broken: bool = False
    error_follows: bool = False
    in_shell: bool = False
    may_be_left: bool = False


@dataclass(frozen=True)
class StageFact:
    """A step; `outcome` is done, now, skipped, stopped, failed or to_come."""

    name: str
    outcome: str
    seconds: float | None
    note: str


@dataclass(frozen=True)
class Score:
    """A named measure with its 95% interval as text (either may be "")."""

    name: str
    value: str
    interval: str


def status(state: RunState, frame: Frame) -> str:
    """The run's state as a key of the catalogue: running, stopping, finished, ..."""
    if state.ended is None and frame.broken:
        return "broken"
    if state.ended is None and frame.notice:
        return "stopping"
    if state.status == "running" and frame.may_be_left:
        return "left"
    return state.status


def elapsed(state: RunState, frame: Frame) -> float:
    """Seconds since the start, up to the end of an ended run."""
    if state.ended is not None or state.paused or state.behind or frame.now is None:
        return state.t
    return max(state.t, frame.now)


def data_line(state: RunState) -> str:
    """What is learnt from what, on one line; "" before the data was read.

    Example: ``"4,000 rows · 1 text · sentiment (binary)"``
    """
    if state.schema is None or state.task is None:
        return ""
    skipped = {ColumnKind.ID, ColumnKind.CONSTANT}
    inputs = [c for c in state.schema.columns if c.name != state.task.label]
    kinds = [kind for kind in ColumnKind if kind not in skipped]
    counts = [(kind, sum(c.kind is kind for c in inputs)) for kind in kinds]
    task = say("task", label=clip(state.task.label, 40), kind=say(f"learnt.{state.task.kind}"))
    columns = ", ".join(f"{n} {say(f'kind.{kind}')}" for kind, n in counts if n)
    return " · ".join(p for p in (counted(state.schema.n_rows, "row"), columns, task) if p)


def stages(state: RunState, frame: Frame) -> list[StageFact]:
    """The recipe's steps, in order, as far as they have come."""
    return [_stage(stage, elapsed(state, frame), state.status) for stage in state.stages]


def _stage(stage: StageView, now: float, run: str) -> StageFact:
    name = step_named(stage.name)
    if stage.started is None and not stage.outcome:
        return StageFact(name, "to_come" if run in _AT_WORK else "skipped", None, "")
    begun = stage.started if stage.started is not None else stage.ended or 0.0
    if stage.outcome:
        note = translated(stage.note)
        return StageFact(name, stage.outcome, (stage.ended or 0.0) - begun, note)
    if run in _AT_WORK:
        why = known(f"plan.{stage.name}.why", stage.why)
        return StageFact(name, "now", now - begun, why)
    return StageFact(name, "failed" if run == "failed" else "stopped", now - begun, "")


def best(state: RunState) -> LeaderboardRow | None:
    """The leaderboard row of the best model so far, or None."""
    if state.incumbent is not None:
        name = state.incumbent.model
        found = next((row for row in state.leaderboard if row.model == name), None)
        if found is not None:
            return found
    ranked = state.ranked()
    return ranked[0] if ranked else None


def ranks(state: RunState) -> list[str]:
    """What stands before each model of the leaderboard: its place, "=1" where it is tied."""
    tied = state.tied()
    places = zip(state.ranked(), state.ranks(), strict=True)
    return [f"={place}" if row.model in tied else str(place) for row, place in places]


def tie_line(state: RunState) -> str:
    """How many models can't be told from the first; "" if it is alone."""
    others = len(state.tied()) - 1
    if others < 1:
        return ""
    key = "leaderboard.tied.one" if others == 1 else "leaderboard.tied"
    return say(key, models=counted(others, "model"))


def score_words(row: LeaderboardRow) -> str:
    """A model's score; with several seeds the mean, its spread and their number."""
    return over_seeds(row.score, row.spread, len(row.seeds))


def metric(state: RunState) -> str:
    """The run's metric, or "score" before it is known."""
    return state.objective.metric if state.objective else "score"


def work_line(progress: Progress) -> str:
    """The work at hand: ``"Encoding texts: 1,200 of 4,000 rows · about 8.0 s left"``."""
    parts = [progress.what]
    if progress.total > 0:
        unit = f" {known(f'work.{progress.unit}', progress.unit)}" if progress.unit else ""
        done, total = _amount(progress.done), _amount(progress.total)
        amount = f"{say('work.of', done=done, total=total)}{unit}"
        parts = [f"{progress.what}: {amount}"]
    if progress.eta_s >= _LEAST_S:
        parts.append(say("time.eta", left=lasting(progress.eta_s)))
    return " · ".join(parts)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def time_line(state: RunState, frame: Frame) -> str:
    """Time used, of which budget, and what is left of it."""
    used = lasting(elapsed(state, frame))
    if state.ended is not None:
        return say("time.took", used=used)
    budget = state.time_s
    if not budget or not math.isfinite(budget):
        return say("time.used", used=used)
    left = lasting(max(0.0, budget - elapsed(state, frame)))
    of = say("time.of", used=used, budget=lasting(budget))
    return f"{of} · {say('time.left', left=left)}"


def forecast_line(state: RunState, frame: Frame) -> str:
    """What the best score is expected to be; "" where nothing is known, or where it is over.

    Example: ``"If it goes on: +5 min: 0.907 ± 0.006 · +10 min: 0.912 ± 0.010"``
    """
    points = forecast_points(state, frame)
    return say("forecast", points=" · ".join(points)) if points else ""


def forecast_points(state: RunState, frame: Frame) -> list[str]:
    """The last forecast, a few words for each time; it is left out once it is old."""
    last = state.forecasts[-1] if state.forecasts else None
    over = state.ended is not None or frame.broken or frame.stable
    if last is None or over or elapsed(state, frame) - last.t > _FRESH_S:
        return []
    return [_foretold(point, last.t, state.time_s) for point in last.points]


def _foretold(point: Foretold, said_at: float, budget: float | None) -> str:
    score = margin(point.value, (point.high - point.low) / 2)
    if budget is not None and abs(point.at - budget) < 1.0:
        return say("forecast.end", score=score)
    return say("forecast.ahead", minutes=f"{(point.at - said_at) / 60:.0f}", score=score)


def forecast_check(state: RunState) -> str:
    """How the forecasts turned out, with the one that looked farthest ahead; "" without any."""
    found = checked(state)
    if not found:
        return ""
    one = max(found, key=lambda each: each.point.at - each.said_at)
    return say(
        "forecast.checked",
        n=counted(len(found), "forecast"),
        held=sum(each.held for each in found),
        said=lasting(one.said_at),
        # The interval itself: it needn't lie evenly around the value, and this is what held or not.
        score=f"{number(one.point.value)} [{number(one.point.low)}, {number(one.point.high)}]",
        at=lasting(one.point.at),
        came=number(one.came),
    )


def notes(state: RunState, frame: Frame, most: int) -> tuple[list[tuple[str, str]], int]:
    """The last things said, as (level, text), and how many came before them."""
    found = [
        (str(f.severity), f"{f.column}: {f.message}" if f.column else f.message)
        for f in state.findings
        if f.severity is not Severity.INFO
    ]
    found += [(m.level, translated(m.text)) for m in state.messages]
    if state.behind:
        found.append(("info", waits_line(state)))
    if state.ended is not None and not frame.stable and (told := forecast_check(state)):
        found.append(("info", told))
    failed = state.status == "failed"
    if state.ended is not None and state.ended.reason and not (failed and frame.error_follows):
        found.append(("error" if failed else "info", translated(state.ended.reason)))
    return found[-most:], max(0, len(found) - most)


def waits_line(state: RunState) -> str:
    """For which runs it waits."""
    if set(state.behind) <= {state.run}:  # nobody could look who is before it
        return say("queue.turn", run=state.run)
    return say("queue.waits", run=state.run, runs=", ".join(state.behind))


def summary(state: RunState, frame: Frame) -> str:
    """One sentence that says how the run stands, without times."""
    run = say("run") if frame.stable or not state.run else state.run
    if state.ended is None and not frame.broken:
        stage = state.stage
        parts = [say(f"summary.{status(state, replace(frame, notice=''))}", run=run)]
        parts += [step_named(stage.name)] if stage else []
        row = best(state)
        parts += [f"{metric(state)} {number(row.score)}"] if row else []
        return " · ".join(parts)
    ended = say(f"status.{status(state, frame)}")
    row = best(state)
    if row is None:
        return say("summary.none", run=run, status=ended)
    value = number(row.score)
    return say("summary.scored", run=run, status=ended, metric=metric(state), score=value)


_TELLING = (
    "accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "pr_auc", "log_loss", "mcc", "brier",
    "rmse", "mae", "r2", "medae",
)  # fmt: skip


def test_measures(state: RunState, most: int) -> list[Score]:
    """The test part's measures: the run's own metric, then the most telling ones."""
    card: dict[str, Any] = state.scorecard or {}
    found: dict[str, Any] = dict(card.get("metrics") or {})
    order = [metric(state), *_TELLING, *found]
    names = [name for name in dict.fromkeys(order) if name in found]
    return [_score(name, found[name]) for name in names[:most]]


def _score(name: str, value: Any) -> Score:
    if isinstance(value, dict):
        shown = interval(value.get("low"), value.get("high"))
        return Score(name, number(value.get("value")), shown)
    return Score(name, number(value), "")


def test_caption(state: RunState) -> str:
    """The heading over the test measures, with a warning if the part was used before."""
    card: dict[str, Any] = state.scorecard or {}
    caption = say("test")
    rows = card.get("n_rows")
    if isinstance(rows, int):
        caption = f"{caption} {say('test.rows', rows=counted(rows, 'row'))}"
    uses = card.get("test_openings")
    if isinstance(uses, int) and uses > 1:
        caption = f"{caption}. {say('test.again', n=uses)}"
    return caption


def place(state: RunState, frame: Frame) -> str:
    """Where the best model lies; "" where there is none or the disk refused it."""
    kept = state.preferred or state.incumbent
    return frame.folder if kept and kept.path and not frame.stable else ""


def next_line(state: RunState, frame: Frame) -> str:
    """The line to type next, of names that are there.

    Where the disk refused the model, it is the line that saves it elsewhere.
    """
    kept = state.preferred or state.incumbent
    in_memory = kept is not None and not kept.path
    if frame.in_shell:
        return say("next.room" if in_memory else "next.shell", folder=shlex.quote(frame.folder))
    what = "next.save" if in_memory else "next.predict"
    if frame.model_name:
        return say(what, model=frame.model_name)
    if frame.run_name:
        return f"{say('next.assign', run=frame.run_name)}; {say(what, model='model')}"
    return say("next.room") if in_memory else say("next.named", run=state.run)


def device_line(state: RunState) -> str:
    """Where networks computed, as it was said; "" where none was used."""
    beginning = COMPUTES.partition("{")[0]
    said = (message.text for message in state.messages if message.text.startswith(beginning))
    return next(said, "")
