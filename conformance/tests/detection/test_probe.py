"""The probe: what is the same in spite of chance, and what differs whatever the verdict."""

from __future__ import annotations

import json
from typing import Any

from conformance.detection.probe import (
    BOUNDARY,
    OBSERVED,
    Habits,
    Trace,
    calls_in,
    lines_of,
    trace_of,
)

Lines = list[dict[str, Any]]


def spi(call: str, outcome: str, thread: str = "T1", **more: Any) -> Lines:
    return [
        {"event": "spi", "phase": "enter", "call": call, "thread": thread, **more},
        {"event": "spi", "phase": "leave", "call": call, "thread": thread, "outcome": outcome},
    ]


def upcall(call: str, text: str) -> Lines:
    line = {"event": "upcall", "call": call, "thread": "T1", "outcome": "0"}
    return [{**line, "arguments": {"text": text}}]


def callback(nth: int = 1, context: str = "0xfedc", thread: str = "T1") -> Lines:
    line = {"event": "callback", "call": "WSPRecv", "thread": thread, "nth": nth}
    return [
        {**line, "phase": "enter", "context": context},
        {**line, "phase": "leave", "answer": "FALSE"},
    ]


def case(mode: str = "direct") -> Lines:
    return [{"event": "case", "mode": mode, "thread": "main"}]


def seen(what: str, outcome: str, *, met: bool = True) -> Lines:
    return [
        {
            "event": "expect",
            "what": what,
            "seen": outcome,
            "met": met,
            "acceptable": ["0"],
            "otherwise": "fail",
            "thread": "main",
        }
    ]


def trace(*parts: Lines) -> Trace:
    return trace_of(line for part in parts for line in part)


def habits(*traces: Trace) -> Habits:
    return Habits(traces)


def test_the_same_is_the_same() -> None:
    one = trace(case(), spi("WSPRecv", "0"), callback(), upcall("WPUCloseEvent", "0x64"))
    assert habits(one, one).differences(one) == []


def test_another_outcome_of_a_call_is_a_difference_at_the_boundary() -> None:
    usual = trace(spi("WSPRecv", "SOCKET_ERROR with WSAEINTR (10004)"))
    (told,) = habits(usual, usual).differences(trace(spi("WSPRecv", "0")))
    assert told.kind == BOUNDARY and told.family == ("leave", "WSPRecv")
    assert "WSAEINTR (10004)" in told.text and told.plain()["kind"] == "boundary"


def test_numbers_that_vary_on_the_reference_are_not_looked_at_and_others_are() -> None:
    one, other = trace(upcall("WPUX", "handle 0x64")), trace(upcall("WPUX", "handle 0x68"))
    again = trace(upcall("WPUX", "handle 0x70"))
    assert habits(one, other).differences(again) == []
    assert habits(one, one).differences(again) != []
    assert habits(one, other).differences(trace(upcall("WPUX", "nothing"))) != []


def test_how_often_counts_only_where_it_is_always_the_same() -> None:
    once = trace(callback())
    twice = trace(callback(), spi("WSPX", "0"), callback())
    assert habits(once, once).differences(twice) != []
    thrice = trace(callback(), spi("WSPX", "0"), callback(), spi("WSPX", "0"), callback())
    known = habits(once, twice)
    assert [it for it in known.differences(thrice) if it.family[0] == "callback"] == []


def test_how_often_a_callback_comes_is_a_matter_of_time() -> None:
    once, twice = trace(callback()), trace(callback(), callback(2))
    assert habits(once, once).differences(twice) == []


def test_a_repeated_callback_does_not_change_the_order_of_things() -> None:
    calls = [callback(nth) for nth in range(1, 9)]
    assert trace(*calls)[("order", "T1")] == trace(*calls[:3])[("order", "T1")]


def test_the_order_on_a_thread_counts() -> None:
    usual = trace(spi("WSPA", "0"), spi("WSPB", "0"))
    (told,) = habits(usual, usual).differences(trace(spi("WSPB", "0"), spi("WSPA", "0")))
    assert told.family == ("order", "T1") and told.kind == OBSERVED


def test_that_the_harness_calls_once_more_is_seen_at_second_hand() -> None:
    usual = trace(spi("WSPRecv", "0"))
    again = trace(spi("WSPRecv", "0"), spi("WSPRecv", "0"))
    assert {it.kind for it in habits(usual, usual).differences(again)} == {OBSERVED}
    other = trace(spi("WSPRecv", "0"), spi("WSPRecv", "1"))
    assert habits(usual, usual).differences(other)[0].kind == BOUNDARY


def test_a_crash_tells_more_than_what_comes_no_more_after_it() -> None:
    usual = trace(spi("WSPRecv", "0"), spi("WSPCleanup", "0"))
    guard = [{"event": "guard", "kind": "crash", "call": "WSPRecv", "thread": "T1"}]
    told = habits(usual, usual).differences(trace(spi("WSPRecv", "0"), guard))
    assert [it.family for it in told] == [("guard", "crash")]


def test_thread_and_context_of_a_callback_count() -> None:
    usual = trace(case(), callback())
    for other in (trace(case(), callback(thread="T7")), trace(case(), callback(context="0xdc"))):
        assert habits(usual, usual).differences(other)[0].kind == BOUNDARY


def test_a_context_belongs_to_one_call_of_one_thread() -> None:
    """Even where something wrong was seen, and what is missing says nothing any more."""

    def run(first: str, second: str, *, met: bool) -> Trace:
        other = callback(context="0x2", thread="T2")
        calls = [spi("WSPRecv", "0")[:1] + callback(context=it) for it in (first, second)]
        return trace(case(), *calls, other, seen("what was called back", "this", met=met))

    usual = run("0x1", "0x3", met=True)
    for first, second in (("0x1", "0x1"), ("0x2", "0x3")):
        (told, *_) = habits(usual, usual).differences(run(first, second, met=False))
        assert told.kind == BOUNDARY and told.family[0] == "context of callback"


def test_a_context_that_lies_in_the_dll_does_not_count() -> None:
    usual, other = (trace(case("ws2_32"), callback(context=it)) for it in ("0x200c7", "0x394"))
    assert habits(usual, usual).differences(other) == []


def test_what_the_reference_never_does_counts_even_where_it_varies() -> None:
    known = habits(trace(callback()), trace(callback(), callback(2)))
    (told, *_) = known.differences(trace(callback(), upcall("WPUPostMessage", "")))
    assert "the reference has none of it" in told.text


def test_whether_an_expectation_was_met_does_not_count() -> None:
    usual = trace(seen("WSPRecv", "0", met=True))
    assert habits(usual, usual).differences(trace(seen("WSPRecv", "0", met=False))) == []


def test_what_a_case_leaves_out_because_of_its_judgement_does_not_count() -> None:
    usual = trace(spi("WSPRecv", "0"), spi("WSPSend", "0"))
    broken_off = trace(spi("WSPRecv", "0"), seen("WSPRecv", "0", met=False))
    known = habits(usual, usual)
    assert [it.kind for it in known.differences(broken_off)] == [OBSERVED]
    other = trace(spi("WSPRecv", "1"), seen("WSPRecv", "0", met=False))
    assert known.differences(other)[0].family == ("leave", "WSPRecv")
    assert known.differences(trace(spi("WSPRecv", "0"))) != []


def test_what_was_seen_counts_last() -> None:
    usual = trace(seen("lpErrno", "untouched"), spi("WSPRecv", "0"))
    now = trace(seen("lpErrno", "written"), spi("WSPRecv", "1"))
    assert [it.kind for it in habits(usual, usual).differences(now)] == [BOUNDARY, OBSERVED]


def test_times_numbers_of_lines_and_the_name_of_the_dll_are_in_no_trace() -> None:
    load = {"event": "spi", "phase": "enter", "call": "LoadLibrary", "thread": "main"}
    one = trace([{**load, "n": 1, "t": 5, "run": "a", "arguments": {"text": "Z:\\a.dll"}}])
    other = trace([{**load, "n": 2, "t": 7, "run": "b", "arguments": {"text": "Z:\\b.dll"}}])
    assert one == other


def timed(milliseconds: int) -> Trace:
    enter, leave = spi("WSPCancelBlockingCall", "0")
    return trace([{**enter, "spi": 7, "t": 10}, {**leave, "spi": 7, "t": 10 + milliseconds * 1000}])


def test_a_call_that_takes_a_second_is_a_difference_and_less_is_a_busy_machine() -> None:
    usual = habits(timed(1), timed(2))
    assert usual.differences(timed(900)) == []
    (told,) = usual.differences(timed(1100))
    assert told.kind == BOUNDARY and told.family == ("takes long", "WSPCancelBlockingCall")
    assert habits(timed(1), timed(1100)).differences(timed(1100)) == []


def test_calls_and_upcalls_are_told_apart_from_the_rest() -> None:
    one = trace(spi("WSPRecv", "0"), upcall("WPUX", ""), seen("WSPSend", "0"))
    assert calls_in(one) == {"WSPRecv", "WPUX"}
    assert habits(one).knows("WPUX") and not habits(one).knows("WPUY")


def test_only_lines_with_the_token_of_the_run_are_evidence() -> None:
    texts = [
        json.dumps({"n": 1, "run": "ours", "event": "case"}),
        "no JSON",
        json.dumps({"n": 2, "run": "forged", "event": "spi"}),
        json.dumps(["a list"]),
        json.dumps({"n": 3, "run": "ours", "event": "spi"}),
    ]
    assert [line["n"] for line in lines_of("\n".join(texts).encode())] == [1, 3]
