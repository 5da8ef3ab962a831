"""Small strict readers of what the writers write; they refuse what a lenient reader lets pass."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "wbr", "link", "img", "input", "hr"})


@dataclass(eq=False)
class Element:
    """An element of the page, with the text of everything in it."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of this element and of everything in it."""
        return "".join(self.parts)

    def all(self, tag: str) -> list[Element]:
        """Return the elements below with this tag, in the order of the page."""
        return [element for element in self.walk()[1:] if element.tag == tag]

    def walk(self) -> list[Element]:
        """Return this element and everything below."""
        return [self, *(element for child in self.children for element in child.walk())]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.parts.append(data)

    def close(self) -> None:
        super().close()
        assert self._open == [self.root], "an element is left open"


def read_html(page: bytes) -> Element:
    """Return the root of a page in which every element is closed in its turn."""
    parser = _Page()
    parser.feed(page.decode())
    parser.close()
    return parser.root


@dataclass
class Point:
    """One test point of a TAP stream."""

    ok: bool
    description: str
    directive: str | None
    reason: str
    facts: dict[str, str | list[str]] = field(default_factory=dict)


_POINT = re.compile(r"(not )?ok (\d+) - ((?:[^#\\\n]|\\[#\\])*?)(?: # (SKIP|TODO) (.*))?")


def read_tap(stream: bytes) -> list[Point]:
    """Return the points of a TAP 14 stream; anything that is not understood is an error."""
    text = stream.decode()
    assert text.endswith("\n") and "\r" not in text
    lines = text[:-1].split("\n")
    assert lines[0] == "TAP version 14"
    plan = re.fullmatch(r"1\.\.([0-9]+)", lines[1])
    assert plan
    points: list[Point] = []
    rest = iter(lines[2:])
    for line in rest:
        if line.startswith("# "):
            continue
        if line == "  ---":
            points[-1].facts = _yaml(rest)
            continue
        match = _POINT.fullmatch(line)
        assert match, f"no TAP: {line!r}"
        bad, number, description, directive, reason = match.groups()
        assert int(number) == len(points) + 1
        points.append(Point(not bad, _plain(description), directive, _plain(reason or "")))
    assert len(points) == int(plan.group(1))
    return points


def _yaml(lines: object) -> dict[str, str | list[str]]:
    facts: dict[str, str | list[str]] = {}
    key = ""
    for line in lines:  # type: ignore[attr-defined]
        if line == "  ...":
            return facts
        if item := re.fullmatch(r'    - (".*")', line):
            values = facts[key]
            assert isinstance(values, list)
            values.append(json.loads(item.group(1)))
        else:
            match = re.fullmatch(r'  ([a-z_]+):(?: (".*"))?', line)
            assert match, f"no YAML: {line!r}"
            key = match.group(1)
            assert key not in facts
            facts[key] = json.loads(match.group(2)) if match.group(2) else []
    raise AssertionError("a YAML block without an end")


def _plain(text: str) -> str:
    return re.sub(r"\\([#\\])", r"\1", text)


def count_in_summary(text: str) -> Counter[str]:
    """Return the counts that a terminal summary shows."""
    word = r"pass|warn|fail|inconclusive|not applicable|error"
    found = re.findall(rf"[✓!✗?–⊗] ([\d,]+) ({word})\b", text.split("\n\n")[0])
    return Counter({kind.replace(" ", "-"): int(n.replace(",", "")) for n, kind in found})
