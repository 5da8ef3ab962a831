"""The zip that a vendor takes along: whole, the same each time, and enough to certify with."""

from __future__ import annotations

import ast
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e import support

DIST = ROOT / "scripts" / "dist"


def packed(target: Path) -> Path:
    done = subprocess.run(
        [sys.executable, str(DIST), "--out", str(target)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the zip."""
    return packed(tmp_path_factory.mktemp("dist") / "wspcts.zip")


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the zip holds, unpacked where nothing else is."""
    target = tmp_path_factory.mktemp("vendor")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(target)
        for entry in zipped.infolist():
            (target / entry.filename).chmod(stat.S_IMODE(entry.external_attr >> 16))
    (folder,) = target.iterdir()
    return folder


@pytest.fixture(scope="module")
def names(unpacked: Path) -> set[str]:
    """Return what is in that folder, as it came out of the zip."""
    files = (path for path in unpacked.rglob("*") if path.is_file())
    return {path.relative_to(unpacked).as_posix() for path in files}


def tracked(*below: str) -> set[str]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *below], capture_output=True, check=True
    )
    return {name for name in listed.stdout.decode().split("\0") if name}


def test_the_same_state_gives_the_same_bytes(archive, tmp_path):
    assert packed(tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_no_file_is_missing(names):
    wanted = tracked("conformance/orchestration", "conformance/requirements.toml", "docs")
    wanted |= tracked("reports", "providers", "conformance/harness", "conformance/cases")
    variants = {PurePosixPath(name).stem for name in tracked("providers/variants/*.c")}
    variants -= {PurePosixPath(name).stem for name in tracked("providers/variants/*/*.c")}
    wanted |= {f"build/x86_64/providers/variants/{name}.dll" for name in variants}
    for arch in ("x86_64", "x86"):
        wanted |= {f"build/{arch}/wspcts.exe", f"build/{arch}/providers/reference.dll"}
    wanted |= {"LICENSE", "NOTICE", "README.md", "VERSION", "requirements.txt", "certify.cmd"}
    assert variants and wanted <= names, sorted(wanted - names)


def test_no_path_of_this_machine_is_inside(unpacked, names):
    for name in names:
        content = (unpacked / name).read_bytes()
        for form in ("utf-8", "utf-16-le"):
            assert str(ROOT).encode(form) not in content, name


def test_every_entry_lies_in_the_one_folder(archive):
    with zipfile.ZipFile(archive) as zipped:
        entries = zipped.namelist()
        times = {entry.date_time for entry in zipped.infolist()}
    assert entries == sorted(entries) and len(times) == 1
    folder = f"wspcts-{(ROOT / 'VERSION').read_text(encoding='utf-8').strip()}/"
    assert all(name.startswith(folder) and ".." not in name for name in entries)


def test_every_link_of_its_pages_leads_somewhere(unpacked, names):
    for page in ["README.md", *(name for name in names if re.fullmatch(r"docs/[^/]+\.md", name))]:
        text = (unpacked / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert ((unpacked / page).parent / link).exists(), f"{page}: {link}"


def test_the_licence_of_check_and_its_sources_come_along(unpacked):
    folder = unpacked / "licences" / "check"
    licence = (folder / "LGPL-2.1.txt").read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in licence and "Version 2.1" in licence
    assert len(list(folder.glob("check_*.orig.tar.*"))) == 1
    notice = (unpacked / "NOTICE").read_text(encoding="utf-8")
    for path in re.findall(r"licences/[\w./*-]+\w", notice):
        assert list(unpacked.glob(path + "*")), path


def test_the_entry_for_cmd_ends_its_lines_as_cmd_wants_it(unpacked):
    text = (unpacked / "certify.cmd").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") > 3


def test_its_requirements_are_what_is_imported_and_what_is_installed(unpacked):
    """Whatever is imported and is neither Python's nor ours is required, in a version we have."""
    from importlib import metadata

    imported: set[str] = set()
    for folder in ("conformance/orchestration", "reports"):
        files = (unpacked / folder).rglob("*.py")
        for file in (file for file in files if "tests" not in file.parts[-2:-1]):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    imported.add(node.module.partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"conformance", "reports"}
    lines = (unpacked / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = dict(line.split(" >= ") for line in lines if not line.startswith("#"))
    by_import = {name.lower().replace("-", "_"): bound for name, bound in required.items()}
    # xdist is a plug-in that pytest is asked for by its option -n.
    assert foreign | {"pytest_xdist"} == set(by_import)
    for name, bound in required.items():
        have = [int(part) for part in re.findall(r"\d+", metadata.version(name))]
        assert have >= [int(part) for part in bound.split(".")], name


def test_it_certifies_with_nothing_but_itself(unpacked, tmp_path):
    """The prefix is the one of this checkout, as making one takes a minute; nothing else is."""
    prefix = unpacked / "build" / "wine-prefix"
    prefix.symlink_to(ROOT / "build" / "wine-prefix")
    try:
        for provider in ("reference", "build/x86_64/providers/variants/callbacks_rare.dll"):
            words = ["--case", "cancel/says_wsaeintr/recv_ipv4", "--mode", "direct", provider]
            run = support.Command(words, tmp_path / Path(provider).stem, unpacked).wait()
            assert run.status == 0, run.said()
            assert [row["verdict"] for row in run.rows] == ["pass"]
            assert run.results["suite"]["commit"] == commit()
            assert run.results["provider"]["library"].startswith("build/x86_64/providers/")
            for name in ("results.json", "report.html"):
                assert str(ROOT) not in (run.out / name).read_text(encoding="utf-8")
            assert not run.left_behind
    finally:
        prefix.unlink()


def commit() -> str:
    answer = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()
