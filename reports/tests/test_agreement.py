"""All outputs say the same: over the samples and 200 random documents."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

import pytest

import reports
from reports import document, terminal
from reports.model import Standing
from reports.tests import samples
from reports.tests.readers import count_in_summary, read_html, read_tap

RANDOM = 200


def _documents() -> Iterator[tuple[str, samples.Document]]:
    for name, make in samples.SAMPLES.items():
        yield name, make()
    for seed in range(RANDOM):
        yield f"random {seed}", samples.random_document(seed)


@pytest.mark.parametrize("batch", range(8))
def test_counts_and_verdicts_agree(batch: int) -> None:
    for place, (name, results) in enumerate(_documents()):
        if place % 8 == batch:
            _agree(name, results)


def _agree(name: str, results: samples.Document) -> None:
    before = copy.deepcopy(results)
    outputs = reports.render_all(results)
    view = document.read(results)
    assert results == before, f"{name}: the document was changed"
    counts = Counter({verdict: count for verdict, count in results["counts"].items() if count})
    extra = int(view.silent)

    page = read_html(outputs["report.html"]).walk()
    said = {e.attributes["data-verdict"]: e for e in page if "data-verdict" in e.attributes}
    assert {key: int(e.attributes["data-count"] or "") for key, e in said.items()} == dict(
        results["counts"]
    ), name
    shown = Counter(e.attributes["data-result"] for e in page if "data-result" in e.attributes)
    assert shown == counts, name

    suite = ET.fromstring(outputs["junit.xml"]).find("testsuite")
    assert suite is not None
    kinds = Counter(child.tag for case in suite.iter("testcase") for child in case)
    assert int(suite.get("tests", "")) == len(view.cases) + extra
    assert int(suite.get("failures", "")) == kinds["failure"]
    assert int(suite.get("errors", "")) == kinds["error"]
    assert int(suite.get("skipped", "")) == kinds["skipped"]

    points = read_tap(outputs["results.tap"])
    assert len(points) == len(view.cases) + extra
    red = sum(not point.ok and point.directive is None for point in points)
    assert red == kinds["failure"] + kinds["error"], name
    assert sum(point.directive is not None for point in points) == kinds["skipped"], name
    known = any(case.standing is Standing.KNOWN for case in view.cases)
    assert view.verdict == "conforming" or red or known, f"{name} looks green"

    summary = terminal.summary(results, colour=False, width=100)
    assert +count_in_summary(summary) == counts, name
    assert summary.startswith(("✓ CONFORMING\n", "✗ NON-CONFORMING\n", "? INCOMPLETE\n"))


def test_identical_results_give_identical_files() -> None:
    for _, results in _documents():
        assert reports.render_all(results) == reports.render_all(copy.deepcopy(results))


def test_many_results_stay_quick_and_small() -> None:
    outputs = reports.render_all(samples.huge(400))
    assert len(outputs["report.html"]) < 1_000_000
    assert len(read_tap(outputs["results.tap"])) == 400


def test_half_a_megabyte_of_text_does_not_reach_the_outputs() -> None:
    outputs = reports.render_all(samples.hostile())
    assert all(len(content) < 1_000_000 for content in outputs.values())
