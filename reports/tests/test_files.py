"""Whole files or none, and the command that writes them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import reports
from reports.tests import samples

NAMES = ["ctrf.json", "junit.xml", "report.html", "results.tap", "summary.md"]
SCRIPT = Path(__file__).parents[2] / "scripts" / "report"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def test_all_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    written = reports.write_all(samples.conforming(), tmp_path / "new" / "folder")
    assert sorted(path.name for path in written) == NAMES == _names(tmp_path / "new" / "folder")
    assert all(path.stat().st_mode & 0o444 for path in written)


def test_a_broken_document_leaves_the_old_files(tmp_path: Path) -> None:
    reports.write_all(samples.conforming(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    with pytest.raises(reports.ResultsError):
        reports.write_all(samples.conforming() | {"counts": {}}, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == before


def test_a_write_that_fails_leaves_the_old_files_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports.write_all(samples.conforming(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    real, calls = reports.files._write_new, []

    def full_disk(path: Path, content: bytes) -> None:
        calls.append(path)
        real(path, content[:100])
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(reports.files, "_write_new", full_disk)
    with pytest.raises(OSError):
        reports.write_all(samples.non_conforming(), tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == before
    assert _names(tmp_path) == NAMES


def test_the_command_writes_everything_again(tmp_path: Path) -> None:
    results = samples.hostile()
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "reports").mkdir()  # not ours, and not to be taken for it
    (tmp_path / "reports" / "__init__.py").write_text("raise SystemExit('the wrong reports')")
    done = _run("results.json", "--out", "again", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("✗ NON-CONFORMING\n")
    assert "wrote again/report.html\n" in done.stdout
    for name, content in reports.render_all(results).items():
        assert (tmp_path / "again" / name).read_bytes() == content


def test_the_command_writes_beside_the_results(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(samples.conforming()))
    assert _run(tmp_path / "results.json", cwd=Path("/")).returncode == 0
    assert _names(tmp_path) == sorted([*NAMES, "results.json"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "results.json: No such file or directory"),
        (b"", "results.json is no results document: it is not JSON"),
        (b"\xff\xfe{}", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b"{}", "schema is missing"),
        (b'{"schema": "junit"}', "schema is 'junit', expected wspcts-results/1"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "results.json").write_bytes(content)
    done = _run("results.json", cwd=tmp_path)
    assert done.returncode == 2 and not done.stdout
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert _names(tmp_path) == (["results.json"] if content is not None else [])


def test_a_folder_that_cannot_be_one_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(samples.conforming()))
    done = _run("results.json", "--out", "results.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "scripts/report: results.json: File exists\n"


def test_help_says_how(tmp_path: Path) -> None:
    done = _run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "usage: scripts/report" in done.stdout and "--out DIR" in done.stdout
    assert all(f"\n  {name} " in done.stdout for name in NAMES)


def test_the_command_writes_what_it_is_asked_for_alone(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(samples.conforming()))
    done = _run("results.json", "--only", "summary.md", "--only", "ctrf.json", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.endswith("wrote summary.md\nwrote ctrf.json\n")
    assert _names(tmp_path) == ["ctrf.json", "results.json", "summary.md"]
