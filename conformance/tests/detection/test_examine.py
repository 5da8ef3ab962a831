"""Looking at one provider: which cases, in which order, and what of it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.baseline import RUNS, Baseline
from conformance.detection.examine import (
    Bench,
    examine_degenerate,
    examine_flaw,
    examine_variant,
    first_of,
    merged,
    named,
    near,
    with_gates,
    with_library,
)
from conformance.detection.kept import Kept
from conformance.detection.matrix import DegenerateFinding, FlawFinding, Row, VariantFinding
from conformance.detection.records import (
    Flaw,
    RecordError,
    altered_by,
    equivalents,
)
from conformance.detection.runs import Certified, Certifier, Selected
from conformance.orchestration.cases import Case, Item

FLAW = """\
#include "flawed/support/layer.h"

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = lazy;
}

const struct flaw flaw = {
    .requirement = "CBC-02",
    .what = "does "
            "nothing",
    .caught_by = "recv/a/*",
    .change_table = change_table,
};
"""
VARIANT = """\
const struct variant variant = {
    .requirement = "BHK-02",
    .why_allowed = "the texts say so",
    .touches = "recv/*",
};
"""


def case(name: str, *requirements: str, rests_on: Sequence[str] = (), **more: Any) -> Case:
    return Case(
        name, "WSPRecv", requirements, "MUST", ("direct",), "does", "must", tuple(rests_on), **more
    )


CASES = {
    one.id: one
    for one in (
        case("startup/starts", "STARTUP-02", gate=True),
        case("recv/gate", "CBC-01", rests_on=["startup/starts"], gate=True),
        case("recv/a/ipv4", "CBC-01", rests_on=["recv/gate"]),
        case("recv/a/ipv6", "CBC-02", rests_on=["recv/gate"]),
        case("send/b", "CBC-02", rests_on=["startup/starts"]),
        case("send/late", "CBC-02", group="endurance"),
        case("send/other", "CBC-09"),
    )
}


def result(name: str, verdict: str, requirement: str = "CBC-02") -> dict[str, Any]:
    return {
        "id": name,
        "mode": "direct",
        "level": "MUST",
        "verdict": verdict,
        "requirement": requirement if verdict in ("fail", "warn") else None,
        "by_requirement": {requirement: verdict},
        "rests_on": None,
        "reason": "expected this, got that",
        "cause": "expectation" if verdict == "fail" else None,
        "evidence": f"evidence/{Item(name, 'direct').stem}.jsonl",
    }


class Fake(Certifier):
    """Certifies as it was told to: what becomes of each case, and what the provider answers."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path, {}, 1)
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.verdicts: Callable[[str, Sequence[str]], str] = lambda name, among: "pass"
        self.answers: dict[str, str] = {}
        self.answers_last_for = 1000  # runs
        self.says_once: str | None = None  # of WSPAccept, in the first run
        self.status = 0

    def certify(
        self, provider: Path, out: Path, selected: Selected = Selected(), jobs: int = 1
    ) -> Certified:
        self.calls.append((provider.name, selected.cases))
        # Results come in the order of the list of cases, whatever the order of the selection.
        names = [name for name in CASES if not selected.cases or name in selected.cases]
        evidence = out / "evidence"
        evidence.mkdir(parents=True, exist_ok=True)
        is_reference = provider.stem == "reference"
        answers = self.answers if len(self.calls) <= self.answers_last_for else {}
        for name in names:
            answer = "0" if is_reference else answers.get(name, "0")
            lines: list[Mapping[str, Any]] = [
                {"event": "case", "mode": "direct"},
                {"event": "spi", "phase": "leave", "call": "WSPStartup", "outcome": "0"},
                {"event": "spi", "phase": "leave", "call": "WSPRecv", "outcome": answer},
            ]
            if self.says_once is not None and len(self.calls) == 1:
                line = {"event": "spi", "phase": "leave", "call": "WSPAccept"}
                lines.append({**line, "outcome": self.says_once})
            text = "\n".join(json.dumps({"n": 1, "run": "x", **line}) for line in lines)
            (evidence / f"{Item(name, 'direct').stem}.jsonl").write_text(text)
        if self.status == 2:
            return Certified(2, out, None, "certify: no")
        rows = [
            result(name, "pass" if is_reference else self.verdicts(name, names)) for name in names
        ]
        verdict = "non-conforming" if any(it["verdict"] == "fail" for it in rows) else "conforming"
        return Certified(0, out, {"cases": rows, "verdict": verdict})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "providers" / "flawed" / "lazy.c"
    file.parent.mkdir(parents=True)
    file.write_text(FLAW)
    return file


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


@pytest.fixture
def bench(tmp_path: Path, fake: Fake) -> Bench:
    reference = tmp_path / "reference.dll"
    reference.touch()
    baseline = Baseline(tmp_path / "out" / "reference", fake, reference, "key")
    baseline.make()
    fake.calls.clear()
    dll = tmp_path / "some.dll"
    dll.touch()
    return Bench(fake, CASES, reference, baseline, tmp_path / "out" / "runs", lambda _: dll)


def test_near_a_flaw_is_what_it_names_and_what_its_requirement_has() -> None:
    flaw = Flaw("CBC-02", "does nothing", ("recv/a/*",))
    every = list(CASES.values())
    assert near(flaw, every) == ["recv/a/ipv4", "recv/a/ipv6", "send/b"]
    assert first_of(named(flaw, every), flaw, CASES) == "recv/a/ipv6"
    with pytest.raises(RecordError, match="nothing/\\*, which matches no case"):
        named(replace(flaw, caught_by=("nothing/*",)), every)


def test_gates_come_with_what_rests_on_them() -> None:
    assert set(with_gates(["recv/a/ipv4"], CASES)) == {
        "recv/a/ipv4",
        "recv/gate",
        "startup/starts",
    }


def test_a_flaw_is_caught_shown_to_differ_and_attributed(
    source: Path, bench: Bench, fake: Fake
) -> None:
    fake.verdicts = lambda name, among: "fail" if name == "recv/a/ipv6" else "pass"
    fake.answers = {"recv/a/ipv6": "WSAEINTR", "send/b": "WSAEINTR"}

    found = examine_flaw(source, bench)

    assert (found.id, found.what, found.alters) == ("lazy", "does nothing", ("WSPRecv",))
    assert found.built and found.loaded and found.reached
    assert found.difference is not None and found.difference["case"] == "recv/a/ipv6"
    assert found.difference["kind"] == "boundary"
    # One run near it; then the difference once more, and the reference beside it.
    assert [name for name, _ in fake.calls] == ["some.dll", "some.dll", "reference.dll"]
    assert not (bench.folder / "flawed" / "lazy").exists()


def test_a_flaw_that_breaks_a_gate_is_judged_by_its_case_alone(
    source: Path, bench: Bench, fake: Fake
) -> None:
    def verdict(name: str, among: Sequence[str]) -> str:
        if "recv/gate" in among:
            return "inconclusive" if name.startswith("recv/a") else "pass"
        return "fail" if name == "recv/a/ipv6" else "pass"

    fake.verdicts = verdict
    found = examine_flaw(source, bench)

    selections = [cases for name, cases in fake.calls if name == "some.dll"]
    assert selections[1] == ("recv/a/ipv6",) and len(selections) == 2
    assert [row.case for row in found.rows if row.verdict == "fail"] == ["recv/a/ipv6"]
    assert found.difference is None, "the traces are the same, whatever the verdict"


def test_in_a_full_matrix_a_flaw_meets_all_cases(source: Path, bench: Bench, fake: Fake) -> None:
    fake.verdicts = lambda name, among: "fail" if name.startswith("send/") else "pass"
    found = examine_flaw(source, replace(bench, full=True))
    assert fake.calls[-1][1] == ()
    assert {row.case for row in found.rows if row.verdict == "fail"} == {
        "send/b",
        "send/late",
        "send/other",
    }


def test_a_difference_that_does_not_come_back_was_chance(
    source: Path, bench: Bench, fake: Fake
) -> None:
    fake.answers = {"send/b": "by chance"}
    fake.answers_last_for = 1
    assert examine_flaw(source, bench).difference is None


def test_a_difference_beside_one_by_chance_comes_back_all_the_same(
    source: Path, bench: Bench, fake: Fake
) -> None:
    fake.verdicts = lambda name, among: "fail" if name == "recv/a/ipv6" else "pass"
    fake.answers = {"recv/a/ipv6": "WSAEINTR"}
    fake.says_once = "by chance"
    found = examine_flaw(source, bench).difference
    assert found is not None and found["family"] == ["leave", "WSPRecv"]


def test_what_is_not_built_is_not_run(source: Path, bench: Bench, fake: Fake) -> None:
    nowhere = replace(bench, library_of=lambda one: one.with_suffix(".dll"))
    found = examine_flaw(source, nowhere)
    assert not found.built and not found.loaded and fake.calls == []


def test_the_reference_takes_the_part_of_a_described_provider(
    source: Path, bench: Bench, fake: Fake
) -> None:
    source.with_suffix(".toml").write_text(
        '[provider]\nname = "lazy"\nlibrary = { x86_64 = "lazy.dll" }\n[budgets]\nlate = 3000\n'
    )
    examine_flaw(source, bench)
    assert [name for name, _ in fake.calls[:RUNS]] == ["lazy.toml"] * RUNS
    written = (bench.baseline.folder.parent / "as-described" / "lazy.toml").read_text()
    assert f'library = "{bench.reference.as_posix()}"' in written and "late = 3000" in written


def test_only_the_library_of_a_description_is_exchanged() -> None:
    assert with_library('name = "a"\nlibrary = "b.dll"\n', Path("c.dll")) == (
        'name = "a"\nlibrary = "c.dll"\n'
    )


def test_a_variant_meets_everything_with_and_without_its_description(
    source: Path, bench: Bench, fake: Fake
) -> None:
    variant = source.with_name("slow.c")
    variant.write_text(VARIANT)
    variant.with_suffix(".toml").write_text("")
    fake.verdicts = lambda name, among: "fail" if name == "send/b" else "pass"

    found = examine_variant(variant, bench)

    assert [cases for _, cases in fake.calls] == [(), ()]
    assert found.ran and [row.case for row in found.rows if row.verdict == "fail"] == ["send/b"]
    assert len(found.rows) == len(CASES)


def test_a_degenerate_provider_comes_to_a_verdict_or_to_no_run(
    source: Path, bench: Bench, fake: Fake
) -> None:
    hostile = source.with_name("dies.c")
    hostile.write_text(
        "/*\n * It dies.\n */\n/* verdict: fail hang WSPRecv; case: recv/a/ipv4 direct */\n"
    )
    fake.verdicts = lambda name, among: "fail"
    found = examine_degenerate(hostile, bench)
    assert (found.what, found.expected, found.verdict) == (
        "It dies.",
        "non-conforming",
        "non-conforming",
    )
    # What hangs has a short budget. It fails, but not by a hang, not even on its own.
    assert fake.calls == [("dies.toml", ()), ("dies.toml", ("recv/a/ipv4",))]
    assert not found.has_cause
    fake.status = 2
    assert examine_degenerate(hostile, bench).verdict == "no run"


def test_a_rude_provider_is_compared_with_the_reference(
    source: Path, bench: Bench, fake: Fake
) -> None:
    rude = source.with_name("rude.c")
    rude.write_text(
        "const struct degenerate degenerate = {\n    .kind = RUDE,\n"
        '    .what = "eats memory",\n    .verdict = "conforming",\n};\n'
    )
    fake.verdicts = lambda name, among: "inconclusive" if name == "send/b" else "pass"
    # The runs that are faked write no results, so write down what they came to.
    (bench.baseline.folder / "run-0").mkdir(exist_ok=True)
    (bench.baseline.folder / "run-0" / "results.json").write_text(
        json.dumps({"cases": [result(name, "pass") for name in CASES]})
    )
    found = examine_degenerate(rude, bench)
    assert (found.kind, found.verdict, found.unlike_reference) == (
        "rude",
        "conforming",
        ("send/b",),
    )


def test_what_was_caught_in_one_run_stays_caught() -> None:
    rows = [Row("recv/a", "direct", "MUST", verdict) for verdict in ("inconclusive", "fail")]
    assert merged([rows[:1], rows[1:], rows[:1]]) == (rows[1],)


def test_what_a_flaw_alters_is_read_from_its_text_and_its_support(source: Path) -> None:
    support = source.parent / "support" / "blocking.c"
    support.parent.mkdir()
    support.write_text("table->lpWSPSend = a;\nif (table->lpWSPIoctl == b)\n")
    source.write_text('#include "flawed/support/blocking.h"\nupcalls->lpWPUX = y;\n.start = z,\n')
    assert altered_by(source) == ("WPUX", "WSPSend", "WSPStartup")

    (support.parent / "opened.c").write_text('#include "flawed/support/blocking.h"\n')
    source.write_text('#include "flawed/support/opened.h"\n')
    assert altered_by(source) == ("WSPSend",)


def test_the_ledger_has_an_argument_for_each_flaw(tmp_path: Path) -> None:
    ledger = tmp_path / "equivalent.toml"
    assert equivalents(ledger) == {}
    ledger.write_text('[[equivalent]]\nflaw = "lazy"\nargument = "nobody can tell"\n')
    assert equivalents(ledger) == {"lazy": "nobody can tell"}
    ledger.write_text('[[equivalent]]\nflaw = "lazy"\n')
    with pytest.raises(RecordError, match="flaw and argument"):
        equivalents(ledger)


FINDINGS = (
    FlawFinding(
        "lazy",
        "CBC-02",
        "WSPRecv",
        "does nothing",
        alters=("WSPRecv",),
        built=True,
        difference={"case": "recv/a", "family": ["leave", "WSPRecv"]},
        rows=(Row("recv/a", "direct", "MUST", "fail", "CBC-02", {"CBC-02": "fail"}),),
    ),
    VariantFinding("slow", "BHK-02", "allowed", (Row("recv/a", "direct", "MUST", "pass"),)),
    DegenerateFinding("hostile/dies", "dies", "non-conforming", "non-conforming", ()),
)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda one: type(one).__name__)
def test_what_is_kept_holds_until_something_changes(tmp_path: Path, finding: Any) -> None:
    kept = Kept(tmp_path / "kept")
    assert kept.load("flawed/lazy", "key", type(finding)) is None
    kept.save("flawed/lazy", "key", finding)
    assert kept.load("flawed/lazy", "key", type(finding)) == finding
    assert kept.load("flawed/lazy", "another key", type(finding)) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"key": "key", "finding": {"rows": [1]}}'])
def test_what_is_damaged_is_not_taken(tmp_path: Path, content: str) -> None:
    (tmp_path / "lazy.json").write_text(content)
    assert Kept(tmp_path).load("lazy", "key", FlawFinding) is None


def test_the_runs_of_the_reference_are_made_once(bench: Bench, fake: Fake) -> None:
    bench.baseline.make()
    assert fake.calls == [] and bench.baseline.is_made
    assert bench.baseline.said_by_chance() == {"results": len(CASES), "differing_by_chance": 0}
    bench.baseline.key = "another"
    bench.baseline.make()
    assert len(fake.calls) == RUNS
