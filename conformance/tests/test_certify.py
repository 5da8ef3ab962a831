"""The command, from its arguments to its exit status, with a fake executable."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from conformance.tests import pe_files
from conformance.tests.certified import OUTPUTS, SCHEMA, complaint_of, row_of, verdicts
from conformance.tests.fake_executable import CANCEL_GATE, CASES, GATE, record

# As few cases as a full run can have.
SMALL = [
    record("cancel/core", ["CBC-01", "CBC-02", "CBC-07"], modes=("direct",), rests_on=()),
    record("accept/cancelled", ["ACCEPT-01"], function="WSPAccept", rests_on=()),
]


def test_the_results_tell_what_was_measured_of_the_suite(checkout):
    file = checkout.root / "build" / "detection" / "detection.json"
    file.parent.mkdir(parents=True)
    file.write_text("cut off")
    checkout.certify()
    assert checkout.results("reference")["suite"]["detection"] is None
    summary = {"flaws": 3, "caught": 3, "variants": 2, "variants_failed": 0}
    measured = {
        "schema": "wspcts-detection/1",
        "suite": {"version": "1", "commit": "4f2a91c07be8"},
        "finished": "2026-01-14T09:26:53+01:00",
        "rates": {"must": 1.0, "all": 1.0, "attributed": 1.0},
        "summary": summary,
    }
    file.write_text(json.dumps(measured))
    checkout.certify()
    told = checkout.results("reference")["suite"]["detection"]
    assert told.items() >= summary.items() and told["measured"] == measured["finished"]
    page = (checkout.root / "build/certify/reference/report.html").read_text(encoding="utf-8")
    assert (
        "this suite: 3 flaws, all caught; 2 conforming variants, none failed;"
        " measured 2026-01-14 at 4f2a91c07be8"
    ) in page

    published = checkout.root / "conformance/detection/published/detection.json"
    published.parent.mkdir(parents=True)
    published.write_text(json.dumps(measured | {"finished": "2025-12-01T09:00:00+01:00"}))
    checkout.certify()
    assert checkout.results("reference")["suite"]["detection"]["measured"].startswith("2026-01-14")
    file.unlink()  # nothing was measured here: the checkout says what was measured elsewhere
    checkout.certify()
    assert checkout.results("reference")["suite"]["detection"]["measured"].startswith("2025-12-01")


# --- Verdicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_conforming_provider(checkout, jobs):
    done = checkout.certify("--jobs", jobs)
    assert done.returncode == 0, done.stderr
    assert "CONFORMING" in done.stdout
    out = checkout.root / "build/certify/reference"
    assert {path.name for path in out.iterdir()} == OUTPUTS
    results = checkout.results("reference")
    jsonschema.Draft202012Validator(SCHEMA).validate(results)
    assert results["verdict"] == "conforming"
    assert set(results["verdict_by_mode"].values()) == {"conforming"}
    assert results["counts"]["pass"] == len(results["cases"]) == 16
    assert results["suite"]["version"] == "1.2.3" and results["suite"]["commit"] is None
    assert results["provider"]["description"] == "A fake provider"
    assert results["run"]["jobs"] == jobs and results["run"]["selection"] is None
    assert len(list((out / "evidence").iterdir())) == 16
    for row in results["cases"]:
        assert (out / row["evidence"]).is_file()
    requirement = next(row for row in results["requirements"] if row["id"] == "CBC-02")
    assert requirement["verdict"] == "pass"
    assert requirement["cases"] == [CANCEL_GATE, "recv/cancelled"]
    assert {row["verdict"] for row in results["requirements"]} == {"pass", "none"}


@pytest.mark.parametrize(
    ("behaviour", "status", "verdict"),
    [
        ("warn", 0, "conforming"),
        ("not_apply", 0, "conforming"),
        ("inconclusive", 3, "incomplete"),
        ("error", 3, "incomplete"),
        ("fail", 1, "non-conforming"),
        ("crash", 1, "non-conforming"),
        ("exit", 1, "non-conforming"),
        ("hang", 1, "non-conforming"),
        ("gap", 3, "incomplete"),
        ("forge", 1, "non-conforming"),
        ("cut_off", 1, "non-conforming"),
    ],
)
def test_the_verdict_on_a_provider(checkout, behaviour, status, verdict):
    checkout.cases(SMALL)
    done = checkout.certify(checkout.library({"accept/cancelled": behaviour}))
    assert done.returncode == status, done.stderr
    results = checkout.results()
    jsonschema.Draft202012Validator(SCHEMA).validate(results)
    assert results["verdict"] == verdict


def test_a_failure_says_everything_about_itself(checkout):
    checkout.cases(SMALL)
    library = checkout.library({"accept/cancelled[ws2_32]": "fail"})
    assert checkout.certify("--seed", 5, library).returncode == 1
    results = checkout.results()
    row = row_of(results, "accept/cancelled[ws2_32]")
    assert row["reason"] == (
        "WSPAccept after a cancel: expected SOCKET_ERROR with WSAEINTR (10004), got 0"
    )
    assert row["expected"] == ["SOCKET_ERROR with WSAEINTR (10004)"] and row["seen"] == "0"
    assert (row["cause"], row["blame"], row["control"]) == ("expectation", "provider", "pass")
    assert row["by_requirement"] == {"ACCEPT-01": "fail"}
    assert row["repro"] == (
        "scripts/certify --debug --case accept/cancelled --mode ws2_32 --seed 5 vendor.dll"
    )
    assert results["verdict_by_mode"]["direct"] == "conforming"
    assert results["verdict_by_mode"]["ws2_32"] == "non-conforming"


def test_nobody_is_blamed_where_the_reference_fails_too(checkout):
    Path(f"{checkout.reference}.json").write_text(json.dumps({"send/cancelled": "fail"}))
    done = checkout.certify(checkout.library({"send/cancelled": "crash"}))
    assert done.returncode == 3, done.stderr
    row = row_of(checkout.results(), "send/cancelled[direct]")
    assert (row["verdict"], row["blame"], row["control"]) == ("error", "environment", "fail")


def test_the_reference_has_no_control(checkout):
    Path(f"{checkout.reference}.json").write_text(json.dumps({"send/cancelled": "fail"}))
    assert checkout.certify().returncode == 1
    assert row_of(checkout.results("reference"), "send/cancelled[direct]")["control"] is None


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_rests_on_a_failed_gate_is_not_run(checkout, jobs):
    library = checkout.library({f"{CANCEL_GATE}[direct]": "fail", "send/cancelled": "fail_resting"})
    assert checkout.certify("--jobs", jobs, library).returncode == 1
    found = verdicts(checkout.results())
    assert [name for name, verdict in found.items() if verdict == "fail"] == [
        f"{CANCEL_GATE}[direct]",
        "send/cancelled[ws2_32]",
    ]
    inconclusive = [name for name, verdict in found.items() if verdict == "inconclusive"]
    assert inconclusive == [
        "recv/cancelled[direct]",
        "send/cancelled[direct]",
        "accept/cancelled[direct]",
    ]
    row = row_of(checkout.results(), "recv/cancelled[direct]")
    assert row["rests_on"] == [CANCEL_GATE] and row["evidence"] is None


def test_a_provider_that_does_not_start_is_told_once(checkout):
    library = checkout.library({"*": {"is": "crash", "in": "WSPStartup"}})
    assert checkout.certify(library).returncode == 1
    counts = checkout.results()["counts"]
    assert (counts["fail"], counts["inconclusive"]) == (2, 14)


def test_the_third_hang_blows_the_fuse(checkout):
    names = [f"recv/{letter}" for letter in "abcdefgh"]
    core = [record("cancel/core", ["CBC-01", "CBC-02", "CBC-07"], rests_on=())]
    cases = [record(name, ["RECV-01"], modes=("direct",), rests_on=()) for name in names]
    checkout.cases([*core, *cases])
    library = checkout.library({name: "need_rescue" for name in names})
    assert checkout.certify(library).returncode == 1
    results = checkout.results()
    found = [verdicts(results)[f"{name}[direct]"] for name in names]
    assert found == ["fail"] * 3 + ["inconclusive"] * 5
    assert row_of(results, "recv/h[direct]")["rests_on"] == ["recv/a"]


def test_a_hang_from_which_the_executable_does_not_recover(checkout):
    file = checkout.describe("[budgets]\ncase = 100\n", {"send/cancelled": "hang_hard"})
    done = checkout.certify(file, "--case", "send/*", "--mode", "direct")
    assert done.returncode == 1, done.stderr
    results = checkout.results(checkout.root.name)
    row = row_of(results, "send/cancelled[direct]")
    assert (row["cause"], row["duration_ms"] < 20_000) == ("hang", True)
    assert results["qualifier"].startswith("only the selection --case send/* --mode direct;")
    assert "the budget case is 100 ms instead of 15000 ms" in results["qualifier"]


def test_a_case_that_is_only_advice_or_freedom_does_not_count(checkout):
    library = checkout.library({"accept/advice": "inconclusive", "accept/freedom": "error"})
    assert checkout.certify(library).returncode == 0


def test_what_the_provider_chose_is_told(checkout):
    library = checkout.library({"accept/freedom": {"is": "pass", "choice": "keeps the socket"}})
    assert checkout.certify(library).returncode == 0
    assert row_of(checkout.results(), "accept/freedom[direct]")["choice"] == "keeps the socket"


# --- Selection --------------------------------------------------------------------------------


def test_a_selection_is_named_and_needs_nothing_else(checkout):
    done = checkout.certify("--case", "recv/*", "--mode", "direct")
    assert done.returncode == 0, done.stderr
    results = checkout.results("reference")
    assert results["run"]["selection"] == {"cases": ["recv/*"], "modes": ["direct"]}
    assert len(results["cases"]) == 1 and results["qualifier"]


def test_a_selection_in_which_nothing_applies_is_incomplete(checkout):
    library = checkout.library({"recv/cancelled": "not_apply"})
    assert checkout.certify(library, "--case", "recv/*").returncode == 3


def test_groups(checkout):
    assert checkout.certify("--group", "endurance").returncode == 0
    assert set(verdicts(checkout.results("reference"))) == {
        "connect/late[direct]",
        "connect/late[ws2_32]",
    }


def test_the_order_can_be_drawn_from_the_seed_and_is_not_seen_in_the_results(checkout):
    few = ("--case", "[ar]*", "--seed", 3)
    assert checkout.certify("--shuffle", *few).returncode == 0
    first = checkout.results("reference")
    assert checkout.certify(*few).returncode == 0
    assert verdicts(checkout.results("reference")) == verdicts(first)
    assert first["run"]["seed"] == 3


def test_debugging_runs_one_case_and_leaves_the_results_alone(checkout):
    assert checkout.certify("--case", "recv/*").returncode == 0
    before = checkout.results("reference")
    done = checkout.certify("--debug", "--case", "recv/cancelled", "--mode", "ws2_32")
    assert done.returncode == 0, done.stderr
    assert "--case recv/cancelled --mode ws2_32" in done.stderr
    assert checkout.results("reference") == before
    assert list(verdicts(checkout.results("reference.debug"))) == ["recv/cancelled[ws2_32]"]


def test_debugging_several_cases_is_refused(checkout):
    assert "--debug runs one case" in complaint_of(checkout.certify("--debug"))


# --- Lists ------------------------------------------------------------------------------------


def test_the_cases_are_listed(checkout):
    done = checkout.certify("--list")
    assert done.returncode == 0
    assert "recv/cancelled  [direct, ws2_32]  MUST  CBC-02, RECV-01" in done.stdout
    assert "nothing matches" not in done.stdout
    assert not (checkout.root / "build/certify").exists()
    assert checkout.certify("--list", "--case", "recv/*").stdout.count("MUST") == 1


def test_the_catalog_is_listed(checkout):
    done = checkout.certify("--list-catalog")
    assert done.returncode == 0 and "1001  A base provider" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "None of them can be loaded: the catalog names no DLL; give the path of a DLL instead."
    )


def test_an_entry_of_the_catalog_without_a_library_is_said_to_be_one(checkout):
    complaint = complaint_of(checkout.certify("--catalog-entry", 1001))
    assert "catalog entry 1001 (A base provider) cannot be loaded" in complaint
    assert "no entry 7; it has 1001" in complaint_of(checkout.certify("--catalog-entry", 7))
    assert "not both" in complaint_of(checkout.certify("--catalog-entry", 7, "reference"))


def entry(identifier: int, family: int, kind: int, library: object, **more: object) -> str:
    """Return an entry of a catalog, as the executable lists it."""
    record = {"catalog_entry_id": identifier, "name": f"entry {identifier}", "library": library}
    numbers = {"address_family": family, "socket_type": kind, "provider_flags": 8}
    return json.dumps({**record, **numbers, "chain": "", "chain_length": 1, **more})


def test_an_installed_provider_is_handed_its_own_entries(checkout):
    library = str(checkout.library())
    lines = [
        entry(1001, 2, 1, library, provider_reserved=3, name=""),
        entry(1002, 2, 1, library),
        entry(1003, 2, 2, "another.dll"),
        entry(1004, 23, 2, library.upper(), chain="1001,5", chain_length=2),
        entry(1005, 2, 3, library),
    ]
    checkout.executable.with_name("catalog.jsonl").write_text("\n".join(lines))
    done = checkout.certify("--list-catalog")
    assert done.returncode == 0 and "None of them" not in done.stdout
    assert library in done.stdout
    done = checkout.certify("--catalog-entry", 1002)
    assert done.returncode == 0, done.stderr
    settings = checkout.results()["provider"]["settings"]
    assert settings == {
        "protocol.tcp4.catalog_entry_id": "1002",
        "protocol.tcp4.provider_flags": "8",
        "protocol.tcp4.address_family": "2",
        "protocol.tcp4.socket_type": "1",
        "protocol.tcp4.name": "entry 1002",
        "protocol.tcp4.chain_length": "1",
        "protocol.udp6.catalog_entry_id": "1004",
        "protocol.udp6.provider_flags": "8",
        "protocol.udp6.address_family": "23",
        "protocol.udp6.socket_type": "2",
        "protocol.udp6.name": "entry 1004",
        "protocol.udp6.chain_length": "2",
        "protocol.udp6.chain": "1001,5",
        "claim.udp4": "no",
        "claim.tcp6": "no",
    }
    row = checkout.results()["cases"][0]
    assert row["repro"].endswith(" --catalog-entry 1002")
    assert "protocol.tcp4.catalog_entry_id=1002" in row["repro_by_hand"]
    assert "neither a stream nor" in complaint_of(checkout.certify("--catalog-entry", 1005))


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.dll"], "there is no file"),
        (["unknown"], "there is no provider unknown in providers (there are reference)"),
        (["nowhere.toml"], "there is no file nowhere.toml"),
        (["providers"], "is a folder, not a DLL"),
        (["Z:\\nowhere\\a.dll"], "there is no file /nowhere/a.dll"),
        (["VERSION"], "it is not a PE file"),
        (["--case", "nothing/*"], "--case nothing/* matches no case"),
        (["--case", "recv/*", "--mode", "no-callback"], "no case is selected"),
        (["--out", "VERSION"], "cannot be written"),
        (["--out", "VERSION/x"], "cannot be written"),
        (["--baseline", "nothing.json"], "the baseline nothing.json cannot be read"),
        (["--baseline", "VERSION"], "the baseline VERSION is no"),
        (["--arch", "x86"], "is a DLL for x86_64, not for x86"),
    ],
)
def test_bad_input_is_one_sentence_and_no_run(checkout, arguments, complaint):
    assert complaint in complaint_of(checkout.certify(*arguments))
    assert not (checkout.root / "build/certify").exists()


@pytest.mark.parametrize(
    "arguments", [["--unknown"], ["--mode", "odd"], ["--jobs", "0"], ["a", "b"], ["--seed", "x"]]
)
def test_wrong_usage_is_status_2(checkout, arguments):
    done = checkout.certify(*arguments)
    assert done.returncode == 2 and "usage: scripts/certify" in done.stderr


@pytest.mark.parametrize(
    ("exports", "complaint"),
    [(["WSPStartupEx"], "exports only WSPStartupEx"), (["Other"], "does not export WSPStartup")],
)
def test_a_library_that_is_no_provider(checkout, exports, complaint):
    path = checkout.root / "other.dll"
    path.write_bytes(pe_files.library(exports))
    assert complaint in complaint_of(checkout.certify(path))


def test_an_unknown_key_is_named_with_its_file(checkout):
    complaint = complaint_of(checkout.certify(checkout.describe("[budgets]\nhok = 1\n")))
    assert "unknown key budgets.hok" in complaint and "provider.toml" in complaint


def test_nothing_built_is_said(checkout):
    checkout.executable.unlink()
    assert "is not built; run make" in complaint_of(checkout.certify())


def test_a_missing_baseline_provider_is_said(checkout):
    checkout.reference.unlink()
    complaint = complaint_of(checkout.certify(checkout.library()))
    assert "the reference provider, the baseline, is not there" in complaint


def test_a_list_that_cannot_be_read_is_said(checkout):
    checkout.executable.write_text("#!/bin/sh\nexit 3\n")
    assert "--list ended with status 3" in complaint_of(checkout.certify())
    checkout.executable.write_text("#!/bin/sh\necho nonsense\n")
    assert "in line 1" in complaint_of(checkout.certify())


def test_a_stub_of_wine_is_no_run(checkout):
    stub = {"is": "crash", "in": "WSPStartup", "code": 0x80000100}
    library = checkout.library({"*": stub})
    assert "is a stub of Wine" in complaint_of(checkout.certify(library))
    assert "is a stub of Wine" in complaint_of(checkout.certify(library, "--case", "recv/*"))
    assert not (checkout.root / "build/certify/vendor").exists()


def test_a_name_cannot_play_with_the_terminal(checkout):
    done = checkout.certify("\x1b[31mred")
    assert "\x1b" not in complaint_of(done)


def test_a_failed_run_leaves_the_earlier_results_unless_it_began(checkout):
    assert checkout.certify("--case", "recv/*").returncode == 0
    before = checkout.results("reference")
    assert checkout.certify("--case", "nothing").returncode == 2
    assert checkout.results("reference") == before


def test_an_error_of_the_suite_is_a_sentence_and_a_log(checkout, tmp_path):
    (tmp_path / "temporary").mkdir()
    (checkout.root / "VERSION").unlink()
    (checkout.root / "VERSION").write_bytes(b"\xff")
    done = checkout.certify(TMPDIR=str(tmp_path / "temporary"))
    complaint = complaint_of(done)
    assert "internal error of the suite" in complaint
    log = Path(re.search(r"see (\S+)\.$", complaint).group(1))  # type: ignore[union-attr]
    assert "UnicodeDecodeError" in log.read_text()
    assert not (checkout.root / "build/certify/reference").exists()


def test_the_suite_and_its_fake_agree_on_the_cases():
    assert GATE in {case["id"] for case in CASES}
