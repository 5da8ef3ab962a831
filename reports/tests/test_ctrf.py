"""CTRF as its specification wants it."""

from __future__ import annotations

from typing import Any

import pytest

import reports
from reports.tests import samples
from reports.tests.readers import read_ctrf


def _read(results: samples.Document) -> dict[str, Any]:
    return read_ctrf(reports.render_all(results, ["ctrf.json"])["ctrf.json"])


def _test(**changes: object) -> dict[str, Any]:
    verdict = str(changes.pop("verdict", "pass"))
    case = samples.case("recv/x", "direct", "CBC-02", verdict, **changes)
    test: dict[str, Any] = _read(samples.document([case]))["tests"][0]
    return test


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"verdict": "pass"}, "passed"),
        ({"verdict": "warn"}, "passed"),
        ({"verdict": "fail"}, "failed"),
        ({"verdict": "fail", "cause": "crash"}, "failed"),
        ({"verdict": "error"}, "other"),
        ({"verdict": "error", "level": "SHOULD"}, "skipped"),
        ({"verdict": "inconclusive"}, "other"),
        ({"verdict": "inconclusive", "level": "MAY"}, "skipped"),
        ({"verdict": "not-applicable"}, "skipped"),
        ({"verdict": "fail", "known_deviation": {"reason": "later"}}, "skipped"),
        ({"verdict": "pass", "known_deviation": {"reason": "later"}}, "failed"),
    ],
)
def test_each_verdict_has_its_status(changes: dict[str, object], status: str) -> None:
    test = _test(**changes)
    assert (test["status"], test["rawStatus"]) == (status, changes["verdict"])


def test_a_failure_tells_its_story() -> None:
    told = samples.told("WSPRecv", ["0", "1"], "2")
    test = _test(verdict="fail", file="conformance/cases/recv/x.c", **told)
    assert test["name"] == "recv/x [direct]"
    assert test["suite"] == ["acme", "WSPRecv"]
    assert test["duration"] == 42
    assert test["message"] == "CBC-02: WSPRecv: expected 0 or 1, got 2"
    assert "\nexpected: 0 or 1\nseen:     2\n" in test["trace"]
    assert test["filePath"] == "conformance/cases/recv/x.c"
    assert test["tags"] == ["MUST", "CBC-02"]
    assert test["parameters"] == {"mode": "direct"}
    (evidence,) = test["attachments"]
    assert evidence["path"] == "evidence/recv.x.direct.jsonl"
    extra = test["extra"]
    assert (extra["expected"], extra["seen"], extra["control"]) == (["0", "1"], "2", "pass")
    assert extra["again"].startswith("scripts/certify --debug")


def test_a_pass_says_no_more_than_what_it_chose() -> None:
    assert "message" not in _test() and "trace" not in _test()
    assert "\nchoice: it waits\n" in _test(choice="it waits")["trace"]


def test_the_identity_of_a_result_stays_the_same() -> None:
    assert _test()["id"] == _test(verdict="fail", seen="x")["id"]
    assert _test()["id"] == "abe77643-4717-5cb4-94fd-6b54e622227f"


def test_what_it_was_run_on_and_whether_it_is_well() -> None:
    results = _read(samples.non_conforming())
    environment = results["environment"]
    assert results["tool"] == {
        "name": "wspcts",
        "version": "1.0.0",
        "extra": {
            "commit": "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc",
            "cases": 214,
            "cases_sha256": "9c" * 32,
        },
    }
    assert (environment["appName"], environment["appVersion"]) == ("acme", "4.2.1108.0")
    assert environment["healthy"] is False
    assert environment["extra"]["provider.sha256"] == "3f8a0b5c" * 8
    assert _read(samples.conforming())["environment"]["healthy"] is True


@pytest.mark.parametrize(
    ("started", "finished", "start", "stop"),
    [
        ("2026-01-14T09:26:53+01:00", "2026-01-14T09:27:14+01:00", 1768379213000, 1768379234000),
        ("2026-01-14T08:26:53", "2026-01-14T08:27:14.5Z", 1768379213000, 1768379234500),
        ("2026-01-14T09:26:53+01:00", "later", 1768379213000, 1768379233710),
        ("2026-01-14T09:26:53+01:00", "2025-01-14T09:27:14+01:00", 1768379213000, 1768379213000),
        ("now", "later", 0, 20710),
        ("0001-01-01T00:00:00+23:00", "1970-01-01", -62135679600000, 0),
    ],
)
def test_moments_are_milliseconds_whatever_the_zone(
    started: str, finished: str, start: int, stop: int
) -> None:
    results = samples.conforming()
    results["run"] |= {"started": started, "finished": finished}
    summary = _read(results)["summary"]
    assert (summary["start"], summary["stop"]) == (start, stop)
    assert summary["duration"] == 20710


def test_a_verdict_that_no_result_shows_is_a_result_of_its_own() -> None:
    test = _read(samples.silent())["tests"][-1]
    assert (test["name"], test["status"], test["rawStatus"]) == ("verdict", "other", "incomplete")
