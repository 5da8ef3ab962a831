"""The installed providers, as the executable lists them from the Winsock catalog."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from conformance.orchestration.machine import local_path
from conformance.orchestration.preparation import Setting
from conformance.orchestration.stop import Stop


@dataclass(frozen=True)
class Entry:
    """One entry of the Winsock catalog."""

    id: int
    name: str
    path: str | None

    def __str__(self) -> str:
        return f"{self.id:6}  {self.name}  ({self.path or 'no DLL is named'})"


def read(setting: Setting) -> list[Entry]:
    """Return the catalog."""
    entries = []
    for line in setting.machine.output_of(["--catalog"]).splitlines():
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            identifier = record.get("catalog_entry_id", record.get("id"))
            path = record.get("path") or record.get("library")
            entries.append(Entry(int(identifier), str(record.get("name", "")), path or None))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Stop("the executable's list of the catalog cannot be read.") from None
    return entries


def library_of(setting: Setting, identifier: int) -> Path:
    """Return the DLL behind an entry; a Stop says why it cannot be loaded."""
    entries = read(setting)
    entry = next((entry for entry in entries if entry.id == identifier), None)
    if entry is None:
        there = ", ".join(str(entry.id) for entry in entries) or "none"
        raise Stop(f"the Winsock catalog has no entry {identifier}; it has {there}.")
    if entry.path is None:
        system = "Wine's catalog" if setting.machine.version_of_wine() else "the catalog"
        raise Stop(
            f"catalog entry {identifier} ({entry.name}) cannot be loaded:"
            f" {system} names no DLL for it; give the path of the DLL."
        )
    return local_path(entry.path, setting.layout)
