"""The two orders of verdicts: within a case, and across cases."""

from __future__ import annotations

from collections.abc import Iterable

VERDICTS = ("pass", "warn", "fail", "inconclusive", "not-applicable", "error")
WITHIN_A_CASE = ("none", "not-applicable", "pass", "warn", "inconclusive", "fail", "error")
ACROSS_CASES = ("none", "not-applicable", "pass", "warn", "inconclusive", "error", "fail")


def worst_within(verdicts: Iterable[str]) -> str:
    """Return the worst of what one case brought: an error hides all, as nothing was judged."""
    return max(verdicts, key=WITHIN_A_CASE.index, default="none")


def worst_across(verdicts: Iterable[str]) -> str:
    """Return the worst of several cases: a failure that was seen is never hidden."""
    return max(verdicts, key=ACROSS_CASES.index, default="none")
