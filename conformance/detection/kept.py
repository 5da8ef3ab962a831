"""What was found before, kept for as long as nothing that it depends on has changed.

Each finding stands under the digest of all that it depends on, so it does not matter where it was
made. What a checkout publishes is taken up like what was found here.
"""

from __future__ import annotations

import dataclasses
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from conformance.detection.matrix import DegenerateFinding, FlawFinding, Row, VariantFinding
from conformance.orchestration.outfolder import write_whole

# To be raised when what is kept has become worthless by a change of the method itself.
METHOD = 6

Finding = TypeVar("Finding", FlawFinding, DegenerateFinding, VariantFinding)


class Kept:
    """A folder with one file for each provider that has been looked at, over what is published."""

    def __init__(self, folder: Path, published: Path | None = None) -> None:
        self.folder = folder
        self.published = _unpacked(published) if published is not None else {}

    def load(self, name: str, key: str, kind: type[Finding]) -> Finding | None:
        """Return what was found of a provider, unless something has changed since."""
        content = self._content(name, key)
        try:
            return None if content is None else _finding(content["finding"], kind)
        except (ValueError, KeyError, TypeError, AttributeError):
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

    def publish(self, keys: Mapping[str, str], file: Path) -> int:
        """Pack what is known of these providers under these keys; return of how many it is."""
        known = {name: self._content(name, key) for name, key in sorted(keys.items())}
        packed = {name: content for name, content in known.items() if content is not None}
        text = json.dumps(packed, sort_keys=True, ensure_ascii=True).encode()
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lzma.compress(text, preset=9))
        return len(packed)

    def _content(self, name: str, key: str) -> Mapping[str, Any] | None:
        """Return what is kept under a key, found here or published."""
        for content in (self._found_here(name), self.published.get(name)):
            if isinstance(content, dict) and content.get("key") == key:
                return content
        return None

    def _found_here(self, name: str) -> Any:
        try:
            return json.loads(self._file(name).read_bytes())
        except (OSError, ValueError):
            return None

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _unpacked(file: Path) -> Mapping[str, Any]:
    """Return what a checkout publishes; what is damaged or not there is measured anew."""
    try:
        found = json.loads(lzma.decompress(file.read_bytes()))
    except (OSError, ValueError, lzma.LZMAError, EOFError):
        return {}
    return found if isinstance(found, dict) else {}


def _finding(fields: Mapping[str, Any], kind: type[Finding]) -> Finding:
    found = dict(fields)
    found["rows"] = tuple(Row.of(row) for row in found["rows"])
    for name in ("alters", "unlike_reference"):
        if name in found:
            found[name] = tuple(found[name])
    return kind(**found)
