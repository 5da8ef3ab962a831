"""The catalogue of requirements, read from conformance/requirements.toml and checked.

    catalogue = load_catalogue()
    catalogue.requirement("CBC-02").text
    for requirement in catalogue.requirements.values(): ...

Whatever is wrong with the file ends in a CatalogueError, whose message is one sentence that names
the file and the thing in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "requirements.toml"
DOCUMENTATION = "https://learn.microsoft.com/en-us/windows/win32/"

Entry = TypeVar("Entry", "Requirement", "Statement", "Contradiction", "Rule")


class CatalogueError(Exception):
    """The catalogue cannot be used; the message says which file and what in it."""


class Level(StrEnum):
    """How binding a requirement is."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand on a provider."""

    id: str
    level: Level
    text: str
    source: str
    url: str | None = None
    note: str | None = None
    derived: bool = False
    shown_by: str | None = None  # of a rule for the suite itself: the file that shows it is kept

    @property
    def family(self) -> str:
        """The part of the id before the number: "CBC" of CBC-02."""
        return self.id.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the page WSPCancelBlockingCall, and the requirements drawn from it."""

    id: str
    text: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A point on which the texts disagree, and how the suite settles it."""

    id: str
    text: str
    settled: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A general reason for which a case is inconclusive."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole catalogue; every mapping goes from id to entry, in the order of the file."""

    path: Path
    requirements: Mapping[str, Requirement]
    statements: Mapping[str, Statement]
    contradictions: Mapping[str, Contradiction]
    rules: Mapping[str, Rule]

    def requirement(self, requirement_id: str) -> Requirement:
        """The requirement of that id; a CatalogueError if the catalogue has none."""
        try:
            return self.requirements[requirement_id]
        except KeyError:
            raise CatalogueError(
                f"{self.path}: there is no requirement {requirement_id!r} in the catalogue."
            ) from None

    def families(self) -> tuple[str, ...]:
        """The families of ids (STARTUP, CLEANUP, CBC, ...), in the order of the file."""
        return tuple(dict.fromkeys(each.family for each in self.requirements.values()))

    def statements_behind(self, requirement_id: str) -> tuple[Statement, ...]:
        """The statements of the page that yield this requirement."""
        requirement = self.requirement(requirement_id)
        return tuple(
            each for each in self.statements.values() if requirement.id in each.requirements
        )


def load_catalogue(path: Path | str | None = None) -> Catalogue:
    """Read and check the catalogue; without a path, the suite's own."""
    file = DEFAULT_PATH if path is None else Path(path)
    document = _read(file)

    known = ("requirement", "statement", "contradiction", "rule")
    for key in document:
        if key not in known:
            raise CatalogueError(
                f"{file}: unknown section {key!r}; the sections are {', '.join(known)}."
            )

    catalogue = Catalogue(
        path=file,
        requirements=_section(file, document, "requirement", Requirement, _requirement),
        statements=_section(file, document, "statement", Statement, _statement),
        contradictions=_section(file, document, "contradiction", Contradiction, _contradiction),
        rules=_section(file, document, "rule", Rule, _rule),
    )
    if not catalogue.requirements:
        raise CatalogueError(f"{file}: the catalogue holds no requirement.")
    for statement in catalogue.statements.values():
        for requirement_id in statement.requirements:
            if requirement_id not in catalogue.requirements:
                raise CatalogueError(
                    f"{file}: statement {statement.id} names the unknown requirement "
                    f"{requirement_id!r}."
                )
    return catalogue


def _read(file: Path) -> dict[str, Any]:
    """The file as TOML, not yet checked."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{file}: is not UTF-8 text (byte {error.start}).") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file}: is not valid TOML: {error}.") from error


def _section(
    file: Path,
    document: dict[str, Any],
    name: str,
    kind: type[Entry],
    build: Callable[[_Row], Entry],
) -> Mapping[str, Entry]:
    """Every table of one section, built and kept by id; its keys are the fields of its kind."""
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise CatalogueError(f"{file}: {name} has to be written as [[{name}]] tables.")

    known = tuple(field.name for field in fields(kind))
    entries: dict[str, Entry] = {}
    for number, table in enumerate(tables, start=1):
        row = _Row(file, name, number, table)
        row.expect_no_key_but(known)
        entry = build(row)
        if entry.id in entries:
            raise CatalogueError(f"{file}: {name} {entry.id} appears more than once.")
        entries[entry.id] = entry
    return MappingProxyType(entries)


def _requirement(row: _Row) -> Requirement:
    return Requirement(
        id=row.identity(r"[A-Z]+-[0-9]{2}", "CBC-01"),
        level=row.level(),
        text=row.sentence("text"),
        source=row.string("source"),
        url=row.url(),
        note=row.sentence("note") if "note" in row else None,
        derived=row.flag("derived"),
        shown_by=row.string("shown_by") if "shown_by" in row else None,
    )


def _statement(row: _Row) -> Statement:
    return Statement(
        id=row.identity(r"S[1-9][0-9]?", "S1"),
        text=row.sentence("text"),
        requirements=row.names("requirements"),
    )


def _contradiction(row: _Row) -> Contradiction:
    return Contradiction(
        id=row.identity(r"K[1-9][0-9]?", "K1"),
        text=row.sentence("text"),
        settled=row.sentence("settled"),
    )


def _rule(row: _Row) -> Rule:
    return Rule(id=row.identity(r"G[1-9][0-9]?", "G1"), text=row.sentence("text"))


class _Row:
    """One table of the file, which hands out its values checked."""

    def __init__(self, file: Path, section: str, number: int, table: dict[str, Any]) -> None:
        self._file = file
        self._table = table
        name = table.get("id")
        self._what = f"{section} {name if isinstance(name, str) and name else f'number {number}'}"

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def error(self, complaint: str) -> CatalogueError:
        """A complaint about this row, to be raised."""
        return CatalogueError(f"{self._file}: {self._what} {complaint}")

    def string(self, key: str) -> str:
        """A string that has to be there and to say something."""
        if key not in self:
            raise self.error(f"has no {key}.")
        value = self._table[key]
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"has a {key} that is no text.")
        return value

    def sentence(self, key: str) -> str:
        """A string that ends as a sentence does."""
        value = self.string(key)
        if not value.endswith("."):
            raise self.error(f"has a {key} that does not end with a period.")
        return value

    def identity(self, pattern: str, example: str) -> str:
        """The id, of the form of the example."""
        value = self.string("id")
        if not re.fullmatch(pattern, value):
            raise self.error(f"has an id that is not of the form {example}.")
        return value

    def level(self) -> Level:
        """The level."""
        value = self.string("level")
        if value not in list(Level):
            raise self.error(f"has the unknown level {value!r}; levels are {', '.join(Level)}.")
        return Level(value)

    def url(self) -> str | None:
        """The address of a page of the public documentation, if there is one."""
        if "url" not in self:
            return None
        value = self.string("url")
        if not value.startswith(DOCUMENTATION):
            raise self.error(f"has a url that does not begin with {DOCUMENTATION} as it should.")
        return value

    def flag(self, key: str) -> bool:
        """A boolean that may be left out, which means false."""
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"has a {key} that is neither true nor false.")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of ids: at least one, none twice."""
        value = self._table.get(key)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(f"needs {key}, a list of ids.")
        if not value:
            raise self.error(f"names no {key}.")
        for each in value:
            if value.count(each) > 1:
                raise self.error(f"names {each} more than once.")
        return tuple(value)

    def expect_no_key_but(self, known: tuple[str, ...]) -> None:
        """Complain of the first key that is not among the known ones."""
        for key in self._table:
            if key not in known:
                raise self.error(f"has the unknown key {key!r}; keys are {', '.join(known)}.")
