"""How far the run has come: one living line on a terminal, a few plain ones elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from conformance.orchestration.lattice import VERDICTS
from conformance.orchestration.result import Result

_REDRAW_S = 0.05
_SPARSE_S = 10.0
_CLEAR = "\r\x1b[K"


class Progress:
    """Tells of results as they come."""

    def __init__(self, total: int, stream: TextIO, *, is_living: bool) -> None:
        self.total = total
        self.stream = stream
        self.is_living = is_living
        self._done: set[str] = set()
        self._tally = dict.fromkeys(VERDICTS, 0)
        self._current = ""
        self._drawn = 0.0
        self._told = time.monotonic()

    def started(self, name: str) -> None:
        """Take note that an item is being run."""
        self._current = name
        self._draw()

    def finished(self, result: Result) -> None:
        """Take note of a result; the same one twice counts once."""
        if result.item.name in self._done:
            return
        self._done.add(result.item.name)
        self._tally[result.verdict.verdict] += 1
        self._draw()
        if not self.is_living and time.monotonic() - self._told >= _SPARSE_S:
            self._tell()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self.is_living:
            self._write(_CLEAR)
        elif self._done:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        self._write(f"{self._state()}\n")

    def _state(self) -> str:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self._tally.items() if count)
        return f"{len(self._done)} of {self.total}" + (f": {counts}" if counts else "")

    def _draw(self) -> None:
        now = time.monotonic()
        if not self.is_living or now - self._drawn < _REDRAW_S:
            return
        self._drawn = now
        width = shutil.get_terminal_size().columns - 1
        self._write(_CLEAR + f"{self._state()}  {self._current}"[:width])

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
