"""The pytest plugin: one item per case and mode, gates first, results gathered in one process.

The process that pytest was started in runs the gates and gathers; with xdist, workers run the
rest. All judgement lies in other modules.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.cases import Item
from conformance.orchestration.conductor import Conductor
from conformance.orchestration.layout import Layout
from conformance.orchestration.plan import Plan
from conformance.orchestration.result import Result
from conformance.orchestration.runner import Interrupted, NetworkLeftDown
from conformance.orchestration.verdict import error

NAME = "wspcts"
_PLAN = "wspcts_plan"
_GATES = "wspcts_gates"
_CALLED_OFF = "the run was called off"
_ANCHOR = Path(__file__).with_name("conftest.py")


def has_share(workerinput: dict[str, Any]) -> bool:
    """Say whether a worker of xdist was handed a share of such a run."""
    return _PLAN in workerinput


class CaseNotPassed(Exception):
    """Carries a result that counts as a failure to pytest's own report."""


class ProviderFile(pytest.File):
    """What the items of a provider are collected under."""

    def collect(self) -> Iterator[CaseItem]:
        """Return one item for each case and mode."""
        conduct: Conduct = self.config.pluginmanager.get_plugin(NAME)
        for item in conduct.plan.items:
            yield CaseItem.from_parent(self, name=item.name, item=item, conduct=conduct)


class CaseItem(pytest.Item):
    """One case in one mode."""

    def __init__(self, *, item: Item, conduct: Conduct, **rest: Any) -> None:
        super().__init__(**rest)
        self.item = item
        self.conduct = conduct
        self.result: Result | None = None

    def runtest(self) -> None:
        """Bring the result about, and tell pytest what it comes to."""
        self.result = self.conduct.result_of(self.item)
        verdict = self.result.verdict
        if verdict.verdict in ("fail", "error"):
            raise CaseNotPassed
        if not verdict.has_passed:
            pytest.skip(f"{verdict.verdict}: {verdict.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the reason alone; a traceback through the suite explains nothing."""
        if isinstance(excinfo.value, CaseNotPassed) and self.result is not None:
            verdict = self.result.verdict
            return f"{verdict.verdict} ({verdict.cause or verdict.blame}): {verdict.reason}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return the headline of a failure."""
        return self.path, None, self.item.name


class Conduct:
    """A run as pytest sees it."""

    def __init__(
        self,
        plan: Plan,
        *,
        gates: list[Result] | None = None,
        on_start: Callable[[str], None] = lambda name: None,
        on_result: Callable[[Result], None] = lambda result: None,
    ) -> None:
        self.plan = plan
        self.results: dict[Item, Result] = {}
        self.left_down: NetworkLeftDown | None = None
        self._is_worker = gates is not None
        self._conductor: Conductor = plan.conductor(gates or ())
        self._on_start = on_start
        self._on_result = on_result

    @classmethod
    def of_worker(cls, workerinput: dict[str, Any]) -> Conduct:
        """Return the share of a worker."""
        gates = [Result.of(plain) for plain in json.loads(workerinput[_GATES])]
        return cls(Plan.from_json(workerinput[_PLAN]), gates=gates)

    @property
    def stub(self) -> Result | None:
        """The result that shows WSPStartup to be one of Wine's stubs, or None."""
        return next((result for result in self.results.values() if result.is_stub), None)

    def result_of(self, item: Item) -> Result:
        """Return the result of an item, unless the run is called off."""
        if self.plan.is_called_off():
            pytest.exit(_CALLED_OFF)
        try:
            return self._conductor.result_of(item)
        except Interrupted:
            pytest.exit(_CALLED_OFF)
        except Exception as problem:
            self.plan.log(traceback.format_exc())
            reason = f"internal error of the suite: {type(problem).__name__}"
            return Result(item, error("suite", reason, self.plan.cases[item.case]))

    def _take(self, result: Result) -> None:
        if result.item not in self.results:
            self.results[result.item] = result
            self._on_result(result)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Run the gates, before workers are started and before anything else is run."""
        if self._is_worker or session.config.option.collectonly:
            return
        workers = getattr(session.config.option, "numprocesses", None) or 1
        try:
            for result in self._conductor.run_gates(self.plan.items, workers):
                self._on_start(result.item.name)
                self._take(result)
                if result.is_stub:
                    pytest.exit("WSPStartup is a stub")
            if self.plan.is_called_off():
                raise Interrupted
        except Interrupted:
            pytest.exit(_CALLED_OFF)
        except NetworkLeftDown as stop:
            # Only what runs alone brings a network down, and that runs here.
            self.left_down = stop
            pytest.exit(stop.sentence)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the plan and the gates to a worker of xdist."""
        node.workerinput[_PLAN] = self.plan.to_json()
        gates = [result.plain() for result in self._conductor.gates.results()]
        node.workerinput[_GATES] = json.dumps(gates)

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect the provider once, in the place of a file that every checkout has."""
        if file_path != _ANCHOR:
            return None
        shown = Layout(self.plan.root).shown(self.plan.provider_file)
        return ProviderFile.from_parent(parent, path=self.plan.provider_file, nodeid=shown)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        """Send the result along with pytest's report."""
        outcome: Any = yield
        if call.when == "call" and isinstance(item, CaseItem) and item.result is not None:
            outcome.get_result().wspcts = json.dumps(item.result.plain())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Take note that an item is being run, here or in a worker."""
        self._on_start(nodeid.rpartition("::")[2])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take the result that came with a report."""
        text = getattr(report, "wspcts", None)
        if text is not None and not self._is_worker:
            self._take(Result.of(json.loads(text)))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Have the workers end what they run."""
        self.plan.call_off()
