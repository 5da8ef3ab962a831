"""The front door: make, scripts/setup, and the lint of the arrows."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pefile
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path for path in (ROOT / "scripts").iterdir() if path.is_file() and os.access(path, os.X_OK)
)


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as a user would from a shell, not as a part of `make check`."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PROVIDER", "V"}
    }
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def write(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def write_program(folder: Path, name: str, script: str) -> None:
    write(folder, name, f"#!/bin/sh\n{script}\n").chmod(0o755)


# --- make ------------------------------------------------------------------------


def test_make_alone_prints_what_can_be_made() -> None:
    help_text = run("make")

    assert help_text.returncode == 0, help_text.stderr
    described = {line.split()[0] for line in help_text.stdout.splitlines() if line.startswith("  ")}
    assert described >= {
        "help", "certify", "check", "all", "setup", "lint", "format", "detection", "bench",
        "clean", "distclean",
    }  # fmt: skip


ENTRY = """
#include <winsock2.h>
#include <ws2spi.h>
#include "reference/table.h"

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    return fill(table);
}
"""


@pytest.fixture
def providers(tmp_path: Path) -> Path:
    """A checkout with a reference provider and a flawed one, in which nothing is missing."""
    for name in (
        "Makefile",
        "VERSION",
        "scripts/environment",
        "providers/reference/reference.def",
    ):
        write(tmp_path, name, (ROOT / name).read_text(encoding="utf-8"))
    write_program(tmp_path / "scripts", "setup", "exit 0")
    write(tmp_path, "providers/reference/entry.c", ENTRY)
    write(tmp_path, "providers/reference/table.h", "int fill(LPWSPPROC_TABLE table);\n")
    write(
        tmp_path,
        "providers/reference/table.c",
        "#include <winsock2.h>\n"
        "#include <ws2spi.h>\n"
        '#include "table.h"\n'
        "int fill(LPWSPPROC_TABLE table) { return table ? 0 : WSAEFAULT; }\n",
    )
    write(tmp_path, "providers/flawed/idle.c", ENTRY)
    return tmp_path


def built_providers(root: Path) -> set[str]:
    return {path.relative_to(root / "build").as_posix() for path in root.glob("build/*/**/*.dll")}


def build(root: Path) -> None:
    made = run("make", "-j2", "everything", cwd=root)
    assert made.returncode == 0, made.stdout + made.stderr


def test_providers_export_the_plain_name_on_both_architectures(providers: Path) -> None:
    build(providers)

    for arch in ("x86_64", "x86"):
        for name in ("reference.dll", "flawed/idle.dll"):
            dll = pefile.PE(str(providers / "build" / arch / "providers" / name))
            assert [symbol.name for symbol in dll.DIRECTORY_ENTRY_EXPORT.symbols] == [b"WSPStartup"]
            # Or Wine reads it whole in every process, instead of mapping it.
            assert dll.OPTIONAL_HEADER.FileAlignment == 4096


def test_a_file_that_is_added_or_removed_adds_or_removes_a_provider(providers: Path) -> None:
    build(providers)
    before = built_providers(providers)

    write(providers, "providers/flawed/sticky.c", ENTRY)
    build(providers)
    assert built_providers(providers) - before == {
        "x86_64/providers/flawed/sticky.dll",
        "x86/providers/flawed/sticky.dll",
    }

    (providers / "providers/flawed/sticky.c").unlink()
    build(providers)
    assert built_providers(providers) == before


def test_only_what_a_change_touches_is_built_again(providers: Path) -> None:
    build(providers)
    built = {path: path.stat().st_mtime_ns for path in providers.glob("build/*/**/*.[od]*")}

    build(providers)
    assert {path: path.stat().st_mtime_ns for path in built} == built

    write(providers, "providers/reference/table.h", "int fill(LPWSPPROC_TABLE table); /* new */\n")
    build(providers)
    changed = {path.name for path, time in built.items() if path.stat().st_mtime_ns != time}
    assert changed >= {"entry.o", "table.o", "idle.o", "reference.dll", "idle.dll"}


# --- scripts ---------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_prints_its_usage(script: Path) -> None:
    usage = run(script, "--help")

    assert usage.returncode == 0, usage.stderr
    assert usage.stdout.startswith("usage: ")


def test_setup_refuses_an_argument_it_does_not_know() -> None:
    refused = run(ROOT / "scripts/setup", "--verbose")

    assert refused.returncode == 2
    assert "unknown argument '--verbose'" in refused.stderr


def test_setup_touches_nothing_when_nothing_is_missing() -> None:
    first = run(ROOT / "scripts/setup")
    assert first.returncode == 0, first.stderr

    # Not the registry, which a Wine that runs beside this test writes when it likes.
    made = [
        path
        for folder in ("build/check", "build/wine-prefix/drive_c/windows/system32")
        for path in (ROOT / folder).rglob("*")
    ]
    made += [ROOT / "build/wine-prefix/complete", ROOT / "build/setup.log"]
    before = {path: path.lstat().st_mtime_ns for path in made if path.exists()}
    again = run(ROOT / "scripts/setup")

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert {path: path.lstat().st_mtime_ns for path in before} == before


@pytest.fixture
def machine_without_cmake(tmp_path: Path) -> Path:
    """A checkout, and beside it programs that describe a machine on which cmake is missing."""
    for name in ("environment", "setup"):
        (tmp_path / "scripts").mkdir(exist_ok=True)
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    write_program(
        tmp_path / "programs",
        "dpkg-query",
        f"{shutil.which('dpkg-query')} \"$@\" | grep --fixed-strings --invert-match '|cmake|'",
    )
    return tmp_path


def setup_as(user_id: int, machine: Path) -> subprocess.CompletedProcess[str]:
    write_program(machine / "programs", "id", f"echo {user_id}")
    path = f"{machine / 'programs'}{os.pathsep}{os.environ['PATH']}"
    return run(machine / "scripts/setup", cwd=machine, PATH=path)


def test_without_root_setup_prints_the_command_to_run(machine_without_cmake: Path) -> None:
    stopped = setup_as(1000, machine_without_cmake)

    assert stopped.returncode == 2
    command = stopped.stderr.splitlines()[-1].strip()
    assert command.startswith("apt-get update && apt-get install ")
    assert command.endswith(" cmake")
    assert not (machine_without_cmake / "build").exists()


def test_setup_says_why_apt_failed(machine_without_cmake: Path) -> None:
    write_program(
        machine_without_cmake / "programs",
        "apt-get",
        "echo 'E: Unable to locate package cmake' >&2; exit 100",
    )

    stopped = setup_as(0, machine_without_cmake)

    assert stopped.returncode == 1
    assert stopped.stderr.splitlines()[-1] == (
        "scripts/setup: apt-get could not install cmake: Unable to locate package cmake "
        "(all that it said is in build/setup.log)."
    )


# --- The arrows --------------------------------------------------------------------


def load_lint() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("lint_arrows", str(ROOT / "scripts/lint-arrows"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


lint = load_lint()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project with every arrow that may exist, and no other."""
    for path, text in {
        "conformance/cases.h": '#include "harness/case.h"\n',
        "conformance/cases/recv/woken.c": (
            '#include <winsock2.h>\n#include "harness/case.h"\n#include "cases.h"\n'
            "/* Sleep(1) would decide nothing. */\n"
            "static void f(void) { SleepConditionVariableCS(0, 0, 0); }\n"
        ),
        "conformance/cases/accept/woken.c": '#include "harness/case.h"\n',
        "conformance/harness/case.h": "",
        "conformance/harness/main.c": '#include "case.h"\n#include "version.h"\n',
        "conformance/harness/case.c": '#include "cases.h"\n',
        "conformance/harness/tests/main.c": '#include "harness/case.h"\n',
        "conformance/orchestration/certify.py": "import reports.write\n",
        "conformance/orchestration/run.py": "import time\n\ntime.monotonic()\n",
        "providers/reference/table.h": "",
        "providers/flawed/idle.c": '#include <ws2spi.h>\n#include "reference/table.h"\n',
        "reports/write.py": "from . import tap\n",
        "reports/tap.py": 'POINT = "not ok 1 # TO' 'DO known"\n',
        "docs/setup.md": "Run /usr/bin/python3; it writes build/home/x, see docs/work/y.\n",
    }.items():
        write(tmp_path, path, text)
    return tmp_path


def test_arrows_that_may_exist_are_no_findings(tree: Path) -> None:
    assert [str(finding) for finding in lint.findings(tree)] == []


FORBIDDEN = {
    "case includes case": (
        "conformance/cases/recv/late.c",
        '\n#include "../accept/woken.c"\n',
        ":2: a case includes another case",
    ),
    "case includes provider": (
        "conformance/cases/recv/late.c",
        '#include "reference/table.h"\n',
        ":1: a case includes what is not the harness",
    ),
    "harness includes cases.h": (
        "conformance/harness/guard.c",
        '#include "../cases.h"\n',
        ":1: the harness includes the list of cases",
    ),
    "harness includes case": (
        "conformance/harness/main.c",
        '#include "cases/recv/woken.c"\n',
        ":1: the harness includes ",
    ),
    "provider includes harness": (
        "providers/flawed/idle.c",
        '#include "../../conformance/harness/case.h"\n',
        ":1: a provider includes ",
    ),
    "provider includes harness as if of the system": (
        "providers/flawed/idle.c",
        "#include <harness/case.h>\n",
        ":1: a provider includes ",
    ),
    "reports import conformance": (
        "reports/write.py",
        "import json\nfrom conformance.orchestration import run\n",
        ":2: reports import conformance.orchestration",
    ),
    "reports import conformance by name": (
        "reports/write.py",
        "import importlib\nimportlib.import_module('conformance.orchestration.run')\n",
        ":2: reports import conformance.orchestration.run",
    ),
    "orchestration imports reports": (
        "conformance/orchestration/run.py",
        "from reports import tap\n",
        ":1: orchestration imports reports.tap; only its certify.py may.",
    ),
    "orchestration imports detection": (
        "conformance/orchestration/run.py",
        "from conformance.detection import matrix\n",
        ":1: orchestration imports conformance.detection.matrix; detection stands on it",
    ),
    "detection imports reports": (
        "conformance/detection/matrix.py",
        "from reports import detection\n",
        ":1: detection imports reports.detection; only its command.py may.",
    ),
    "case sleeps": (
        "conformance/cases/recv/late.c",
        "static void f(void)\n{\n    Sleep(100);\n}\n",
        ":3: Sleep is called",
    ),
    "harness sleeps alertably": (
        "conformance/harness/guard.c",
        "static void f(void) { SleepEx (1, TRUE); }\n",
        ":1: SleepEx is called",
    ),
    "test of the harness sleeps": (
        "conformance/harness/tests/test_exe.py",
        "import time\n\ntime.sleep(1)\n",
        ":3: time.sleep is used",
    ),
    "folder of one machine": (
        "docs/setup.md",
        "Run /ho" "me/jo/wspcts/scripts/setup.\n",
        ":1: names a folder of one machine",
    ),
    "package host": (
        "scripts/fetch",
        "\nfetch http://de" "b.deb" "ian.org/x\n",
        ":2: names a host that packages come from",
    ),
    "note to self": (
        "conformance/harness/guard.c",
        "/* FIX" "ME later */\n",
        ":1: carries a note to its author",
    ),
    "not Python": ("reports/tap.py", "def\n", ":1: this is not Python"),
}


@pytest.mark.parametrize(("path", "text", "sentence"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_arrow_that_may_not_exist_is_a_finding(
    tree: Path, path: str, text: str, sentence: str
) -> None:
    write(tree, path, text)

    found = [str(finding) for finding in lint.findings(tree)]

    assert len(found) == 1
    assert found[0].startswith(path + sentence)
    listing = run(ROOT / "scripts/lint-arrows", tree)
    assert (listing.returncode, listing.stdout) == (1, found[0] + "\n")
