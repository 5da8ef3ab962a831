"""CTRF, the common test report format, for tools that read neither JUnit nor our own results.

Its schema is strict: what it has no field for stands under `extra`. docs/reports.md says which
verdict becomes which status.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from reports import story
from reports.model import Case, Results, Standing, Trouble
from reports.text import block, is_beside, line

SPEC_VERSION = "0.0.0"
STATUSES = ("passed", "failed", "skipped", "pending", "other")
_STATUS = {
    Standing.PASSED: "passed",
    Standing.FAILED: "failed",
    Standing.STALE: "failed",
    Standing.BROKEN: "other",
    Standing.SKIPPED: "skipped",
    Standing.KNOWN: "skipped",
}
_FAMILY = uuid.UUID("cc6bb0ec-f83c-4d77-8198-78f22182beca")  # ours alone; ids are made within it
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Object = dict[str, Any]


def render(results: Results) -> bytes:
    """Return the CTRF document."""
    tests = [_test(results, case) for case in results.cases]
    tests += [_trouble(results, trouble) for trouble in results.troubles]
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "generatedBy": line(f"wspcts {results.suite.version}"),
        "results": {
            "tool": _tool(results),
            "summary": _summary(results, tests),
            "tests": tests,
            "environment": _environment(results),
        },
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _tool(results: Results) -> Object:
    suite = results.suite
    extra = {"commit": suite.commit, "cases": suite.cases, "cases_sha256": suite.cases_sha256}
    return {"name": "wspcts", "version": line(suite.version), "extra": _visible(extra)}


def _summary(results: Results, tests: list[Object]) -> Object:
    tally = Counter(test["status"] for test in tests)
    start = _moment(results.run.started) or 0
    duration = round(results.run.duration_s * 1000)
    stop = _moment(results.run.finished)
    extra = {
        "verdict": results.verdict,
        "sentence": results.sentence,
        "verdict_by_mode": dict(results.verdict_by_mode),
        "counts": dict(results.counts),
    }
    return {
        "tests": len(tests),
        **{status: tally[status] for status in STATUSES},
        "suites": len({tuple(test["suite"]) for test in tests}),
        "start": start,
        "stop": max(start, start + duration if stop is None else stop),
        "duration": duration,
        "extra": _visible(extra),
    }


def _environment(results: Results) -> Object:
    facts = {
        "appName": results.provider.name,
        "appVersion": results.provider.file_version,
        "osVersion": results.platform.os,
        "healthy": results.is_fine,
        "extra": {"qualifier": results.qualifier, **story.facts(results)},
    }
    return _visible(facts)


def _test(results: Results, case: Case) -> Object:
    test: Object = {
        "id": _id(case.name),
        "name": case.name,
        "status": _STATUS[case.standing],
        "duration": round(case.duration_ms),
        "suite": [line(results.provider.name), line(case.function)],
        "rawStatus": case.verdict,
        "tags": [case.level, *case.requirements],
        "parameters": {"mode": case.mode},
    }
    if story.has_story(case):
        test["message"] = line(story.headline(case))
        test["trace"] = story.tell(results, case)
    if case.file is not None:
        test["filePath"] = line(case.file)
    attachments = [
        {"name": name, "contentType": kind, "path": path}
        for name, kind, path in (
            ("evidence", "application/jsonl", case.evidence),
            ("standard error", "text/plain", case.stderr),
        )
        if path and is_beside(path)
    ]
    if attachments:
        test["attachments"] = attachments
    return test | {"extra": _extra(case)}


def _extra(case: Case) -> Object:
    known = case.deviation
    return _visible(
        {
            "requirement": case.requirement,
            "level": case.level,
            "by_requirement": dict(case.by_requirement),
            "standing": case.standing.value,
            "cause": case.cause,
            "blame": case.blame,
            "reason": case.reason or None,
            "expected": list(case.expected),
            "seen": case.seen,
            "choice": case.choice,
            "control": case.control,
            "rests_on": list(case.rests_on),
            "known_deviation": known
            and {"reason": known.reason, "url": known.url, "expires": known.expires},
            "again": case.repro,
        }
    )


def _trouble(results: Results, trouble: Trouble) -> Object:
    return {
        "id": _id(trouble.name),
        "name": trouble.name,
        "status": "other" if trouble.kind == "incomplete" else "failed",
        "duration": 0,
        "suite": [line(results.provider.name), "wspcts"],
        "rawStatus": trouble.kind,
        "message": line(trouble.sentence),
    }


def _id(name: str) -> str:
    """Return the same identity for the same case in the same mode, in every run."""
    return str(uuid.uuid5(_FAMILY, name))


def _visible(value: Any) -> Any:
    """Return `value` with every text visible, and without what says nothing."""
    if isinstance(value, str):
        return block(value)
    if isinstance(value, list):
        return [_visible(item) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if item not in (None, [], {})}
        return {line(key): _visible(item) for key, item in kept.items()}
    return value


def _moment(text: str) -> int | None:
    """Return a moment in milliseconds since 1970, without a zone taken as UTC; None if unclear."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
