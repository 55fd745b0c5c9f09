"""What a piece of work costs: seconds of the processor, and memory beyond what there was."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Self

import psutil

_LOOK_S = 0.05  # between two looks at the memory


class Cost:
    """Measures the process from now on, until its `end`.

    The memory is looked at twenty times a second: a peak that is shorter than that may be
    missed, unless the process never had as much before, which the system knows.

    Attributes:
        cpu_s: Seconds that all cores of the process computed, and those of others that it told of.
        peak_memory_bytes: The most that one process held, beyond what it held at the beginning.

    Example:
        >>> cost = Cost()
        >>> _ = sum(range(3_000_000))
        >>> cost.end().cpu_s > 0.0
        True
    """

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.peak_memory_bytes = 0
        self._elsewhere_s, self._elsewhere_most = 0.0, 0
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._began_cpu, self._began_most = time.process_time(), _most_ever()
        self._before = self._most = self._process.memory_info().rss
        self._looker = threading.Thread(target=self._watch, name="automl_nb cost", daemon=True)
        self._looker.start()

    def end(self) -> Self:
        """Stop measuring; a second call changes nothing."""
        if self._ended.is_set():
            return self
        self._ended.set()
        self._looker.join()
        self._look()
        self.cpu_s = time.process_time() - self._began_cpu + self._elsewhere_s
        most = _most_ever()
        if most > self._began_most:
            self._most = max(self._most, most)
        self.peak_memory_bytes = max(0, self._most - self._before, self._elsewhere_most)
        return self

    def elsewhere(self, cpu_s: float, peak_memory_bytes: int) -> None:
        """Another process did part of the work.

        Args:
            cpu_s: Seconds that its cores computed.
            peak_memory_bytes: The most that it held, beyond what it held at the beginning.
        """
        self._elsewhere_s += cpu_s
        self._elsewhere_most = max(self._elsewhere_most, peak_memory_bytes)

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            self._look()

    def _look(self) -> None:
        with suppress(psutil.Error):
            self._most = max(self._most, self._process.memory_info().rss)


def _most_ever() -> int:
    """The most bytes that the process has held so far; 0 where the system doesn't say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    import sys

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
