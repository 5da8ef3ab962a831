"""scripts/compare: what changed between two runs."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reports import comparison, document
from reports.comparison import markdown, page, plain, terminal
from reports.comparison.model import Comparison
from reports.document import ResultsError
from reports.text import line

_NOT_WORSE, _WORSE, _NOT_COMPARABLE = 0, 1, 2
_FORMATS: Mapping[str, Callable[[Comparison], bytes]] = {
    "json": plain.render,
    "markdown": markdown.render,
    "html": page.render,
}
_EPILOG = """\
A result that both runs have is worse when its verdict stands further to the right:
pass, not applicable, warn, inconclusive, error, fail. A result that only one of the
runs has is added or removed, which is neither better nor worse. A requirement is
judged by the results that both runs have.

exit status:
  0  nothing got worse
  1  something got worse
  2  not comparable: a file is missing or damaged, has another schema, or the runs
     have no result in common
"""


class _NotComparable(Exception):
    """One sentence, without a full stop, that says why."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status; 1 never means anything but worse."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return _compare(options)
    except _NotComparable as problem:
        print(f"scripts/compare: {line(str(problem))}", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read the output has gone; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception:  # noqa: BLE001 - the status of an uncaught one is 1, which means worse
        traceback.print_exc()
    return _NOT_COMPARABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/compare",
        description="Tells what got better and what got worse between two runs, and what else"
        " differs between them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name in ("old", "new"):
        parser.add_argument(
            name,
            metavar=name.upper(),
            type=Path,
            help=f"the {name}er results: a results.json, or the folder that holds it",
        )
    parser.add_argument(
        "--format",
        choices=("terminal", *_FORMATS),
        default="terminal",
        help="what goes to standard output (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="also write comparison.html, comparison.md and comparison.json there",
    )
    return parser


def _compare(options: argparse.Namespace) -> int:
    old, new = _load(options.old), _load(options.new)
    try:
        found = comparison.compare(old, new)
    except ResultsError as problem:
        raise _NotComparable(
            f"{options.old} and {options.new} cannot be compared: {problem}"
        ) from None
    if options.out is not None:
        try:
            comparison.write_all(found, options.out)
        except OSError as problem:
            raise _NotComparable(f"{problem.filename}: {problem.strerror}") from None
    _print(found, options.format)
    return _WORSE if found.is_worse else _NOT_WORSE


def _load(path: Path) -> dict[str, Any]:
    try:
        return document.load(path)
    except ResultsError as problem:
        raise _NotComparable(f"{path} is no results document: {problem}") from None
    except OSError as problem:
        raise _NotComparable(f"{problem.filename}: {problem.strerror}") from None


def _print(found: Comparison, form: str) -> None:
    if form == "terminal":
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        width = shutil.get_terminal_size((100, 24)).columns
        print(terminal.summary(found, colour=colour, width=width), end="", flush=True)
    else:
        sys.stdout.buffer.write(_FORMATS[form](found))
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
