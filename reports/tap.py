"""TAP 14.

What proves nothing where a MUST rests on it is `not ok`: TAP has no word for it, and a skip would
let an incomplete run look green.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from reports import story, words
from reports.model import Case, Results, Standing
from reports.text import block, line


def render(results: Results) -> bytes:
    """Return the TAP stream."""
    return "".join(f"{text}\n" for text in _lines(results)).encode()


def _lines(results: Results) -> Iterator[str]:
    yield "TAP version 14"
    yield f"1..{results.total + len(results.troubles)}"
    yield f"# {line(results.sentence)}"
    if results.qualifier:
        yield f"# Qualification: {line(results.qualifier)}"
    for place, case in enumerate(results.cases, 1):
        yield from _point(results, place, case)
    for place, trouble in enumerate(results.troubles, results.total + 1):
        yield f"not ok {place} - {trouble.name}"
        yield from _yaml({"message": trouble.sentence, "verdict": trouble.kind})


def _point(results: Results, place: int, case: Case) -> Iterator[str]:
    ok = case.standing in (Standing.PASSED, Standing.SKIPPED)
    point = f"{'ok' if ok else 'not ok'} {place} - {_escaped(case.name)}"
    match case.standing:
        case Standing.SKIPPED:
            point += f" # SKIP {_escaped(line(story.headline(case)))}"
        case Standing.KNOWN:
            point += f" # TODO {_escaped(line(story.headline(case)))}"
    yield point
    if not ok:
        yield from _yaml(_facts(results, case))
    elif case.verdict == "warn":
        yield f"# {line(story.headline(case))}"
    if ok and case.choice:
        yield f"# choice: {line(case.choice)}"


def _facts(results: Results, case: Case) -> dict[str, str | list[str] | None]:
    row = results.catalogue[case.requirement]
    return {
        "message": story.headline(case),
        "verdict": words.VERDICTS[case.verdict].word,
        "cause": case.cause,
        "blame": case.blame,
        "requirement": row.id,
        "level": row.level,
        "sentence": row.text,
        "reason": case.reason or None,
        "expected": list(case.expected) or None,
        "seen": case.seen,
        "choice": case.choice,
        "control": case.control,
        "rests_on": list(case.rests_on) or None,
        "evidence": case.evidence,
        "again": case.repro,
    }


def _yaml(facts: dict[str, str | list[str] | None]) -> Iterator[str]:
    """Yield a YAML block; a JSON string of visible characters is a YAML string as well."""
    yield "  ---"
    for key, value in facts.items():
        if isinstance(value, list):
            yield f"  {key}:"
            yield from (f"    - {_scalar(item)}" for item in value)
        elif value is not None:
            yield f"  {key}: {_scalar(value)}"
    yield "  ..."


def _scalar(text: str) -> str:
    return json.dumps(block(text), ensure_ascii=False)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
