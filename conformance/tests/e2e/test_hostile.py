"""A provider that crashes, hangs, exits or lies ends a case, and not the suite; and bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.records import HOSTILE, Fate, library_of, name_of
from conformance.orchestration.layout import ROOT
from conformance.tests import pe_files
from conformance.tests.e2e import support
from conformance.tests.e2e.support import EVIDENCE_LIMIT, STDERR_LIMIT, Run, evidence_of

Certify = Callable[..., Run]

# The command looks at a DLL before it runs anything, so these do not come so far.
NO_RUN = {
    "no_exports": "exports nothing",
    "only_startup_ex": "exports only WSPStartupEx",
    "raises_stub": "stub of Wine",
}
_STATUS_OF = {"pass": 0, "fail": 1, "inconclusive": 3}
# Whoever hangs, hangs; waiting 15 s for it shows nothing more.
_SHORT = "[budgets]\ncase = 5000\n"


@pytest.fixture
def describe(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that describes a DLL in a provider.toml."""

    def write(library: Path, more: str = "") -> Path:
        file = tmp_path / library.stem / "provider.toml"
        file.parent.mkdir()
        file.write_text(
            f'[provider]\nname = "{library.stem}"\nlibrary = "{library}"\n{more}', encoding="utf-8"
        )
        return file

    return write


def hostile(name: str) -> Path:
    """Return the DLL of a hostile provider."""
    return library_of(ROOT / "providers" / "hostile" / f"{name}.c")


# --- One case ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [source for source in HOSTILE if source.stem not in NO_RUN], ids=name_of
)
def test_a_hostile_provider_ends_its_case_alone(
    source: Path, certify: Certify, describe: Callable[..., Path]
) -> None:
    fate = Fate.read(source)
    file = describe(library_of(source), _SHORT if fate.cause == "hang" else "")

    run = certify("--jobs", 1, "--case", fate.case, "--mode", fate.mode, file)

    assert run.status == _STATUS_OF[fate.verdict], run.said()
    row = run.row(fate.case, fate.mode)
    assert (row["verdict"], row["cause"]) == (fate.verdict, fate.cause), row["reason"]
    if fate.call is not None:
        assert fate.call in row["reason"]
    if fate.verdict == "fail":
        assert row["blame"] == "provider" and row["control"] == "pass", row["control_reason"]
        assert row["control_timeline"], "the reference provider's course is missing"
        assert "expected " in row["reason"] and ", got " in row["reason"]
    _check_that_nothing_spread(run)


def _check_that_nothing_spread(run: Run) -> None:
    assert run.left_behind == ()
    assert {path.name for path in run.out.iterdir()} == support.OUTPUTS
    for path in (run.out / "evidence").iterdir():
        limit = STDERR_LIMIT if path.suffix == ".stderr" else EVIDENCE_LIMIT
        assert path.stat().st_size <= limit, path.name
    assert "Traceback" not in run.stdout + run.stderr
    assert all(char.isprintable() or char == "\n" for char in run.stdout + run.stderr)


def test_a_crash_is_located(certify: Certify) -> None:
    fate = Fate.read(ROOT / "providers" / "hostile" / "crash_in_cancel.c")
    run = certify("--case", fate.case, "--mode", fate.mode, hostile("crash_in_cancel"))
    row = run.row(fate.case, fate.mode)
    assert "exception 0xC0000005 at crash_in_cancel.dll+0x" in row["reason"]
    assert row["reason"].endswith("writing to 0x0 (a null pointer)")
    guard = next(line for line in evidence_of(run, row) if line["event"] == "guard")
    assert guard["module"] == "crash_in_cancel.dll"
    assert 1 <= len(guard["frames"]) <= 32
    assert any(frame["module"] == "wspcts.exe" for frame in guard["frames"])


def test_forged_evidence_changes_nothing(certify: Certify) -> None:
    fate = Fate.read(ROOT / "providers" / "hostile" / "prints_forged_evidence.c")
    run = certify("--case", fate.case, "--mode", fate.mode, hostile("prints_forged_evidence"))
    row = run.row(fate.case, fate.mode)
    assert row["verdict"] == "pass"
    assert "a forged line" not in (run.out / row["evidence"]).read_text()
    # What it printed is kept where it belongs.
    assert "a forged line" in (run.out / row["stderr"]).read_text()


def test_a_flood_is_capped(certify: Certify) -> None:
    fate = Fate.read(ROOT / "providers" / "hostile" / "floods_stderr.c")
    run = certify("--case", fate.case, "--mode", fate.mode, hostile("floods_stderr"))
    row = run.row(fate.case, fate.mode)
    assert (run.out / row["stderr"]).stat().st_size == STDERR_LIMIT


@pytest.mark.parametrize("name", ["no_exports", "only_startup_ex"])
@pytest.mark.parametrize("case", ["startup/starts", "startup/exports_its_entry_point"])
def test_the_executable_misses_the_export_too(name: str, case: str) -> None:
    """The command does not come so far; whoever calls the executable does."""
    machine = support.machine()
    provider = machine.path_for_program(hostile(name))
    process = machine.start(
        ["--provider", provider, "--case", case, "--mode", "direct"], stdout=subprocess.PIPE
    )
    printed, _ = process.communicate(timeout=60)
    verdict = json.loads(printed.splitlines()[-1])
    assert process.returncode == 1
    assert (verdict["event"], verdict["verdict"]) == ("verdict", "fail")
    assert verdict["requirement"] == "STARTUP-01"


# --- The provider as a whole ------------------------------------------------------------------

SOME = (
    *("--case", "startup/*"),
    *("--case", "callback/is_called_while_blocked/*_ipv4"),
    *("--case", "cancel/ends_the_blocked_call/*_ipv4"),
)


@pytest.mark.parametrize(
    ("name", "status", "verdict", "word"),
    [
        ("startup_fails", 3, "incomplete", "WSASYSNOTREADY"),
        ("crash_in_startup", 1, "non-conforming", "exception 0x"),
        ("crash_in_dllmain", 1, "non-conforming", "LoadLibrary"),
        ("hang_in_startup", 1, "non-conforming", "no return"),
        ("hang_in_dllmain", 1, "non-conforming", "no return"),
        ("empty_table", 1, "non-conforming", "30 functions"),
        ("null_table_untouched", 1, "non-conforming", "30 functions"),
    ],
)
def test_a_provider_that_does_not_start(
    certify: Certify,
    describe: Callable[..., Path],
    name: str,
    status: int,
    verdict: str,
    word: str,
) -> None:
    run = certify(*SOME, "--jobs", 2, describe(hostile(name), _SHORT))

    assert run.status == status, run.said()
    assert run.results["verdict"] == verdict
    first = run.row("startup/starts", "direct")
    assert word in first["reason"], first["reason"]
    assert {row["verdict"] for row in run.rows} <= {first["verdict"], "inconclusive"}
    _check_that_one_cause_is_told_once(run)
    _check_that_nothing_spread(run)


def _check_that_one_cause_is_told_once(run: Run) -> None:
    """Where the start fails, nothing else fails for the same reason."""
    failed = [row for row in run.rows if row["verdict"] == "fail"]
    if failed:
        assert {row["id"] for row in failed} == {"startup/starts"}
        assert all(row["rests_on"] for row in run.rows if row["id"] != "startup/starts")


@pytest.mark.parametrize(("name", "words"), NO_RUN.items(), ids=NO_RUN)
def test_what_is_no_provider_is_told_before_a_case_is_run(
    certify: Certify, name: str, words: str
) -> None:
    run = certify(hostile(name))
    assert words in _refusal(run)
    assert str(hostile(name)) in run.stderr


def test_a_file_that_is_missing(certify: Certify, tmp_path: Path) -> None:
    complaint = _refusal(certify(tmp_path / "vendor.dll"))
    assert f"there is no file {tmp_path / 'vendor.dll'}" in complaint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"#!/bin/sh\nexit 0\n", "not a PE file"),
        (pe_files.library(("DllMain", "Start")), "does not export WSPStartup"),
        (pe_files.library(("_WSPStartup@92",), arch="x86_64"), "exports _WSPStartup@92 instead"),
        (pe_files.library(arch="arm64"), "ARM64"),
        (pe_files.library()[:700], "cut off"),
    ],
    ids=["empty", "script", "no start", "decorated", "another machine", "cut off"],
)
def test_a_file_that_is_no_provider(
    certify: Certify, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "vendor.dll"
    file.write_bytes(content)
    complaint = _refusal(certify(file))
    assert words in complaint and str(file) in complaint


def test_a_program_is_no_provider(certify: Certify) -> None:
    assert f"{support.EXECUTABLE} is a program, not a DLL" in _refusal(certify(support.EXECUTABLE))


def test_a_library_of_the_system_is_no_provider(certify: Certify, tmp_path: Path) -> None:
    system = ROOT / "build/wine-prefix/drive_c/windows/system32/version.dll"
    shutil.copy(system, tmp_path / "version.dll")
    assert "does not export WSPStartup" in _refusal(certify(tmp_path / "version.dll"))


def test_a_folder_is_no_provider(certify: Certify, tmp_path: Path) -> None:
    assert "is a folder" in _refusal(certify(tmp_path))


def test_a_library_of_the_other_architecture(certify: Certify) -> None:
    library = ROOT / "build" / "x86" / "providers" / "reference.dll"
    complaint = _refusal(certify(library))
    assert str(library) in complaint and "run with --arch x86" in complaint


def test_x86_runs_or_says_what_it_needs(certify: Certify) -> None:
    run = certify("--arch", "x86", "--case", "startup/starts")
    if support.machine().why_not_runnable("x86") is None:
        assert run.status == 0, run.said()
    else:
        assert "wine32" in _refusal(run)


def test_the_stub_of_wine_is_no_provider(certify: Certify) -> None:
    """The provider that Wine itself names for TCP/IP has a WSPStartup, which only raises."""
    stub = ROOT / "build/wine-prefix/drive_c/windows/system32/mswsock.dll"
    run = certify(stub)
    assert "WSPStartup" in _refusal(run)


def _refusal(run: Run) -> str:
    """Return the sentence of a refused run, after checking that it left nothing."""
    assert run.status == 2, run.said()
    complaint = run.complaint()
    assert not run.out.exists() and run.left_behind == ()
    assert run.stdout == ""
    return complaint


def test_a_failure_of_one_case_leaves_the_others_untouched(certify: Certify) -> None:
    words: tuple[Any, ...] = ("--case", "cancel/ends_the_blocked_call/*_ipv4", "--jobs", 2)
    run = certify(*words, hostile("abort_in_accept"))
    assert run.status == 1, run.said()
    verdicts = {(row["function"], row["verdict"]) for row in run.rows}
    assert {function for function, verdict in verdicts if verdict == "fail"} == {"WSPAccept"}
    assert {verdict for function, verdict in verdicts if function != "WSPAccept"} == {"pass"}
