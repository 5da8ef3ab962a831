"""What is said of a DLL before it is run."""

from __future__ import annotations

import hashlib

import pytest

from conformance.orchestration import library
from conformance.orchestration.stop import Stop
from conformance.tests import pe_files


def test_a_provider(tmp_path):
    content = pe_files.library(["WSPStartup", "WSCInstall"])
    path = tmp_path / "a.dll"
    path.write_bytes(content)
    found = library.inspect(path, "x86_64")
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert (found.arch, found.file_version, found.forwards_to) == ("x86_64", None, None)


def test_a_provider_for_x86(tmp_path):
    path = tmp_path / "a.dll"
    path.write_bytes(pe_files.library(arch="x86"))
    assert library.inspect(path, "x86").arch == "x86"


def test_a_start_that_is_forwarded_is_said_to_be(tmp_path):
    path = tmp_path / "a.dll"
    path.write_bytes(pe_files.library(forwards="base.WSPStartup"))
    assert library.inspect(path, "x86_64").forwards_to == "base.WSPStartup"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "it is empty"),
        (b"MZ", "not a PE file"),
        (b"#!/bin/sh\n" * 100, "not a PE file"),
        (b"\x7fELF" + bytes(1000), "not a PE file"),
        (pe_files.library(is_program=True), "is a program, not a DLL"),
        (pe_files.library(arch="x86"), "is a DLL for x86, not for x86_64; run with --arch x86"),
        (pe_files.library(arch="arm64"), "is a DLL for ARM64"),
        (pe_files.library([]), "exports nothing"),
        (pe_files.library(["DllMain"]), "does not export WSPStartup"),
        (pe_files.library(["WSPStartupEx"]), "exports only WSPStartupEx, no WSPStartup"),
        (pe_files.library(["_WSPStartup@100"]), "exports _WSPStartup@100 instead of WSPStartup"),
        (pe_files.library(["wspstartup"]), "exports wspstartup instead of WSPStartup"),
        (pe_files.library()[:0x210], "is cut off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_provider_is_named_in_one_sentence(tmp_path, content, complaint):
    path = tmp_path / "a.dll"
    path.write_bytes(content)
    with pytest.raises(Stop) as stop:
        library.inspect(path, "x86_64")
    sentence = stop.value.sentence
    assert complaint in sentence and str(path) in sentence
    assert sentence.endswith(".") and "\n" not in sentence and stop.value.status == 2


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Stop, match="there is no file"):
        library.inspect(tmp_path / "a.dll", "x86_64")
    with pytest.raises(Stop, match="is a folder"):
        library.inspect(tmp_path, "x86_64")


def test_no_damage_brings_it_down(tmp_path):
    path = tmp_path / "a.dll"
    content = pe_files.library()
    for place in range(0, 0x400, 3):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            library.inspect(path, "x86_64")
        except Stop as stop:
            assert stop.sentence.endswith(".")
