"""What the flawed, the hostile and the degenerate providers say about themselves, read from their C text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import PROVIDERS

FLAWED = sorted((ROOT / "providers" / "flawed").glob("*.c"))
HOSTILE = sorted((ROOT / "providers" / "hostile").glob("*.c"))
DEGENERATE = sorted((ROOT / "providers" / "degenerate").glob("*.c"))
VARIANTS = sorted((ROOT / "providers" / "variants").glob("*.c"))

_RECORD = re.compile(r"const struct flaw flaw = \{(.*?)\n\};", re.DOTALL)
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_FIELD = re.compile(rf"\.(requirement|what|caught_by)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,")
_VARIANT = re.compile(r"const struct variant variant = \{(.*?)\n\};", re.DOTALL)
_VARIANT_FIELD = re.compile(
    rf"\.(requirement|why_allowed|touches|warned_by|hidden_from)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,"
)
_DEGENERATE = re.compile(r"const struct degenerate degenerate = \{(.*?)\n\};", re.DOTALL)
_DEGENERATE_FIELD = re.compile(
    rf"\.(what|verdict|cause|caught_by)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,"
)
_KIND = re.compile(r"\.kind = (HOLLOW|BROKEN|RUDE),")
_FATE = re.compile(
    r"^/\* verdict: ([\w-]+)(?: (\w+))?(?: (\w+))?; case: (\S+) (\S+) \*/$", re.MULTILINE
)


class RecordError(Exception):
    """A provider does not say what it has to say about itself."""


def name_of(source: Path) -> str:
    """Return the name of a provider, for the name of a test."""
    return source.stem


def library_of(source: Path) -> Path:
    """Return the DLL that is built from a provider's source."""
    library = PROVIDERS / source.parent.name / f"{source.stem}.dll"
    if not library.is_file():
        raise RecordError(f"{library.relative_to(ROOT)} is not built; run `make all`.")
    return library


@dataclass(frozen=True)
class Flaw:
    """The record of a flawed provider."""

    requirement: str
    what: str
    caught_by: tuple[str, ...]

    @classmethod
    def read(cls, source: Path) -> Flaw:
        """Read the record of a source; one that is incomplete is an error."""
        shown = source.relative_to(ROOT)
        record = _RECORD.search(source.read_text(encoding="utf-8"))
        if record is None:
            raise RecordError(f"{shown} has no record: const struct flaw flaw = {{...}};")
        fields = {name: _joined(text) for name, text in _FIELD.findall(record.group(1))}
        for name in ("requirement", "what", "caught_by"):
            if not fields.get(name, "").strip():
                raise RecordError(f"{shown}: its record does not say .{name}.")
        return cls(fields["requirement"], fields["what"], tuple(fields["caught_by"].split()))


@dataclass(frozen=True)
class Variant:
    """The record of a conforming variant."""

    requirement: str
    why_allowed: str
    touches: tuple[str, ...]
    warned_by: tuple[str, ...]
    hidden_from: tuple[str, ...]

    @classmethod
    def read(cls, source: Path) -> Variant:
        """Read the record of a source; one that is incomplete is an error."""
        shown = source.relative_to(ROOT)
        record = _VARIANT.search(source.read_text(encoding="utf-8"))
        if record is None:
            raise RecordError(f"{shown} has no record: const struct variant variant = {{...}};")
        fields = {name: _joined(text) for name, text in _VARIANT_FIELD.findall(record.group(1))}
        for name in ("requirement", "why_allowed", "touches"):
            if not fields.get(name, "").strip():
                raise RecordError(f"{shown}: its record does not say .{name}.")
        patterns = (
            tuple(fields.get(name, "").split()) for name in ("touches", "warned_by", "hidden_from")
        )
        return cls(fields["requirement"], fields["why_allowed"], *patterns)


@dataclass(frozen=True)
class Degenerate:
    """The record of a degenerate provider."""

    kind: str
    what: str
    verdict: str
    cause: str | None
    caught_by: tuple[str, ...]

    @classmethod
    def read(cls, source: Path) -> Degenerate:
        """Read the record of a source; one that is incomplete is an error."""
        shown = source.relative_to(ROOT)
        record = _DEGENERATE.search(source.read_text(encoding="utf-8"))
        kind = _KIND.search(record.group(1)) if record is not None else None
        if record is None or kind is None:
            raise RecordError(
                f"{shown} has no record: const struct degenerate degenerate = {{...}};"
            )
        fields = {
            name: _joined(text) for name, text in _DEGENERATE_FIELD.findall(record.group(1))
        }
        needed = ("what", "verdict", "cause", "caught_by")
        for name in needed if kind.group(1) == "BROKEN" else needed[:2]:
            if not fields.get(name, "").strip():
                raise RecordError(f"{shown}: its record does not say .{name}.")
        return cls(
            kind.group(1),
            fields["what"],
            fields["verdict"],
            fields.get("cause"),
            tuple(fields.get("caught_by", "").split()),
        )


def _joined(literals: str) -> str:
    """Return the text of adjacent C literals."""
    parts = re.findall(_TEXT, literals)
    return "".join(re.sub(r"\\(.)", r"\1", part[1:-1]) for part in parts)


@dataclass(frozen=True)
class Fate:
    """What a hostile provider says it comes to: in one case and mode, by the executable alone."""

    verdict: str
    cause: str | None
    call: str | None
    case: str
    mode: str

    @classmethod
    def read(cls, source: Path) -> Fate:
        """Read the line of a source that says so."""
        found = _FATE.search(source.read_text(encoding="utf-8"))
        if found is None:
            raise RecordError(
                f"{source.relative_to(ROOT)} has no line"
                " /* verdict: VERDICT [CAUSE [CALL]]; case: ID MODE */"
            )
        return cls(*found.groups())
