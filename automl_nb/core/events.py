"""Everything that happens in a run, as typed facts.

The engine emits events; the journal keeps them; every front end only draws the
`RunState` that `automl_nb.core.state` folds out of them. All times are seconds
since the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from automl_nb.core.types import Finding, Foretold, LeaderboardRow, Objective, Schema, Task

FORMAT_VERSION = 2


@dataclass(frozen=True)
class RunStarted:
    """The first event: what was asked for, and of which data."""

    t: float
    run: str
    settings: dict[str, object]
    version: str
    format_version: int = FORMAT_VERSION
    started_at: str = ""  # ISO 8601 with zone
    environment: dict[str, str] = field(default_factory=dict)
    process: int = 0  # the process that works, to tell a run at work from a killed one


@dataclass(frozen=True)
class RunWaiting:
    """Nothing is begun yet: `behind` are the runs that come before. No journal holds this."""

    t: float
    run: str
    behind: tuple[str, ...]


@dataclass(frozen=True)
class RunPaused:
    """Nothing is computed from here on, and the run's time stands still."""

    t: float


@dataclass(frozen=True)
class RunContinued:
    """The end of a pause."""

    t: float


@dataclass(frozen=True)
class RunExtended:
    """The budget was changed; `time_s` is the whole of it from now on."""

    t: float
    time_s: float


@dataclass(frozen=True)
class RunResumed:
    """Another process works on from where the run was left; what it had done is told again.

    `time_s` is the whole budget; `t` goes on from the last event.
    """

    t: float
    time_s: float
    version: str
    resumed_at: str = ""  # ISO 8601 with zone
    process: int = 0
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class DataDescribed:
    """The table was read, its columns and the task inferred."""

    t: float
    schema: Schema
    task: Task
    objective: Objective
    findings: tuple[Finding, ...] = ()
    # What tells the data from others, and where files lie: `automl_nb.pipeline.source_print`.
    source: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSplit:
    """The rows were divided; `how` says by which rule, `checks` what the test said."""

    t: float
    n_train: int
    n_valid: int
    n_test: int
    how: str
    checks: str = ""


@dataclass(frozen=True)
class StagePlanned:
    """The recipe's steps, in order, so that a view can show what is to come."""

    t: float
    stages: tuple[str, ...]


@dataclass(frozen=True)
class StageStarted:
    """A step of the recipe began."""

    t: float
    stage: str
    why: str = ""


@dataclass(frozen=True)
class StageEnded:
    """A step of the recipe ended; `outcome` is done, skipped, stopped or failed."""

    t: float
    stage: str
    outcome: str
    note: str = ""


@dataclass(frozen=True)
class Progress:
    """How far the work at hand has come; `eta_s` is seconds to its end, -1 if unknown."""

    t: float
    what: str
    done: float
    total: float
    unit: str = ""
    eta_s: float = -1.0


@dataclass(frozen=True)
class TrialStarted:
    """One configuration begins to train on these inputs (keys of blocks).

    `search` is heads or networks where a search proposed it: its trials are compared by their loss.
    """

    t: float
    trial: str
    strategy: str
    config: dict[str, object] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    search: str = ""


@dataclass(frozen=True)
class TrialReported:
    """A point on a trial's learning curves."""

    t: float
    trial: str
    resource: float
    metrics: dict[str, float]
    total: float = 0.0


@dataclass(frozen=True)
class TrialEnded:
    """A configuration ended; `status` is done, stopped, failed or skipped.

    `cpu_s` counts all cores of the process; `peak_memory_bytes` is what the process took at most
    beyond what it had when the trial began; `reused` says that an earlier run did the work. `loss`
    is that of the drawn rows on which a search compares settings, if the trial was judged by it.
    """

    t: float
    trial: str
    status: str
    elapsed_s: float
    note: str = ""
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    reused: bool = False
    loss: float | None = None


@dataclass(frozen=True)
class SearchTold:
    """How a search's trial came out, as the searcher heard it: enough to rebuild the search.

    `state` is done, pruned or failed; `given` if the configuration was asked for by hand. A run may
    search twice: settings of heads, then those of networks. `reports` are what the scheduler heard:
    (share of the whole trial, loss). `noise` is by how much the judge couldn't tell the best ones
    apart then, `tie` by how much worse ones were that it couldn't tell from the best; 0 if unknown.
    `passed` are settings that the searcher proposed before this trial and
    that were tried already. Of a network: `trial` is its name, `loss` that of the weights that were
    kept, where there are any, and `cut` says that the time cut its training short, so that it is
    told as pruned although it ended by itself; `least_s` are the seconds that a training of its
    kind takes to its first pass over the rows, 0 if unknown.
    """

    t: float
    number: int
    config: dict[str, object]
    value: float | None
    state: str
    seconds: float = 0.0
    given: bool = False
    search: str = "heads"
    reports: tuple[tuple[float, float], ...] = ()
    noise: float = 0.0
    cost: float | None = None  # the second objective, where there are two
    passed: tuple[dict[str, object], ...] = ()
    trial: str = ""
    loss: float | None = None
    cut: bool = False
    tie: float = 0.0
    least_s: float = 0.0

    @property
    def was_begun(self) -> bool:
        """Whether any work went into it: what would not end in time is proposed and no more."""
        return self.state != "failed" or self.seconds > 0


@dataclass(frozen=True)
class ModelAdded:
    """A trained model stands on the leaderboard."""

    t: float
    row: LeaderboardRow


@dataclass(frozen=True)
class ModelsTied:
    """The models that aren't surely worse than the first of the leaderboard, it among them."""

    t: float
    first: str
    models: tuple[str, ...]


@dataclass(frozen=True)
class IncumbentImproved:
    """The best model so far changed; its bundle is at `path`, "" if the disk refused it."""

    t: float
    model: str
    score: float
    path: str


@dataclass(frozen=True)
class ModelPreferred:
    """The model that is kept in the end, as `prefer` asks; `best` is the one of the best score.

    `why` says in a sentence what was given up and gained; `path` is the bundle's, "" if the disk
    refused it.
    """

    t: float
    prefer: str
    model: str
    score: float
    best: str
    path: str
    why: str


@dataclass(frozen=True)
class Forecast:
    """What the best score is expected to be, if the run goes on, at some later times."""

    t: float
    points: tuple[Foretold, ...]


@dataclass(frozen=True)
class Message:
    """A sentence for the person watching; `level` is info, warning or error."""

    t: float
    text: str
    level: str = "info"


@dataclass(frozen=True)
class TestScored:
    """The sealed test part was opened; `scorecard` is `Scorecard.to_dict()`."""

    t: float
    scorecard: dict[str, object]


@dataclass(frozen=True)
class StepExplained:
    """What a step did with the person's own rows, for whoever wants it explained.

    `step` is a name of `automl_nb.explained.catalog`; `facts` is what its words and its picture
    are made of, whatever the language and the theme.
    """

    t: float
    step: str
    facts: dict[str, object]


@dataclass(frozen=True)
class RunEnded:
    """The last event; `status` is finished, stopped, failed."""

    t: float
    status: str
    reason: str
    model: str = ""
    score: float | None = None


Event = (
    RunStarted
    | RunWaiting
    | RunPaused
    | RunContinued
    | RunExtended
    | RunResumed
    | DataDescribed
    | DataSplit
    | StagePlanned
    | StageStarted
    | StageEnded
    | Progress
    | TrialStarted
    | TrialReported
    | TrialEnded
    | SearchTold
    | ModelAdded
    | ModelsTied
    | IncumbentImproved
    | ModelPreferred
    | Forecast
    | Message
    | TestScored
    | StepExplained
    | RunEnded
)

Sink = Callable[[Event], None]
