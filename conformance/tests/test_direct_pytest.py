"""pytest called directly on the orchestration."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.orchestration.layout import ROOT


def run(checkout, *arguments):
    folder = ROOT / "conformance" / "orchestration"
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(folder), *map(str, arguments)],
        env=checkout.environment(),
        cwd=checkout.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_one_item_for_each_case_and_mode(checkout, more):
    library = checkout.library(
        {"recv/cancelled": "fail", "send/cancelled": "inconclusive", "accept/advice": "warn"}
    )
    done = run(checkout, "--provider", library, "-rs", *more)
    assert done.returncode == 1
    assert "2 failed, 12 passed, 2 skipped" in done.stdout
    assert "fail (expectation): WSPRecv after a cancel: expected" in done.stdout
    assert "inconclusive: not proved: blocked" in done.stdout
    assert "Traceback" not in done.stdout and "conductor.py" not in done.stdout
    results = checkout.results()
    assert results["counts"]["fail"] == 2 and results["counts"]["warn"] == 2


def test_ids_name_provider_case_and_mode(checkout):
    done = run(checkout, "--collect-only", "-q")
    assert done.returncode == 0
    assert "providers/reference/provider.toml::recv/cancelled[ws2_32]" in done.stdout
    assert "16 tests collected" in done.stdout
    assert not (checkout.root / "build/certify/reference/results.json").exists()


def test_options_select(checkout):
    done = run(checkout, "--case", "recv/*", "--mode", "direct", "--out", "here")
    assert done.returncode == 0 and "1 passed" in done.stdout
    assert (checkout.root / "here/results.json").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--provider", "unknown"], "there is no provider unknown"),
        (["--case", "nothing"], "--case nothing is no case"),
    ],
)
def test_a_mistake_is_one_sentence(checkout, arguments, complaint):
    done = run(checkout, *arguments)
    assert done.returncode == 4
    assert complaint in done.stderr and "Traceback" not in done.stderr


def test_the_folder_holds_no_tests_of_its_own(checkout):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "conformance", "--collect-only", "-q", "-p", "no:xdist"],
        cwd=ROOT,
        env=checkout.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "provider.toml" not in done.stdout
    assert "conformance/orchestration" not in done.stdout
