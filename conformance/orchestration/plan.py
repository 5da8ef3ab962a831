"""What a run is made of, in a form that can be handed to the worker processes."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.conductor import Conductor
from conformance.orchestration.fuse import Fuses
from conformance.orchestration.gates import Gates
from conformance.orchestration.layout import Layout
from conformance.orchestration.machine import Machine, machine_for
from conformance.orchestration.outfolder import ERROR_LOG
from conformance.orchestration.result import Result
from conformance.orchestration.runner import Runner, Subject

STOP_FILE = "stop"


@dataclass(frozen=True)
class Plan:
    """Everything a process needs to know to run its share."""

    root: Path
    executable: Path
    environment: Mapping[str, str]
    folder: Path  # of this run alone; the evidence is below it
    token: str
    seed: int
    debug: bool
    provider_file: Path  # what the results are collected under
    subject: Subject
    reference: Subject | None
    cases: Mapping[str, Case]
    items: tuple[Item, ...]

    @property
    def evidence_folder(self) -> Path:
        """The folder that the evidence is written into."""
        return self.folder / "evidence"

    def machine(self) -> Machine:
        """Return the machine that runs the executable."""
        return machine_for(self.executable, Layout(self.root), self.environment)

    def runner(self, is_called_off: Callable[[], bool] = lambda: False) -> Runner:
        """Return what runs single cases."""
        return Runner(
            self.machine(),
            self.evidence_folder,
            self.token,
            self.seed,
            debug=self.debug,
            is_called_off=is_called_off,
        )

    def conductor(self, gates: Iterable[Result] = ()) -> Conductor:
        """Return what brings about the results in this process."""
        parent = os.getppid()

        def is_called_off() -> bool:
            return self.is_called_off() or os.getppid() != parent

        return Conductor(
            self.runner(is_called_off),
            self.cases,
            self.subject,
            self.reference,
            Gates(gates),
            Fuses(self.folder / "hangs.jsonl"),
            self.call_off,
        )

    def log(self, text: str) -> None:
        """Keep what only those who mend the suite want to read."""
        with (self.folder / ERROR_LOG).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)

    def call_off(self) -> None:
        """Have every process of this run end the case it runs, and run no other."""
        (self.folder / STOP_FILE).touch()

    def is_called_off(self) -> bool:
        """Say whether the run was called off."""
        return (self.folder / STOP_FILE).exists()

    def to_json(self) -> str:
        """Return the plan as one text of ASCII characters."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["cases"] = [case.plain() for case in self.cases.values()]
        fields["items"] = [[item.case, item.mode] for item in self.items]
        fields["subject"] = dataclasses.asdict(self.subject)
        fields["reference"] = dataclasses.asdict(self.reference) if self.reference else None
        return json.dumps(fields, default=os.fspath)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Return the plan that a text holds."""
        fields = json.loads(text)
        for name in ("root", "executable", "folder", "provider_file"):
            fields[name] = Path(fields[name])
        cases = [Case.of(record) for record in fields["cases"]]
        fields["cases"] = {case.id: case for case in cases}
        fields["items"] = tuple(Item(*pair) for pair in fields["items"])
        fields["subject"] = _subject(fields["subject"])
        fields["reference"] = _subject(fields["reference"]) if fields["reference"] else None
        return cls(**fields)


def _subject(fields: dict[str, Any]) -> Subject:
    fields["library"] = Path(fields["library"])
    for name in ("settings", "budgets"):
        fields[name] = tuple((key, value) for key, value in fields[name])
    return Subject(**fields)
