"""The folder of the results."""

from __future__ import annotations

import json

import pytest

from conformance.orchestration.outfolder import OutFolder
from conformance.orchestration.stop import Stop

OURS = (
    "results.json",
    "report.html",
    "junit.xml",
    "results.tap",
    "ctrf.json",
    "summary.md",
    "evidence/recv__x.direct.jsonl",
    "evidence/recv__x.direct.control.jsonl",
    "evidence/recv__x.no-callback.stderr",
    ".report.html.123.draft",
    ".summary.md.123.draft",
    "comparison.html",
    "comparison.json",
    "comparison.md",
    ".comparison.md.7.draft",
    ".wspcts-run-abc/evidence/x",
)
FOREIGN = (
    "notes.txt",
    "evidence/notes.txt",
    "evidence/recv.jsonl",
    ".wspcts-runs",
    "sub/results.json",
)


def fill(folder, names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_what_an_earlier_run_left_is_removed_and_nothing_else(tmp_path):
    fill(tmp_path, (*OURS, *FOREIGN))
    out = OutFolder(tmp_path)
    out.open()
    out.close()
    there = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path).as_posix() for path in there} == set(FOREIGN)


def test_results_appear_whole_at_the_end(tmp_path):
    out = OutFolder(tmp_path / "a" / "b")
    out.open()
    fill(out.run_folder, ["evidence/recv__x.direct.jsonl", "report.html"])
    assert [path.name for path in out.path.iterdir()] == [out.run_folder.name]
    out.publish({"text": "\ud800 é"})
    out.close()
    there = {path.name for path in out.path.rglob("*")}
    assert there == {"evidence", "recv__x.direct.jsonl", "report.html", "results.json"}
    assert json.loads((out.path / "results.json").read_bytes()) == {"text": "\ud800 é"}


def test_without_results_nothing_is_left(tmp_path):
    out = OutFolder(tmp_path / "a")
    out.open()
    fill(out.run_folder, ["evidence/recv__x.direct.jsonl"])
    out.close()
    assert not out.path.exists()


def test_a_folder_that_was_there_stays(tmp_path):
    out = OutFolder(tmp_path)
    out.open()
    out.close()
    assert list(tmp_path.iterdir()) == []


def test_one_run_at_a_time(tmp_path):
    first, second = OutFolder(tmp_path), OutFolder(tmp_path)
    first.open()
    with pytest.raises(Stop, match="another run is writing"):
        second.open()
    second.close()
    assert first.run_folder.is_dir()
    first.close()
    second.open()
    second.close()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "x"):
        out = OutFolder(path)
        with pytest.raises(Stop, match="cannot be written"):
            out.open()
        out.close()
    assert (tmp_path / "file").exists()
