"""The real list of cases: complete, in step with its sources, and with the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.orchestration.cases import LEVELS, Case, CaseList
from conformance.orchestration.catalogue import Catalogue, Requirement
from conformance.orchestration.layout import ROOT

CASES = ROOT / "conformance" / "cases"
CALLS = ("connect", "accept", "select", "recv", "recvfrom", "send")
TWELVE_ROWS = {f"{call}_ipv{version}" for call in CALLS for version in (4, 6)}

# Without a case for each of these the page on cancelling is not covered.
FOUNDATION = {
    "STARTUP": (1, 2, 4),
    "CBC": (1, 2, 4, 5, 7, 8, 9, 13, 15, 16, 18, 21),
    "BHK": (1, 2, 3, 4, 5, 6, 7, 8, 9, 11),
    "THR": (1, 2),
    "RACE": (5,),
    "STICKY": (1, 2),
    "CONNECT": (1, 2),
    "ACCEPT": (1, 2, 3, 4, 8, 9, 12),
    "SELECT": (1, 2, 3, 4, 5, 6),
    "RECV": (1, 2),
    "RECVFROM": (1,),
    "SEND": (1,),
    "PCS": (1, 2, 3, 5),
    "LINGER": (1, 3),
    "NB": (1,),
    "PSB": (1, 2),
}

# What is judged on a thread without a blocking callback as well: start-up, idle cancels, and what
# waits natively.
WITHOUT_CALLBACK = (
    *("STARTUP-01", "STARTUP-02", "STARTUP-04", "CBC-05", "CBC-07", "CBC-08", "CBC-13"),
    *("THR-02", "STICKY-01", "STICKY-02", "NB-01", "BHK-11"),
)


@pytest.mark.parametrize(
    ("requirement", "situation"),
    [("CBC-02", "cancel/ends_the_blocked_call"), ("BHK-01", "callback/is_called_while_blocked")],
)
def test_a_dozen_rows_in_both_modes(
    case_list: CaseList, requirement: str, situation: str
) -> None:
    rows = [case for case in case_list.cases if case.id.startswith(f"{situation}/")]
    assert TWELVE_ROWS <= {case.id.removeprefix(f"{situation}/") for case in rows}
    for case in rows:
        assert case.modes == ("direct", "ws2_32"), case.id
        assert case.requirements[0] == requirement, case.id


@pytest.mark.parametrize("requirement", WITHOUT_CALLBACK)
def test_what_needs_no_callback_is_judged_without_one(
    case_list: CaseList, requirement: str
) -> None:
    judging = [case for case in case_list.cases if requirement in case.requirements]
    assert any("no-callback" in case.modes for case in judging)


def test_every_case_of_a_start_is_driven_without_a_callback(case_list: CaseList) -> None:
    """But for those in which the callback cancels."""
    for case in case_list.cases:
        cancels = "CBC-01" in case.requirements or "/cancelled_" in case.id
        if case.id.startswith("startup/") and not cancels:
            assert "no-callback" in case.modes, case.id


def test_the_foundation_is_judged(case_list: CaseList) -> None:
    judged = {name for case in case_list.cases for name in case.requirements}
    wanted = {f"{family}-{n:02}" for family, numbers in FOUNDATION.items() for n in numbers}
    assert not wanted - judged


def test_the_requirements_of_the_cases_are_in_the_catalogue(
    case_list: CaseList, catalogue: Catalogue
) -> None:
    unknown = {
        f"{case.id}: {requirement}"
        for case in case_list.cases
        for requirement in case.requirements
        if requirement not in catalogue.requirements
    }
    assert not unknown


def test_no_case_demands_more_than_the_catalogue(
    case_list: CaseList, catalogue: Catalogue
) -> None:
    """A case is as binding as the most binding requirement it judges, or less."""

    def allowed(requirement: Requirement) -> int:
        is_mixed = "mixed level" in (requirement.note or "").lower()
        return 0 if is_mixed else LEVELS.index(requirement.level)

    too_high = [
        f"{case.id} is a {case.level}"
        for case in case_list.cases
        if LEVELS.index(case.level)
        < min(allowed(catalogue.requirement(name)) for name in case.requirements)
    ]
    assert not too_high


def test_every_source_is_in_the_list_and_the_other_way_round() -> None:
    text = (ROOT / "conformance" / "cases.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    listed = [f"{folder}/{name}" for folder, name in re.findall(r"X\((\w+),\s*(\w+)\)", code)]
    sources = {
        path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.c")
    }
    assert len(listed) == len(set(listed)), "a line stands twice in cases.h"
    assert set(listed) == sources


def test_an_id_is_the_path_of_its_source(case_list: CaseList) -> None:
    for case in case_list.cases:
        source = _source_of(case)
        assert source.is_file(), f"{case.id}: there is no {case.file}"
        situation = source.relative_to(CASES).with_suffix("").as_posix()
        is_row = case.id.startswith(f"{situation}/") and case.id.count("/") == 2
        assert case.id == situation or is_row, f"{case.id} lies in {case.file}"


def test_every_source_yields_a_case(case_list: CaseList) -> None:
    assert {_source_of(case) for case in case_list.cases} == set(CASES.rglob("*.c"))


def test_what_a_case_rests_on_is_a_gate(case_list: CaseList) -> None:
    by_id = case_list.by_id()
    for case in case_list.cases:
        for name in case.rests_on:
            assert name in by_id, f"{case.id} rests on {name}, which is no case"
            assert by_id[name].gate, f"{case.id} rests on {name}, which is no gate"


def test_a_case_says_what_it_does_and_what_must_happen(case_list: CaseList) -> None:
    for case in case_list.cases:
        for text in (case.does, case.must):
            assert text and text == text.strip() and not text.endswith("."), case.id
        assert case.function.startswith(("WSP", "WPU")), case.id


def _source_of(case: Case) -> Path:
    assert case.file is not None, f"{case.id} names no file"
    return ROOT / case.file
