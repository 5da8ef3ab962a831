"""What came out of a run, in the forms that people and machines read.

Everything here is a pure function of results.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from reports import ctrf, document, files, html, junit, markdown, tap
from reports.document import ResultsError
from reports.model import Results

__all__ = ["ResultsError", "render_all", "write_all"]

WRITERS: dict[str, Callable[[Results], bytes]] = {
    "report.html": html.render,
    "junit.xml": junit.render,
    "results.tap": tap.render,
    "ctrf.json": ctrf.render,
    "summary.md": markdown.render,
}


def render_all(
    results: Mapping[str, Any], names: Iterable[str] = tuple(WRITERS)
) -> dict[str, bytes]:
    """Return the content of every output, or of those of `names`, by its file name."""
    view = document.read(results)
    return {name: WRITERS[name](view) for name in names}


def write_all(
    results: Mapping[str, Any], out_dir: Path, names: Iterable[str] = tuple(WRITERS)
) -> list[Path]:
    """Write every output, or those of `names`, into `out_dir`, each whole or not at all.

    Return their paths. A document that breaks the contract raises ResultsError before anything is
    written.
    """
    return files.write(out_dir, render_all(results, names))
