"""The rules of CTRF 0.0.0 for a document, said again in our words: its schema is not copied here.

What the published schema (schema/ctrf.schema.json of ctrf-io/ctrf) allows and we never write is
left out: retries, insights, baselines, steps, screenshots, labels.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FREE: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def _closed(required: str, **properties: Schema) -> Schema:
    """Return the schema of an object with these properties, `extra`, and no other."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": {**properties, "extra": FREE},
        "additionalProperties": False,
    }


_ATTACHMENT = _closed("name contentType path", name=TEXT, contentType=TEXT, path=TEXT)

_TEST = _closed(
    "name status duration",
    id={"type": "string", "format": "uuid"},
    name=NAME,
    status={"enum": list(STATUSES)},
    duration=WHOLE,
    suite={**TEXTS, "minItems": 1},
    message=TEXT,
    trace=TEXT,
    rawStatus=TEXT,
    tags=TEXTS,
    filePath=TEXT,
    parameters=FREE,
    attachments={"type": "array", "items": _ATTACHMENT},
)

_SUMMARY = _closed(
    "tests passed failed skipped pending other start stop",
    **{name: COUNT for name in ("tests", "suites", "duration", *STATUSES)},
    start=WHOLE,
    stop=WHOLE,
)

_ENVIRONMENT = _closed(
    "", appName=TEXT, appVersion=TEXT, osVersion=TEXT, healthy={"type": "boolean"}
)

SCHEMA = _closed(
    "reportFormat specVersion results",
    reportFormat={"const": "CTRF"},
    specVersion={"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    generatedBy=TEXT,
    results=_closed(
        "tool summary tests",
        tool=_closed("name", name=NAME, version=TEXT),
        summary=_SUMMARY,
        tests={"type": "array", "items": _TEST},
        environment=_ENVIRONMENT,
    ),
)
