"""One process per case: started, watched, ended, and its evidence read."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from conformance.orchestration import evidence as evidence_module
from conformance.orchestration.cases import Case, Item
from conformance.orchestration.evidence import Evidence
from conformance.orchestration.machine import (
    Machine,
    end_tree,
    interruptions_held,
    shown_command,
    wait_for,
)
from conformance.orchestration.stop import Stop
from conformance.orchestration.verdict import Ending

MARGIN_MS = 5_000
STDERR_LIMIT = 1 << 20
FLOOD_LIMIT = 16 << 20
_DRAIN_S = 0.5

# The executable's status for what it will not do, a case that it does not know for instance.
REFUSED = 99


class NetworkLeftDown(Stop):
    """A provider's network is down and cannot be brought up: nothing more can be judged here."""


class Interrupted(Exception):
    """The run was called off while a case ran."""


@dataclass(frozen=True)
class Subject:
    """One provider, ready to be run."""

    name: str
    library: Path
    settings: tuple[tuple[str, str], ...]
    budgets: tuple[tuple[str, int], ...]  # only those that are not the default ones
    case_budget_ms: int
    late_budget_ms: int

    def deadline_ms(self, case: Case) -> int:
        """Return how long a process may take before it is ended from outside."""
        if case.group == "endurance":
            return self.late_budget_ms + 4 * self.case_budget_ms + MARGIN_MS
        return self.case_budget_ms + MARGIN_MS


@dataclass(frozen=True)
class Finished:
    """A process that has ended, and what it left."""

    ending: Ending
    evidence: Evidence
    evidence_file: Path
    stderr_file: Path | None
    duration_ms: float
    starts: int = 1

    @property
    def has_not_begun(self) -> bool:
        """Say whether the process ended by itself before it wrote anything, refusals apart."""
        is_refusal = self.ending.status in (None, REFUSED)
        return not is_refusal and self.evidence_file.stat().st_size == 0


class Runner:
    """Runs one case of one provider at a time."""

    def __init__(
        self,
        machine: Machine,
        folder: Path,
        token: str,
        seed: int,
        *,
        debug: bool = False,
        is_called_off: Callable[[], bool] = lambda: False,
    ) -> None:
        self.machine = machine
        self.folder = folder
        self.token = token
        self.seed = seed
        self.debug = debug
        self.is_called_off = is_called_off

    def arguments(
        self, subject: Subject, item: Item, fuses: Sequence[str] = (), token: str | None = None
    ) -> list[str]:
        """Return the arguments of the executable for one case."""
        arguments = ["--provider", self.machine.path_for_program(subject.library)]
        arguments += ["--case", item.case, "--mode", item.mode, "--seed", str(self.seed)]
        settings = [("run", token)] if token else []
        settings += [(f"budget.{name}", str(ms)) for name, ms in subject.budgets]
        settings += subject.settings
        settings += [("fuse", function) for function in fuses]
        for key, value in settings:
            arguments += ["--set", f"{key}={value}"]
        return arguments + (["--debug"] if self.debug else [])

    def by_hand(self, subject: Subject, item: Item) -> str:
        """Return the shell command that runs one case without the orchestration."""
        command = self.machine.command(self.arguments(subject, item))
        environment = [f"{key}={value}" for key, value in self.machine.shown_environment().items()]
        return shown_command([*(["env", *environment] if environment else []), *command])

    def run(
        self,
        subject: Subject,
        case: Case,
        item: Item,
        *,
        stem: str | None = None,
        fuses: Sequence[str] = (),
        deadline_ms: int | None = None,
    ) -> Finished:
        """Run one case to its end, or to its deadline.

        A process that ends without a single byte of evidence never came to the case, and no code
        of the provider's was in it: the machine failed to start it, and is asked once more.
        """
        allowed_ms = deadline_ms or subject.deadline_ms(case)
        arguments = self.arguments(subject, item, fuses, self.token)
        evidence_file = self.folder / f"{stem or item.stem}.jsonl"
        finished = self._run_once(subject, item, arguments, evidence_file, allowed_ms)
        if finished.has_not_begun:
            finished = self._run_once(subject, item, arguments, evidence_file, allowed_ms)
            finished = dataclasses.replace(finished, starts=2)
        return finished

    def _run_once(
        self,
        subject: Subject,
        item: Item,
        arguments: Sequence[str],
        evidence_file: Path,
        allowed_ms: int,
    ) -> Finished:
        if self.is_called_off():
            raise Interrupted(item.name)
        stderr_file = evidence_file.with_suffix(".stderr")
        began = time.monotonic()
        flooded = False

        def is_over() -> bool:
            nonlocal flooded
            flooded = evidence_file.stat().st_size > FLOOD_LIMIT
            return flooded or self.is_called_off()

        with evidence_file.open("wb") as output, _Drain(stderr_file, self.debug) as drain:
            process: subprocess.Popen[bytes] | None = None
            try:
                with interruptions_held():
                    stdin = None if self.debug else subprocess.DEVNULL
                    process = self.machine.start(arguments, output, drain.end_for_child, stdin)
                    drain.begin()
                deadline_s = None if self.debug else allowed_ms / 1000
                has_ended = wait_for(process, deadline_s, is_over)
            finally:
                if process is not None:
                    end_tree(process)
                found = evidence_module.read(evidence_file, self.token)
                self._bring_network_up(subject, found)
        if not has_ended and not flooded and self.is_called_off():
            raise Interrupted(item.name)
        duration_ms = (time.monotonic() - began) * 1000
        ending = Ending(
            status=process.returncode if has_ended else None,
            deadline_ms=allowed_ms,
            expired=not has_ended and not flooded,
            flooded=flooded,
            complaint=drain.first_line(),
        )
        return Finished(ending, found, evidence_file, drain.kept_file(), duration_ms)

    def _bring_network_up(self, subject: Subject, found: Evidence) -> None:
        """Bring up the network of a provider, if a case took it down and could not itself."""
        ways = [f"{key}={value}" for key, value in subject.settings if key.startswith("network.")]
        if not ways:
            return
        notes = list(found.notes("network"))
        if not notes or notes[-1].text("text") == "up":
            return
        arguments = ["--provider", self.machine.path_for_program(subject.library)]
        for way in ways:
            arguments += ["--set", way]
        try:
            self.machine.output_of([*arguments, "--network-up"])
        except Stop as stop:
            raise NetworkLeftDown(
                f"the network of {subject.name} was brought down and does not come up again;"
                f" bring it up by hand before the next run: {stop.sentence}"
            ) from None


class _Drain:
    """Keeps what a process writes to its standard error, up to a limit.

    A thread reads it, so that a process that writes more is not held up; it is not waited for
    longer than needed, as Wine's services can keep the pipe open after the process has gone.
    """

    def __init__(self, file: Path, is_inherited: bool) -> None:
        self.file = file
        self.is_inherited = is_inherited
        self._kept = bytearray()
        self._thread: threading.Thread | None = None
        self._reader: IO[bytes] | None = None
        self._writer: IO[bytes] | None = None
        self._closing = threading.Lock()

    def __enter__(self) -> _Drain:
        if not self.is_inherited:
            read_end, write_end = os.pipe()
            self._reader = os.fdopen(read_end, "rb", buffering=0)
            self._writer = os.fdopen(write_end, "wb", buffering=0)
        return self

    @property
    def end_for_child(self) -> IO[bytes] | None:
        """What the process gets as its standard error; None is our own."""
        return self._writer

    def begin(self) -> None:
        """Read, now that the process has its end."""
        if self._writer is not None:
            self._writer.close()
            self._thread = threading.Thread(target=self._read, daemon=True)
            self._thread.start()

    def _read(self) -> None:
        assert self._reader is not None
        with self._reader:
            while chunk := self._reader.read(65536):
                with self._closing:
                    if len(self._kept) < STDERR_LIMIT:
                        self._kept += chunk[: STDERR_LIMIT - len(self._kept)]

    def __exit__(self, *exception: object) -> None:
        if self._thread is not None:
            self._thread.join(_DRAIN_S)
        elif self._reader is not None and self._writer is not None:
            self._reader.close()
            self._writer.close()
        if self._kept:
            self.file.write_bytes(self._content())

    def _content(self) -> bytes:
        with self._closing:
            return bytes(self._kept)

    def kept_file(self) -> Path | None:
        """Return the file with what was written, or None if nothing was."""
        return self.file if self._kept else None

    def first_line(self) -> str | None:
        """Return the first line that was written."""
        lines = self._content().decode("utf-8", "replace").strip().splitlines()
        return lines[0][:300] if lines else None
