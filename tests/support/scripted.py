"""A run whose events are written down: the front ends' tests without an engine.

`reviews()` is what a three-minute run on 4,000 short reviews looks like. `Run` plays
any list of events with the surface of `automl_nb.api.Run`, and `install()` puts a
module with the surface of `automl_nb.api` in its place, also inside a kernel.
"""

from __future__ import annotations

import math
import sys
import threading
import time
import types
from pathlib import Path

from automl_nb.core import events as ev
from automl_nb.core.errors import RunError, UnknownNameError
from automl_nb.core.state import RunState, replay
from automl_nb.core.types import (
    Column,
    ColumnKind,
    Finding,
    LeaderboardRow,
    Objective,
    Schema,
    Severity,
    Task,
    TaskKind,
)

STAGES = (
    "read",
    "split",
    "baselines",
    "encode",
    "heads",
    "fine-tune",
    "ensemble",
    "calibrate",
    "test",
)
NAMES = {
    "backbones": ["minilm-l6", "minilm-l3", "deberta-v3-small", "efficientnet-lite0"],
    "encoders": ["tfidf-word", "tfidf-char", "tabular", "frozen-text", "frozen-image"],
    "strategies": ["ridge", "logistic", "knn", "mlp", "lp-ft", "boosting"],
    "metrics": ["accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "rmse", "mae"],
    "samples": ["packages", "digits"],
    "readers": ["csv", "parquet"],
}


def row(
    model, score, t, fit_s, ms=0.4, stage="heads", strategy="ridge", inputs=("tfidf-word(text)",)
):
    half = 0.011 if score < 1 else score * 0.02
    return LeaderboardRow(
        model, strategy, inputs, score, score - half, score + half, fit_s, ms, stage, t
    )


def started(name="brisk-heron", time_s=180.0):
    return ev.RunStarted(
        0.0, name, {"time_s": time_s, "seed": 0}, "0.1.0", started_at="2026-11-21T09:00:00+00:00"
    )


def described(label="sentiment"):
    columns = (
        Column("text", ColumnKind.TEXT, "long, mostly unique strings", "str", 0, 3987),
        Column("stars", ColumnKind.NUMBER, "integers", "int64", 12, 5),
        Column("row_id", ColumnKind.ID, "unique integers", "int64", 0, 4000),
        Column(label, ColumnKind.CATEGORY, "two values", "str", 0, 2),
    )
    return ev.DataDescribed(
        0.3,
        Schema(columns, 4000),
        Task(TaskKind.BINARY, label, ("negative", "positive"), "two values"),
        Objective("accuracy"),
        (
            Finding(
                "missing",
                Severity.WARNING,
                "12 values are missing; the median is used.",
                "stars",
                12,
            ),
        ),
    )


def stage(name, start, end, outcome="done", note=""):
    return [ev.StageStarted(start, name), ev.StageEnded(end, name, outcome, note)]


def model(name, score, t, fit_s, **more):
    return ev.ModelAdded(t, row(name, score, t, fit_s, **more))


def best(name, score, t):
    return ev.IncumbentImproved(t, name, score, "model")


def encoding(start, end, steps):
    made = []
    for i in range(1, steps + 1):
        t = start + (end - start) * i / steps
        made.append(
            ev.Progress(
                t, "Encoding texts with minilm-l6", 4000 * i // steps, 4000, "rows", end - t
            )
        )
    return made


def training(trial, start, end, epochs, final, points=60):
    made = [ev.TrialStarted(start, trial, "lp-ft", {"lr": 3e-5, "epochs": epochs})]
    for i in range(1, points + 1):
        part = i / points
        t = start + (end - start) * part
        score = final - 0.06 * math.exp(-4 * part) + 0.004 * math.sin(9 * part)
        loss = 0.35 + 0.3 * math.exp(-3 * part)
        made.append(
            ev.TrialReported(t, trial, epochs * part, {"loss": loss, "score": score}, epochs)
        )
        if i % 3 == 0:
            made.append(
                ev.Progress(t, f"Fine-tuning {trial}", epochs * part, epochs, "epochs", end - t)
            )
    made.append(ev.TrialEnded(end, trial, "done", end - start))
    return made


def scorecard():
    def measure(value, half=0.024):
        return {"value": value, "low": value - half, "high": value + half}

    return {
        "metrics": {
            "accuracy": measure(0.8388),
            "balanced_accuracy": measure(0.8291),
            "f1_macro": measure(0.8302),
            "roc_auc": measure(0.9107, 0.017),
            "log_loss": measure(0.3712, 0.031),
            "mcc": measure(0.6604, 0.049),
            "brier": measure(0.1163, 0.01),
        },
        "n_rows": 800,
        "test_openings": 1,
    }


def reviews(name="brisk-heron"):
    """A whole run on reviews: baselines, frozen features, fine-tuning, ensemble, test."""
    made = [started(name), ev.StagePlanned(0.05, STAGES), *stage("read", 0.05, 0.3), described()]
    made += [
        ev.StageStarted(0.3, "split"),
        ev.DataSplit(0.5, 3200, 0, 800, "stratified", "The parts look alike (p = 0.61)."),
        ev.StageEnded(0.5, "split", "done"),
    ]
    made += [
        ev.StageStarted(0.5, "baselines"),
        model("majority class", 0.6120, 0.7, 0.01, stage="baselines"),
        best("majority class", 0.6120, 0.7),
    ]
    made += [
        model("tfidf-word + ridge", 0.8042, 2.1, 1.2, stage="baselines"),
        best("tfidf-word + ridge", 0.8042, 2.1),
    ]
    made += [
        model("tfidf-word + tfidf-char + ridge", 0.8118, 4.3, 2.0, stage="baselines"),
        best("tfidf-word + tfidf-char + ridge", 0.8118, 4.3),
        ev.StageEnded(4.4, "baselines", "done"),
    ]
    made += [
        ev.StageStarted(4.4, "encode"),
        ev.Message(4.4, "Device: cpu, bf16 (2.8x faster than fp32 here)."),
        *encoding(4.4, 18.0, 40),
        ev.StageEnded(18.0, "encode", "done"),
    ]
    made += [ev.StageStarted(18.0, "heads")]
    made += [ev.TrialStarted(18.0, "minilm-l6 + mlp", "mlp")]
    made += [
        ev.TrialReported(
            18.0 + 0.25 * i, "minilm-l6 + mlp", i, {"score": 0.78 + 0.03 * (1 - 0.5**i)}, 6
        )
        for i in range(1, 7)
    ]
    made += [ev.TrialEnded(20.0, "minilm-l6 + mlp", "done", 2.0)]
    made += [
        model("minilm-l6 + ridge", 0.8121, 19.0, 0.4),
        best("minilm-l6 + ridge", 0.8121, 19.0),
        model("minilm-l6 + mlp", 0.8093, 20.0, 2.0),
        model("minilm-l6 + knn", 0.7710, 20.3, 0.2),
    ]
    made += [
        model("joined (tfidf + minilm-l6) + ridge", 0.8306, 22.0, 1.1),
        best("joined (tfidf + minilm-l6) + ridge", 0.8306, 22.0),
        ev.StageEnded(22.1, "heads", "done"),
    ]
    made += [
        ev.StageStarted(22.1, "fine-tune"),
        *training("minilm-l6 #1", 22.1, 80.0, 3, 0.828),
        model(
            "minilm-l6 fine-tuned #1",
            0.8272,
            80.0,
            57.9,
            ms=2.3,
            stage="fine-tune",
            strategy="lp-ft",
        ),
    ]
    made += [
        *training("minilm-l6 #2", 80.0, 138.0, 3, 0.836),
        model(
            "minilm-l6 fine-tuned #2",
            0.8349,
            138.0,
            58.0,
            ms=2.3,
            stage="fine-tune",
            strategy="lp-ft",
        ),
        best("minilm-l6 fine-tuned #2", 0.8349, 138.0),
        ev.StageEnded(138.1, "fine-tune", "done"),
    ]
    made += [
        ev.StageStarted(138.1, "ensemble"),
        model("ensemble of 4", 0.8421, 139.0, 0.6, ms=2.9, stage="ensemble", strategy="ensemble"),
        best("ensemble of 4", 0.8421, 139.0),
        ev.StageEnded(139.0, "ensemble", "done"),
    ]
    made += [
        *stage("calibrate", 139.0, 139.1, "skipped", "the ensemble is calibrated already"),
        ev.StageStarted(139.1, "test"),
    ]
    made += [
        ev.TestScored(142.0, scorecard()),
        ev.StageEnded(142.0, "test", "done"),
        ev.RunEnded(142.0, "finished", "No step left that would help.", "ensemble of 4", 0.8421),
    ]
    return sorted(made, key=lambda event: event.t)


def failing(name="sad-otter"):
    """A run that ends in an error before any model."""
    return [
        started(name),
        ev.StagePlanned(0.0, STAGES),
        ev.StageStarted(0.0, "read"),
        ev.StageEnded(0.2, "read", "failed", "the file is cut off"),
        ev.RunEnded(0.2, "failed", "the file is cut off"),
    ]


class Card:
    """A scorecard of so many rows."""

    def __init__(self, rows):
        self.rows = rows

    def to_dict(self):
        return {"n_rows": self.rows}

    def __repr__(self):
        return f"Scorecard of {self.rows} rows"


class Model:
    """Answers with the label it saw most."""

    def __init__(self, name="ensemble of 4"):
        self.name = name
        self.task = described().task
        self.inputs = ("text",)

    def predict(self, data):
        import numpy as np

        return np.array(["positive"] * len(data))

    def predict_proba(self, data):
        import pandas as pd

        return pd.DataFrame({"negative": [0.25] * len(data), "positive": [0.75] * len(data)})

    def evaluate(self, data):
        return Card(len(data))

    def save(self, path):
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / "model.json").write_text("{}", encoding="utf-8")


class Run:
    """Plays events with the surface of `automl_nb.api.Run`.

    Args:
        events: What happens, in order.
        speed: Seconds of the script in one second; infinite plays `chunk` events a poll.
        interrupts: At these polls a KeyboardInterrupt comes, as from the stop button.
        endless: Never end by itself; only `stop` ends it.
        stubborn: Hear `stop`, and go on.
    """

    def __init__(
        self,
        events,
        *,
        speed=math.inf,
        chunk=1,
        interrupts=(),
        endless=False,
        stubborn=False,
        error=None,
        on_event=None,
    ):
        self._todo = list(events)
        self._speed, self._chunk, self._endless = speed, chunk, endless
        self._interrupts, self._on_event = set(interrupts), on_event
        self._begun, self._polls = time.monotonic(), 0
        self._stop, self._stubborn = threading.Event(), stubborn
        self.state, self.events, self.error = RunState(), [], error
        self.name = self._todo[0].run
        self.folder = Path("automl_runs") / self.name
        self.done, self.stopped_for = False, ""
        self.options = {}

    @property
    def killed(self):
        return self.done and self.state.ended is None

    def poll(self, timeout):
        self._polls += 1
        if self._polls in self._interrupts:
            raise KeyboardInterrupt
        due = self._due(timeout)
        for event in due:
            self._apply(event)
        if self._stop.is_set() and not self.done:
            self._apply(ev.RunEnded(self.state.t, "stopped", self.stopped_for, "", None))
            self._todo = []
        self.done = not self._todo and (self.state.ended is not None or not self._endless)
        return bool(due)

    def _due(self, timeout):
        if math.isinf(self._speed):
            due, self._todo = self._todo[: self._chunk], self._todo[self._chunk :]
            return due
        if self._todo and self._todo[0].t > self._now():
            self._stop.wait(min(timeout, (self._todo[0].t - self._now()) / self._speed))
        elif not self._todo and self._endless:
            self._stop.wait(timeout)
        due = [event for event in self._todo if event.t <= self._now()]
        self._todo = self._todo[len(due) :]
        return due

    def _now(self):
        return (time.monotonic() - self._begun) * self._speed

    def _apply(self, event):
        self.state.apply(event)
        self.events.append(event)
        if self._on_event:
            self._on_event(event)

    def stop(self, reason="stopped"):
        self.stopped_for = reason
        if not self._stubborn:
            self._stop.set()

    def wait(self):
        while not self.done:
            self.poll(0.1)
        if self.error is not None:
            raise self.error
        return self

    @property
    def model(self):
        if not self.state.leaderboard:
            raise RunError("The run has no model yet.", hint="Wait for its first step.")
        return Model()

    @property
    def leaderboard(self):
        import pandas as pd

        return pd.DataFrame([{"model": r.model, "score": r.score} for r in self.state.ranked()])

    @property
    def ledger(self):
        import pandas as pd

        from automl_nb.core.ledger import ledger_rows

        return pd.DataFrame(ledger_rows(self.state))

    @property
    def scorecard(self):
        return self.state.scorecard

    def report(self, path=None):
        return Path(path or self.folder / "report.html")

    def code(self, model="", *, data="", among=None):
        named = ", ".join(among or {})
        return f"# {model or self.state.incumbent.model} on {data or named}\n"

    def __repr__(self):
        return f"Run({self.name!r})"


def decision_card(ended=""):
    """What exploring two networks gives."""
    from automl_nb.explorer.card import DecisionCard, Entry, Recommendation
    from automl_nb.explorer.curve import Forecast, PowerLaw

    law = PowerLaw(0.1, 1.0, 0.5)
    entries = tuple(
        Entry(
            "text",
            name,
            "text",
            scores={"ridge": score, "knn": score, "h-score": 1.0},
            mean_rank=rank,
            forecast=Forecast(score, score - 0.02, score + 0.02, 900, (50, 100), (0.6, 0.7), law),
        )
        for name, score, rank in (("minilm-l6", 0.84, 1.0), ("minilm-l3", 0.8, 2.0))
    )
    advice = Recommendation("text", "minilm-l6", "strong", "Use minilm-l6 for 'text'.")
    return DecisionCard("y", "binary", "accuracy", 900, 400, entries, (advice,), 21.0, ended)


class FakeApi(types.ModuleType):
    """A module with the surface of `automl_nb.api`; `calls` holds what was asked."""

    def __init__(self, script=reviews, **play):
        super().__init__("automl_nb.api")
        self.Run, self.Model = Run, Model
        self.script, self.play, self.calls, self.started = script, play, [], []
        self.explored_until = ""  # why an exploration ends early
        self.at_work_now, self.at_once = [], False
        self.own = []  # runs on the frames of the notebook

    def start(self, data, label=None, *, on_event=None, in_turn=False, **options):
        self.calls.append(("start", data, label, options))
        name = options.get("name") or "brisk-heron"
        run = Run(self.script(name), on_event=on_event, **self.play)
        self.started.append(run)
        while self.at_once and run._todo:  # what is known before the call returns
            run.poll(0)
        return run

    def fit(self, data, label=None, **options):
        return self.start(data, label, **options).wait()

    def explore(self, data, label=None, *, on_progress=None, **options):
        self.calls.append(("explore", data, label, options))
        if on_progress is not None:
            for done in range(3):
                on_progress(ev.Progress(float(done), "minilm-l6 reads <text>", done, 2.0, "rows"))
        return decision_card(self.explored_until)

    def explained_lines(self, event):
        from automl_nb.explained.show import lines_of

        return lines_of(event)

    def load(self, path):
        if Path(path).name not in {"saved", "brisk-heron"}:
            raise RunError(
                "There is no model here.", received=str(path), hint="Give a bundle's folder."
            )
        return Model(str(path))

    def open_run(self, name):
        if str(name) != "brisk-heron":
            raise UnknownNameError("run", name, ["brisk-heron"])
        run = Run(self.script("brisk-heron"))
        run.state, run.done, run._todo = replay(self.script("brisk-heron")), True, []
        return run

    def at_work(self):
        import pandas as pd

        return pd.DataFrame(self.at_work_now, columns=["run", "status"])

    def runs_of(self, frames):
        return self.own if frames else []

    def runs(self, folder=None):
        import pandas as pd

        return pd.DataFrame([{"name": "brisk-heron", "status": "finished", "score": 0.8421}])

    def kinds(self):
        return tuple(NAMES)

    def names(self, kind):
        if kind not in NAMES:
            raise UnknownNameError("registry", kind, NAMES)
        return list(NAMES[kind])

    def available(self, kind):
        import pandas as pd

        return pd.DataFrame(
            [{"name": name, "summary": "", "installed": True} for name in self.names(kind)]
        )

    def sample(self, name):
        import pandas as pd

        return pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"]})

    def space(self, strategy, search="", *, loss="auto"):
        from automl_nb.core.parameters import Float
        from automl_nb.core.space import Space

        return Space((Float("C", 0.1, 10.0, 1.0),)).narrowed(search)

    def memory(self):
        import pandas as pd

        return pd.DataFrame([{"run": "brisk-heron", "task": "binary", "rows": 3200}])

    def memory_export(self, path):
        self.calls.append(("memory_export", str(path)))
        return Path(path)

    def memory_wipe(self):
        self.calls.append(("memory_wipe",))
        return 3

    def cache(self):
        import pandas as pd

        return pd.DataFrame([{"part": "features", "n": 2}])

    def cache_trim(self, to):
        self.calls.append(("cache_trim", to))
        return "Removed 1 thing."

    def cache_clear(self):
        self.calls.append(("cache_clear",))
        return "Removed 2 things."

    def doctor(self):
        import pandas as pd

        return pd.DataFrame([{"what": "device", "found": "cpu", "what to do": ""}])


Run.__module__ = "automl_nb.run"  # the front ends know ours by where they come from
Model.__module__ = "automl_nb.pipeline.model"


def install(script=reviews, **play):
    """Put a scripted api in the real one's place, for the life of this process; give it back."""
    fake = FakeApi(script, **play)
    sys.modules["automl_nb.api"] = fake
    return fake
