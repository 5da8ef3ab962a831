"""What the results say, in the terms that all writers share.

Every number, order, group and sentence of the reports comes from here; a writer lays out and
escapes. `reports.document.read` makes a `Results` from the results document.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from reports import words
from reports.text import quoted

T = TypeVar("T")
K = TypeVar("K")


class Standing(enum.Enum):
    """What a result means to a reader that only knows red, green and skipped."""

    PASSED = "passed"
    FAILED = "failed"  # the provider broke a MUST
    BROKEN = "broken"  # nothing was proved where it had to be: red, but not the provider's failure
    SKIPPED = "skipped"
    KNOWN = "fails, known"  # a known deviation that still holds
    STALE = "known deviation passed"  # red until the known deviation is removed

    @property
    def is_red(self) -> bool:
        """Say whether a run with this result may not look green."""
        return self in (Standing.FAILED, Standing.BROKEN, Standing.STALE)


@dataclass(frozen=True)
class Deviation:
    """A failure expected of this provider, with its reason."""

    reason: str
    url: str | None
    expires: str | None
    expired: bool


@dataclass(frozen=True)
class Step:
    """One step of the course of a case: an arrow from a lane to a lane."""

    t: int  # microseconds since the case began
    kind: str
    start: str
    end: str
    text: str
    answer: str | None  # what came back at once
    spi: int | None  # the number of the call that it belongs to


@dataclass(frozen=True)
class Case:
    """One case in one mode: a result."""

    id: str
    mode: str
    function: str
    requirements: tuple[str, ...]
    requirement: str  # the decisive one
    by_requirement: tuple[tuple[str, str], ...]
    level: str
    verdict: str
    cause: str | None
    blame: str | None
    reason: str
    choice: str | None
    deviation: Deviation | None
    control: str | None
    rests_on: tuple[str, ...]
    duration_ms: float
    evidence: str | None
    stderr: str | None
    repro: str
    does: str | None
    must: str | None
    expected: tuple[str, ...]
    seen: str | None
    file: str | None
    timeline: tuple[Step, ...] = ()
    control_timeline: tuple[Step, ...] = ()  # the reference provider's, in the same case
    excused: bool = False  # open because of a known deviation that the run allows

    @property
    def name(self) -> str:
        """The name of this result, unique in a run."""
        return f"{self.id} [{self.mode}]"

    @property
    def standing(self) -> Standing:
        """Return how this result counts where only red, green and skipped exist."""
        if self.deviation is not None:
            if self.verdict in ("pass", "warn"):
                return Standing.STALE
            if self.verdict == "fail" and not self.deviation.expired:
                return Standing.KNOWN
        if self.verdict in ("inconclusive", "error"):
            counts = self.level == "MUST" and not self.excused
            return Standing.BROKEN if counts else Standing.SKIPPED
        return {
            "pass": Standing.PASSED,
            "warn": Standing.PASSED,
            "fail": Standing.FAILED,
            "not-applicable": Standing.SKIPPED,
        }[self.verdict]

    @property
    def subject(self) -> str:
        """The reason without what `expected` and `seen` say again, where they are shown."""
        tail = f": expected {' or '.join(self.expected)}, got {self.seen}"
        if self.expected and self.seen is not None and self.reason.endswith(tail):
            return self.reason[: -len(tail)]
        return self.reason

    @property
    def control_sentence(self) -> str | None:
        """What the reference provider did on the same machine, where that was tried."""
        if self.control is None:
            return None
        if self.control == "pass":
            return "the reference provider passes here, on the same machine"
        word = words.VERDICTS[self.control].word
        return f"the reference provider's verdict here, on the same machine: {word}"


@dataclass(frozen=True)
class Requirement:
    """One row of the catalogue, with what became of it."""

    id: str
    level: str
    text: str
    source: str
    verdict: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A requirement that was not met, and the results that show it."""

    requirement: Requirement
    cases: tuple[Case, ...]  # told in full here: this requirement decided them
    also: tuple[Case, ...]  # told in full elsewhere: another requirement decided them
    only_direct: bool

    @property
    def level(self) -> str:
        """How binding it is: of a row whose parts differ, only what is a MUST can fail."""
        fails = any(case.verdict == "fail" for case in self.cases)
        if fails and self.requirement.level != "MUST":
            return f"MUST in part, else {self.requirement.level}"
        return self.requirement.level

    @property
    def count(self) -> int:
        """The number of results that show it."""
        return len(self.cases) + len(self.also)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes in which the requirement was not met."""
        unmet = {case.mode for case in (*self.cases, *self.also)}
        return tuple(mode for mode in words.MODES if mode in unmet)


@dataclass(frozen=True)
class Unsettled:
    """Results that prove nothing, for one and the same reason."""

    verdict: str
    blame: str | None
    reason: str
    rests_on: tuple[str, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Row:
    """One case in all its modes."""

    id: str
    cases: tuple[Case, ...]

    @property
    def first(self) -> Case:
        """The result that speaks for what all modes have in common."""
        return self.cases[0]

    @property
    def by_mode(self) -> dict[str, Case]:
        """The results of the case, by mode."""
        return {case.mode: case for case in self.cases}


@dataclass(frozen=True)
class Provider:
    """The DLL under test."""

    name: str
    library: str
    sha256: str
    file_version: str | None
    description: str | None
    arch: str


@dataclass(frozen=True)
class Measured:
    """What was measured of the suite itself: whom it catches, and whom it harms."""

    flaws: int
    caught: int
    variants: int
    variants_failed: int
    finished: str
    commit: str | None

    @property
    def is_well(self) -> bool:
        """Say whether every flaw was caught and no conforming variant failed."""
        return 0 < self.flaws == self.caught and self.variants_failed == 0 < self.variants

    @property
    def sentence(self) -> str:
        """The figures in one sentence, with their date and the commit they hold for."""
        caught = "none" if not self.caught else f"{self.caught:,}"
        if 0 < self.caught == self.flaws:
            caught = "all"
        failed = f"{self.variants_failed}" if self.variants_failed else "none"
        at = f" at {self.commit[:12]}" if self.commit else ""
        return (
            f"this suite: {_number(self.flaws, 'flaw')}, {caught} caught;"
            f" {_number(self.variants, 'conforming variant')}, {failed} failed;"
            f" measured {self.finished[:10]}{at}"
        )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Suite:
    """The suite that judged."""

    version: str
    commit: str | None
    cases: int
    cases_sha256: str
    measured: Measured | None = None


@dataclass(frozen=True)
class Platform:
    """The machine it was run on."""

    os: str
    wine: str | None
    cpu_count: int


@dataclass(frozen=True)
class Run:
    """When and how it was run."""

    started: str
    finished: str
    duration_s: float
    seed: int
    jobs: int
    selection: str | None
    command: str
    allows_known: bool = False  # known deviations leave the exit status 0
    outdated: tuple[str, ...] = ()  # what was expected of the provider and does not hold any more


class Trouble(NamedTuple):
    """Why a run is not fine, where no single result says so."""

    name: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Results:
    """A run of the suite against one provider."""

    suite: Suite
    provider: Provider
    platform: Platform
    run: Run
    verdict: str
    qualifier: str | None
    verdict_by_mode: tuple[tuple[str, str], ...]
    counts: dict[str, int]
    cases: tuple[Case, ...]  # ordered by id and mode
    requirements: tuple[Requirement, ...]  # in the order of the catalogue

    @property
    def total(self) -> int:
        """The number of results: cases times the modes they were driven in."""
        return len(self.cases)

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """The modes that occur."""
        return tuple(mode for mode in words.MODES if any(c.mode == mode for c in self.cases))

    @cached_property
    def catalogue(self) -> dict[str, Requirement]:
        """The requirements by id, with a stand-in for each that only a case names."""
        rows = {row.id: row for row in self.requirements}
        for case in self.cases:
            for key in (*case.requirements, case.requirement, *dict(case.by_requirement)):
                if key not in rows:
                    text = "The catalogue in these results has no such row."
                    rows[key] = Requirement(key, case.level, text, "", "none", (case.id,))
        return rows

    @cached_property
    def failures(self) -> tuple[Finding, ...]:
        """The broken requirements; each failed result is told under its decisive one."""
        return self._findings("fail")

    @cached_property
    def warnings(self) -> tuple[Finding, ...]:
        """The advice not taken; each warning is told under its decisive requirement."""
        return self._findings("warn")

    def _findings(self, verdict: str) -> tuple[Finding, ...]:
        told: dict[str, list[Case]] = {}
        also: dict[str, list[Case]] = {}
        for case in self.cases:
            if case.verdict == verdict:
                told.setdefault(case.requirement, []).append(case)
                for key in self._unmet_besides(case):
                    also.setdefault(key, []).append(case)
        found = (
            Finding(
                row,
                tuple(told.get(key, ())),
                tuple(also.get(key, ())),
                self._only_direct(key, told.get(key, []) + also.get(key, [])),
            )
            for key, row in self.catalogue.items()
            if key in told or key in also
        )
        # What is told elsewhere comes after that, or a reader would begin with a bare name.
        return tuple(sorted(found, key=lambda finding: not finding.cases))

    def _unmet_besides(self, case: Case) -> list[str]:
        """Return what else the case did not meet: as it says, else as the catalogue says."""
        by = dict(case.by_requirement) or {
            key: self.catalogue[key].verdict for key in case.requirements
        }
        return [key for key in by if key != case.requirement and by[key] == case.verdict]

    def _only_direct(self, requirement: str, unmet: list[Case]) -> bool:
        """Say whether driving it as ws2_32 does was tried as well, and brought no such thing."""
        return {case.mode for case in unmet} == {"direct"} and any(
            case.mode == "ws2_32" and case.verdict in ("pass", "warn")
            for case in self.cases
            if requirement in case.requirements
        )

    @cached_property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """Errors and inconclusive results by reason, the most frequent first."""
        by_reason = grouped(
            (case for case in self.cases if case.verdict in ("error", "inconclusive")),
            lambda c: (c.verdict, c.blame, c.reason, c.rests_on),
        )
        groups = [Unsettled(*key, cases) for key, cases in by_reason.items()]
        return tuple(sorted(groups, key=lambda group: (group.verdict, -len(group.cases))))

    @cached_property
    def not_applicable(self) -> tuple[Unsettled, ...]:
        """Results that do not apply, by reason."""
        by_reason = grouped(
            (case for case in self.cases if case.verdict == "not-applicable"),
            lambda c: (c.verdict, c.blame, c.reason, c.rests_on),
        )
        return tuple(Unsettled(*key, cases) for key, cases in by_reason.items())

    @cached_property
    def deviations(self) -> tuple[tuple[Deviation, Standing, tuple[Case, ...]], ...]:
        """The known deviations that speak of a result, how those stand, and which they are."""
        found: dict[tuple[Deviation, Standing], list[Case]] = {}
        for case in self.cases:
            if case.deviation is not None:
                found.setdefault((case.deviation, case.standing), []).append(case)
        return tuple((*key, tuple(cases)) for key, cases in found.items())

    @cached_property
    def stale(self) -> tuple[Case, ...]:
        """The results that a known deviation says should fail, and that do not."""
        return tuple(case for case in self.cases if case.standing is Standing.STALE)

    @cached_property
    def troubles(self) -> tuple[Trouble, ...]:
        """What keeps the run from being fine besides its red results."""
        troubles = []
        excused = self.verdict == "non-conforming" and self.run.allows_known
        if self.verdict != "conforming" and not excused and not self.has_red:
            troubles.append(Trouble("verdict", self.verdict, self.sentence))
        if self.run.outdated:
            troubles.append(Trouble("expectations", "outdated", " ".join(self.run.outdated)))
        return tuple(troubles)

    @cached_property
    def has_red(self) -> bool:
        """Say whether a single result is red."""
        return any(case.standing.is_red for case in self.cases)

    @property
    def is_fine(self) -> bool:
        """Say whether the run ends with exit status 0, and may look green."""
        return not self.has_red and not self.troubles

    @property
    def only_direct(self) -> bool:
        """Say whether everything that fails does so only when called directly."""
        failing = {case.mode for case in self.cases if case.verdict == "fail"}
        return failing == {"direct"} and "ws2_32" in self.modes

    @property
    def mode_sentence(self) -> str | None:
        """What the modes have to say about the verdict, if anything."""
        if not self.only_direct:
            return None
        text = f"{words.ONLY_DIRECT}: driven the way ws2_32 drives a provider, no result fails"
        open_ones = sum(
            case.mode == "ws2_32" and case.verdict in ("inconclusive", "error")
            for case in self.cases
        )
        if open_ones:
            text += f" (but {words.number(open_ones, 'result')} of that mode proved nothing)"
        return f"{text[0].upper()}{text[1:]}."

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""
        return f"{self.claim}: {self.grounds}."

    @property
    def claim(self) -> str:
        """The first half of the sentence: does it conform?"""
        return self.claim_about(quoted(self.provider.name))

    def claim_about(self, name: str) -> str:
        """Return the claim with the provider's name as the writer shows it."""
        claim = {
            "conforming": f"{name} conforms",
            "non-conforming": f"{name} does not conform",
            "incomplete": f"Whether {name} conforms is open",
        }[self.verdict]
        return f"{claim}, with a qualification" if self.qualifier else claim

    @property
    def grounds(self) -> str:
        """The second half of the sentence: what the verdict rests on."""
        if self.verdict == "conforming":
            return f"no MUST is broken and none is left open, in {_results(self.total)}"
        if self.verdict == "non-conforming":
            return self._grounds_of_failure()
        return self._grounds_of_doubt()

    def _grounds_of_failure(self) -> str:
        failed = self.counts["fail"]
        verb = "fails" if failed == 1 else "fail"
        broken = words.number(len(self.failures), "requirement")
        known = sum(case.standing is Standing.KNOWN for case in self.cases)
        note = f" ({words.number(known, 'known deviation')})" if known else ""
        return f"{failed:,} of {_results(self.total)} {verb}{note}, breaking {broken}"

    def _grounds_of_doubt(self) -> str:
        must = [case.verdict for case in self.cases if case.level == "MUST"]
        open_ones = {kind: must.count(kind) for kind in ("inconclusive", "error")}
        if not any(open_ones.values()):
            return "not every MUST was tested"
        parts = [
            f"{count:,} {'in error' if kind == 'error' else kind}"
            for kind, count in open_ones.items()
            if count
        ]
        count = sum(open_ones.values())
        verb = "proves" if count == 1 else "prove"
        return f"{_results(count)} on which a MUST rests {verb} nothing ({', '.join(parts)})"


def _results(count: int) -> str:
    return words.number(count, "result")


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, tuple[T, ...]]:
    """Group without reordering: groups and their members come in the order of `items`."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return {name: tuple(members) for name, members in groups.items()}
