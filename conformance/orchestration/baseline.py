"""Is this run worse than an earlier one?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.orchestration.stop import Stop

SCHEMA = "wspcts-results/1"

# From the best to the worst. What does not apply any more has lost its proof.
_BETTER_FIRST = ("pass", "not-applicable", "warn", "inconclusive", "error", "fail")


@dataclass(frozen=True)
class Baseline:
    """The results of an earlier run."""

    path: Path
    document: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read results.json of an earlier run."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as problem:
            raise Stop(f"the baseline {path} cannot be read: {problem.strerror}.") from None
        except (ValueError, RecursionError):
            raise Stop(f"the baseline {path} is not JSON; name a results.json.") from None
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise Stop(f"the baseline {path} is no {SCHEMA} document; name a results.json.")
        try:
            cls(path, document)._verdicts()
        except (KeyError, TypeError, ValueError):
            raise Stop(f"the baseline {path} is damaged; name a results.json.") from None
        return cls(path, document)

    def _verdicts(self) -> dict[tuple[str, str], int]:
        return {
            (str(row["id"]), str(row["mode"])): _BETTER_FIRST.index(row["verdict"])
            for row in self.document["cases"]
        }

    def compared_with(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what the results say of the comparison; only common results are compared."""
        before = self._verdicts()
        worse = [
            f"{row['id']}[{row['mode']}] was {_BETTER_FIRST[before[key]]} and is {row['verdict']}"
            for row in rows
            if (key := (row["id"], row["mode"])) in before
            and _BETTER_FIRST.index(row["verdict"]) > before[key]
        ]
        return {"file": str(self.path), "worse": worse}
