"""The exit status says what the reports say: 0 where nothing is red, and nowhere else."""

from __future__ import annotations

import pytest

import reports
from conformance.orchestration.exits import exit_status
from reports.tests import generator, samples
from reports.tests.readers import reading_of_ctrf, reading_of_junit, reading_of_tap

GENERATED = 240
BATCHES = 4
FILES = ["junit.xml", "results.tap", "ctrf.json"]


def is_red(results: samples.Document) -> bool:
    """Say what a CI system that reads nothing but the files would make of the run."""
    junit, tap, ctrf = (reports.render_all(results, FILES)[name] for name in FILES)
    said = {
        "red" in (reading.standing or {}).values()
        for reading in (reading_of_junit(junit), reading_of_tap(tap), reading_of_ctrf(ctrf))
    }
    assert len(said) == 1
    return said.pop()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_exit_status_is_0_where_nothing_is_red(batch: int) -> None:
    for seed in range(batch, GENERATED, BATCHES):
        results = generator.document(seed)
        assert (exit_status(results) != 0) == is_red(results), f"generated {seed}"


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_the_exit_status_of_the_samples(name: str) -> None:
    results = samples.SAMPLES[name]()
    assert (exit_status(results) != 0) == is_red(results)


def test_the_generated_runs_end_in_every_way() -> None:
    statuses = {exit_status(generator.document(seed)) for seed in range(GENERATED)}
    assert statuses == {0, 1, 3, 4}


def _known(*, allow: bool, **changes: object) -> samples.Document:
    deviation = {"case": "recv/x", "reason": "later", "expired": False} | changes
    case = samples.case("recv/x", "direct", "CBC-02", "fail", known_deviation=deviation)
    resting = samples.case("recv/y", "direct", "CBC-01", "inconclusive", rests_on=["recv/x"])
    results = samples.document([case, resting])
    results["run"]["allow_known_deviations"] = allow
    return results


def test_a_known_failure_is_green_where_the_run_allows_it_with_what_rests_on_it() -> None:
    assert (exit_status(_known(allow=True)), is_red(_known(allow=True))) == (0, False)


def test_a_known_failure_alone_leaves_a_run_red_that_does_not_allow_it() -> None:
    results = _known(allow=False)
    results = samples.document(results["cases"][:1])
    assert (exit_status(results), is_red(results)) == (1, True)


def test_an_expired_one_is_red_whatever_the_run_allows() -> None:
    results = _known(allow=True, expired=True, expires="2020-01-01")
    assert (exit_status(results), is_red(results)) == (4, True)
