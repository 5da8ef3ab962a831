"""What Ctrl-C, and a request to end, do to a command: unwind everything, once.

A signal's handler runs between any two steps of the main thread, and what it raises comes out
there. Amid the locks of `threading` and `concurrent.futures`, which are Python themselves, that
can leave a lock taken for ever, or a pool waited for that nobody has told to end. So while threads
or workers run, nothing is raised: the work is called off, and comes to an end of its own.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType


class Interruption:
    """Whether the command was interrupted, and what that does at this moment."""

    def __init__(self) -> None:
        self.has_come = False
        self._call_off: Callable[[], None] | None = None
        self._names: list[signal.Signals] = []

    def be_heeded(self) -> None:
        """Have the signals that ask a command to end come here; all but the first are ignored."""
        self._names = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._names.append(signal.SIGHUP)
        for name in self._names:
            signal.signal(name, self._come)

    @contextlib.contextmanager
    def calls_off(self, call_off: Callable[[], None]) -> Iterator[None]:
        """Call something off, meanwhile, instead of raising; has_come tells afterwards.

        `call_off` runs amid whatever the main thread does, so it may wait for nothing.
        """
        self._call_off = call_off
        try:
            yield
        finally:
            self._call_off = None

    def _come(self, number: int, frame: FrameType | None) -> None:
        for name in self._names:
            signal.signal(name, signal.SIG_IGN)
        self.has_come = True
        if self._call_off is None:
            raise KeyboardInterrupt
        try:
            self._call_off()
        except OSError:
            # The disk is full, say: better unwound at a bad moment than not at all.
            raise KeyboardInterrupt from None
