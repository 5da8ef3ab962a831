"""The comparison as Markdown, for the summary page of a CI job.

Text that is not our own stands in code spans: nothing in one is markup, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports import words
from reports.comparison import titles
from reports.comparison.model import CaseChange, Comparison, Kind
from reports.text import line

_SHOWN = 100
_LENGTH = 300


def render(comparison: Comparison) -> bytes:
    """Return the Markdown document."""
    return "".join(f"{text}\n" for text in _lines(comparison)).encode()


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"# {'✗' if comparison.is_worse else '✓'} {comparison.claim}"
    yield ""
    sides = (
        f"{_code(results.provider.name)} of {_code(results.run.started)}"
        for results in (comparison.old, comparison.new)
    )
    yield " → ".join(sides)
    yield ""
    yield f"{titles.counts(comparison)}."
    for kind in (Kind.WORSE, Kind.BETTER):
        yield from _changes(titles.RESULTS[kind], comparison.cases_that(kind))
        yield from _requirements(comparison, kind)
    yield from _changes(titles.NOTED, comparison.noted)
    for kind in (Kind.ADDED, Kind.REMOVED):
        yield from _changes(titles.RESULTS[kind], comparison.cases_that(kind))
    for kind in (Kind.ADDED, Kind.REMOVED, Kind.APART):
        yield from _requirements(comparison, kind)
    yield from _differences(comparison)


def _changes(title: str, changes: Sequence[CaseChange]) -> Iterator[str]:
    if not changes:
        return
    yield from ("", f"## {title}", "")
    for change in changes[:_SHOWN]:
        verdicts = " → ".join(_shown(case.verdict) for case in (change.old, change.new) if case)
        yield f"- {_code(change.case.name)}: {verdicts}{_grounds(change)}"
        for what, old, new in change.notes:
            yield f"  - {what}: {_code(old)} → {_code(new)}"
    if len(changes) > _SHOWN:
        yield f"- and {words.number(len(changes) - _SHOWN, 'more result')}"


def _grounds(change: CaseChange) -> str:
    if change.known is not None:
        return f", known: {_code(change.known)}"
    if change.kind in (Kind.WORSE, Kind.ADDED) and change.case.reason:
        return f": {_code(change.case.reason)}"
    return ""


def _requirements(comparison: Comparison, kind: Kind) -> Iterator[str]:
    changes = comparison.requirements_that(kind)
    if not changes:
        return
    yield from ("", f"## {titles.REQUIREMENTS[kind]}", "")
    for change in changes:
        row = change.requirement
        verdicts = " → ".join(_shown(it) for it in (change.old, change.new) if it)
        yield f"- {row.id} ({row.level}): {verdicts}: {_code(row.text)}"


def _differences(comparison: Comparison) -> Iterator[str]:
    yield from ("", "## Likely cause", "", comparison.cause)
    if comparison.differences:
        yield ""
    for it in comparison.differences:
        yield f"- {it.what}: {_code(it.old)} → {_code(it.new)}"


def _shown(verdict: str) -> str:
    word = words.VERDICTS[verdict]
    return f"{word.glyph} {word.word}"


def _code(text: str) -> str:
    """Return foreign text as a code span that it cannot end."""
    shown = line(text, _LENGTH).replace("`", "#x60").strip()
    return f"`{shown}`" if shown else "(empty)"
