"""Each flawed provider is caught by every case that it names, and every situation catches one.

The cases are run in all modes, with what they rest on. What a broken gate or the fuse keeps from
being judged is run once more without them. So both hold: no flaw goes unnoticed, and no situation
is there that cannot fail. A flaw that only a description brings to light, with a shorter budget
`late` say, has one beside its source.
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

# A case fails by it, whatever the case is about.
INVARIANT = "RACE-05"

# Situations that no flaw names, each with the reason.
CATCH_NO_FLAW = {
    "startup/exports_its_entry_point": "the command looks for the export before it runs a case, so"
    " test_hostile.py shows it of the executable",
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
def test_a_flaw_is_caught_by_the_cases_whose_business_it_is(
    source: Path, certify: Certify, case_list: CaseList, catalogue: Catalogue
) -> None:
    flaw = Flaw.read(source)
    names = _business_of(flaw, case_list.cases)
    library = library_of(source)
    if source.with_suffix(".toml").is_file():
        library = source.with_suffix(".toml")

    run = _judged_by(_with_gates(names, case_list), case_list, certify, library)
    left = _check(run, names, flaw, catalogue, case_list)
    while left:
        run = _judged_by(left, case_list, certify, library)
        still_left = _check(run, left, flaw, catalogue, case_list)
        assert len(still_left) < len(left), f"{flaw.what}: not noticed\n{_told(run, left)}"
        left = still_left


def test_every_situation_catches_a_flaw(case_list: CaseList) -> None:
    """That it does is shown above; here, that none is left out.

    Most rows of a table are named, too. Those that only flaws with long waits break are left to
    the measurement, which tells of every single case what it catches.
    """
    named = {
        _situation_of(name)
        for source in FLAWED
        for name in _business_of(Flaw.read(source), case_list.cases)
    }
    idle = {_situation_of(case.id) for case in case_list.cases} - named
    assert idle == set(CATCH_NO_FLAW)


def _situation_of(case: str) -> str:
    return "/".join(case.split("/")[:2])


def _check(
    run: Run, names: Sequence[str], flaw: Flaw, catalogue: Catalogue, case_list: CaseList
) -> list[str]:
    """Look at what a run says of a flaw; return the cases that do not blame what they should.

    That is the requirement that the flaw breaks. A case that is about others is broken by it, too,
    and blames one of its own, or the invariant of every case.
    """
    by_id = case_list.by_id()
    caught: set[str] = set()
    for row in run.rows:
        if row["id"] not in names or row["verdict"] not in ("fail", "warn"):
            continue
        own = by_id[row["id"]].requirements
        blamed = flaw.requirement if flaw.requirement in own else row["requirement"]
        if blamed not in (*own, INVARIANT) or not _blames(row, blamed):
            continue
        _check_what_it_says(row, _level_of_demand(run, row, catalogue.requirement(blamed)))
        caught.add(row["id"])
    fails = any(row["verdict"] == "fail" for row in run.rows)
    assert run.status == 1 if fails else run.status in (0, 1, 3), run.said()
    assert run.left_behind == ()
    return [name for name in names if name not in caught]


def _blames(row: Mapping[str, Any], requirement: str) -> bool:
    """Say whether a result names a requirement as broken, first or among others."""
    return (
        row["requirement"] == requirement
        or row["by_requirement"].get(requirement) == row["verdict"]
    )


def _business_of(flaw: Flaw, cases: Sequence[Case]) -> list[str]:
    """Return the cases that a flaw names."""
    found: list[str] = []
    for pattern in flaw.caught_by:
        matching = [case.id for case in cases if fnmatch.fnmatchcase(case.id, pattern)]
        assert matching, f"caught_by names {pattern}, which matches no case"
        found += [name for name in matching if name not in found]
    return found


def _with_gates(names: Sequence[str], case_list: CaseList) -> list[str]:
    """Return cases, and what they rest on."""
    by_id = case_list.by_id()
    wanted: dict[str, None] = {}

    def add(case: str) -> None:
        if case not in wanted:
            wanted[case] = None
            for gate in by_id[case].rests_on:
                add(gate)

    for name in names:
        add(name)
    return list(wanted)


def _judged_by(
    names: Sequence[str], case_list: CaseList, certify: Certify, library: Path
) -> Run:
    """Run some cases on a provider."""
    by_id = case_list.by_id()
    groups = {by_id[name].group for name in names}
    # Where many rows are a flaw's business, most of them wait for it until a budget has passed.
    jobs = min(4, 1 + len(names) // 6)
    words: list[object] = ["--jobs", jobs, "--group", "all" if len(groups) > 1 else groups.pop()]
    for name in names:
        words += ["--case", name]
    run = certify(*words, library)
    assert run.status in (0, 1, 3), run.said()
    return run


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
        assert row["control_timeline"], "the reference provider's course is missing"


def _told(run: Run, names: Sequence[str]) -> str:
    rows = [row for row in run.rows if row["id"] in names]
    return "\n".join(
        f"{row['id']}[{row['mode']}]: {row['verdict']} {row['requirement']} {row['reason']}"
        for row in rows
    )
