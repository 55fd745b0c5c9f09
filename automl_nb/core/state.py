"""What a run looks like now: a fold over its events.

The live view, `status`, the terminal and the report all draw a `RunState`, so what
one shows can always be rebuilt from the journal by replaying it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from automl_nb.core import events as ev
from automl_nb.core.types import Finding, LeaderboardRow, Objective, Schema, Task


@dataclass
class StageView:
    """A step of the recipe as seen so far; `outcome` is "" until it ended."""

    name: str
    started: float | None = None
    ended: float | None = None
    outcome: str = ""
    note: str = ""
    why: str = ""


@dataclass
class Curve:
    """The learning curves of one trial: resource and one list a metric."""

    trial: str
    resource: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    status: str = "running"
    total: float = 0.0  # the resource at which the trial would end by itself


@dataclass
class Trial:
    """A configuration that was tried, and what it cost.

    A trial that was interrupted with its run and begun again is one: its costs are added up.

    Attributes:
        status: running, done, stopped, skipped, failed; pruned if a scheduler ended it;
            interrupted if its process was killed.
        elapsed_s: Seconds that it took.
        reused: Whether an earlier run did the work.
        began: When its last beginning was told, for what an interruption leaves untold.
        search: heads or networks, where a search proposed it.
        loss: What the search compares its trials by: the mean over drawn rows (heads) or over
            those that no network learns from; None for all others.
    """

    trial: str
    strategy: str
    inputs: tuple[str, ...] = ()
    config: dict[str, object] = field(default_factory=dict)
    stage: str = ""
    started: float = 0.0
    ended: float | None = None
    status: str = "running"
    note: str = ""
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    reused: bool = False
    began: float = 0.0
    search: str = ""
    loss: float | None = None


@dataclass
class RunState:
    """A run as a person would describe it, at time `t` seconds."""

    run: str = ""
    t: float = 0.0
    settings: dict[str, object] = field(default_factory=dict)
    version: str = ""
    started_at: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    process: int = 0
    behind: tuple[str, ...] = ()  # the runs that it waits for
    paused: bool = False
    schema: Schema | None = None
    task: Task | None = None
    objective: Objective | None = None
    findings: tuple[Finding, ...] = ()
    split: ev.DataSplit | None = None
    stages: list[StageView] = field(default_factory=list)
    progress: ev.Progress | None = None
    curves: dict[str, Curve] = field(default_factory=dict)
    searched: list[ev.SearchTold] = field(default_factory=list)
    trials: dict[str, Trial] = field(default_factory=dict)
    leaderboard: list[LeaderboardRow] = field(default_factory=list)
    ties: ev.ModelsTied | None = None
    incumbent: ev.IncumbentImproved | None = None
    incumbents: list[ev.IncumbentImproved] = field(default_factory=list)
    preferred: ev.ModelPreferred | None = None
    forecasts: list[ev.Forecast] = field(default_factory=list)
    messages: list[ev.Message] = field(default_factory=list)
    scorecard: dict[str, object] | None = None
    explained: dict[str, ev.StepExplained] = field(default_factory=dict)  # by step
    ended: ev.RunEnded | None = None
    places: dict[str, int] = field(default_factory=dict)  # of the models on the leaderboard

    @property
    def stage(self) -> StageView | None:
        """The step at work, or None."""
        return next((s for s in self.stages if s.started is not None and s.ended is None), None)

    @property
    def time_s(self) -> float | None:
        """The budget in seconds, or None when there is none."""
        value = self.settings.get("time_s")
        return float(value) if isinstance(value, int | float) else None

    @property
    def status(self) -> str:
        """Waiting, running, paused, finished, stopped or failed."""
        if self.ended:
            return self.ended.status
        if self.behind:
            return "waiting"
        return "paused" if self.paused else "running"

    def apply(self, event: ev.Event) -> None:
        """Fold one event in."""
        self.t = max(self.t, event.t)
        _APPLY[type(event)](self, event)

    def ranked(self) -> list[LeaderboardRow]:
        """The leaderboard, best first.

        Of equal ones the model that is kept, then what is tied with it, then by what a search
        compared them by.
        """
        up = self.objective.greater_is_better if self.objective else True
        kept = self.incumbent.model if self.incumbent else ""
        tied = self.ties.models if self.ties else ()

        def order(row: LeaderboardRow) -> tuple[float, bool, bool, float]:
            trial = self.trials.get(row.model)
            loss = math.inf if trial is None or trial.loss is None else trial.loss
            score = -row.score if up else row.score
            return score, row.model != kept, row.model not in tied, loss

        return sorted(self.leaderboard, key=order)

    def ranks(self) -> list[int]:
        """A rank for each of `ranked`: 1 for all that are tied with the first, else its place.

        Example:
            >>> state = RunState()
            >>> for model, score in (("a", 0.9), ("b", 0.88), ("c", 0.87), ("d", 0.5)):
            ...     row = LeaderboardRow(model, "", (), score, 0.0, 1.0, 0.0, 0.0, "", 0.0)
            ...     state.apply(ev.ModelAdded(1.0, row))
            >>> state.ranks()
            [1, 2, 3, 4]
            >>> state.apply(ev.ModelsTied(2.0, "a", ("a", "c")))
            >>> state.ranks()
            [1, 2, 1, 4]
        """
        tied = self.tied()
        return [
            1 if row.model in tied else place for place, row in enumerate(self.ranked(), start=1)
        ]

    def tied(self) -> tuple[str, ...]:
        """The models that can't be told from the first, it among them; () if there is none."""
        ranked = self.ranked()
        if self.ties is None or not ranked or ranked[0].model != self.ties.first:
            return ()
        return self.ties.models if len(self.ties.models) > 1 else ()


def replay(events: Iterable[ev.Event]) -> RunState:
    """The state after these events."""
    state = RunState()
    for event in events:
        state.apply(event)
    return state


def _run_started(state: RunState, event: ev.RunStarted) -> None:
    state.run, state.settings, state.version = event.run, event.settings, event.version
    state.started_at, state.environment = event.started_at, event.environment
    state.process, state.behind = event.process, ()


def _waiting(state: RunState, event: ev.RunWaiting) -> None:
    state.run, state.behind, state.ended = event.run, event.behind, None


def _paused(state: RunState, _: ev.RunPaused) -> None:
    state.paused = True


def _continued(state: RunState, _: ev.RunContinued) -> None:
    state.paused = False


def _extended(state: RunState, event: ev.RunExtended) -> None:
    state.settings = {**state.settings, "time_s": event.time_s}


def _resumed(state: RunState, event: ev.RunResumed) -> None:
    state.settings = {**state.settings, "time_s": event.time_s}
    state.version, state.process = event.version, event.process
    state.paused, state.ended, state.progress, state.ties = False, None, None, None
    state.behind = ()
    for trial in state.trials.values():
        if trial.ended is None:
            _closed(trial, event.t, "interrupted", event.t - trial.began)


def _described(state: RunState, event: ev.DataDescribed) -> None:
    state.schema, state.task = event.schema, event.task
    state.objective, state.findings = event.objective, event.findings


def _split(state: RunState, event: ev.DataSplit) -> None:
    state.split = event


def _planned(state: RunState, event: ev.StagePlanned) -> None:
    state.stages = [StageView(name) for name in event.stages]


def _find_stage(state: RunState, name: str) -> StageView:
    found = next((s for s in state.stages if s.name == name), None)
    if found is None:
        found = StageView(name)
        state.stages.append(found)
    return found


def _stage_started(state: RunState, event: ev.StageStarted) -> None:
    stage = _find_stage(state, event.stage)
    stage.started, stage.why = event.t, event.why
    state.progress = None


def _stage_ended(state: RunState, event: ev.StageEnded) -> None:
    stage = _find_stage(state, event.stage)
    stage.ended, stage.outcome, stage.note = event.t, event.outcome, event.note
    state.progress = None


def _progress(state: RunState, event: ev.Progress) -> None:
    state.progress = event


def _trial_started(state: RunState, event: ev.TrialStarted) -> None:
    state.curves[event.trial] = Curve(event.trial)
    known = state.trials.get(event.trial)
    if known is None:
        stage = state.stage
        state.trials[event.trial] = Trial(
            event.trial,
            event.strategy,
            event.inputs,
            event.config,
            "" if stage is None else stage.name,
            started=event.t,
            began=event.t,
            search=event.search,
        )
        return
    known.began = event.t
    if known.status != "done":  # that would only be told again
        known.status, known.ended = "running", None


def _trial_reported(state: RunState, event: ev.TrialReported) -> None:
    curve = state.curves.get(event.trial)
    if curve is None:
        curve = state.curves[event.trial] = Curve(event.trial)
    curve.resource.append(event.resource)
    curve.total = max(event.total, event.resource)
    for name, value in event.metrics.items():
        values = curve.metrics.setdefault(name, [])
        values.extend([float("nan")] * (len(curve.resource) - 1 - len(values)))
        values.append(value)


def _trial_ended(state: RunState, event: ev.TrialEnded) -> None:
    if event.trial in state.curves:
        state.curves[event.trial].status = event.status
    trial = state.trials.get(event.trial)
    if trial is None or (trial.status == "done" and event.reused):
        return  # what was done before an interruption was only told again
    _closed(trial, event.t, event.status, event.elapsed_s)
    trial.note, trial.reused, trial.loss = event.note, event.reused, event.loss
    trial.cpu_s += event.cpu_s
    trial.peak_memory_bytes = max(trial.peak_memory_bytes, event.peak_memory_bytes)


def _closed(trial: Trial, t: float, status: str, elapsed_s: float) -> None:
    trial.ended, trial.status = t, status
    trial.elapsed_s += elapsed_s


def _search_told(state: RunState, event: ev.SearchTold) -> None:
    if event.number == 0:  # a search that begins anew
        state.searched = [told for told in state.searched if told.search != event.search]
    state.searched.append(event)
    if event.trial in state.trials:
        state.trials[event.trial].loss = event.value if event.loss is None else event.loss


def _model_added(state: RunState, event: ev.ModelAdded) -> None:
    place = state.places.setdefault(event.row.model, len(state.leaderboard))
    state.leaderboard[place : place + 1] = [event.row]


def _tied(state: RunState, event: ev.ModelsTied) -> None:
    state.ties = event


def _incumbent(state: RunState, event: ev.IncumbentImproved) -> None:
    state.incumbent, state.preferred = event, None
    state.incumbents.append(event)


def _preferred(state: RunState, event: ev.ModelPreferred) -> None:
    """It is kept, but no step on the way to the best score."""
    state.preferred = event
    state.incumbent = ev.IncumbentImproved(event.t, event.model, event.score, event.path)


def _foretold(state: RunState, event: ev.Forecast) -> None:
    state.forecasts.append(event)


def _message(state: RunState, event: ev.Message) -> None:
    state.messages.append(event)


def _scored(state: RunState, event: ev.TestScored) -> None:
    state.scorecard = event.scorecard


def _explained(state: RunState, event: ev.StepExplained) -> None:
    state.explained[event.step] = event


def _ended(state: RunState, event: ev.RunEnded) -> None:
    state.ended = event
    state.progress, state.behind = None, ()


_APPLY: dict[type, Callable[..., None]] = {
    ev.RunStarted: _run_started,
    ev.RunWaiting: _waiting,
    ev.RunPaused: _paused,
    ev.RunContinued: _continued,
    ev.RunExtended: _extended,
    ev.RunResumed: _resumed,
    ev.DataDescribed: _described,
    ev.DataSplit: _split,
    ev.StagePlanned: _planned,
    ev.StageStarted: _stage_started,
    ev.StageEnded: _stage_ended,
    ev.Progress: _progress,
    ev.TrialStarted: _trial_started,
    ev.TrialReported: _trial_reported,
    ev.TrialEnded: _trial_ended,
    ev.SearchTold: _search_told,
    ev.ModelAdded: _model_added,
    ev.ModelsTied: _tied,
    ev.IncumbentImproved: _incumbent,
    ev.ModelPreferred: _preferred,
    ev.Forecast: _foretold,
    ev.Message: _message,
    ev.TestScored: _scored,
    ev.StepExplained: _explained,
    ev.RunEnded: _ended,
}
