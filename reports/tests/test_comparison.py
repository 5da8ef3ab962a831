"""Two runs compared: what is better and worse, and that every output says so, safely."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports import comparison
from reports.comparison import cli, terminal
from reports.comparison.model import Comparison, Kind, kind_of
from reports.document import ResultsError
from reports.tests import samples
from reports.tests.readers import read_html
from reports.tests.test_html import HARMLESS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(
    Path(comparison.__file__).with_name("comparison.schema.json").read_text(encoding="utf-8")
)
BETTER_FIRST = ("pass", "not-applicable", "warn", "inconclusive", "error", "fail")
INVISIBLE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"


def _run(*cases: samples.Document, **changes: Any) -> samples.Document:
    return samples.document(copy.deepcopy(list(cases)), **changes)


def _case(verdict: str = "pass", name: str = "recv/x", **changes: Any) -> samples.Document:
    return samples.case(name, "direct", "CBC-02", verdict, **changes)


def _summary(found: Comparison) -> str:
    return terminal.summary(found, colour=False, width=100)


# --- What is better and what is worse ----------------------------------------------------------


@pytest.mark.parametrize("old", BETTER_FIRST)
@pytest.mark.parametrize("new", BETTER_FIRST)
def test_what_is_better_and_what_is_worse(old: str, new: str) -> None:
    found = comparison.compare(_run(_case(old)), _run(_case(new)))
    steps = BETTER_FIRST.index(new) - BETTER_FIRST.index(old)
    kind = Kind.WORSE if steps > 0 else Kind.BETTER if steps < 0 else Kind.UNCHANGED
    assert [change.kind for change in found.cases] == [kind] == [kind_of(old, new)]
    assert [change.kind for change in found.requirements] == [kind]
    assert found.worse == ((f"recv/x[direct] was {old} and is {new}",) if steps > 0 else ())
    assert found.is_worse == (steps > 0)


def test_what_only_one_run_has_is_neither_better_nor_worse() -> None:
    old = _run(_case(), _case("fail", "send/gone"))
    new = _run(_case(), _case("fail", "accept/new"))
    found = comparison.compare(old, new)
    assert [change.case.id for change in found.cases_that(Kind.ADDED)] == ["accept/new"]
    assert [change.case.id for change in found.cases_that(Kind.REMOVED)] == ["send/gone"]
    assert not found.is_worse


def test_the_same_case_in_another_mode_is_another_result() -> None:
    other = samples.case("recv/x", "ws2_32", "CBC-02", "fail")
    found = comparison.compare(_run(_case()), _run(_case(), other))
    assert found.case_counts["added"] == 1 and not found.is_worse


def test_a_requirement_is_judged_by_what_both_runs_have() -> None:
    found = comparison.compare(_run(_case(), _case("fail", "send/gone")), _run(_case()))
    (change,) = found.requirements
    assert (change.kind, change.old, change.new) == (Kind.UNCHANGED, "pass", "pass")


def test_requirements_of_one_run_alone_and_of_different_results() -> None:
    common = samples.case("idle/x", "direct", "CBC-07")
    old = _run(common, _case("fail", "send/a"), samples.case("a/b", "direct", "BHK-01"))
    new = _run(common, _case("pass", "send/b"), samples.case("a/c", "direct", "RACE-05"))
    found = comparison.compare(old, new)
    kinds = {change.requirement.id: change.kind for change in found.requirements}
    assert kinds == {
        "CBC-07": Kind.UNCHANGED,
        "CBC-02": Kind.APART,
        "BHK-01": Kind.REMOVED,
        "RACE-05": Kind.ADDED,
    }
    assert not found.is_worse


def test_a_requirement_can_get_worse_in_a_result_that_fails_as_before() -> None:
    keys = ["CBC-02", "PCS-02"]
    old, new = (
        _case("fail", requirements=keys, by_requirement={"CBC-02": "fail", "PCS-02": verdict})
        for verdict in ("pass", "fail")
    )
    found = comparison.compare(_run(old), _run(new))
    assert found.case_counts["unchanged"] == 1
    assert found.worse == ("PCS-02 was pass and is fail",)
    assert found.claim == "1 requirement got worse"


def test_a_known_deviation_is_worse_than_a_pass_and_named_with_its_reason() -> None:
    deviation = {"reason": "bug 7", "expires": None, "url": None}
    found = comparison.compare(_run(_case()), _run(_case("fail", known_deviation=deviation)))
    assert found.is_worse
    assert "fails, known: bug 7" in _summary(found)
    outputs = comparison.render_all(found)
    assert "Fails, known. bug 7" in read_html(outputs["comparison.html"]).text
    assert "known: `bug 7`" in outputs["comparison.md"].decode()
    assert json.loads(outputs["comparison.json"])["cases"][0]["known_deviation"] == "bug 7"


def test_another_cause_or_choice_is_noted_and_changes_nothing() -> None:
    old = _run(_case("fail"), _case("pass", "send/y", choice="waits"))
    new = _run(_case("fail", cause="hang"), _case("pass", "send/y", choice="returns"))
    found = comparison.compare(old, new)
    assert not found.is_worse and found.case_counts["unchanged"] == 2
    for text in (_summary(found), read_html(comparison.render_all(found)["comparison.html"]).text):
        assert "expectation → hang" in text and "waits → returns" in text


# --- What else differs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "field", "value", "sentence"),
    [
        ("provider", "name", "other", "the provider's name: acme → other"),
        ("provider", "sha256", "ab", "the provider's DLL (SHA-256): "),
        ("provider", "budgets", {"hook": 9}, "the budgets: the default ones → hook: 9"),
        ("suite", "version", "2.0.0", "the suite's version: 1.0.0 → 2.0.0"),
        ("suite", "commit", None, "the suite's commit: 4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc"),
        ("platform", "os", "Windows", "the system: Debian GNU/Linux 12 (bookworm) → Windows"),
        ("platform", "wine", None, "Wine: wine-8.0 → none: Windows itself"),
        ("run", "selection", {"case": ["a/*"]}, "the selection: none: every case → case: a/*"),
        ("run", "seed", 1, "the seed: 20260114 → 1"),
        ("run", "jobs", 8, "the number of jobs: 2 → 8"),
    ],
)
def test_what_else_differs_is_told(section: str, field: str, value: Any, sentence: str) -> None:
    old, new = _run(_case()), _run(_case())
    old["provider"]["budgets"] = new["provider"]["budgets"] = {}
    new[section] = {**new[section], field: value}
    found = comparison.compare(old, new)
    assert [it.field for it in found.differences] == [f"{section}.{field}"]
    what, _, sides = sentence.partition(": ")
    assert f"the likeliest cause first: {what}." in found.cause
    assert sentence in " ".join(_summary(found).split())
    assert sides.split(" → ")[-1] in comparison.render_all(found)["comparison.md"].decode()


def test_the_provider_is_named_before_the_machine_and_the_seed() -> None:
    new = _run(_case("fail"))
    new["run"]["seed"], new["provider"]["sha256"], new["platform"]["wine"] = 7, "0", "wine-9.0"
    assert comparison.compare(_run(_case()), new).cause == (
        "What else differs, the likeliest cause first: the provider's DLL (SHA-256), Wine and the"
        " seed."
    )


def test_where_nothing_differs_chance_is_named() -> None:
    assert "by chance" in comparison.compare(_run(_case()), _run(_case("fail"))).cause


def test_a_field_that_older_results_do_not_have_is_no_difference() -> None:
    new = _run(_case())
    new["provider"]["budgets"] = {"hook": 1}
    assert comparison.compare(_run(_case()), new).differences == ()


# --- What cannot be compared -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (_run(_case()), {"schema": "x/2"}, "the new results cannot be used: schema"),
        (_run(_case()) | {"counts": {}}, _run(_case()), "the old results cannot be used: counts"),
        (_run(_case()), _run(_case("pass", "send/y")), "they have no case in common"),
    ],
)
def test_what_cannot_be_compared(old: Any, new: Any, sentence: str) -> None:
    with pytest.raises(ResultsError, match=sentence):
        comparison.compare(old, new)


# --- The outputs -------------------------------------------------------------------------------

PAIRS = [
    (one, other)
    for one in ("conforming", "non_conforming", "hostile", "incomplete")
    for other in ("conforming", "non_conforming", "hostile", "only_direct")
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_all_outputs_agree(one: str, other: str) -> None:
    found = comparison.compare(samples.SAMPLES[one](), samples.SAMPLES[other]())
    outputs = comparison.render_all(found)
    document = json.loads(outputs["comparison.json"])
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["is_worse"] == found.is_worse == bool(document["worse"])
    kinds = [change["change"] for change in document["cases"]]
    page = read_html(outputs["comparison.html"])
    for kind, count in document["counts"]["cases"].items():
        assert kinds.count(kind) == count
    shown = {e.attributes.get("data-change"): e.attributes.get("data-count") for e in page.walk()}
    shown.pop(None)
    assert shown == {kind: str(n) for kind, n in document["counts"]["cases"].items()}
    glyph = "✗" if found.is_worse else "✓"
    assert _summary(found).startswith(f"{glyph} {found.claim}.\n")
    assert outputs["comparison.md"].decode().startswith(f"# {glyph} {found.claim}\n")
    assert f"{found.claim}." in page.all("h1")[0].text
    assert found.cause in outputs["comparison.md"].decode() and found.cause in page.text
    for change in found.cases_that(Kind.WORSE):
        assert change.case.id in page.text
        assert f"`{change.case.name}`" in outputs["comparison.md"].decode()


def test_the_same_results_give_the_same_bytes() -> None:
    first, second = (
        comparison.render_all(comparison.compare(samples.conforming(), samples.non_conforming()))
        for _ in range(2)
    )
    assert first == second


def _later() -> samples.Document:
    """Return a later run than that of samples.small(): some of each kind of change."""
    results = samples.small()
    cases = [case for case in results["cases"] if case["id"] != "startup/exports_wspstartup"]
    for case in cases:
        if case["id"] == "send/asks_for_callback":
            case |= _case("pass", case["id"])
        if case["id"] == "recv/callback_comes_again":
            case |= {"verdict": "fail", "cause": "hang", "by_requirement": {"BHK-05": "fail"}}
            case |= {"reason": "WSPRecv did not return within 2 s", "blame": "provider"}
        if case["verdict"] == "fail" and case["mode"] == "direct":
            case["cause"] = "hang"
    cases.append(_case("pass", "accept/new"))
    later = samples.document(cases)
    later["provider"]["sha256"] = "5d" * 32
    return later


# Without the page, whose style would make it a golden file of the report as well.
@pytest.mark.parametrize("name", ["comparison.json", "comparison.md", "comparison.txt"])
def test_the_output_is_as_it_was(name: str) -> None:
    found = comparison.compare(samples.small(), _later())
    content = {**comparison.render_all(found), "comparison.txt": _summary(found).encode()}[name]
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("WSPCTS_UPDATE_GOLDEN"):
        path.write_bytes(content)
    assert content == path.read_bytes()


@pytest.mark.parametrize("one", ["hostile", "conforming"])
def test_hostile_text_is_shown_as_text(one: str) -> None:
    old, new = samples.SAMPLES[one](), samples.hostile()
    if one == "hostile":
        old["provider"]["budgets"], new["provider"]["budgets"] = {}, {"x": samples.HOSTILE[1]}
        for row in old["cases"]:
            row["choice"] = "another"
    outputs = comparison.render_all(comparison.compare(old, new))
    summary = _summary(comparison.compare(old, new))
    page = outputs["comparison.html"].decode()
    for text in (page, outputs["comparison.md"].decode(), summary):
        assert not re.search(INVISIBLE, text) and "#x1B[2J" in text
    assert not outputs["comparison.json"].decode().isprintable() and "\x1b" not in str(outputs)
    assert "<script" not in page
    for element in read_html(outputs["comparison.html"]).walk():
        assert element.tag in HARMLESS or not element.tag
        assert not any(name.startswith("on") for name in element.attributes)
    assert len(page) < 1_000_000 and len(outputs["comparison.md"]) < 200_000


def test_foreign_text_in_markdown_cannot_leave_its_code_span() -> None:
    evil = "`<b>x</b>` ``` [a](http://evil.example) @team\n# heading"
    deviation = {"reason": evil, "expires": None, "url": None}
    known = _case("fail", reason=evil, known_deviation=deviation)
    new = _run(known, _case("fail", "send/y", reason=evil))
    new["provider"]["name"] = evil
    found = comparison.compare(_run(_case(), _case("pass", "send/y")), new)
    text = comparison.render_all(found)["comparison.md"].decode()
    outside = re.sub(r"`[^`\n]*`", "", text)
    assert "`" not in outside and "evil" not in outside and "@team" not in outside
    assert text.count("\n# ") == 0 and text.count("evil.example") >= 3


def test_the_page_is_self_contained_and_has_a_structure() -> None:
    found = comparison.compare(samples.conforming(), samples.non_conforming())
    content = comparison.render_all(found)["comparison.html"]
    page = read_html(content)
    style = re.search(r"<style>(.*?)</style>", content.decode(), re.DOTALL)
    assert style and "url(" not in style.group(1) and "@import" not in style.group(1)
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    (policy,) = (
        e.attributes["content"]
        for e in page.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert (policy or "").startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids)) and len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(e.tag[1]) for e in page.walk() if re.fullmatch("h[1-6]", e.tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    for table in page.all("table"):
        assert table.children[0].tag == "caption"
        assert all("scope" in cell.attributes for cell in table.all("th"))
    assert not re.search(r"\b(None|Undefined)\b", page.text)


def test_the_style_of_the_page_uses_the_colours_of_the_report_only() -> None:
    folder = ROOT / "reports" / "templates"
    own = (folder / "comparison.css").read_text(encoding="utf-8")
    report = (folder / "report.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(", own)
    assert set(re.findall(r"var\(--([a-z]+)\)", own)) <= set(re.findall(r"--([a-z]+):", report))


def test_colour_is_only_for_a_terminal() -> None:
    found = comparison.compare(_run(_case()), _run(_case("fail")))
    plain = _summary(found)
    coloured = terminal.summary(found, colour=True, width=100)
    assert "\x1b" not in plain and re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain != coloured


# --- The command -------------------------------------------------------------------------------


def _command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "compare", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Path:
    for name, verdict in (("good", "pass"), ("bad", "fail")):
        (tmp_path / name).mkdir()
        text = json.dumps(_run(_case(verdict), _case("pass", "send/y")))
        (tmp_path / name / "results.json").write_text(text)
    (tmp_path / "apart.json").write_text(json.dumps(_run(_case("pass", "a/b"))))
    (tmp_path / "other.json").write_text('{"schema": "wspcts-results/2"}')
    (tmp_path / "cut.json").write_text(json.dumps(_run(_case()))[:500])
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("good", "bad", 1), ("bad", "good/results.json", 0), ("good/results.json", "good", 0)],
)
@pytest.mark.parametrize("form", ["terminal", "json", "markdown", "html"])
def test_the_status_says_whether_anything_got_worse(
    files: Path, old: str, new: str, status: int, form: str
) -> None:
    done = _command(old, new, "--format", form, cwd=files)
    assert (done.returncode, done.stderr) == (status, "")
    glyph = "✗" if status else "✓"
    marks = {"terminal": glyph, "json": "{", "markdown": f"# {glyph}", "html": "<!doctype"}
    assert done.stdout.lstrip("\n").startswith(marks[form])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("gone.json", "good", "gone.json: No such file or directory"),
        ("good", "empty", "empty/results.json: No such file or directory"),
        ("good", "cut.json", "cut.json is no results document: it is not JSON"),
        ("list.json", "good", "list.json is no results document: it is not a JSON object"),
        ("other.json", "good", "schema is 'wspcts-results/2', expected wspcts-results/1"),
        ("good", "apart.json", "they have no case in common that was driven in the same mode"),
    ],
)
def test_what_is_not_comparable_is_one_sentence_and_status_2(
    files: Path, old: str, new: str, sentence: str
) -> None:
    done = _command(old, new, "--out", "out", cwd=files)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith("scripts/compare: ") and done.stderr.count("\n") == 1
    assert sentence in done.stderr
    assert not (files / "out").exists()


def test_the_outputs_are_written_where_asked(files: Path) -> None:
    assert _command("good", "bad", "--out", "new/out", cwd=files).returncode == 1
    names = sorted(path.name for path in (files / "new" / "out").iterdir())
    assert names == ["comparison.html", "comparison.json", "comparison.md"]
    assert _command("good", "bad", "--out", "apart.json", cwd=files).returncode == 2


def test_help_names_the_exit_statuses(files: Path) -> None:
    done = _command("--help", cwd=files)
    assert done.returncode == 0
    for text in ("usage: scripts/compare", "--format", "--out DIR", "0  nothing got worse"):
        assert text in done.stdout
    assert _command("good", cwd=files).returncode == 2


def test_an_error_of_the_suite_itself_is_no_verdict(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(comparison, "compare", broken)
    assert cli.main([str(files / "good"), str(files / "bad")]) == 2
