"""The gates: cases on which others rest, run first so that one root cause is reported once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.result import Result

# The mode in which a provider is given no blocking callback.
WITHOUT_CALLBACK = "no-callback"


class Gates:
    """What became of the gate cases so far."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self._results: dict[Item, Result] = {result.item: result for result in results}

    def add(self, result: Result) -> None:
        """Take note of a gate that has been run."""
        self._results[result.item] = result

    def result_of(self, item: Item) -> Result | None:
        """Return the result of a gate that has been run, or None."""
        return self._results.get(item)

    def results(self) -> list[Result]:
        """Return the results in the order in which the gates were run."""
        return list(self._results.values())

    def failure(self, gate: str, mode: str) -> Result | None:
        """Return the failed result behind a gate that speaks for a mode, or None.

        It is that of the same mode; where the gate has no such mode, any mode it failed in. Behind
        a gate that was not run stands the one that kept it from being run.
        """
        same = self._results.get(Item(gate, mode))
        if same is not None:
            return self._root(same)
        of_gate = [result for item, result in self._results.items() if item.case == gate]
        roots = (self._root(result) for result in of_gate)
        return next((root for root in roots if root is not None), None)

    def holding_back(self, gate: str, mode: str) -> Result | None:
        """Return the failed result that keeps what rests on a gate from being run, or None.

        A gate that is not run without a callback may have failed for want of one; what needs none
        is judged all the same.
        """
        return self.failure(gate, mode) if self.speaks(gate, mode) else None

    def speaks(self, gate: str, mode: str) -> bool:
        """Say whether a gate was run in a mode that tells something of the given one."""
        if mode == WITHOUT_CALLBACK:
            return Item(gate, mode) in self._results
        return any(item.case == gate for item in self._results)

    def _root(self, result: Result) -> Result | None:
        if result.verdict.verdict == "fail":
            return result
        if result.was_run or not result.verdict.rests_on:
            return None
        return self.failure(result.verdict.rests_on[0], result.item.mode)

    def failed_for(self, mode: str) -> dict[str, Result]:
        """Return the gates that failed as far as a mode is concerned."""
        failures = {item.case: self.failure(item.case, mode) for item in self._results}
        return {gate: result for gate, result in failures.items() if result is not None}


def in_stages(cases: Mapping[str, Case], items: Sequence[Item]) -> list[list[Item]]:
    """Return the gates among the items in stages: what a gate rests on is in a stage before its.

    What only waits is a stage after them, so that it can wait all together. What has to run alone,
    gate or not, comes last, each in a stage of its own.
    """
    gates = [item for item in items if cases[item.case].gate and not cases[item.case].alone]
    waiting = [
        item
        for item in items
        if item.mode in cases[item.case].waits
        and not (cases[item.case].gate or cases[item.case].alone)
    ]
    alone = [[item] for item in items if cases[item.case].alone]
    stages: dict[str, int] = {}

    def stage_of(name: str, above: tuple[str, ...]) -> int:
        if name not in stages:
            below = (
                stage_of(other, (*above, name))
                for other in cases[name].rests_on
                if other in cases and other not in (*above, name)
            )
            stages[name] = 1 + max(below, default=0)
        return stages[name]

    by_stage: dict[int, list[Item]] = {}
    for item in gates:
        by_stage.setdefault(stage_of(item.case, ()), []).append(item)
    return [by_stage[stage] for stage in sorted(by_stage)] + ([waiting] if waiting else []) + alone
