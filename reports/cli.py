"""scripts/report: every output again, from results.json."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import reports
from reports import document, files, several, terminal
from reports.model import Results
from reports.text import line

_NO_REPORT = 2
_USES = {
    "report.html": "the report, for people",
    "junit.xml": "for Jenkins, GitLab and whatever else reads JUnit",
    "results.tap": "TAP 14",
    "ctrf.json": "CTRF, for tools",
    "summary.md": "Markdown for the summary page of a CI job",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/report",
        description="Write every output again from a results.json, and print the summary:\n"
        + "".join(f"  {name:12} {use}\n" for name, use in _USES.items())
        + f"With several of them, write {several.FILE} instead: what each case came to with each\n"
        "provider.",
        epilog="Exit status: 0 written (whatever the verdict), 2 nothing written.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "results",
        metavar="RESULTS.json",
        type=Path,
        nargs="+",
        help="results of a run, or the folder that holds them",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="where to write (default: beside RESULTS.json; of several, the working directory)",
    )
    parser.add_argument(
        "--only",
        metavar="FILE",
        action="append",
        choices=list(reports.WRITERS),
        help="write this file alone, one of those above; may be given again",
    )
    options = parser.parse_args(arguments)
    if options.only and len(options.results) > 1:
        parser.error(f"--only is for one RESULTS.json; of several, {several.FILE} is written alone")
    try:
        if len(options.results) > 1:
            page = several.render([_read(path) for path in options.results])
            written = files.write(options.out or Path(), {several.FILE: page})
        else:
            written = _write_again(options.results[0], options)
    except _NoResults as problem:
        return _refuse(str(problem))
    except OSError as problem:
        return _refuse(f"{problem.filename}: {problem.strerror}")
    for path in written:
        print(f"wrote {path}")
    return 0


def _write_again(path: Path, options: argparse.Namespace) -> list[Path]:
    """Write the outputs of one run, and print its summary."""
    folder = options.out or (path if path.is_dir() else path.parent)
    with _named(path):
        results = document.load(path)
        written = reports.write_all(results, folder, options.only or reports.WRITERS)
    colour = sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 24)).columns
    print(terminal.summary(results, colour=colour, width=width))
    return written


def _read(path: Path) -> Results:
    with _named(path):
        return document.read(document.load(path))


class _NoResults(Exception):
    """A file is not what it should be; the text is the whole sentence."""


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of a broken document which file it is in."""
    try:
        yield
    except reports.ResultsError as problem:
        raise _NoResults(f"{path} is no results document: {problem}") from None


def _refuse(sentence: str) -> int:
    print(f"scripts/report: {line(sentence)}", file=sys.stderr)
    return _NO_REPORT


if __name__ == "__main__":
    sys.exit(main())
