"""scripts/report: every output again, from results.json."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import reports
from reports import terminal
from reports.text import line

_NO_REPORT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/report",
        description="Write report.html, junit.xml and results.tap again from a results.json, and"
        " print the summary.",
        epilog="Exit status: 0 written (whatever the verdict), 2 nothing written.",
    )
    parser.add_argument("results", metavar="RESULTS.json", type=Path)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="where to write (default: beside RESULTS.json)"
    )
    options = parser.parse_args(arguments)
    try:
        results = _load(options.results)
        written = reports.write_all(results, options.out or options.results.parent)
        colour = sys.stdout.isatty()
        width = shutil.get_terminal_size((100, 24)).columns
        print(terminal.summary(results, colour=colour, width=width))
    except reports.ResultsError as problem:
        return _refuse(f"{options.results} is no results document: {problem}")
    except OSError as problem:
        return _refuse(f"{problem.filename}: {problem.strerror}")
    for path in written:
        print(f"wrote {path}")
    return 0


def _load(path: Path) -> dict[str, Any]:
    try:
        results = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise reports.ResultsError("it is not JSON") from None
    if not isinstance(results, dict):
        raise reports.ResultsError("it is not a JSON object")
    return results


def _refuse(sentence: str) -> int:
    print(f"scripts/report: {line(sentence)}", file=sys.stderr)
    return _NO_REPORT


if __name__ == "__main__":
    sys.exit(main())
