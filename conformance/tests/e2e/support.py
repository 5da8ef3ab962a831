"""What the tests of the whole product stand on: the public command, its results, its processes.

Nothing is built and nothing is faked here: the command is scripts/certify, the executable is the
one that `make all` built, and Wine runs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.orchestration.layout import ROOT, Layout
from conformance.orchestration.machine import Machine, machine_for

EXECUTABLE = ROOT / "build" / "x86_64" / "wspcts.exe"
PROVIDERS = ROOT / "build" / "x86_64" / "providers"
REFERENCE = PROVIDERS / "reference.dll"

OUTPUTS = {
    "results.json",
    "report.html",
    "junit.xml",
    "results.tap",
    "ctrf.json",
    "summary.md",
    "evidence",
}
EVIDENCE_LIMIT = 4 << 20
STDERR_LIMIT = 1 << 20

# A run that takes longer than this has hung, whatever else the machine does.
DEADLINE_S = 280.0

_MARK = "WSPCTS_E2E_RUN"

# Programs of Wine itself, which outlive the process that happened to start them.
_OF_WINE = re.compile(
    r"\\windows\\system32\\(services|winedevice|plugplay|svchost|explorer|rpcss|conhost)\.exe",
    re.IGNORECASE,
)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a user who types the command, not that of a part of a test run."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if "PYTEST" not in name
        and name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PROVIDER", "V"}
    }
    return {**inherited, **more}


def why_nothing_can_be_run() -> str | None:
    """Return a sentence that says what is missing, or None."""
    for path in (EXECUTABLE, REFERENCE):
        if not path.is_file():
            return f"{path.relative_to(ROOT)} is not built; run `make all`."
    return machine().why_not_runnable("x86_64")


def machine() -> Machine:
    """Return the machine that runs the executable of this checkout."""
    return machine_for(EXECUTABLE, Layout(), environment())


@dataclass(frozen=True)
class Run:
    """A command that has ended: what it said, and what it wrote."""

    status: int
    stdout: str
    stderr: str
    out: Path
    duration_s: float
    left_behind: tuple[str, ...]

    @property
    def results(self) -> dict[str, Any]:
        """The results it wrote."""
        results: dict[str, Any] = json.loads(
            (self.out / "results.json").read_text(encoding="utf-8")
        )
        return results

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its results, case by case."""
        rows: list[dict[str, Any]] = self.results["cases"]
        return rows

    def row(self, case: str, mode: str) -> dict[str, Any]:
        """Return the result of one case in one mode."""
        return next(row for row in self.rows if (row["id"], row["mode"]) == (case, mode))

    def said(self) -> str:
        """Return all that it said, for the message of a failed test."""
        return f"status {self.status}\n{self.stdout}\n{self.stderr}"

    def complaint(self) -> str:
        """Return the one sentence that a command without a run ends with, after checking it."""
        assert "Traceback" not in self.stdout + self.stderr, self.said()
        lines = self.stderr.strip().splitlines()
        assert lines, self.said()
        assert lines[-1].startswith("certify: ") and lines[-1][-1] in ".?", self.said()
        return lines[-1]


class Command:
    """A call of scripts/certify that goes on."""

    def __init__(self, arguments: Iterable[object], out: Path, root: Path = ROOT) -> None:
        self.out = out
        self.mark = secrets.token_hex(8)
        self._began = time.monotonic()
        words = [str(root / "scripts" / "certify"), "--out", str(out), *map(str, arguments)]
        # A session of its own, so that what a terminal sends to the group reaches it alone.
        self.process = subprocess.Popen(
            words,
            env=environment(**{_MARK: self.mark}),
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def wait(self, deadline_s: float = DEADLINE_S) -> Run:
        """Wait for its end, and look for what it left behind."""
        try:
            stdout, stderr = self.process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"certify did not end within {deadline_s:g} s") from None
        duration_s = time.monotonic() - self._began
        left = tuple(sorted(after_a_moment(self.processes).values()))
        self.end()
        return Run(self.process.returncode, stdout, stderr, self.out, duration_s, left)

    def interrupt(self) -> None:
        """Do what Ctrl-C on a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def processes(self) -> dict[int, str]:
        """Return the processes that stem from it and live, itself left out."""
        return {
            number: words
            for number, words in marked_processes(self.mark).items()
            if number != self.process.pid
        }

    def end(self) -> None:
        """End it and everything that stems from it."""
        for number in marked_processes(self.mark):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=10)


def certify(*arguments: object, out: Path, deadline_s: float = DEADLINE_S) -> Run:
    """Certify, and wait for the end."""
    return Command(arguments, out).wait(deadline_s)


def marked_processes(mark: str) -> dict[int, str]:
    """Return the living processes that carry a mark in their environment, by number.

    The environment reaches the provider, so the mark reaches all that it starts, too, whatever
    group or session that is in. Wine's own services, which may carry it as well, are left out.
    """
    wanted = f"{_MARK}={mark}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        text = words.replace("\0", " ").strip()
        if not _OF_WINE.search(text):
            found[int(folder.name)] = text
    return found


def after_a_moment(look: Callable[[], Mapping[int, str]], moment_s: float = 5) -> dict[int, str]:
    """Return what is still there when what has just been ended has had time to go."""
    deadline = time.monotonic() + moment_s
    while (there := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return dict(there)


def wait_until(holds: Callable[[], bool], what: str, deadline_s: float = 60) -> None:
    """Wait for something to be so, and fail if it never is."""
    deadline = time.monotonic() + deadline_s
    while not holds():
        assert time.monotonic() < deadline, f"waited {deadline_s:g} s in vain until {what}"
        time.sleep(0.01)


def evidence_of(run: Run, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lines of evidence of a result; what others wrote into the file is left out."""
    if row["evidence"] is None:
        return
    for line in (run.out / row["evidence"]).read_text("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError):
            fields = json.loads(line)
            if isinstance(fields, dict) and "event" in fields:
                yield fields
