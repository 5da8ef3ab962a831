"""What came out of a run, in the forms that people and machines read.

Everything here is a pure function of results.json.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reports import document, files, html, junit, tap
from reports.document import ResultsError
from reports.model import Results

__all__ = ["ResultsError", "render_all", "write_all"]

WRITERS: dict[str, Callable[[Results], bytes]] = {
    "report.html": html.render,
    "junit.xml": junit.render,
    "results.tap": tap.render,
}


def render_all(results: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the content of every output by its file name."""
    view = document.read(results)
    return {name: render(view) for name, render in WRITERS.items()}


def write_all(results: Mapping[str, Any], out_dir: Path) -> list[Path]:
    """Write every output into `out_dir`, each whole or not at all, and return their paths.

    A document that breaks the contract raises ResultsError before anything is written.
    """
    return files.write(out_dir, render_all(results))
