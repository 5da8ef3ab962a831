"""From an item to its result: gates, fuse, verdict and control, in this order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Protocol

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.evidence import Evidence
from conformance.orchestration.fuse import Fuses
from conformance.orchestration.gates import Gates, in_stages
from conformance.orchestration.result import Result
from conformance.orchestration.runner import Finished, NetworkLeftDown, Subject
from conformance.orchestration.stop import Stop
from conformance.orchestration.timeline import timeline
from conformance.orchestration.verdict import (
    Verdict,
    code_of,
    error,
    hanging_function,
    inconclusive,
    judge,
)

FUSED_DEADLINE_MS = 5_000

# A case that waits computes for a tenth of its time.
WAITING_FOR_ONE = 8

AWAKE_EVERY_S = 0.25

# What Wine's own stubs raise when something calls them.
WINE_STUB = 0x80000100

# Functions that every case calls, whatever it is about.
_IN_EVERY_CASE = {"LoadLibrary", "WSPStartup", "WSPCleanup"}
_CAN_BE_FUSED = re.compile(r"WSP[A-Z]\w*")


class Runs(Protocol):
    """What the conductor needs of a runner; tests give it another."""

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
        """Run one case to its end, or to its deadline."""


class Conductor:
    """Brings about the results of one run, one item at a time."""

    def __init__(
        self,
        runner: Runs,
        cases: Mapping[str, Case],
        subject: Subject,
        reference: Subject | None,
        gates: Gates,
        fuses: Fuses,
        call_off: Callable[[], None] = lambda: None,
    ) -> None:
        self.runner = runner
        self.cases = cases
        self.subject = subject
        self.reference = reference
        self.gates = gates
        self.fuses = fuses
        self.call_off = call_off

    def run_gates(self, items: Sequence[Item], at_a_time: int = 1) -> Iterator[Result]:
        """Run the gates among the items, `at_a_time`, each after those that it rests on.

        What only waits, for the transport or for a budget, keeps no core from its work: several of
        it run in the place of one that computes.
        """
        for stage in in_stages(self.cases, items):
            waits = all(item.mode in self.cases[item.case].waits for item in stage)
            with ThreadPoolExecutor(at_a_time * WAITING_FOR_ONE if waits else at_a_time) as pool:
                running: list[Future[Result]] = []
                try:
                    running += (pool.submit(self.result_of, item) for item in stage)
                    results = _results_of(running)
                except BaseException:
                    # Nobody is there for what has been started: its runner ends it.
                    self.call_off()
                    pool.shutdown(cancel_futures=True)
                    raise
            # Only now, so that a gate's verdict never depends on which of two came first.
            for result in results:
                self.gates.add(result)
            yield from results

    def result_of(self, item: Item) -> Result:
        """Return the result of an item; of a gate, the one it already has."""
        known = self.gates.result_of(item)
        if known is not None:
            return known
        case = self.cases[item.case]
        failure = self._held_back(case, item.mode, set())
        if failure is not None:
            return Result(item, _resting_on(case, failure))
        try:
            return self._run(case, item)
        except NetworkLeftDown:
            raise
        except Stop as stop:
            return Result(item, error("environment", stop.sentence, case))
        except OSError as problem:
            reason = f"the machine failed the suite: {problem.strerror or problem}"
            return Result(item, error("environment", reason, case))

    def _held_back(self, case: Case, mode: str, seen: set[str]) -> Result | None:
        """Return the failed gate that keeps a case from being run, or None.

        Behind a gate that says nothing, for it was not selected or has no such mode, stand those
        that it rests on itself.
        """
        for gate in case.rests_on:
            failure = self.gates.holding_back(gate, mode)
            if failure is not None:
                return failure
            if gate not in seen and gate in self.cases and not self.gates.speaks(gate, mode):
                seen.add(gate)
                failure = self._held_back(self.cases[gate], mode, seen)
                if failure is not None:
                    return failure
        return None

    def _run(self, case: Case, item: Item) -> Result:
        blown = self.fuses.blown()
        is_short = case.function in blown or not _IN_EVERY_CASE.isdisjoint(blown)
        allowed_ms = self.subject.deadline_ms(case)
        finished = self.runner.run(
            self.subject,
            case,
            item,
            fuses=sorted(name for name in blown if _CAN_BE_FUSED.fullmatch(name)),
            deadline_ms=min(allowed_ms, FUSED_DEADLINE_MS) if is_short else allowed_ms,
        )
        evidence = finished.evidence
        verdict = judge(
            case, item.mode, evidence, finished.ending, self.gates.failed_for(item.mode)
        )
        verdict = self._after_fuse(case, item, verdict, finished, blown, is_short)
        result = Result(
            item,
            verdict,
            duration_ms=round(finished.duration_ms, 3),
            starts=finished.starts,
            evidence=finished.evidence_file.name,
            stderr=finished.stderr_file.name if finished.stderr_file else None,
            provider_says=next(
                (note.text("description") for note in evidence.notes("provider")), None
            ),
            is_stub=_is_stub(finished),
            timeline=timeline(evidence) if _has_to_be_explained(verdict) else None,
        )
        return self._after_control(case, result, evidence)

    def _after_fuse(
        self,
        case: Case,
        item: Item,
        verdict: Verdict,
        finished: Finished,
        blown: Mapping[str, Item],
        is_short: bool,
    ) -> Verdict:
        """Count a hang, or, where the fuse has blown, rest on the first one."""
        if verdict.verdict == "inconclusive" and verdict.rests_on:
            # A gate has told the cause, and its reader needs no other one.
            return verdict
        function = hanging_function(case, verdict, finished.evidence)
        if function is not None and function not in blown:
            if not (is_short and finished.ending.expired):
                self.fuses.record(function, item)
                return verdict
            # The time was short for another function's sake, so this hang proves nothing.
            function = next(name for name in blown if name in {case.function, *_IN_EVERY_CASE})
        if function is None or verdict.verdict != "fail":
            return verdict
        first = blown[function]
        rested = inconclusive(
            case,
            f"{function} did not return in the short time it is given"
            f" after it hung in {first.name} and again later",
            [first.case],
            "provider",
        )
        return rested.but(expected=verdict.expected, seen=verdict.seen, choice=verdict.choice)

    def _after_control(self, case: Case, result: Result, seen: Evidence) -> Result:
        """Run a failed case on the reference; where that fails too, nobody is blamed."""
        if result.verdict.verdict != "fail" or self.reference is None:
            return result
        finished = self.runner.run(
            self.reference, case, result.item, stem=f"{result.item.stem}.control"
        )
        control = judge(case, result.item.mode, finished.evidence, finished.ending)
        result = result.but(
            control=control.verdict,
            control_reason=control.reason,
            control_timeline=timeline(finished.evidence, beside=seen),
        )
        if control.has_passed:
            return result
        why = f" ({control.reason})" if control.reason else ""
        reason = (
            f"the reference provider does not pass here either, its verdict is"
            f" {control.verdict}{why}; {self.subject.name}: {result.verdict.reason}"
        )
        failed = error("environment", reason, case)
        return result.but(
            verdict=failed.but(
                expected=result.verdict.expected,
                seen=result.verdict.seen,
                requirement=result.verdict.requirement,
            )
        )


def _results_of(running: Sequence[Future[Result]]) -> list[Result]:
    """Wait for results, awake often enough for a signal: Windows delivers none to who sleeps."""
    left = set(running)
    while left:
        done, left = wait(left, AWAKE_EVERY_S, FIRST_EXCEPTION)
        for future in done:
            future.result()
    return [future.result() for future in running]


def _resting_on(case: Case, failure: Result) -> Verdict:
    name = failure.item.name
    return inconclusive(
        case,
        f"was not run, as it rests on {name}, which failed: {failure.verdict.reason}",
        [failure.item.case],
        "provider",
    )


def _has_to_be_explained(verdict: Verdict) -> bool:
    """Say whether a reader will want to see the course of the case; its evidence is kept anyway."""
    return verdict.verdict not in ("pass", "not-applicable")


def _is_stub(finished: Finished) -> bool:
    """Say whether WSPStartup turned out to be one of Wine's stubs."""
    guard = finished.evidence.guard
    if guard is None or guard.fields["kind"] != "crash":
        return False
    return code_of(guard) == WINE_STUB and finished.evidence.open_call == "WSPStartup"
