"""docs/adding-a-case.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.layout import ROOT
from conformance.tests.copies import add_to_case_list, copy_of_project, run_in

PAGE = (ROOT / "docs" / "adding-a-case.md").read_text(encoding="utf-8")

# What the page says: a file, a line of the list, the commands, and how they end.
_FILES = re.findall(r"^`([\w./]+)`:\n\n```c\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
_LINE = re.search(r"`(conformance/cases\.h)`, gets one line: `(X\([^`]*\))`", PAGE)
_COMMANDS = re.search(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
_STATUSES = re.search(r"The first command ends with status 0, the second with 1\.", PAGE)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the project."""
    with copy_of_project(tmp_path / "project") as root:
        yield root


def test_the_page_leads_from_nothing_to_a_case_that_can_fail(copy: Path) -> None:
    _write_what_the_page_says(copy)
    assert _COMMANDS is not None and _STATUSES is not None
    build, reference, flawed = _COMMANDS.group(1).strip().splitlines()

    built = run_in(copy, build)
    assert built.returncode == 0, built.stdout + built.stderr

    on_reference = run_in(copy, reference)
    assert on_reference.returncode == 0, on_reference.stdout + on_reference.stderr
    assert {row["verdict"] for row in _rows(copy, "reference")} == {"pass"}

    on_flawed = run_in(copy, flawed)
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
    assert _LINE is not None and _LINE.group(1) == "conformance/cases.h"
    add_to_case_list(root, _LINE.group(2))


def _id_of_new_case() -> str:
    return Path(_FILES[0][0]).relative_to("conformance/cases").with_suffix("").as_posix()


def _rows(root: Path, provider: str) -> list[dict[str, Any]]:
    file = root / "build" / "certify" / provider / "results.json"
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return rows
