"""Two runs compared: what got better, what got worse, and what else differs between them.

A pure function of two results documents. `scripts/compare` and `scripts/certify --baseline` both
stand on it, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reports import files
from reports.comparison import markdown, page, plain
from reports.comparison.model import Comparison, compare

__all__ = ["Comparison", "compare", "render_all", "write_all"]

WRITERS: dict[str, Callable[[Comparison], bytes]] = {
    "comparison.html": page.render,
    "comparison.md": markdown.render,
    "comparison.json": plain.render,
}


def render_all(comparison: Comparison) -> dict[str, bytes]:
    """Return the content of every output by its file name."""
    return {name: render(comparison) for name, render in WRITERS.items()}


def write_all(comparison: Comparison, folder: Path) -> list[Path]:
    """Write every output into `folder`, each whole or not at all, and return their paths."""
    return files.write(folder, render_all(comparison))
