"""The comparison on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from reports import words
from reports.comparison import titles
from reports.comparison.model import CaseChange, Comparison, Kind, RequirementChange
from reports.text import line

_RED, _GREEN, _BOLD = "31;1", "32;1", "1"
_SHOWN = {Kind.WORSE: 40, Kind.BETTER: 12, Kind.ADDED: 6, Kind.REMOVED: 6}
_VALUE = 80
_REASON = 300


def summary(comparison: Comparison, *, colour: bool, width: int) -> str:
    """Return what changed and what is likely behind it, ending with a newline."""
    return _Summary(comparison, colour, max(width, 40)).text()


class _Summary:
    def __init__(self, comparison: Comparison, colour: bool, width: int) -> None:
        self._comparison = comparison
        self._colour = colour
        self._width = width

    def text(self) -> str:
        comparison = self._comparison
        parts: list[Iterator[str]] = [self._claim()]
        for kind in _SHOWN:
            parts.append(self._changes(kind, comparison.cases_that(kind)))
        parts.append(self._noted())
        for kind in titles.REQUIREMENTS:
            parts.append(self._requirements(kind, comparison.requirements_that(kind)))
        parts.append(self._cause())
        texts = ("".join(f"{row}\n" for row in part) for part in parts)
        return "\n".join(text for text in texts if text)

    def _claim(self) -> Iterator[str]:
        comparison = self._comparison
        glyph, paint = ("✗", _RED) if comparison.is_worse else ("✓", _GREEN)
        yield self._paint(f"{glyph} {comparison.claim}.", paint)
        yield from self._wrapped(titles.counts(comparison), 2)

    def _changes(self, kind: Kind, changes: Sequence[CaseChange]) -> Iterator[str]:
        if not changes:
            return
        yield self._paint(titles.RESULTS[kind], _BOLD)
        for change in changes[: _SHOWN[kind]]:
            yield from self._change(change)
        yield from self._more(len(changes) - _SHOWN[kind])

    def _change(self, change: CaseChange) -> Iterator[str]:
        old, new = change.old, change.new
        verdicts = " → ".join(_shown(case.verdict) for case in (old, new) if case)
        yield f"  {change.case.name}  {verdicts}"
        if change.known is not None:
            yield from self._wrapped(f"fails, known: {line(change.known)}", 4)
        elif change.kind in (Kind.WORSE, Kind.ADDED) and change.case.reason:
            yield from self._wrapped(line(change.case.reason, _REASON), 4)

    def _noted(self) -> Iterator[str]:
        changes = self._comparison.noted
        if not changes:
            return
        yield self._paint(titles.NOTED, _BOLD)
        for change in changes[: _SHOWN[Kind.BETTER]]:
            for what, old, new in change.notes:
                text = f"{change.case.name}  {what}: {line(old, _VALUE)} → {line(new, _VALUE)}"
                yield from self._wrapped(text, 2)
        yield from self._more(len(changes) - _SHOWN[Kind.BETTER])

    def _requirements(self, kind: Kind, changes: Sequence[RequirementChange]) -> Iterator[str]:
        if not changes:
            return
        yield self._paint(titles.REQUIREMENTS[kind], _BOLD)
        if kind not in (Kind.WORSE, Kind.BETTER):
            yield from self._wrapped(", ".join(it.requirement.id for it in changes), 2)
            return
        for change in changes:
            row = change.requirement
            assert change.old is not None and change.new is not None
            verdicts = f"{_shown(change.old)} → {_shown(change.new)}"
            yield from self._wrapped(f"{row.id} {verdicts}  {row.level} {line(row.text)}", 2)

    def _cause(self) -> Iterator[str]:
        yield from self._wrapped(self._comparison.cause, 0)
        for it in self._comparison.differences:
            text = f"{it.what}: {line(it.old, _VALUE)} → {line(it.new, _VALUE)}"
            yield from self._wrapped(text, 2)

    def _more(self, count: int) -> Iterator[str]:
        if count > 0:
            yield f"  ... and {words.number(count, 'more result')}"

    def _wrapped(self, text: str, indent: int) -> Iterator[str]:
        yield from textwrap.wrap(
            text,
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + 2),
            break_on_hyphens=False,
        )

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def _shown(verdict: str) -> str:
    word = words.VERDICTS[verdict]
    return f"{word.glyph} {word.word}"
