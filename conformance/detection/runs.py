"""Runs of scripts/certify: one provider, some cases, results and evidence in a folder of theirs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.detection.matrix import Row
from conformance.detection.probe import Trace, lines_of, trace_of
from conformance.orchestration.cases import Item
from conformance.orchestration.machine import end_tree, start_tree, wait_for
from conformance.orchestration.stop import Stop

# Longer than the worst of providers needs, which hangs wherever it can.
DEADLINE_S = 3600.0

_INHERITED_FROM_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PROVIDER", "V"}


class CalledOff(Exception):
    """The measurement was interrupted."""


@dataclass(frozen=True)
class Selected:
    """What of the suite a provider is run against; no cases mean all of the default group."""

    cases: tuple[str, ...] = ()
    mode: str | None = None
    is_all: bool = False  # the endurance group, too; what is named may be of it in any case

    def words(self) -> list[str]:
        """Return the words of the command line."""
        words = ["--group", "all" if self.is_all or self.cases else "default"]
        for case in self.cases:
            words += ["--case", case]
        return words + (["--mode", self.mode] if self.mode else [])


@dataclass(frozen=True)
class Certified:
    """A run that has ended: its exit status, its results if there are any, its evidence."""

    status: int
    out: Path
    results: Mapping[str, Any] | None
    log: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The results, case by case."""
        return tuple(Row.of(row) for row in self.results["cases"]) if self.results else ()

    @property
    def verdict(self) -> str | None:
        """The verdict on the provider, or None if there was no run."""
        return str(self.results["verdict"]) if self.results else None

    def items(self) -> list[Item]:
        """Return what was run, with a process of its own."""
        if self.results is None:
            return []
        return [Item(row["id"], row["mode"]) for row in self.results["cases"] if row["evidence"]]

    def trace(self, item: Item, suffix: str = "") -> Trace | None:
        """Return the trace of one item, or of its control; None if it was not run."""
        return trace_in(self.out, item, suffix)


def trace_in(out: Path, item: Item, suffix: str = "") -> Trace | None:
    """Return the trace of one item in a folder of results."""
    try:
        data = (out / "evidence" / f"{item.stem}{suffix}.jsonl").read_bytes()
    except FileNotFoundError:
        return None
    return trace_of(lines_of(data))


class Certifier:
    """Calls the command; whatever goes on can be called off from another thread."""

    def __init__(self, root: Path, environment: Mapping[str, str], seed: int) -> None:
        self.command = root / "scripts" / "certify"
        self.seed = seed
        self.environment = {
            name: value
            for name, value in environment.items()
            if name not in _INHERITED_FROM_MAKE and "PYTEST" not in name
        }
        self._is_off = False

    def call_off(self) -> None:
        """Have nothing more be started."""
        # No Event: its lock would be waited for by a signal that meets the thread that holds it.
        self._is_off = True

    def is_called_off(self) -> bool:
        """Say whether nothing more is to be started."""
        return self._is_off

    def certify(
        self, provider: Path, out: Path, selected: Selected = Selected(), jobs: int = 1
    ) -> Certified:
        """Run the cases on a provider; a folder of an earlier run is removed first."""
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        words = [str(self.command), "--jobs", str(jobs), "--seed", str(self.seed)]
        words += ["--out", str(out), *selected.words(), str(provider)]
        log = out.with_name(f"{out.name}.log")
        with log.open("wb") as file:
            if self._is_off:
                raise CalledOff
            process = start_tree(
                words, self.environment, file, subprocess.STDOUT, subprocess.DEVNULL
            )
            try:
                has_ended = wait_for(process, DEADLINE_S, self.is_called_off)
            finally:
                end_tree(process)
        if self._is_off:
            raise CalledOff
        if not has_ended:
            raise Stop(
                f"certifying {provider.name} did not end within {DEADLINE_S:g} s; see {log}."
            )
        said = log.read_text(encoding="utf-8", errors="replace")
        os.unlink(log)
        return Certified(process.returncode, out, _results(out), said)


def _results(out: Path) -> dict[str, Any] | None:
    try:
        results: dict[str, Any] = json.loads((out / "results.json").read_bytes())
    except FileNotFoundError:
        return None
    return results
