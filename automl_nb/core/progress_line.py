"""Progress as one line of a terminal, for work that ends by itself within a minute."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from automl_nb.core.events import Progress
from automl_nb.core.settings import progress_mode
from automl_nb.core.show.amounts import lasting
from automl_nb.core.show.facts import work_line
from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip
from automl_nb.core.watch import BUSY_S

Heard = Callable[[Progress], None]


@contextmanager
def progress_line(own: Heard | None = None, stream: TextIO | None = None) -> Iterator[Heard]:
    """Something that takes progress: `own`, else a line of a terminal, else nothing.

    Args:
        own: Takes it instead of the line.
        stream: Where the line is written; standard error if None.

    Example:
        >>> with progress_line(lambda progress: print(progress.what)) as heard:
        ...     heard(Progress(0.0, "reading", 1.0, 2.0))
        reading
    """
    if own is not None:
        yield own
        return
    stream = sys.stderr if stream is None else stream
    mode, rewrites = progress_mode(), bool(getattr(stream, "isatty", lambda: False)())
    if mode == "off" or (mode == "auto" and not rewrites):
        yield lambda _: None
        return
    line = _Line(stream, rewrites=rewrites)
    try:
        yield line.show
    finally:
        line.wipe()


class _Line:
    """Rewrites one line, four times a second at most; elsewhere a whole line a new step."""

    def __init__(self, stream: TextIO, *, rewrites: bool) -> None:
        self._stream, self._rewrites = stream, rewrites
        self._width, self._drawn_at, self._said = 0, float("-inf"), ""

    def show(self, progress: Progress) -> None:
        if not self._rewrites:
            if progress.what != self._said:
                self._said = progress.what
                self._stream.write(f"  {progress.what}\n")
                self._stream.flush()
            return
        if time.monotonic() - self._drawn_at < BUSY_S:
            return
        self._drawn_at = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        text = clip(told(progress), width)
        self._stream.write("\r" + " " * self._width + "\r" + text)
        self._stream.flush()
        self._width = len(text)

    def wipe(self) -> None:
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()


def told(progress: Progress) -> str:
    """Progress as one line: what, how far, and the seconds since the beginning.

    Example:
        >>> told(Progress(3.2, "minilm-l6 reads 'text'", 500.0, 2000.0, "rows", 4.0))
        "minilm-l6 reads 'text': 500 of 2,000 rows · about 4.0 s left · 3.2 s used"
    """
    return f"{work_line(progress)} · {say('time.used', used=lasting(progress.t))}"
