"""The command, interrupted, killed, or beside another one: nothing is left, nothing is mixed up."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from conformance.tests.certified import OUTPUTS, row_of, verdicts


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("to_all", [False, True])
def test_an_interruption_leaves_nothing_behind(checkout, jobs, number, to_all):
    library = checkout.library({"recv/cancelled": "hang_hard", "send/cancelled": "hang_hard"})
    process = checkout.begin("--jobs", jobs, library)
    deadline = time.monotonic() + 30
    while not any("recv/cancelled" in words for words in checkout.processes()):
        assert time.monotonic() < deadline and process.poll() is None
    if to_all:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    printed, complaint = process.communicate(timeout=30)
    assert process.returncode == 130, complaint
    assert complaint.strip().splitlines()[-1] == (
        "certify: interrupted; no results were written."
    )
    assert "Traceback" not in complaint
    assert checkout.remaining() == []
    assert not (checkout.root / "build/certify/vendor").exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_kill_leaves_no_process_and_the_next_run_clears_up(checkout, jobs):
    hanging = {"is": "hang", "seconds": 1000}
    library = checkout.library({"recv/cancelled": hanging, "send/cancelled": hanging})
    process = checkout.begin("--jobs", jobs, library)
    deadline = time.monotonic() + 30
    while not any("recv/cancelled" in words for words in checkout.processes()):
        assert time.monotonic() < deadline and process.poll() is None
    process.kill()
    process.communicate(timeout=30)
    assert checkout.remaining() == []
    out = checkout.root / "build/certify/vendor"
    assert [path.name[:12] for path in out.iterdir()] == [".wspcts-run-"]
    assert checkout.certify(checkout.library()).returncode == 0
    assert {path.name for path in out.iterdir()} == OUTPUTS


def test_a_worker_that_dies_is_an_error_and_not_a_gap(checkout):
    """The result of its case is missing, and says so."""
    library = checkout.library({"recv/cancelled[direct]": {"is": "hang", "seconds": 5}})
    process = checkout.begin("--jobs", 2, library)
    deadline = time.monotonic() + 30
    worker = 0
    while not worker:
        assert time.monotonic() < deadline and process.poll() is None
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                status = (folder / "status").read_text()
            except OSError:
                continue
            is_ours = str(checkout.root).encode() in words
            if is_ours and b"recv/cancelled\0--mode\0direct" in words:
                worker = int(status.partition("PPid:\t")[2].split()[0])
    os.kill(worker, signal.SIGKILL)
    process.communicate(timeout=60)
    results = checkout.results()
    row = row_of(results, "recv/cancelled[direct]")
    assert (row["verdict"], row["blame"]) == ("error", "suite")
    assert process.returncode == 3 and results["verdict"] == "incomplete"
    assert len(results["cases"]) == 16


def test_two_runs_side_by_side(checkout):
    library = checkout.library({"recv/cancelled": "fail"})
    runs = [checkout.begin("--out", checkout.root / name, library) for name in ("a", "b")]
    for run in runs:
        run.communicate(timeout=60)
        assert run.returncode == 1
    found = [json.loads((checkout.root / name / "results.json").read_text()) for name in "ab"]
    assert verdicts(found[0]) == verdicts(found[1])
