"""What flawed, degenerate and varied providers say of themselves, read from their C text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from conformance.orchestration.layout import ROOT, Layout

PROVIDERS = ROOT / "build" / "x86_64" / "providers"

FLAWED = sorted((ROOT / "providers" / "flawed").glob("*.c"))
HOSTILE = sorted((ROOT / "providers" / "hostile").glob("*.c"))
DEGENERATE = sorted((ROOT / "providers" / "degenerate").glob("*.c"))
VARIANTS = sorted((ROOT / "providers" / "variants").glob("*.c"))
EQUIVALENT = ROOT / "providers" / "flawed" / "equivalent.toml"

_RECORD = re.compile(r"const struct flaw flaw = \{(.*?)\n\};", re.DOTALL)
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_FIELD = re.compile(rf"\.(requirement|what|caught_by)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,")
_VARIANT = re.compile(r"const struct variant variant = \{(.*?)\n\};", re.DOTALL)
_VARIANT_FIELD = re.compile(
    rf"\.(requirement|why_allowed|touches|warned_by|hidden_from)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,"
)
_FATE = re.compile(
    r"^/\* verdict: ([\w-]+)(?: (\w+))?(?: (\w+))?; case: (\S+) (\S+) \*/$", re.MULTILINE
)


# What a layer replaces: an entry of the proc table, an upcall, or WSPStartup as a whole.
_REPLACED = re.compile(r"->\s*lp(W(?:SP|PU)\w+)\s*=(?!=)")
# WSPStartup also where it only hands out an entry that is none.
_REPLACES_STARTUP = re.compile(r"\.start\s*=|table->lpWSP\w+\s*=\s*(?:NULL|\()")
_SUPPORT = re.compile(r'#include "flawed/support/(\w+)\.h"')

# The command looks at a DLL before it runs anything, so these come to no run at all.
NO_RUN = "no run"
_CONFORMITY_OF = {"pass": "conforming", "fail": "non-conforming", "inconclusive": "incomplete"}
_REFUSED = ("no_exports", "only_startup_ex", "raises_stub")
_DEGENERATE = re.compile(r"const struct degenerate degenerate = \{(.*?)\n\};", re.DOTALL)
_KIND = re.compile(r"\.kind\s*=\s*(HOLLOW|BROKEN|RUDE)\s*,")
_DEGENERATE_FIELD = re.compile(
    rf"\.(what|verdict|cause|caught_by)\s*=\s*({_TEXT}(?:\s*{_TEXT})*)\s*,"
)
_HEADING = re.compile(r"\A/\*\n(.*?)\n \*(?:\n|/)", re.DOTALL)


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
        shown = Layout().shown(source)
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
        shown = Layout().shown(source)
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
    """What a hostile or a hollow provider is, and what the whole suite has to say of it."""

    what: str
    verdict: str
    kind: str = "hostile"
    cause: str | None = None
    caught_by: tuple[str, ...] = ()

    @classmethod
    def read(cls, source: Path) -> Degenerate:
        """Read the record of a source, or the line in which a hostile one tells its fate."""
        text = source.read_text(encoding="utf-8")
        record = _DEGENERATE.search(text)
        if record is not None:
            fields = {
                name: _joined(words) for name, words in _DEGENERATE_FIELD.findall(record.group(1))
            }
            shown = Layout().shown(source)
            kind = _KIND.search(record.group(1))
            if kind is None:
                raise RecordError(f"{shown}: its record does not say .kind.")
            needed = ("what", "verdict", "cause", "caught_by")
            for name in needed if kind.group(1) == "BROKEN" else needed[:2]:
                if not fields.get(name, "").strip():
                    raise RecordError(f"{shown}: its record does not say .{name}.")
            return cls(
                fields["what"],
                fields["verdict"],
                kind.group(1).lower(),
                fields.get("cause"),
                tuple(fields.get("caught_by", "").split()),
            )
        fate = Fate.read(source)
        verdict = NO_RUN if source.stem in _REFUSED else _CONFORMITY_OF[fate.verdict]
        what = _heading(text) or source.stem
        if verdict != _CONFORMITY_OF["fail"]:
            return cls(what, verdict)
        return cls(what, verdict, "hostile", fate.cause, (fate.case,))


def _heading(text: str) -> str:
    """Return the first sentence of the comment at the head of a source."""
    found = _HEADING.search(text)
    if found is None:
        return ""
    words = " ".join(line.strip().removeprefix("*") for line in found.group(1).splitlines())
    return re.sub(r"\s+", " ", words).strip()


def altered_by(source: Path) -> tuple[str, ...]:
    """Return the entries and upcalls that a flaw replaces, as its text and its support say."""
    text = source.read_text(encoding="utf-8")
    texts = [text]
    seen = {"layer", "flaw"}
    for one in texts:  # which grows, as support may rest on other support
        for name in dict.fromkeys(_SUPPORT.findall(one)):
            support = source.parent / "support" / f"{name}.c"
            if name not in seen and support.is_file():
                texts.append(support.read_text(encoding="utf-8"))
            seen.add(name)
    found = [name for one in texts for name in _REPLACED.findall(one)]
    if _REPLACES_STARTUP.search(text):
        found.append("WSPStartup")
    return tuple(dict.fromkeys(found))


def equivalents(path: Path = EQUIVALENT) -> dict[str, str]:
    """Return the ledger of equivalent flaws: by name, the argument why nobody can tell them."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
        if set(entry) != {"flaw", "argument"} or not all(
            isinstance(value, str) and value.strip() for value in entry.values()
        ):
            raise RecordError(f"{path.name}: an entry has exactly flaw and argument, both texts.")
        if entry["flaw"] in found:
            raise RecordError(f"{path.name}: {entry['flaw']} stands there twice.")
        found[entry["flaw"]] = entry["argument"]
    return found


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
                f"{Layout().shown(source)} has no line"
                " /* verdict: VERDICT [CAUSE [CALL]]; case: ID MODE */"
            )
        return cls(*found.groups())
