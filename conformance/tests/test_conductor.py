"""Gates, fuse and control, with a runner that only plays."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration import evidence
from conformance.orchestration.cases import Case, Item
from conformance.orchestration.conductor import FUSED_DEADLINE_MS, WINE_STUB, Conductor
from conformance.orchestration.fuse import Fuses
from conformance.orchestration.gates import Gates, in_stages
from conformance.orchestration.runner import Finished, Interrupted, Subject
from conformance.orchestration.stop import Stop
from conformance.orchestration.verdict import Ending

VENDOR = Subject("vendor", Path("vendor.dll"), (), (), 15_000, 60_000)
REFERENCE = Subject("reference", Path("reference.dll"), (), (), 15_000, 60_000)


def case(
    name: str,
    function: str = "WSPRecv",
    rests_on: Sequence[str] = (),
    gate: bool = False,
    modes: Sequence[str] = ("direct", "ws2_32"),
) -> Case:
    return Case(
        name, function, ("CBC-02",), "MUST", tuple(modes), "", "", tuple(rests_on), gate
    )


def plays(what: str, item: Item, function: str, **more: Any) -> tuple[Ending, bytes]:
    """Return what a process leaves that behaves in a certain way."""
    lines: list[dict[str, Any]] = [
        {"event": "case", "id": item.case, "mode": item.mode, "proofs": []},
        {"event": "spi", "phase": "enter", "call": function, "spi": 1},
    ]
    statuses = {"pass": 0, "warn": 0, "fail": 1, "rescue": 1, "inconclusive": 77, "hang": 124}
    status: int | None = statuses.get(what)
    if what == "crash":
        status = 86
        lines.append({"event": "guard", "kind": "crash", "call": function, **more})
    elif what == "hang":
        lines.append({"event": "guard", "kind": "hang", "call": function})
    elif what != "deadline":
        if what == "rescue":
            lines.append({"event": "note", "topic": "rescue", "text": f"{function}: closed"})
        lines[1]["phase"] = "leave"
        expect = {
            "event": "expect",
            "requirement": "CBC-02",
            "what": function,
            "acceptable": ["a"],
            "seen": "b",
            "met": what == "pass",
            "otherwise": "warn" if what == "warn" else "fail",
            "cause": "hang" if what == "rescue" else "expectation",
            "blame": "provider",
            "rests_on": None,
        }
        lines.append({**expect, **more})
        verdict = "fail" if what == "rescue" else what
        lines.append({"event": "verdict", "verdict": verdict})
    head = {"run": "r", "t": 1, "thread": "main"}
    text = "".join(json.dumps({"n": n, **head, **each}) + "\n" for n, each in enumerate(lines, 1))
    return Ending(status, 20_000, expired=what == "deadline"), text.encode()


Behaviour = Callable[[Subject, Item], Any]


class Player:
    """Plays a runner, and remembers how it was called."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.calls: list[tuple[str, str, tuple[str, ...], int | None]] = []

    def run(
        self,
        subject: Subject,
        case: Case,
        item: Item,
        *,
        stem: str | None = None,
        fuses: Sequence[str] = (),
        deadline_ms: int | None = None,
    ) -> Finished:
        self.calls.append((subject.name, item.name, tuple(fuses), deadline_ms))
        what = self.behaviour(subject, item)
        if isinstance(what, Exception):
            raise what
        more: dict[str, Any] = {}
        function = case.function
        if isinstance(what, tuple):
            what, more = what
            function = more.pop("function", function)
        ending, data = plays(what, item, function, **more)
        return Finished(ending, evidence.parse(data, "r"), Path(f"{item.stem}.jsonl"), None, 5.0)

    def ran(self) -> list[str]:
        return [name for _, name, _, _ in self.calls]


def conductor(
    tmp_path: Path, cases: Sequence[Case], behaviour: Behaviour, reference: Subject | None = None
) -> tuple[Conductor, Player]:
    player = Player(behaviour)
    fuses = Fuses(tmp_path / "hangs")
    by_id = {each.id: each for each in cases}
    return Conductor(player, by_id, VENDOR, reference, Gates(), fuses), player


def items(cases: Sequence[Case]) -> list[Item]:
    return [Item(each.id, mode) for each in cases for mode in each.modes]


# --- Gates ------------------------------------------------------------------------------------

START = case("startup/starts", "WSPStartup", gate=True, modes=("direct",))
GATE = case("cancel/works", rests_on=["startup/starts"], gate=True)
RESTING = case("recv/x", rests_on=["cancel/works"])
OTHER = case("recv/y")


def test_gates_run_first_each_after_those_it_rests_on():
    cases = [RESTING, GATE, OTHER, START]
    by_id = {each.id: each for each in cases}
    stages = in_stages(by_id, items(cases))
    assert [[item.case for item in stage] for stage in stages] == [
        ["startup/starts"],
        ["cancel/works", "cancel/works"],
    ]


def test_gates_that_rest_on_each_other_come_to_an_end():
    first = case("a/a", rests_on=["a/b"], gate=True)
    second = case("a/b", rests_on=["a/a"], gate=True)
    by_id = {"a/a": first, "a/b": second}
    stages = in_stages(by_id, items([first, second]))
    assert sum(len(stage) for stage in stages) == 4


def test_what_runs_alone_has_a_stage_of_its_own():
    alone = dataclasses.replace(case("cancel/down"), alone=True)
    by_id = {each.id: each for each in (alone, GATE, START)}
    stages = in_stages(by_id, items([alone, GATE, START]))
    assert [[item.name for item in stage] for stage in stages[2:]] == [
        ["cancel/down[direct]"],
        ["cancel/down[ws2_32]"],
    ]


def test_what_only_waits_waits_together_after_the_gates(tmp_path):
    waiting = [dataclasses.replace(case(f"connect/{name}"), waits=("direct",)) for name in "ab"]
    down = dataclasses.replace(case("cancel/down", modes=("direct",)), alone=True)
    cases = [*waiting, down, START, OTHER]
    by_id = {each.id: each for each in cases}
    names = [[item.name for item in stage] for stage in in_stages(by_id, items(cases))]
    together = ["connect/a[direct]", "connect/b[direct]"]
    assert names == [["startup/starts[direct]"], together, ["cancel/down[direct]"]]

    meeting = threading.Barrier(2, timeout=10)

    def play(subject, item):
        if item.name in together:
            meeting.wait()
        return "pass"

    conduct, player = conductor(tmp_path, cases, play)
    assert len(list(conduct.run_gates(items(cases), 1))) == 4


def test_gates_run_as_many_at_a_time_as_there_are_jobs(tmp_path):
    meeting = threading.Barrier(2, timeout=10)

    def play(subject, item):
        if item.case == "cancel/works":
            meeting.wait()
        return "pass"

    conduct, player = conductor(tmp_path, [START, GATE], play)
    results = list(conduct.run_gates(items([START, GATE]), 2))
    assert [result.item.name for result in results] == [
        "startup/starts[direct]",
        "cancel/works[direct]",
        "cancel/works[ws2_32]",
    ]


def test_an_interruption_during_the_gates_calls_the_run_off(tmp_path):
    called_off = threading.Event()

    def play(subject, item):
        if item.mode == "direct":
            raise Interrupted(item.name)
        assert called_off.wait(10), "it was not called off while another gate ran"
        return "pass"

    conduct, player = conductor(tmp_path, [GATE], play)
    conduct.call_off = called_off.set
    with pytest.raises(Interrupted):
        list(conduct.run_gates(items([GATE]), 2))


def test_so_does_one_while_gates_are_being_begun(tmp_path, monkeypatch):
    called_off = threading.Event()
    submit = ThreadPoolExecutor.submit

    def submit_interrupted(pool, function, item):
        if item.mode == "ws2_32":
            raise KeyboardInterrupt
        return submit(pool, function, item)

    def play(subject, item):
        assert called_off.wait(10), "it was not called off while another gate ran"
        return "pass"

    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit_interrupted)
    conduct, player = conductor(tmp_path, [GATE], play)
    conduct.call_off = called_off.set
    with pytest.raises(KeyboardInterrupt):
        list(conduct.run_gates(items([GATE]), 2))
    assert called_off.is_set()


def test_what_rests_on_a_failed_gate_is_not_run(tmp_path):
    cases = [START, GATE, RESTING, OTHER]
    bad = Item("cancel/works", "ws2_32")
    conduct, player = conductor(tmp_path, cases, lambda s, i: "fail" if i == bad else "pass")
    list(conduct.run_gates(items(cases)))
    results = {item: conduct.result_of(item) for item in items(cases)}
    verdicts = {item.name: result.verdict.verdict for item, result in results.items()}
    assert verdicts == {
        "startup/starts[direct]": "pass",
        "cancel/works[direct]": "pass",
        "cancel/works[ws2_32]": "fail",
        "recv/x[direct]": "pass",
        "recv/x[ws2_32]": "inconclusive",
        "recv/y[direct]": "pass",
        "recv/y[ws2_32]": "pass",
    }
    assert "recv/x[ws2_32]" not in player.ran()
    resting = results[Item("recv/x", "ws2_32")].verdict
    assert resting.rests_on == ("cancel/works",) and resting.blame == "provider"
    assert resting.reason is not None and "cancel/works[ws2_32]" in resting.reason
    assert results[Item("recv/x", "ws2_32")].evidence is None


def test_a_gate_is_run_once(tmp_path):
    conduct, player = conductor(tmp_path, [START], lambda s, i: "pass")
    list(conduct.run_gates(items([START])))
    conduct.result_of(Item("startup/starts", "direct"))
    assert player.ran() == ["startup/starts[direct]"]


def test_a_gate_without_that_mode_speaks_by_any_mode_it_ran_in(tmp_path):
    cases = [START, GATE, OTHER]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "startup/starts" else "pass"
    )
    list(conduct.run_gates(items(cases)))
    assert player.ran() == ["startup/starts[direct]"]
    for mode in ("direct", "ws2_32"):
        result = conduct.result_of(Item("cancel/works", mode))
        assert result.verdict.rests_on == ("startup/starts",)


def test_what_needs_no_callback_is_run_although_a_gate_with_callbacks_failed(tmp_path):
    resting = case(
        "thread/x", rests_on=["startup/starts", "cancel/works"], modes=("direct", "no-callback")
    )
    start = case("startup/starts", "WSPStartup", gate=True, modes=("direct", "no-callback"))
    cases = [start, GATE, resting]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "cancel/works" else "pass"
    )
    list(conduct.run_gates(items(cases)))
    found = {mode: conduct.result_of(Item("thread/x", mode)).verdict for mode in resting.modes}
    assert found["direct"].rests_on == ("cancel/works",)
    assert found["no-callback"].verdict == "pass"


def test_a_gate_that_is_run_without_callbacks_speaks_for_them(tmp_path):
    start = case("startup/starts", "WSPStartup", gate=True, modes=("direct", "no-callback"))
    resting = case(
        "thread/x", rests_on=["cancel/works", "startup/starts"], modes=("direct", "no-callback")
    )
    cases = [start, GATE, resting]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "startup/starts" else "pass"
    )
    list(conduct.run_gates(items(cases)))
    for mode in resting.modes:
        found = conduct.result_of(Item("thread/x", mode)).verdict
        assert (found.verdict, found.rests_on) == ("inconclusive", ("startup/starts",))


def test_what_rests_on_a_gate_that_was_not_run_rests_on_the_root(tmp_path):
    cases = [START, GATE, RESTING]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "startup/starts" else "pass"
    )
    list(conduct.run_gates(items(cases)))
    found = conduct.result_of(Item("recv/x", "direct")).verdict
    assert (found.verdict, found.rests_on) == ("inconclusive", ("startup/starts",))
    assert player.ran() == ["startup/starts[direct]"]


@pytest.mark.parametrize("what", ["warn", Stop("no Wine.")])
def test_a_gate_that_does_not_fail_stops_nothing(tmp_path, what):
    cases = [GATE, RESTING]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: what if i.case == "cancel/works" else "pass"
    )
    list(conduct.run_gates(items(cases)))
    assert conduct.result_of(Item("recv/x", "direct")).verdict.verdict == "pass"


def test_behind_a_gate_that_was_not_selected_stand_those_that_it_rests_on(tmp_path):
    player = Player(lambda s, i: "fail" if i.case == "startup/starts" else "pass")
    by_id = {each.id: each for each in (START, GATE, RESTING)}
    fuses = Fuses(tmp_path / "hangs")
    conduct = Conductor(player, by_id, VENDOR, None, Gates(), fuses)
    list(conduct.run_gates(items([START, RESTING])))
    found = conduct.result_of(Item("recv/x", "direct")).verdict
    assert (found.verdict, found.rests_on) == ("inconclusive", ("startup/starts",))
    assert player.ran() == ["startup/starts[direct]"]


def test_a_gate_that_was_not_selected_stops_nothing(tmp_path):
    conduct, player = conductor(tmp_path, [RESTING], lambda s, i: "pass")
    assert conduct.result_of(Item("recv/x", "direct")).verdict.verdict == "pass"


def test_a_line_that_rests_on_a_failed_gate_does_not_fail_a_case_again(tmp_path):
    cases = [GATE, OTHER]
    shared = ("fail", {"requirement": "RACE-05", "rests_on": "cancel/works"})
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "cancel/works" else shared
    )
    list(conduct.run_gates(items(cases)))
    found = conduct.result_of(Item("recv/y", "direct")).verdict
    assert (found.verdict, found.rests_on) == ("pass", ("cancel/works",))


def test_a_machine_that_cannot_start_it_is_an_error_of_the_environment(tmp_path):
    conduct, player = conductor(tmp_path, [OTHER], lambda s, i: Stop("there is no Wine."))
    found = conduct.result_of(Item("recv/y", "direct")).verdict
    assert (found.verdict, found.blame, found.reason) == (
        "error",
        "environment",
        "there is no Wine.",
    )


def test_a_full_disk_is_an_error_of_the_environment(tmp_path):
    problem = OSError(28, "No space left on device")
    conduct, player = conductor(tmp_path, [OTHER], lambda s, i: problem)
    found = conduct.result_of(Item("recv/y", "direct")).verdict
    assert (found.verdict, found.blame) == ("error", "environment")
    assert found.reason is not None and "No space left" in found.reason


# --- Fuse -------------------------------------------------------------------------------------

MANY = [case(f"recv/{letter}") for letter in "abcdef"]


@pytest.mark.parametrize("what", ["hang", "rescue", "deadline"])
def test_the_fourth_hang_in_a_function_is_inconclusive_and_short(tmp_path, what):
    conduct, player = conductor(tmp_path, MANY, lambda s, i: what)
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in MANY]
    assert [each.verdict for each in found] == ["fail"] * 3 + ["inconclusive"] * 3
    assert {each.rests_on for each in found[3:]} == {("recv/a",)}
    assert [fuses for _, _, fuses, _ in player.calls] == [()] * 3 + [("WSPRecv",)] * 3
    assert [limit for *_, limit in player.calls] == [20_000] * 3 + [FUSED_DEADLINE_MS] * 3


def test_what_rests_on_a_failed_gate_blows_no_fuse(tmp_path):
    """What was waited for in vain there has its cause told, by the gate."""
    in_vain = {"otherwise": "inconclusive", "cause": "hang", "rests_on": "cancel/works"}

    def play(subject, item):
        return "fail" if item.case == "cancel/works" else ("inconclusive", in_vain)

    gate = dataclasses.replace(GATE, modes=("direct",), rests_on=())
    conduct, player = conductor(tmp_path, [gate, *MANY], play)
    list(conduct.run_gates(items([gate])))
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in MANY]
    assert {(each.verdict, each.rests_on) for each in found} == {
        ("inconclusive", ("cancel/works",))
    }
    assert {fuses for _, _, fuses, _ in player.calls} == {()} and conduct.fuses.blown() == {}


def test_a_blown_fuse_hides_no_other_failure(tmp_path):
    order = iter(["hang", "hang", "hang", "fail", "crash", "pass"])
    conduct, player = conductor(tmp_path, MANY, lambda s, i: next(order))
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in MANY]
    assert [each.verdict for each in found] == ["fail"] * 5 + ["pass"]
    assert [each.cause for each in found] == ["hang"] * 3 + ["expectation", "crash", None]


def test_each_function_has_a_fuse_of_its_own(tmp_path):
    cases = [*MANY[:3], case("send/a", "WSPSend")]
    conduct, player = conductor(tmp_path, cases, lambda s, i: "hang")
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in cases]
    assert [each.verdict for each in found] == ["fail"] * 4
    # It is passed on all the same, as the case may call the other function, too.
    assert player.calls[3][2:] == (("WSPRecv",), 20_000)


def test_a_hang_while_loading_shortens_every_case_and_is_not_passed_on(tmp_path):
    conduct, player = conductor(
        tmp_path, MANY, lambda s, i: ("deadline", {"function": "LoadLibrary"})
    )
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in MANY]
    assert [each.verdict for each in found] == ["fail"] * 3 + ["inconclusive"] * 3
    assert player.calls[3][2:] == ((), FUSED_DEADLINE_MS)


def test_a_hang_elsewhere_in_a_shortened_case_proves_nothing(tmp_path):
    order = iter(["hang"] * 3 + [("deadline", {"function": "WSPSend"})])
    conduct, player = conductor(tmp_path, MANY, lambda s, i: next(order))
    found = [conduct.result_of(Item(each.id, "direct")).verdict for each in MANY[:4]]
    assert found[3].verdict == "inconclusive" and found[3].rests_on == ("recv/a",)
    assert conduct.fuses.blown() == {"WSPRecv": Item("recv/a", "direct")}


def test_the_workers_share_one_fuse(tmp_path):
    first, _ = conductor(tmp_path, MANY, lambda s, i: "hang")
    second, player = conductor(tmp_path, MANY, lambda s, i: "hang")
    for place in range(3):
        (first, second)[place % 2].result_of(Item(MANY[place].id, "direct"))
    found = second.result_of(Item(MANY[3].id, "direct")).verdict
    assert found.verdict == "inconclusive"


# --- Control ----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["pass", "warn", "fail"])
def test_what_did_not_pass_comes_with_its_course(tmp_path, what):
    conduct, _ = conductor(tmp_path, [OTHER], lambda s, i: what)
    course = conduct.result_of(Item("recv/y", "direct")).timeline
    kinds = None if course is None else [step["kind"] for step in course]
    assert kinds == (None if what == "pass" else ["unmet"])


def test_a_failure_is_checked_against_the_reference(tmp_path):
    conduct, player = conductor(
        tmp_path, [OTHER], lambda s, i: "fail" if s is VENDOR else "pass", REFERENCE
    )
    result = conduct.result_of(Item("recv/y", "direct"))
    assert (result.verdict.verdict, result.control) == ("fail", "pass")
    assert [name for name, *_ in player.calls] == ["vendor", "reference"]


@pytest.mark.parametrize("control", ["warn", "fail"])
def test_a_failure_comes_with_the_course_of_the_reference(tmp_path, control):
    conduct, _ = conductor(
        tmp_path, [OTHER], lambda s, i: "fail" if s is VENDOR else control, REFERENCE
    )
    course = conduct.result_of(Item("recv/y", "direct")).control_timeline
    assert course is not None and [step["kind"] for step in course] == ["unmet"]


def test_what_the_reference_was_not_asked_for_has_no_course_of_it(tmp_path):
    conduct, _ = conductor(tmp_path, [OTHER], lambda s, i: "warn", REFERENCE)
    assert conduct.result_of(Item("recv/y", "direct")).control_timeline is None


def test_what_passes_is_not_checked(tmp_path):
    conduct, player = conductor(tmp_path, [OTHER], lambda s, i: "warn", REFERENCE)
    assert conduct.result_of(Item("recv/y", "direct")).control is None
    assert len(player.calls) == 1


@pytest.mark.parametrize("control", ["fail", "crash", "hang", "deadline"])
def test_nobody_is_blamed_where_the_reference_does_not_pass(tmp_path, control):
    conduct, player = conductor(
        tmp_path, [OTHER], lambda s, i: "fail" if s is VENDOR else control, REFERENCE
    )
    result = conduct.result_of(Item("recv/y", "direct"))
    assert (result.verdict.verdict, result.verdict.blame) == ("error", "environment")
    assert result.control == "fail"
    assert result.verdict.reason is not None
    assert "the reference provider does not pass" in result.verdict.reason
    assert "expected a, got b" in result.verdict.reason
    assert result.verdict.by_requirement == {"CBC-02": "error"}


def test_a_reference_that_warns_has_passed(tmp_path):
    conduct, player = conductor(
        tmp_path, [OTHER], lambda s, i: "fail" if s is VENDOR else "warn", REFERENCE
    )
    assert conduct.result_of(Item("recv/y", "direct")).verdict.verdict == "fail"


def test_a_gate_that_fails_for_the_reference_too_stops_nothing(tmp_path):
    cases = [GATE, RESTING]
    conduct, player = conductor(
        tmp_path, cases, lambda s, i: "fail" if i.case == "cancel/works" else "pass", REFERENCE
    )
    list(conduct.run_gates(items(cases)))
    assert conduct.result_of(Item("recv/x", "direct")).verdict.verdict == "pass"


def test_the_hangs_of_the_reference_blow_no_fuse(tmp_path):
    conduct, player = conductor(
        tmp_path, MANY, lambda s, i: "crash" if s is VENDOR else "hang", REFERENCE
    )
    for each in MANY:
        conduct.result_of(Item(each.id, "direct"))
    assert conduct.fuses.blown() == {}


# --- Wine's stubs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "function", "is_stub"),
    [
        (WINE_STUB, "WSPStartup", True),
        ("0x80000100", "WSPStartup", True),
        (WINE_STUB, "WSPRecv", False),
        (0xC0000005, "WSPStartup", False),
    ],
)
def test_a_stub_is_known_by_its_exception(tmp_path, code, function, is_stub):
    cases = [case("startup/starts", function)]
    conduct, player = conductor(tmp_path, cases, lambda s, i: ("crash", {"code": code}))
    assert conduct.result_of(Item("startup/starts", "direct")).is_stub is is_stub
