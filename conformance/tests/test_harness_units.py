"""The harness's own unit tests: a Check suite, run as the executable is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from conformance.orchestration.layout import ROOT, Layout
from conformance.orchestration.machine import machine_for

TESTS = ROOT / "build" / "x86_64" / "harness_tests.exe"


@pytest.fixture(scope="module")
def run() -> Iterator[object]:
    """Run the program of the tests with some arguments."""
    assert TESTS.exists(), f"{TESTS.relative_to(ROOT)} is missing: make all"
    machine = machine_for(TESTS, Layout(ROOT), os.environ)

    def start(*arguments: str) -> tuple[int, str]:
        process = machine.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        printed, _ = process.communicate(timeout=120)
        return process.returncode, printed.decode("utf-8", "replace")

    with machine.session():
        yield start


def test_every_unit_test_of_the_harness_passes(run) -> None:
    status, printed = run()
    assert status == 0, printed
    assert "100%" in printed
    assert "Checks: 0" not in printed


def test_a_failing_assertion_is_seen_to_fail(run) -> None:
    status, printed = run("--prove-failure")
    assert status == 1, printed
    assert "Failures: 1" in printed, printed
