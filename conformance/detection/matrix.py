"""From what was found of each provider to the document: pure functions, no clock and no file."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.orchestration.catalogue import Catalogue

SCHEMA = "wspcts-detection/1"

# What a flaw in a demand of each level has to come to.
KILLING = {"MUST": "fail", "SHOULD": "warn"}

# A suite that lets a provider which does nothing pass more than this proves too little.
MOST_OF_A_HOLLOW_ONE = 0.1


@dataclass(frozen=True)
class Row:
    """What detection needs to know of one result."""

    case: str
    mode: str
    level: str
    verdict: str
    requirement: str | None = None
    by_requirement: Mapping[str, str] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    reason: str | None = None
    cause: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Row:
        """Make a row from one of results.json, or from its plain form."""
        return cls(
            case=row["id"],
            mode=row["mode"],
            level=row["level"],
            verdict=row["verdict"],
            requirement=row["requirement"],
            by_requirement=dict(row["by_requirement"]),
            rests_on=tuple(row["rests_on"] or ()),
            reason=row["reason"],
            cause=row["cause"],
        )

    def plain(self) -> dict[str, Any]:
        """Return the row in types that JSON can carry."""
        return {
            "id": self.case,
            "mode": self.mode,
            "level": self.level,
            "verdict": self.verdict,
            "requirement": self.requirement,
            "by_requirement": dict(self.by_requirement),
            "rests_on": list(self.rests_on),
            "reason": self.reason,
            "cause": self.cause,
        }

    def blames(self, requirement: str) -> bool:
        """Say whether it is for this requirement that the result is as bad as it is."""
        if self.verdict not in KILLING.values():
            return False
        return (
            self.requirement == requirement
            or self.by_requirement.get(requirement) == self.verdict
        )


@dataclass(frozen=True)
class FlawFinding:
    """What was found of one flawed provider."""

    id: str
    requirement: str
    function: str
    what: str
    alters: tuple[str, ...] = ()
    built: bool = False
    loaded: bool = False
    reached: bool = False
    difference: Mapping[str, Any] | None = None
    rows: tuple[Row, ...] = ()
    equivalent: str | None = None  # the argument
    repeats: int = 0
    caught_again: int = 0  # in how many of the repeats


@dataclass(frozen=True)
class DegenerateFinding:
    """What was found of one degenerate provider."""

    id: str
    what: str
    expected: str
    verdict: str
    rows: tuple[Row, ...] = ()
    kind: str = "hostile"  # or hollow, broken, rude
    cause: str | None = None
    has_cause: bool = True  # it fails by its cause in a case that it names
    unlike_reference: tuple[str, ...] = ()  # of a rude one: the cases with another verdict


@dataclass(frozen=True)
class VariantFinding:
    """What was found of one conforming variant."""

    id: str
    requirement: str
    why_allowed: str
    rows: tuple[Row, ...] = ()
    ran: bool = True


def level_of(finding: FlawFinding, catalogue: Catalogue) -> str:
    """Return how binding what a flaw breaks is: MUST or SHOULD.

    It is the level of the catalogue. Where the row's level is mixed, its parts have levels of
    their own, and what was broken tells which part it was.
    """
    requirement = catalogue.requirement(finding.requirement)
    level = str(requirement.level)
    is_mixed = "mixed level" in (requirement.note or "").lower()
    if level in KILLING and not is_mixed:
        return level
    verdicts = {row.verdict for row in finding.rows if row.blames(finding.requirement)}
    for name, verdict in KILLING.items():
        if verdict in verdicts:
            return name
    return level if level in KILLING else "SHOULD"


def killers(finding: FlawFinding, level: str) -> list[str]:
    """Return the cases that caught a flaw, in any of their modes."""
    return _cases(killing_rows(finding, level))


def killing_rows(finding: FlawFinding, level: str) -> list[Row]:
    """Return the results that caught a flaw, those first that name its requirement."""
    caught = [row for row in finding.rows if row.verdict == KILLING[level]]
    return sorted(caught, key=lambda row: not row.blames(finding.requirement))


def is_attributed(finding: FlawFinding, level: str) -> bool:
    """Say whether a case caught a flaw and named the requirement that it breaks."""
    return any(row.blames(finding.requirement) for row in killing_rows(finding, level))


def document(
    suite: Mapping[str, Any],
    finished: str,
    flaws: Sequence[FlawFinding],
    degenerate: Sequence[DegenerateFinding],
    variants: Sequence[VariantFinding],
    cases: Sequence[str],
    catalogue: Catalogue,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """Return detection.json."""
    flaw_rows = [_flaw(finding, catalogue) for finding in flaws]
    variant_rows = [_variant(finding) for finding in variants]
    degenerate_rows = [degenerate_row(finding) for finding in degenerate]
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "suite": dict(suite),
        "finished": finished,
        "flaws": flaw_rows,
        "degenerate": degenerate_rows,
        "variants": variant_rows,
        "cases": case_rows(flaw_rows, cases),
        "rates": rates(flaw_rows),
        "requirements": requirement_rows(flaw_rows),
        **more,
    }
    found["summary"] = summary(found)
    found["problems"] = problems(found)
    return found


def _flaw(finding: FlawFinding, catalogue: Catalogue) -> dict[str, Any]:
    level = level_of(finding, catalogue)
    return {
        "id": finding.id,
        "requirement": finding.requirement,
        "level": level,
        "function": finding.function,
        "what": finding.what,
        "built": finding.built,
        "loaded": finding.loaded,
        "reached": finding.reached,
        "differs": finding.difference is not None,
        "killed_by": killers(finding, level),
        "attributed": is_attributed(finding, level),
        "alters": list(finding.alters),
        "difference": dict(finding.difference) if finding.difference else None,
        "equivalent": finding.equivalent,
        "reason": next((row.reason for row in killing_rows(finding, level)), None),
        "repeats": (
            {"of": finding.repeats, "caught": finding.caught_again} if finding.repeats else None
        ),
    }


def degenerate_row(finding: DegenerateFinding) -> dict[str, Any]:
    """Return what the document tells of a degenerate provider."""
    must = [row for row in finding.rows if row.level == "MUST"]
    passed = [row for row in must if row.verdict in ("pass", "warn")]
    return {
        "id": finding.id,
        "what": finding.what,
        "verdict": finding.verdict,
        "must_passed_share": round(len(passed) / len(must), 4) if must else 0.0,
        "killed_by": _cases(row for row in finding.rows if row.verdict == "fail"),
        "expected": finding.expected,
        "kind": finding.kind,
        "has_cause": finding.has_cause,
        "cause": finding.cause,
        "unlike_reference": list(finding.unlike_reference),
    }


def fails_by(cause: str, patterns: Sequence[str], rows: Iterable[Row]) -> bool:
    """Say whether one of the cases that a provider names fails, and by this cause."""
    return any(
        row.verdict == "fail"
        and row.cause == cause
        and any(fnmatch.fnmatchcase(row.case, pattern) for pattern in patterns)
        for row in rows
    )


def _variant(finding: VariantFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "requirement": finding.requirement,
        "why_allowed": finding.why_allowed,
        "failed": _cases(row for row in finding.rows if row.verdict == "fail"),
        "warned": _cases(row for row in finding.rows if row.verdict == "warn"),
        "errors": _cases(row for row in finding.rows if row.verdict == "error"),
        "ran": finding.ran and bool(finding.rows),
        "results": len(finding.rows),
    }


def _cases(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.case for row in rows))


def case_rows(
    flaws: Sequence[Mapping[str, Any]], cases: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what each case catches, and what nobody but it catches."""
    kills: dict[str, list[str]] = {name: [] for name in cases}
    sole: dict[str, list[str]] = {name: [] for name in cases}
    for flaw in flaws:
        for name in flaw["killed_by"]:
            kills.setdefault(name, []).append(flaw["id"])
        if len(flaw["killed_by"]) == 1:
            sole.setdefault(flaw["killed_by"][0], []).append(flaw["id"])
    return [
        {"id": name, "kills": caught, "sole_killer_of": sole.get(name, [])}
        for name, caught in kills.items()
    ]


def requirement_rows(flaws: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each requirement that a flaw breaks, with how many of its flaws are caught."""
    rows: dict[str, dict[str, Any]] = {}
    for flaw in flaws:
        if flaw["equivalent"] is not None:
            continue
        row = rows.setdefault(
            flaw["requirement"],
            {"id": flaw["requirement"], "flaws": 0, "killed": 0, "attributed": 0},
        )
        row["flaws"] += 1
        row["killed"] += bool(flaw["killed_by"])
        row["attributed"] += flaw["attributed"]
    return [rows[key] for key in sorted(rows)]


def rates(flaws: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the share of flaws that are caught; equivalent ones are left out of it."""
    counted = [flaw for flaw in flaws if flaw["equivalent"] is None]
    must = [flaw for flaw in counted if flaw["level"] == "MUST"]
    return {
        "must": _share(must, lambda flaw: bool(flaw["killed_by"])),
        "all": _share(counted, lambda flaw: bool(flaw["killed_by"])),
        "attributed": _share(counted, lambda flaw: bool(flaw["attributed"])),
    }


def _share(flaws: Sequence[Mapping[str, Any]], holds: Any) -> float:
    """Return a share; of no flaws it is 0, so that an empty run never looks like a perfect one."""
    if not flaws:
        return 0.0
    count = sum(1 for flaw in flaws if holds(flaw))
    # Only all of them are 1, whatever the rounding.
    return 1.0 if count == len(flaws) else min(0.9999, round(count / len(flaws), 4))


def summary(found: Mapping[str, Any]) -> dict[str, int]:
    """Return the figures that a reader wants first."""
    counted = [flaw for flaw in found["flaws"] if flaw["equivalent"] is None]
    return {
        "flaws": len(counted),
        "caught": sum(1 for flaw in counted if flaw["killed_by"]),
        "attributed": sum(1 for flaw in counted if flaw["attributed"]),
        "equivalent": len(found["flaws"]) - len(counted),
        "variants": len(found["variants"]),
        "variants_failed": sum(1 for variant in found["variants"] if variant["failed"]),
        "degenerate": len(found["degenerate"]),
        "degenerate_judged": sum(1 for one in found["degenerate"] if not misjudged(one)),
        "cases": len(found["cases"]),
        "cases_that_catch": sum(1 for case in found["cases"] if case["kills"]),
    }


def problems(found: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each thing that is not as it has to be."""
    said = []
    words = {"flaws": "flawed", "degenerate": "degenerate", "variants": "varied"}
    for kind, word in words.items():
        if not found[kind] and not found.get("in_part"):
            said.append(f"there are no {word} providers to measure with")
    for flaw in found["flaws"]:
        if flaw["equivalent"] is None:
            said += [f"flawed/{flaw['id']} {what}" for what in _missing(flaw)]
    for one in found["degenerate"]:
        said += [f"{one['id']} {what}" for what in misjudged(one)]
    for variant in found["variants"]:
        name = f"variants/{variant['id']}"
        if not variant["ran"]:
            said.append(f"{name} was not run")
        if variant["failed"]:
            said.append(f"{name} is failed by {', '.join(variant['failed'])}")
        if variant["errors"]:
            said.append(f"{name} could not be judged by {', '.join(variant['errors'])}")
    return said


def misjudged(one: Mapping[str, Any]) -> list[str]:
    """Return what is not as it has to be with the verdict on a degenerate provider."""
    said = []
    if one["verdict"] != one["expected"]:
        said.append(f"comes to {one['verdict']}, and has to come to {one['expected']}")
    if one["kind"] == "hollow" and one["must_passed_share"] > MOST_OF_A_HOLLOW_ONE:
        said.append(f"does nothing, and passes {one['must_passed_share']:.1%} of the MUST results")
    if not one["has_cause"]:
        said.append(f"does not fail by {one['cause']} where it has to")
    if one["unlike_reference"]:
        said.append(
            "is right, and has not the reference provider's verdict in "
            + ", ".join(one["unlike_reference"])
        )
    return said


def _missing(flaw: Mapping[str, Any]) -> list[str]:
    if not flaw["built"]:
        return ["is not built"]
    if not flaw["loaded"]:
        return ["was never loaded"]
    wanted = {
        "reached": "never acts: what it alters was not called",
        "differs": "was not shown to differ from the reference provider",
        "killed_by": f"is caught by no case (wanted: {KILLING[flaw['level']]})",
        "attributed": f"is caught by no case that names {flaw['requirement']}",
    }
    said = [sentence for name, sentence in wanted.items() if not flaw[name]]
    repeats = flaw["repeats"]
    if repeats is not None and repeats["caught"] < repeats["of"]:
        said.append(f"is caught in {repeats['caught']} of {repeats['of']} repeats only")
    return said


def exit_status(found: Mapping[str, Any]) -> int:
    """Return 0 if everything is as it has to be, and 1 otherwise."""
    return 1 if found["problems"] else 0
