"""Results documents for the tests: hand-made ones that read like real runs, and random ones."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

CATALOGUE = [
    ("STARTUP-01", "MUST", "The DLL exports WSPStartup by that name.", "WSPStartup"),
    ("CBC-01", "MUST", "A cancel of a blocked call on its own thread returns 0.", "seed S1, S4"),
    (
        "CBC-02",
        "MUST",
        "The cancelled call fails with WSAEINTR: SOCKET_ERROR, or INVALID_SOCKET for accept and"
        " join.",
        "WSPCancelBlockingCall; seed S1, S10",
    ),
    ("CBC-07", "MUST", "Without any blocking call, cancelling fails with WSAEINVAL.", "seed S6"),
    ("CBC-09", "MUST", "After a cancelled call has returned, nothing is left to cancel.", "S6"),
    (
        "BHK-01",
        "MUST",
        "A call that blocks asks for the thread's blocking callback.",
        "WPUQueryBlockingCallback, ov:blocking-hook-2",
    ),
    (
        "BHK-05",
        "SHOULD",
        "The callback is called again and again while the call is blocked.",
        "ov:blocking-hook-2",
    ),
    (
        "ACCEPT-03",
        "MUST",
        "A listener whose accept was cancelled accepts the next connection.",
        "WSPAccept",
    ),
    ("STICKY-01", "MUST", "A cancel ends no later call.", "derived"),
    ("RACE-05", "MUST", "A call that was not cancelled never fails with WSAEINTR.", "derived"),
    ("PCS-02", "MUST", "After a cancelled receive the socket can be closed.", "WSPCloseSocket"),
    ("CBC-06", "INFO", "What a NULL lpErrno does is recorded.", "WSPCancelBlockingCall"),
    ("OVL-01", "MAY", "An overlapped operation may outlive the cancel.", "WSPRecv"),
]
LEVELS = {key: level for key, level, _, _ in CATALOGUE}
FUNCTIONS = {
    "connect": "WSPConnect",
    "accept": "WSPAccept",
    "select": "WSPSelect",
    "recv": "WSPRecv",
    "recvfrom": "WSPRecvFrom",
    "send": "WSPSend",
}
VERDICTS = ("pass", "warn", "fail", "inconclusive", "not-applicable", "error")
ORDER = ("none", "not-applicable", "pass", "warn", "inconclusive", "error", "fail")
HOSTILE = [
    "</script></style><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>",
    "\x1b[2J\x1b[1;32mconforming\x1b[0m\r\x07\x00",
    "one\nok 1 - forged\nnot ok 2 - forged\n1..0\nBail out! forged\n  ...\n---",
    "gepr\u202eüft\u2066\u2069\u200b\ufeff\u2028\u2029",
    "\ud800 half a pair \udfff \uffff \ufdd0",
    "{{ 7 * 7 }} {% raw %} & <b> \" ' ]]> <!-- # \\ # TODO x",
    "x" * 500_000,
    "Z" + "\u0336\u0301" * 200,
    "מלך العرب",
    "",
]
REPRO = "scripts/certify --debug --case '{id}' --mode {mode} --seed 20260114 acme/acmewsp.dll"


def document(cases: list[Document], **changes: Any) -> Document:
    """Return a whole document around `cases`, its sums and verdicts worked out."""
    modes = [m for m in ("direct", "ws2_32", "no-callback") if any(c["mode"] == m for c in cases)]
    result: Document = {
        "schema": "wspcts-results/1",
        "suite": {
            "version": "1.0.0",
            "commit": "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc",
            "cases": 214,
            "cases_sha256": "9c" * 32,
        },
        "provider": {
            "name": "acme",
            "library": "acme/acmewsp.dll",
            "sha256": "3f8a0b5c" * 8,
            "file_version": "4.2.1108.0",
            "description": "ACME Secure Transport 4.2 (TCP/IP)",
            "arch": "x86_64",
        },
        "platform": {"os": "Debian GNU/Linux 12 (bookworm)", "wine": "wine-8.0", "cpu_count": 8},
        "run": {
            "started": "2026-01-14T09:26:53+01:00",
            "finished": "2026-01-14T09:27:14+01:00",
            "duration_s": 20.71,
            "seed": 20260114,
            "jobs": 2,
            "selection": None,
            "command": "scripts/certify --jobs 2 acme/acmewsp.dll",
        },
        "qualifier": None,
        "verdict": conformance(cases),
        "verdict_by_mode": {
            mode: conformance([case for case in cases if case["mode"] == mode]) for mode in modes
        },
        "counts": {v: sum(case["verdict"] == v for case in cases) for v in VERDICTS},
        "cases": cases,
        "requirements": [requirement(row, cases) for row in CATALOGUE],
    }
    return result | changes


def conformance(cases: list[Document]) -> str:
    """Return the verdict over a provider, as the design defines it."""
    must = [case["verdict"] for case in cases if case["level"] == "MUST"]
    if "fail" in [case["verdict"] for case in cases]:
        return "non-conforming"
    return "incomplete" if "inconclusive" in must or "error" in must else "conforming"


def requirement(row: tuple[str, str, str, str], cases: list[Document]) -> Document:
    """Return one row of the catalogue with its verdict."""
    key, level, text, source = row
    mine = [case for case in cases if key in case["by_requirement"]]
    worst = max((case["by_requirement"][key] for case in mine), key=ORDER.index, default="none")
    ids = sorted({case["id"] for case in mine})
    return {
        "id": key,
        "level": level,
        "text": text,
        "source": source,
        "verdict": worst,
        "cases": ids,
    }


def case(id: str, mode: str, requirement: str, verdict: str = "pass", **changes: Any) -> Document:
    """Return one result."""
    function = FUNCTIONS.get(id.split("/")[0], "WSPCancelBlockingCall")
    result: Document = {
        "id": id,
        "mode": mode,
        "function": function,
        "requirements": [requirement],
        "requirement": requirement,
        "by_requirement": {requirement: verdict},
        "level": LEVELS[requirement],
        "verdict": verdict,
        "cause": "expectation" if verdict == "fail" else None,
        "blame": {"pass": None, "error": "environment"}.get(verdict, "provider"),
        "reason": None if verdict == "pass" else f"{function}: something else was expected",
        "choice": None,
        "known_deviation": None,
        "control": "pass" if verdict == "fail" else None,
        "rests_on": None,
        "duration_ms": 41.7,
        "evidence": f"evidence/{id.replace('/', '.')}.{mode}.jsonl",
        "repro": REPRO.format(id=id, mode=mode),
        "does": f"cancels a blocked {function} from its blocking callback",
        "must": f"{function} fails with WSAEINTR",
    }
    return result | changes


def course() -> list[Document]:
    """The steps of a call that is cancelled and goes on until its time is over."""
    late = "SOCKET_ERROR with WSAETIMEDOUT (10060)"
    rows = [
        (0, "several", "main", "provider", "prepares: 12 calls", None, None),
        (9_075, "call", "T1", "provider", "WSPRecv(stream socket, 64 bytes)", None, 13),
        (9_383, "callback", "provider", "T1", "callback 1", None, 13),
        (9_502, "cancel", "T1", "provider", "WSPCancelBlockingCall", "0", 14),
        (9_509, "answer", "T1", "provider", "FALSE", None, 13),
        (5_012_634, "return", "provider", "T1", late, None, 13),
        (5_012_661, "unmet", "main", "main", "WSPRecv after the cancel", late, None),
    ]
    keys = ("t", "kind", "start", "end", "text", "answer", "spi")
    return [dict(zip(keys, row)) for row in rows]


def control_course() -> list[Document]:
    """The same steps in the hands of the reference provider, where the call is interrupted."""
    returned = {"t": 9_533, "text": "SOCKET_ERROR with WSAEINTR (10004)"}
    return [{**step, **returned} if step["kind"] == "return" else step for step in course()[:-1]]


def told(what: str, expected: list[str], seen: str) -> Document:
    """Return the fields that say what was expected and seen."""
    reason = f"{what}: expected {' or '.join(expected)}, got {seen}"
    return {"reason": reason, "expected": expected, "seen": seen}


def conforming() -> Document:
    """A full run in which everything passes but one warning and what does not apply."""
    return document(_matrix())


def _matrix() -> list[Document]:
    cases = [case("startup/exports_wspstartup", "no-callback", "STARTUP-01")]
    for name in FUNCTIONS:
        for family in ("tcp4", "tcp6"):
            for mode in ("direct", "ws2_32"):
                cases.append(
                    case(f"{name}/cancelled_from_blocking_callback_{family}", mode, "CBC-02")
                )
                cases.append(case(f"{name}/asks_for_callback_{family}", mode, "BHK-01"))
    cases.append(case("idle/no_call_ever_made", "direct", "CBC-07"))
    cases.append(case("recv/cancelled_twice", "direct", "CBC-09"))
    for mode in ("direct", "ws2_32"):
        cases.append(case("accept/listener_survives_cancel", mode, "ACCEPT-03"))
        cases.append(case("recv/cancel_is_not_sticky", mode, "STICKY-01"))
        cases.append(case("recv/closes_after_cancel", mode, "PCS-02"))
    cases.append(
        case(
            "recv/callback_comes_again",
            "ws2_32",
            "BHK-05",
            "warn",
            **told("callbacks while WSPRecv was blocked for 300 ms", ["2 or more"], "1"),
        )
    )
    cases.append(
        case("idle/null_errno", "direct", "CBC-06", choice="returns SOCKET_ERROR, no fault")
    )
    cases.append(
        case(
            "recv/overlapped_outlives_cancel",
            "direct",
            "OVL-01",
            "not-applicable",
            reason="the description says the provider has no overlapped operations, and"
            " WSPRecv says WSAEOPNOTSUPP (10045)",
        )
    )
    return cases


def non_conforming() -> Document:
    """Several failures of several kinds, one of them known, and one case left open."""
    cases = _matrix()
    for one in cases:
        name = one["function"]
        if one["id"].startswith(("recv/cancelled_from", "recvfrom/cancelled_from")):
            if one["mode"] == "direct":
                _fail(
                    one,
                    **told(
                        f"{name} after the cancel",
                        ["SOCKET_ERROR with WSAEINTR (10004)"],
                        "SOCKET_ERROR with WSAETIMEDOUT (10060) after 5003 ms",
                    ),
                )
        if one["id"] == "accept/listener_survives_cancel":
            _fail(
                one,
                **told(
                    "WSPAccept of the next connection",
                    ["a socket", "INVALID_SOCKET with WSAEWOULDBLOCK (10035)"],
                    "INVALID_SOCKET with WSAENOTSOCK (10038)",
                ),
            )
            one["requirements"] = ["ACCEPT-03", "PCS-02"]
            one["by_requirement"] = {"ACCEPT-03": "fail", "PCS-02": "fail"}
        if one["id"] == "send/cancelled_from_blocking_callback_tcp4":
            _fail(
                one,
                cause="hang",
                reason="WSPSend did not return within 2 s of the callback's"
                " return; the process was ended with the call open",
            )
        if one["id"] == "idle/no_call_ever_made":
            _fail(
                one,
                known_deviation={
                    "case": one["id"],
                    "mode": "direct",
                    "expires": "2026-06-30",
                    "reason": "fixed in 4.3, ships in June",
                    "url": "https://bugs.example/1142",
                },
                **told(
                    "WSPCancelBlockingCall without any call",
                    ["SOCKET_ERROR with WSAEINVAL (10022)"],
                    "0",
                ),
            )
        if one["id"] == "recv/cancel_is_not_sticky":
            one |= {
                "verdict": "inconclusive",
                "by_requirement": {"STICKY-01": "inconclusive"},
                "blame": "environment",
                "rests_on": ["recv/cancelled_from_blocking_callback_tcp4"],
                "reason": "G6: the earlier call was not cancelled, so nothing can be left of it",
            }
    return document(cases)


def only_direct() -> Document:
    """Everything that fails does so only when called directly; run over a selection."""
    cases = _matrix()
    for one in cases:
        if one["id"] == "recv/cancelled_from_blocking_callback_tcp4" and one["mode"] == "direct":
            _fail(
                one,
                cause="crash",
                reason="the provider crashed in WSPCancelBlockingCall:"
                " access violation (0xC0000005) at acmewsp.dll+0x1a2c",
            )
    result = document(cases, qualifier="a selection: --case 'recv/*'; budget cancel 5000 ms (2000)")
    result["run"]["selection"] = {"case": ["recv/*"], "mode": None}
    return result


def incomplete() -> Document:
    """Nothing fails; some of it proves nothing."""
    cases = _matrix()
    for one in cases:
        if one["id"].startswith("connect/"):
            one |= {
                "verdict": "inconclusive",
                "blame": "environment",
                "by_requirement": {one["requirement"]: "inconclusive"},
                "reason": "G1: WSPConnect returned before it was seen to block",
            }
        if one["id"] == "select/asks_for_callback_tcp6" and one["mode"] == "ws2_32":
            one |= {
                "verdict": "error",
                "blame": "suite",
                "by_requirement": {"BHK-01": "error"},
                "reason": "the evidence has a gap after line 41",
            }
    return document(cases)


def hostile() -> Document:
    """A provider that tries to forge, hide and break out wherever text of its own is shown."""
    cases = _matrix()
    for place, one in enumerate(cases):
        text = HOSTILE[place % len(HOSTILE)]
        other = HOSTILE[(place + 3) % len(HOSTILE)]
        if place % 3 == 0:
            _fail(one, **told("seen " + text, [text, other], other))
            one["reason"] = one["reason"] or "ten letters"
        one |= {"choice": text, "stderr": text, "evidence": other, "repro": text or "x"}
        one |= {"does": other, "must": text, "rests_on": [text]}
    result = document(cases, qualifier=HOSTILE[2])
    evil = "".join(HOSTILE[:6])
    result["provider"] |= {
        "name": evil,
        "library": evil,
        "description": HOSTILE[6] + evil,
        "file_version": evil,
    }
    result["platform"]["os"] = evil
    result["run"] |= {"command": [evil, evil], "selection": {evil: [evil]}, "started": evil}
    result["suite"]["commit"] = evil
    return result


def _fail(one: Document, **changes: Any) -> None:
    one |= {"verdict": "fail", "cause": "expectation", "blame": "provider", "control": "pass"}
    one |= {"by_requirement": {one["requirement"]: "fail"}}
    one |= changes


def silent() -> Document:
    """Incomplete though nothing is red: a MUST was not run."""
    return document(_matrix()[:3], verdict="incomplete", qualifier="a selection")


def small() -> Document:
    """One result of each verdict, for the golden files."""
    one = "recv/cancelled_from_blocking_callback"
    expectation = told(
        "WSPRecv after the cancel",
        ["SOCKET_ERROR with WSAEINTR (10004)"],
        "SOCKET_ERROR with WSAETIMEDOUT (10060) after 5003 ms",
    )
    courses = {"timeline": course(), "control_timeline": control_course()}
    return document(
        [
            case("startup/exports_wspstartup", "no-callback", "STARTUP-01"),
            case("recv/callback_comes_again", "ws2_32", "BHK-05", "warn"),
            case(one, "direct", "CBC-02", "fail", **courses, **expectation),
            case(one, "ws2_32", "CBC-02", choice="WSPRecv is interrupted"),
            case("recv/cancel_is_not_sticky", "direct", "STICKY-01", "inconclusive", rests_on=one),
            case("recv/overlapped_outlives_cancel", "direct", "OVL-01", "not-applicable"),
            case("send/asks_for_callback", "direct", "BHK-01", "error"),
        ]
    )


def huge(results: int = 3000) -> Document:
    """Many results, a third of them failures."""
    cases = []
    for place in range(results):
        one = case(f"recv/situation_{place:05}", "direct", "CBC-02")
        if place % 3 == 0:
            _fail(one, **told("WSPRecv after the cancel", ["WSAEINTR (10004)"], f"{place}"))
        cases.append(one)
    return document(cases)


SAMPLES = {
    make.__name__: make
    for make in (conforming, non_conforming, only_direct, incomplete, hostile, silent)
}
