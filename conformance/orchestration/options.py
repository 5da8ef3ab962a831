"""The options, declared once for the command and for pytest."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance.orchestration.cases import GROUPS, MODES, Selection
from conformance.orchestration.description import ARCHITECTURES
from conformance.orchestration.preparation import LARGEST_SEED, Options

MOST_JOBS = 8


def default_jobs() -> int:
    """Return how many cores are kept busy unless the user says otherwise."""
    return max(1, min(os.cpu_count() or 1, MOST_JOBS))


def cases_at_a_time(job_count: int) -> int:
    """Return how many cases run at a time, so that they keep `job_count` cores busy.

    A case computes for about two thirds of its time and waits for callbacks during the rest. A
    single job is a single case at a time, for whoever wants to see one after the other.
    """
    return job_count + job_count // 2


def seed(text: str) -> int:
    """Read a seed."""
    value = int(text)
    if not 0 <= value <= LARGEST_SEED:
        raise ValueError(text)
    return value


def jobs(text: str) -> int:
    """Read a number of jobs."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _shared() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the command and pytest have in common: name and how it is read."""
    yield "--arch", {
        "choices": ARCHITECTURES,
        "default": "x86_64",
        "help": "the architecture of the provider's DLL (default: x86_64)",
    }
    yield "--case", {
        "action": "append",
        "default": [],
        "metavar": "PATTERN",
        "help": "only the cases whose id matches this shell pattern (repeatable)",
    }
    yield "--mode", {
        "action": "append",
        "default": [],
        "choices": MODES,
        "help": "only this drive mode (repeatable)",
    }
    yield "--group", {
        "choices": (*GROUPS, "all"),
        "default": "default",
        "help": "the group of cases (default: default)",
    }
    yield "--seed", {
        "type": seed,
        "metavar": "N",
        "help": "what the cases draw their random numbers from (default: a random one, recorded)",
    }
    yield "--shuffle", {
        "action": "store_true",
        "help": "run the cases in an order drawn from the seed",
    }
    yield "--out", {
        "type": Path,
        "metavar": "DIR",
        "help": "where results.json, report.html, junit.xml, results.tap, ctrf.json, summary.md and"
        " evidence/ go (default: build/certify/PROVIDER)",
    }


def add_shared_options(parser: argparse.ArgumentParser) -> None:
    """Add the shared options to the command's parser."""
    for name, how in _shared():
        parser.add_argument(name, **how)


def add_pytest_options(parser: Any) -> None:
    """Add the shared options, and what the command takes as an argument, to pytest's parser."""
    group = parser.getgroup("wspcts", "conformance of Winsock service providers")
    group.addoption(
        "--provider",
        metavar="PROVIDER",
        help="a folder name under providers, a provider.toml or a DLL (default: reference)",
    )
    # pytest has a --debug of its own.
    group.addoption(
        "--debug-case", action="store_true", help="run the one selected case without deadlines"
    )
    for name, how in _shared():
        group.addoption(name, **how)


def selection_of(values: Any) -> Selection:
    """Return which cases are selected."""
    return Selection(
        tuple(dict.fromkeys(values.case)), tuple(dict.fromkeys(values.mode)), values.group
    )


def options_of(
    values: Any, *, provider: str | None, debug: bool, jobs: int, command: Sequence[str]
) -> Options:
    """Return the options of a run."""
    return Options(
        provider=provider,
        arch=values.arch,
        selection=selection_of(values),
        seed=values.seed,
        shuffle=values.shuffle,
        jobs=1 if debug else jobs,
        out=values.out,
        debug=debug,
        allow_known_deviations=getattr(values, "allow_known_deviations", False),
        baseline=getattr(values, "baseline", None),
        command=tuple(command),
    )
