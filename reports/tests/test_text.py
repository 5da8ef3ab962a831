"""Hostile text made visible."""

from __future__ import annotations

import sys

import pytest

from reports.text import block, for_log, is_beside, line, quoted


def test_plain_text_stays_as_it_is() -> None:
    text = "WSPRecv: expected “0”, got –1 (übel, 日本語, עברית)"
    assert line(text) == text
    assert block(text) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31m", "#x1B[31m"),
        ("a\x00b", "a#x00b"),
        ("a\rb", "a#x0Db"),
        ("\x9b2J", "#x9B2J"),
        ("a\u202eb", "a#x202Eb"),
        ("\u2066\u200b\ufeff\u2028", "#x2066#x200B#xFEFF#x2028"),
        ("\ud800\udfff", "#xD800#xDFFF"),
        ("\uffff\ufdd0\ue000", "#xFFFF#xFDD0#xE000"),
        ("\U000e0041", "#xE0041"),
        ("\u3164\u2800", "#x3164#x2800"),
        ("\u0301a", "#x301a"),
    ],
)
def test_what_cannot_be_seen_is_named(hostile: str, shown: str) -> None:
    assert line(hostile) == shown
    assert block(hostile) == shown


def test_a_line_has_no_newline_and_a_block_keeps_it() -> None:
    assert line("a\r\nb\tc") == "a#x0D#x0Ab#x09c"
    assert block("a\r\nb\tc") == "a\nb\tc"


def test_a_tower_of_marks_is_cut_down() -> None:
    shown = line("Z" + "\u0336" * 50)
    assert shown.count("\u0336") == 3
    assert shown.count("#x336") == 47


def test_long_text_is_cut_and_says_so() -> None:
    shown = block("x" * 500_000, 100)
    assert shown == "x" * 100 + " … [the first 100 of 500,000 characters]"
    assert line("x" * 100, 100) == "x" * 100


def test_nothing_closes_its_own_quotation_marks() -> None:
    assert quoted("acme” conforms: “x") == "“acme#x201D conforms: #x201Cx”"


def test_every_character_comes_out_printable() -> None:
    for code in range(sys.maxunicode + 1):
        shown = line(chr(code))
        assert shown == chr(code) or shown.isascii() and shown.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error file=x::y", "#x3A:error file=x::y"),
        ("a ::Stop-Commands::y", "a #x3A:Stop-Commands::y"),
        ("##[error]x", "#x23#[error]x"),
        ("##vso[task.complete]", "#x23#vso[task.complete]"),
        ("[::1]:80 and fe80::1 or ::1 ## heading", "[::1]:80 and fe80::1 or ::1 ## heading"),
    ],
)
def test_nothing_is_a_command_in_a_log(text: str, shown: str) -> None:
    assert for_log(text) == shown


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("evidence/recv__x.direct.jsonl", True),
        ("/etc/passwd", False),
        ("a/../../b", False),
        ("a//b", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_a_file_beside_the_report(path: str, beside: bool) -> None:
    assert is_beside(path) is beside
