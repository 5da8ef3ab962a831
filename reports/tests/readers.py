"""Small strict readers of what the writers write; they refuse what a lenient reader lets pass."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NoReturn
from uuid import UUID

import jsonschema
from markdown_it import MarkdownIt

from reports.tests.ctrf_schema import SCHEMA, STATUSES

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


_TEXT = r"(?:[^#\\\n]|\\[#\\])*"
_POINT = re.compile(rf"(not )?ok (\d+) - ({_TEXT}?)(?: # (SKIP|TODO) ({_TEXT}))?")


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


@dataclass(frozen=True)
class Reading:
    """What a reader of one output learns: the verdict, the counts, and how each result stands."""

    verdict: str | None = None
    counts: Counter[str] | None = None
    standing: dict[str, str] | None = None  # green, red or skipped, by the name of the result
    healthy: bool | None = None


def reading_of_html(page: bytes) -> Reading:
    """Read the report; its counts are those of the results shown, and those it claims."""
    elements = read_html(page).walk()
    claimed = {e.attributes["data-verdict"]: e for e in elements if "data-verdict" in e.attributes}
    shown = Counter(str(e.attributes["data-result"]) for e in elements if _is_result(e))
    claims = {str(key): int(e.attributes["data-count"] or "") for key, e in claimed.items()}
    assert +Counter(claims) == shown
    (title,) = (e for e in elements if e.tag == "title")
    return Reading(title.text.partition(":")[0], shown)


def _is_result(element: Element) -> bool:
    return "data-result" in element.attributes


# What junit-10.xsd of Jenkins' xUnit plugin allows, with `file` as GitLab reads it. The children of
# a suite come in any order; an element that is not named here has no place.
_JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"name", "tests", "failures", "errors"},
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": (
        {"name", "time", "classname", "file"},
        {"name", "time", "classname"},
        {"failure", "error", "skipped", "system-out"},
    ),
    "failure": ({"type", "message"}, {"type", "message"}, set()),
    "error": ({"type", "message"}, {"type", "message"}, set()),
    "skipped": ({"message"}, {"message"}, set()),
    "system-out": (set(), set(), set()),
}
_TIME = re.compile(r"[0-9]+\.[0-9]{3}")


def read_junit(document: bytes) -> ET.Element:
    """Return the one suite of a document that keeps the rules its readers have."""
    root = ET.fromstring(document)
    assert root.tag == "testsuites"
    for element in root.iter():
        allowed, required, children = _JUNIT[element.tag]
        assert required <= set(element.attrib) <= allowed, element.tag
        assert {child.tag for child in element} <= children, element.tag
        assert _TIME.fullmatch(element.get("time", "0.000")), element.get("time")
    (suite,) = root
    cases = suite.findall("testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(names) == len(set(names)), "of two tests with one name GitLab shows one"
    assert all(len(case) <= 1 for case in cases)
    for element in (root, suite):
        for attribute, tag in (("tests", ""), ("failures", "/failure"), ("errors", "/error")):
            assert element.get(attribute) == str(len(suite.findall(f"testcase{tag}")))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    return suite


def reading_of_junit(document: bytes) -> Reading:
    """Read the JUnit document as a CI system does: the element below a case says how it stands."""
    suite = read_junit(document)
    facts = {e.get("name", ""): e.get("value", "") for e in suite.iter("property")}
    counts = {
        key.removeprefix("count."): int(value)
        for key, value in facts.items()
        if key.startswith("count.")
    }
    colours = {"failure": "red", "error": "red", "skipped": "skipped"}
    standing = {
        case.get("name", ""): next((colours.get(e.tag, "green") for e in case), "green")
        for case in suite.iter("testcase")
    }
    return Reading(facts["verdict"], +Counter(counts), standing)


def reading_of_tap(stream: bytes) -> Reading:
    """Read the TAP stream as a consumer does: a directive takes the sting out of a `not ok`."""
    standing = {
        point.description: "skipped" if point.directive else "green" if point.ok else "red"
        for point in read_tap(stream)
    }
    return Reading(standing=standing)


def read_ctrf(document: bytes) -> dict[str, Any]:
    """Return the results of a CTRF document that keeps the rules of its specification."""
    text = document.decode()
    assert not text.startswith("\ufeff")
    read: dict[str, Any] = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    jsonschema.Draft7Validator(SCHEMA).validate(read)
    results: dict[str, Any] = read["results"]
    summary, tests = results["summary"], results["tests"]
    assert summary["tests"] == len(tests)
    tally = Counter(test["status"] for test in tests)
    assert tally == +Counter({status: summary[status] for status in STATUSES})
    assert summary["start"] <= summary["stop"]
    ids = [UUID(test["id"]) for test in tests]
    assert len(ids) == len(set(ids))
    return results


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "a name twice in an object"
    return dict(pairs)


def reading_of_ctrf(document: bytes) -> Reading:
    """Read the CTRF document: failed is red, and so is what proved nothing."""
    results = read_ctrf(document)
    colours = {"passed": "green", "failed": "red", "other": "red", "skipped": "skipped"}
    extra = results["summary"]["extra"]
    return Reading(
        extra["verdict"],
        +Counter(extra["counts"]),
        {test["name"]: colours[test["status"]] for test in results["tests"]},
        results["environment"]["healthy"],
    )


def read_markdown(text: bytes) -> Element:
    """Return what a CommonMark renderer with GitHub's tables makes of a text."""
    renderer = MarkdownIt("commonmark").enable("table")
    return read_html(renderer.render(text.decode()).encode())


def reading_of_markdown(text: bytes) -> Reading:
    """Read the summary: the heading has the verdict, the first table the counts."""
    page = read_markdown(text)
    table = page.all("table")[0]
    rows = [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
    return Reading(_worded(page.all("h2")[0].text), _counts(rows))


def _counts(rows: Iterable[Iterable[str]]) -> Counter[str]:
    return +Counter({_worded(word): int(count.replace(",", "")) for word, count in rows})


def _worded(text: str) -> str:
    """Return the key of a verdict that stands as a glyph and a word."""
    return text.partition(" ")[2].lower().replace("not applicable", "not-applicable")


def reading_of_summary(text: str) -> Reading:
    """Read the summary on the terminal: the first line has the verdict, the first part the counts."""
    word = r"pass|warn|fail|inconclusive|not applicable|error"
    head = text.split("\n\n")[0]
    found = re.findall(rf"([✓!✗?–⊗]) ([\d,]+) ({word})(?=   |\n|$)", head)
    return Reading(
        _worded(text.partition("\n")[0]), _counts((f"{glyph} {w}", n) for glyph, n, w in found)
    )
