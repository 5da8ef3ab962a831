"""The exit status of a run: a pure function of its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONFORMING = 0
NON_CONFORMING = 1
NO_RUN = 2
INCOMPLETE = 3
WRONG_EXPECTATIONS = 4
INTERRUPTED = 130

Document = Mapping[str, Any]


def exit_status(results: Document) -> int:
    """Return what the command ends with."""
    status = _status_of_verdict(results)
    return WRONG_EXPECTATIONS if status == CONFORMING and wrong_expectations(results) else status


def wrong_expectations(results: Document) -> list[str]:
    """Return one sentence for each expectation that does not hold any more."""
    wrong = _wrong_deviations(results)
    baseline = results["run"].get("baseline")
    if baseline and baseline["worse"]:
        first, *more = baseline["worse"]
        wrong.append(
            f"worse than the baseline {baseline['file']}: {first}"
            + (f", and {len(more)} more." if more else ".")
        )
    return wrong


def _wrong_deviations(results: Document) -> list[str]:
    wrong = []
    for row in results["cases"]:
        deviation = row["known_deviation"]
        if deviation is None:
            continue
        name = f"{row['id']}[{row['mode']}]"
        if row["verdict"] in ("pass", "warn"):
            wrong.append(f"the known deviation {deviation['case']} is out of date: {name} passes.")
        elif row["verdict"] == "fail" and deviation["expired"]:
            wrong.append(
                f"the known deviation {deviation['case']} has expired on"
                f" {deviation['expires']}, and {name} still fails."
            )
    wrong += [
        f"the known deviation {pattern} names no case of this suite."
        for pattern in results["run"].get("unused_deviations", [])
    ]
    return wrong


def _status_of_verdict(results: Document) -> int:
    verdict = results["verdict"]
    if verdict == "conforming":
        return CONFORMING
    if verdict == "incomplete":
        return INCOMPLETE
    if not results["run"].get("allow_known_deviations"):
        return NON_CONFORMING
    return _status_with_allowance(results)


def _status_with_allowance(results: Document) -> int:
    """Known failures are allowed for; what is open for another reason than them is not."""
    failures = [row for row in results["cases"] if row["verdict"] == "fail"]
    if any(row["known_deviation"] is None for row in failures):
        return NON_CONFORMING
    known = {row["id"] for row in failures}
    for row in results["cases"]:
        if row["level"] == "MUST" and row["verdict"] in ("inconclusive", "error"):
            if not known & set(row["rests_on"] or ()):
                return INCOMPLETE
    return CONFORMING
