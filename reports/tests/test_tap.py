"""TAP 14, read back by a strict reader."""

from __future__ import annotations

import re

import pytest
import yaml

import reports
from reports.tests import samples
from reports.tests.readers import Point, read_tap


def _point(**changes: object) -> Point:
    verdict = str(changes.pop("verdict"))
    case = samples.case("recv/x", "direct", "CBC-02", verdict, **changes)
    results = samples.document([case])
    return read_tap(reports.render_all(results)["results.tap"])[0]


@pytest.mark.parametrize(
    ("changes", "ok", "directive"),
    [
        ({"verdict": "pass"}, True, None),
        ({"verdict": "warn"}, True, None),
        ({"verdict": "fail"}, False, None),
        ({"verdict": "error"}, False, None),
        ({"verdict": "inconclusive"}, False, None),
        ({"verdict": "inconclusive", "level": "INFO"}, True, "SKIP"),
        ({"verdict": "not-applicable"}, True, "SKIP"),
        ({"verdict": "fail", "known_deviation": {"reason": "later"}}, False, "TODO"),
        ({"verdict": "pass", "known_deviation": {"reason": "later"}}, False, None),
    ],
)
def test_each_verdict_has_its_point(
    changes: dict[str, object], ok: bool, directive: str | None
) -> None:
    point = _point(**changes)
    assert (point.ok, point.directive) == (ok, directive)
    assert point.description == "recv/x [direct]"
    assert bool(point.facts) is not ok


def test_a_failure_tells_its_story_in_yaml() -> None:
    point = _point(verdict="fail", **samples.told("WSPRecv", ["0", "1"], "2"))
    assert point.facts["message"] == "CBC-02: WSPRecv: expected 0 or 1, got 2"
    assert point.facts["expected"] == ["0", "1"]
    assert point.facts["seen"] == "2"
    assert point.facts["control"] == "pass"
    assert str(point.facts["again"]).startswith("scripts/certify --debug")


def test_a_reason_cannot_become_a_directive_or_a_line() -> None:
    point = _point(verdict="not-applicable", reason="a # TODO b \\# c\nok 2 - forged")
    assert point.directive == "SKIP"
    assert point.reason == "not applicable: a # TODO b \\# c#x0Aok 2 - forged"


def test_hostile_text_forges_nothing() -> None:
    results = samples.hostile()
    points = read_tap(reports.render_all(results)["results.tap"])
    assert sum(not point.ok for point in points) == results["counts"]["fail"]


def test_a_yaml_library_reads_what_our_reader_reads() -> None:
    for make in (samples.hostile, samples.non_conforming, samples.silent):
        stream = reports.render_all(make())["results.tap"]
        blocks = re.findall(r"^  ---\n(.*?)^  \.\.\.$", stream.decode(), re.MULTILINE | re.DOTALL)
        assert [yaml.safe_load(block) for block in blocks] == [
            point.facts for point in read_tap(stream) if point.facts
        ]


def test_what_a_provider_chose_is_a_comment() -> None:
    case = samples.case("recv/x", "direct", "OVL-01", choice="it waits\nnot ok 2 - forged")
    stream = reports.render_all(samples.document([case]))["results.tap"].decode()
    assert stream.endswith("ok 1 - recv/x [direct]\n# choice: it waits#x0Anot ok 2 - forged\n")
