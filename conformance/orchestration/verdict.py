"""The verdict on one finished process, from its evidence, its exit status and its deadline.

docs/protocol.md says how; these are pure functions of what was seen.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.orchestration.cases import Case
from conformance.orchestration.evidence import Evidence, Line
from conformance.orchestration.lattice import worst_within

# What the executable says by its exit status; a verdict needs both, the status and the line.
_STATUS_OF: dict[str, tuple[int, ...]] = {
    "pass": (0,),
    "warn": (0,),
    "fail": (1,),
    "inconclusive": (77,),
    "not-applicable": (77,),
    "error": (99,),
}
_STATUS_OF_GUARD = {"crash": (86, 1), "hang": (124, 1), "exit": (1,)}

# Statuses that mean a crash. Under Wine only the low byte of an NTSTATUS arrives: access
# violation, illegal instruction, division by zero, stack overflow, __fastfail, heap corruption.
# Left out are those of abort (3) and of a C++ exception (0x63): the guard sees both coming, so
# without its line they come from an exit.
_CRASH_BYTES = {0x05, 0x1D, 0x94, 0xFD, 0x09, 0x74}

_FUNCTION = re.compile(r"\bWSP[A-Z]\w+")


@dataclass(frozen=True)
class Ending:
    """How a process ended."""

    status: int | None
    deadline_ms: int
    expired: bool = False
    flooded: bool = False
    complaint: str | None = None

    @property
    def is_crash(self) -> bool:
        """Say whether the status is that of a crash."""
        status = self.status
        if status is None:
            return False
        return status < 0 or status >= 0x80000000 or status in _CRASH_BYTES


@dataclass(frozen=True)
class Verdict:
    """The verdict on one case in one mode."""

    verdict: str
    cause: str | None = None
    blame: str | None = None
    reason: str | None = None
    requirement: str | None = None
    choice: Any = None
    rests_on: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    seen: str | None = None
    by_requirement: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_passed(self) -> bool:
        """Say whether every MUST was met, and shown to be."""
        return self.verdict in ("pass", "warn")

    def but(self, **changes: Any) -> Verdict:
        """Return this verdict with some fields changed."""
        return dataclasses.replace(self, **changes)

    def plain(self) -> dict[str, Any]:
        """Return the verdict in types that JSON and xdist can carry."""
        fields = dataclasses.asdict(self)
        fields["rests_on"] = list(self.rests_on)
        fields["expected"] = list(self.expected)
        fields["by_requirement"] = dict(self.by_requirement)
        return fields

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Verdict:
        """Make a verdict from its plain form."""
        fields = dict(plain)
        fields["rests_on"] = tuple(plain["rests_on"])
        fields["expected"] = tuple(plain["expected"])
        return cls(**fields)


def error(blame: str, reason: str, case: Case | None = None) -> Verdict:
    """Return the verdict of a case that could not be judged."""
    by = {key: "error" for key in case.requirements} if case else {}
    return Verdict("error", blame=blame, reason=reason, by_requirement=by)


def inconclusive(case: Case, reason: str, rests_on: Sequence[str], blame: str) -> Verdict:
    """Return the verdict of a case that was not run, or not judged, because of an earlier one."""
    return Verdict(
        "inconclusive",
        blame=blame,
        reason=reason,
        rests_on=tuple(rests_on),
        by_requirement={key: "inconclusive" for key in case.requirements},
    )


def judge(
    case: Case, mode: str, evidence: Evidence, ending: Ending, failed_gates: Collection[str] = ()
) -> Verdict:
    """Return the verdict on a process that has ended."""
    if ending.flooded or evidence.oversize:
        return error("suite", "the evidence is longer than the 4 MiB it may have", case)
    if evidence.verdict is None:
        return _without_verdict_line(case, evidence, ending)
    problem = _disagreement(case, mode, evidence, ending)
    if problem is not None:
        return error("suite", problem, case)
    return compute(case, evidence, failed_gates)


def compute(case: Case, evidence: Evidence, failed_gates: Collection[str] = ()) -> Verdict:
    """Return the verdict that the lines add up to.

    An unmet expectation that rests on a failed gate is taken out, as its root cause has been
    reported; if that leaves a requirement of the case unjudged, or if it was what the case needed
    to go on, the case is inconclusive.
    """
    if evidence.guard is not None:
        return _ended(case, evidence, _guard_cause(evidence.guard), _seen_by(evidence.guard))
    if not evidence.expectations:
        return error("suite", f"{case.id} compared nothing with anything", case)
    taken_out = tuple(
        line
        for line in evidence.expectations
        if not line.fields["met"] and line.text("rests_on") in failed_gates
    )
    unmet = tuple(
        line for line in evidence.expectations if not line.fields["met"] and line not in taken_out
    )
    verdict = _from_lines(case, evidence, unmet)
    hidden = [
        line
        for line in taken_out
        if line.text("requirement") in case.requirements
        or line.fields["otherwise"] == "inconclusive"
    ]
    if hidden and worst_within((verdict.verdict, "inconclusive")) == "inconclusive":
        gate = hidden[0].text("rests_on") or ""
        verdict = Verdict(
            "inconclusive",
            blame="provider",
            reason=f"rests on {gate}, which failed: {_reason(hidden[0])}",
            requirement=hidden[0].text("requirement"),
        )
    rests_on = tuple(dict.fromkeys(line.text("rests_on") or "" for line in taken_out))
    return verdict.but(
        choice=_choice(evidence),
        rests_on=rests_on,
        by_requirement=_by_requirement(case, evidence, unmet, taken_out, verdict.verdict),
    )


def _from_lines(case: Case, evidence: Evidence, unmet: Sequence[Line]) -> Verdict:
    worst = worst_within(line.fields["otherwise"] for line in unmet)
    missing = evidence.missing_proofs
    if missing and worst in ("none", "pass", "warn"):
        return Verdict("inconclusive", blame="environment", reason=f"not proved: {missing[0]}")
    if worst in ("none", "pass"):
        return Verdict("pass")
    line = next(line for line in unmet if line.fields["otherwise"] == worst)
    cause = line.text("cause")
    blame = line.text("blame")
    if worst == "fail":
        cause = cause if cause in ("crash", "hang", "exit", "leak") else "expectation"
    if worst == "error" and blame not in ("suite", "environment"):
        blame = "suite"
    return Verdict(
        worst,
        cause=cause if worst in ("fail", "warn") else None,
        blame=blame if blame in ("provider", "suite", "environment") else "suite",
        reason=_reason(line),
        requirement=line.text("requirement"),
        expected=line.texts("acceptable"),
        seen=line.text("seen"),
    )


def _reason(line: Line) -> str:
    acceptable = " or ".join(line.texts("acceptable")) or "something else"
    seen = line.text("seen")
    return f"{line.text('what')}: expected {acceptable}, got {seen if seen else 'nothing'}"


def _choice(evidence: Evidence) -> Any:
    """Return what the provider does where the texts leave it free."""
    if evidence.verdict is not None and evidence.verdict.fields.get("choice") is not None:
        choice = evidence.verdict.fields["choice"]
        return choice if isinstance(choice, (str, dict)) else str(choice)
    noted = [line.text("choice") or line.text("text") for line in evidence.notes("choice")]
    return "; ".join(text for text in noted if text) or None


def _by_requirement(
    case: Case,
    evidence: Evidence,
    unmet: Sequence[Line],
    taken_out: Sequence[Line],
    verdict: str,
) -> dict[str, str]:
    """Say for each requirement what this case found out about it."""
    proved = not evidence.missing_proofs
    named = [line.text("requirement") for line in evidence.expectations]
    found: dict[str, str] = {}
    for key in dict.fromkeys([*case.requirements, *(name for name in named if name)]):
        own_unmet = [line.fields["otherwise"] for line in unmet if line.text("requirement") == key]
        own_hidden = any(line.text("requirement") == key for line in taken_out)
        if verdict == "error":
            found[key] = "error"
        elif own_unmet:
            worst = worst_within(own_unmet)
            found[key] = "inconclusive" if worst == "warn" and not proved else worst
        elif own_hidden:
            found[key] = "inconclusive"
        elif key in named and (proved or key not in case.requirements):
            # What is met on the way needs no proof of the situation that the case is about.
            found[key] = "pass"
        elif key in named or verdict == "fail":
            found[key] = "not-applicable" if verdict == "not-applicable" else "inconclusive"
        else:
            found[key] = "pass" if verdict == "warn" else verdict
    return found


def _disagreement(case: Case, mode: str, evidence: Evidence, ending: Ending) -> str | None:
    """Return what keeps evidence with a verdict line from being believed."""
    assert evidence.verdict is not None
    if evidence.malformed is not None:
        return f"the evidence is not what the protocol says: {evidence.malformed}"
    if evidence.gap is not None:
        return f"the evidence has a gap: {evidence.gap}"
    opening = evidence.case
    if opening is None:
        return "the evidence has no line that opens the case"
    if (opening.text("id"), opening.text("mode")) != (case.id, mode):
        return f"the evidence is of {opening.text('id')} in the mode {opening.text('mode')}"
    said = evidence.verdict.text("verdict")
    computed = compute(case, evidence).verdict
    if said != computed:
        return f"the executable says {said}, its evidence adds up to {computed}"
    if ending.expired:
        return f"the process said {said} and then did not end"
    allowed = _STATUS_OF.get(said or "", ())
    if evidence.guard is not None:
        allowed = _STATUS_OF_GUARD[evidence.guard.fields["kind"]]
    if ending.status not in allowed:
        return f"the verdict line says {said}, the exit status {ending.status}"
    return None


def _without_verdict_line(case: Case, evidence: Evidence, ending: Ending) -> Verdict:
    if not evidence.provider_was_loaded:
        return _never_started(case, ending)
    if evidence.guard is not None:
        return _ended(case, evidence, _guard_cause(evidence.guard), _seen_by(evidence.guard))
    if ending.expired:
        seen = f"no return before the deadline of {ending.deadline_ms / 1000:g} s"
        return _ended(case, evidence, "hang", seen)
    if ending.is_crash:
        return _ended(case, evidence, "crash", f"a crash of the process ({_status(ending.status)})")
    return _ended(case, evidence, "exit", f"the end of the process ({_status(ending.status)})")


def _never_started(case: Case, ending: Ending) -> Verdict:
    complaint = f": {ending.complaint}" if ending.complaint else ""
    if ending.status == 99:
        return error("suite", f"the executable refused to run the case{complaint}", case)
    how = "did not come so far" if ending.expired else f"ended ({_status(ending.status)})"
    reason = f"the process {how} before the provider was loaded{complaint}"
    return error("environment", reason, case)


def _guard_cause(guard: Line) -> str:
    return str(guard.fields["kind"])


def _seen_by(guard: Line) -> str:
    """Describe what the guard saw, in a phrase that can follow "got"."""
    kind = guard.fields["kind"]
    place = _place(guard)
    text = guard.text("text")
    if kind == "crash":
        code = code_of(guard)
        named = f" with exception 0x{code:08X}" if code is not None else ""
        return f"a crash{named}{place}" + (f": {text}" if text else "")
    if kind == "hang":
        return f"no return: {text}" if text else "no return"
    return f"the end of the process{place}" + (f": {text}" if text else "")


def code_of(guard: Line) -> int | None:
    """Return the exception code, which may be written as a number or as a text."""
    value = guard.fields.get("code")
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value & 0xFFFFFFFF
    try:
        return int(value, 0) & 0xFFFFFFFF if isinstance(value, str) else None
    except ValueError:
        return None


def _place(guard: Line) -> str:
    module = guard.text("module")
    offset = guard.fields.get("offset")
    if not module:
        return ""
    if isinstance(offset, int) and not isinstance(offset, bool):
        return f" at {module}+0x{offset:x}"
    return f" at {module}+{offset}" if isinstance(offset, str) else f" in {module}"


def _ended(case: Case, evidence: Evidence, cause: str, seen: str) -> Verdict:
    """Return the verdict on a process that the provider's code ended or held."""
    call = evidence.open_call
    what = call or f"{case.function}, after its last call"
    expected = "to return" if call else "the process to go on"
    return Verdict(
        "fail",
        cause=cause,
        blame="provider",
        reason=f"{what}: expected {expected}, got {seen}",
        requirement=case.requirements[0],
        choice=_choice(evidence),
        expected=(expected,),
        seen=seen,
        by_requirement=_requirements_of_the_ended(case, evidence),
    )


def _requirements_of_the_ended(case: Case, evidence: Evidence) -> dict[str, str]:
    found = {key: "fail" for key in case.requirements}
    for line in evidence.expectations:
        key = line.text("requirement")
        if key and key not in case.requirements:
            outcome = "inconclusive" if line.fields["met"] else line.fields["otherwise"]
            found[key] = worst_within((found.get(key, "none"), outcome))
    return found


def _status(status: int | None) -> str:
    if status is None:
        return "ended by the suite"
    if status < 0:
        return f"signal {-status}"
    return f"exit status 0x{status:08X}" if status > 0xFFFF else f"exit status {status}"


def hanging_function(case: Case, verdict: Verdict, evidence: Evidence) -> str | None:
    """Return the SPI function that hung, was rescued or waited for in vain, or None."""
    if verdict.has_passed or verdict.verdict == "not-applicable":
        return None
    if verdict.cause == "hang" and verdict.verdict == "fail" and evidence.verdict is None:
        return evidence.open_call or case.function
    if evidence.guard is not None and evidence.guard.fields["kind"] == "hang":
        return evidence.open_call or case.function
    for line in evidence.expectations:
        if not line.fields["met"] and line.text("cause") == "hang":
            return _function_in(line.text("what")) or case.function
    for note in (*evidence.notes("rescue"), *evidence.notes("in vain")):
        return _function_in(note.text("text")) or case.function
    return None


def _function_in(text: str | None) -> str | None:
    found = _FUNCTION.search(text or "")
    return found.group() if found else None
