"""What changed between two runs, in the terms that all writers of a comparison share."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports import document, words
from reports.comparison.differences import Difference, differences
from reports.document import ResultsError
from reports.model import Case, Requirement, Results, Standing

# From the best to the worst. What does not apply any more has lost its proof.
_BETTER_FIRST = ("pass", "not-applicable", "warn", "inconclusive", "error", "fail")

Key = tuple[str, str]


class Kind(enum.Enum):
    """What became of a result or of a requirement."""

    WORSE = "worse"
    BETTER = "better"
    UNCHANGED = "unchanged"
    ADDED = "added"
    REMOVED = "removed"
    APART = "apart"  # both runs judge the requirement, but by no result in common


def kind_of(old: str, new: str) -> Kind:
    """Return what the change from one verdict to another is."""
    before, after = (
        -1 if verdict == "none" else _BETTER_FIRST.index(verdict) for verdict in (old, new)
    )
    if after == before:
        return Kind.UNCHANGED
    return Kind.WORSE if after > before else Kind.BETTER


@dataclass(frozen=True)
class CaseChange:
    """What became of one case in one mode; where it is only in one run, the other is None."""

    old: Case | None
    new: Case | None

    @property
    def case(self) -> Case:
        """The result that is shown: the newer one, if there is one."""
        case = self.new or self.old
        assert case is not None
        return case

    @property
    def kind(self) -> Kind:
        """Say what became of it."""
        if self.old is None:
            return Kind.ADDED
        if self.new is None:
            return Kind.REMOVED
        return kind_of(self.old.verdict, self.new.verdict)

    @property
    def known(self) -> str | None:
        """The reason of the known deviation that the new run has for its failure, if any."""
        if self.new is not None and self.new.standing is Standing.KNOWN and self.new.deviation:
            return self.new.deviation.reason
        return None

    @property
    def notes(self) -> tuple[tuple[str, str, str], ...]:
        """What differs though the verdict does not: what, as it was, as it is."""
        if self.old is None or self.new is None or self.kind is not Kind.UNCHANGED:
            return ()
        pairs = (
            ("cause", self.old.cause, self.new.cause),
            ("choice", self.old.choice, self.new.choice),
        )
        return tuple(
            (what, old or "none", new or "none") for what, old, new in pairs if old != new
        )

    @property
    def sentence(self) -> str:
        """The change in a few words."""
        assert self.old is not None and self.new is not None
        name = f"{self.new.id}[{self.new.mode}]"
        return f"{name} was {self.old.verdict} and is {self.new.verdict}"


@dataclass(frozen=True)
class RequirementChange:
    """What became of one requirement: its verdict over the results that both runs have.

    Results of one run alone are left out, as another selection is no change of the provider.
    """

    requirement: Requirement
    kind: Kind
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Comparison:
    """Two runs, and everything that differs between them."""

    old: Results
    new: Results
    cases: tuple[CaseChange, ...]  # in the order of the newer results, then what was removed
    requirements: tuple[RequirementChange, ...]  # in the order of the catalogue
    differences: tuple[Difference, ...]  # the likeliest cause first

    def cases_that(self, kind: Kind) -> tuple[CaseChange, ...]:
        """Return the results of one kind."""
        return tuple(change for change in self.cases if change.kind is kind)

    def requirements_that(self, kind: Kind) -> tuple[RequirementChange, ...]:
        """Return the requirements of one kind."""
        return tuple(change for change in self.requirements if change.kind is kind)

    @cached_property
    def noted(self) -> tuple[CaseChange, ...]:
        """The results whose verdict is the same, but not what stands behind it."""
        return tuple(change for change in self.cases if change.notes)

    @cached_property
    def case_counts(self) -> dict[str, int]:
        """The number of results of each kind."""
        tally = Counter(change.kind for change in self.cases)
        return {kind.value: tally[kind] for kind in Kind if kind is not Kind.APART}

    @cached_property
    def requirement_counts(self) -> dict[str, int]:
        """The number of requirements of each kind."""
        tally = Counter(change.kind for change in self.requirements)
        return {kind.value: tally[kind] for kind in Kind}

    @cached_property
    def worse(self) -> tuple[str, ...]:
        """What got worse, one sentence without a full stop for each."""
        return (
            *(change.sentence for change in self.cases_that(Kind.WORSE)),
            *(
                f"{change.requirement.id} was {change.old} and is {change.new}"
                for change in self.worse_by_themselves
            ),
        )

    @cached_property
    def worse_by_themselves(self) -> tuple[RequirementChange, ...]:
        """The requirements that got worse in results whose verdict is the same or better.

        A result that fails for one requirement can begin to fail for another as well.
        """
        said = {key for change in self.cases_that(Kind.WORSE) for key in _judged(change.case)}
        return tuple(
            change
            for change in self.requirements_that(Kind.WORSE)
            if change.requirement.id not in said
        )

    @property
    def is_worse(self) -> bool:
        """Say whether anything got worse."""
        return bool(self.worse)

    @property
    def claim(self) -> str:
        """The answer in a few words."""
        if self.is_worse:
            counted = (
                (self.case_counts[Kind.WORSE.value], "result"),
                (len(self.worse_by_themselves), "requirement"),
            )
            parts = [words.number(count, noun) for count, noun in counted if count]
            return f"{' and '.join(parts)} got worse"
        better = self.case_counts[Kind.BETTER.value]
        return "Nothing got worse" + (
            f", and {words.number(better, 'result')} got better" if better else ""
        )

    @property
    def cause(self) -> str:
        """What is likely behind the changes, in a sentence."""
        if not self.differences:
            return (
                "Nothing else that is recorded differs: what changed did so by chance, or by the"
                " load of the machine."
            )
        named = [difference.what for difference in self.differences]
        listed = ", ".join(named[:-1]) + (" and " if named[:-1] else "") + named[-1]
        return f"What else differs, the likeliest cause first: {listed}."


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two results documents.

    ResultsError says why they cannot be compared: its sentence names the one that breaks
    the contract, or says that they have nothing in common.
    """
    before, after = _read(old, "the old results"), _read(new, "the new results")
    befores, afters = _by_key(before), _by_key(after)
    if not befores.keys() & afters.keys():
        raise ResultsError("they have no case in common that was driven in the same mode")
    keys = [*afters, *(key for key in befores if key not in afters)]
    return Comparison(
        before,
        after,
        tuple(CaseChange(befores.get(key), afters.get(key)) for key in keys),
        tuple(_requirement_changes(before, after)),
        differences(old, new),
    )


def _read(results: Mapping[str, Any], which: str) -> Results:
    try:
        return document.read(results)
    except ResultsError as problem:
        raise ResultsError(f"{which} cannot be used: {problem}") from None


def _by_key(results: Results) -> dict[Key, Case]:
    return {(case.id, case.mode): case for case in results.cases}


def _judged(case: Case) -> dict[str, str]:
    """Return the requirements a result says something about; older results name them only."""
    return dict(case.by_requirement) or {key: case.verdict for key in case.requirements}


def _requirement_changes(old: Results, new: Results) -> Iterable[RequirementChange]:
    rows = {**old.catalogue, **new.catalogue}
    before, after = _judgements(old), _judgements(new)
    for key, row in rows.items():
        mine, theirs = before.get(key, {}), after.get(key, {})
        common = mine.keys() & theirs.keys()
        if common:
            was, now = (_verdict(side[name] for name in common) for side in (mine, theirs))
            yield RequirementChange(row, kind_of(was, now), was, now)
        elif mine or theirs:
            kind = Kind.APART if mine and theirs else Kind.REMOVED if mine else Kind.ADDED
            yield RequirementChange(
                row,
                kind,
                _verdict(mine.values()) if mine else None,
                _verdict(theirs.values()) if theirs else None,
            )


def _judgements(results: Results) -> dict[str, dict[Key, str]]:
    """Return by requirement what each result says of it."""
    found: dict[str, dict[Key, str]] = {}
    for case in results.cases:
        for requirement, verdict in _judged(case).items():
            found.setdefault(requirement, {})[case.id, case.mode] = verdict
    return found


def _verdict(verdicts: Iterable[str]) -> str:
    return min(verdicts, key=words.WORST_FIRST.index)
