"""The sentences, groups and orders that all writers share."""

from __future__ import annotations

import dataclasses
import random

import pytest

from reports import document
from reports.model import Results, Standing
from reports.tests import samples


def _read(name: str) -> Results:
    return document.read(samples.SAMPLES[name]())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("conforming", "“acme” conforms: no MUST is broken and none is left open, in 60 results."),
        (
            "non_conforming",
            "“acme” does not conform: 9 of 60 results fail (1 known deviation), breaking 4"
            " requirements.",
        ),
        (
            "only_direct",
            "“acme” does not conform, with a qualification: 1 of 60 results fails, breaking 1"
            " requirement.",
        ),
        (
            "incomplete",
            "Whether “acme” conforms is open: 9 results on which a MUST rests prove nothing"
            " (8 inconclusive, 1 in error).",
        ),
        (
            "silent",
            "Whether “acme” conforms is open, with a qualification: not every MUST was tested.",
        ),
    ],
)
def test_the_verdict_is_a_sentence(name: str, sentence: str) -> None:
    assert _read(name).sentence == sentence


def test_what_is_broken_is_what_the_catalogue_calls_failed() -> None:
    results = _read("non_conforming")
    failed = [row.id for row in results.requirements if row.verdict == "fail"]
    told = [finding.requirement.id for finding in results.failures if finding.cases]
    elsewhere = [finding.requirement.id for finding in results.failures if not finding.cases]
    assert sorted(told + elsewhere) == sorted(failed)
    assert told == [key for key in failed if key in told]


def test_what_is_told_under_another_requirement_comes_last() -> None:
    failing = samples.case("recv/x", "direct", "CBC-02", "fail")
    failing |= {"requirement": "CBC-02", "requirements": ["CBC-02", "STARTUP-01"]}
    failing |= {"by_requirement": {"STARTUP-01": "fail", "CBC-02": "fail"}}
    results = document.read(samples.document([failing]))
    assert [finding.requirement.id for finding in results.failures] == ["CBC-02", "STARTUP-01"]


def test_what_fails_in_a_row_of_mixed_level_is_told_as_a_must() -> None:
    finding = _read("non_conforming").failures[0]
    assert finding.level == "MUST"
    row = dataclasses.replace(finding.requirement, level="SHOULD")
    assert dataclasses.replace(finding, requirement=row).level == "MUST in part, else SHOULD"
    assert dataclasses.replace(finding, requirement=row, cases=()).level == "SHOULD"


def test_each_failure_is_told_once() -> None:
    results = _read("non_conforming")
    told = [case.name for finding in results.failures for case in finding.cases]
    assert sorted(told) == sorted(c.name for c in results.cases if c.verdict == "fail")
    assert len(set(told)) == len(told)


def test_a_requirement_broken_in_passing_points_to_the_telling_one() -> None:
    results = _read("non_conforming")
    (passing,) = (f for f in results.failures if f.requirement.id == "PCS-02")
    assert not passing.cases
    assert {case.id for case in passing.also} == {"accept/listener_survives_cancel"}


def test_only_direct_is_said_where_it_is_so_and_nowhere_else() -> None:
    assert _read("only_direct").only_direct
    assert (_read("only_direct").mode_sentence or "").startswith("Only when called directly")
    assert [finding.only_direct for finding in _read("only_direct").failures] == [True]
    for name in ("conforming", "non_conforming", "incomplete"):
        assert _read(name).mode_sentence is None


def test_only_direct_needs_the_other_mode_to_have_been_tried() -> None:
    results = samples.only_direct()
    cases = [case for case in results["cases"] if case["mode"] != "ws2_32"]
    assert document.read(samples.document(cases)).mode_sentence is None


def test_the_order_of_the_cases_in_the_document_does_not_matter() -> None:
    results = samples.non_conforming()
    shuffled = samples.non_conforming()
    random.Random(1).shuffle(shuffled["cases"])
    assert document.read(shuffled) == document.read(results)


def test_what_is_open_is_grouped_by_reason() -> None:
    groups = _read("incomplete").unsettled
    assert [(group.verdict, len(group.cases)) for group in groups] == [
        ("error", 1),
        ("inconclusive", 8),
    ]


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({"verdict": "pass"}, Standing.PASSED),
        ({"verdict": "warn"}, Standing.PASSED),
        ({"verdict": "fail"}, Standing.FAILED),
        ({"verdict": "error"}, Standing.BROKEN),
        ({"verdict": "error", "level": "SHOULD"}, Standing.SKIPPED),
        ({"verdict": "inconclusive"}, Standing.BROKEN),
        ({"verdict": "inconclusive", "level": "SHOULD"}, Standing.SKIPPED),
        ({"verdict": "not-applicable"}, Standing.SKIPPED),
        ({"verdict": "fail", "known_deviation": {"reason": "x"}}, Standing.KNOWN),
        ({"verdict": "warn", "known_deviation": {"reason": "x"}}, Standing.STALE),
        ({"verdict": "pass", "known_deviation": {"reason": "x"}}, Standing.STALE),
        ({"verdict": "error", "known_deviation": {"reason": "x"}}, Standing.BROKEN),
        (
            {"verdict": "fail", "known_deviation": {"reason": "x", "expires": "2020-01-01"}},
            Standing.FAILED,
        ),
    ],
)
def test_how_a_result_stands(changes: samples.Document, standing: Standing) -> None:
    case = samples.case("recv/x", "direct", "CBC-02", **changes)
    (read,) = document.read(samples.document([case])).cases
    assert read.standing is standing


def test_the_reason_is_not_said_twice() -> None:
    told = samples.told("WSPRecv", ["a", "b"], "c")
    case = samples.case("recv/x", "direct", "CBC-02", "fail", cause="expectation", **told)
    (read,) = document.read(samples.document([case])).cases
    assert read.reason == "WSPRecv: expected a or b, got c"
    assert read.subject == "WSPRecv"
