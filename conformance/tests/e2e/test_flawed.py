"""Each flawed provider is caught, by the case whose business it is.

A flaw is judged by the first such case, in all modes, with what that rests on. Where the flaw
breaks a gate as well, which keeps the case from being run, it is judged by the case on its own;
and where it acts in other rows only, by all of them. So a flaw that makes calls hang, which costs
a budget in each of a dozen rows, is still judged within seconds. A flaw that only a description
brings to light, with a shorter budget `late` say, has one beside its source.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.records import FLAWED, Fate, Flaw, library_of, name_of
from conformance.orchestration.cases import LEVELS, Case, CaseList
from conformance.orchestration.catalogue import Catalogue, Requirement
from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import Run, evidence_of

Certify = Callable[..., Run]

_VERDICT_OF = {"MUST": "fail", "SHOULD": "warn"}

# What the suite has to notice at the very least, whatever other flaws there are: the requirement
# that a flawed provider breaks, or the cause by which a hostile one fails.
AT_LEAST = {
    "the cancel returns 0 and does nothing": {"flawed/cancel_does_nothing": "CBC-02"},
    "an idle cancel returns 0": {"flawed/idle_cancel_returns_zero": "CBC-07"},
    "the wrong error after accept, connect, select": {
        "flawed/accept_says_wouldblock": "ACCEPT-01",
        "flawed/connect_says_timed_out": "CONNECT-01",
        "flawed/select_says_aborted": "SELECT-01",
    },
    "a cancel that acts on the whole process": {"flawed/cancel_is_process_wide": "THR-01"},
    "a sticky cancel": {"flawed/cancel_is_sticky": "STICKY-01"},
    "a listener closed by the cancel": {"flawed/listener_closed_by_cancel": "ACCEPT-02"},
    "an entry of the backlog lost": {"flawed/backlog_entry_lost": "ACCEPT-03"},
    "the callback's context truncated": {"flawed/callback_context_truncated": "BHK-03"},
    "the callback asked for and never called": {"flawed/callback_never_called": "BHK-01"},
    "a crash": {"hostile/crash_in_cancel": "crash"},
    "a hang": {"hostile/hang_in_cancel": "hang", "hostile/hang_in_recv": "hang"},
    "an exit": {"hostile/exit_in_cancel": "exit"},
}


@pytest.mark.parametrize("providers", AT_LEAST.values(), ids=AT_LEAST)
def test_what_has_to_be_noticed_at_the_very_least(providers: Mapping[str, str]) -> None:
    """That it is noticed is shown below, and in test_hostile.py; here, that it is there."""
    for name, breaks in providers.items():
        source = ROOT / "providers" / f"{name}.c"
        assert source.is_file(), f"there is no providers/{name}.c"
        if source in FLAWED:
            assert Flaw.read(source).requirement == breaks
        else:
            fate = Fate.read(source)
            assert (fate.verdict, fate.cause) == ("fail", breaks)


@pytest.mark.parametrize("source", FLAWED, ids=name_of)
def test_a_flaw_is_caught_by_the_case_whose_business_it_is(
    source: Path, certify: Certify, case_list: CaseList, catalogue: Catalogue
) -> None:
    flaw = Flaw.read(source)
    requirement = catalogue.requirement(flaw.requirement)
    every = _business_of(flaw, case_list.cases)
    first = _first_of(every, flaw, case_list.cases)
    library = library_of(source)
    if source.with_suffix(".toml").is_file():
        library = source.with_suffix(".toml")

    run = _judged_by(_with_gates(first, case_list), case_list, certify, library)
    caught = _catches(run, [first], flaw)
    if not caught and any(row["rests_on"] for row in run.rows):
        run = _judged_by([first], case_list, certify, library)
        caught = _catches(run, [first], flaw)
    if not caught and len(every) > 1:
        run = _judged_by(every, case_list, certify, library)
        caught = _catches(run, every, flaw)

    assert caught, f"{flaw.what}: nobody noticed\n{_told(run, every)}"
    for row in caught:
        _check_what_it_says(row, _level_of_demand(run, row, requirement))
    fails = any(row["verdict"] == "fail" for row in caught)
    assert run.status == 1 if fails else run.status in (0, 1, 3), run.said()
    assert run.left_behind == ()


def _business_of(flaw: Flaw, cases: Sequence[Case]) -> list[str]:
    """Return the cases that a flaw names."""
    found: list[str] = []
    for pattern in flaw.caught_by:
        matching = [case.id for case in cases if fnmatch.fnmatchcase(case.id, pattern)]
        assert matching, f"caught_by names {pattern}, which matches no case"
        found += [name for name in matching if name not in found]
    return found


def _first_of(names: Sequence[str], flaw: Flaw, cases: Sequence[Case]) -> str:
    """Return the first of some cases that is about the requirement of a flaw."""
    about_it = {case.id for case in cases if flaw.requirement in case.requirements}
    return next((name for name in names if name in about_it), names[0])


def _with_gates(name: str, case_list: CaseList) -> list[str]:
    """Return a case, and what it rests on."""
    by_id = case_list.by_id()
    wanted: list[str] = []

    def add(case: str) -> None:
        if case not in wanted:
            wanted.append(case)
            for gate in by_id[case].rests_on:
                add(gate)

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
    if row["cause"] in ("crash", "hang", "exit") and not broken:
        # Whatever a case asks, the provider has to let it come to an end.
        broken = {"MUST"}
    level = next((name for name in ("MUST", "SHOULD") if name in broken), str(requirement.level))
    is_mixed = "mixed level" in (requirement.note or "").lower()
    assert is_mixed or LEVELS.index(level) >= LEVELS.index(requirement.level), (
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
