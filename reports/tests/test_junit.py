"""JUnit XML as its readers want it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

import reports
from reports import junit
from reports.tests import samples
from reports.tests.readers import read_junit


def _suite(results: samples.Document) -> ET.Element:
    suite = ET.fromstring(reports.render_all(results)["junit.xml"]).find("testsuite")
    assert suite is not None
    return suite


def _outcome(**changes: object) -> ET.Element | None:
    verdict = str(changes.pop("verdict"))
    case = samples.case("recv/x", "direct", "CBC-02", verdict, **changes)
    element = _suite(samples.document([case])).find("testcase")
    assert element is not None
    return next(iter(element), None)


@pytest.mark.parametrize(
    ("changes", "tag", "kind"),
    [
        ({"verdict": "fail"}, "failure", "nonconformance"),
        ({"verdict": "fail", "cause": "leak"}, "failure", "nonconformance"),
        ({"verdict": "fail", "cause": "crash"}, "error", "crashed"),
        ({"verdict": "fail", "cause": "hang"}, "error", "hung"),
        ({"verdict": "fail", "cause": "exit"}, "error", "exited"),
        ({"verdict": "error"}, "error", "broken"),
        ({"verdict": "inconclusive"}, "error", "inconclusive"),
        ({"verdict": "inconclusive", "level": "MAY"}, "skipped", None),
        ({"verdict": "not-applicable"}, "skipped", None),
        ({"verdict": "fail", "known_deviation": {"reason": "later"}}, "skipped", None),
        ({"verdict": "pass", "known_deviation": {"reason": "x"}}, "failure", "unexpected-pass"),
        ({"verdict": "warn"}, "system-out", None),
        ({"verdict": "pass", "choice": "it waits"}, "system-out", None),
        ({"verdict": "error", "level": "SHOULD"}, "skipped", None),
    ],
)
def test_each_verdict_has_its_element(
    changes: dict[str, object], tag: str, kind: str | None
) -> None:
    outcome = _outcome(**changes)
    assert outcome is not None
    assert (outcome.tag, outcome.get("type")) == (tag, kind)
    assert outcome.text and "again: scripts/certify" in outcome.text


def test_a_pass_says_nothing() -> None:
    assert _outcome(verdict="pass") is None


def test_the_text_tells_the_whole_story() -> None:
    outcome = _outcome(verdict="fail", **samples.told("WSPRecv", ["WSAEINTR (10004)", "0"], "5"))
    assert outcome is not None and outcome.text is not None
    assert outcome.get("message") == "CBC-02: WSPRecv: expected WSAEINTR (10004) or 0, got 5"
    for fact in (
        "requirement: CBC-02 (MUST) The cancelled call fails with WSAEINTR",
        "expected: WSAEINTR (10004) or 0\nseen:     5\n",
        "control: the reference provider passes here",
        "evidence: evidence/recv.x.direct.jsonl",
    ):
        assert fact in outcome.text


def test_names_are_unique_and_grouped_by_function() -> None:
    suite = _suite(samples.non_conforming())
    names = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert len(names) == len(set(names))
    assert ("acme.WSPRecv", "recv/cancelled_twice [direct]") in names


def test_attributes_that_readers_parse() -> None:
    suite = _suite(samples.non_conforming())
    for case in suite.iter("testcase"):
        assert case.get("time") == "0.042"
        assert (case.get("file") or "").startswith("evidence/")
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["verdict"] == "non-conforming"
    assert properties["provider.sha256"] == "3f8a0b5c" * 8
    assert properties["suite.commit"] == "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc"


def test_the_source_of_a_case_is_its_file_where_the_results_name_it() -> None:
    case = samples.case("recv/x", "direct", "CBC-02", file="conformance/cases/recv/x.c")
    element = _suite(samples.document([case])).find("testcase")
    assert element is not None and element.get("file") == "conformance/cases/recv/x.c"


def test_a_verdict_that_no_result_shows_is_a_result_of_its_own() -> None:
    (verdict,) = _suite(samples.silent()).findall("testcase[@name='verdict']")
    assert verdict.find("error") is not None


def test_hostile_text_forges_no_line() -> None:
    suite = _suite(samples.hostile())
    for outcome in suite.iter("failure"):
        lines = (outcome.text or "").split("\n")
        assert sum(text.startswith("requirement: ") for text in lines) == 1
        assert not any(text.startswith(("ok 1", "Bail out!")) for text in lines)


def test_what_was_expected_and_does_not_hold_is_a_result_of_its_own() -> None:
    results = samples.conforming()
    results["run"]["unused_deviations"] = ["recv/gone"]
    (element,) = _suite(results).findall("testcase[@name='expectations']/error")
    assert element.text == "The known deviation “recv/gone” names no case of this suite."


def test_a_file_that_gitlab_would_refuse_is_cut_shorter() -> None:
    results = samples.huge(1200)
    for case in results["cases"]:
        case |= {"reason": "\U0001f600" * 5000, "seen": "\U0001f600" * 5000, "verdict": "fail"}
        case |= {"cause": "expectation", "blame": "provider", "by_requirement": {"CBC-02": "fail"}}
    content = reports.render_all(samples.document(results["cases"]), ["junit.xml"])["junit.xml"]
    assert len(content) <= junit.LARGEST < 30_000_000
    first = read_junit(content)[1][0]
    assert "… [the first 400 of 5,008 characters]" in (first.text or "")
