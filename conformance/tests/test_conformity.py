"""The verdict on a provider, its requirements, and the exit status."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from conformance.orchestration.conformity import (
    conformity,
    conformity_by_mode,
    counts,
    requirement_verdicts,
)
from conformance.orchestration.exits import exit_status, wrong_expectations


def row(verdict: str, *requirements: str, level: str = "MUST", **more: Any) -> dict[str, Any]:
    keys = requirements or ("RECV-01",)
    usual = {
        "id": "recv/x",
        "mode": "direct",
        "level": level,
        "verdict": verdict,
        "by_requirement": {key: verdict for key in keys},
        "known_deviation": None,
        "rests_on": None,
    }
    return {**usual, **more}


CORE = [row("pass", "CBC-01", "CBC-02"), row("pass", "CBC-07")]


def test_everything_passes():
    assert conformity(CORE, is_full=True) == "conforming"


@pytest.mark.parametrize("level", ["MUST", "SHOULD", "MAY", "INFO"])
@pytest.mark.parametrize(
    "verdict", ["pass", "warn", "fail", "inconclusive", "not-applicable", "error"]
)
def test_one_more_result_of_every_kind(level, verdict):
    expected = "conforming"
    if verdict == "fail":
        expected = "non-conforming"
    elif level == "MUST" and verdict in ("inconclusive", "error"):
        expected = "incomplete"
    assert conformity([*CORE, row(verdict, level=level)], is_full=True) == expected


def test_a_failure_outweighs_what_is_open():
    assert conformity([*CORE, row("error"), row("fail")], is_full=True) == "non-conforming"


@pytest.mark.parametrize("missing", ["CBC-01", "CBC-02", "CBC-07"])
@pytest.mark.parametrize("verdict", ["not-applicable", "inconclusive", "error", None])
def test_without_its_core_nothing_conforms(missing, verdict):
    keys = [key for key in ("CBC-01", "CBC-02", "CBC-07") if key != missing]
    rows = [row("pass", *keys)]
    if verdict is not None:
        rows.append(row(verdict, missing, level="SHOULD"))
    assert conformity(rows, is_full=True) == "incomplete"


def test_a_selection_answers_for_itself_only():
    assert conformity([row("pass")], is_full=False) == "conforming"
    assert conformity([row("pass")], is_full=True) == "incomplete"


def test_a_selection_in_which_nothing_passed_proves_nothing():
    assert conformity([row("not-applicable")], is_full=False) == "incomplete"
    assert conformity([], is_full=False) == "incomplete"


def test_each_mode_has_a_verdict_of_its_own():
    rows = [*CORE, row("fail", mode="ws2_32"), row("pass", mode="no-callback")]
    assert conformity_by_mode(rows) == {
        "direct": "conforming",
        "ws2_32": "non-conforming",
        "no-callback": "conforming",
    }


def test_a_failure_of_a_requirement_is_never_hidden():
    kinds = ["pass", "warn", "inconclusive", "not-applicable", "error"]
    for others in itertools.product(kinds, repeat=2):
        rows = [row(verdict) for verdict in (*others, "fail")]
        assert requirement_verdicts(rows) == {"RECV-01": "fail"}


def test_results_are_counted_by_verdict():
    assert counts([*CORE, row("fail")]) == {
        "pass": 2,
        "warn": 0,
        "fail": 1,
        "inconclusive": 0,
        "not-applicable": 0,
        "error": 0,
    }


# --- Exit status ------------------------------------------------------------------------------


def known(expired: bool = False) -> dict[str, Any]:
    return {"case": "recv/*", "mode": None, "reason": "bug", "expires": "x", "expired": expired}


def results(*rows: dict[str, Any], allow: bool = False, **run: Any) -> dict[str, Any]:
    verdict = conformity([*CORE, *rows], is_full=True)
    cases = [*CORE, *rows]
    return {"verdict": verdict, "cases": cases, "run": {"allow_known_deviations": allow, **run}}


@pytest.mark.parametrize(
    ("rows", "allow", "status"),
    [
        ([], False, 0),
        ([row("fail")], False, 1),
        ([row("error")], False, 3),
        ([row("fail"), row("error")], False, 1),
        # Known deviations.
        ([row("fail", known_deviation=known())], False, 1),
        ([row("fail", known_deviation=known())], True, 0),
        ([row("fail", known_deviation=known()), row("fail")], True, 1),
        ([row("fail", known_deviation=known()), row("inconclusive")], True, 3),
        (
            [row("fail", known_deviation=known()), row("inconclusive", rests_on=["recv/x"])],
            True,
            0,
        ),
        ([row("pass", known_deviation=known())], False, 4),
        ([row("warn", known_deviation=known())], True, 4),
        ([row("inconclusive", known_deviation=known())], False, 3),
        ([row("pass", known_deviation=known()), row("fail")], False, 1),
        ([row("fail", known_deviation=known(expired=True))], False, 1),
        ([row("fail", known_deviation=known(expired=True))], True, 4),
    ],
)
def test_the_exit_status_is_that_of_the_contract(rows, allow, status):
    assert exit_status(results(*rows, allow=allow)) == status


def test_worse_than_the_baseline_is_a_wrong_expectation():
    change = "recv/x[direct] was pass and is warn"
    found = results(baseline={"file": "x", "worse": [change]})
    assert exit_status(found) == 4
    assert wrong_expectations(found) == [f"worse than the baseline x: {change}."]
    found = results(baseline={"file": "x", "worse": [change, "y", "z"]})
    assert wrong_expectations(found) == [f"worse than the baseline x: {change}, and 2 more."]
    assert exit_status(results(baseline={"file": "x", "worse": []})) == 0
    assert exit_status(results(row("fail"), baseline={"file": "x", "worse": ["y"]})) == 1


def test_a_deviation_that_names_no_case_is_a_wrong_expectation():
    assert exit_status(results(unused_deviations=["gone/*"])) == 4
