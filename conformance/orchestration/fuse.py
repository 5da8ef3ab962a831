"""The fuse: a function that has hung three times is not given its full time again.

The workers share one file, to which each appends a line for every hang; a line is short enough to
be written whole.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from conformance.orchestration.cases import Item

HANGS_ALLOWED = 3


class Fuses:
    """The hangs and rescues of one run, by SPI function."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def record(self, function: str, item: Item) -> None:
        """Note that a function hung, or had to be rescued, in a case."""
        line = json.dumps({"function": function, "case": item.case, "mode": item.mode}) + "\n"
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def blown(self) -> dict[str, Item]:
        """Return the functions that have hung too often, each with where it did first."""
        hangs: dict[str, list[Item]] = {}
        for function, item in self._recorded():
            hangs.setdefault(function, []).append(item)
        return {
            function: items[0] for function, items in hangs.items() if len(items) >= HANGS_ALLOWED
        }

    def _recorded(self) -> list[tuple[str, Item]]:
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        records = [json.loads(line) for line in lines]
        return [(line["function"], Item(line["case"], line["mode"])) for line in records]
