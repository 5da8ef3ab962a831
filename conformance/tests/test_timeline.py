"""The course of a case in few steps, made from its evidence."""

from __future__ import annotations

import json
from typing import Any

from conformance.orchestration import evidence
from conformance.orchestration.timeline import MOST_STEPS, timeline

RUN = "token"


Event = dict[str, Any]


def parsed(*events: Event) -> evidence.Evidence:
    """Return evidence of these events."""
    lines = [
        {"n": n, "run": RUN, "t": n * 1000, "thread": "main", **fields}
        for n, fields in enumerate(events, 1)
    ]
    found = evidence.parse(b"".join(json.dumps(line).encode() + b"\n" for line in lines), RUN)
    assert len(found.lines) == len(lines), found.malformed
    return found


def course(
    *events: Event, beside: evidence.Evidence | None = None
) -> list[tuple[str, str, str, str, str | None]]:
    """Return kind, lanes, text and answer of each step of some evidence."""
    steps = timeline(parsed(*events), beside)
    return [(s["kind"], s["start"], s["end"], s["text"], s["answer"]) for s in steps]


def case(function: str = "WSPRecv") -> dict[str, Any]:
    return {"event": "case", "id": "x", "mode": "direct", "proofs": [], "function": function}


def enter(call: str, spi: int, thread: str = "main", text: str = "") -> dict[str, Any]:
    told = {"event": "spi", "phase": "enter", "call": call, "spi": spi, "thread": thread}
    return {**told, "arguments": {"text": text}}


def leave(call: str, spi: int, thread: str = "main", outcome: str = "0") -> dict[str, Any]:
    told = {"event": "spi", "phase": "leave", "call": call, "spi": spi, "thread": thread}
    return {**told, "result": 0, "error": None, "outcome": outcome}


def whole(call: str, spi: int, thread: str = "main") -> list[dict[str, Any]]:
    return [enter(call, spi, thread), leave(call, spi, thread)]


def callback(nth: int, answer: str = "TRUE") -> list[dict[str, Any]]:
    told = {"event": "callback", "thread": "T1", "nth": nth, "call": "WSPRecv", "spi": 9}
    return [{**told, "phase": "enter"}, {**told, "phase": "leave", "answer": answer}]


def unmet(what: str, seen: str | None = None) -> dict[str, Any]:
    told = {"event": "expect", "what": what, "met": False, "otherwise": "fail"}
    return {**told, "blame": "provider", "seen": seen}


def note(topic: str, text: str) -> dict[str, Any]:
    return {"event": "note", "topic": topic, "text": text}


def test_what_is_prepared_and_cleaned_up_is_one_step_each():
    steps = course(
        case(),
        *whole("LoadLibrary", 1),
        *whole("WSPStartup", 2),
        *whole("WSPRecv", 3, "T1"),
        *whole("WSPCloseSocket", 4),
        *whole("WSPCleanup", 5),
    )
    assert steps == [
        ("several", "main", "provider", "prepares: 2 calls (LoadLibrary, WSPStartup)", None),
        ("call", "T1", "provider", "WSPRecv", "0"),
        ("several", "main", "provider", "cleans up: 2 calls", None),
    ]


def test_what_main_does_before_the_clients_is_preparation_even_if_it_is_the_same_call():
    steps = course(case(), *whole("WSPRecv", 1), *whole("WSPRecv", 2, "T1"))
    assert [step[3] for step in steps] == ["prepares: 1 call (WSPRecv)", "WSPRecv"]
    assert [step[3] for step in course(case(), *whole("WSPRecv", 1))] == ["WSPRecv"]


def test_a_clean_up_that_fails_is_told():
    fails = [enter("WSPCleanup", 3), leave("WSPCleanup", 3, outcome="-1")]
    steps = course(case(), *whole("WSPRecv", 1, "T1"), *whole("WSPCloseSocket", 2), *fails)
    assert steps[-1] == ("call", "main", "provider", "WSPCleanup", "-1")


def test_a_blocked_call_has_its_return_apart_and_the_cancel_stands_out():
    steps = course(
        case(),
        enter("WSPRecv", 9, "T1", "a socket"),
        callback(1)[0],
        *whole("WSPCancelBlockingCall", 10, "T1"),
        callback(1, "FALSE")[1],
        leave("WSPRecv", 9, "T1", "WSAEINTR"),
    )
    assert [(kind, text, answer) for kind, _, _, text, answer in steps] == [
        ("call", "WSPRecv(a socket)", None),
        ("callback", "callback 1", None),
        ("cancel", "WSPCancelBlockingCall", "0"),
        ("answer", "FALSE", None),
        ("return", "WSAEINTR", None),
    ]


def test_callbacks_that_let_the_call_go_on_are_counted_together():
    several = [line for nth in range(1, 15) for line in callback(nth)]
    steps = course(case(), enter("WSPRecv", 9, "T1"), *several, leave("WSPRecv", 9, "T1"))
    assert steps[1] == ("callback", "provider", "T1", "callbacks 1 to 14", "TRUE")
    assert len(steps) == 3


def test_what_was_not_met_in_the_preparation_is_told_with_its_call():
    steps = course(case(), *whole("LoadLibrary", 1), *whole("WSPStartup", 2), unmet("a table"))
    assert steps == [
        ("several", "main", "provider", "prepares: 1 call (LoadLibrary)", None),
        ("call", "main", "provider", "WSPStartup", "0"),
        ("unmet", "main", "main", "a table", None),
    ]


def test_a_long_course_is_cut_in_the_middle_and_says_so():
    calls = [line for spi in range(100) for line in whole("WSPRecv", spi, f"T{spi % 2}")]
    steps = course(case(), *calls)
    assert len(steps) == MOST_STEPS
    (gap,) = (step for step in steps if step[0] == "gap")
    assert gap[3] == f"{100 - (MOST_STEPS - 1)} steps left out"


def test_a_crash_is_told_on_the_lane_of_the_provider():
    crash = {"event": "guard", "kind": "crash", "call": "WSPRecv", "text": "an access violation"}
    steps = course(case(), enter("WSPRecv", 9, "T1"), crash)
    assert steps[-1] == ("guard", "provider", "provider", "an access violation", None)


def test_nothing_is_told_of_nothing():
    assert timeline(evidence.Evidence()) == []
    assert course(case()) == []


def test_a_peer_that_lets_a_call_complete_has_a_lane():
    rescue = {"event": "note", "topic": "rescue", "text": "WSPRecv: its peer lets it complete"}
    steps = course(case(), enter("WSPRecv", 9, "T1"), rescue)
    assert steps[-1][:3] == ("note", "main", "peer")


def test_what_the_peer_does_is_told_on_its_lane():
    steps = course(case(), enter("WSPRecv", 9, "T1"), note("peer", "sends 64 bytes"))
    assert steps[-1] == ("note", "main", "peer", "sends 64 bytes", None)


def test_what_was_not_met_is_told_with_what_was_seen():
    steps = course(case(), *whole("WSPRecv", 1, "T1"), unmet("WSPRecv after a cancel", "WSAEINVAL"))
    assert steps[-1] == ("unmet", "main", "main", "WSPRecv after a cancel", "WSAEINVAL")


def test_an_option_set_in_the_preparation_is_a_step_of_its_own():
    option = enter("WSPSetSockOpt", 2, text="stream socket, SO_RCVTIMEO")
    prepared = [*whole("WSPSocket", 1), option, leave("WSPSetSockOpt", 2)]
    steps = course(case(), *prepared, *whole("WSPConnect", 3), *whole("WSPRecv", 4, "T1"))
    assert [step[3] for step in steps] == [
        "prepares: 3 calls (WSPSocket, WSPSetSockOpt, WSPConnect)",
        "WSPSetSockOpt(stream socket, SO_RCVTIMEO)",
        "WSPRecv",
    ]


def test_the_preparation_says_how_often_a_call_is_made():
    steps = course(case(), *whole("WSPStartup", 1), *whole("WSPStartup", 2), *whole("X", 3, "T1"))
    assert steps[0][3] == "prepares: 2 calls (2 WSPStartup)"


def given_up() -> dict[str, Any]:
    return {"event": "upcall", "call": "WPUCloseSocketHandle", "thread": "T1", "outcome": "0"}


def test_the_book_keeping_of_handles_is_told_only_where_it_was_not_as_expected():
    calls = [case(), *whole("WSPRecv", 1, "T1"), given_up()]
    assert [step[0] for step in course(*calls)] == ["call"]
    failed = parsed(*calls, unmet("WPUCloseSocketHandle calls for the closed socket", "2"))
    assert [step["kind"] for step in timeline(failed)] == ["call", "upcall", "unmet"]
    assert [step[0] for step in course(*calls, beside=failed)] == ["call", "upcall"]


def test_a_course_beside_a_failure_begins_where_that_one_does():
    calls = [*whole("LoadLibrary", 1), *whole("WSPBind", 2)]
    failed = parsed(case(), *calls, unmet("WSPBind"))
    passes = [case(), *calls, *whole("WSPRecv", 3, "T1")]
    assert [step[3] for step in course(*passes, beside=failed)] == [
        "prepares: 1 call (LoadLibrary)",
        "WSPBind",
        "WSPRecv",
    ]
    assert len(course(*passes)) == 2


def test_callbacks_of_several_threads_in_turn_are_counted_for_each():
    def of(thread: str, spi: int, nth: int) -> list[dict[str, Any]]:
        told = {"event": "callback", "thread": thread, "nth": nth, "call": "WSPRecv", "spi": spi}
        return [{**told, "phase": "enter"}, {**told, "phase": "leave", "answer": "TRUE"}]

    turns = [line for nth in range(1, 6) for line in (*of("T1", 8, nth), *of("T2", 9, nth))]
    calls = [enter("WSPRecv", 8, "T1"), enter("WSPRecv", 9, "T2")]
    steps = course(case(), *calls, *turns, leave("WSPRecv", 8, "T1"), *of("T2", 9, 6))
    assert [(step[2], step[3]) for step in steps] == [
        ("provider", "WSPRecv"),
        ("provider", "WSPRecv"),
        ("T1", "callbacks 1 to 5"),
        ("T2", "callbacks 1 to 5"),
        ("T1", "0"),
        ("T2", "callback 6"),
    ]
    (first, _), (second, _) = of("T1", 8, 1), of("T2", 9, 1)
    _, answer = of("T1", 8, 1)
    steps = course(case(), *calls, first, second, answer)
    assert [(step[3], step[4]) for step in steps[2:]] == [("callback 1", "TRUE"), ("callback 1", None)]


def test_a_callback_during_which_another_thread_calls_has_its_answer_apart():
    asked, answered = callback(1)
    calls = [enter("WSPRecv", 9, "T1"), asked, *whole("WSPCancelBlockingCall", 10, "T2"), answered]
    assert [step[0] for step in course(case(), *calls)] == ["call", "callback", "cancel", "answer"]


def test_once_the_thread_does_more_its_callbacks_are_counted_anew():
    first = [line for nth in range(1, 5) for line in callback(nth)]
    second = [line for nth in range(5, 9) for line in callback(nth)]
    steps = course(case(), enter("WSPRecv", 9, "T1"), *first, *whole("WSPSend", 10, "T1"), *second)
    told = [step[3] for step in steps]
    assert told == ["WSPRecv", "callbacks 1 to 4", "WSPSend", "callbacks 5 to 8"]


def test_of_a_long_course_what_went_wrong_is_never_left_out():
    def calls(first: int) -> list[dict[str, Any]]:
        return [line for spi in range(first, first + 50) for line in whole("X", spi, f"T{spi % 2}")]

    steps = course(case(), *calls(0), unmet("this", "that"), *calls(50))
    assert len(steps) == MOST_STEPS
    wrong = steps.index(("unmet", "main", "main", "this", "that"))
    gaps = [place for place, step in enumerate(steps) if step[0] == "gap"]
    assert len(gaps) == 2 and gaps[0] < wrong < gaps[1]
    left_out = [int(steps[place][3].split()[0]) for place in gaps]
    assert sum(left_out) + MOST_STEPS - 2 == 101


def test_what_went_wrong_early_is_not_told_twice():
    calls = [line for spi in range(50) for line in whole("X", spi, f"T{spi % 2}")]
    steps = course(case(), *calls[:4], unmet("this"), *calls[4:])
    assert [step[0] for step in steps].count("unmet") == 1
    assert len(steps) == MOST_STEPS and steps[-1][3] == "X"
    assert [step[3] for step in steps if step[0] == "gap"] == ["16 steps left out"]


def test_what_went_wrong_a_little_later_needs_no_gap_before_it():
    calls = [line for spi in range(50) for line in whole("X", spi, f"T{spi % 2}")]
    steps = course(case(), *calls[:40], unmet("this"), *calls[40:])
    assert [step[0] for step in steps].index("unmet") == 20
    assert [step[3] for step in steps if step[0] == "gap"] == ["27 steps left out"]


def test_what_went_wrong_near_the_end_leaves_the_end_where_it_is():
    calls = [line for spi in range(50) for line in whole("X", spi, f"T{spi % 2}")]
    steps = course(case(), *calls[:80], unmet("this"), *calls[80:])
    assert len(steps) == MOST_STEPS and steps[-1][3] == "X"
    assert [step[0] for step in steps].index("unmet") == MOST_STEPS - 11
    assert [step[3] for step in steps if step[0] == "gap"] == ["16 steps left out"]


def test_two_callbacks_stay_where_they_were():
    between = [{**line, "thread": "T2", "spi": 10} for line in callback(7)]
    steps = course(case(), enter("WSPRecv", 9, "T1"), *callback(1), *between, *callback(2))
    assert [step[3] for step in steps] == ["WSPRecv", "callback 1", "callback 7", "callback 2"]


def test_the_threads_that_the_provider_made_share_a_lane():
    upcalls = [{**given_up(), "call": "WPUPostMessage", "thread": f"thread-{n}"} for n in (308, 9)]
    steps = course(case(), enter("WSPRecv", 9, "T1"), *upcalls)
    assert [step[2] for step in steps] == ["provider", "its threads", "its threads"]
