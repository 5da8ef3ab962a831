"""The words of the reports: each verdict has one glyph, one word and one meaning everywhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """How a verdict is shown, and what it means."""

    key: str
    glyph: str
    word: str
    meaning: str


VERDICTS: dict[str, Word] = {
    word.key: word
    for word in (
        Word(
            "pass",
            "✓",
            "pass",
            "Every expectation was met, and everything that had to be proved was proved.",
        ),
        Word("warn", "!", "warn", "Every MUST was met, a SHOULD was not."),
        Word("fail", "✗", "fail", "The provider broke a MUST."),
        Word(
            "inconclusive",
            "?",
            "inconclusive",
            "The situation could not be brought about, or an allowed outcome hid the answer.",
        ),
        Word(
            "not-applicable",
            "–",
            "not applicable",
            "The provider's description says that it lacks the feature, or does not name the"
            " means that the case needs.",
        ),
        Word(
            "error",
            "⊗",
            "error",
            "The suite or the machine failed; this says nothing about the provider.",
        ),
        Word("none", "·", "not run", "No case of this run tests the requirement."),
    )
}

# How the results stand that a known deviation speaks of.
OF_A_DEVIATION = {
    "fails, known": "known to fail",
    "known deviation passed": "passes; remove the entry",
}

# Across cases the worst wins, and a failure that was seen is never hidden: docs/verdicts.md.
WORST_FIRST = ("fail", "error", "inconclusive", "warn", "pass", "not-applicable", "none")

CONFORMANCE: dict[str, Word] = {
    word.key: word
    for word in (
        Word(
            "conforming",
            "✓",
            "conforming",
            "Every MUST passes, warns or is not applicable, and a cancel was seen to work.",
        ),
        Word("non-conforming", "✗", "non-conforming", "At least one MUST fails."),
        Word(
            "incomplete",
            "?",
            "incomplete",
            "No MUST fails, but at least one is inconclusive, in error, or was not run.",
        ),
    )
}

MODES: dict[str, str] = {
    "direct": "The harness cancels through the provider's table whenever the case says.",
    "ws2_32": "Driven as ws2_32 does it: one cancel, only inside the blocking callback.",
    "no-callback": "The provider gets no blocking callback and waits by itself.",
}

CAUSES: dict[str, str] = {
    "expectation": "an expectation was not met",
    "crash": "it crashed",
    "hang": "it hung",
    "exit": "it ended the process",
    "leak": "it left something behind",
}

BLAMES = ("provider", "suite", "environment")

LEVELS = ("MUST", "SHOULD", "MAY", "INFO")

ONLY_DIRECT = "only when called directly"


def number(count: int, singular: str, plural: str | None = None) -> str:
    """Return `count` with its noun: "1 result", "2 results"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
