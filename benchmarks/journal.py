"""How long a long run's journal takes to be read and folded into a state again.

python -m benchmarks.journal journal
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.cases import Bar, Case, Probe

LINES = 100_000
REPORTS = 3  # of each trial


def write(folder: Path) -> None:
    """A search of so many trials that their events fill the journal."""
    from automl_nb.control.journal import Journal
    from automl_nb.core import events as ev
    from automl_nb.core.types import LeaderboardRow

    journal = Journal(folder)
    journal.append(ev.RunStarted(0.0, "long", {"time_s": 36000.0}, "0.1.0"))
    journal.append(ev.StagePlanned(0.0, ("search",)))
    journal.append(ev.StageStarted(0.0, "search"))
    written, number, t = 3, 0, 0.0
    while written + 2 * REPORTS + 4 <= LINES:
        number, t = number + 1, t + 1.0
        name, score = f"joined: logistic #{number}", 0.9 - 0.3 / number
        made = [ev.TrialStarted(t, name, "logistic", {"C": 0.01 * number}, ("joined",))]
        for step in range(1, REPORTS + 1):
            told = {"score": score, "loss": 1.0 / step}
            made.append(ev.TrialReported(t, name, step, told, REPORTS))
            made.append(ev.Progress(t, name, step, REPORTS, "folds", 0.5))
        made.append(ev.TrialEnded(t, name, "done", 0.9, "", 1.7, 12_000_000))
        row = LeaderboardRow(
            name, "logistic", ("joined",), score, score - 0.02, score + 0.02, 0.9, 0.3, "search", t
        )
        made += [ev.ModelAdded(t, row), ev.IncumbentImproved(t, name, score, "models/best")]
        for event in made:
            journal.append(event)
        written += len(made)
    for _ in range(LINES - written):
        journal.append(ev.Message(t, "The end."))
    journal.close()


def journal() -> dict[str, Any]:
    """Seconds of the processor for the whole way from the file to a state; the best of three."""
    from automl_nb.control.journal import NAME, read_journal
    from automl_nb.core.state import replay

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(folder)
        megabytes = (folder / NAME).stat().st_size / 1e6
        seconds = []
        for _ in range(3):
            began = time.process_time()
            events = read_journal(folder)
            state = replay(events)
            seconds.append(time.process_time() - began)
    return {
        "lines": len(events),
        "megabytes": round(megabytes, 1),
        "trials": len(state.trials),
        "replayed_s": round(min(seconds), 2),
    }


CASES: tuple[Case, ...] = (
    Probe("journal", "benchmarks.journal", (Bar("lines", ">=", LINES), Bar("replayed_s", "<=", 2))),
)

if __name__ == "__main__":
    print(json.dumps({"journal": journal}[sys.argv[1]]()))
