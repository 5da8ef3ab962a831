"""A result told in plain text, for the outputs that have no layout of their own."""

from __future__ import annotations

from reports import words
from reports.model import Case, Results, Standing
from reports.parting import parting
from reports.text import line

_FACT_LIMIT = 4000


def headline(case: Case) -> str:
    """Return what became of the case in one sentence, not yet made visible."""
    reason = case.reason or "no reason given"
    match case.standing:
        case Standing.KNOWN if case.deviation:
            return f"fails, known: {case.deviation.reason}"
        case Standing.STALE if case.deviation:
            return f"known deviation passed, remove its entry: {case.deviation.reason}"
        case Standing.PASSED if case.verdict == "pass":
            return "pass"
        case Standing.FAILED:
            return f"{case.requirement}: {reason}"
    return f"{words.VERDICTS[case.verdict].word}: {reason}"


def demands(case: Case) -> str:
    """Return the word for how binding it is what the case demands."""
    return "should" if case.level == "SHOULD" else "must"


def has_story(case: Case) -> bool:
    """Say whether there is more to tell of a result than that it passed."""
    return case.verdict != "pass" or case.standing is not Standing.PASSED or bool(case.choice)


def tell(results: Results, case: Case, limit: int = _FACT_LIMIT) -> str:
    """Return the whole story of a result, one fact a line; no fact can pose as another.

    Each fact is cut at `limit` characters, visibly.
    """
    row = results.catalogue[case.requirement]
    parts = parting(case)
    lines = [
        headline(case),
        f"requirement: {row.id} ({row.level}) {row.text}",
        f"does: {case.does}" if case.does else "",
        f"{demands(case)}: {case.must}" if case.must else "",
        f"reason: {case.reason}" if case.standing in (Standing.KNOWN, Standing.STALE) else "",
        f"expected: {' or '.join(case.expected)}" if case.expected else "",
        f"seen:     {case.seen}" if case.seen is not None else "",
        f"choice: {case.choice}" if case.choice else "",
        f"cause: {words.CAUSES[case.cause]}" if case.cause else "",
        f"blame: {case.blame}" if case.blame else "",
        f"rests on: {', '.join(case.rests_on)}" if case.rests_on else "",
        f"control: {case.control_sentence}" if case.control_sentence else "",
        f"first difference: {parts.sentence}" if parts else "",
        f"evidence: {case.evidence}" if case.evidence else "",
        f"again: {case.repro}",
    ]
    return "\n".join(line(fact, limit) for fact in lines if fact)


def facts(results: Results) -> dict[str, str | None]:
    """Return on what it was run, under the names of the results document."""
    return {
        "provider.name": results.provider.name,
        "provider.library": results.provider.library,
        "provider.sha256": results.provider.sha256,
        "provider.file_version": results.provider.file_version,
        "provider.description": results.provider.description,
        "provider.arch": results.provider.arch,
        "platform.os": results.platform.os,
        "platform.wine": results.platform.wine,
        "platform.cpu_count": str(results.platform.cpu_count),
        "suite.version": results.suite.version,
        "suite.commit": results.suite.commit,
        "suite.cases_sha256": results.suite.cases_sha256,
        "run.started": results.run.started,
        "run.finished": results.run.finished,
        "run.seed": str(results.run.seed),
        "run.jobs": str(results.run.jobs),
        "run.selection": results.run.selection,
        "run.command": results.run.command,
    }
