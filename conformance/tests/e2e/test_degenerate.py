"""Providers that are degenerate: hollow, broken, or rude but right. What becomes of each is known.

A hollow one answers and does nothing; it does not conform, and passes at most a tenth of what is
demanded. A broken one fails, with the right cause. A rude one comes to the verdicts of the
reference provider, case by case. None stops the run, and none leaves a process behind.

Here each is run on a selection, with budgets that are short where it only hangs. The whole runs
take minutes each: `pytest -m whole_runs conformance/tests/e2e/test_degenerate.py`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.records import DEGENERATE, HOSTILE, Degenerate, library_of, name_of
from conformance.tests.e2e import support
from conformance.tests.e2e.support import REFERENCE, Run

Certify = Callable[..., Run]

# A tenth of what is demanded, and no more, may be had for nothing.
MOST = 0.1

# Cases of every kind. The gates are left out, as those would keep everything else from being run,
# and nothing would be shown about it.
HOLLOW_SELECTION = (
    *("startup/clean_up_needs_a_start/*", "startup/calls_are_counted/*"),
    *("cancel/idle_writes_one_int", "cancel/idle_after_completion/recvfrom_ipv4"),
    *("cancel/ends_the_blocked_call/accept_ipv4", "cancel/ends_the_callbacks/recvfrom_ipv4"),
    *("callback/is_called_again_and_again/recvfrom_ipv4", "accept/listener_still_listens/ipv4"),
    *("nested/cancel_is_never_refused/recvfrom_ipv4", "nested/blocked_call_is_unharmed/acc*_ipv4"),
    *("select/zero_timeout_only_asks/ipv4", "nonblocking/would_block/recvfrom_ipv4"),
    *("close/gives_the_handle_up/recvfrom_ipv4", "sticky/two_cancels_spare_the_next_call/acc*v4"),
)
BROKEN_SELECTION = (
    *("startup/starts", "startup/opens_closes_and_cleans_up", "callback/is_called_at_all"),
    *("callback/runs_on_the_blocking_thread/receiving_ipv4", "cancel/ends_the_callbacks/recv_ipv4"),
    "cancel/ends_the_blocked_call/recv_ipv4",
)
RUDE_SELECTION = (
    *("startup/starts", "callback/is_called_at_all", "cancel/ends_the_callbacks/recv_ipv4"),
    *("cancel/ends_the_blocked_call/recv_ipv4", "accept/listener_still_listens/ipv4"),
)

# They only bound failures, and whoever hangs, hangs.
SHORT = "[budgets]\nhook = 300\ncancel = 300\ndata = 300\nquiet = 100\ncase = 2500\n"


def of_kind(kind: str) -> list[Path]:
    """Return the sources of one kind of degenerate provider."""
    return [source for source in DEGENERATE if Degenerate.read(source).kind == kind]


# Hostile ones that are right all the same.
RUDE = [
    *of_kind("rude"),
    *(source for source in HOSTILE if source.stem in ("prints_forged_evidence", "floods_stderr")),
]


def described(source: Path, folder: Path, more: str) -> Path:
    """Describe a DLL in a provider.toml."""
    file = folder / source.stem / "provider.toml"
    file.parent.mkdir()
    file.write_text(
        f'[provider]\nname = "{source.stem}"\nlibrary = "{library_of(source)}"\n{more}',
        encoding="utf-8",
    )
    return file


def words_for(patterns: tuple[str, ...]) -> list[str]:
    """Return the arguments that select cases."""
    return [word for pattern in patterns for word in ("--case", pattern)]


def test_there_are_enough_of_each_kind() -> None:
    kinds = [Degenerate.read(source).kind for source in DEGENERATE]
    assert len(kinds) >= 15
    for kind in ("hollow", "broken", "rude"):
        assert kinds.count(kind) >= 2


@pytest.mark.parametrize("source", of_kind("hollow"), ids=name_of)
def test_a_hollow_provider_passes_next_to_nothing(
    source: Path, certify: Certify, tmp_path: Path
) -> None:
    words = [*words_for(HOLLOW_SELECTION), "--mode", "direct"]
    run = certify("--jobs", 1, *words, described(source, tmp_path, SHORT))
    _check_that_it_is_hollow(run)


@pytest.mark.whole_runs
@pytest.mark.parametrize("source", of_kind("hollow"), ids=name_of)
def test_a_hollow_provider_passes_next_to_nothing_at_all(
    source: Path, certify: Certify, tmp_path: Path
) -> None:
    provider = described(source, tmp_path, SHORT)
    _check_that_it_is_hollow(certify("--jobs", 2, provider, deadline_s=7200))


def _check_that_it_is_hollow(run: Run) -> None:
    assert run.status == 1, run.said()
    demanded = [row for row in run.rows if row["level"] == "MUST"]
    passed = [row for row in demanded if row["verdict"] in ("pass", "warn")]
    assert len(passed) <= MOST * len(demanded), [_told(row) for row in passed]
    assert run.results["verdict"] == "non-conforming"
    _check_that_nobody_else_is_blamed(run)


@pytest.mark.parametrize("source", of_kind("broken"), ids=name_of)
def test_a_broken_provider_fails_with_the_right_cause(
    source: Path, certify: Certify, tmp_path: Path
) -> None:
    words = [*words_for(BROKEN_SELECTION), "--mode", "direct"]
    run = certify("--jobs", 1, *words, described(source, tmp_path, SHORT))
    _check_that_it_is_broken(run, Degenerate.read(source))


@pytest.mark.whole_runs
@pytest.mark.parametrize("source", of_kind("broken"), ids=name_of)
def test_a_broken_provider_fails_with_the_right_cause_in_a_whole_run(
    source: Path, certify: Certify, tmp_path: Path
) -> None:
    provider = described(source, tmp_path, SHORT)
    run = certify("--jobs", 2, provider, deadline_s=7200)
    _check_that_it_is_broken(run, Degenerate.read(source))


def _check_that_it_is_broken(run: Run, record: Degenerate) -> None:
    assert run.status == 1, run.said()
    failed = [row for row in run.rows if row["verdict"] == "fail"]
    caught = [
        row
        for row in failed
        if row["cause"] == record.cause
        and any(fnmatch.fnmatchcase(row["id"], pattern) for pattern in record.caught_by)
    ]
    assert caught, [_told(row) for row in run.rows]
    assert run.results["verdict"] == record.verdict
    _check_that_nobody_else_is_blamed(run)


RUDE_WORDS = ("--jobs", 1, "--mode", "direct", *words_for(RUDE_SELECTION))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what the reference provider comes to in the selection for the rude ones."""
    return support.certify(*RUDE_WORDS, REFERENCE, out=tmp_path_factory.mktemp("reference") / "out")


@pytest.mark.parametrize("source", RUDE, ids=name_of)
def test_a_rude_provider_gets_the_verdicts_of_the_reference(
    source: Path, certify: Certify, reference: Run
) -> None:
    run = certify(*RUDE_WORDS, library_of(source))
    _check_that_they_are_alike(run, reference)


@pytest.mark.whole_runs
@pytest.mark.parametrize("source", RUDE, ids=name_of)
def test_a_rude_provider_gets_the_verdicts_of_the_reference_in_a_whole_run(
    source: Path, certify: Certify, tmp_path: Path
) -> None:
    run = certify("--jobs", 2, library_of(source), deadline_s=7200)
    reference = certify("--jobs", 2, REFERENCE, out=tmp_path / "reference", deadline_s=7200)
    _check_that_they_are_alike(run, reference)


def _check_that_they_are_alike(run: Run, reference: Run) -> None:
    assert run.status == reference.status == 0, run.said()
    expected = {(row["id"], row["mode"]): row["verdict"] for row in reference.rows}
    different = [
        _told(row) for row in run.rows if row["verdict"] != expected[row["id"], row["mode"]]
    ]
    assert not different, "\n".join(different)
    assert len(run.rows) == len(reference.rows)
    assert run.results["verdict"] == reference.results["verdict"]
    assert run.left_behind == ()


def _check_that_nobody_else_is_blamed(run: Run) -> None:
    assert not [_told(row) for row in run.rows if row["verdict"] == "error"]
    assert run.left_behind == ()


def _told(row: Mapping[str, Any]) -> str:
    """Return what a result says, for the message of a failed test."""
    return f"{row['verdict']} {row['cause']} {row['id']} [{row['mode']}]: {row['reason']}"
