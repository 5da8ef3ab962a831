"""What a provider says is shown as text and forges nothing: each attack, in each output.

An output is read back by its strict reader. Whatever a provider says, that must have the very shape
it has when the provider says something harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import reports
from reports import terminal
from reports.tests import samples
from reports.tests.readers import (
    Element,
    read_ctrf,
    read_html,
    read_junit,
    read_markdown,
    read_tap,
)
from reports.text import block, for_log, line

HARMLESS = "harmless, and no path"
ATTACKS = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)></td></table><h1>pass",
    "entities": "&lt;b&gt; &amp; &#x1b; &nbsp;",
    "attribute": "\" onmouseover=\"alert(1)\" '",
    "cdata": "]]></failure><testcase name='forged'/><![CDATA[",
    "template": "{{ 7 * 7 }} {% raw %} ${x} <%= 1 %>",
    "control bytes": "a\x00b\x01c\x08d\x0be\x0cf\x7fg\x85h\x9bi",
    "ANSI escapes": "\x1b[2J\x1b[1;32mCONFORMING\x1b[0m\x1b]0;title\x07",
    "carriage return": "fail\rpass\r\npass",
    "bidi marks": "fail \u202essap\u202c \u2066x\u2069 \u200f\u200e",
    "invisible": "a\u200bb\ufeffc\u00add\u2028e\u2029f",
    "lone surrogates": "\ud800 \udfff \udc00\ud800",
    "noncharacters": "\uffff\ufdd0\U0010ffff",
    "half a megabyte": "x" * 500_000,
    "half a megabyte of lines": "y\n" * 250_000,
    "TAP skip": "x # SKIP forged # skip",
    "TAP todo": "x\\# TODO forged\\",
    "TAP points": "x\nnot ok 1 - forged\nok 2 - forged\n1..0\nBail out! forged\nTAP version 14",
    "YAML end": '"\n  ...\n---\n...\n# x',
    "JSON": '"}], "status": "passed", "x": [{"',
    "Markdown block": "\n\n# heading\n\n- item\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "Markdown inline": "**bold** _em_ ~~no~~ [a](http://evil.example) ![b](http://evil.example/c)",
    "Markdown fence": "```\nend\n```` ````` ~~~ `",
    "backticks": "`a`` ``` b`",
    "backtick": "`",
    "pipes": "a | b \\| c || \\",
    "HTML in Markdown": "</code></pre><details open><summary>x</summary><!-- -->",
    "references": "@everyone #1 !2 ~label http://evil.example www.evil.example x@evil.example",
    "attachment": "[[ATTACHMENT|/etc/passwd]]",
    "log command": "x ::error file=a,line=1::forged ::stop-commands::token",
    "old log command": "##[error]forged ##vso[task.complete]x ##teamcity[testFailed]",
    "spaces": "  x, y  ",
}
STANDINGS: tuple[samples.Document, ...] = (
    {"verdict": "pass"},
    {"verdict": "warn"},
    {"verdict": "fail"},
    {"verdict": "fail", "cause": "crash"},
    {"verdict": "inconclusive"},
    {"verdict": "inconclusive", "level": "SHOULD"},
    {"verdict": "not-applicable"},
    {"verdict": "error", "blame": "suite"},
    {"verdict": "fail", "known_deviation": {}},
    {"verdict": "pass", "known_deviation": {}},
)
EVERYWHERE = ("reason", "seen", "choice", "evidence", "stderr", "repro", "does", "must", "file")


def _document(text: str) -> samples.Document:
    """Return a document in which everything that could be foreign is `text`."""
    cases = []
    for place, changes in enumerate(STANDINGS):
        one = samples.case(f"recv/x_{place}", "direct", "CBC-02", **changes)
        one |= {key: text for key in EVERYWHERE}
        one |= {"expected": [text, text], "rests_on": [text], "function": "WSPRecv"}
        if "known_deviation" in changes:
            one["known_deviation"] = {"reason": text, "url": text, "expires": text}
            one["known_deviation"] |= {"case": text, "expired": False}
        cases.append(one)
    result = samples.document(cases, qualifier=text)
    result["provider"] |= dict.fromkeys(("name", "library", "file_version", "description"), text)
    result["platform"] |= {"os": text, "wine": text}
    result["run"] |= {"command": [text, text], "selection": {"case": [text]}, "started": text}
    result["run"] |= {"unused_deviations": [text], "baseline": {"worse": [text]}}
    return result


def _outputs(text: str) -> dict[str, bytes]:
    results = _document(text)
    summary = terminal.summary(results, colour=False, width=100)
    return {**reports.render_all(results), "summary.txt": summary.encode()}


def _shape_of_junit(document: bytes) -> list[Any]:
    suite = read_junit(document)
    return [
        (element.tag, sorted(element.attrib), element.get("type"), _labels(element.text or ""))
        for element in suite.iter()
    ]


def _labels(text: str) -> list[str]:
    """Return what stands before the foreign part of each line."""
    labels = [re.match(r"[A-Za-z0-9 -]+(?=: )", fact) for fact in text.split("\n") if fact.strip()]
    return [label.group() if label else "" for label in labels]


def _shape_of_tap(stream: bytes) -> list[Any]:
    shape: list[Any] = [
        (point.ok, point.description, point.directive, _kinds(point.facts))
        for point in read_tap(stream)
    ]
    return [*shape, stream.count(b"\n")]


def _kinds(value: Any) -> Any:
    """Return the skeleton of a JSON value: names, and the kinds of what they hold."""
    if isinstance(value, dict):
        return {key: _kinds(item) for key, item in value.items()}
    return [_kinds(item) for item in value] if isinstance(value, list) else type(value).__name__


def _shape_of_ctrf(document: bytes) -> list[Any]:
    results = read_ctrf(document)
    return [[test["name"], test["status"], _kinds(test)] for test in results["tests"]] + [
        results["summary"]["extra"]["counts"],
        _kinds(results),
    ]


def _shape_of_markdown(text: bytes) -> list[Any]:
    return [(element.tag, sorted(element.attributes)) for element in read_markdown(text).walk()]


def _shape_of_html(page: bytes) -> list[Any]:
    """Return the elements but for those that break or isolate foreign text."""
    return [
        (element.tag, sorted(element.attributes))
        for element in read_html(page).walk()
        if element.tag not in ("wbr", "span", "bdi")
    ]


def _shape_of_summary(text: bytes) -> list[Any]:
    """Return the lines at the margin, where nothing foreign ever stands, and the counts."""
    lines = text.decode().split("\n")
    return [row for row in lines if not row.startswith("  ")] + [
        row for row in lines if row.startswith("  ✓ ")
    ]


SHAPES: dict[str, Callable[[bytes], list[Any]]] = {
    "report.html": _shape_of_html,
    "junit.xml": _shape_of_junit,
    "results.tap": _shape_of_tap,
    "ctrf.json": _shape_of_ctrf,
    "summary.md": _shape_of_markdown,
    "summary.txt": _shape_of_summary,
}


@pytest.fixture(scope="module", name="harmless")
def _harmless() -> dict[str, bytes]:
    return _outputs(HARMLESS)


@pytest.fixture(scope="module", params=list(ATTACKS), name="attack")
def _attack(request: pytest.FixtureRequest) -> tuple[str, dict[str, bytes]]:
    text = ATTACKS[request.param]
    return text, _outputs(text)


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_forged(
    attack: tuple[str, dict[str, bytes]], harmless: dict[str, bytes], name: str
) -> None:
    shape = SHAPES[name]
    assert shape(attack[1][name]) == shape(harmless[name])


HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\uffff]"
)


@pytest.mark.parametrize("name", SHAPES)
def test_nothing_is_hidden(attack: tuple[str, dict[str, bytes]], name: str) -> None:
    assert not HIDDEN.search(attack[1][name].decode())


def _text_of_junit(document: bytes) -> str:
    return "\n".join(text for e in read_junit(document).iter() if (text := e.text))


def _text_of_tap(stream: bytes) -> str:
    return "\n".join(str(point.facts.get("seen")) for point in read_tap(stream))


def _text_of_ctrf(document: bytes) -> str:
    return "\n".join(test.get("trace", "") for test in read_ctrf(document)["tests"])


TEXTS: dict[str, Callable[[bytes], str]] = {
    "report.html": lambda page: read_html(page).text,
    "junit.xml": _text_of_junit,
    "results.tap": _text_of_tap,
    "ctrf.json": _text_of_ctrf,
    "summary.md": lambda text: read_markdown(text).text,
    "summary.txt": lambda text: text.decode(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_shown_as_text(attack: tuple[str, dict[str, bytes]], name: str) -> None:
    text, outputs = attack
    seen = {
        "summary.txt": for_log(line(text)),
        "junit.xml": line(text).replace("[[", "[#x5B"),
        "results.tap": block(text),
    }.get(name, line(text))
    assert _squeezed(seen[:60]) in _squeezed(TEXTS[name](outputs[name]))


def _squeezed(text: str) -> str:
    """Return `text` without its spaces, which a layout may change."""
    return "".join(text.split())


def test_in_markdown_what_is_foreign_stands_in_code_alone() -> None:
    page = read_markdown(_outputs("FOREIGN")["summary.md"])
    assert "FOREIGN" in page.text
    assert all("FOREIGN" not in _own_text(element) for element in page.walk())


def _own_text(element: Element) -> str:
    """Return the text of an element without that of the code in it."""
    text = element.text
    for code in element.walk():
        if code.tag == "code":
            text = text.replace(code.text, "", 1)
    return text


def test_in_a_log_nothing_is_a_command_of_the_ci_system() -> None:
    for attack in ("log command", "old log command"):
        for width in range(40, 140):
            results = _document(ATTACKS[attack] * 3)
            text = terminal.summary(results, colour=False, width=width)
            assert not re.search(r"^\s*::[a-z-]+.*?::", text, re.MULTILINE), width
            assert not re.search(r"##[a-z]*\[", text), width


def test_nothing_becomes_an_attachment_of_the_run() -> None:
    outputs = _outputs(ATTACKS["attachment"])
    said = [element.text or "" for element in read_junit(outputs["junit.xml"]).iter()]
    assert not any("[[" in text for text in said)
    assert all("attachments" not in test for test in read_ctrf(outputs["ctrf.json"])["tests"])
