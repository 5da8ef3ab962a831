"""The words of a comparison: each kind of change has one title in every output."""

from __future__ import annotations

from reports.comparison.model import Comparison, Kind

RESULTS = {
    Kind.WORSE: "Worse",
    Kind.BETTER: "Better",
    Kind.ADDED: "Added: only in the new results",
    Kind.REMOVED: "Removed: only in the old results",
    Kind.UNCHANGED: "Unchanged",
}
REQUIREMENTS = {
    Kind.WORSE: "Requirements that got worse",
    Kind.BETTER: "Requirements that got better",
    Kind.ADDED: "Requirements that only the new results judge",
    Kind.REMOVED: "Requirements that only the old results judge",
    Kind.APART: "Requirements that both judge, but by no result in common",
}
NOTED = "The same verdict, but not the same otherwise"


def counts(comparison: Comparison) -> str:
    """Return the numbers of results and requirements of each kind in one line."""
    parts = []
    for noun, tally in (
        ("results", comparison.case_counts),
        ("requirements", comparison.requirement_counts),
    ):
        some = [f"{count:,} {kind}" for kind, count in tally.items() if count or kind == "worse"]
        parts.append(f"{noun}: {', '.join(some)}")
    return "; ".join(parts)
