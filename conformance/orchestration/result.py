"""One result: a case in one mode, its verdict, and what the books say beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.orchestration.cases import Item
from conformance.orchestration.verdict import Verdict


@dataclass(frozen=True)
class Result:
    """What became of one item."""

    item: Item
    verdict: Verdict
    duration_ms: float = 0.0
    starts: int = 1  # of its process; more than one if the machine failed to start it at first
    evidence: str | None = None
    stderr: str | None = None
    control: str | None = None
    control_reason: str | None = None
    provider_says: str | None = None
    is_stub: bool = False
    timeline: list[dict[str, Any]] | None = None  # of what did not pass
    control_timeline: list[dict[str, Any]] | None = None  # of the reference provider, beside it

    @property
    def was_run(self) -> bool:
        """Say whether a process was started for it."""
        return self.evidence is not None

    def but(self, **changes: Any) -> Result:
        """Return this result with some fields changed."""
        return dataclasses.replace(self, **changes)

    def plain(self) -> dict[str, Any]:
        """Return the result in types that JSON and xdist can carry."""
        fields = {
            name: getattr(self, name)
            for name in (field.name for field in dataclasses.fields(self))
            if name not in ("item", "verdict")
        }
        return {
            "case": self.item.case,
            "mode": self.item.mode,
            "verdict": self.verdict.plain(),
            **fields,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Result:
        """Make a result from its plain form."""
        fields = dict(plain)
        item = Item(fields.pop("case"), fields.pop("mode"))
        return cls(item, Verdict.of(fields.pop("verdict")), **fields)
