"""Repeats: the same case, other random numbers, and a verdict of its own each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.detection import repeats
from conformance.detection.matrix import Row
from conformance.detection.repeats import CASES_PER_REPEAT, Repeater
from conformance.detection.runs import CalledOff
from conformance.orchestration.cases import Case, Item
from conformance.orchestration.runner import Interrupted

CASES = {
    name: Case(name, "WSPRecv", ("CBC-02",), "MUST", ("direct",), "does", "must", ())
    for name in ("recv/a", "recv/b")
}


def row(case: str, verdict: str = "fail") -> Row:
    return Row(case, "direct", "MUST", verdict)


class World:
    """A machine that plays: what each run of a case comes to is told by a function."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = tmp_path / "evidence"
        self.ran: list[tuple[str, int]] = []
        self.plays: Callable[[str, int], str] = lambda case, seed: "fail"
        monkeypatch.setattr(repeats, "Runner", self._runner)
        monkeypatch.setattr(repeats, "identify", lambda *_: SimpleNamespace(subject="subject"))
        monkeypatch.setattr(repeats, "judge", self._judge)

    def _runner(self, machine: Any, folder: Path, token: str, seed: int, **_: Any) -> Any:
        def run(subject: str, case: Case, item: Item) -> Any:
            assert folder.is_dir() and subject == "subject" and item.case == case.id
            self.ran.append((case.id, seed))
            return SimpleNamespace(evidence=(case.id, seed), ending=None)

        return SimpleNamespace(run=run)

    def _judge(self, case: Case, mode: str, evidence: tuple[str, int], ending: None) -> Any:
        return SimpleNamespace(verdict=self.plays(*evidence))

    def times_caught(self, *killers: Row, times: int = 3) -> int:
        """Repeat, and look whether anything is left behind."""
        setting: Any = SimpleNamespace(machine=None)
        repeater = Repeater(setting, "x86_64", CASES, 10, lambda: False)
        try:
            return repeater.times_caught(Path("lazy.dll"), killers, times, self.folder)
        finally:
            assert not self.folder.exists()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_each_repeat_has_a_seed_of_its_own(world: World) -> None:
    assert world.times_caught(row("recv/a")) == 3
    assert world.ran == [("recv/a", 11), ("recv/a", 12), ("recv/a", 13)]


def test_what_a_killed_measurement_left_behind_is_no_hindrance(world: World) -> None:
    world.folder.mkdir()
    (world.folder / "old.jsonl").touch()
    assert world.times_caught(row("recv/a")) == 3


def test_only_what_is_caught_again_counts(world: World) -> None:
    world.plays = lambda case, seed: "fail" if seed != 12 else "pass"
    assert world.times_caught(row("recv/a")) == 2


def test_another_verdict_does_not_catch(world: World) -> None:
    world.plays = lambda case, seed: "warn"
    assert world.times_caught(row("recv/a")) == 0
    assert world.times_caught(row("recv/a", "warn")) == 3


def test_another_case_that_caught_it_may_catch_it_again(world: World) -> None:
    world.plays = lambda case, seed: "fail" if case == "recv/b" else "pass"
    assert world.times_caught(row("recv/a"), row("recv/b"), times=1) == 1
    assert world.ran == [("recv/a", 11), ("recv/b", 11)]


def test_a_repeat_comes_to_an_end(world: World) -> None:
    world.plays = lambda case, seed: "pass"
    assert world.times_caught(*[row("recv/a")] * 50, times=1) == 0
    assert len(world.ran) == CASES_PER_REPEAT


def test_what_is_called_off_leaves_nothing(world: World) -> None:
    def interrupted(case: str, seed: int) -> str:
        raise Interrupted

    world.plays = interrupted
    with pytest.raises(CalledOff):
        world.times_caught(row("recv/a"))
