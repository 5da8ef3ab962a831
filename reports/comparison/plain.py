"""The comparison for programs: JSON as comparison.schema.json beside this file describes it."""

from __future__ import annotations

import json
from typing import Any

from reports.comparison.model import CaseChange, Comparison
from reports.model import Case, Results

SCHEMA = "wspcts-comparison/1"


def render(comparison: Comparison) -> bytes:
    """Return the JSON document."""
    text = json.dumps(document(comparison), indent=1, ensure_ascii=True, allow_nan=False)
    return f"{text}\n".encode()


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values."""
    return {
        "schema": SCHEMA,
        "is_worse": comparison.is_worse,
        "claim": comparison.claim,
        "worse": list(comparison.worse),
        "cause": comparison.cause,
        "differences": [
            {"field": it.field, "what": it.what, "old": it.old, "new": it.new}
            for it in comparison.differences
        ],
        "old": _run(comparison.old),
        "new": _run(comparison.new),
        "counts": {
            "cases": comparison.case_counts,
            "requirements": comparison.requirement_counts,
        },
        "cases": [_change(change) for change in comparison.cases],
        "requirements": [
            {
                "id": change.requirement.id,
                "level": change.requirement.level,
                "text": change.requirement.text,
                "change": change.kind.value,
                "old": change.old,
                "new": change.new,
            }
            for change in comparison.requirements
        ],
    }


def _run(results: Results) -> dict[str, Any]:
    return {
        "provider": results.provider.name,
        "sha256": results.provider.sha256,
        "suite": results.suite.version,
        "commit": results.suite.commit,
        "started": results.run.started,
        "verdict": results.verdict,
    }


def _change(change: CaseChange) -> dict[str, Any]:
    return {
        "id": change.case.id,
        "mode": change.case.mode,
        "function": change.case.function,
        "change": change.kind.value,
        "old": _result(change.old),
        "new": _result(change.new),
        "known_deviation": change.known,
        "notes": [{"what": what, "old": old, "new": new} for what, old, new in change.notes],
    }


def _result(case: Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {
        "verdict": case.verdict,
        "cause": case.cause,
        "reason": case.reason or None,
        "choice": case.choice,
    }
