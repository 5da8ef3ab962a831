"""A whole provider that is not the reference provider's kin conforms, with either kind of handles.

The flawed providers and the variants are all layers over the reference provider, so that a case
which takes its ways for the rule would fail none of them. providers/apart was written from the
specification alone: one thread serves all sockets, overlapped calls are done by it, a cancel ends a
request and not a thread's wait, and a connection that a cancel has damaged is reset beneath a
handle that stays.

A row of each situation, half of them with either kind of handles, is what `make check` has time
for. The whole of it takes minutes:
`pytest -m whole_runs conformance/tests/e2e/test_apart.py`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.orchestration.cases import Case, CaseList
from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import PROVIDERS, Run

Certify = Callable[..., Run]

HANDLES_OF_WS2_32 = PROVIDERS / "apart.dll"
IFS_HANDLES = ROOT / "providers" / "apart" / "provider.toml"

HANDLES = ["created", "ifs"]

# Only a provider whose network can be brought down is asked about that, and only one that knows
# version 1.1 about that; this one refuses it, and any overlapped WSPIoctl. Handles of the system
# are no business of ws2_32.
NOT_ASKED = {
    "cancel/while_the_network_is_down",
    "close/ends_overlapped_calls/ioctl_*",
    "nested/version_1_1_allows_none/*",
    "overlapped/pending_call_cannot_be_cancelled/ioctl_*",
    "overlapped/survives_a_cancelled_call/*_beside_ioctl_*",
}
NOT_ASKED_OF_IFS = {"upcall/unknown_handle_is_no_socket/*", "upcall/refused_handle_is_told/*"}


@pytest.mark.parametrize(
    ("handles", "takes_even"), [(HANDLES_OF_WS2_32, True), (IFS_HANDLES, False)], ids=HANDLES
)
def test_a_provider_built_otherwise_passes_a_row_of_each_situation(
    certify: Certify, case_list: CaseList, handles: Path, takes_even: bool
) -> None:
    cases = _row_of_each_situation(case_list)[0 if takes_even else 1 :: 2]
    words = [word for case in cases for word in ("--case", case.id)]

    run = certify("--jobs", 1, "--mode", "direct", *words, handles)

    _has_passed(run, handles)
    assert {row["id"] for row in run.rows} == {case.id for case in cases}


@pytest.mark.whole_runs
@pytest.mark.parametrize("handles", [HANDLES_OF_WS2_32, IFS_HANDLES], ids=HANDLES)
def test_a_provider_built_otherwise_conforms(certify: Certify, handles: Path) -> None:
    run = certify("--jobs", 2, handles, deadline_s=1200.0)

    _has_passed(run, handles)
    assert run.results["qualifier"] is None


def _row_of_each_situation(case_list: CaseList) -> list[Case]:
    """Return the first case of each situation that is driven directly."""
    chosen: dict[str, Case] = {}
    for case in case_list.cases:
        if case.group == "default" and "direct" in case.modes:
            chosen.setdefault(_situation_of(case.id), case)
    return list(chosen.values())


def _situation_of(case: str) -> str:
    return "/".join(case.split("/")[:2])


def _is_one_of(case: str, patterns: set[str]) -> bool:
    return any(fnmatch.fnmatchcase(case, pattern) for pattern in patterns)


def _has_passed(run: Run, handles: Path) -> None:
    """Check that the provider conforms, and that nothing was left open or warned of."""
    not_asked = NOT_ASKED | (NOT_ASKED_OF_IFS if handles == IFS_HANDLES else set())
    others = [
        f"{row['verdict']} {row['id']} [{row['mode']}]: {row['reason']}"
        for row in run.rows
        if row["verdict"] != ("not-applicable" if _is_one_of(row["id"], not_asked) else "pass")
    ]
    assert not others, "\n".join(others)
    assert run.status == 0 and run.results["verdict"] == "conforming"
    assert run.left_behind == ()
