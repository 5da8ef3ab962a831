"""The summary on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports import document, story, words
from reports.model import Case, Finding, Results, Standing, Unsettled
from reports.text import for_log, line

_COLOURS = {
    "pass": "32",
    "conforming": "32",
    "warn": "33",
    "fail": "31",
    "non-conforming": "31",
    "inconclusive": "35",
    "incomplete": "35",
    "not-applicable": "2",
    "error": "33",
    "strong": "1",
    "quiet": "2",
}
_CASES_PER_FINDING = 3
_FINDINGS = 12
_NAMES = 6


def summary(results: Mapping[str, Any], *, colour: bool, width: int) -> str:
    """Return the verdict, the counts, what is wrong and what is open, ending with a newline."""
    return _Summary(document.read(results), colour, max(width, 40)).text()


class _Summary:
    def __init__(self, results: Results, colour: bool, width: int) -> None:
        self._results = results
        self._colour = colour
        self._width = width

    def text(self) -> str:
        parts: list[Iterator[str]] = [
            self._verdict(),
            self._findings("What is wrong", self._results.failures),
            self._stale(),
            self._outdated(),
            self._unsettled(),
            self._findings("Advice not taken", self._results.warnings),
        ]
        texts = ("".join(f"{row}\n" for row in part) for part in parts)
        return "\n".join(text for text in texts if text)

    def _verdict(self) -> Iterator[str]:
        results = self._results
        word = words.CONFORMANCE[results.verdict]
        badge = f"{word.glyph} {word.word.upper()}"
        yield self._paint(badge, results.verdict, "strong")
        yield from self._wrapped(results.sentence, 2)
        if results.mode_sentence:
            yield from self._wrapped(results.mode_sentence, 2)
        if results.qualifier:
            yield from self._wrapped(f"Qualification: {line(results.qualifier)}", 2)
        yield from self._counts()
        if len(results.verdict_by_mode) > 1:
            modes = (f"{mode}: {verdict}" for mode, verdict in results.verdict_by_mode)
            yield from self._wrapped("By mode: " + " · ".join(map(line, modes)), 2)

    def _counts(self) -> Iterator[str]:
        """Yield the counts; a line breaks between two counts, never within one."""
        texts: list[tuple[str, str]] = []
        for verdict, count in self._results.counts.items():
            word = words.VERDICTS[verdict]
            key = verdict if count else "quiet"
            texts.append((f"{word.glyph} {count:,} {word.word}", key))
        row, length = "", 0
        for plain, key in texts:
            if row and 2 + length + 3 + len(plain) > self._width:
                yield "  " + row
                row, length = "", 0
            gap = "   " if row else ""
            row += gap + self._paint(plain, key)
            length += len(gap) + len(plain)
        yield "  " + row

    def _findings(self, title: str, findings: Sequence[Finding]) -> Iterator[str]:
        if not findings:
            return
        yield self._paint(title, "strong")
        for finding in findings[:_FINDINGS]:
            yield from self._finding(finding)
        yield from self._more(len(findings) - _FINDINGS, "requirement", 2)

    def _finding(self, finding: Finding) -> Iterator[str]:
        row = finding.requirement
        note = f" ({words.ONLY_DIRECT})" if finding.only_direct else ""
        text = f"{row.id} {finding.level} {line(row.text)}{note}"
        yield from self._wrapped(text, 2, hang=4, bold=row.id)
        for case in finding.cases[:_CASES_PER_FINDING]:
            yield from self._case(case)
        yield from self._more(len(finding.cases) - _CASES_PER_FINDING, "result", 4)
        if finding.also:
            yield from self._names("also: ", finding.also, 4)

    def _case(self, case: Case) -> Iterator[str]:
        word = words.VERDICTS[case.verdict]
        yield f"    {self._paint(f'{word.glyph} {case.name}', case.verdict)}"
        if case.standing is Standing.KNOWN:
            yield from self._wrapped(line(story.headline(case)), 6)
        yield from self._wrapped(line(case.reason) or "no reason given", 6)
        if case.does:
            must = f"; {story.demands(case)}: {case.must}" if case.must else ""
            yield from self._wrapped(line(f"the case: {case.does}{must}"), 6, paint="quiet")
        if case.control_sentence:
            yield from self._wrapped(f"control: {case.control_sentence}", 6, paint="quiet")
        # A command is not wrapped: it is there to be copied.
        yield self._paint(f"      again: {for_log(line(case.repro, 2000))}", "quiet")

    def _stale(self) -> Iterator[str]:
        if self._results.stale:
            yield self._paint("Known deviations that passed: remove their entries", "strong")
            yield from self._names("", self._results.stale, 2)

    def _outdated(self) -> Iterator[str]:
        outdated = self._results.run.outdated
        if outdated:
            yield self._paint("What was expected and does not hold", "strong")
            for sentence in outdated[:_FINDINGS]:
                yield from self._wrapped(line(sentence), 2, hang=4)
            yield from self._more(len(outdated) - _FINDINGS, "expectation", 2)

    def _unsettled(self) -> Iterator[str]:
        if not self._results.unsettled:
            return
        yield self._paint("What is open", "strong")
        for group in self._results.unsettled[:_FINDINGS]:
            yield from self._open(group)
        yield from self._more(len(self._results.unsettled) - _FINDINGS, "reason", 2)

    def _open(self, group: Unsettled) -> Iterator[str]:
        word = words.VERDICTS[group.verdict]
        blame = f" ({line(group.blame)})" if group.blame else ""
        text = f"{word.glyph} {len(group.cases):,} {word.word}{blame}: "
        text += line(group.reason) or "no reason given"
        if group.rests_on:
            text += f"; rests on {line(', '.join(group.rests_on))}"
        yield from self._wrapped(text, 2, hang=4, paint=group.verdict)
        yield from self._names("", group.cases, 4)

    def _names(self, prefix: str, cases: Sequence[Case], indent: int) -> Iterator[str]:
        names = ", ".join(case.name for case in cases[:_NAMES])
        if len(cases) > _NAMES:
            names += f" and {len(cases) - _NAMES:,} more"
        yield from self._wrapped(prefix + names, indent, paint="quiet")

    def _more(self, count: int, noun: str, indent: int) -> Iterator[str]:
        if count > 0:
            yield " " * indent + f"... {words.number(count, f'more {noun}')} in the report"

    def _wrapped(
        self, text: str, indent: int, hang: int = 0, bold: str = "", paint: str = ""
    ) -> Iterator[str]:
        """Yield `text` in lines no wider than the terminal; colour comes after the wrapping."""
        margin = " " * indent
        lines = textwrap.wrap(
            for_log(text),
            self._width,
            initial_indent=margin,
            subsequent_indent=" " * max(indent, hang),
            break_on_hyphens=False,
        )
        for place, wrapped in enumerate(lines):
            if bold and place == 0:
                start = margin + self._paint(bold, "strong")
                yield start + wrapped[indent + len(bold) :]
            else:
                yield self._paint(wrapped, paint) if paint else wrapped

    def _paint(self, text: str, *keys: str) -> str:
        if not self._colour:
            return text
        return f"\x1b[{';'.join(_COLOURS[key] for key in keys)}m{text}\x1b[0m"
