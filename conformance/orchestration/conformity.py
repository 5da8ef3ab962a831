"""The verdict on the provider as a whole, and on each requirement, from the results of its cases.

A `fail` is by definition a broken MUST, whatever the level of the case it was seen in: a SHOULD
case that crashes fails the provider. What else a SHOULD, MAY or INFO case says does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.orchestration.lattice import VERDICTS, worst_across

# Without these three nothing is known about cancelling: one cancel that works, one call that ends
# by it, one that finds nothing to cancel.
CORE = ("CBC-01", "CBC-02", "CBC-07")

ResultRow = Mapping[str, Any]  # an entry of `cases` in results.json


def conformity(rows: Sequence[ResultRow], *, is_full: bool) -> str:
    """Return conforming, non-conforming or incomplete; `rows` holds everything that was due."""
    if any(row["verdict"] == "fail" for row in rows):
        return "non-conforming"
    musts = [row["verdict"] for row in rows if row["level"] == "MUST"]
    if any(verdict in ("inconclusive", "error") for verdict in musts):
        return "incomplete"
    if not any(row["verdict"] in ("pass", "warn") for row in rows):
        return "incomplete"
    verdicts = requirement_verdicts(rows)
    due = CORE if is_full else [key for key in CORE if key in verdicts]
    if any(verdicts.get(key) not in ("pass", "warn") for key in due):
        return "incomplete"
    return "conforming"


def conformity_by_mode(rows: Sequence[ResultRow]) -> dict[str, str]:
    """Return the same for each mode by itself; a mode answers only for what is asked in it."""
    modes = dict.fromkeys(row["mode"] for row in rows)
    return {
        mode: conformity([row for row in rows if row["mode"] == mode], is_full=False)
        for mode in modes
    }


def requirement_verdicts(rows: Iterable[ResultRow]) -> dict[str, str]:
    """Return the verdict on every requirement that a case says something about."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for key, verdict in row["by_requirement"].items():
            found.setdefault(key, []).append(verdict)
    return {key: worst_across(verdicts) for key, verdicts in found.items()}


def counts(rows: Iterable[ResultRow]) -> dict[str, int]:
    """Count the results by verdict."""
    tally = dict.fromkeys(VERDICTS, 0)
    for row in rows:
        tally[row["verdict"]] += 1
    return tally
