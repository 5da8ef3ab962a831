"""All outputs say the same: over the samples and 240 generated documents.

That the exit status says it, too, is shown in conformance/tests/test_exit_and_reports.py, because
the exit status is made in a room that this one knows nothing of.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import reports
from reports import document, terminal, words
from reports.model import Standing
from reports.tests import generator, samples
from reports.tests.readers import (
    Reading,
    read_markdown,
    read_tap,
    reading_of_ctrf,
    reading_of_html,
    reading_of_junit,
    reading_of_markdown,
    reading_of_summary,
    reading_of_tap,
)

GENERATED = 240
BATCHES = 8
COLOURS = {
    Standing.PASSED: "green",
    Standing.FAILED: "red",
    Standing.BROKEN: "red",
    Standing.STALE: "red",
    Standing.SKIPPED: "skipped",
    Standing.KNOWN: "skipped",
}


def _documents(batch: int = 0, batches: int = 1) -> Iterator[tuple[str, samples.Document]]:
    for name, make in list(samples.SAMPLES.items())[batch::batches]:
        yield name, make()
    for seed in range(batch, GENERATED, batches):
        yield f"generated {seed}", generator.document(seed)


def _readings(results: samples.Document) -> dict[str, Reading]:
    outputs = reports.render_all(results)
    return {
        "html": reading_of_html(outputs["report.html"]),
        "junit": reading_of_junit(outputs["junit.xml"]),
        "tap": reading_of_tap(outputs["results.tap"]),
        "ctrf": reading_of_ctrf(outputs["ctrf.json"]),
        "markdown": reading_of_markdown(outputs["summary.md"]),
        "terminal": reading_of_summary(terminal.summary(results, colour=False, width=100)),
    }


@pytest.mark.parametrize("batch", range(BATCHES))
def test_counts_and_verdicts_agree(batch: int) -> None:
    for name, results in _documents(batch, BATCHES):
        before = copy.deepcopy(results)
        readings = _readings(results)
        assert results == before, f"{name}: the document was changed"
        _agree(name, results, readings)


def _agree(name: str, results: samples.Document, readings: dict[str, Reading]) -> None:
    """Compare each reading with the document itself; what an output does not say is None."""
    view = document.read(results)
    standing = {case.name: COLOURS[case.standing] for case in view.cases}
    standing |= {trouble.name: "red" for trouble in view.troubles}
    expected = {
        "verdict": results["verdict"],
        "counts": +Counter(results["counts"]),
        "standing": standing,
        "healthy": "red" not in standing.values(),
    }
    for output, reading in readings.items():
        for what, value in expected.items():
            said = getattr(reading, what)
            assert said is None or said == value, f"{name}: {output} tells another {what}"
    assert view.is_fine == expected["healthy"], name


def test_every_output_says_what_it_can() -> None:
    readings = _readings(samples.non_conforming())
    silent = {
        (output, what)
        for output, reading in readings.items()
        for what, said in vars(reading).items()
        if said is None and what != "healthy"
    }
    assert silent == {
        ("tap", "verdict"),
        ("tap", "counts"),
        ("html", "standing"),
        ("markdown", "standing"),
        ("terminal", "standing"),
    }


def test_the_generated_documents_have_everything() -> None:
    views = [document.read(generator.document(seed)) for seed in range(GENERATED)]
    cases = [case for view in views for case in view.cases]
    seen = {(case.verdict, case.mode, case.level) for case in cases}
    verdicts = [key for key in words.VERDICTS if key != "none"]
    assert seen == {
        (verdict, mode, level)
        for verdict in verdicts
        for mode in words.MODES
        for level in words.LEVELS
    }
    assert {case.standing for case in cases} == set(Standing)
    assert any(case.excused and case.level == "MUST" for case in cases)
    assert {case.cause for case in cases} == {None, *words.CAUSES}
    assert {(view.verdict, view.is_fine) for view in views} == {
        (verdict, fine)
        for verdict in words.CONFORMANCE
        for fine in (True, False)
        if (verdict, fine) != ("incomplete", True)
    }
    assert {trouble.name for view in views for trouble in view.troubles} == {
        "verdict",
        "expectations",
    }
    assert max(view.total for view in views) >= 400


def test_a_run_of_no_cases_has_no_report(tmp_path: Path) -> None:
    results = samples.document([])
    with pytest.raises(reports.ResultsError, match="cases is empty"):
        reports.write_all(results, tmp_path)
    with pytest.raises(reports.ResultsError, match="cases is empty"):
        terminal.summary(results, colour=False, width=100)
    assert not list(tmp_path.iterdir())


def test_identical_results_give_identical_files() -> None:
    for _, results in _documents(0, 4):
        assert reports.render_all(results) == reports.render_all(copy.deepcopy(results))


def test_many_results_stay_quick_and_small() -> None:
    outputs = reports.render_all(samples.huge(400))
    assert len(outputs["report.html"]) < 1_000_000
    assert len(read_tap(outputs["results.tap"])) == 400
    assert len(read_markdown(outputs["summary.md"]).all("pre")) < 20


def test_half_a_megabyte_of_text_does_not_reach_the_outputs() -> None:
    outputs = reports.render_all(samples.hostile())
    assert all(len(content) < 1_000_000 for content in outputs.values())
