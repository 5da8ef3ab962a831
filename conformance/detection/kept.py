"""What was found before, kept for as long as nothing that it depends on has changed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from conformance.detection.matrix import DegenerateFinding, FlawFinding, Row, VariantFinding
from conformance.orchestration.outfolder import write_whole

# To be raised when what is kept has become worthless by a change of the method itself.
METHOD = 6

Finding = TypeVar("Finding", FlawFinding, DegenerateFinding, VariantFinding)


class Kept:
    """A folder with one file for each provider that has been looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, name: str, key: str, kind: type[Finding]) -> Finding | None:
        """Return what was found of a provider, unless something has changed since."""
        try:
            content = json.loads(self._file(name).read_bytes())
            if content["key"] != key:
                return None
            return _finding(content["finding"], kind)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, name: str, key: str, finding: Finding) -> None:
        """Keep what was found of a provider."""
        fields = {
            field.name: getattr(finding, field.name) for field in dataclasses.fields(finding)
        }
        fields["rows"] = [row.plain() for row in finding.rows]
        content = json.dumps({"key": key, "finding": fields})
        file = self._file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content.encode())

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _finding(fields: Mapping[str, Any], kind: type[Finding]) -> Finding:
    found = dict(fields)
    found["rows"] = tuple(Row.of(row) for row in found["rows"])
    for name in ("alters", "unlike_reference"):
        if name in found:
            found[name] = tuple(found[name])
    return kind(**found)
