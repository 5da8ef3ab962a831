"""scripts/detection: what it writes, what it keeps, its exit status, the line of the README."""

from __future__ import annotations

import contextlib
import io
import json
import lzma
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from conformance.detection import command, matrix, readme, records
from conformance.detection.runs import CalledOff, Selected
from conformance.orchestration.cases import CaseList
from conformance.orchestration.layout import Layout
from conformance.orchestration.stop import Stop
from conformance.tests.detection.test_examine import CASES, FLAW, VARIANT, Fake

SCHEMA = json.loads(Path(matrix.__file__).with_name("detection.schema.json").read_text())
BE_HEEDED = command.Interruption.be_heeded  # which the tests do without


class World:
    """A checkout with one flaw, one variant and one hostile provider, and a fake certifier."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layout = Layout(root)
        self.fake = Fake(root)
        self.caught = True
        self.catching: tuple[str, ...] = ("recv/a/ipv6",)
        self.out = root / "build" / "detection"
        sources = {
            "flawed/lazy": FLAW,
            "variants/slow": VARIANT,
            "hostile/dies": "/* verdict: fail crash WSPRecv; case: send/other direct */\n",
        }
        found = {}
        for name, text in sources.items():
            found[name] = root / "providers" / f"{name}.c"
            found[name].parent.mkdir(parents=True)
            found[name].write_text(text)
            dll = root / "build" / "x86_64" / "providers" / f"{name}.dll"
            dll.parent.mkdir(parents=True)
            dll.write_text(name)
        for file in ("wspcts.exe", "providers/reference.dll"):
            (root / "build" / "x86_64" / file).write_text(file)
        self.dll = root / "build" / "x86_64" / "providers" / "flawed" / "lazy.dll"
        (root / "VERSION").write_text("1.2.3\n")
        self.fake.answers = {"recv/a/ipv6": "WSAEINTR"}
        certify = self.fake.certify

        def certified(
            provider: Path, out: Path, selected: Selected = Selected(), jobs: int = 1
        ) -> Any:
            self.fake.verdicts = self._verdicts_of(provider.stem)
            run = certify(provider, out, selected, jobs)
            for row in run.results["cases"] if run.results else ():
                row["cause"] = "crash" if row["verdict"] == "fail" else None
            return run

        monkeypatch.setattr(self.fake, "certify", certified)
        monkeypatch.setattr(records, "FLAWED", [found["flawed/lazy"]])
        monkeypatch.setattr(records, "VARIANTS", [found["variants/slow"]])
        monkeypatch.setattr(records, "HOSTILE", [found["hostile/dies"]])
        monkeypatch.setattr(records, "DEGENERATE", [])
        monkeypatch.setattr(records, "EQUIVALENT", root / "none.toml")
        monkeypatch.setattr(command, "Certifier", lambda *_: self.fake)
        monkeypatch.setattr(command.Layout, "of", lambda _: self.layout)
        machine = SimpleNamespace(session=contextlib.nullcontext)
        opened = SimpleNamespace(machine=machine, layout=self.layout)
        setting = SimpleNamespace(of=lambda *_: opened)
        monkeypatch.setattr(command, "Setting", setting)
        monkeypatch.setattr(command, "check_runnable", lambda *_: None)
        monkeypatch.setattr(command.Interruption, "be_heeded", lambda _: None)
        case_list = CaseList(tuple(CASES.values()), "0" * 64)
        monkeypatch.setattr(command, "list_cases", lambda _: case_list)

    def _verdicts_of(self, name: str) -> Any:
        failing = {"lazy": self.catching if self.caught else (), "dies": ("send/other",)}
        return lambda case, among: "fail" if case in failing.get(name, ()) else "pass"

    def run(self, *words: str) -> int:
        """Run the command."""
        self.fake.calls.clear()
        return command.main(["--jobs", "1", *words])

    @property
    def document(self) -> dict[str, Any]:
        """What it wrote."""
        found: dict[str, Any] = json.loads((self.out / "detection.json").read_bytes())
        return found


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield World(tmp_path, monkeypatch)


def test_all_is_well(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run() == 0, capsys.readouterr()
    jsonschema.Draft202012Validator(SCHEMA).validate(world.document)
    assert world.document["flaws"][0]["killed_by"] == ["recv/a/ipv6"]
    assert world.document["matrix"] == "near" and world.document["problems"] == []
    assert world.document["suite"]["version"] == "1.2.3"
    assert (world.out / "detection.html").read_bytes().startswith(b"<!doctype html>")
    said = capsys.readouterr()
    assert "1 flaw, all caught; 1 conforming variant, none failed; measured " in said.out
    assert "flaws 1 of 1 · variants 1 of 1 · degenerate 1 of 1" in said.err
    assert not (world.out / "runs").exists()


def test_what_has_not_changed_is_not_looked_at_again(world: World) -> None:
    assert world.run() == 0
    first = world.document
    assert world.run() == 0 and world.fake.calls == []
    for name in ("flaws", "variants", "degenerate", "rates", "cases"):
        assert world.document[name] == first[name]

    world.dll.write_text("another")
    assert world.run() == 0
    assert {name for name, _ in world.fake.calls} == {"lazy.dll", "reference.dll"}
    assert world.run() == 0 and world.fake.calls == []
    assert world.run("--again") == 0
    assert {"slow.dll", "dies.dll"} <= {name for name, _ in world.fake.calls}


def test_a_new_executable_makes_everything_new(world: World) -> None:
    world.run()
    world.layout.executable("x86_64").write_text("another")
    world.run()
    assert {"lazy.dll", "slow.dll", "dies.dll"} <= {name for name, _ in world.fake.calls}


def test_the_full_matrix_is_kept_apart(world: World) -> None:
    world.run()
    assert world.run("--full") == 0
    assert ("lazy.dll", ()) in world.fake.calls and world.document["matrix"] == "full"
    assert world.run("--full") == 0 and world.fake.calls == []


def test_a_flaw_that_is_missed_is_told_and_is_status_1(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.caught = False
    assert world.run() == 1
    assert "flawed/lazy is caught by no case" in capsys.readouterr().out
    assert world.document["rates"]["must"] == 0.0


def test_what_is_not_built_is_status_1_and_is_not_kept(world: World) -> None:
    world.dll.unlink()
    assert world.run() == 1
    assert world.document["problems"] == ["flawed/lazy is not built"]


def test_a_part_of_it_writes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.run("--only", "lazy") == 0
    assert not (world.out / "detection.json").exists()
    assert world.run() == 0
    assert "lazy.dll" not in {name for name, _ in world.fake.calls}


@pytest.mark.parametrize("words", [["--only", "nobody"], ["--jobs", "0"], ["--what"], ["extra"]])
def test_wrong_usage_is_status_2(world: World, words: Sequence[str]) -> None:
    try:
        status = world.run(*words)
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 2 and world.fake.calls == []


def test_an_interruption_leaves_the_last_document_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    before = world.document

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    world.dll.write_text("another")
    monkeypatch.setattr(command, "examine_flaw", interrupted)
    assert world.run() == 130
    assert world.document == before


def test_an_interruption_at_the_very_end_counts_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    before = world.document
    run = command.Measurement.run

    def interrupted(measurement: command.Measurement) -> Any:
        signal.raise_signal(signal.SIGINT)
        return run(measurement)

    monkeypatch.setattr(command.Measurement, "run", interrupted)
    monkeypatch.setattr(command.Interruption, "be_heeded", BE_HEEDED)
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {name: signal.getsignal(name) for name in names}
    try:
        assert world.run() == 130
    finally:
        for name, handler in handlers.items():
            signal.signal(name, handler)
    assert world.document == before


def test_what_was_found_is_kept_when_its_repeats_are_interrupted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> int:
        raise CalledOff

    with monkeypatch.context() as patched:
        patched.setattr(command.Repeater, "times_caught", interrupted)
        assert world.run("--repeats", "20", "--only", "lazy") == 130
    assert world.fake.calls
    assert world.run("--only", "lazy") == 0 and world.fake.calls == []


def test_repeats_are_added_to_what_is_known_already(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, list[str], int]] = []

    def times_caught(_: Any, provider: Path, rows: Sequence[Any], times: int, __: Path) -> int:
        asked.append((provider.name, [row.case for row in rows], times))
        return times - 1

    monkeypatch.setattr(command.Repeater, "times_caught", times_caught)
    world.run()
    assert world.document["flaws"][0]["repeats"] is None and asked == []
    assert world.run("--repeats", "20") == 1 and world.fake.calls == []
    jsonschema.Draft202012Validator(SCHEMA).validate(world.document)
    assert asked == [("lazy.dll", ["recv/a/ipv6"], 20)]
    assert world.document["flaws"][0]["repeats"] == {"of": 20, "caught": 19}
    assert "flawed/lazy is caught in 19 of 20 repeats only" in capsys.readouterr().out
    world.run("--repeats", "5")
    assert len(asked) == 1, "what was repeated more often is enough"


def test_what_a_flaw_names_is_repeated_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def times_caught(_: Any, __: Path, rows: Sequence[Any], times: int, ___: Path) -> int:
        asked.extend(row.case for row in rows)
        return times

    monkeypatch.setattr(command.Repeater, "times_caught", times_caught)
    world.catching = ("send/b", "recv/a/ipv6")
    source = world.layout.root / "providers" / "flawed" / "lazy.c"
    for name, other in (("recv/a/ipv6", "send/b"), ("send/b", "recv/a/ipv6")):
        asked.clear()
        source.write_text(FLAW.replace("recv/a/*", name))
        world.run("--repeats", "20", "--again")
        assert asked == [name, other]


def test_what_was_not_caught_is_not_repeated(world: World) -> None:
    world.caught = False
    assert world.run("--repeats", "20") == 1
    assert world.document["flaws"][0]["repeats"] is None


def test_the_ledger_may_not_speak_of_what_is_not_there(world: World) -> None:
    records.EQUIVALENT.write_text('[[equivalent]]\nflaw = "gone"\nargument = "none"\n')
    assert world.run() == 2


def test_what_is_published_holds_elsewhere(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    text = world.layout.root / "README.md"
    text.write_text(f"# x\n\n{readme.BEGIN}\nold\n{readme.END}\n\nrest\n")
    assert world.run("--only", "lazy") == 0
    assert world.run("--publish") == 0 and world.fake.calls == []
    assert "1 of 3 providers" in capsys.readouterr().out and "old" in text.read_text()

    assert world.run() == 0
    first = world.document
    assert world.run("--publish") == 0 and world.fake.calls == []
    assert "3 of 3 providers" in capsys.readouterr().out
    found = text.read_text()
    assert "This suite: 1 flaw, all caught; 1 conforming variant, none failed; measured" in found
    assert found.startswith("# x\n\n") and found.endswith("\n\nrest\n") and "old" not in found
    published = world.layout.published / "detection.json"
    assert published.read_bytes() == (world.out / "detection.json").read_bytes()

    shutil.rmtree(world.out)  # as on another machine
    assert world.run() == 0 and world.fake.calls == []
    assert "3 of 3 are known already" in capsys.readouterr().out
    assert world.document["flaws"] == first["flaws"]
    world.dll.write_text("another")
    assert world.run() == 0
    assert {name for name, _ in world.fake.calls} == {"lazy.dll", "reference.dll"}


def test_what_is_published_is_of_what_is_built(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    world.dll.write_text("another")
    other = CaseList(tuple(CASES.values()), "1" * 64)
    monkeypatch.setattr(command, "list_cases", lambda _: other)
    capsys.readouterr()
    assert world.run("--publish") == 0
    said = capsys.readouterr().out
    assert "2 of 3 providers" in said and "the README stays as it was" in said
    assert not (world.layout.published / "detection.json").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"x" * 100])
def test_a_damaged_publication_is_measured_anew(world: World, content: bytes) -> None:
    file = world.layout.published / command.FINDINGS
    file.parent.mkdir(parents=True)
    file.write_bytes(content if content != b"[]" else lzma.compress(content))
    assert world.run() == 0 and world.fake.calls


@pytest.mark.parametrize("text", ["", readme.BEGIN, f"{readme.END}{readme.BEGIN}"])
def test_a_readme_without_markers_is_refused(text: str) -> None:
    with pytest.raises(Stop, match="has to hold"):
        readme.with_line(text, "line")


def test_a_living_line_is_cleared() -> None:
    stream = io.StringIO()
    progress = command.Progress(stream, is_living=True)
    progress.begin([command.Job("flaw", Path("flawed/lazy.c"), "flaws")])
    progress.doing("flawed/lazy")
    progress.close()
    assert "flaws 0 of 1  flawed/lazy" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
