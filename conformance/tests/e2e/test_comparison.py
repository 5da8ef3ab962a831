"""Baselines and known deviations, from the real provider to the exit status."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import DEADLINE_S, PROVIDERS, REFERENCE, Run, environment
from conformance.tests.test_ci_snippets import command_in

Certify = Callable[..., Run]

FLAWED = PROVIDERS / "flawed" / "idle_cancel_returns_zero.dll"
CASE = "cancel/idle_after_startup"
ONE_CASE = ("--case", CASE, "--mode", "direct", "--jobs", "1")


def _describe(path: Path, library: Path, more: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f'[provider]\nname = "acme"\nlibrary = "{os.path.relpath(library, path.parent)}"\n'
    path.write_text(text + more, encoding="utf-8")
    return path


def _compare(old: Path, new: Path) -> int:
    done = subprocess.run(
        [ROOT / "scripts" / "compare", old, new],
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode


def test_a_flawed_provider_is_worse_than_the_reference(certify: Certify, tmp_path: Path) -> None:
    before = certify(*ONE_CASE, REFERENCE, out=tmp_path / "old")
    assert before.status == 0, before.said()
    after = certify(*ONE_CASE, "--baseline", before.out, FLAWED, out=tmp_path / "new")
    assert after.status == 1, after.said()
    (worse,) = after.results["run"]["baseline"]["worse"]
    assert worse == f"{CASE}[direct] was pass and is fail"
    assert "the provider's DLL (SHA-256)" in after.results["run"]["baseline"]["cause"]
    document = json.loads((after.out / "comparison.json").read_text(encoding="utf-8"))
    assert document["worse"] == [worse]
    assert _compare(before.out, after.out) == 1 and _compare(after.out, before.out) == 0


def test_the_command_of_the_ci_page_keeps_known_deviations_green(
    certify: Certify, tmp_path: Path
) -> None:
    (tmp_path / "wspcts").symlink_to(ROOT)
    known = f'[[known_deviation]]\ncase = "{CASE}"\nreason = "mended in 2.1"\n'
    description = _describe(tmp_path / "wsp" / "provider.toml", FLAWED, known)
    before = certify(*ONE_CASE, description)
    assert before.status == 1 and "fails, known: mended in 2.1" in before.stdout, before.said()
    (tmp_path / "wsp" / "baseline.json").write_bytes((before.out / "results.json").read_bytes())

    command = [*command_in(".gitlab-ci.yml"), *ONE_CASE]
    assert _in(tmp_path, command) == 0
    out = tmp_path / "conformance"
    assert json.loads((out / "results.json").read_bytes())["verdict"] == "non-conforming"
    for name in ("report.html", "junit.xml", "results.tap"):
        assert "mended in 2.1" in (out / name).read_text("utf-8"), name
    assert "Nothing got worse" in (out / "comparison.md").read_text("utf-8")

    # The flaw is mended: the run is red until the entry goes.
    _describe(description, REFERENCE, known)
    assert _in(tmp_path, command) == 4
    _describe(description, REFERENCE)
    assert _in(tmp_path, command) == 0


def _in(folder: Path, command: list[str]) -> int:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return done.returncode
