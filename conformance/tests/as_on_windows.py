"""Runs scripts/certify as if this were Windows: without POSIX, and with job objects that are fakes.

usage: as_on_windows.py ROOT LOG ARGUMENT...

What the suite's own code could use of POSIX is taken away once the libraries have been loaded, so
that a use of it ends the run. LOG gets what was asked of the job objects, one JSON list a line.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

LOADED_BEFORE = ("jinja2", "pefile", "pytest", "xdist.plugin")

GONE: dict[Any, tuple[str, ...]] = {
    os: ("killpg", "setsid", "getpgid", "setpgid", "pidfd_open", "O_DIRECTORY", "getuid", "fork"),
    select: ("poll", "epoll"),
    signal: ("SIGKILL", "SIGHUP", "SIGALRM", "pthread_sigmask"),
}
GONE_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty")

_SIGKILL = signal.SIGKILL
_started: dict[int, subprocess.Popen[bytes]] = {}


def take_posix_away() -> None:
    """Leave what Windows' Python has, too."""
    for module, names in GONE.items():
        for name in names:
            delattr(module, name)
    for name in GONE_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    sys.platform = "win32"


class FakeJobs:
    """Job objects that hold one process each and write down what is asked of them."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.count = 0
        self.process_in: dict[int, int] = {}

    def _say(self, *words: object) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(words) + "\n")

    def create(self) -> int:
        """Count."""
        self.count += 1
        self._say("create", self.count)
        return self.count

    def assign(self, job: int, process: int) -> None:
        """Remember which process is in the job."""
        self.process_in[job] = process
        self._say("assign", job)

    def resume(self, process: int) -> None:
        """Take note; the process runs already."""
        self._say("resume", next(job for job, it in self.process_in.items() if it == process))

    def terminate(self, job: int) -> None:
        """End the process; Popen sends nothing to one that has ended."""
        self._say("terminate", job)
        _started[self.process_in[job]].send_signal(_SIGKILL)

    def close(self, job: int) -> None:
        """Take note."""
        self._say("close", job)


def popen(command: Any, *, creationflags: int, **how: Any) -> subprocess.Popen[bytes]:
    """Start a process as Windows' Popen would seem to, with a handle."""
    assert creationflags == 0x204 and not {"start_new_session", "preexec_fn"} & set(how), how
    process = subprocess.Popen(command, **how)
    setattr(process, "_handle", process.pid)
    _started[process.pid] = process
    return process


def main() -> int:
    """Certify."""
    root, log = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, root)
    for name in LOADED_BEFORE:
        importlib.import_module(name)
    take_posix_away()
    from conformance.orchestration import machine, windows
    from conformance.orchestration.certify import main as certify

    assert isinstance(machine._system, windows.Windows)
    machine._system = windows.Windows(lambda: FakeJobs(log), popen, lambda handle: None)
    return certify(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
