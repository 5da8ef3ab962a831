"""The harness's own unit tests: a Check suite, run as the executable is."""

from __future__ import annotations

import json
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
        return process.returncode, printed.decode("utf-8", "surrogateescape")

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


def test_an_unknown_option_is_no_success(run) -> None:
    status, printed = run("--prove-failur")
    assert status == 99, printed
    assert printed.startswith("usage: ")


def test_evidence_that_is_hard_to_write_is_json(run) -> None:
    status, printed = run("--write-evidence")
    assert status == 0, printed
    assert "\r" not in printed and not any("\ud800" <= each <= "\udfff" for each in printed)
    lines = [json.loads(line) for line in printed.splitlines()]

    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["run"] for line in lines} == {"tests"}
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)
    plain, every_byte, quoted, overlong, nested, many, last = lines
    assert (plain["event"], plain["topic"], plain["text"]) == ("note", "plain", "text")
    assert every_byte["text"] == "".join(map(chr, range(1, 0x80))) + 0x80 * "\ufffd"
    assert (quoted["topic"], quoted["text"]) == ('"quoted\\\n\x1b[31m', "é\ufffd")
    assert set(overlong["text"]) == {'"'}
    assert [frame["i"] for frame in nested["frames"]] == list(range(len(nested["frames"])))
    assert nested["frames"][0]["text"].endswith('"[cut]')
    assert 0 < many["number"] < 1999
    assert (last["topic"], last["text"]) == ("last", "line")
