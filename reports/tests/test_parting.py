"""Where the course of a failure and that of the reference provider part."""

from __future__ import annotations

from dataclasses import replace

from reports import document
from reports.model import Step
from reports.parting import NEVER, Parting, parting
from reports.tests import samples

INTR, LATE = "SOCKET_ERROR with WSAEINTR (10004)", "SOCKET_ERROR with WSAETIMEDOUT (10060)"


def call(text: str, answer: str | None = "0", thread: str = "T1", spi: int = 1) -> Step:
    return Step(0, "call", thread, "provider", text, answer, spi)


def back(text: str, thread: str = "T1", spi: int = 1) -> Step:
    return Step(0, "return", "provider", thread, text, None, spi)


def gap() -> Step:
    return Step(0, "gap", "main", "main", "9 steps left out", None, None)


def found(own: list[Step], control: list[Step]) -> Parting | None:
    (case,) = (case for case in document.read(samples.small()).cases if case.timeline)
    return parting(replace(case, timeline=tuple(own), control_timeline=tuple(control)))


def test_the_first_outcome_that_differs_is_found() -> None:
    own = [call("WSPRecv(a)", None), back(LATE), call("WSPSend(a)", "9")]
    control = [call("WSPRecv(b)", None), back(INTR), call("WSPSend(a)", "8")]
    assert found(own, control) == Parting(1, 1, "WSPRecv", "T1", LATE, INTR)


def test_who_of_two_threads_is_first_makes_no_difference() -> None:
    one, two = call("WSPRecv(a)", "5"), call("WSPSend(a)", "6", "T2")
    assert found([one, two], [two, one]) is None
    other = call("WSPSend(a)", "7", "T2")
    assert found([one, other], [two, one]) == Parting(1, 0, "WSPSend", "T2", "7", "6")


def test_a_call_that_never_comes_back_differs_from_one_that_does() -> None:
    own = [call("WSPAccept(a)", None), Step(9, "guard", "provider", "provider", "hang", None, None)]
    control = [call("WSPAccept(a)", None), back("a socket")]
    assert found(own, control) == Parting(0, 1, "WSPAccept", "T1", NEVER, "a socket")


def test_of_calls_within_each_other_the_inner_one_is_compared_first() -> None:
    outer, inner = call("WSPAccept", None, spi=1), call("WSPGetSockName", None, spi=2)
    control = [outer, replace(inner, answer="0"), back("a socket", spi=1)]
    assert found([outer, inner], control) == Parting(1, 1, "WSPGetSockName", "T1", NEVER, "0")


def test_once_other_calls_are_made_nothing_is_compared() -> None:
    own = [call("WSPRecv", "5"), call("WSPBind", "6"), call("WSPSend", "7")]
    control = [call("WSPRecv", "5"), call("WSPListen", "6"), call("WSPSend", "8")]
    assert found(own, control) is None


def test_beyond_a_gap_nothing_is_compared() -> None:
    assert found([gap(), call("WSPRecv", "5")], [gap(), call("WSPRecv", "6")]) is None
    assert found([call("WSPRecv", None), gap()], [call("WSPRecv", None), back("6")]) is None


def test_arguments_and_threads_of_the_provider_are_not_compared() -> None:
    assert found([call("WSPRecv(0x60)")], [call("WSPRecv(0x64)")]) is None
    own, control = call("X", "1", "thread-284"), call("X", "2", "thread-284")
    assert found([own], [control]) is None


def test_there_is_nothing_to_compare_with_nothing() -> None:
    assert found([call("WSPRecv")], []) is None and found([], [call("WSPRecv")]) is None
