"""One fault of a provider is told once, as its own, and hides nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.detection.records import library_of
from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import Run

Certify = Callable[..., Run]

GATE = "callback/is_called_at_all"

# What is never called is not called any sooner within the whole budget.
_SHORT = "[budgets]\nhook = 200\n"

_NEEDS_NO_CALLBACK = (
    "startup/",
    "cancel/idle_after_startup",
    "sticky/early_cancels_spare_the_first_call/",
    "nonblocking/would_block/",
    "select/zero_timeout_only_asks/",
    "linger/decides_how_a_connection_ends/",
)
# Of these, which ask for the callback of a call that blocks.
_NEEDS_ONE = (
    "startup/latest_upcalls_are_used/",
    "startup/last_clean_up_ends_blocked_calls/",
    "startup/first_clean_up_spares_blocked_calls/",
    "startup/upcalls_are_copied/callback_of_",
    "startup/last_clean_up_resets_connections/receiving_",
    "startup/last_clean_up_resets_connections/cancelled_",
    "startup/unload_and_start_after_the_last/blocked",
    "startup/killed_process_disturbs_nobody/",
)


@pytest.mark.parametrize(
    ("name", "reason", "selection", "modes"),
    [
        ("callback_never_called", "the blocking callback", (), ("direct", "ws2_32")),
        (
            "callback_never_asked_for",
            "WPUQueryBlockingCallback",
            ("--mode", "ws2_32"),
            ("ws2_32",),
        ),
    ],
    ids=["never called", "never asked for"],
)
def test_who_calls_nobody_back_fails_once_in_each_mode(
    certify: Certify,
    tmp_path: Path,
    name: str,
    reason: str,
    selection: tuple[str, ...],
    modes: tuple[str, ...],
) -> None:
    """The first in a whole run; the other in one mode, as they differ in what is told only."""
    library = library_of(ROOT / "providers" / "flawed" / f"{name}.c")
    file = tmp_path / "provider.toml"
    file.write_text(f'[provider]\nlibrary = "{library}"\n{_SHORT}', encoding="utf-8")

    run = certify("--jobs", 1, *selection, file)

    assert run.status == 1, run.said()
    failed = [row for row in run.rows if row["verdict"] == "fail"]
    assert [(row["id"], row["mode"]) for row in failed] == [(GATE, mode) for mode in modes]
    for row in failed:
        assert row["requirement"] == "BHK-01" and row["control"] == "pass"
        assert row["reason"].startswith(reason), row["reason"]
        assert row["reason"].endswith("got not called"), row["reason"]
    for row in run.rows:
        told = f"{row['verdict']} {row['id']} [{row['mode']}]: {row['reason']}"
        needs_one = row["id"].startswith(_NEEDS_ONE) or not row["id"].startswith(_NEEDS_NO_CALLBACK)
        if row["mode"] == "no-callback" or not needs_one:
            assert row["verdict"] in ("pass", "not-applicable"), told
        elif row["verdict"] == "inconclusive":
            assert row["rests_on"] == [GATE] and GATE in row["reason"], told
        else:
            assert row in failed or row["verdict"] == "pass", told


def test_who_calls_back_in_some_calls_only_fails_for_the_others(certify: Certify) -> None:
    library = library_of(ROOT / "providers" / "flawed" / "connect_calls_nobody_back.c")

    words = ("--case", GATE, "--case", "callback/is_called_while_blocked/*")
    run = certify("--jobs", 1, *words, library)

    verdicts = {(row["id"].split("/")[-1], row["mode"]): row["verdict"] for row in run.rows}
    failed = {key for key, verdict in verdicts.items() if verdict == "fail"}
    assert failed == {("connect_ipv4", "direct"), ("connect_ipv4", "ws2_32")}
    for mode in ("direct", "ws2_32"):
        row = run.row("callback/is_called_while_blocked/connect_ipv6", mode)
        assert row["rests_on"] == ["callback/is_called_while_blocked/connect_ipv4"]
    others = {verdict for (name, _), verdict in verdicts.items() if not name.startswith("connect_")}
    assert others == {"pass"}


def test_who_refuses_a_call_that_is_to_block_is_to_blame(certify: Certify) -> None:
    """Nothing on a machine lets WSPConnect of a fresh socket end with WSAEALREADY."""
    library = library_of(ROOT / "providers" / "flawed" / "connect_waits_for_the_cancelled_one.c")
    case = "cancel/ends_the_call_promptly/connect_ipv4"

    run = certify("--jobs", 1, "--mode", "direct", "--case", case, library)

    row = run.row(case, "direct")
    assert (row["verdict"], row["blame"]) == ("inconclusive", "provider"), row["reason"]
    assert row["reason"].startswith("WSPConnect blocks (G1)"), row["reason"]
    assert row["reason"].endswith("got SOCKET_ERROR with WSAEALREADY (10037)"), row["reason"]
