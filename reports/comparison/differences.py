"""What two runs do not have in common: each of it may be the cause of another verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.document import plain_text

# In the order of how likely each is the cause. The field may be missing in results of an earlier
# suite; that is then no difference.
_FIELDS = (
    ("the provider's DLL (SHA-256)", "provider", "sha256"),
    ("the provider's file version", "provider", "file_version"),
    ("the provider's name", "provider", "name"),
    ("the provider's description of itself", "provider", "description"),
    ("the architecture", "provider", "arch"),
    ("the cases of the suite (SHA-256)", "suite", "cases_sha256"),
    ("the suite's version", "suite", "version"),
    ("the suite's commit", "suite", "commit"),
    ("whether the suite was modified after its commit", "suite", "modified"),
    ("the budgets", "provider", "budgets"),
    ("the settings of the provider's description", "provider", "settings"),
    ("the provider's chain", "provider", "chain"),
    ("the system", "platform", "os"),
    ("Wine", "platform", "wine"),
    ("the number of processors", "platform", "cpu_count"),
    ("the seed", "run", "seed"),
    ("the number of jobs", "run", "jobs"),
    ("the order of the cases", "run", "shuffled"),
    ("the selection", "run", "selection"),
)
_NOTHING = {
    "wine": "none: Windows itself",
    "budgets": "the default ones",
    "selection": "none: every case",
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in both runs."""

    what: str
    field: str  # where it stands in the results
    old: str
    new: str


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what differs between two results documents besides the verdicts."""
    found = []
    for what, section, field in _FIELDS:
        before, after = old[section], new[section]
        if field in before and field in after and before[field] != after[field]:
            was, now = (_told(side[field], field) for side in (before, after))
            found.append(Difference(what, f"{section}.{field}", was, now))
    return tuple(found)


def _told(value: Any, field: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_text(value) or str(_NOTHING.get(field, "none"))
