"""The live view of a terminal: calm lines, and one line rewritten while work goes on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import TextIO

from automl_nb.core.events import StepExplained
from automl_nb.core.show import facts
from automl_nb.core.show.amounts import lasting, step_named
from automl_nb.core.show.facts import Frame, StageFact
from automl_nb.core.show.messages import say
from automl_nb.core.show.text import ending, filled, screen_width
from automl_nb.core.show.words import clip, interval, number
from automl_nb.core.state import RunState
from automl_nb.core.types import LeaderboardRow
from automl_nb.core.watch import Pace

_MARKS = {"done": "✓", "skipped": "-", "stopped": "◼", "failed": "✗"}
_PLAIN = str.maketrans("✓◼✗·…█░", "+!x-~#.") | {ord("±"): "+-"}


class Console:
    """Writes a run's progress to a stream.

    On a terminal the last line is rewritten, at most four times a second. Anywhere
    else (a file, a pipe, a notebook's plain output) only whole lines are written, and
    only when something happened, so that logs stay short.

    Args:
        stream: Where to write; standard output if None.
        folder: Where the run lies, for the last lines.
        model_name: What the model is called in the line to type next.
        run_name: What the run is called there, where the model has no name.
        in_shell: The line to type next is a command, not Python.
        quiet: Write only the end.
        explain: The lines of an explained step; None to leave these out.
        pace: Says when the rewritten line is due.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        folder: str = "",
        model_name: str = "",
        run_name: str = "run",
        in_shell: bool = False,
        quiet: bool = False,
        explain: Callable[[StepExplained], list[str]] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._frame = Frame(
            folder=folder,
            model_name=model_name,
            run_name=run_name,
            error_follows=True,
            in_shell=in_shell,
        )
        self._rewrites = bool(getattr(self._stream, "isatty", lambda: False)())
        self._quiet, self._explain = quiet, explain
        self._unicode = _speaks_unicode(self._stream)
        self._said: set[str] = set()
        self._best: LeaderboardRow | None = None
        self._pace = pace or Pace()
        self._open_width = 0

    def update(self, state: RunState) -> None:
        """Say what is new; rewrite the line of the work at hand."""
        self._say_news(state)
        if self._rewrites and not self._quiet and self._pace.due(state):
            self._rewrite(self._work(state))

    def stopping(self, state: RunState) -> None:
        """Answer the first Ctrl-C."""
        self._say_news(state)
        self._line(say("stop.asked"))

    def close(self, state: RunState) -> None:
        """The last lines: how it ended, leaderboard, test score, where it lies."""
        self._say_news(state)
        if state.ended is not None:
            summary = facts.summary(state, self._frame)
            took = facts.time_line(state, self._frame)
            for line in ["", f"{summary} · {took}", *ending(state, self._frame)]:
                self._line(line)
        self._rewrite("")
        self._stream.flush()

    def lines(self, *texts: str) -> None:
        """Further whole lines."""
        for text in texts:
            self._line(text)

    def _say_news(self, state: RunState) -> None:
        if self._quiet:
            return
        if state.run and self._new("run"):
            self._line(say("run.named", run=state.run))
        if state.schema is not None and self._new("data"):
            self._line(f"  {facts.data_line(state)}")
        for stage in facts.stages(state, self._frame):
            told = stage.outcome in _MARKS and (stage.outcome != "skipped" or stage.note)
            if told and self._new(f"stage {stage.name}"):
                self._line(self._stage(stage, state))
        for place, (level, text) in enumerate(facts.notes(state, self._frame, 10_000)[0]):
            if self._new(f"note {place} {text}"):
                self._line(f"  {text}" if level == "info" else f"  {level}: {text}")
        self._say_explained(state)

    def _say_explained(self, state: RunState) -> None:
        """A step in words: its title, and its sentences filled into the screen's width."""
        if self._explain is None:
            return
        width = min(100, shutil.get_terminal_size().columns - 1)
        for step, event in state.explained.items():
            if self._new(f"explained {step}"):
                title, *sentences = self._explain(event)
                lines = filled(say("explain.blank").join(sentences), width - 4)
                self.lines(f"  > {title}", *(f"    {line}" for line in lines))

    def _stage(self, stage: StageFact, state: RunState) -> str:
        took = lasting(stage.seconds or 0.0)
        line = f"  {_MARKS[stage.outcome]} {stage.name:<14} {took:>9}"
        if stage.outcome != "done":
            told = [part for part in (say("stage." + stage.outcome), stage.note) if part]
            return f"{line}   {': '.join(told)}"
        told = [part for part in (self._news_of_best(state), stage.note) if part]
        return f"{line}   {' · '.join(told)}".rstrip()

    def _news_of_best(self, state: RunState) -> str:
        row = facts.best(state)
        if row is None or row == self._best:
            return ""
        self._best = row
        score = f"{facts.metric(state)} {number(row.score)} {interval(row.low, row.high)}".rstrip()
        return f"{say('best').casefold()}: {score}  {row.model}"

    def _work(self, state: RunState) -> str:
        frame = Frame(now=self._pace.now(state))
        stage = state.stage
        parts = [step_named(stage.name)] if stage else []
        if state.progress is not None:
            parts = [
                _bar(state.progress.done, state.progress.total) + facts.work_line(state.progress)
            ]
        row = facts.best(state)
        parts += [f"{facts.metric(state)} {number(row.score)}"] if row else []
        parts += facts.forecast_points(state, frame)[-1:]
        return "  " + " · ".join([*parts, facts.time_line(state, frame)])

    def _new(self, key: str) -> bool:
        """Whether this was never said; it counts as said from now on."""
        if key in self._said:
            return False
        self._said.add(key)
        return True

    def _line(self, text: str) -> None:
        self._rewrite("")
        self._stream.write(self._fit(text) + "\n")
        self._stream.flush()

    def _rewrite(self, text: str) -> None:
        if not text and not self._open_width:
            return
        width = shutil.get_terminal_size().columns - 1
        shown = clip(text, width) if text else ""
        # Spaces wipe the line on every terminal, also where escape codes are shown as they are.
        self._stream.write("\r" + " " * self._open_width + "\r" + self._fit(shown))
        self._stream.flush()
        self._open_width = screen_width(shown)

    def _fit(self, text: str) -> str:
        if self._unicode:
            return text
        encoding = getattr(self._stream, "encoding", None) or "ascii"
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)


def _bar(done: float, total: float, width: int = 16) -> str:
    if total <= 0:
        return ""
    full = round(width * min(1.0, max(0.0, done / total)))
    return "█" * full + "░" * (width - full) + " "


def _speaks_unicode(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        "✓█░·…◼✗±".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
