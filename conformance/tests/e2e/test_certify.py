"""The public command on the real reference provider, from its options to what it leaves behind."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.orchestration.cases import CaseList, Item
from conformance.orchestration.gates import in_stages
from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import (
    EVIDENCE_LIMIT,
    OUTPUTS,
    REFERENCE,
    Command,
    Run,
    evidence_of,
    wait_until,
)
from reports.tests.readers import (
    read_html,
    read_tap,
    reading_of_ctrf,
    reading_of_markdown,
    reading_of_summary,
)

# Debian has no type hints for it.
jsonschema = importlib.import_module("jsonschema")

Certify = Callable[..., Run]

SCHEMA = json.loads(
    (ROOT / "conformance/orchestration/results.schema.json").read_text(encoding="utf-8")
)
SELECTION = ("--case", "startup/*", "--case", "cancel/ends_the_blocked_call/*_ipv4")
ONE_CASE = ("--case", "startup/starts", "--mode", "direct", "--jobs", "1")


# --- What a run leaves ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of a selection, which several tests look at."""
    out = tmp_path_factory.mktemp("selection") / "out"
    return Command([*SELECTION, "--jobs", "2", "--seed", "7"], out).wait()


def test_what_the_peer_does_stands_in_the_evidence(certify: Certify) -> None:
    case = "select/events_still_come/before_the_cancel_ipv4"
    run = certify("--case", case, "--mode", "direct")
    lines = list(evidence_of(run, run.row(case, "direct")))
    blocks = next(place for place, line in enumerate(lines) if line.get("call") == "WSPSelect")
    cancels = next(
        place for place, line in enumerate(lines) if line.get("call") == "WSPCancelBlockingCall"
    )
    told = [line["text"] for line in lines[blocks:cancels] if line.get("topic") == "peer"]
    assert told == ["sends 64 bytes"]


def test_a_selection_conforms(selection: Run) -> None:
    assert selection.status == 0, selection.said()
    results = selection.results
    assert results["verdict"] == "conforming"
    assert {row["verdict"] for row in selection.rows} == {"pass"}, selection.stdout
    assert "--case startup/*" in results["qualifier"]
    assert results["run"]["seed"] == 7 and results["run"]["jobs"] == 2
    assert results["run"]["selection"] == {
        "cases": ["startup/*", "cancel/ends_the_blocked_call/*_ipv4"]
    }
    assert selection.left_behind == ()


def test_the_contract_names_what_is_written(selection: Run) -> None:
    assert {path.name for path in selection.out.iterdir()} == OUTPUTS
    jsonschema.Draft202012Validator(SCHEMA).validate(selection.results)
    evidence = {path.name for path in (selection.out / "evidence").iterdir()}
    for row in selection.rows:
        assert row["evidence"].removeprefix("evidence/") in evidence
        assert (selection.out / row["evidence"]).stat().st_size < EVIDENCE_LIMIT


def test_a_result_for_each_case_and_mode(selection: Run, case_list: CaseList) -> None:
    expected = [
        (case.id, mode)
        for case in case_list.cases
        if case.id.startswith("startup/")
        or (case.id.startswith("cancel/ends_the_blocked_call/") and case.id.endswith("_ipv4"))
        for mode in case.modes
        if case.group == "default"
    ]
    assert [(row["id"], row["mode"]) for row in selection.rows] == expected


def test_all_that_is_written_agrees(selection: Run) -> None:
    rows = selection.rows
    counts = Counter(row["verdict"] for row in rows)
    assert {k: n for k, n in selection.results["counts"].items() if n} == counts

    points = read_tap((selection.out / "results.tap").read_bytes())
    names = [f"{row['id']} [{row['mode']}]" for row in rows]
    assert sorted(point.description for point in points) == sorted(names)
    assert all(point.ok for point in points)

    junit = (selection.out / "junit.xml").read_text(encoding="utf-8")
    head = re.search(r'<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)"', junit)
    assert head is not None and head.groups() == (str(len(rows)), "0", "0")
    assert sorted(re.findall(r'<testcase [^>]*\bname="([^"]*)"', junit)) == sorted(names)

    ctrf = reading_of_ctrf((selection.out / "ctrf.json").read_bytes())
    assert ctrf.counts == counts and ctrf.healthy
    assert ctrf.standing is not None and sorted(ctrf.standing) == sorted(names)
    assert reading_of_markdown((selection.out / "summary.md").read_bytes()).counts == counts

    page = read_html((selection.out / "report.html").read_bytes()).text
    assert "conform" in page and "--case startup/*" in page
    assert reading_of_summary(selection.stdout).counts == counts
    assert selection.stdout.startswith("✓ CONFORMING")


def test_it_says_where_the_report_lies(selection: Run) -> None:
    last = selection.stdout.strip().splitlines()[-2:]
    for line, name in zip(last, ("report.html", "results.json"), strict=True):
        path = Path(line.partition(": ")[2])
        assert path == selection.out / name and path.is_file()


def test_a_result_can_be_shown_again_by_its_command(selection: Run, certify: Certify) -> None:
    row = next(row for row in selection.rows if row["function"] == "WSPRecv")
    command, *words = row["repro"].split()
    assert command == "scripts/certify" and "--debug" in words

    again = certify(*words)

    assert again.status == 0, again.said()
    assert [(r["id"], r["mode"], r["verdict"]) for r in again.rows] == [
        (row["id"], row["mode"], "pass")
    ]


def test_a_mode_is_selected(certify: Certify) -> None:
    run = certify("--case", "cancel/ends_the_blocked_call/recv_*", "--mode", "ws2_32")
    assert run.status == 0, run.said()
    assert {row["mode"] for row in run.rows} == {"ws2_32"} == set(run.results["verdict_by_mode"])


def test_the_path_of_a_library_is_enough(certify: Certify, tmp_path: Path) -> None:
    vendor = tmp_path / "a folder" / "vendor (new).dll"
    vendor.parent.mkdir()
    shutil.copy(REFERENCE, vendor)

    run = certify(*ONE_CASE, vendor)

    assert run.status == 0, run.said()
    assert run.results["provider"]["name"] == "vendor (new)"
    assert run.results["provider"]["library"] == str(vendor)


# --- Lists and mistakes -----------------------------------------------------------------------


def test_the_cases_are_listed(tmp_path: Path, case_list: CaseList) -> None:
    run = Command(["--list"], tmp_path / "out").wait()
    assert run.status == 0, run.said()
    listed = [line.split()[0] for line in run.stdout.splitlines() if not line.startswith(" ")]
    assert listed == [case.id for case in case_list.cases if case.group == "default"]
    assert not run.out.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--case", "startup/strats"), ("startup/strats", "is no case", "startup/starts")),
        (("--case", "nothing/*"), ("nothing/*", "matches no case", "--list")),
        (("--case", "startup/starts", "--mode", "ws2_32"), ("no case is selected", "direct")),
        (("--case", "startup/*", "--debug"), ("--debug runs one case",)),
        (("--baseline", "no/such.json"), ("no/such.json",)),
        (("no-such-provider",), ("no-such-provider", "reference")),
    ],
    ids=["unknown case", "no match", "no such mode", "debug several", "baseline", "provider"],
)
def test_a_mistake_is_one_sentence_and_no_run(
    certify: Certify, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    run = certify(*arguments)
    assert run.status == 2, run.said()
    complaint = run.complaint()
    for word in words:
        assert word in complaint
    assert not run.out.exists()


@pytest.mark.parametrize(
    "arguments", [("--mode", "sideways"), ("--no-such-option",), ("--jobs", "0"), ("a", "b")]
)
def test_wrong_usage_is_status_2(certify: Certify, arguments: tuple[str, ...]) -> None:
    run = certify(*arguments)
    assert run.status == 2, run.said()
    assert "usage: " in run.stderr and "Traceback" not in run.stderr
    assert not run.out.exists()


def test_an_unknown_key_is_named_with_its_file(certify: Certify, tmp_path: Path) -> None:
    file = tmp_path / "provider.toml"
    file.write_text(
        f'[provider]\nname = "vendor"\nlibrary = "{REFERENCE}"\n[budgets]\ncansel = 5\n',
        encoding="utf-8",
    )
    run = certify(file)
    assert run.status == 2, run.said()
    complaint = run.complaint()
    assert str(file) in complaint and "unknown key budgets.cansel" in complaint
    assert not run.out.exists()


def test_a_folder_that_cannot_be_written_is_said(certify: Certify, tmp_path: Path) -> None:
    # Root may write everywhere, but nobody can make a folder below a file.
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    run = certify(*ONE_CASE, out=tmp_path / "file" / "out")
    assert run.status == 2, run.said()
    assert str(tmp_path / "file") in run.complaint() and "--out" in run.complaint()
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


def test_a_refused_run_leaves_the_earlier_results_alone(certify: Certify) -> None:
    assert certify(*ONE_CASE).status == 0
    refused = certify("--case", "nothing/*")
    assert refused.status == 2
    assert {path.name for path in refused.out.iterdir()} == OUTPUTS


# --- The middle of a run ----------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_nothing(tmp_path: Path, case_list: CaseList, jobs: int) -> None:
    command = Command(["--jobs", jobs], tmp_path / "out")
    first = {item.stem for stage in _stages(case_list) for item in stage}
    wait_until(lambda: bool(_begun_by(command) - first), "a case runs that is no gate")

    command.interrupt()

    run = command.wait(60)
    assert run.status == 130, run.said()
    assert run.complaint() == "certify: interrupted; no results were written."
    assert run.left_behind == ()
    assert not run.out.exists()


@pytest.mark.parametrize("when", ["first", "longest"])
def test_ctrl_c_during_the_gates_leaves_nothing(
    tmp_path: Path, case_list: CaseList, when: str
) -> None:
    command = Command(["--jobs", 2], tmp_path / "out")
    stages = {stage[0].case: stage for stage in _stages(case_list)}
    stage = next(iter(stages.values())) if when == "first" else max(stages.values(), key=len)
    stems = {item.stem for item in stage}
    wait_until(lambda: bool(_begun_by(command) & stems), f"{stage[0].name} or the like runs")

    command.interrupt()

    run = command.wait(60)
    assert run.status == 130, run.said()
    assert run.left_behind == () and not run.out.exists()


def test_an_interrupted_run_does_not_leave_older_results_as_its_own(
    certify: Certify, tmp_path: Path
) -> None:
    assert certify(*ONE_CASE).status == 0
    command = Command([], tmp_path / "out")
    wait_until(lambda: bool(_cases_run_by(command)), "a case runs")
    command.process.send_signal(signal.SIGTERM)
    run = command.wait(60)
    assert run.status == 130, run.said()
    assert not (run.out / "results.json").exists() and run.left_behind == ()


def _cases_run_by(command: Command) -> set[str]:
    """Return the ids of the cases that are run at this moment."""
    found = set()
    for words in command.processes().values():
        match = re.search(r"wspcts\.exe .*--case (\S+)", words)
        if match:
            found.add(match.group(1))
    return found


def _stages(case_list: CaseList) -> list[list[Item]]:
    """Return what a run of everything does before it hands out shares, stage by stage."""
    items = [
        Item(case.id, mode)
        for case in case_list.cases
        for mode in case.modes
        if case.group == "default"
    ]
    return in_stages(case_list.by_id(), items)


def _begun_by(command: Command) -> set[str]:
    """Return the stems of the evidence that was begun."""
    return {path.stem for path in command.out.glob(".wspcts-run-*/evidence/*.jsonl")}


def test_two_runs_at_once_share_the_machine(tmp_path: Path) -> None:
    words = ["--case", "cancel/ends_the_blocked_call/*", "--jobs", "1"]
    commands = [Command(words, tmp_path / name) for name in ("a", "b")]
    runs = [command.wait() for command in commands]
    for run in runs:
        assert run.status == 0, run.said()
        assert run.left_behind == ()
    assert [[row["verdict"] for row in run.rows] for run in runs] == 2 * [["pass"] * 24]


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    first = Command([], tmp_path / "out")
    wait_until(lambda: bool(_cases_run_by(first)), "the first run has begun")
    second = Command(ONE_CASE, tmp_path / "out").wait()
    first.interrupt()
    assert second.status == 2, second.said()
    assert "another run is writing" in second.complaint()
    assert first.wait(60).status == 130


# --- Elsewhere --------------------------------------------------------------------------------


def test_a_checkout_may_lie_in_a_path_with_spaces(tmp_path: Path) -> None:
    root = tmp_path / "a checkout (with spaces) é"
    _copy_what_is_needed(root)

    run = Command([*SELECTION, "--jobs", "2"], tmp_path / "its out", root).wait()

    assert run.status == 0, run.said()
    assert {row["verdict"] for row in run.rows} == {"pass"}, run.stdout
    assert run.results["provider"]["library"] == "build/x86_64/providers/reference.dll"
    assert run.left_behind == ()


def test_the_evidence_tells_a_path_as_it_is(certify: Certify, tmp_path: Path) -> None:
    vendor = tmp_path / "fournisseur é, dostawca ł, 提供者" / "vendor.dll"
    vendor.parent.mkdir()
    shutil.copy(REFERENCE, vendor)

    run = certify(*ONE_CASE, vendor)

    assert run.status == 0, run.said()
    opening = next(evidence_of(run, run.rows[0]))
    assert opening["provider"] == "Z:" + str(vendor).replace("/", "\\")


def _copy_what_is_needed(root: Path) -> None:
    """Make a checkout with what a run needs, which shares this one's Wine prefix."""
    for name in ("scripts", "reports", "conformance/orchestration"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "VERSION",
        "pyproject.toml",
        "conformance/__main__.py",
        "conformance/requirements.toml",
        "providers/reference/provider.toml",
        "build/x86_64/wspcts.exe",
        "build/x86_64/providers/reference.dll",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "build/wine-prefix").symlink_to(ROOT / "build/wine-prefix")


def test_wines_catalog_is_listed_and_why_nothing_of_it_can_be_loaded(certify):
    run = certify("--list-catalog")
    *entries, sentence = run.stdout.splitlines()
    assert run.status == 0 and entries, run.said()
    assert all(line.endswith("(no DLL is named)") for line in entries)
    assert sentence.startswith("None of them can be loaded: Wine's catalog names no DLL")
    identifier = entries[0].split()[0]
    complaint = certify("--catalog-entry", identifier).complaint()
    assert f"catalog entry {identifier} (" in complaint
    assert "cannot be loaded: Wine's catalog names no DLL for it" in complaint
