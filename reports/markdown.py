"""A summary in Markdown, for the page that a CI system shows of a job.

What a provider chose to say stands in code, inline or in a block, and nowhere else: there no
renderer makes links, mentions, pictures or markup of it, whatever dialect it speaks.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from reports import story, words
from reports.model import Case, Finding, Results, Standing, Unsettled
from reports.text import line

LARGEST = 1_000_000  # bytes; GitHub shows no summary of more than 1 MiB a step
_ROOM_FOR_NOTICE = 300
_CASES_PER_FINDING = 10
_NAMES = 20
_FACT_LIMIT = 1000
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~#$@])")


def render(results: Results) -> bytes:
    """Return the summary; of one that is too large, the entries that fit, and how many do not."""
    head = "\n".join(_head(results))
    tail = "\n" + "\n".join(_tail(results))
    room = LARGEST - _ROOM_FOR_NOTICE - len(head.encode()) - len(tail.encode())
    kept: list[str] = []
    entries = _entries(results)
    for entry in entries:
        room -= len(entry.encode()) + 1
        if room < 0:
            kept.append(_notice(1 + sum(1 for _ in entries)))
            break
        kept.append(entry)
    return "\n".join([head, *kept, tail]).encode()


def _notice(count: int) -> str:
    left_out = words.number(count, "more entry is", "more entries are")
    why = "as no page of a job takes more than 1 MiB"
    return f"\n**Cut here**, {why}: {left_out} in `report.html`."


def _head(results: Results) -> Iterator[str]:
    word = words.CONFORMANCE[results.verdict]
    yield f"## {word.glyph} {word.word}\n"
    yield f"{results.claim_about(_code(results.provider.name))}: {results.grounds}.\n"
    if results.mode_sentence:
        yield f"{results.mode_sentence}\n"
    if results.qualifier:
        yield f"Qualification: {_code(results.qualifier)}\n"
    yield "| Verdict | Results |"
    yield "|---|---:|"
    for verdict, count in results.counts.items():
        yield f"| {_shown(words.VERDICTS[verdict])} | {count:,} |"
    if len(results.verdict_by_mode) > 1:
        yield "\n| Mode | Verdict |"
        yield "|---|---|"
        for mode, verdict in results.verdict_by_mode:
            yield f"| {_prose(mode)} | {_shown(words.CONFORMANCE[verdict])} |"


def _tail(results: Results) -> Iterator[str]:
    yield "### What it was run on\n"
    facts = (f"{name}: {value}" for name, value in story.facts(results).items() if value)
    yield _block(line(fact) for fact in facts)
    yield "\nThe whole story is in `report.html`."
    yield ""


def _entries(results: Results) -> Iterator[str]:
    tell = functools.partial(_finding, results)
    yield from _section("What is wrong", map(tell, results.failures))
    stale = (f"- {_name(case)}" for case in results.stale)
    yield from _section("Known deviations that passed: remove their entries", stale)
    outdated = (f"- {_code(sentence)}" for sentence in results.run.outdated)
    yield from _section("What was expected and does not hold", outdated)
    yield from _section("What is open", map(_open, results.unsettled))
    yield from _section("Advice not taken", map(tell, results.warnings))


def _section(title: str, entries: Iterable[str]) -> Iterator[str]:
    """Yield the entries, the first of them under the title."""
    for place, entry in enumerate(entries):
        yield f"\n### {title}\n\n{entry}" if place == 0 else entry


def _finding(results: Results, finding: Finding) -> str:
    row = finding.requirement
    note = f" ({words.ONLY_DIRECT})" if finding.only_direct else ""
    parts = [f"**{row.id}** ({finding.level}): {_prose(row.text)}{note}\n"]
    parts += (_result(results, case) for case in finding.cases[:_CASES_PER_FINDING])
    left_out = len(finding.cases) - _CASES_PER_FINDING
    if left_out > 0:
        parts.append(f"… {words.number(left_out, 'more result')} in `report.html`.\n")
    if finding.also:
        parts.append(f"Also: {_names(finding.also)}\n")
    return "\n".join(parts)


def _result(results: Results, case: Case) -> str:
    known = ", a known deviation" if case.standing is Standing.KNOWN else ""
    told = story.tell(results, case, _FACT_LIMIT)
    return f"{_shown(words.VERDICTS[case.verdict])}{known}: {_name(case)}\n\n{_block([told])}\n"


def _open(group: Unsettled) -> str:
    blame = f" ({group.blame})" if group.blame else ""
    count = f"{len(group.cases):,} × {_shown(words.VERDICTS[group.verdict])}{blame}"
    rests_on = f"; rests on {_code(', '.join(group.rests_on))}" if group.rests_on else ""
    reason = _code(group.reason or "no reason given")
    return f"- {count}: {reason}{rests_on}: {_names(group.cases)}"


def _names(cases: Sequence[Case]) -> str:
    names = ", ".join(_name(case) for case in cases[:_NAMES])
    left_out = len(cases) - _NAMES
    return f"{names} and {left_out:,} more in `report.html`" if left_out > 0 else names


def _name(case: Case) -> str:
    return _code(case.name)


def _shown(word: words.Word) -> str:
    return f"{word.glyph} {word.word}"


def _prose(text: str) -> str:
    """Return text of the suite itself, with what Markdown would take for its own escaped."""
    return _SPECIAL.sub(r"\\\1", line(text))


def _code(text: str) -> str:
    """Return foreign text as code in a line, fenced so that it cannot end by itself."""
    shown = line(text) or "“”"
    fence = "`" * (_longest_fence(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _block(lines: Iterable[str]) -> str:
    """Return lines that are visible already as a block of code that they cannot end."""
    content = "\n".join(lines)
    fence = "`" * max(3, _longest_fence(content) + 1)
    return f"{fence}text\n{content}\n{fence}"


def _longest_fence(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
