"""Hostile text made visible.

A provider chooses its description, its file name and what it prints. None of that may move the
cursor, reverse the reading direction, hide, or imitate a line of ours. Every writer passes foreign
text through here; the notation is that of the facts, `#x1B` for the character U+001B.
"""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT = 600
BLOCK_LIMIT = 4000
_LONGEST_RUN_OF_MARKS = 3
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return `text` as one line in which every character can be seen."""
    return _capped(text, limit, keep="")


def block(text: str, limit: int = BLOCK_LIMIT) -> str:
    """Return `text` with its lines and tabs kept and every other character visible."""
    return _capped(text.replace("\r\n", "\n"), limit, keep="\n\t")


def quoted(text: str, limit: int = 80) -> str:
    """Return `text` as one line in quotation marks that it cannot close by itself."""
    return "“" + line(text, limit).replace("”", _code("”")).replace("“", _code("“")) + "”"


def is_beside(path: str) -> bool:
    """Say whether `path` can only mean a file in the folder of the report, or below."""
    steps = path.split("/")
    named = re.fullmatch(r"[\w.@\[\]/ -]{1,250}", path, re.ASCII) is not None
    return named and "" not in steps and ".." not in steps


def for_log(text: str) -> str:
    """Return `text`, already visible, without what a CI system takes for a command in its log.

    GitHub obeys a line that starts with `::name ...::` and, as Azure and TeamCity do, `##[` or
    `##name[` wherever it stands.
    """
    text = re.sub(r":(?=:[A-Za-z-]{4,}(?: [^\n]*?)?::)", _code(":"), text)
    return re.sub(r"##(?=[A-Za-z]*\[)", _code("#") + "#", text)


def _capped(text: str, limit: int, keep: str) -> str:
    """Cut before the characters are looked at, so that half a megabyte costs nothing."""
    shown = _visible(text[:limit], keep)
    if len(text) <= limit:
        return shown
    return f"{shown} … [the first {limit:,} of {len(text):,} characters]"


def _visible(text: str, keep: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    seen: list[str] = []
    marks = _LONGEST_RUN_OF_MARKS  # a mark at the very beginning would sit on our own text
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        hidden = (category in _INVISIBLE and character not in keep) or character in _BLANK_LETTERS
        seen.append(_code(character) if hidden or marks > _LONGEST_RUN_OF_MARKS else character)
    return "".join(seen)


def _code(character: str) -> str:
    return f"#x{ord(character):02X}"
