"""What the tests of the orchestration stand on: a checkout with a fake executable."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.orchestration.layout import ROOT
from conformance.tests import fake_executable, pe_files

_CERTIFY = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    "from conformance.orchestration.certify import main; sys.exit(main())"
)


class Checkout:
    """A checkout of its own, with a reference provider and a fake executable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.executable = root / "build" / "x86_64" / "wspcts"
        self.executable.parent.mkdir(parents=True)
        source = Path(fake_executable.__file__).read_text(encoding="utf-8")
        self.executable.write_text(f"#!{sys.executable} -IS\n{source}", encoding="utf-8")
        self.executable.chmod(0o755)
        (root / "VERSION").write_text("1.2.3\n", encoding="utf-8")
        folder = root / "providers" / "reference"
        folder.mkdir(parents=True)
        self.reference = folder / "reference.dll"
        self.reference.write_bytes(pe_files.library(salt=b"reference"))
        (folder / "provider.toml").write_text(
            '[provider]\nname = "reference"\nlibrary = "reference.dll"\n', encoding="utf-8"
        )

    def cases(self, cases: Sequence[Mapping[str, Any]]) -> None:
        """Give the executable another list of cases."""
        self.executable.with_name("cases.json").write_text(json.dumps(cases), encoding="utf-8")

    def library(
        self, behaviours: Mapping[str, Any] | None = None, name: str = "vendor.dll"
    ) -> Path:
        """Make a provider that behaves in a certain way."""
        path = self.root / name
        path.write_bytes(pe_files.library(salt=name.encode()))
        path.with_name(f"{name}.json").write_text(json.dumps(behaviours or {}), encoding="utf-8")
        return path

    def describe(self, text: str, behaviours: Mapping[str, Any] | None = None) -> Path:
        """Make a provider with a description."""
        library = self.library(behaviours)
        file = self.root / "provider.toml"
        file.write_text(f'[provider]\nlibrary = "{library.name}"\n{text}', encoding="utf-8")
        return file

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment in which commands work on this checkout."""
        variables = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        own = {"WSPCTS_ROOT": str(self.root), "WSPCTS_EXECUTABLE": str(self.executable)}
        return {**variables, **own, **more}

    def command(self, *arguments: object) -> list[str]:
        """Return the command line that certifies."""
        return [sys.executable, "-P", "-c", _CERTIFY, str(ROOT), *map(str, arguments)]

    def processes(self) -> list[str]:
        """Return the command lines of everything that was started for this checkout and lives."""
        mark = str(self.root).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                about = (folder / "environ").read_bytes()
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            # A process that is dead and not waited for has neither.
            if mark in about or mark in words:
                found.append(words.replace(b"\0", b" ").decode(errors="replace"))
        return found

    def remaining(self) -> list[str]:
        """Return what still lives, after a moment for what was told to end."""
        deadline = time.monotonic() + 10
        while (found := self.processes()) and time.monotonic() < deadline:
            pass
        return found

    def certify(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Certify, and wait for the end; one job unless told otherwise, as that is faster."""
        return subprocess.run(
            self.command("--jobs", 1, *arguments),
            env=self.environment(**environment),
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        """Certify, without waiting."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def results(self, name: str = "vendor") -> dict[str, Any]:
        """Return the results of a provider."""
        path = self.root / "build" / "certify" / name / "results.json"
        results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return results


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout of its own."""
    return Checkout(tmp_path / "checkout")


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Any:
    """Leave the signals alone, whatever a test of the command does."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)
