"""JUnit XML, as Jenkins and GitLab read it.

There is no standard; docs/reports.md says what each reader shows. The text of an element tells the
whole story, because GitLab shows nothing else.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from reports import story
from reports.model import Case, Results, Standing
from reports.text import line

LARGEST = 25_000_000  # bytes; GitLab refuses a file of 30 MB
_FACT_LIMITS = (4000, 400, 40)  # characters of a fact, as many as keep the file below that
_ERROR_TYPES = {"crash": "crashed", "hang": "hung", "exit": "exited"}


def render(results: Results) -> bytes:
    """Return the JUnit document; of one that no reader would take, the facts are cut shorter."""
    for limit in _FACT_LIMITS:
        document = _document(results, limit)
        if len(document) <= LARGEST:
            break
    return document


def _document(results: Results, limit: int) -> bytes:
    suite = ET.Element("testsuite", name=line(results.provider.name))
    _properties(suite, results)
    for case in results.cases:
        _testcase(suite, results, case, limit)
    for trouble in results.troubles:
        element = ET.SubElement(suite, "testcase", _identity(results, "wspcts", trouble.name, 0.0))
        _say(element, "error", trouble.kind, trouble.sentence, line(trouble.sentence))
    root = ET.Element("testsuites", name="wspcts")
    for element in (suite, root):
        element.set("tests", str(len(suite.findall("testcase"))))
        element.set("failures", str(len(suite.findall("testcase/failure"))))
        element.set("errors", str(len(suite.findall("testcase/error"))))
        element.set("time", _seconds(results.run.duration_s))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("timestamp", line(results.run.started))
    root.append(suite)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _properties(suite: ET.Element, results: Results) -> None:
    properties = ET.SubElement(suite, "properties")
    facts = {
        "verdict": results.verdict,
        "sentence": results.sentence,
        "qualifier": results.qualifier,
        **{f"verdict.{mode}": verdict for mode, verdict in results.verdict_by_mode},
        **{f"count.{verdict}": str(count) for verdict, count in results.counts.items()},
        **story.facts(results),
    }
    for name, value in facts.items():
        if value is not None:
            ET.SubElement(properties, "property", name=line(name), value=line(value))


def _testcase(suite: ET.Element, results: Results, case: Case, limit: int) -> None:
    identity = _identity(results, case.function, case.name, case.duration_ms / 1000)
    element = ET.SubElement(suite, "testcase", identity)
    place = case.file or case.evidence
    if place:
        element.set("file", line(place))
    headline = story.headline(case)
    text = story.tell(results, case, limit)
    match case.standing:
        case Standing.FAILED if case.cause in _ERROR_TYPES:
            _say(element, "error", _ERROR_TYPES[case.cause], headline, text)
        case Standing.FAILED:
            _say(element, "failure", "nonconformance", headline, text)
        case Standing.STALE:
            _say(element, "failure", "unexpected-pass", headline, text)
        case Standing.BROKEN:
            kind = "broken" if case.verdict == "error" else case.verdict
            _say(element, "error", kind, headline, text)
        case Standing.KNOWN | Standing.SKIPPED:
            _say(element, "skipped", None, headline, text)
        case _ if story.has_story(case):
            ET.SubElement(element, "system-out").text = _without_attachments(text)


def _without_attachments(text: str) -> str:
    """Return `text` without what GitLab and Jenkins would offer as a file of the run."""
    return text.replace("[[", "[#x5B")


def _identity(results: Results, group: str, name: str, seconds: float) -> dict[str, str]:
    return {
        "classname": f"{line(results.provider.name)}.{line(group).replace('.', '_')}",
        "name": name,
        "time": _seconds(seconds),
    }


def _say(element: ET.Element, tag: str, kind: str | None, message: str, text: str) -> None:
    attributes = {"message": line(message)}
    if kind is not None:
        attributes["type"] = kind
    ET.SubElement(element, tag, attributes).text = _without_attachments(text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
