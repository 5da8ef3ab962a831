"""The cases that the executable lists, and which of them a run is made of."""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conformance.orchestration.stop import Stop

MODES = ("direct", "ws2_32", "no-callback")
LEVELS = ("MUST", "SHOULD", "MAY", "INFO")
GROUPS = ("default", "endurance")

_CASE_ID = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)+")
_REQUIREMENT_ID = re.compile(r"[A-Z]+-[0-9]{2}")


@dataclass(frozen=True)
class Case:
    """The record of one case, as the executable lists it."""

    id: str
    function: str
    requirements: tuple[str, ...]
    level: str
    modes: tuple[str, ...]
    does: str
    must: str
    rests_on: tuple[str, ...] = ()
    gate: bool = False
    alone: bool = False  # nothing else may run at the same time
    waits: tuple[str, ...] = ()  # the modes in which it mostly waits, and computes next to nothing
    group: str = "default"
    file: str | None = None
    line: int | None = None

    def plain(self) -> dict[str, Any]:
        """Return the record in types that JSON and xdist can carry."""
        fields = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value
                for key, value in fields.items()}  # fmt: skip

    @classmethod
    def of(cls, record: dict[str, Any]) -> Case:
        """Make a case from its plain record, or raise ValueError with what is wrong."""
        known: dict[str, Any] = {}
        for name in ("id", "function", "level", "does", "must"):
            if not isinstance(record.get(name), str):
                raise ValueError(f"no text {name}")
            known[name] = record[name]
        for name in ("requirements", "modes"):
            known[name] = _texts(record, name)
            if not known[name]:
                raise ValueError(f"an empty list {name}")
        for name in ("rests_on", "waits"):
            known[name] = _texts(record, name) if name in record else ()
        known["gate"] = record.get("gate", False) is True
        known["alone"] = record.get("alone", False) is True
        known["group"] = record.get("group", "default")
        if isinstance(record.get("file"), str):
            known["file"] = record["file"]
        if isinstance(record.get("line"), int):
            known["line"] = record["line"]
        case = cls(**known)
        case._check()
        return case

    def _check(self) -> None:
        if not _CASE_ID.fullmatch(self.id):
            raise ValueError(f"an ill-formed id {self.id!r}")
        if self.level not in LEVELS or self.group not in GROUPS:
            raise ValueError(f"an unknown level or group in {self.id}")
        for requirement in self.requirements:
            if not _REQUIREMENT_ID.fullmatch(requirement):
                raise ValueError(f"an ill-formed requirement {requirement!r} in {self.id}")
        for mode in self.modes:
            if mode not in MODES:
                raise ValueError(f"an unknown mode {mode!r} in {self.id}")


@dataclass(frozen=True, order=True)
class Item:
    """One case in one mode: what one process runs and one result tells."""

    case: str
    mode: str

    @property
    def name(self) -> str:
        """The name a reader sees."""
        return f"{self.case}[{self.mode}]"

    @property
    def stem(self) -> str:
        """The name of this item's files."""
        return f"{self.case.replace('/', '__')}.{self.mode}"


@dataclass(frozen=True)
class CaseList:
    """All cases of an executable."""

    cases: tuple[Case, ...]
    sha256: str

    def by_id(self) -> dict[str, Case]:
        """Return the cases by id."""
        return {case.id: case for case in self.cases}

    @classmethod
    def parse(cls, output: bytes) -> CaseList:
        """Read what `--list` printed."""
        text = output.replace(b"\r\n", b"\n")
        cases = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError("no object")
                cases.append(Case.of(record))
            except (ValueError, RecursionError) as problem:
                raise Stop(
                    f"the executable's list of cases has {problem} in line {number};"
                    " build it again."
                ) from None
        if not cases:
            raise Stop("the executable lists no cases; build it again.")
        ids = [case.id for case in cases]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise Stop(f"the executable lists the case {twice[0]} twice; build it again.")
        return cls(tuple(cases), hashlib.sha256(text).hexdigest())


@dataclass(frozen=True)
class Selection:
    """What the user asked for; empty patterns and modes mean all."""

    patterns: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    group: str = "default"

    @property
    def is_full(self) -> bool:
        """Say whether nothing of the default group is left out."""
        return not self.patterns and not self.modes and self.group in ("default", "all")

    def plain(self) -> dict[str, Any]:
        """Return what was chosen, without what was not."""
        chosen: dict[str, Any] = {}
        if self.patterns:
            chosen["cases"] = list(self.patterns)
        if self.modes:
            chosen["modes"] = list(self.modes)
        if self.group not in ("default", "all"):
            chosen["group"] = self.group
        return chosen

    def items(self, cases: Sequence[Case]) -> list[Item]:
        """Return what is to be run, in the order of the list; every pattern has to match."""
        for pattern in self.patterns:
            if not any(fnmatch.fnmatchcase(case.id, pattern) for case in cases):
                raise Stop(_no_match(pattern, [case.id for case in cases]))
        chosen = [
            Item(case.id, mode)
            for case in cases
            if self._takes(case)
            for mode in case.modes
            if not self.modes or mode in self.modes
        ]
        if not chosen:
            raise Stop(self._nothing(cases))
        return chosen

    def _takes(self, case: Case) -> bool:
        in_group = self.group == "all" or case.group == self.group
        named = not self.patterns or any(
            fnmatch.fnmatchcase(case.id, pattern) for pattern in self.patterns
        )
        return in_group and named

    def _nothing(self, cases: Sequence[Case]) -> str:
        wanted = [f"--case {pattern}" for pattern in self.patterns]
        wanted += [f"--mode {mode}" for mode in self.modes] + [f"--group {self.group}"]
        named = [
            case
            for case in cases
            if any(fnmatch.fnmatchcase(case.id, pattern) for pattern in self.patterns)
        ]
        hint = ""
        if len(named) == 1:
            hint = (
                f" ({named[0].id} is of the group {named[0].group}"
                f" and has the modes {', '.join(named[0].modes)})"
            )
        return (
            f"no case is selected by {' '.join(wanted)}{hint};"
            " see scripts/certify --list for what there is."
        )


def _texts(record: dict[str, Any], name: str) -> tuple[str, ...]:
    values = record.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"no list {name}")
    return tuple(values)


def _no_match(pattern: str, ids: Iterable[str]) -> str:
    close = difflib.get_close_matches(pattern, list(ids), n=3, cutoff=0.5)
    kind = "matches no case" if any(char in pattern for char in "*?[") else "is no case"
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return f"--case {pattern} {kind}{hint or '; see scripts/certify --list for what there is.'}"
