"""Whether a flaw is caught every time, and not by luck: what caught it is run once more and again.

Each repeat draws other random numbers, and needs a single process: neither gates nor control.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.detection.matrix import Row
from conformance.detection.runs import CalledOff
from conformance.orchestration.cases import Case, Item
from conformance.orchestration.preparation import Setting, identify
from conformance.orchestration.runner import Interrupted, Runner, Subject
from conformance.orchestration.verdict import judge

# What does not catch a flaw this often in a row is given up for this repeat.
CASES_PER_REPEAT = 5


@dataclass(frozen=True)
class Repeater:
    """Runs single cases of flawed providers, one after the other."""

    setting: Setting
    arch: str
    cases: Mapping[str, Case]
    seed: int
    is_called_off: Callable[[], bool]

    def times_caught(
        self, provider: Path, killers: Sequence[Row], times: int, folder: Path
    ) -> int:
        """Return in how many of some repeats a case catches a provider that it caught before.

        `killers` are the results that caught it, the most telling first; `folder` is for the
        evidence, and is removed.
        """
        subject = identify(str(provider), self.arch, self.setting).subject
        caught = 0
        for number in range(times):
            # A measurement that was killed has left it behind.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                caught += self._is_caught(subject, killers, self._runner(folder, number))
            except Interrupted:
                raise CalledOff from None
            finally:
                shutil.rmtree(folder)
        return caught

    def _is_caught(self, subject: Subject, killers: Sequence[Row], runner: Runner) -> bool:
        for row in killers[:CASES_PER_REPEAT]:
            case = self.cases[row.case]
            finished = runner.run(subject, case, Item(row.case, row.mode))
            verdict = judge(case, row.mode, finished.evidence, finished.ending)
            if verdict.verdict == row.verdict:
                return True
        return False

    def _runner(self, folder: Path, number: int) -> Runner:
        return Runner(
            self.setting.machine,
            folder,
            secrets.token_hex(8),
            self.seed + number + 1,
            is_called_off=self.is_called_off,
        )
