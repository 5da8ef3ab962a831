"""The evidence of one case: JSON lines, possibly cut off, possibly mixed with what is none.

Only a line that carries the token of the run is evidence. Whatever else stands in the file was not
written by the harness; it is counted and otherwise ignored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

LIMIT = 4 << 20
_SLACK = 64 << 10
_HEAD = b'{"n":'

# The fields without which a line cannot be judged, and their types.
_REQUIRED: dict[str, dict[str, type]] = {
    "case": {"id": str, "mode": str, "proofs": list},
    "spi": {"phase": str, "call": str},
    "expect": {"what": str, "met": bool, "otherwise": str},
    "proof": {"proof": str},
    "guard": {"kind": str},
    "verdict": {"verdict": str},
}
_OTHERWISE = ("fail", "warn", "inconclusive", "not-applicable", "error", "pass", "none")
_GUARDS = ("crash", "hang", "exit")


@dataclass(frozen=True)
class Line:
    """One line of evidence."""

    number: int
    event: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a field that is a text, or None."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is a list of texts; other things in it are left out."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            return ()
        return tuple(item for item in value if isinstance(item, str))

    def number_of(self, name: str) -> int | None:
        """Return a field that is a whole number, or None."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Evidence:
    """What one process wrote."""

    lines: tuple[Line, ...] = ()
    cut_off: bool = False
    gap: str | None = None
    foreign: int = 0
    malformed: str | None = None
    oversize: bool = False

    def of(self, event: str) -> Iterator[Line]:
        """Return the lines of one event."""
        return (line for line in self.lines if line.event == event)

    @cached_property
    def case(self) -> Line | None:
        """The line that opens the case."""
        return next(self.of("case"), None)

    @cached_property
    def expectations(self) -> tuple[Line, ...]:
        """All comparisons that were made."""
        return tuple(self.of("expect"))

    @cached_property
    def missing_proofs(self) -> tuple[str, ...]:
        """What the case had to prove and did not."""
        required = self.case.texts("proofs") if self.case else ()
        proved = {line.text("proof") for line in self.of("proof")}
        return tuple(name for name in required if name not in proved)

    @cached_property
    def guard(self) -> Line | None:
        """The line of the guard, if the process could not go on."""
        return next(self.of("guard"), None)

    @cached_property
    def verdict(self) -> Line | None:
        """The closing line."""
        return self.lines[-1] if self.lines and self.lines[-1].event == "verdict" else None

    @cached_property
    def provider_was_loaded(self) -> bool:
        """Say whether code of the provider may have run."""
        return any(line.event in ("spi", "upcall", "callback", "guard") for line in self.lines)

    @cached_property
    def open_call(self) -> str | None:
        """The last call into the provider that was entered and not left."""
        if self.guard is not None and self.guard.text("call"):
            return self.guard.text("call")
        entered: dict[Any, str] = {}
        for line in self.of("spi"):
            key = line.fields.get("spi") if line.number_of("spi") is not None else line.text("call")
            if line.text("phase") == "enter":
                entered.pop(key, None)
                entered[key] = line.fields["call"]
            else:
                entered.pop(key, None)
        return list(entered.values())[-1] if entered else None

    def notes(self, topic: str) -> Iterator[Line]:
        """Return the notes on one topic."""
        return (line for line in self.of("note") if line.text("topic") == topic)


def read(path: Path, token: str) -> Evidence:
    """Read the evidence in a file; a file that is not there holds none."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + _SLACK)
            oversize = os.fstat(file.fileno()).st_size > LIMIT + _SLACK
    except FileNotFoundError:
        return Evidence()
    return parse(data, token, oversize=oversize)


def parse(data: bytes, token: str, *, oversize: bool = False) -> Evidence:
    """Read evidence; never raises, whatever the bytes are."""
    lines: list[Line] = []
    foreign = 0
    cut_off = False
    gap: str | None = None
    malformed: str | None = None
    pieces = data.split(b"\n")
    for place, piece in enumerate(pieces):
        piece = piece.rstrip(b"\r")
        if not piece:
            continue
        fields = _object(piece)
        if fields is None and piece.rfind(_HEAD) > 0:
            # Something without a line end was written before a line of ours.
            foreign += 1
            fields = _object(piece[piece.rfind(_HEAD) :])
        if fields is None and place == len(pieces) - 1:
            cut_off = True
            continue
        if fields is None or fields.get("run") != token or not _is_count(fields.get("n")):
            foreign += 1
            continue
        number = fields["n"]
        expected = lines[-1].number + 1 if lines else 1
        if number != expected and gap is None:
            gap = f"line {number} stands where line {expected} is due"
        problem = _problem(fields)
        if problem is not None and malformed is None:
            malformed = f"line {number} {problem}"
        if problem is None:
            lines.append(Line(number, fields["event"], fields))
    if gap is None and malformed is None and lines:
        last = next((i for i, line in enumerate(lines) if line.event == "verdict"), None)
        if last is not None and last != len(lines) - 1:
            malformed = f"line {lines[last + 1].number} follows the verdict line"
    return Evidence(tuple(lines), cut_off, gap, foreign, malformed, oversize)


def _object(piece: bytes) -> dict[str, Any] | None:
    """Return the JSON object in one line, or None."""
    try:
        value = _DECODER.decode(piece.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    # Only an escape can name half of a pair.
    return _clean(value) if b"\\u" in piece else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _clean(value: Any) -> Any:
    """Replace halves of surrogate pairs, which no output format can hold."""
    if isinstance(value, str):
        return value if value.isprintable() else _without_surrogates(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _problem(fields: Mapping[str, Any]) -> str | None:
    """Return what keeps a line of the right token from being evidence."""
    event = fields.get("event")
    if not isinstance(event, str):
        return "names no event"
    if not isinstance(fields.get("thread"), str) or not isinstance(fields.get("t"), (int, float)):
        return f"({event}) has no thread or no time"
    for name, kind in _REQUIRED.get(event, {}).items():
        if not isinstance(fields.get(name), kind):
            return f"({event}) has no {name}"
    if event == "expect" and fields["otherwise"] not in _OTHERWISE:
        return f"(expect) has the unknown verdict {fields['otherwise']!r}"
    if event == "expect" and fields["otherwise"] == "fail" and fields.get("blame") != "provider":
        return "(expect) would fail the provider and blames another"
    if event == "guard" and fields["kind"] not in _GUARDS:
        return f"(guard) has the unknown kind {fields['kind']!r}"
    return None
