"""A copy of the project as it is, in which a test may change, build and run what it likes."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e import support


@contextmanager
def copy_of_project(root: Path, built: Sequence[str] = ("x86_64", "x86")) -> Iterator[Path]:
    """Yield a copy of the project at a path, in which nothing is set up or built twice."""
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
    for name in (*built, "generated"):
        if (ROOT / "build" / name).is_dir():
            shutil.copytree(ROOT / "build" / name, root / "build" / name, symlinks=True)
    for name in ("check", "wine-prefix"):
        (root / "build").mkdir(exist_ok=True)
        (root / "build" / name).symlink_to(ROOT / "build" / name)
    # The copy and this checkout have one prefix, so its server has to outlive the copy's runs.
    with support.machine().session():
        yield root
    # Objects for each architecture: too much for pytest to keep for three runs.
    shutil.rmtree(root)


def add_to_case_list(root: Path, line: str) -> None:
    """Add a line to the list of cases of a copy."""
    case_list = root / "conformance" / "cases.h"
    text = case_list.read_text(encoding="utf-8")
    # The last line of the list is the one without a backslash.
    longer, number = re.subn(
        r"^( *X\(\w+, *\w+\)) *\n\n", rf"\1 \\\n    {line}\n\n", text, flags=re.MULTILINE
    )
    assert number == 1, f"{case_list.name} does not end as it used to"
    case_list.write_text(longer, encoding="utf-8")


def run_in(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in a copy."""
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
