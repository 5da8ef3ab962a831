"""Is this file a provider at all? What can be said of a DLL without running it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pefile

from conformance.orchestration.stop import Stop

_ARCHITECTURES = {0x8664: "x86_64", 0x14C: "x86"}
_OTHER_MACHINES = {0xAA64: "ARM64", 0x1C4: "ARM", 0x1C0: "ARM", 0x200: "Itanium"}
_IS_DLL = 0x2000


@dataclass(frozen=True)
class Library:
    """A DLL that can be run as a provider."""

    path: Path
    sha256: str
    file_version: str | None
    arch: str
    forwards_to: str | None = None


def inspect(path: Path, arch: str) -> Library:
    """Check a provider's DLL; a Stop says in one sentence what is wrong with it."""
    data = _content(path)
    try:
        image = pefile.PE(data=data, fast_load=True)
    except pefile.PEFormatError:
        raise Stop(f"{path} is no DLL: it is not a PE file.") from None
    try:
        if any(each.PointerToRawData + each.SizeOfRawData > len(data) for each in image.sections):
            raise Stop(f"{path} is cut off: its headers speak of more than there is.")
        return _check(image, path, arch, hashlib.sha256(data).hexdigest())
    except Stop:
        raise
    except Exception:  # pefile raises whatever a damaged file leads it to
        raise Stop(f"{path} is damaged: its PE headers cannot be read.") from None
    finally:
        image.close()


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Stop(f"{path} is a folder, not a DLL.")
        if not path.exists():
            raise Stop(f"there is no file {path}; build the provider, or correct the path.")
        data = path.read_bytes()
    except OSError as problem:
        raise Stop(f"{path} cannot be read: {problem.strerror}.") from None
    if not data:
        raise Stop(f"{path} is no DLL: it is empty.")
    return data


def _check(image: Any, path: Path, arch: str, sha256: str) -> Library:
    machine = image.FILE_HEADER.Machine
    if not image.FILE_HEADER.Characteristics & _IS_DLL:
        raise Stop(f"{path} is a program, not a DLL.")
    found = _ARCHITECTURES.get(machine)
    if found is None:
        named = _OTHER_MACHINES.get(machine, f"machine 0x{machine:04X}")
        raise Stop(f"{path} is a DLL for {named}; the suite runs x86_64 and x86.")
    if found != arch:
        raise Stop(f"{path} is a DLL for {found}, not for {arch}; run with --arch {found}.")
    image.parse_data_directories(
        directories=[
            pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXPORT"],
            pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"],
        ]
    )
    exports = _exports(image)
    if "WSPStartup" not in exports:
        raise Stop(_without_start(path, exports))
    return Library(path, sha256, _file_version(image), found, exports["WSPStartup"])


def _exports(image: Any) -> dict[str, str | None]:
    """Return the exported names, each with what it is forwarded to."""
    table = getattr(image, "DIRECTORY_ENTRY_EXPORT", None)
    if table is None:
        return {}
    return {
        symbol.name.decode("latin-1"): symbol.forwarder.decode("latin-1")
        if symbol.forwarder
        else None
        for symbol in table.symbols
        if symbol.name
    }


def _without_start(path: Path, exports: dict[str, str | None]) -> str:
    decorated = next(
        (name for name in exports if name.strip("_").split("@")[0].lower() == "wspstartup"), None
    )
    if decorated is not None:
        return (
            f"{path} exports {decorated} instead of WSPStartup;"
            " export the undecorated name with a .def file."
        )
    if "WSPStartupEx" in exports:
        return (
            f"{path} exports only WSPStartupEx, no WSPStartup;"
            " the suite drives providers that start by WSPStartup."
        )
    if not exports:
        return f"{path} exports nothing, so no WSPStartup either; it is no service provider."
    return f"{path} does not export WSPStartup; it is no service provider."


def _file_version(image: Any) -> str | None:
    """Return the version in the fixed part of the version resource."""
    fixed = getattr(image, "VS_FIXEDFILEINFO", None)
    if not fixed:
        return None
    info = fixed[0]
    high, low = info.FileVersionMS, info.FileVersionLS
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"
