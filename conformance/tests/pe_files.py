"""Small PE files, made byte by byte: DLLs with the exports that a test wants."""

from __future__ import annotations

import struct
from collections.abc import Sequence

MACHINES = {"x86_64": 0x8664, "x86": 0x14C, "arm64": 0xAA64}
_IS_EXECUTABLE = 0x0002
_IS_DLL = 0x2000
_SECTION_RVA = 0x1000
_SECTION_OFFSET = 0x200


def library(
    exports: Sequence[str] = ("WSPStartup",),
    arch: str = "x86_64",
    *,
    forwards: str | None = None,
    is_program: bool = False,
    salt: bytes = b"",
) -> bytes:
    """Return a DLL that exports these names, all forwarded to `forwards` if it is given."""
    section = _export_section(exports, forwards) if exports else b""
    section += salt
    section += b"\0" * (-len(section) % 0x200)
    headers = _headers(arch, len(section), bool(exports), is_program)
    return headers.ljust(_SECTION_OFFSET, b"\0") + section


def _headers(arch: str, section_size: int, has_exports: bool, is_program: bool) -> bytes:
    is_32_bit = arch == "x86"
    characteristics = _IS_EXECUTABLE | (0 if is_program else _IS_DLL)
    optional = _optional_header(is_32_bit, section_size, has_exports)
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = struct.pack(
        "<HHIIIHH", MACHINES[arch], 1, 0, 0, 0, len(optional), characteristics
    )
    section = struct.pack(
        "<8sIIIIIIHHI",
        b".edata",
        section_size,
        _SECTION_RVA,
        section_size,
        _SECTION_OFFSET,
        0,
        0,
        0,
        0,
        0x40000040,
    )
    return dos + b"PE\0\0" + coff + optional + section


def _optional_header(is_32_bit: bool, section_size: int, has_exports: bool) -> bytes:
    size_of_image = _SECTION_RVA + (section_size + 0xFFF) // 0x1000 * 0x1000
    start = struct.pack("<HBBIIIII", 0x10B if is_32_bit else 0x20B, 1, 0, 0, section_size, 0, 0, 0)
    base = struct.pack("<II", 0, 0x10000000) if is_32_bit else struct.pack("<Q", 0x180000000)
    middle = struct.pack(
        "<IIHHHHHHIIIIHH",
        0x1000,
        0x200,
        6,
        0,
        0,
        0,
        6,
        0,
        0,
        size_of_image,
        0x200,
        0,
        3,
        0,
    )
    sizes = struct.pack("<IIII" if is_32_bit else "<QQQQ", 0x100000, 0x1000, 0x100000, 0x1000)
    directory = struct.pack("<II", _SECTION_RVA, section_size) if has_exports else bytes(8)
    return start + base + middle + sizes + struct.pack("<II", 0, 16) + directory + bytes(15 * 8)


def _export_section(names: Sequence[str], forwards: str | None) -> bytes:
    names = sorted(names)
    count = len(names)
    functions = 40
    name_table = functions + 4 * count
    ordinals = name_table + 4 * count
    strings = ordinals + 2 * count
    texts = b"provider.dll\0"
    places = []
    for name in names:
        places.append(_SECTION_RVA + strings + len(texts))
        texts += name.encode("latin-1") + b"\0"
    # An address inside the export section is a forwarder; any other one would be code.
    address = 0x9000
    if forwards is not None:
        address = _SECTION_RVA + strings + len(texts)
        texts += forwards.encode("latin-1") + b"\0"
    directory = struct.pack(
        "<IIHHIIIIIII",
        0,
        0,
        0,
        0,
        _SECTION_RVA + strings,
        1,
        count,
        count,
        _SECTION_RVA + functions,
        _SECTION_RVA + name_table,
        _SECTION_RVA + ordinals,
    )
    return (
        directory
        + struct.pack(f"<{count}I", *[address] * count)
        + struct.pack(f"<{count}I", *places)
        + struct.pack(f"<{count}H", *range(count))
        + texts
    )
