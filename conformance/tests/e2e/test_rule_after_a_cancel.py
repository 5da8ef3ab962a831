"""The rule for the suite itself (PCS-04; S18, S19): what a case may demand after a cancel.

Of a socket on which a call other than WSPAccept or WSPSelect was cancelled a client can rely on
WSPCloseSocket alone. So no case may demand more of it, nor need more of it to go on. Two providers
that give no more show that none does: every case is run on them, and no result may be anything but
a pass. On the first every call but the close fails, each time with another code; on the second the
stream is reset, and every call fails with WSAECONNABORTED.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.records import VARIANTS, Variant, library_of
from conformance.orchestration.cases import Case, CaseList
from conformance.tests.copies import add_to_case_list, copy_of_project, run_in
from conformance.tests.e2e.support import Run, evidence_of

Certify = Callable[..., Run]

WSAEINTR = 10004
_SPENDING = {"WSPConnect", "WSPRecv", "WSPRecvFrom", "WSPSend"}

# Every call but closing fails, each time with another code.
REFUSES = "spent_socket_fails_differently"
# The connection is reset. This adds the peer's side only, for which one address family is enough.
RESETS = "aborts_a_cancelled_recv"

# What a case demands does not depend on who calls the cancel: ws2_32 would take as long again.
MODES = ("direct", "no-callback")


def source_of(name: str) -> Path:
    """Return the source of a variant."""
    return next(source for source in VARIANTS if source.stem == name)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "takes"),
    [
        (REFUSES, lambda case: "ipv6" not in case.id),
        (REFUSES, lambda case: "ipv6" in case.id),
        (RESETS, lambda case: "ipv6" not in case.id),
    ],
    ids=["refuses", "refuses over ipv6", "resets"],
)
def test_no_case_demands_more_than_closing(
    certify: Certify, case_list: CaseList, name: str, takes: Callable[[Case], bool], mode: str
) -> None:
    source = source_of(name)
    warned_by = Variant.read(source).warned_by
    cases = [
        case
        for case in case_list.cases
        if case.group == "default" and mode in case.modes and takes(case)
    ]
    words = [word for case in cases for word in ("--case", case.id)]

    run = certify("--jobs", 1, "--mode", mode, *words, library_of(source))

    judged = {row["id"] for row in run.rows}
    assert judged == {case.id for case in cases}
    too_much = [
        f"{row['verdict']} {row['id']} [{row['mode']}]: {row['reason']}"
        for row in run.rows
        if row["verdict"] not in _allowed(row, warned_by)
    ]
    assert not too_much, "\n".join(too_much)
    assert run.status == 0 and run.results["verdict"] == "conforming"


def _allowed(row: Mapping[str, Any], warned_by: tuple[str, ...]) -> tuple[str, ...]:
    """A warning is only for what the page advises: K11 of the catalogue, and nothing else."""
    is_advised = any(fnmatch.fnmatchcase(row["id"], pattern) for pattern in warned_by)
    return ("pass", "not-applicable", "warn") if is_advised else ("pass", "not-applicable")


def test_the_provider_that_refuses_does_refuse(certify: Certify) -> None:
    """The proof would be empty if its sockets still did anything."""
    case = "cancel/leaves_a_socket_that_answers"
    words = ("--mode", "direct", "--case", f"{case}/*")
    run = certify("--jobs", 1, *words, library_of(source_of(REFUSES)))

    assert {row["verdict"] for row in run.rows} == {"pass"}
    for row in run.rows:
        later = list(_after_the_cancel(evidence_of(run, row)))
        on_socket = [line for line in later if line["call"] not in _NEEDS_NO_SOCKET]
        refused = {line["error"] for line in on_socket if line["call"] != "WSPCloseSocket"}
        if row["id"].split("/")[-1].startswith(("recv", "recvfrom")):
            assert None not in refused and len(refused) >= 5, (row["id"], refused)
        else:
            # What it has reset already is spent in the way that S21 demands.
            assert None not in refused and refused, (row["id"], refused)
        closed = [line for line in on_socket if line["call"] == "WSPCloseSocket"]
        assert closed and all(line["error"] is None for line in closed)


_NEEDS_NO_SOCKET = {
    "WSPAddressToString",
    "WSPStringToAddress",
    "WSPSocket",
    "WSPCancelBlockingCall",
    "WSPCleanup",
    "FreeLibrary",
}


def _after_the_cancel(lines: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield how the calls returned that were made after one was cancelled on its socket."""
    cancelled = False
    for line in lines:
        if line["event"] == "spi" and line["phase"] == "leave":
            if cancelled:
                yield line
            cancelled = cancelled or (line["call"] in _SPENDING and line["error"] == WSAEINTR)


# --- That it can fail -------------------------------------------------------------------------

_CASE = """\
#include "harness/case.h"

enum { DEMANDED, NEEDED_TO_GO_ON };

static const struct case_row ways[] = {
    {.name = "demanded_ipv4", .family = AF_INET, .variant = DEMANDED},
    {.name = "needed_ipv4", .family = AF_INET, .variant = NEEDED_TO_GO_ON},
    {.name = NULL},
};

/* Receives on the socket whose WSPRecv was cancelled, as if that were promised. */
static void demands_too_much(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");
    struct stage *again = arrange_again(stage);
    struct demand demand = row->variant == DEMANDED ? MUST("PCS-01") : NEEDED("provider");

    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    peer_tries_to_send(stage->peer, "x", 1);
    join_completed(start_call(t1, &again->operation, GOES_ON), demand, ONE_OF(RETURNS(0)));
}

CASE(cancel, demands_too_much) = {
    .run = demands_too_much,
    .function = SPI_WSPRecv,
    .requirements = "PCS-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "receives on a socket after a cancelled WSPRecv",
    .must = "that works",
    .proofs = PROOF_STARTED | PROOF_CANCELLED,
    .rows = ways,
};
"""


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the project with a case that demands too much."""
    with copy_of_project(tmp_path / "project", ["x86_64"]) as root:
        file = root / "conformance" / "cases" / "cancel" / "demands_too_much.c"
        file.write_text(_CASE, encoding="utf-8")
        add_to_case_list(root, "X(cancel, demands_too_much)")
        built = run_in(root, "make build/x86_64/wspcts.exe")
        assert built.returncode == 0, built.stdout + built.stderr
        yield root


def test_a_case_that_demands_more_is_found_out(copy: Path) -> None:
    verdicts = {}
    for provider in ("reference", f"variants/{REFUSES}", f"variants/{RESETS}"):
        library = f"build/x86_64/providers/{provider}.dll"
        done = run_in(copy, f"scripts/certify --jobs 1 --case 'cancel/demands_*' {library}")
        file = copy / "build" / "certify" / Path(provider).name / "results.json"
        assert file.is_file(), done.stdout + done.stderr
        rows = json.loads(file.read_text(encoding="utf-8"))["cases"]
        verdicts[provider] = [row["verdict"] for row in rows]

    # On a provider that gives more, nobody would notice.
    assert verdicts.pop("reference") == ["pass", "pass"]
    assert set(map(tuple, verdicts.values())) == {("fail", "inconclusive")}
