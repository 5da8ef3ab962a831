"""The plan as the workers get it, and a process's share of the run."""

from __future__ import annotations

import json

import pytest

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.plan import Plan
from conformance.orchestration.plugin import Conduct
from conformance.orchestration.result import Result
from conformance.orchestration.runner import Interrupted, Subject
from conformance.orchestration.verdict import Verdict, error
from conformance.tests.fake_executable import CASES

ITEM = Item("recv/cancelled", "direct")


@pytest.fixture
def plan(tmp_path):
    subject = Subject("v", tmp_path / "v.dll", (("peer", "system"),), (("hook", 7),), 100, 200)
    cases = {case.id: case for case in map(Case.of, CASES)}
    return Plan(
        root=tmp_path,
        executable=tmp_path / "wspcts",
        environment={"PLAIN": "x", "ODD": "\udcff"},
        folder=tmp_path,
        token="token",
        seed=3,
        debug=False,
        provider_file=tmp_path / "v.dll",
        subject=subject,
        reference=None,
        cases=cases,
        items=(ITEM,),
    )


def test_a_plan_survives_its_journey_to_a_worker(plan):
    text = plan.to_json()
    assert text.isascii()
    assert Plan.from_json(text) == plan


def test_a_result_survives_its_journey_from_a_worker():
    verdict = Verdict("fail", "hang", "provider", "why", "CBC-02", {"a": 1}, ("x",), ("y",), "z")
    result = Result(ITEM, verdict, 1.5, 2, "a.jsonl", None, "pass", None, "says", False)
    assert Result.of(json.loads(json.dumps(result.plain()))) == result


def test_every_process_sees_that_a_run_is_called_off(plan):
    conduct = Conduct(Plan.from_json(plan.to_json()), gates=[])
    plan.call_off()
    with pytest.raises(pytest.exit.Exception):
        conduct.result_of(ITEM)


class Broken:
    """A conductor that fails in a certain way."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def result_of(self, item: Item) -> Result:
        raise self.problem


def test_a_bug_costs_one_result_and_is_kept(plan, monkeypatch):
    conduct = Conduct(plan)
    monkeypatch.setattr(conduct, "_conductor", Broken(KeyError("bug")))
    found = conduct.result_of(ITEM).verdict
    assert (found.verdict, found.blame) == ("error", "suite")
    assert found.reason == "internal error of the suite: KeyError"
    assert "Traceback" in (plan.folder / "internal-error.log").read_text()


def test_a_case_that_was_broken_off_has_no_result(plan, monkeypatch):
    conduct = Conduct(plan)
    monkeypatch.setattr(conduct, "_conductor", Broken(Interrupted("x")))
    with pytest.raises(pytest.exit.Exception):
        conduct.result_of(ITEM)


def test_an_error_is_one_for_every_requirement_of_the_case(plan):
    case = plan.cases["recv/cancelled"]
    assert error("suite", "x", case).by_requirement == {"CBC-02": "error", "RECV-01": "error"}
