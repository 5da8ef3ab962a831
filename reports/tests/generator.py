"""Results documents by the hundred: every verdict, mode, level and standing, and hostile text.

A number gives the same document everywhere, so that a failing one can be looked at by its number.
A seeded generator rather than hypothesis: what is drawn has to keep the contract of results.json
across its parts (sums, verdicts, expiry), and the larger documents would drown its search.
"""

from __future__ import annotations

import random
import sys
from typing import Any

from reports import words
from reports.tests import samples
from reports.tests.samples import CATALOGUE, FUNCTIONS, HOSTILE, VERDICTS, Document

_MOODS: tuple[tuple[str, ...], ...] = (
    ("pass",),
    VERDICTS,
    ("pass", "warn", "not-applicable"),
    ("pass", "pass", "pass", "fail"),
    ("pass", "inconclusive", "error"),
    ("fail",),
)
_HUGE = 400
_ODDITIES = (
    "# SKIP later",
    "# TODO later\\",
    "\nnot ok 1 - forged\n1..0",
    "\n  ...\n---\n...\n",
    "]]><failure/>",
    "[[ATTACHMENT|/etc/passwd]]",
    "| a | b |\n|---|---|\n``` ````` `",
    "![x](http://evil.example/x) <b>bold</b> **bold** @everyone #1 http://evil.example",
    "::error file=x::forged",
    "##[error]forged ##vso[task.complete]",
    "\u202eforged\u2066",
    "\x1b]0;forged\x07\x9b31m",
    "\x00\ud800\udc00\udfff\uffff",
)


def document(seed: int) -> Document:
    """Return the document of this number."""
    dice = random.Random(seed)
    cases = _cases(dice, _HUGE if seed % 100 == 99 else dice.choice((1, 1, 2, 3, 7, 20, 50)))
    result = samples.document(cases, qualifier=dice.choice((None, text(dice))))
    if result["verdict"] == "conforming" and dice.random() < 0.2:
        result["verdict"] = "incomplete"  # a MUST was not run
    result["provider"] |= {key: text(dice) for key in ("name", "library", "description")}
    result["provider"]["file_version"] = dice.choice((None, text(dice)))
    result["platform"]["os"] = text(dice)
    result["run"] |= _run(dice)
    return result


def _run(dice: random.Random) -> dict[str, Any]:
    worse = [f"recv/x[direct] was {text(dice)}"] if dice.random() < 0.5 else []
    started = dice.choice(("2026-01-14T09:26:53+01:00", "2026-01-14T09:26:53", text(dice)))
    return {
        "allow_known_deviations": dice.random() < 0.5,
        "unused_deviations": [text(dice)] if dice.random() < 0.1 else [],
        "baseline": {"file": text(dice), "worse": worse} if dice.random() < 0.2 else None,
        "selection": dice.choice((None, {"case": [text(dice)], "mode": None})),
        "command": dice.choice((text(dice), ["scripts/certify", text(dice)])),
        "started": started,
        "duration_s": dice.choice((0, 0.0004, 20.71, 1e6)),
    }


def _cases(dice: random.Random, size: int) -> list[Document]:
    mood = dice.choice(_MOODS)
    is_known = dice.choice((0.0, 0.2, 1.0))  # how likely a failure is one of the known ones
    cases: list[Document] = []
    for place in range(size):
        one = _case(dice, f"{dice.choice(list(FUNCTIONS))}/situation_{place}", dice.choice(mood))
        if dice.random() < (is_known if one["verdict"] == "fail" else is_known / 20):
            one["known_deviation"] = _deviation(dice, one)
        if cases and one["verdict"] in ("inconclusive", "error") and dice.random() < 0.7:
            one["rests_on"] = [dice.choice(cases)["id"]]
        cases.append(one)
    return cases


def _case(dice: random.Random, key: str, verdict: str) -> Document:
    requirement = dice.choice(CATALOGUE)[0]
    one = samples.case(key, dice.choice(list(words.MODES)), requirement, verdict)
    one |= {"reason": text(dice) if verdict != "pass" else dice.choice((None, text(dice)))}
    one |= {"duration_ms": dice.choice((0, 0.4, 41.7, 1e7)), "repro": text(dice)}
    if verdict == "fail":
        one["cause"] = dice.choice(list(words.CAUSES))
    if verdict == "error":
        one["blame"] = dice.choice(("suite", "environment"))
    for optional in ("evidence", "stderr", "does", "must", "seen", "file"):
        if dice.random() < 0.3:
            one[optional] = dice.choice((None, text(dice)))
    if dice.random() < 0.3:
        one["expected"] = [text(dice) for _ in range(dice.randint(0, 2))]
    if one["level"] in ("MAY", "INFO"):
        one["choice"] = dice.choice((None, text(dice), {"answer": text(dice), "count": 3}))
    return one


def _deviation(dice: random.Random, one: Document) -> dict[str, Any]:
    expired = dice.random() < 0.2
    return {
        "case": one["id"],
        "mode": dice.choice((None, one["mode"])),
        "reason": text(dice),
        "url": dice.choice((None, text(dice), "https://bugs.example/1")),
        "expires": "2020-01-01" if expired else dice.choice((None, "2030-01-01")),
        "expired": expired,
    }


def text(dice: random.Random) -> str:
    """Return a text: harmless, hostile, or any characters at all."""
    kind = dice.randrange(6)
    if kind == 0:
        return "WSPRecv: expected 0, got 10035"
    if kind == 1:
        return dice.choice(HOSTILE)
    if kind == 2:
        return "".join(chr(dice.randint(0, 0x24F)) for _ in range(dice.randint(0, 60)))
    if kind == 3:
        return "".join(chr(dice.randint(0, sys.maxunicode)) for _ in range(dice.randint(0, 60)))
    if kind == 4:
        return dice.choice(_ODDITIES)
    return " ".join(dice.sample(_ODDITIES, 3))
