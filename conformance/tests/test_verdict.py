"""The verdict on one finished process."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from conformance.orchestration import evidence, verdict
from conformance.orchestration.cases import Case
from conformance.orchestration.evidence import Evidence
from conformance.orchestration.lattice import worst_within
from conformance.orchestration.verdict import Ending

CASE = Case(
    "recv/x", "WSPRecv", ("CBC-02", "RECV-01"), "MUST", ("direct",), "does", "must"
)
STATUS = {"pass": 0, "warn": 0, "fail": 1, "inconclusive": 77, "not-applicable": 77, "error": 99}


class Book:
    """Evidence in the making."""

    def __init__(self, *proofs: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.add("case", id="recv/x", mode="direct", proofs=list(proofs))
        self.add("spi", phase="enter", call="WSPStartup", spi=1)
        self.add("spi", phase="leave", call="WSPStartup", spi=1)

    def add(self, event: str, **fields: Any) -> Book:
        number = len(self.lines) + 1
        head = {"n": number, "run": "r", "t": number, "thread": "main", "event": event}
        self.lines.append({**head, **fields})
        return self

    def expect(self, met: bool, otherwise: str = "fail", **fields: Any) -> Book:
        usual = {
            "requirement": "CBC-02",
            "what": "WSPRecv after a cancel",
            "acceptable": ["A", "B"],
            "seen": "C",
            "cause": "expectation",
            "blame": "provider",
            "rests_on": None,
        }
        return self.add("expect", **{**usual, "met": met, "otherwise": otherwise, **fields})

    def read(self) -> Evidence:
        text = "".join(json.dumps(each) + "\n" for each in self.lines)
        return evidence.parse(text.encode(), "r")

    def judge(self, status: int | None = 0, *gates: str, **ending: Any) -> verdict.Verdict:
        return verdict.judge(CASE, "direct", self.read(), Ending(status, 20_000, **ending), gates)

    def closed(self, said: str | None = None) -> verdict.Verdict:
        """Close with the verdict line that the lines add up to, or another one."""
        computed = verdict.compute(CASE, self.read()).verdict
        self.add("verdict", verdict=said or computed)
        return self.judge(STATUS[said or computed])


# --- Computed from the lines ------------------------------------------------------------------


def test_all_met_and_proved_is_a_pass():
    book = Book("blocked").add("proof", proof="blocked", how="seen").expect(True)
    found = book.closed()
    assert (found.verdict, found.cause, found.blame, found.reason) == ("pass", None, None, None)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_worst_unmet_line_decides_in_every_combination(length):
    kinds = ["not-applicable", "warn", "inconclusive", "fail", "error"]
    for combination in itertools.product(kinds, repeat=length):
        book = Book()
        for place, otherwise in enumerate(combination):
            blame = "suite" if otherwise == "error" else "provider"
            book.expect(False, otherwise, what=f"line {place}", blame=blame)
        found = book.expect(True).closed()
        worst = worst_within(combination)
        assert found.verdict == worst
        assert found.reason == f"line {combination.index(worst)}: expected A or B, got C"


def test_the_reason_is_that_of_the_first_line_with_the_worst_outcome():
    book = Book().expect(False, "warn", what="a").expect(False, what="b", requirement="RECV-01")
    found = book.expect(False, what="c").closed()
    assert found.reason == "b: expected A or B, got C"
    assert found.requirement == "RECV-01"
    assert (found.expected, found.seen) == (("A", "B"), "C")
    assert (found.cause, found.blame) == ("expectation", "provider")


def test_a_missing_proof_never_passes():
    found = Book("blocked", "callback").add("proof", proof="blocked").expect(True).closed()
    assert (found.verdict, found.blame) == ("inconclusive", "environment")
    assert found.reason == "not proved: callback"


def test_a_warning_with_a_missing_proof_is_inconclusive():
    found = Book("blocked").expect(False, "warn").closed()
    assert (found.verdict, found.reason) == ("inconclusive", "not proved: blocked")


def test_a_failure_needs_no_proof():
    assert Book("blocked").expect(False).closed().verdict == "fail"


def test_a_case_that_compares_nothing_is_an_error_of_the_suite():
    found = Book().closed()
    assert (found.verdict, found.blame) == ("error", "suite")


def test_what_the_provider_chose_is_kept():
    book = Book().expect(True).add("note", topic="choice", choice="returns 0")
    assert book.closed().choice == "returns 0"


# --- What rests on a failed gate --------------------------------------------------------------


def test_an_unmet_line_that_rests_on_a_failed_gate_is_taken_out():
    book = Book().expect(True).expect(False, requirement="RACE-05", rests_on="gate/a")
    book.add("verdict", verdict="fail")
    assert book.judge(1).verdict == "fail"
    found = book.judge(1, "gate/a")
    assert (found.verdict, found.rests_on) == ("pass", ("gate/a",))
    assert found.by_requirement["RACE-05"] == "inconclusive"


def test_a_case_whose_own_demand_is_taken_out_is_inconclusive():
    book = Book().expect(True, requirement="RECV-01").expect(False, rests_on="gate/a")
    book.add("verdict", verdict="fail")
    found = book.judge(1, "gate/a")
    assert (found.verdict, found.blame) == ("inconclusive", "provider")
    assert found.reason is not None and found.reason.startswith("rests on gate/a, which failed: ")
    assert found.by_requirement == {"CBC-02": "inconclusive", "RECV-01": "pass"}


def test_a_case_that_could_not_go_on_does_not_pass_because_a_gate_failed():
    book = Book("blocked").add("proof", proof="blocked", how="seen").expect(True)
    book.expect(False, "inconclusive", requirement=None, rests_on="gate/a")
    book.add("verdict", verdict="inconclusive")
    found = book.judge(77, "gate/a")
    assert (found.verdict, found.blame, found.rests_on) == (
        "inconclusive",
        "provider",
        ("gate/a",),
    )
    assert found.reason is not None and found.reason.startswith("rests on gate/a, which failed: ")


def test_another_failure_remains_one():
    book = Book().expect(False, rests_on="gate/a").expect(False, what="other")
    book.add("verdict", verdict="fail")
    assert book.judge(1, "gate/a").reason == "other: expected A or B, got C"


# --- By requirement ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "by"),
    [
        ([("CBC-02", True, "fail")], {"CBC-02": "pass", "RECV-01": "pass"}),
        (
            [("CBC-02", False, "fail"), ("RECV-01", True, "fail")],
            {"CBC-02": "fail", "RECV-01": "pass"},
        ),
        ([("CBC-02", False, "fail")], {"CBC-02": "fail", "RECV-01": "inconclusive"}),
        ([("CBC-02", False, "warn")], {"CBC-02": "warn", "RECV-01": "pass"}),
        (
            [("RACE-05", False, "fail"), ("CBC-02", True, "fail")],
            {"CBC-02": "pass", "RECV-01": "inconclusive", "RACE-05": "fail"},
        ),
        (
            [("CBC-02", False, "warn"), ("CBC-02", False, "fail")],
            {"CBC-02": "fail", "RECV-01": "inconclusive"},
        ),
        (
            [(None, False, "not-applicable")],
            {"CBC-02": "not-applicable", "RECV-01": "not-applicable"},
        ),
        ([(None, False, "inconclusive")], {"CBC-02": "inconclusive", "RECV-01": "inconclusive"}),
        (
            [("CBC-02", True, "fail"), (None, False, "error")],
            {"CBC-02": "error", "RECV-01": "error"},
        ),
    ],
)
def test_each_requirement_is_judged_by_its_own_lines(lines, by):
    book = Book()
    for requirement, met, otherwise in lines:
        blame = "suite" if otherwise == "error" else "provider"
        book.expect(met, otherwise, requirement=requirement, blame=blame)
    assert book.closed().by_requirement == by


def test_without_its_proof_no_requirement_of_the_case_passes():
    found = Book("blocked").expect(True).closed()
    assert set(found.by_requirement.values()) == {"inconclusive"}


def test_what_was_met_on_the_way_was_met_whatever_else_failed():
    book = Book("blocked").expect(True, requirement="STARTUP-01").expect(False)
    by = book.closed().by_requirement
    assert by == {"CBC-02": "fail", "RECV-01": "inconclusive", "STARTUP-01": "pass"}


# --- Verdict line, lines and exit status have to agree ----------------------------------------


def test_every_status_but_the_right_one_is_an_error():
    outcomes = {
        "pass": Book().expect(True),
        "warn": Book().expect(False, "warn"),
        "fail": Book().expect(False),
        "inconclusive": Book().expect(False, "inconclusive"),
        "not-applicable": Book().expect(False, "not-applicable"),
        "error": Book().expect(False, "error", blame="suite"),
    }
    for said, book in outcomes.items():
        book.add("verdict", verdict=said)
        for status in (0, 1, 3, 5, 77, 86, 99, 124, -9, 0xC0000005, None):
            found = book.judge(status)
            if status == STATUS[said]:
                assert found.verdict == said
            else:
                assert (found.verdict, found.blame) == ("error", "suite")


def test_a_verdict_line_that_its_lines_deny_is_an_error():
    found = Book().expect(False).closed("pass")
    assert (found.verdict, found.blame) == ("error", "suite")
    assert found.reason == "the executable says pass, its evidence adds up to fail"


def test_evidence_of_another_case_is_an_error():
    book = Book().expect(True)
    book.lines[0]["id"] = "recv/y"
    assert book.closed().reason == "the evidence is of recv/y in the mode direct"


def test_evidence_that_does_not_open_the_case_is_an_error():
    book = Book().expect(True)
    book.lines[0]["event"] = "note"
    assert book.closed().verdict == "error"


def test_a_gap_before_the_verdict_line_is_an_error():
    book = Book().expect(True).add("verdict", verdict="pass")
    for each in book.lines[2:]:
        each["n"] += 1
    found = book.judge(0)
    assert (found.verdict, found.blame) == ("error", "suite")
    assert found.reason is not None and "gap" in found.reason


def test_a_process_that_does_not_end_after_its_verdict_is_an_error():
    book = Book().expect(True).add("verdict", verdict="pass")
    assert book.judge(None, expired=True).verdict == "error"


def test_a_flood_is_an_error():
    assert Book().expect(True).judge(None, flooded=True).verdict == "error"


# --- Without a verdict line -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expired", "cause"),
    [
        (0, False, "exit"),
        (1, False, "exit"),
        (77, False, "exit"),
        (42, False, "exit"),
        (5, False, "crash"),
        (3, False, "exit"),
        (253, False, "crash"),
        (9, False, "crash"),
        (0xC0000005, False, "crash"),
        (-11, False, "crash"),
        (None, True, "hang"),
    ],
)
def test_a_process_that_ended_first_failed_whatever_its_status(status, expired, cause):
    book = Book().add("spi", phase="enter", call="WSPRecv", spi=2)
    found = book.judge(status, expired=expired)
    assert (found.verdict, found.cause, found.blame) == ("fail", cause, "provider")
    assert found.reason is not None
    assert found.reason.startswith("WSPRecv: expected to return, got ")
    assert found.by_requirement == {"CBC-02": "fail", "RECV-01": "fail"}


@pytest.mark.parametrize("kind", ["crash", "hang", "exit"])
@pytest.mark.parametrize("status", [0, 1, 86, 124, 5, 99])
def test_the_guard_knows_the_cause_whatever_the_status(kind, status):
    book = Book().add("spi", phase="enter", call="WSPRecv", spi=2)
    book.add("guard", kind=kind, call="WSPRecv", text="it was so")
    found = book.judge(status)
    assert (found.verdict, found.cause) == ("fail", kind)


@pytest.mark.parametrize("code", [0xC0000005, "0xC0000005", -0x3FFFFFFB])
def test_a_crash_is_described_by_code_module_and_offset(code):
    book = Book().add(
        "guard", kind="crash", call="WSPRecv", code=code, module="vendor.dll", offset=0x1A2B
    )
    assert book.judge(86).seen == "a crash with exception 0xC0000005 at vendor.dll+0x1a2b"


def test_a_crash_is_described_by_what_it_was_after():
    book = Book().add(
        "guard", kind="crash", call="WSPRecv", code="abort", text="abort() was called on T1"
    )
    assert book.judge(86).seen == "a crash: abort() was called on T1"


def test_a_guard_and_a_verdict_line_agree():
    book = Book().expect(True).add("guard", kind="crash", call="WSPRecv")
    book.add("verdict", verdict="fail", cause="crash")
    assert book.judge(86).cause == "crash"
    assert book.judge(0).verdict == "error"


def test_a_gap_without_a_verdict_line_does_not_hide_a_crash():
    book = Book().add("spi", phase="enter", call="WSPRecv", spi=2)
    book.lines[-1]["n"] = 9
    assert (book.judge(5).verdict, book.judge(5).cause) == ("fail", "crash")


def test_without_an_open_call_the_function_of_the_case_is_named():
    found = Book().judge(0)
    assert found.reason is not None and found.reason.startswith("WSPRecv, after its last call:")


@pytest.mark.parametrize(
    ("status", "blame"), [(99, "suite"), (1, "environment"), (53, "environment")]
)
def test_before_the_provider_is_loaded_nobody_blames_it(status, blame):
    found = verdict.judge(
        CASE, "direct", Evidence(), Ending(status, 20_000, complaint="no such case")
    )
    assert (found.verdict, found.blame) == ("error", blame)
    assert found.reason is not None and found.reason.endswith("no such case")


def test_a_deadline_before_the_provider_is_loaded_is_an_error_of_the_environment():
    found = verdict.judge(CASE, "direct", Evidence(), Ending(None, 20_000, expired=True))
    assert (found.verdict, found.blame) == ("error", "environment")


# --- Hangs and rescues, as the fuse counts them -----------------------------------------------


def hang_in(book: Book, status: int | None = 1, **ending: Any) -> str | None:
    found = book.judge(status, **ending)
    return verdict.hanging_function(CASE, found, book.read())


def test_hangs_are_counted_where_they_happened():
    open_send = Book().add("spi", phase="enter", call="WSPSend", spi=2)
    assert hang_in(open_send, None, expired=True) == "WSPSend"
    assert hang_in(Book().add("guard", kind="hang", call="WSPSelect"), 124) == "WSPSelect"
    assert hang_in(Book().add("guard", kind="crash", call="WSPSelect"), 86) is None


def test_rescues_are_counted_where_they_were_needed():
    book = Book().add("note", topic="rescue", text="WSPAccept: its peer lets it complete")
    book.expect(False).add("verdict", verdict="fail")
    assert hang_in(book) == "WSPAccept"


def test_an_unmet_end_of_a_call_is_counted():
    book = Book().expect(False, cause="hang", what="the second WSPConnect")
    assert hang_in(book.add("verdict", verdict="fail")) == "WSPConnect"
    book = Book().expect(False, cause="hang", what="the blocked call")
    assert hang_in(book.add("verdict", verdict="fail")) == "WSPRecv"


def test_a_case_that_passes_is_not_counted():
    book = Book().add("note", topic="rescue", text="WSPAccept").expect(True)
    assert hang_in(book.add("verdict", verdict="pass"), 0) is None


def test_a_verdict_survives_its_plain_form():
    found = Book().expect(False).closed()
    assert verdict.Verdict.of(json.loads(json.dumps(found.plain()))) == found
