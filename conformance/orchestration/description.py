"""provider.toml: the description of a provider, read and checked."""

from __future__ import annotations

import datetime
import fnmatch
import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.orchestration.cases import MODES
from conformance.orchestration.stop import Stop

ARCHITECTURES = ("x86_64", "x86")
ENTRIES = ("tcp4", "udp4", "tcp6", "udp6")
FEATURES = ("overlapped", "address_list_change", "routing_interface_change")
DEFAULT_BUDGETS = {
    "hook": 5000,
    "cancel": 2000,
    "data": 5000,
    "quiet": 300,
    "late": 60000,
    "case": 15000,
}
LONGEST_BUDGET = 3_600_000
PEERS = ("auto", "system", "provider")

PROTOCOL_FIELDS = (
    "catalog_entry_id",
    "provider_id",
    "service_flags1",
    "service_flags2",
    "service_flags3",
    "service_flags4",
    "provider_flags",
    "version",
    "address_family",
    "max_sockaddr",
    "min_sockaddr",
    "socket_type",
    "protocol",
    "protocol_max_offset",
    "byte_order",
    "security_scheme",
    "message_size",
    "provider_reserved",
    "name",
    "chain_length",
    "chain",
)
_SECTIONS = (
    "provider",
    "protocol",
    "addresses",
    "budgets",
    "claims",
    "network",
    "known_deviation",
)
_NETWORK_LENGTH = 500
_ADDRESSES = {
    "local4": "local4",
    "second4": "second4",
    "local6": "local6",
    "second6": "second6",
    "unresponsive4": "unresponsive4",
    "unresponsive6": "unresponsive6",
    # Without a family the form of the value says which it is.
    "local": "local",
    "second": "second",
    "second_local": "second",
    "unresponsive": "unresponsive",
}
_CLAIMS: dict[str, tuple[str, ...]] = {
    **{entry: (entry,) for entry in ENTRIES},
    "tcp": ("tcp4", "tcp6"),
    "udp": ("udp4", "udp6"),
    "ipv4": ("tcp4", "udp4"),
    "ipv6": ("tcp6", "udp6"),
    **{feature: (feature,) for feature in FEATURES},
}


@dataclass(frozen=True)
class KnownDeviation:
    """A failure expected of one provider, with a reason."""

    case: str
    mode: str | None
    reason: str
    url: str | None
    expires: datetime.date | None

    def covers(self, case: str, mode: str) -> bool:
        """Say whether it speaks of this case in this mode."""
        return fnmatch.fnmatchcase(case, self.case) and self.mode in (None, mode)

    def plain(self, today: datetime.date) -> dict[str, Any]:
        """Return what the results say of it."""
        return {
            "case": self.case,
            "mode": self.mode,
            "reason": self.reason,
            "url": self.url,
            "expires": self.expires.isoformat() if self.expires else None,
            "expired": self.expires is not None and today > self.expires,
        }


@dataclass(frozen=True)
class ProviderDescription:
    """What is known of a provider before it is run."""

    name: str
    libraries: Mapping[str, Path]
    file: Path | None = None
    vendor: str | None = None
    chain: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    deviations: tuple[KnownDeviation, ...] = ()

    @property
    def changed_budgets(self) -> dict[str, int]:
        """The budgets that are not the default ones."""
        return {key: ms for key, ms in self.budgets.items() if ms != DEFAULT_BUDGETS[key]}

    def library(self, arch: str) -> Path:
        """Return the DLL for one architecture."""
        try:
            return self.libraries[arch]
        except KeyError:
            there = " and ".join(self.libraries)
            raise Stop(
                f"{self.file} names no library for {arch}, only for {there};"
                f" add it there or give --arch."
            ) from None


def of_library(path: Path) -> ProviderDescription:
    """Describe a DLL of which nothing but the path is known."""
    return ProviderDescription(path.stem, {arch: path for arch in ARCHITECTURES})


def read(file: Path) -> ProviderDescription:
    """Read a provider.toml."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise Stop(f"{file} cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise Stop(f"{file} is not UTF-8 text; save it as such.") from None
    except tomllib.TOMLDecodeError as problem:
        raise Stop(f"{file} is not TOML: {problem}.") from None
    return _Reader(file).description(tables)


class _Reader:
    """Reads one file; every complaint names the key and the file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def description(self, tables: Mapping[str, Any]) -> ProviderDescription:
        self._known(tables, _SECTIONS, "")
        about = self._table(tables, "provider")
        if "provider" not in tables:
            raise Stop(f"{self.file} has no table [provider]; add one with a name and a library.")
        self._known(about, ("name", "library", "vendor", "chain", "peer"), "provider.")
        chain = self._chain(about)
        return ProviderDescription(
            name=self._text(about, "provider.name") or self.file.parent.name,
            libraries=self._libraries(about),
            file=self.file,
            vendor=self._text(about, "provider.vendor"),
            chain=chain,
            settings=(
                *self._peer(about, self._table(tables, "addresses")),
                *self._protocol(self._table(tables, "protocol"), chain),
                *self._addresses(self._table(tables, "addresses")),
                *self._claims(self._table(tables, "claims")),
                *self._network(tables),
            ),
            budgets=self._budgets(self._table(tables, "budgets")),
            deviations=self._deviations(tables.get("known_deviation", [])),
        )

    def _wrong(self, key: str, expected: str) -> Stop:
        return Stop(f"{self.file}: {key} has to be {expected}.")

    def _known(self, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in table:
            if key not in known:
                raise Stop(
                    f"{self.file}: unknown key {where}{key}; known here are {', '.join(known)}."
                )

    def _table(self, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = tables.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(name, "a table")
        return table

    def _text(self, table: Mapping[str, Any], key: str) -> str | None:
        value = table.get(key.rpartition(".")[2])
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self._wrong(key, "a text")
        return value

    def _libraries(self, about: Mapping[str, Any]) -> dict[str, Path]:
        library = about.get("library")
        if library is None:
            raise Stop(f"{self.file} names no library; add library = \"...\" under [provider].")
        if isinstance(library, str):
            library = {arch: library for arch in ARCHITECTURES}
        if not isinstance(library, dict) or not library:
            raise self._wrong("provider.library", "a path or a table of one for each architecture")
        self._known(library, ARCHITECTURES, "provider.library.")
        found = {}
        for arch, path in library.items():
            if not isinstance(path, str) or not path or "\0" in path:
                raise self._wrong(f"provider.library.{arch}", "a path")
            found[arch] = self.file.parent / path
        return found

    def _chain(self, about: Mapping[str, Any]) -> tuple[str, ...]:
        chain = about.get("chain", [])
        values = chain if isinstance(chain, list) else [chain]
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                raise self._wrong("provider.chain", "a list of catalog ids")
        return tuple(str(value) for value in values)

    def _peer(
        self, about: Mapping[str, Any], addresses: Mapping[str, Any]
    ) -> list[tuple[str, str]]:
        for where, table in (("provider", about), ("addresses", addresses)):
            if "peer" in table:
                if table["peer"] not in PEERS:
                    raise self._wrong(f"{where}.peer", f"one of {', '.join(PEERS)}")
                return [("peer", table["peer"])]
        return []

    def _protocol(
        self, table: Mapping[str, Any], chain: Sequence[str]
    ) -> list[tuple[str, str]]:
        self._known(table, (*PROTOCOL_FIELDS, *ENTRIES), "protocol.")
        settings = []
        if chain and "chain" not in table:
            settings.append(("protocol.chain", ",".join(chain)))
        for key, value in table.items():
            if key not in ENTRIES:
                settings.append((f"protocol.{key}", self._field(f"protocol.{key}", value)))
                continue
            if not isinstance(value, dict):
                raise self._wrong(f"protocol.{key}", "a table")
            self._known(value, PROTOCOL_FIELDS, f"protocol.{key}.")
            for name, entry in value.items():
                setting = f"protocol.{key}.{name}"
                settings.append((setting, self._field(setting, entry)))
        return settings

    def _field(self, key: str, value: Any) -> str:
        if isinstance(value, list) and key.endswith(".chain"):
            return ",".join(self._field(key, item) for item in value)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._wrong(key, "a number or a text")
        if isinstance(value, str) and not value.isprintable():
            raise self._wrong(key, "a text without control characters")
        return str(value)

    def _addresses(self, table: Mapping[str, Any]) -> list[tuple[str, str]]:
        self._known(table, (*_ADDRESSES, "peer"), "addresses.")
        settings = []
        for key, value in table.items():
            if key == "peer":
                continue
            name = _ADDRESSES[key]
            needs_port = name.startswith("unresponsive")
            family = self._family(f"addresses.{key}", value, needs_port)
            if name[-1] not in "46":
                name += family
            if name[-1] != family:
                raise self._wrong(f"addresses.{key}", f"an IPv{name[-1]} address")
            settings.append((f"address.{name}", value))
        return settings

    def _family(self, key: str, value: Any, needs_port: bool) -> str:
        """Return 4 or 6 for an address of the right form."""
        form = "a numeric ADDRESS:PORT or [ADDRESS]:PORT" if needs_port else "a numeric address"
        if not isinstance(value, str):
            raise self._wrong(key, form)
        address = value
        if needs_port:
            address, colon, port = value.rpartition(":")
            if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65535:
                raise self._wrong(key, form)
            if address.startswith("[") != address.endswith("]") or ("[" in address) != (
                ":" in address
            ):
                raise self._wrong(key, form)
            address = address.strip("[]")
        try:
            return str(ipaddress.ip_address(address).version)
        except ValueError:
            raise self._wrong(key, form) from None

    def _claims(self, table: Mapping[str, Any]) -> list[tuple[str, str]]:
        self._known(table, tuple(_CLAIMS), "claims.")
        claims: dict[str, str] = {}
        # The general words first, so that a particular one can make an exception.
        for key in sorted(table, key=lambda key: (key in ENTRIES, list(_CLAIMS).index(key))):
            if not isinstance(table[key], bool):
                raise self._wrong(f"claims.{key}", "true or false")
            for entry in _CLAIMS[key]:
                denied = key not in ENTRIES and claims.get(entry) == "no"
                claims[entry] = "yes" if table[key] and not denied else "no"
        return [(f"claim.{it}", claims[it]) for it in (*ENTRIES, *FEATURES) if it in claims]

    def _network(self, tables: Mapping[str, Any]) -> list[tuple[str, str]]:
        table = self._table(tables, "network")
        self._known(table, ("down", "up", "function"), "network.")
        ways = sorted(table)
        if "network" in tables and ways not in (["down", "up"], ["function"]):
            raise self._wrong("network", "either a command down and a command up, or a function")
        for key in table:
            if len((self._text(table, f"network.{key}") or "").encode()) > _NETWORK_LENGTH:
                raise self._wrong(f"network.{key}", f"a text of up to {_NETWORK_LENGTH} bytes")
        return [(f"network.{key}", str(value)) for key, value in table.items()]

    def _budgets(self, table: Mapping[str, Any]) -> dict[str, int]:
        self._known(table, tuple(DEFAULT_BUDGETS), "budgets.")
        for key, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int):
                raise self._wrong(f"budgets.{key}", "a whole number of milliseconds")
            if not 1 <= value <= LONGEST_BUDGET:
                raise self._wrong(f"budgets.{key}", f"1 to {LONGEST_BUDGET} milliseconds")
        return dict(table)

    def _deviations(self, tables: Any) -> tuple[KnownDeviation, ...]:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._wrong("known_deviation", "a list of tables, [[known_deviation]]")
        return tuple(self._deviation(table) for table in tables)

    def _deviation(self, table: Mapping[str, Any]) -> KnownDeviation:
        self._known(table, ("case", "mode", "reason", "url", "expires"), "known_deviation.")
        case = self._text(table, "known_deviation.case")
        reason = self._text(table, "known_deviation.reason")
        if case is None or reason is None:
            missing = "case" if case is None else "reason"
            raise Stop(f"{self.file}: a known_deviation has no {missing}; each needs one.")
        mode = self._text(table, "known_deviation.mode")
        if mode is not None and mode not in MODES:
            raise self._wrong("known_deviation.mode", f"one of {', '.join(MODES)}")
        return KnownDeviation(
            case, mode, reason, self._text(table, "known_deviation.url"), self._expiry(table)
        )

    def _expiry(self, table: Mapping[str, Any]) -> datetime.date | None:
        value = table.get("expires")
        if isinstance(value, str):
            try:
                value = datetime.date.fromisoformat(value)
            except ValueError:
                raise self._wrong("known_deviation.expires", "a date, YYYY-MM-DD") from None
        if isinstance(value, datetime.datetime):
            value = value.date()
        if value is not None and not isinstance(value, datetime.date):
            raise self._wrong("known_deviation.expires", "a date, YYYY-MM-DD")
        return value
