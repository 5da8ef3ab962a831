"""Golden files: a change of an output is seen and meant, never an accident.

WSPCTS_UPDATE_GOLDEN=1 writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import reports
from reports import terminal
from reports.tests import samples

GOLDEN = Path(__file__).parent / "golden"


def _summary(results: samples.Document) -> bytes:
    return terminal.summary(results, colour=False, width=100).encode()


def _output(name: str) -> Callable[[samples.Document], bytes]:
    return lambda results: reports.render_all(results)[name]


def _page(results: samples.Document) -> bytes:
    """Return what the page says; its style and its script are files that are read as such."""
    page = reports.render_all(results)["report.html"].decode()
    page = re.sub(r"(?s)(<(style|script)>).*?(</\2>)", r"\1\3", page)
    return re.sub(r"'sha256-[^']*'|&#39;sha256-.*?&#39;", "a digest", page).encode()


WRITERS = {
    "summary.txt": _summary,
    "results.tap": _output("results.tap"),
    "junit.xml": _output("junit.xml"),
    "ctrf.json": _output("ctrf.json"),
    "summary.md": _output("summary.md"),
    "report.html": _page,
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_output_is_as_it_was(name: str) -> None:
    content = WRITERS[name](samples.small())
    path = GOLDEN / name
    if os.environ.get("WSPCTS_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert content == path.read_bytes()
