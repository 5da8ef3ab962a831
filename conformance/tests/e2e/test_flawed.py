"""Each flawed provider is caught, by the case whose business it is.

A flaw is judged by the first case of each of its patterns, in all modes, with what that rests on.
Only where those do not catch it, because the flaw acts in other rows or breaks a gate as well, it
is judged by all of them, on their own. So a flaw that makes calls hang, which costs the budget in
each of a dozen rows, is still judged within seconds.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.cases import Case, CaseList
from conformance.orchestration.catalogue import Catalogue, Requirement
from conformance.tests.e2e.records import FLAWED, Flaw, library_of, name_of
from conformance.tests.e2e.support import Run, evidence_of

Certify = Callable[..., Run]

_VERDICT_OF = {"MUST": "fail", "SHOULD": "warn"}


@pytest.mark.parametrize("source", FLAWED, ids=name_of)
def test_a_flaw_is_caught_by_the_case_whose_business_it_is(
    source: Path, certify: Certify, case_list: CaseList, catalogue: Catalogue
) -> None:
    flaw = Flaw.read(source)
    requirement = catalogue.requirement(flaw.requirement)
    first, every = _business_of(flaw, case_list.cases)

    run = _judged_by(_with_gates(first, case_list), case_list, certify, library_of(source))
    caught = _catches(run, first, flaw)
    was_kept_from_it = any(row["rests_on"] for row in run.rows)
    if not caught and (every != first or was_kept_from_it):
        run = _judged_by(every, case_list, certify, library_of(source))
        caught = _catches(run, every, flaw)

    assert caught, f"{flaw.what}: nobody noticed\n{_told(run, every)}"
    for row in caught:
        _check_what_it_says(row, _level_of_demand(run, row, requirement))
    fails = any(row["verdict"] == "fail" for row in caught)
    assert run.status == 1 if fails else run.status in (0, 1, 3), run.said()
    assert run.left_behind == ()


def _business_of(flaw: Flaw, cases: Sequence[Case]) -> tuple[list[str], list[str]]:
    """Return the first case of each pattern of a flaw, and all of them."""
    first: list[str] = []
    every: list[str] = []
    for pattern in flaw.caught_by:
        matching = [case.id for case in cases if fnmatch.fnmatchcase(case.id, pattern)]
        assert matching, f"caught_by names {pattern}, which matches no case"
        first += [matching[0]] if matching[0] not in first else []
        every += [name for name in matching if name not in every]
    return first, every


def _with_gates(names: Iterable[str], case_list: CaseList) -> list[str]:
    """Return cases, and what they rest on."""
    by_id = case_list.by_id()
    wanted: list[str] = []

    def add(name: str) -> None:
        if name not in wanted:
            wanted.append(name)
            for gate in by_id[name].rests_on:
                add(gate)

    for name in names:
        add(name)
    return wanted


def _judged_by(
    names: Sequence[str], case_list: CaseList, certify: Certify, library: Path
) -> Run:
    """Run some cases on a provider."""
    by_id = case_list.by_id()
    groups = {by_id[name].group for name in names}
    words: list[object] = ["--jobs", 1, "--group", "all" if len(groups) > 1 else groups.pop()]
    for name in names:
        words += ["--case", name]
    run = certify(*words, library)
    assert run.status in (0, 1, 3), run.said()
    return run


def _catches(run: Run, names: Sequence[str], flaw: Flaw) -> list[dict[str, Any]]:
    """Return the results of these cases that blame the flaw's requirement."""
    return [
        row
        for row in run.rows
        if row["id"] in names
        and row["verdict"] in ("fail", "warn")
        and (
            row["requirement"] == flaw.requirement
            or row["by_requirement"].get(flaw.requirement) == row["verdict"]
        )
    ]


def _level_of_demand(run: Run, row: Mapping[str, Any], requirement: Requirement) -> str:
    """Return how binding what was broken is: by the evidence, within what the catalogue allows."""
    broken = {
        line["level"]
        for line in evidence_of(run, row)
        if line["event"] == "expect"
        and line["requirement"] == requirement.id
        and line["met"] is False
        and line["otherwise"] in ("fail", "warn")
    }
    level = next((name for name in ("MUST", "SHOULD") if name in broken), str(requirement.level))
    is_mixed = "mixed level" in (requirement.note or "").lower()
    assert level == requirement.level or is_mixed, (
        f"{row['id']} demands {requirement.id} as a {level}; the catalogue has it as a"
        f" {requirement.level} and does not speak of a mixed level"
    )
    return level


def _check_what_it_says(row: Mapping[str, Any], level: str) -> None:
    assert row["verdict"] == _VERDICT_OF[level], (row["verdict"], level, row["reason"])
    assert row["blame"] == "provider"
    assert re.search(r"expected .+, got .+", row["reason"], re.DOTALL), row["reason"]
    if row["verdict"] == "fail":
        assert row["control"] in ("pass", "warn"), (row["control"], row["control_reason"])


def _told(run: Run, names: Sequence[str]) -> str:
    rows = [row for row in run.rows if row["id"] in names]
    return "\n".join(
        f"{row['id']}[{row['mode']}]: {row['verdict']} {row['requirement']} {row['reason']}"
        for row in rows
    )
