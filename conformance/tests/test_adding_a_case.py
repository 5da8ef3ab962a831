"""docs/adding-a-case.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e import support

PAGE = (ROOT / "docs" / "adding-a-case.md").read_text(encoding="utf-8")

# What the page says: a file, a line of the list, the commands, and how they end.
_FILES = re.findall(r"^`([\w./]+)`:\n\n```c\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
_LINE = re.search(r"`(conformance/cases\.h)`, gets one line: `(X\([^`]*\))`", PAGE)
_COMMANDS = re.search(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
_STATUSES = re.search(r"The first command ends with status 0, the second with 1\.", PAGE)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the project as it is, in which nothing is set up or built twice."""
    root = tmp_path / "project"
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    for name in ("x86_64", "x86", "generated"):
        if (ROOT / "build" / name).is_dir():
            shutil.copytree(ROOT / "build" / name, root / "build" / name, symlinks=True)
    for name in ("check", "wine-prefix"):
        (root / "build").mkdir(exist_ok=True)
        (root / "build" / name).symlink_to(ROOT / "build" / name)
    # The copy and this checkout have one prefix, so its server has to outlive the copy's runs.
    with support.machine().session():
        yield root
    # Objects for two architectures: too much for pytest to keep for three runs.
    shutil.rmtree(root)


def test_the_page_leads_from_nothing_to_a_case_that_can_fail(copy: Path) -> None:
    _write_what_the_page_says(copy)
    assert _COMMANDS is not None and _STATUSES is not None
    build, reference, flawed = _COMMANDS.group(1).strip().splitlines()

    built = _run(build, copy)
    assert built.returncode == 0, built.stdout + built.stderr

    on_reference = _run(reference, copy)
    assert on_reference.returncode == 0, on_reference.stdout + on_reference.stderr
    assert {row["verdict"] for row in _rows(copy, "reference")} == {"pass"}

    on_flawed = _run(flawed, copy)
    assert on_flawed.returncode == 1, on_flawed.stdout + on_flawed.stderr
    rows = _rows(copy, Path(flawed.split()[-1]).stem)
    assert {row["id"] for row in rows} == {_id_of_new_case()}
    for row in rows:
        assert (row["verdict"], row["requirement"], row["control"]) == ("fail", "CBC-07", "pass")
        assert "WSAEINVAL" in row["reason"]


def _write_what_the_page_says(root: Path) -> None:
    assert [Path(name).parts[0] for name, _ in _FILES] == ["conformance", "providers"]
    for name, text in _FILES:
        assert not (root / name).exists(), f"{name} is there already; the page needs a new case"
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert _LINE is not None
    case_list = root / _LINE.group(1)
    text = case_list.read_text(encoding="utf-8")
    # The last line of the list is the one without a backslash.
    longer, number = re.subn(
        r"^( *X\(\w+, *\w+\)) *\n\n", rf"\1 \\\n    {_LINE.group(2)}\n\n", text, flags=re.MULTILINE
    )
    assert number == 1, f"{case_list.name} does not end as it used to"
    case_list.write_text(longer, encoding="utf-8")


def _id_of_new_case() -> str:
    return Path(_FILES[0][0]).relative_to("conformance/cases").with_suffix("").as_posix()


def _run(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=root,
        env=support.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def _rows(root: Path, provider: str) -> list[dict[str, Any]]:
    file = root / "build" / "certify" / provider / "results.json"
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return rows
