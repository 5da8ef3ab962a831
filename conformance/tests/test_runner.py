"""One process, watched: evidence, standard error, deadline, flood."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.layout import Layout
from conformance.orchestration.machine import machine_for
from conformance.orchestration.runner import STDERR_LIMIT, Interrupted, Runner, Subject
from conformance.orchestration.verdict import judge
from conformance.tests.fake_executable import CASES

CASE = next(case for case in map(Case.of, CASES) if case.id == "recv/cancelled")
ITEM = Item(CASE.id, "direct")


@pytest.fixture
def run(checkout, tmp_path):
    """Return a function that runs a case of a provider with a certain behaviour."""

    def run(behaviour, *, deadline_ms=20_000, environment=None, **how):
        library = checkout.library({"*": behaviour})
        here = machine_for(
            checkout.executable, Layout(checkout.root), environment or checkout.environment()
        )
        subject = Subject("vendor", library, (("peer", "system"),), (("hook", 7),), 1000, 1000)
        runner = Runner(here, tmp_path, "token", 7, **how)
        return runner.run(subject, CASE, ITEM, deadline_ms=deadline_ms)

    return run


def test_a_case_that_passes(run):
    finished = run("pass")
    assert judge(CASE, "direct", finished.evidence, finished.ending).verdict == "pass"
    assert finished.evidence_file.name == "recv__cancelled.direct.jsonl"
    assert finished.stderr_file is None and finished.duration_ms > 0


def test_a_process_that_prints_without_end_is_not_held_up(run):
    finished = run("print")
    assert finished.ending.status == 0
    assert finished.stderr_file is not None
    assert finished.stderr_file.stat().st_size == STDERR_LIMIT


def test_a_hang_is_ended_at_the_deadline_with_its_children(run, checkout):
    finished = run("hang_hard", deadline_ms=500)
    assert finished.ending.expired and finished.ending.status is None
    found = judge(CASE, "direct", finished.evidence, finished.ending)
    assert (found.verdict, found.cause) == ("fail", "hang")
    assert found.reason == (
        "WSPRecv: expected to return, got no return before the deadline of 0.5 s"
    )
    assert checkout.remaining() == []


def test_a_flood_is_ended_before_its_deadline(run):
    finished = run("flood", deadline_ms=60_000)
    assert finished.ending.flooded and not finished.ending.expired
    found = judge(CASE, "direct", finished.evidence, finished.ending)
    assert (found.verdict, found.blame) == ("error", "suite")


def test_a_run_that_is_called_off_ends_at_once(run, checkout):
    has_come = itertools.chain([False, False], itertools.repeat(True))
    with pytest.raises(Interrupted):
        run("hang_hard", is_called_off=lambda: next(has_come))
    assert checkout.remaining() == []


def test_nothing_is_started_once_the_run_is_called_off(run, tmp_path):
    tries = tmp_path / "tries"
    tries.write_text("1")
    with pytest.raises(Interrupted):
        run({"is": "pass", "starts_after": str(tries)}, is_called_off=lambda: True)
    assert tries.read_text() == "1"


@pytest.mark.parametrize(
    ("failing", "starts", "verdict", "blame"),
    [(0, 1, "pass", None), (1, 2, "pass", None), (2, 2, "error", "environment")],
)
def test_a_process_that_ends_before_its_first_word_is_started_once_more(
    run, tmp_path, failing, starts, verdict, blame
):
    tries = tmp_path / "tries"
    tries.write_text(str(failing))
    finished = run({"is": "pass", "starts_after": str(tries)})
    found = judge(CASE, "direct", finished.evidence, finished.ending)
    assert (finished.starts, found.verdict, found.blame) == (starts, verdict, blame)


def test_a_process_that_has_begun_is_started_once(run):
    assert run("exit").starts == run("crash").starts == run("cut_off").starts == 1


def test_a_refusal_is_not_asked_for_twice(run):
    assert run("refuse").starts == 1


def test_an_interruption_while_a_process_is_being_started_is_not_lost(run, checkout, monkeypatch):
    begin = threading.Thread.start

    def begin_interrupted(thread):
        os.kill(os.getpid(), signal.SIGINT)
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", begin_interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("hang_hard")
    assert checkout.remaining() == []


@pytest.mark.parametrize("added", [{}, {"PWD": "/nowhere else"}], ids=["without PWD", "with PWD"])
def test_the_environment_reaches_the_provider_unchanged(run, added):
    given = {"PATH": os.environ["PATH"], "VENDOR_SETTING": "x y", "PYTHONPATH": "/nowhere", **added}
    finished = run("print_environment", environment=given)
    # The interpreter that plays the executable adds this one itself.
    seen = json.loads(finished.stderr_file.read_text())
    assert {key: value for key, value in seen.items() if key != "LC_CTYPE"} == given


@pytest.mark.parametrize(
    ("behaviour", "verdict", "cause"),
    [
        ("fail", "fail", "expectation"),
        ("warn", "warn", "expectation"),
        ("inconclusive", "inconclusive", None),
        ("not_apply", "not-applicable", None),
        ("error", "error", None),
        ("crash", "fail", "crash"),
        ("crash_silently", "fail", "crash"),
        ("exit", "fail", "exit"),
        ("hang", "fail", "hang"),
        ("cut_off", "fail", "exit"),
        ("forge", "fail", "expectation"),
        ("gap", "error", None),
        ("lie", "error", None),
        ("lie_by_status", "error", None),
        ("refuse", "error", None),
    ],
)
def test_what_a_behaviour_is_judged_to_be(run, behaviour, verdict, cause):
    finished = run(behaviour)
    found = judge(CASE, "direct", finished.evidence, finished.ending)
    assert (found.verdict, found.cause) == (verdict, cause)


def test_the_command_line_of_a_case(checkout, tmp_path):
    here = machine_for(checkout.executable, Layout(checkout.root), {})
    subject = Subject("v", Path("/a b.dll"), (("peer", "system"),), (("hook", 7),), 1, 1)
    runner = Runner(here, tmp_path, "token", 9)
    assert runner.arguments(subject, ITEM, ["WSPRecv"], "token") == [
        *("--provider", "/a b.dll", "--case", "recv/cancelled", "--mode", "direct"),
        *("--seed", "9", "--set", "run=token", "--set", "budget.hook=7"),
        *("--set", "peer=system", "--set", "fuse=WSPRecv"),
    ]
    by_hand = runner.by_hand(subject, ITEM)
    assert "'/a b.dll'" in by_hand and "token" not in by_hand


def test_the_deadline_is_the_budget_and_a_margin():
    subject = Subject("v", Path("a.dll"), (), (), 15_000, 60_000)
    assert subject.deadline_ms(CASE) == 20_000
    late = next(case for case in map(Case.of, CASES) if case.group == "endurance")
    assert subject.deadline_ms(late) == 125_000
