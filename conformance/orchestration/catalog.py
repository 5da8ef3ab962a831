"""The installed providers, as the executable lists them from the Winsock catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.orchestration.description import ENTRIES, PROTOCOL_FIELDS
from conformance.orchestration.machine import as_x86_sees_it, local_path
from conformance.orchestration.preparation import Setting
from conformance.orchestration.stop import Stop

# Address family and socket type as Windows numbers them: AF_INET, AF_INET6; stream, datagram.
_KINDS = {(2, 1): "tcp4", (2, 2): "udp4", (23, 1): "tcp6", (23, 2): "udp6"}
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Entry:
    """One entry of the Winsock catalog."""

    id: int
    name: str
    path: str | None
    info: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.id:6}  {self.name}  ({self.path or 'no DLL is named'})"

    @property
    def kind(self) -> str | None:
        """Which of the entries that cases stand on this can be; None for other transports."""
        pair = self.info.get("address_family"), self.info.get("socket_type")
        return next((kind for numbers, kind in _KINDS.items() if numbers == pair), None)

    def settings(self) -> Iterator[tuple[str, str]]:
        """Yield the settings that hand this entry's protocol info to its provider."""
        for field in PROTOCOL_FIELDS:
            value = self.info.get(field)
            # The text would be refused, and the entry the harness makes has neither.
            if value is None or (field in ("name", "chain") and value == ""):
                continue
            if field == "name":
                value = str(value).encode()[:_LONGEST_NAME].decode(errors="ignore")
            yield f"protocol.{self.kind}.{field}", str(value)


@dataclass(frozen=True)
class Installed:
    """The provider behind an entry."""

    library: Path
    settings: tuple[tuple[str, str], ...]


def read(setting: Setting) -> list[Entry]:
    """Return the catalog."""
    entries = []
    for line in setting.machine.output_of(["--catalog"]).splitlines():
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            path = record.get("library") or None
            identifier = int(record["catalog_entry_id"])
            entries.append(Entry(identifier, str(record.get("name", "")), path, record))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Stop("the executable's list of the catalog cannot be read.") from None
    return entries


def why_none_can_be_loaded(entries: Sequence[Entry], setting: Setting) -> str | None:
    """Return in a sentence why no entry can be certified, or None if one can."""
    if any(entry.path for entry in entries):
        return None
    return f"None of them can be loaded: {_nameless(setting)}; give the path of a DLL instead."


def _nameless(setting: Setting) -> str:
    system = "Wine's catalog" if setting.machine.version_of_wine() else "the catalog"
    return f"{system} names no DLL"


def installed(setting: Setting, identifier: int, arch: str) -> Installed:
    """Return the provider behind an entry; a Stop says why it cannot be loaded.

    Its other entries, which are those with the same DLL, are handed to it as well, one for each
    transport that cases need. A transport that the catalog has no entry for is not claimed.
    """
    entries = read(setting)
    entry = next((entry for entry in entries if entry.id == identifier), None)
    if entry is None:
        there = ", ".join(str(entry.id) for entry in entries) or "none"
        raise Stop(f"the Winsock catalog has no entry {identifier}; it has {there}.")
    if entry.path is None:
        raise Stop(
            f"catalog entry {identifier} ({entry.name}) cannot be loaded:"
            f" {_nameless(setting)} for it; give the path of the DLL."
        )
    if entry.kind is None:
        raise Stop(
            f"catalog entry {identifier} ({entry.name}) is neither a stream nor a datagram protocol"
            " over IPv4 or IPv6; describe its provider in a provider.toml (docs/providers.md)."
        )
    chosen = {it.kind: it for it in reversed(entries) if it.kind and _same_library(it, entry)}
    chosen[entry.kind] = entry
    settings = [pair for kind in ENTRIES if kind in chosen for pair in chosen[kind].settings()]
    settings += [(f"claim.{kind}", "no") for kind in ENTRIES if kind not in chosen]
    path = as_x86_sees_it(entry.path, setting.environment) if arch == "x86" else entry.path
    return Installed(local_path(path, setting.layout), tuple(settings))


def _same_library(one: Entry, other: Entry) -> bool:
    return (one.path or "").casefold() == (other.path or "").casefold()
